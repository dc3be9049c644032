package servicespage

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// PathSigning is where a leader reads and signs many results with one PIN.
const PathSigning = "/desk/signing"

// signingView is what waits for the signature, the paper that is read, and where the PIN goes.
type signingView struct {
	drafts  []services.Draft
	picked  []uuid.UUID // empty: all that can be signed
	at      services.Draft
	pages   int
	pinOpen bool
	client  string
	faults  fault.Fields
	done    []services.Signing // after a signature: what became of each
}

func (p *Pages) signing(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[struct {
		Pick []uuid.UUID `form:"pick"`
		At   uuid.UUID   `form:"at"`
	}](r)
	v, err := p.signingView(r.Context(), in.Pick, in.At)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, signingPage(p.official(r), v))
}

func (p *Pages) signingView(ctx context.Context, picked []uuid.UUID, at uuid.UUID) (signingView, error) {
	v := signingView{picked: picked, pinOpen: p.services.PINOpen(ctx), client: audit.NewClient()}
	var err error
	if v.drafts, err = p.services.Drafts(ctx, picked...); err != nil || len(v.drafts) == 0 {
		return v, err
	}
	i := max(0, slices.IndexFunc(v.drafts, func(d services.Draft) bool { return d.ID == at }))
	v.at = v.drafts[i]
	rec, err := p.services.Dossier(ctx, v.at.ID) // reading the draft is opening the dossier
	if err != nil {
		return v, err
	}
	v.pages = rec.Contents[v.at.FileID].Pages
	return v, nil
}

// signMany signs what is ticked, says of each what became of it, and goes on with what is left.
func (p *Pages) signMany(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[services.SignManyIn](r)
	done, err := p.services.SignMany(r.Context(), in)
	f, isFields := errors.AsType[fault.Fields](err)
	if err != nil && !isFields {
		return err
	}
	fr := p.official(r)
	if isFields {
		v, err := p.signingView(r.Context(), in.Dossiers, uuid.Nil)
		if err != nil {
			return err
		}
		v.faults, v.client, fr.Errors = f, in.Client, true
		return web.Render(w, r, http.StatusUnprocessableEntity, signingPage(fr, v))
	}
	v, err := p.signingView(r.Context(), nil, uuid.Nil)
	if err != nil {
		return err
	}
	v.done = done
	return web.Render(w, r, http.StatusOK, signingPage(fr, v))
}

// official is the frame of an official's page.
func (p *Pages) official(r *http.Request) ui.Frame {
	fr := web.Frame(r)
	fr.Area = ui.Official
	return fr
}

// signable are those that bear the reader's own name.
func (v signingView) signable() int {
	n := 0
	for _, d := range v.drafts {
		if d.Mine {
			n++
		}
	}
	return n
}

// ticked is how many are picked to begin with: all, but none of what was left out when others were signed.
func (v signingView) ticked() int {
	if len(v.done) > 0 {
		return 0
	}
	return v.signable()
}

// groups parts the drafts by procedure: papers of one pattern are read together.
func (v signingView) groups(ctx context.Context) []ui.SignGroup {
	var out []ui.SignGroup
	index := map[string]int{}
	for _, d := range v.drafts {
		i, ok := index[d.Procedure]
		if !ok {
			i, index[d.Procedure] = len(out), len(out)
			out = append(out, ui.SignGroup{Title: d.Name, Off: len(v.done) > 0})
		}
		it := ui.SignItem{ID: d.ID.String(), Title: d.ApplicantName, Href: v.path(d.ID), More: d.Code + " · " + d.Officer, Picked: len(v.done) == 0, Out: !d.Mine, At: d.ID == v.at.ID}
		if d.Outcome == "refused" {
			it.End = ui.Tag(ui.Wrong, lang.T(ctx, "services.outcome.refused"))
		}
		if !d.Mine {
			it.More += " · " + lang.T(ctx, "services.signing.other")
			it.End = ui.Tag(ui.Soon, lang.T(ctx, "services.signing.out"))
		}
		out[i].Items = append(out[i].Items, it)
	}
	return out
}

func (v signingView) path(at uuid.UUID) string {
	q := url.Values{"at": {at.String()}}
	for _, id := range v.picked {
		q.Add("pick", id.String())
	}
	return PathSigning + "?" + q.Encode()
}

// turn leads to the paper before and the one after.
func (v signingView) turn(ctx context.Context) []ui.Tab {
	i := slices.IndexFunc(v.drafts, func(d services.Draft) bool { return d.ID == v.at.ID })
	var out []ui.Tab
	if i > 0 {
		out = append(out, ui.Tab{Text: lang.T(ctx, "ui.prev"), Href: v.path(v.drafts[i-1].ID)})
	}
	if i+1 < len(v.drafts) {
		out = append(out, ui.Tab{Text: lang.T(ctx, "ui.next"), Href: v.path(v.drafts[i+1].ID)})
	}
	return out
}

// signed counts those that went through.
func (v signingView) signed() (n int) {
	for _, s := range v.done {
		if s.Err == nil {
			n++
		}
	}
	return n
}

// tone of what became of them: done where all went through.
func (v signingView) tone() ui.Tone {
	if v.signed() == len(v.done) {
		return ui.Done
	}
	return ui.Soon
}

// signedTable says of each paper what became of it.
func (v signingView) signedTable(ctx context.Context) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "services.signing.result"), Columns: []ui.Column{{Text: lang.T(ctx, "services.list.what")},
		{Text: lang.T(ctx, "services.applicant"), Fold: lang.T(ctx, "services.applicant")}, {Text: lang.T(ctx, "services.list.state")}}}
	for _, s := range v.done {
		state := ui.Tag(ui.Done, lang.T(ctx, "services.signing.signed"))
		why := ""
		if s.Err != nil {
			state, why = ui.Tag(ui.Wrong, lang.T(ctx, "services.signing.not")), faultWords(ctx, s.Err)
		}
		name := s.Name
		if name == "" {
			name = lang.T(ctx, "services.signing.gone")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: name, Sub: s.Code, SubCode: true, Href: PathDesk(s.Dossier)}, {Text: s.Who, Sub: why}, {Body: state}}})
	}
	return t
}

// faultWords is the rule that was broken, as people read it.
func faultWords(ctx context.Context, err error) string {
	var e *fault.Error
	if errors.As(err, &e) {
		if key := string(e.Kind) + "." + e.Key; lang.Has(ctx, key) {
			return lang.T(ctx, key, e.Args...)
		}
	}
	return lang.T(ctx, "services.signing.failed")
}

// pageImage is a page of a paper, drawn by the program: what is shown is what is signed.
func pageImage(file uuid.UUID, n int) string { return PathFile(file) + "/pages/" + strconv.Itoa(n) }
