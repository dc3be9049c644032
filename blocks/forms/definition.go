package forms

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"datmui/kit/lang"
)

// Kind is the sort of answer a question asks for.
type Kind string

const (
	Line       Kind = "text"
	LongText   Kind = "longtext"
	PersonName Kind = "name"
	Day        Kind = "date"
	TimeOfDay  Kind = "time" // 15:04
	Decimal    Kind = "number"
	Money      Kind = "money" // whole đồng
	Choice     Kind = "choice"
	Choices    Kind = "choices"
	YesNo      Kind = "yesno"
	Unit       Kind = "unit" // code of a commune of the province
	PersonalID Kind = "personal-id"
	Phone      Kind = "phone"
	Email      Kind = "email"
	File       Kind = "file"   // id of an uploaded file
	Group      Kind = "group"  // repeated
	Pledge     Kind = "pledge" // a statement to agree to, on the page before submitting
)

var kinds = []Kind{Line, LongText, PersonName, Day, TimeOfDay, Decimal, Money, Choice, Choices, YesNo, Unit,
	PersonalID, Phone, Email, File, Group, Pledge}

// Words is a text in both languages.
type Words struct {
	VI string `json:"vi"`
	EN string `json:"en"`
}

// In returns the text in a language.
func (w Words) In(t lang.Tag) string {
	if t == lang.English {
		return w.EN
	}
	return w.VI
}

// Definition is one version of a form.
type Definition struct {
	ID        string    `json:"id"`
	Version   int       `json:"version"`
	ValidFrom string    `json:"valid_from"` // first day, YYYY-MM-DD
	Title     Words     `json:"title"`
	Note      string    `json:"note,omitempty"`    // for those who keep the form: basis, origin
	Include   []string  `json:"include,omitempty"` // sections of common.json, put where "include:<id>" stands, else at the end
	Sections  []Section `json:"sections"`
	Derived   []Derived `json:"derived,omitempty"`

	Lists map[string][]string `json:"lists,omitempty"` // the lists its questions suggest
}

// Derived is an answer that is put together from others: a full name from its parts.
type Derived struct {
	Name string   `json:"name"`
	Join []string `json:"join"`
}

// Section is a part of a form under one heading.
type Section struct {
	ID        string     `json:"id"`
	Title     Words      `json:"title"`
	When      string     `json:"when,omitempty"`
	Pages     []Page     `json:"pages,omitempty"`
	Questions []Question `json:"questions,omitempty"` // shorthand: each on a page of its own

	when Expr
}

// Page is one thing a citizen is asked at a time: a question, or a few that belong together.
type Page struct {
	ID        string     `json:"id"`
	Title     Words      `json:"title,omitzero"` // "" when the only question's label is the title
	Hint      Words      `json:"hint,omitzero"`
	When      string     `json:"when,omitempty"`
	Questions []Question `json:"questions"`

	when Expr
}

// Question asks for one answer.
type Question struct {
	Name     string     `json:"name"`
	Kind     Kind       `json:"kind"`
	Label    Words      `json:"label"`
	Hint     Words      `json:"hint,omitzero"`
	Optional bool       `json:"optional,omitempty"`
	When     string     `json:"when,omitempty"`
	Options  []Option   `json:"options,omitempty"`  // choice, choices
	Min      *float64   `json:"min,omitempty"`      // number, money: least; group, choices: fewest; text: fewest characters
	Max      *float64   `json:"max,omitempty"`      // likewise; text: 200 unless told, longtext: 4000
	Whole    bool       `json:"whole,omitempty"`    // number: no decimals
	Past     bool       `json:"past,omitempty"`     // date: today or before
	Future   bool       `json:"future,omitempty"`   // date: after today
	Pattern  string     `json:"pattern,omitempty"`  // text: the whole answer must match
	Example  string     `json:"example,omitempty"`  // shown when the pattern is missed
	Unit     string     `json:"unit,omitempty"`     // number: m, m², kW; "tháng|months" where it is a word
	InWords  bool       `json:"words,omitempty"`    // date: shown in words too, as registers want it
	Place    bool       `json:"place,omitempty"`    // text: an address; one in the names of before is asked for the unit of today
	Office   bool       `json:"office,omitempty"`   // filled in by an official; a citizen is not asked
	Prefill  string     `json:"prefill,omitempty"`  // what is known already: person.name
	Suggest  string     `json:"suggest,omitempty"`  // text: a list of common.json that is offered
	Complete string     `json:"complete,omitempty"` // the browser's autocomplete
	Group    []Question `json:"group,omitempty"`    // group: the questions of one entry

	pattern *regexp.Regexp
	when    Expr
}

