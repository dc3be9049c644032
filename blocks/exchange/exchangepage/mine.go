package exchangepage

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"datmui/blocks/exchange"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// PathMine is where a citizen sees her dossiers that another system works.
const PathMine = "/dossiers/elsewhere"

// mineView is that list.
type mineView struct {
	list        []exchange.CopyLine
	after, next string
	state       func(context.Context, int) string
	peer        func(context.Context) string
}

// rows are the dossiers: state, number and when the other system last said something, in one line.
func (v mineView) rows(ctx context.Context) []ui.GoItem {
	out := make([]ui.GoItem, len(v.list))
	for i, c := range v.list {
		out[i] = ui.GoItem{Text: c.Name, Href: "/services/" + url.PathEscape(c.Procedure),
			More: lang.T(ctx, "exchange.mine.line", "state", v.state(ctx, c.State), "code", c.Code, "at", lang.DateTime(ctx, c.UpdatedAt))}
	}
	return out
}

func (v mineView) paging() ui.Paging {
	var out ui.Paging
	if v.after != "" {
		out.First = PathMine
	}
	if v.next != "" {
		out.Next = PathMine + "?after=" + url.QueryEscape(v.next)
	}
	return out
}

func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	v := mineView{after: r.URL.Query().Get("after"), state: p.c.State, peer: p.c.Peer}
	var err error
	if v.list, v.next, err = p.c.Exchange.Mine(r.Context(), v.after); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, minePage(web.Frame(r), v))
}

// newest is how many of them stand on the page of all her dossiers.
const newest = 5

// Elsewhere is what stands on a citizen's page of all her dossiers about those that another system
// works: the few that changed last, and the way to all of them.
func (p *Pages) Elsewhere(ctx context.Context) (templ.Component, error) {
	list, _, err := p.c.Exchange.Mine(ctx, "")
	if err != nil || len(list) == 0 {
		return templ.NopComponent, err
	}
	return mineCard(mineView{list: list[:min(newest, len(list))], state: p.c.State, peer: p.c.Peer}), nil
}
