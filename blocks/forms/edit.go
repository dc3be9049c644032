package forms

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"datmui/kit/pg"
)

// Kinds lists the kinds of question there are.
func Kinds() []Kind { return slices.Clone(kinds) }

// pathOf names a question: its name, or group.name inside a group.
func pathOf(group, name string) string {
	if group == "" {
		return name
	}
	return group + "." + name
}

// Clone copies a definition whole, as it would be read from where it is stored.
func (d Definition) Clone() (out Definition) {
	raw, err := json.Marshal(d)
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		panic(err) // texts and numbers
	}
	return out
}

// Place says where a question goes. It is written as a page's control sends it.
//
//	after:<path>    on the same page, or in the same group, after a question
//	first:<page>    first on a page
//	inner:<group>   first in a group
//	page:<page>     on a page of its own, after a page
//	section:<id>    on a page of its own, first in a section
type Place string

// PlaceOf is where a question stands: putting it there again changes nothing.
func (d Definition) PlaceOf(path string) Place {
	for _, s := range d.Sections {
		for i, p := range s.Pages {
			for j, q := range p.Questions {
				if q.Name == path {
					switch {
					case j > 0:
						return Place("after:" + p.Questions[j-1].Name)
					case len(p.Questions) > 1:
						return Place("first:" + p.ID)
					case i > 0:
						return Place("page:" + s.Pages[i-1].ID)
					}
					return Place("section:" + s.ID)
				}
				for k, in := range q.Group {
					if pathOf(q.Name, in.Name) == path {
						if k > 0 {
							return Place("after:" + pathOf(q.Name, q.Group[k-1].Name))
						}
						return Place("inner:" + q.Name)
					}
				}
			}
		}
	}
	return ""
}

// list is the list of questions in which a path stands, and where; nil where it does not.
func (d *Definition) list(path string) (*[]Question, int) {
	for i := range d.Sections {
		for j := range d.Sections[i].Pages {
			questions := &d.Sections[i].Pages[j].Questions
			for k := range *questions {
				q := &(*questions)[k]
				if q.Name == path {
					return questions, k
				}
				for l, in := range q.Group {
					if pathOf(q.Name, in.Name) == path {
						return &q.Group, l
					}
				}
			}
		}
	}
	return nil, 0
}

// Find is a question as it is defined, by its path.
func (d Definition) Find(path string) (Question, bool) {
	list, i := d.list(path)
	if list == nil {
		return Question{}, false
	}
	return (*list)[i], true
}

// PathOf is the path of the question that has a name, at the top or in a group; the name itself where none has it.
func (d Definition) PathOf(name string) string {
	for _, s := range d.Sections {
		for _, p := range s.Pages {
			for _, q := range p.Questions {
				if slices.ContainsFunc(q.Group, func(in Question) bool { return in.Name == name }) {
					return pathOf(q.Name, name)
				}
			}
		}
	}
	return name
}

// Days is which days a question for a day takes: "past", "future", or "" for all.
func (q Question) Days() string {
	switch {
	case q.Past:
		return "past"
	case q.Future:
		return "future"
	}
	return ""
}

// page is the section and the place in it of a page; nil where there is none.
func (d *Definition) page(id string) (*Section, int) {
	for i := range d.Sections {
		s := &d.Sections[i]
		if j := slices.IndexFunc(s.Pages, func(p Page) bool { return p.ID == id }); j >= 0 {
			return s, j
		}
	}
	return nil, 0
}

// Page is a page by its id.
func (d Definition) Page(id string) (Page, bool) {
	s, i := d.page(id)
	if s == nil {
		return Page{}, false
	}
	return s.Pages[i], true
}

// Section is a section by its id.
func (d Definition) Section(id string) (Section, bool) {
	i := slices.IndexFunc(d.Sections, func(s Section) bool { return s.ID == id })
	if i < 0 {
		return Section{}, false
	}
	return d.Sections[i], true
}

// Add puts a new question at a place; false where there is no such place.
func (d Definition) Add(q Question, at Place) (Definition, bool) {
	out := d.Clone()
	ok := out.put(q, at)
	return out, ok
}

// Change puts another question in the place of the one that has a path, and moves it to a place.
func (d Definition) Change(path string, q Question, to Place) (Definition, bool) {
	out := d.Clone()
	list, i := out.list(path)
	if list == nil {
		return d, false
	}
	(*list)[i] = q
	if to == "" || to == d.PlaceOf(path) || to == Place("after:"+path) {
		return out, true
	}
	*list = slices.Delete(*list, i, i+1)
	ok := out.put(q, to) // before empty pages go: the place may be beside one
	out.sweep()
	return out, ok
}

