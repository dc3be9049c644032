package recordspage

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"datmui/blocks/records"
	"datmui/kit/actor"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

func frame(r *http.Request) ui.Frame {
	fr := web.Frame(r)
	if fr.Actor.Kind == actor.Official {
		fr.Area = ui.Official
	}
	return fr
}

func tabs(ctx context.Context, current string) []ui.Tab {
	var out []ui.Tab
	for _, t := range [][2]string{{"papers", PathPapers}, {"consents", PathConsents}, {"uses", PathUses}} {
		out = append(out, ui.Tab{Text: lang.T(ctx, "records.tab."+t[0]), Href: t[1], Current: t[0] == current})
	}
	return out
}

type papersView struct {
	ui.Frame
	list   []records.Paper
	file   func(uuid.UUID) string
	paging ui.Paging
}

func (p *Pages) papers(w http.ResponseWriter, r *http.Request) error {
	after := web.After(r)
	list, next, err := p.records.Shelf(r.Context(), after)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, papersPage(papersView{frame(r), list, p.file, ui.After(PathPapers, after, next)}))
}

func (v papersView) item(ctx context.Context, p records.Paper) ui.FileItem {
	detail := p.Issuer + " · " + lang.T(ctx, "records.issued", "on", lang.Date(ctx, p.IssuedOn))
	if p.Number != "" {
		detail = lang.T(ctx, "records.number", "number", p.Number) + " · " + detail
	}
	if p.ValidUntil != nil {
		detail += " · " + lang.T(ctx, "records.until", "day", lang.Date(ctx, *p.ValidUntil))
	}
	it := ui.FileItem{Name: p.Name, Detail: detail}
	if p.FileID != nil && v.file != nil {
		it.Action = ui.Link{Text: lang.T(ctx, "records.download"), Href: v.file(*p.FileID)}
	}
	return it
}

func (v papersView) tag(ctx context.Context, p records.Paper) (ui.Tone, string) {
	state := p.State(v.Now)
	tone := map[records.State]ui.Tone{records.Valid: ui.Done, records.Expired: ui.Soon, records.Revoked: ui.Wrong, records.Replaced: ui.Calm}[state]
	return tone, lang.T(ctx, "records.state."+string(state))
}

type usesView struct {
	ui.Frame
	list  []records.Use
	older bool
}

func (p *Pages) uses(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[struct {
		Before uuid.UUID `form:"before"`
	}](r)
	list, err := p.records.Uses(r.Context(), in.Before)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, usesPage(usesView{frame(r), list, in.Before != uuid.Nil}))
}

func (v usesView) events(ctx context.Context) []ui.Event {
	out := make([]ui.Event, len(v.list))
	for i, u := range v.list {
		who := u.ByName
		switch {
		case u.Own:
			who = lang.T(ctx, "records.use.own")
		case u.AgencyName != "":
			who += ", " + u.AgencyName
		}
		out[i] = ui.Event{Title: u.Name, Who: who, At: u.At, Quote: u.Purpose}
	}
	return out
}

func (v usesView) paging() ui.Paging {
	p := ui.Paging{}
	if v.older {
		p.First = PathUses
	}
	if len(v.list) == 50 {
		p.Next = PathUses + "?before=" + v.list[49].ID.String()
	}
	return p
}
