// Package formspage draws the questions of a form: one thing per page for citizens, all on one
// page for officials, and the answers before submitting. It has no addresses of its own: the
// pages of a use case place these parts under theirs. All of it works without scripts.
package formspage

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"datmui/blocks/forms"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// View is one page of questions. The form is posted to Action with the fields of the page, "page",
// "rev" and "client"; a button named "add" or "remove" asks for the same page again with one entry
// of a group more or less.
type View struct {
	Form     *forms.Form
	Step     forms.Step
	Answers  forms.Answers // as they were typed or stored
	Faults   fault.Fields
	Action   string
	Autosave string // address that saves while the person types; "" for none
	Back     string // the page before
	Leave    string // where "save and leave" leads; "" for none
	Service  string // what is being filled in, for the step bar
	Rev      int    // of the draft
	Client   string // the window
	Saved    time.Time
	Add      string        // group that shows one more empty entry
	Known    forms.Answers // what was filled in from what the state holds
}

// field is a question where it stands: in a form, or in an entry of a group.
type field struct {
	form    *forms.Form
	q       forms.Question
	answers forms.Answers
	faults  fault.Fields
	name    string // with the entry's prefix
	h1      bool
	maybe   bool // asked under a condition, but shown to all: officials see the whole form
}

func (v View) fields() []field {
	out := make([]field, len(v.Step.Questions))
	for i, q := range v.Step.Questions {
		out[i] = field{form: v.Form, q: q, answers: v.Answers, faults: v.Faults, name: q.Name,
			h1: v.single()}
	}
	return out
}

// single says whether the question's own label is the title of the page.
func (v View) single() bool {
	return len(v.Step.Questions) == 1 && v.Step.Title.VI == "" && v.Step.Questions[0].Kind != forms.Group
}

// known names the questions whose answers came from what the state holds, unchanged.
func (v View) known(ctx context.Context) string {
	var names []string
	for _, q := range v.Step.Questions {
		if k := v.Known.Text(q.Name); k != "" && k == v.Answers.Text(q.Name) {
			names = append(names, lowerFirst(strings.TrimRight(q.Label.In(lang.From(ctx)), "?")))
		}
	}
	return strings.Join(names, "; ")
}

// grouped says that buttons which add and remove stand before the one that goes on. Enter in a
// field presses the first button of a form: one that goes on must stand before them.
func (v View) grouped() bool {
	return slices.ContainsFunc(v.Step.Questions, func(q forms.Question) bool { return q.Kind == forms.Group })
}

func (v View) title(ctx context.Context) string {
	tag := lang.From(ctx)
	if v.Step.Title.VI != "" {
		return v.Step.Title.In(tag)
	}
	return v.Step.Questions[0].Label.In(tag)
}

// Title is the title of the page for the window: the question, then what is filled in.
func (v View) Title(ctx context.Context) string { return v.title(ctx) + " – " + v.Service }

// saved says since when the answers are kept.
func (v View) saved(ctx context.Context) string {
	if v.Saved.IsZero() {
		return ""
	}
	return lang.T(ctx, "forms.saved", "at", lang.Time(ctx, v.Saved))
}

// errors lists what is wrong in the order of the page.
func (v View) errors(ctx context.Context) []ui.ErrorLine {
	return ErrorLines(ctx, v.Form, v.Faults, v.Answers)
}

// ErrorLines puts the faults of a form into words, in the order of its questions; what the form
// does not know of comes last, in the general words of kit/ui.
func ErrorLines(ctx context.Context, f *forms.Form, faults fault.Fields, a forms.Answers) []ui.ErrorLine {
	var out []ui.ErrorLine
	rest := fault.Fields{}
	for k, c := range faults {
		rest[k] = c
	}
	say := func(q forms.Question, name string) {
		if code, wrong := rest[q.Now()]; wrong && q.Place && name == q.Name {
			defer func() {
				out = append(out, ui.ErrorLine{Field: q.Now(), Text: faultText(ctx, q, code)})
				delete(rest, q.Now())
			}()
		}
		if code, wrong := rest[name]; wrong {
			out = append(out, ui.ErrorLine{Field: name, Text: faultText(ctx, q, code)})
			delete(rest, name)
		}
	}
	for _, s := range f.Sections {
		for _, p := range s.Pages {
			for _, q := range p.Questions {
				say(q, q.Name)
				for i := range a.Group(q.Name) {
					for _, in := range q.Group {
						say(in, fmt.Sprintf("%s.%d.%s", q.Name, i, in.Name))
					}
				}
			}
		}
	}
	return append(out, ui.Form{Faults: rest}.Errors(ctx)...)
}

