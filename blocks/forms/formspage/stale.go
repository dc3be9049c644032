package formspage

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"datmui/blocks/forms"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

// StaleView is the choice between two savings of the same page.
type StaleView struct {
	Form   *forms.Form
	Step   forms.Step
	Mine   forms.Answers // what was typed here
	Typed  url.Values    // the same as it came
	Theirs forms.Draft   // from forms.Stale
	Action string        // where the page is posted
	Again  string        // the page with what the other device saved
	Client string
}

func (v StaleView) table(ctx context.Context) ui.Table {
	tag := lang.From(ctx)
	t := ui.Table{Label: lang.T(ctx, "forms.stale.title"), Columns: []ui.Column{{Text: lang.T(ctx, "forms.stale.question")},
		{Text: lang.T(ctx, "forms.stale.here"), Fold: lang.T(ctx, "forms.stale.here")},
		{Text: lang.T(ctx, "forms.stale.there"), Fold: lang.T(ctx, "forms.stale.there")}}}
	for _, q := range v.Step.Questions {
		mine, theirs := v.Form.Text(ctx, v.Mine, q.Name), v.Form.Text(ctx, v.Theirs.Answers, q.Name)
		if mine == theirs {
			continue // only what differs needs a choice
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: q.Label.In(tag)}, {Text: orDash(mine)}, {Text: orDash(theirs)}}})
	}
	return t
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// typed are the fields of the page as they came, so that keeping one's own loses nothing.
func (v StaleView) typed() [][2]string {
	var names []string
	for name := range v.Typed {
		field, _, _ := strings.Cut(name, ".")
		if slices.ContainsFunc(v.Step.Questions, func(q forms.Question) bool { return q.Name == field }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out [][2]string
	for _, name := range names {
		for _, value := range v.Typed[name] {
			out = append(out, [2]string{name, value})
		}
	}
	return out
}
