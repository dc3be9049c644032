// Package silencepage shows what the watchdog found: to everybody whether the rule holds, to those
// who supervise each row that breaks it.
package silencepage

import (
	"context"
	"embed"
	"net/http"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/apps/services/silence"
	"datmui/kit/actor"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Config is what the page needs.
type Config struct {
	Silence *silence.Module
	Dossier func(uuid.UUID) string                               // where an official opens a dossier
	Body    func(ctx context.Context, id string) (string, error) // the name of a body
}

// Pages are the pages of the watchdog.
type Pages struct{ c Config }

// New returns the pages.
func New(c Config) *Pages { return &Pages{c} }

// Routes lists every address here.
func (p *Pages) Routes() []web.Route {
	return []web.Route{{Pattern: "GET " + silence.PathPage, Who: web.Public, Handle: p.show}}
}

// view is what the page shows.
type view struct {
	silence.State
	mine bool // the reader supervises: she sees the rows
	list []silence.Finding
	next string
	body map[string]string
	open func(uuid.UUID) string
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	state, err := p.c.Silence.State(ctx)
	if err != nil {
		return err
	}
	v := view{State: state, body: map[string]string{}, open: p.c.Dossier}
	if actor.From(ctx).Holds(services.RightSupervise) {
		v.mine = true
		after, _ := uuid.Parse(r.FormValue("after")) // an unreadable key is the first page
		list, next, err := p.c.Silence.Findings(ctx, after)
		if err != nil {
			return err
		}
		v.list = list
		if next != uuid.Nil {
			v.next = silence.PathPage + "?after=" + next.String()
		}
		for _, f := range list {
			if _, known := v.body[f.Agency]; !known && f.Agency != "" {
				if v.body[f.Agency], err = p.c.Body(ctx, f.Agency); err != nil {
					v.body[f.Agency] = f.Agency // a body that is over keeps its id
				}
			}
		}
	}
	return web.Render(w, r, http.StatusOK, page(web.Frame(r), v))
}

// tone of the whole: green only when it looked lately and found nothing.
func (v view) tone() ui.Tone {
	if v.Green() {
		return ui.Done
	}
	return ui.Wrong
}

// title says the result in one sentence.
func (v view) title(ctx context.Context) string {
	switch {
	case v.Green():
		return lang.T(ctx, "services.silence.green")
	case len(v.Runs) == 0:
		return lang.T(ctx, "services.silence.never")
	case !v.Ran():
		return lang.T(ctx, "services.silence.stale")
	}
	return lang.T(ctx, "services.silence.red", "n", lang.Number(ctx, v.Runs[0].Found()))
}

// checks says of each rule how many were looked at and how many broke it.
func (v view) checks(ctx context.Context) []ui.Check {
	if len(v.Runs) == 0 {
		return nil
	}
	var out []ui.Check
	for _, rule := range silence.Rules {
		res := v.Runs[0].Rules[rule]
		c := ui.Check{Tone: ui.Done, Text: lang.T(ctx, "services.silence.rule."+string(rule)),
			More: lang.T(ctx, "services.silence.held", "checked", lang.Number(ctx, res.Checked))}
		if res.Found > 0 {
			c.Tone = ui.Wrong
			c.More = lang.T(ctx, "services.silence.broken", "checked", lang.Number(ctx, res.Checked), "found", lang.Number(ctx, res.Found), "since", lang.DateTime(ctx, res.Since))
		}
		out = append(out, c)
	}
	return out
}

// rows are the findings of those who supervise.
func (v view) rows(ctx context.Context) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "services.silence.rows"), Columns: []ui.Column{{Text: lang.T(ctx, "services.silence.what")},
		{Text: lang.T(ctx, "services.silence.breaks"), Fold: lang.T(ctx, "services.silence.breaks")},
		{Text: lang.T(ctx, "services.silence.body"), Fold: lang.T(ctx, "services.silence.body")},
		{Text: lang.T(ctx, "services.silence.since"), Fold: lang.T(ctx, "services.silence.since")}}}
	for _, f := range v.list {
		cell := ui.Cell{Text: f.What, Code: true}
		if f.Dossier != nil {
			cell.Href = v.open(*f.Dossier)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{cell, {Text: lang.T(ctx, "services.silence.breaks."+string(f.Rule))},
			{Text: v.body[f.Agency]}, {Text: lang.DateTime(ctx, f.Since)}}})
	}
	return t
}

// looks are the last rounds.
func (v view) looks(ctx context.Context) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "services.silence.looks"), Columns: []ui.Column{{Text: lang.T(ctx, "services.silence.at")},
		{Text: lang.T(ctx, "services.silence.open"), Num: true, Fold: lang.T(ctx, "services.silence.open")},
		{Text: lang.T(ctx, "services.silence.took"), Num: true, Fold: lang.T(ctx, "services.silence.took")},
		{Text: lang.T(ctx, "services.silence.found"), Num: true, Fold: lang.T(ctx, "services.silence.found")}}}
	for _, r := range v.Runs {
		took := lang.Number(ctx, r.EndedAt.Sub(r.BeganAt).Milliseconds())
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: lang.DateTime(ctx, r.EndedAt)}, {Text: lang.Number(ctx, r.Rules[silence.RuleDesk].Checked)},
			{Text: took}, {Text: lang.Number(ctx, r.Found())}}})
	}
	return t
}