// faultText says what is wrong with an answer: "Nhập họ, chữ đệm, tên".
func faultText(ctx context.Context, q forms.Question, code string) string {
	code, n, _ := strings.Cut(code, ":")
	what := lowerFirst(strings.TrimRight(q.Label.In(lang.From(ctx)), "?"))
	example := q.Example
	asks := strings.HasSuffix(q.Label.VI, "?")
	switch {
	case asks && (code == "required" || code == "one"):
		code = "unanswered"
	case code == "one":
		code = "choose" // names what is to be chosen: a summary may list several
	}
	if code == "pattern" && example == "" {
		code = "invalid"
	}
	key := "fault." + code
	if !lang.Has(ctx, key) {
		key = "fault.invalid"
	}
	return lang.T(ctx, key, "n", n, "what", what, "label", q.Label.In(lang.From(ctx)), "example", example)
}

func lowerFirst(s string) string {
	r := []rune(s)
	if len(r) > 1 && unicode.IsUpper(r[0]) && !unicode.IsUpper(r[1]) {
		r[0] = unicode.ToLower(r[0])
	}
	return string(r)
}

// former are the former communes that an address in words may mean.
func (f field) former() []forms.FormerUnit { return f.form.Former(f.q, f.answers) }

// today asks which unit an address in the names of before lies in. None is chosen beforehand.
func (f field) today(ctx context.Context, former []forms.FormerUnit) (ui.Field, []ui.Option) {
	var names []string
	var out []ui.Option
	for _, u := range former {
		names = append(names, u.Name)
		for _, n := range u.Now {
			if !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == n.Code }) {
				out = append(out, ui.Option{Value: n.Code, Label: n.Name})
			}
		}
	}
	out = append(out, ui.Option{Value: forms.AsWritten, Label: lang.T(ctx, "forms.former.as-written")})
	q := ui.Field{Name: f.q.Now(), Value: f.answers.Text(f.q.Now()), Hint: lang.T(ctx, "forms.former.hint"),
		Label: lang.T(ctx, "forms.former", "names", strings.Join(names, lang.T(ctx, "forms.former.or")))}
	if code, wrong := f.faults[f.q.Now()]; wrong {
		q.Fault = faultText(ctx, f.q, code)
	}
	return q, out
}

// ui is the field as kit/ui draws it.
func (f field) ui(ctx context.Context) ui.Field {
	tag := lang.From(ctx)
	out := ui.Field{Name: f.name, Label: f.q.Label.In(tag), Hint: f.q.Hint.In(tag), Value: forms.Typed(ctx, f.q, f.answers),
		Optional: f.q.Optional || f.maybe, H1: f.h1, Complete: f.q.Complete}
	if code, wrong := f.faults[f.name]; wrong {
		out.Fault = faultText(ctx, f.q, code)
	}
	switch f.q.Kind {
	case forms.PersonalID:
		out.Mode, out.Width = "numeric", "w20"
	case forms.Phone:
		out.Type, out.Mode, out.Width = "tel", "tel", "w20"
	case forms.Email:
		out.Type, out.Mode = "email", "email"
	case forms.Decimal:
		out.Mode, out.Width, out.Unit = "decimal", "w12", f.q.UnitIn(tag)
		if f.q.Whole {
			out.Mode, out.Width = "numeric", "w4"
		}
	case forms.Money:
		out.Mode, out.Width, out.Unit = "numeric", "w20", "đồng"
	case forms.TimeOfDay:
		out.Width = "w4"
	case forms.LongText:
		out.Max = 4000
		if f.q.Max != nil {
			out.Max = int(*f.q.Max)
		}
	case forms.Line:
		if f.q.Max != nil && *f.q.Max <= 30 {
			out.Width = "w20"
		}
	}
	if f.q.Suggest != "" {
		out.Attrs = map[string]any{"list": f.listID()}
	}
	return out
}

