package forms

import (
	"context"
	"strings"

	"datmui/blocks/directory"
	"datmui/kit/lang"
)

// Part is a section of a Summary.
type Part struct {
	ID, Title string
	Rows      []Answered
}

// Answered is one answered question in words.
type Answered struct {
	Name, Label string
	Text        string // "" when an optional question was left out
	Page        string // where it is asked
	Known       bool   // it came from what the state holds, unchanged
}

// Summary puts answers into words, in the order of the form: for the page before submitting, for
// officials and for papers. known is what Prefill gave, nil when it does not matter.
func (f *Form) Summary(ctx context.Context, a, known Answers) []Part {
	tag := lang.From(ctx)
	var out []Part
	for _, s := range f.Sections {
		if !s.when.Holds(a) {
			continue
		}
		part := Part{ID: s.ID, Title: s.Title.In(tag)}
		for _, p := range s.Pages {
			if !p.when.Holds(a) {
				continue
			}
			for _, q := range p.Questions {
				if q.Kind == Pledge || !q.when.Holds(a) || q.Office && a.Text(q.Name) == "" {
					continue
				}
				if q.Kind == Group {
					part.Rows = append(part.Rows, f.groupLines(ctx, q, a, p.ID)...)
					continue
				}
				v := a.Text(q.Name)
				part.Rows = append(part.Rows, Answered{Name: q.Name, Label: q.Label.In(tag), Text: f.words(ctx, q, a), Page: p.ID,
					Known: v != "" && known.Text(q.Name) == v})
			}
		}
		if len(part.Rows) > 0 {
			out = append(out, part)
		}
	}
	return out
}

func (f *Form) groupLines(ctx context.Context, q Question, a Answers, page string) []Answered {
	tag := lang.From(ctx)
	entries := a.Group(q.Name)
	if len(entries) == 0 {
		return []Answered{{Name: q.Name, Label: q.Label.In(tag), Page: page}}
	}
	var out []Answered
	for i, e := range entries {
		var words []string
		for _, in := range q.Group {
			if w := f.words(ctx, in, e); w != "" && in.when.Holds(e, a) {
				words = append(words, in.Label.In(tag)+": "+w)
			}
		}
		out = append(out, Answered{Name: q.Name, Label: q.Label.In(tag) + " " + lang.Number(ctx, i+1), Text: strings.Join(words, "; "), Page: page})
	}
	return out
}

// Text is one answer in words: "14 tháng 11 năm 2026", "Nam", "Xã Đất Mũi".
func (f *Form) Text(ctx context.Context, a Answers, name string) string {
	q, ok := f.Question(name)
	if !ok {
		return a.Text(name) // put together from others, or of another version of the form
	}
	if q.Kind != Group {
		return f.words(ctx, q, a)
	}
	var rows []string
	for _, l := range f.groupLines(ctx, q, a, "") {
		if l.Text != "" {
			rows = append(rows, l.Text)
		}
	}
	return strings.Join(rows, "\n")
}

// isYear says whether a number is a year, which takes no mark between thousands.
func (q Question) isYear() bool {
	return q.Whole && q.Unit == "" && q.Min != nil && *q.Min >= 1000 && q.Max != nil && *q.Max <= 9999
}

func (f *Form) words(ctx context.Context, q Question, a Answers) string {
	tag, v := lang.From(ctx), a.Text(q.Name)
	if v == "" {
		return ""
	}
	switch q.Kind {
	case Day:
		if t, ok := a.Date(q.Name); ok {
			if q.InWords {
				return lang.Date(ctx, t) + " (" + lang.DateWords(ctx, t) + ")"
			}
			return lang.Date(ctx, t)
		}
	case Choice, Choices:
		var out []string
		for _, o := range q.Options {
			for _, v := range a.List(q.Name) {
				if v == o.Value {
					out = append(out, o.Label.In(tag))
				}
			}
		}
		if len(out) > 0 {
			return strings.Join(out, ", ")
		}
	case YesNo:
		return lang.T(ctx, "forms."+v)
	case Unit:
		if name, ok := f.unit(v); ok {
			return name
		}
	case Money:
		if n, ok := a.Int(q.Name); ok {
			return lang.Money(ctx, n)
		}
	case Decimal:
		if n, ok := a.Number(q.Name); ok {
			if q.isYear() {
				return v
			}
			return strings.TrimSpace(lang.Decimal(ctx, n, -1) + " " + q.UnitIn(tag))
		}
	case Line:
		if name, ok := f.unit(a.Text(q.Now())); ok && q.Place && f.units != nil {
			return v + " (" + lang.T(ctx, "forms.now", "unit", directory.InLine(name)) + ")"
		}
	case TimeOfDay:
		if h, m, ok := strings.Cut(v, ":"); ok && tag == lang.Vietnamese {
			return strings.TrimPrefix(h, "0") + " giờ " + m
		}
	}
	return v
}

// Typed is an answer as the person would type it, for the field that shows it again.
func Typed(ctx context.Context, q Question, a Answers) string {
	v := a.Text(q.Name)
	if q.Kind != Decimal && q.Kind != Money || !plain.MatchString(v) {
		return v
	}
	if q.Kind == Money {
		if n, ok := a.Int(q.Name); ok {
			return lang.Number(ctx, n)
		}
	}
	if lang.From(ctx) == lang.English {
		return v
	}
	return strings.Replace(v, ".", ",", 1)
}
