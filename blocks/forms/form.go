package forms

import (
	"iter"
	"maps"
	"slices"
	"time"
)

// Form is a version of a form, ready to ask and to judge.
type Form struct {
	Definition
	units Units
	now   func() time.Time
}

// Units knows the communes of the province. A nil Units accepts any five digits.
type Units interface {
	UnitName(code string) (name string, ok bool)
	UnitList() []UnitOption // in the order in which people look for them
	Former(text string) []FormerUnit
}

// FormerUnit is a commune that an address in words names and that is called otherwise today, with
// the units that its territory belongs to now.
type FormerUnit struct {
	Name string // "xã Tân Thuận, huyện Đầm Dơi"
	Now  []UnitOption
}

// AsWritten is the answer of who leaves an old address as it is.
const AsWritten = "as-written"

// Now is the name of the answer that says which unit of today an address in words lies in.
func (q Question) Now() string { return q.Name + "_now" }

// Former are the former communes that the answer to a question may mean.
func (f *Form) Former(q Question, a Answers) []FormerUnit {
	if !q.Place || f.units == nil || a.Text(q.Name) == "" {
		return nil
	}
	return f.units.Former(a.Text(q.Name))
}

// today judges which unit of today an address lies in: "" and no fault where none is asked for.
// law: public-services.md 18.2 A22 — text kept; prompt to choose current unit; no silent guess.
func (f *Form) today(q Question, a Answers) (unit, code string) {
	former := f.Former(q, a)
	if len(former) == 0 {
		return "", ""
	}
	v := a.Text(q.Now())
	for _, u := range former {
		if v == AsWritten || slices.ContainsFunc(u.Now, func(o UnitOption) bool { return o.Code == v }) {
			return v, ""
		}
	}
	return "", "former-unit"
}

// UnitOption is a commune to choose.
type UnitOption struct{ Code, Name string }

// NewForm makes a definition usable outside the block: by tests and by the maker of a form.
func NewForm(d Definition, units Units, now func() time.Time) *Form { return &Form{d, units, now} }

func (f *Form) unit(code string) (string, bool) {
	if f.units == nil {
		return code, len(code) == 5 && !slices.ContainsFunc([]byte(code), func(c byte) bool { return c < '0' || c > '9' })
	}
	return f.units.UnitName(code)
}

// UnitList lists the communes to choose from.
func (f *Form) UnitList() []UnitOption {
	if f.units == nil {
		return nil
	}
	return f.units.UnitList()
}

// Suggestions is a list of the form's by name.
func (f *Form) Suggestions(list string) []string { return f.Lists[list] }

// Step is a page that is asked under the answers given so far.
type Step struct {
	Page
	Section Section
	At, Of  int // the first is 1
}

// Steps lists the pages that are asked, in order; questions whose condition does not hold are
// left out of them, and pledges, which belong to the page before submitting.
func (f *Form) Steps(a Answers) []Step {
	var out []Step
	for _, s := range f.Sections {
		if !s.when.Holds(a) {
			continue
		}
		for _, p := range s.Pages {
			if !p.when.Holds(a) {
				continue
			}
			asked := slices.DeleteFunc(slices.Clone(p.Questions), func(q Question) bool { return q.Kind == Pledge || q.Office || !q.when.Holds(a) })
			if len(asked) > 0 {
				p.Questions = asked
				out = append(out, Step{Page: p, Section: s})
			}
		}
	}
	for i := range out {
		out[i].At, out[i].Of = i+1, len(out)
	}
	return out
}

// Step finds a page among those asked. Questions whose condition hangs on an answer of the same
// page are in it whatever was answered: without scripts both must be there.
func (f *Form) Step(a Answers, page string) (Step, bool) {
	steps := f.Steps(a)
	i := slices.IndexFunc(steps, func(s Step) bool { return s.ID == page })
	if i < 0 {
		return Step{}, false
	}
	st := steps[i]
	for _, s := range f.Sections {
		for _, p := range s.Pages {
			if p.ID == page {
				st.Questions = p.askable(a)
			}
		}
	}
	return st, true
}