func (f field) listID() string { return ui.FieldID(f.name) + "-list" }

func (f field) options(ctx context.Context) []ui.Option {
	tag := lang.From(ctx)
	switch f.q.Kind {
	case forms.YesNo:
		return []ui.Option{{Value: "yes", Label: lang.T(ctx, "forms.yes")}, {Value: "no", Label: lang.T(ctx, "forms.no")}}
	case forms.Unit:
		out := []ui.Option{{Value: "", Label: lang.T(ctx, "forms.choose-unit")}}
		for _, u := range f.form.UnitList() {
			out = append(out, ui.Option{Value: u.Code, Label: u.Name})
		}
		return out
	}
	out := make([]ui.Option, len(f.q.Options))
	for i, o := range f.q.Options {
		out[i] = ui.Option{Value: o.Value, Label: o.Label.In(tag), Hint: o.Hint.In(tag)}
	}
	return out
}

func (f field) date() ui.DateValue {
	d, m, y := forms.DayParts(f.answers.Text(f.q.Name))
	return ui.DateValue{Day: d, Month: m, Year: y}
}

// entry is one entry of a group.
type entry struct {
	key    string // members.0
	title  string
	fields []field
	filled bool
}

// entries are those there are, and one more where it is asked for or none is there yet.
func (f field) entries(ctx context.Context, more bool) []entry {
	rows := slices.Clone(f.answers.Group(f.q.Name))
	filled := len(rows)
	if (more || filled == 0) && (f.q.Max == nil || filled < int(*f.q.Max)) {
		rows = append(rows, forms.Answers{})
	}
	out := make([]entry, len(rows))
	for i, row := range rows {
		out[i] = entry{key: fmt.Sprintf("%s.%d", f.q.Name, i), filled: i < filled,
			title: f.q.Label.In(lang.From(ctx)) + " " + lang.Number(ctx, i+1)}
		for _, q := range f.q.Group {
			out[i].fields = append(out[i].fields, field{form: f.form, q: q, answers: row, faults: f.faults,
				name: out[i].key + "." + q.Name, maybe: q.When != "" || f.q.Optional && i >= filled})
		}
	}
	return out
}

func (f field) full() bool {
	return f.q.Max != nil && len(f.answers.Group(f.q.Name)) >= int(*f.q.Max)
}

// CheckView is the page before submitting: every answer, each with a way to change it.
type CheckView struct {
	Form    *forms.Form
	Answers forms.Answers
	Known   forms.Answers // what was filled in from what the state holds
	Change  func(page string) string
}

// Answered turns the parts of a summary into the lines kit/ui draws; nil change leaves the way to
// change them out.
func Answered(ctx context.Context, part forms.Part, change func(page string) string) []ui.Answer {
	out := make([]ui.Answer, len(part.Rows))
	for i, r := range part.Rows {
		out[i] = ui.Answer{Name: r.Label, Text: r.Text}
		if r.Text == "" {
			out[i].Text = lang.T(ctx, "forms.left-out")
		}
		if change != nil {
			out[i].Change = change(r.Page)
		}
	}
	return out
}

// known says whether all answers of a part came from what the state holds.
func known(part forms.Part) bool {
	return !slices.ContainsFunc(part.Rows, func(r forms.Answered) bool { return !r.Known && r.Text != "" })
}

// WholeView is the whole form on one page, for officials at the counter.
type WholeView struct {
	Form    *forms.Form
	Answers forms.Answers
	Faults  fault.Fields
	Add     string // group that shows one more empty entry
}

func (v WholeView) parts(ctx context.Context) []whole {
	var out []whole
	for _, s := range v.Form.Sections {
		w := whole{title: s.Title.In(lang.From(ctx))}
		for _, p := range s.Pages {
			for _, q := range p.Questions {
				if q.Kind == forms.Pledge {
					continue
				}
				w.fields = append(w.fields, field{form: v.Form, q: q, answers: v.Answers, faults: v.Faults, name: q.Name,
					maybe: s.When+p.When+q.When != ""})
			}
		}
		if len(w.fields) > 0 {
			out = append(out, w)
		}
	}
	return out
}

type whole struct {
	title  string
	fields []field
}
