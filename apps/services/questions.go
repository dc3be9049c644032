package services

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"datmui/blocks/audit"
	"datmui/blocks/forms"
	"datmui/kit/fault"
	"datmui/kit/lang"
)

// FormOf is the form that a version of a procedure asks, as it was when it was published: dossiers are
// shown by the questions under which they were filed.
// law: public-services.md 2 — fact 5: the dossier pins the version.
func (m *Module) FormOf(ctx context.Context, d Definition) (*forms.Form, error) {
	switch {
	case d.Asks != nil:
		return m.forms.Prepare(*d.Asks)
	case d.FormVersion == 0:
		return m.forms.Current(d.Form)
	}
	form, err := m.forms.Version(d.Form, d.FormVersion)
	if fault.KindOf(err) == fault.KindNotFound { // another process has just published it
		if err := m.forms.Refresh(ctx); err != nil {
			return nil, err
		}
		return m.forms.Version(d.Form, d.FormVersion)
	}
	return form, err
}

// WithQuestions is a definition with other questions; none are kept beside those that it has already.
func (m *Module) WithQuestions(ctx context.Context, d Definition, asks forms.Definition) Definition {
	d.Asks = nil
	form, err := m.FormOf(ctx, d)
	if err == nil && sameQuestions(form.Definition, asks) {
		return d
	}
	d.Asks = &asks
	return d
}

func sameQuestions(a, b forms.Definition) bool {
	return flatJSON(a.Sections) == flatJSON(b.Sections)
}

func flatJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts and numbers
	}
	return string(raw)
}

// publishQuestions keeps the questions that were prepared with a version, and names them in it.
func (m *Module) publishQuestions(ctx context.Context, act *audit.Act, d Definition, from string) (Definition, error) {
	if d.Asks == nil {
		return d, nil
	}
	version, err := m.forms.Publish(ctx, act, *d.Asks, from)
	if err != nil {
		return d, fmt.Errorf("publishing the questions of %s: %w", d.Code, err)
	}
	act.Note("form", fmt.Sprintf("%s/%d", d.Form, version))
	d.FormVersion, d.Asks = version, nil
	return d, nil
}

// answersRead are the answers that the program itself reads: who asks, how he is reached, for whom he files,
// and how the result is returned. Their questions stay.
var answersRead = []string{"requester_name", "requester_id", "requester_phone", "requester_unit", "requester_residence", "relationship", "authorised",
	certifiedAnswer, "return_way", "return_address", "death_date", pledge}

// UsesOf says by which fields of the editor the answer to a question is used, so that it is not taken away
// while they do; "program" where the program itself reads it, "letter" where the paper that is issued does.
func (d Definition) UsesOf(path string) []string {
	group, name, inside := strings.Cut(path, ".")
	var out []string
	use := func(field string, yes bool) {
		if yes && !slices.Contains(out, field) {
			out = append(out, field)
		}
	}
	if inside { // of what is asked in a group, only the tables of a letter know
		use("letter", slices.Contains(d.Result.Lists[group], name))
		return out
	}
	name = path
	asks := func(condition string) bool {
		e, err := forms.ParseExpr(condition)
		return err == nil && slices.Contains(e.Names(), name)
	}
	use("program", slices.Contains(answersRead, name))
	for i, l := range d.Limits {
		use(fmt.Sprintf("limits.%d.when", i), asks(l.When))
	}
	for i, c := range d.Competents {
		use(fmt.Sprintf("competents.%d.when", i), asks(c.When))
	}
	for i, p := range d.Papers {
		use(fmt.Sprintf("papers.%d.when", i), asks(p.When))
		use(fmt.Sprintf("papers.%d.certified", i), asks(p.Certified))
	}
	for _, by := range []map[string]string{d.FeeFacts, d.FeeDays} {
		for _, answer := range by {
			use("fees", answer == name)
		}
	}
	use("subject", d.Subject == name)
	use("owner.name", d.Owner.Name == name)
	use("owner.id", d.Owner.ID == name)
	use("late.since", d.Late != nil && d.Late.Since == name)
	use("result.facts", slices.Contains(d.Result.Facts, name))
	use("letter", d.letterUses(name))
	return out
}

// letterUses says whether the paper that is issued takes an answer.
func (d Definition) letterUses(name string) bool {
	for _, line := range d.Result.Fill {
		for word := range strings.FieldsSeq(line) {
			if slices.Contains(strings.Split(strings.TrimPrefix(word, "@words:"), "|"), name) {
				return true
			}
		}
	}
	for list, columns := range d.Result.Lists {
		if list == name || slices.Contains(columns, name) {
			return true
		}
	}
	t, ok := d.resultTemplate()
	if !ok {
		return false
	}
	for _, f := range t.Fields {
		if _, filled := d.Result.Fill[f.Key]; !filled && f.Key == name {
			return true
		}
	}
	for _, l := range t.Lists {
		if l.Key == name {
			return true
		}
	}
	return false
}

// questionLines are the questions of a form as lines to compare.
func questionLines(ctx context.Context, d forms.Definition) []flatLine {
	var out []flatLine
	tag := lang.From(ctx)
	var order []string
	var one func(group string, q forms.Question)
	one = func(group string, q forms.Question) {
		path := strings.TrimPrefix(group+"."+q.Name, ".")
		label := q.Label.In(tag)
		add := func(leaf, value string) {
			out = append(out, flatLine{"asks." + path + "." + leaf, "asks." + leaf, label, value})
		}
		words := func(leaf string, w forms.Words) {
			add(leaf+"_vi", w.VI)
			add(leaf+"_en", w.EN)
		}
		words("label", q.Label)
		words("hint", q.Hint)
		add("kind", string(q.Kind))
		add("optional", yes(q.Optional))
		add("when", q.When)
		options := make([]string, len(q.Options))
		for i, o := range q.Options {
			options[i] = o.Label.In(tag) + " (" + o.Value + ")"
		}
		add("options", strings.Join(options, "; "))
		add("min", bound(q.Min))
		add("max", bound(q.Max))
		add("whole", yes(q.Whole))
		add("days", q.Days())
		add("pattern", q.Pattern)
		add("example", q.Example)
		add("unit", q.Unit)
		add("suggest", q.Suggest)
		add("place", yes(q.Place))
		add("office", yes(q.Office))
		for _, in := range q.Group {
			one(q.Name, in)
		}
	}
	for _, s := range d.Sections {
		out = append(out, flatLine{"asks.section." + s.ID + ".title", "asks.section.title", s.Title.In(tag), flatWords(s.Title)},
			flatLine{"asks.section." + s.ID + ".when", "asks.section.when", s.Title.In(tag), s.When})
		for _, p := range s.Pages {
			for _, q := range p.Questions {
				order = append(order, q.Name)
				one("", q)
			}
			about := cmp.Or(p.Title.In(tag), p.Questions[0].Label.In(tag))
			out = append(out, flatLine{"asks.page." + p.ID + ".title", "asks.page.title", about, flatWords(p.Title)},
				flatLine{"asks.page." + p.ID + ".hint", "asks.page.hint", about, flatWords(p.Hint)},
				flatLine{"asks.page." + p.ID + ".when", "asks.page.when", about, p.When})
		}
	}
	return append(out, flatLine{"asks.order", "asks.order", "", strings.Join(order, ", ")})
}

func flatWords(w forms.Words) string {
	if w.VI == "" {
		return ""
	}
	return w.VI + " / " + w.EN
}

func bound(n *float64) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}