func (p Page) askable(a Answers) []Question {
	here := map[string]bool{}
	var out []Question
	for _, q := range p.Questions {
		if q.Kind == Pledge || q.Office {
			continue
		}
		local := slices.ContainsFunc(q.when.Names(), func(n string) bool { return here[n] })
		if local || q.when.Holds(a) {
			out = append(out, q)
			here[q.Name] = true
		}
	}
	return out
}

// After is the page that follows, "" after the last; before the first ("") it is the first.
func (f *Form) After(a Answers, page string) string {
	steps := f.Steps(a)
	if page == "" && len(steps) > 0 {
		return steps[0].ID
	}
	for i, s := range steps {
		if s.ID == page && i+1 < len(steps) {
			return steps[i+1].ID
		}
	}
	return ""
}

// Before is the page that precedes, "" before the first.
func (f *Form) Before(a Answers, page string) string {
	steps := f.Steps(a)
	for i, s := range steps {
		if s.ID == page && i > 0 {
			return steps[i-1].ID
		}
	}
	return ""
}

// FirstUnanswered is the first page with something missing or wrong, "" when all is well but for
// the pledges.
func (f *Form) FirstUnanswered(a Answers) string {
	for _, s := range f.Steps(a) {
		if _, faults := f.CheckPage(a, s.ID); faults.Any() {
			return s.ID
		}
	}
	return ""
}

// Pledges lists the statements to agree to before submitting.
func (f *Form) Pledges(a Answers) []Question {
	var out []Question
	for q := range f.all() {
		if q.Kind == Pledge && q.when.Holds(a) {
			out = append(out, q)
		}
	}
	return out
}

// PageOf is the page on which a field is asked; entries of groups count as their group.
func (f *Form) PageOf(field string) string {
	for i, c := range field {
		if c == '.' {
			field = field[:i]
			break
		}
	}
	for _, s := range f.Sections {
		for _, p := range s.Pages {
			for _, q := range p.Questions {
				if q.Name == field || q.Place && q.Now() == field {
					return p.ID
				}
			}
		}
	}
	return ""
}

func (f *Form) namesOn(page string) []string {
	var out []string
	for _, s := range f.Sections {
		for _, p := range s.Pages {
			for _, q := range p.Questions {
				if p.ID == page {
					out = append(out, q.Name)
					if q.Place {
						out = append(out, q.Now())
					}
				}
			}
		}
	}
	return out
}

// Question finds a question by its name; of a group's inner ones, group.name.
func (f *Form) Question(name string) (Question, bool) {
	for q := range f.all() {
		if q.Name == name {
			return q, true
		}
		for _, in := range q.Group {
			if q.Name+"."+in.Name == name {
				return in, true
			}
		}
	}
	return Question{}, false
}

// Questions lists all that the form may ask, in its order.
func (f *Form) Questions() []Question { return slices.Collect(f.all()) }

func (f *Form) all() iter.Seq[Question] {
	return func(yield func(Question) bool) {
		for _, s := range f.Sections {
			for _, p := range s.Pages {
				for _, q := range p.Questions {
					if !yield(q) {
						return
					}
				}
			}
		}
	}
}

// Prefill answers what is known already, by source: person.name and the like. What is known but
// does not pass the check is left out, so that nobody is shown a fault of ours.
func (f *Form) Prefill(known map[string]string) Answers {
	out := Answers{}
	for q := range f.all() {
		if q.Prefill == "" || known[q.Prefill] == "" {
			continue
		}
		if v, code := f.one(q, known[q.Prefill]); code == "" && v != "" {
			out[q.Name] = v
		}
	}
	return out
}

// Sources lists what the form would like to know already.
func (f *Form) Sources() []string {
	out := map[string]bool{}
	for q := range f.all() {
		if q.Prefill != "" {
			out[q.Prefill] = true
		}
	}
	return slices.Sorted(maps.Keys(out))
}