// UnitIn is the unit of a number in a language.
func (q Question) UnitIn(t lang.Tag) string {
	vi, en, both := strings.Cut(q.Unit, "|")
	if both && t == lang.English {
		return en
	}
	return vi
}

// Option is one answer to choose.
type Option struct {
	Value string `json:"value"`
	Label Words  `json:"label"`
	Hint  Words  `json:"hint,omitzero"`
}

// Common is what the forms of one folder share.
type Common struct {
	Sections []Section           `json:"sections"`
	Lists    map[string][]string `json:"lists"`
}

var (
	formName  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,49}$`)
	value     = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,49}$`)
)

// ParseDefinition reads a definition and says everything that is wrong with it.
func ParseDefinition(raw []byte, common Common) (Definition, error) {
	var d Definition
	if err := strict(raw, &d); err != nil {
		return d, fmt.Errorf("the definition cannot be read: %w", err)
	}
	d.Sections = slices.Clone(d.Sections)
	for _, id := range d.Include {
		i := slices.IndexFunc(common.Sections, func(s Section) bool { return s.ID == id })
		if i < 0 {
			return d, fmt.Errorf("%s: there is no common section %q", d.ID, id)
		}
		at := slices.IndexFunc(d.Sections, func(s Section) bool { return s.ID == "include:"+id })
		if at < 0 {
			d.Sections = append(d.Sections, common.Sections[i])
		} else {
			d.Sections[at] = common.Sections[i]
		}
	}
	d.Include = nil
	if common.Lists == nil {
		common.Lists = d.Lists
	}
	if err := d.settle(common); err != nil {
		return d, err
	}
	return d, nil
}

func strict(raw []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if dec.More() {
		return errors.New("there is more than one value")
	}
	return nil
}

// settle checks the definition and compiles its conditions and patterns.
func (d *Definition) settle(common Common) error {
	c := &checker{lists: common.Lists, used: map[string][]string{}, names: map[string]bool{}, pages: map[string]bool{}}
	c.expect(formName.MatchString(d.ID), "form %q: the id is small letters, digits and dashes", d.ID)
	c.form = d.ID
	c.expect(d.Version > 0, "the version must be 1 or more")
	_, err := time.Parse(time.DateOnly, d.ValidFrom)
	c.expect(err == nil, "valid_from %q is no day", d.ValidFrom)
	c.words("the title", d.Title, true)
	c.expect(len(d.Sections) > 0, "there is no section")
	for i := range d.Sections {
		s := &d.Sections[i]
		c.expect(formName.MatchString(s.ID), "section %q: the id is small letters, digits and dashes", s.ID)
		c.words("section "+s.ID, s.Title, true)
		pages := slices.Clone(s.Pages)
		for _, q := range s.Questions {
			pages = append(pages, Page{ID: q.Name, Questions: []Question{q}})
		}
		s.Pages, s.Questions = pages, nil
		c.expect(len(pages) > 0, "section %s: there is no question", s.ID)
		s.when = c.expr("section "+s.ID, s.When)
		for j := range pages {
			c.page(&pages[j])
		}
	}
	for _, x := range d.Derived {
		c.expect(fieldName.MatchString(x.Name) && !c.names[x.Name], "derived %q: the name is not fit or used twice", x.Name)
		for _, n := range x.Join {
			c.expect(c.names[n], "derived %s: there is no question %q", x.Name, n)
		}
	}
	d.Lists = c.used
	return errors.Join(c.errs...)
}