// Remove takes a question away, and the page and the section that have no other.
func (d Definition) Remove(path string) (Definition, bool) {
	out := d.Clone()
	list, i := out.list(path)
	if list == nil {
		return d, false
	}
	*list = slices.Delete(*list, i, i+1)
	out.sweep()
	return out, true
}

// sweep takes empty pages and sections away.
func (d *Definition) sweep() {
	for i := range d.Sections {
		d.Sections[i].Pages = slices.DeleteFunc(d.Sections[i].Pages, func(p Page) bool { return len(p.Questions) == 0 })
	}
	d.Sections = slices.DeleteFunc(d.Sections, func(s Section) bool { return len(s.Pages) == 0 })
}

func (d *Definition) put(q Question, at Place) bool {
	kind, where, _ := strings.Cut(string(at), ":")
	switch kind {
	case "after":
		if list, i := d.list(where); list != nil {
			*list = slices.Insert(*list, i+1, q)
			return true
		}
	case "first":
		if s, i := d.page(where); s != nil {
			s.Pages[i].Questions = slices.Insert(s.Pages[i].Questions, 0, q)
			return true
		}
	case "inner":
		if list, i := d.list(where); list != nil && (*list)[i].Kind == Group {
			group := &(*list)[i]
			group.Group = slices.Insert(group.Group, 0, q)
			return true
		}
	case "page":
		if s, i := d.page(where); s != nil {
			s.Pages = slices.Insert(s.Pages, i+1, Page{ID: d.freePage(q.Name), Questions: []Question{q}})
			return true
		}
	case "section":
		for i := range d.Sections {
			if d.Sections[i].ID == where {
				d.Sections[i].Pages = slices.Insert(d.Sections[i].Pages, 0, Page{ID: d.freePage(q.Name), Questions: []Question{q}})
				return true
			}
		}
	}
	return false
}

// freePage is an id that no page has.
func (d *Definition) freePage(name string) string {
	base := strings.ReplaceAll(name, "_", "-")
	return free(base, "-", func(id string) bool { s, _ := d.page(id); return s != nil })
}

// MovePage moves a page one place up or down among those of its section.
func (d Definition) MovePage(id string, by int) Definition {
	out := d.Clone()
	if s, i := out.page(id); s != nil && i+by >= 0 && i+by < len(s.Pages) {
		s.Pages[i], s.Pages[i+by] = s.Pages[i+by], s.Pages[i]
	}
	return out
}

// MoveQuestion moves a question one place up or down among those of its page or its group.
func (d Definition) MoveQuestion(path string, by int) Definition {
	out := d.Clone()
	if list, i := out.list(path); list != nil && i+by >= 0 && i+by < len(*list) {
		(*list)[i], (*list)[i+by] = (*list)[i+by], (*list)[i]
	}
	return out
}

// ChangePage changes what a page says of itself; its questions stay.
func (d Definition) ChangePage(id string, title, hint Words, when string) Definition {
	out := d.Clone()
	if s, i := out.page(id); s != nil {
		s.Pages[i].Title, s.Pages[i].Hint, s.Pages[i].When = title, hint, when
	}
	return out
}

// ChangeSection changes what a section says of itself; its pages stay.
func (d Definition) ChangeSection(id string, title Words, when string) Definition {
	out := d.Clone()
	for i := range out.Sections {
		if out.Sections[i].ID == id {
			out.Sections[i].Title, out.Sections[i].When = title, when
		}
	}
	return out
}

// FreeName makes the name of a new question of the words of its label, one that nothing else has.
func (d Definition) FreeName(label string) string {
	taken := map[string]bool{}
	for _, s := range d.Sections {
		for _, p := range s.Pages {
			for _, q := range p.Questions {
				taken[q.Name], taken[q.Now()] = true, true
				for _, in := range q.Group {
					taken[in.Name] = true
				}
			}
		}
	}
	for _, x := range d.Derived {
		taken[x.Name] = true
	}
	return free(slug(label, "_", "question"), "_", func(name string) bool { return taken[name] || name == "in" })
}

// FreeValue makes the value of a new option of the words of its label.
func FreeValue(label string, taken func(string) bool) string {
	return free(slug(label, "-", "option"), "-", taken)
}

// slug is the first words of a text in plain letters; instead of one that begins with none, a word given.
func slug(text, sep, otherwise string) string {
	words := pg.Words(text)
	s := strings.Join(words[:min(len(words), 5)], sep)
	if len(s) > 40 || !fieldName.MatchString(strings.ReplaceAll(s, "-", "_")) {
		return otherwise
	}
	return s
}

func free(base, sep string, taken func(string) bool) string {
	name := base
	for n := 2; taken(name); n++ {
		name = fmt.Sprintf("%s%s%d", base, sep, n)
	}
	return name
}