type checker struct {
	form  string
	lists map[string][]string
	used  map[string][]string
	names map[string]bool // asked so far: a condition may look at these only
	pages map[string]bool
	errs  []error
}

func (c *checker) expect(ok bool, format string, args ...any) {
	if !ok {
		c.errs = append(c.errs, fmt.Errorf("%s: %s", c.form, fmt.Sprintf(format, args...)))
	}
}

func (c *checker) words(where string, w Words, needed bool) {
	c.expect((w.VI == "") == (w.EN == ""), "%s: the text is there in one language only", where)
	c.expect(!needed || w.VI != "", "%s: there is no text", where)
}

func (c *checker) expr(where, s string) Expr {
	e, err := ParseExpr(s)
	c.expect(err == nil, "%s: %v", where, err)
	for _, n := range e.Names() {
		c.expect(c.names[n], "%s: the condition asks for %q, which is not asked before", where, n)
	}
	return e
}

func (c *checker) page(p *Page) {
	c.expect(p.ID != "" && !c.pages[p.ID], "page %q: the id is missing or used twice", p.ID)
	c.pages[p.ID] = true
	c.words("page "+p.ID, p.Title, len(p.Questions) > 1)
	c.words("page "+p.ID+", hint", p.Hint, false)
	p.when = c.expr("page "+p.ID, p.When)
	p.Questions = slices.Clone(p.Questions)
	c.expect(len(p.Questions) > 0, "page %s: there is no question", p.ID)
	for i := range p.Questions {
		c.question(&p.Questions[i], false)
	}
}

func (c *checker) question(q *Question, inside bool) {
	where := "question " + q.Name
	c.expect(fieldName.MatchString(q.Name), "question %q: the name is small letters, digits and underscores", q.Name)
	c.expect(!c.names[q.Name], "%s: the name is used twice", where)
	c.expect(slices.Contains(kinds, q.Kind), "%s: kind %q is not known", where, q.Kind)
	c.words(where, q.Label, true)
	c.words(where+", hint", q.Hint, false)
	q.when = c.expr(where, q.When)
	c.expect((q.Kind == Choice || q.Kind == Choices) == (len(q.Options) > 0), "%s: options go with choice and choices, and only with them", where)
	seen := map[string]bool{}
	for _, o := range q.Options {
		c.expect(value.MatchString(o.Value) && !seen[o.Value], "%s: option %q is not fit or there twice", where, o.Value)
		seen[o.Value] = true
		c.words(where+", option "+o.Value, o.Label, true)
	}
	if q.Pattern != "" {
		re, err := regexp.Compile(`^(?:` + q.Pattern + `)$`)
		c.expect(err == nil, "%s: the pattern cannot be read: %v", where, err)
		c.expect(q.Kind == Line, "%s: a pattern goes with text only", where)
		q.pattern = re
	}
	c.expect(q.Min == nil || q.Max == nil || *q.Min <= *q.Max, "%s: min is above max", where)
	c.expect(!(q.Past && q.Future), "%s: no day is both past and future", where)
	c.expect(q.Suggest == "" || len(c.lists[q.Suggest]) > 0, "%s: there is no list %q", where, q.Suggest)
	if q.Suggest != "" {
		c.used[q.Suggest] = c.lists[q.Suggest]
	}
	c.expect((q.Kind == Group) == (len(q.Group) > 0), "%s: inner questions go with group, and only with it", where)
	c.expect(q.Kind != Group || !inside, "%s: a group stands in a group", where)
	c.expect(!q.Place || q.Kind == Line && !inside, "%s: a place is a text, and stands in no group", where)
	c.expect(!q.Office || q.Optional, "%s: what an official fills in cannot be needed from a citizen", where)
	c.expect(q.Kind != Pledge || !inside && !q.Optional, "%s: a pledge stands alone and is needed", where)
	before := map[string]bool{}
	for n := range c.names {
		before[n] = true
	}
	q.Group = slices.Clone(q.Group)
	for i := range q.Group {
		c.question(&q.Group[i], true)
	}
	if q.Kind == Group { // what is asked inside is not known outside
		c.names = before
	}
	c.names[q.Name] = true
}
