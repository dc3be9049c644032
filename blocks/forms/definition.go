package forms

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"datmui/kit/fault"
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
	ValidFrom string    `json:"valid_from"`     // first day, YYYY-MM-DD
	From      int       `json:"from,omitempty"` // the version that an officer changed into this one; 0: it came with the program
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
	return d, errors.Join(d.settle(common).errs...)
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

// Faults are all that is wrong with the questions, by what is edited: question.<path>.<field>,
// page.<id>.<field>, section.<id>.<field>.
func (d Definition) Faults() fault.Fields {
	d.Sections = slices.Clone(d.Sections)
	c := d.settle(Common{Lists: d.Lists})
	return c.faults
}

// The bounds of what may be typed into a form.
const (
	longestLabel   = 500
	longestHint    = 1000
	longestPattern = 200
	mostOptions    = 100
	mostQuestions  = 300
)

// settle checks the definition and compiles its conditions and patterns.
func (d *Definition) settle(common Common) *checker {
	c := &checker{lists: common.Lists, used: map[string][]string{}, names: map[string]bool{}, asked: map[string]Question{}, pages: map[string]bool{}, faults: fault.Fields{}}
	c.form = d.ID
	c.expect(formName.MatchString(d.ID), "form", "invalid", "form %q: the id is small letters, digits and dashes", d.ID)
	c.expect(d.Version > 0, "form", "invalid", "the version must be 1 or more")
	_, err := time.Parse(time.DateOnly, d.ValidFrom)
	c.expect(err == nil, "form", "invalid", "valid_from %q is no day", d.ValidFrom)
	c.words("title", d.Title, longestLabel, true)
	c.expect(len(d.Sections) > 0, "form", "required", "there is no section")
	for i := range d.Sections {
		s := &d.Sections[i]
		at := "section." + s.ID + "."
		c.expect(formName.MatchString(s.ID), at+"title_vi", "invalid", "section %q: the id is small letters, digits and dashes", s.ID)
		c.words(at+"title", s.Title, longestLabel, true)
		pages := slices.Clone(s.Pages)
		for _, q := range s.Questions {
			pages = append(pages, Page{ID: q.Name, Questions: []Question{q}})
		}
		s.Pages, s.Questions = pages, nil
		c.expect(len(pages) > 0, at+"title_vi", "required", "section %s: there is no question", s.ID)
		s.when = c.expr(at+"when", s.When)
		for j := range pages {
			c.page(&pages[j])
		}
	}
	for _, x := range d.Derived {
		c.expect(fieldName.MatchString(x.Name) && !c.names[x.Name], "form", "invalid", "derived %q: the name is not fit or used twice", x.Name)
		for _, n := range x.Join {
			c.expect(c.names[n], "form", "no-question:"+n, "derived %s: there is no question %q", x.Name, n)
		}
	}
	c.expect(c.count <= mostQuestions, "form", "too-many:"+strconv.Itoa(mostQuestions), "there are %d questions", c.count)
	d.Lists = c.used
	return c
}

type checker struct {
	form   string
	lists  map[string][]string
	used   map[string][]string
	names  map[string]bool // asked so far: a condition may look at these only
	asked  map[string]Question
	pages  map[string]bool
	count  int
	errs   []error      // in words, for who writes a definition into a file
	faults fault.Fields // the same by field, for who edits one on a page
}

func (c *checker) expect(ok bool, field, code, format string, args ...any) {
	if !ok {
		c.errs = append(c.errs, fmt.Errorf("%s: %s: %s", c.form, field, fmt.Sprintf(format, args...)))
		c.faults.Set(field, code)
	}
}

func (c *checker) words(field string, w Words, most int, needed bool) {
	c.expect(w.VI != "" || w.EN == "" && !needed, field+"_vi", "required", "there is no text in Vietnamese")
	c.expect(w.EN != "" || w.VI == "" && !needed, field+"_en", "required", "there is no text in English")
	c.expect(utf8.RuneCountInString(w.VI) <= most, field+"_vi", "too-long:"+strconv.Itoa(most), "the text is too long")
	c.expect(utf8.RuneCountInString(w.EN) <= most, field+"_en", "too-long:"+strconv.Itoa(most), "the text is too long")
}

func (c *checker) expr(field, s string) Expr {
	e, err := ParseExpr(s)
	c.expect(err == nil, field, "condition", "%v", err)
	for _, n := range e.Names() {
		c.expect(c.names[n], field, "not-asked-before:"+n, "the condition asks for %q, which is not asked before", n)
	}
	for _, m := range e.Meant() {
		c.expect(!c.names[m.Name] || c.asked[m.Name].Takes(m.Value), field, "no-option:"+m.Value, "the condition asks whether %s is %q, which cannot be chosen", m.Name, m.Value)
	}
	return e
}

func (c *checker) page(p *Page) {
	at := "page." + p.ID + "."
	c.expect(p.ID != "" && !c.pages[p.ID], at+"title_vi", "invalid", "page %q: the id is missing or used twice", p.ID)
	c.pages[p.ID] = true
	c.words(at+"title", p.Title, longestLabel, len(p.Questions) > 1)
	c.words(at+"hint", p.Hint, longestHint, false)
	p.when = c.expr(at+"when", p.When)
	p.Questions = slices.Clone(p.Questions)
	c.expect(len(p.Questions) > 0, at+"title_vi", "required", "page %s: there is no question", p.ID)
	for i := range p.Questions {
		c.question(&p.Questions[i], "")
	}
}

// question checks a question; of a group's inner ones, group is its name.
func (c *checker) question(q *Question, group string) {
	at, inside := "question."+pathOf(group, q.Name)+".", group != ""
	c.count++
	c.expect(fieldName.MatchString(q.Name), at+"name", "invalid", "question %q: the name is small letters, digits and underscores", q.Name)
	c.expect(!c.names[q.Name], at+"name", "invalid", "the name is used twice")
	c.expect(slices.Contains(kinds, q.Kind), at+"kind", "required", "kind %q is not known", q.Kind)
	c.words(at+"label", q.Label, longestLabel, true)
	c.words(at+"hint", q.Hint, longestHint, false)
	q.when = c.expr(at+"when", q.When)
	chosen := q.Kind == Choice || q.Kind == Choices
	c.expect(!chosen || len(q.Options) > 0, at+"options", "required", "there is nothing to choose from")
	c.expect(chosen || len(q.Options) == 0, at+"options", "invalid", "options go with choice and choices only")
	c.expect(len(q.Options) <= mostOptions, at+"options", "too-many:"+strconv.Itoa(mostOptions), "there are too many options")
	seen := map[string]bool{}
	for i, o := range q.Options {
		of := at + "options." + strconv.Itoa(i) + "."
		c.expect(value.MatchString(o.Value), of+"value", "option", "option %q is not fit", o.Value)
		c.expect(!seen[o.Value], of+"value", "twice", "option %q is there twice", o.Value)
		seen[o.Value] = true
		c.words(of+"label", o.Label, longestLabel, true)
	}
	if q.Pattern != "" {
		re, err := regexp.Compile(`^(?:` + q.Pattern + `)$`)
		c.expect(err == nil, at+"pattern", "pattern", "the pattern cannot be read: %v", err)
		c.expect(len(q.Pattern) <= longestPattern, at+"pattern", "too-long:"+strconv.Itoa(longestPattern), "the pattern is too long")
		c.expect(q.Kind == Line, at+"pattern", "invalid", "a pattern goes with text only")
		q.pattern = re
	}
	c.expect(q.Min == nil || q.Max == nil || *q.Min <= *q.Max, at+"max", "below-min", "min is above max")
	if q.Kind != Decimal && q.Kind != Money {
		c.expect(q.Min == nil || *q.Min >= 0, at+"min", "out-of-range", "min is below 0")
		c.expect(q.Max == nil || *q.Max >= 1, at+"max", "out-of-range", "max is below 1")
	}
	c.expect(!(q.Past && q.Future), at+"days", "invalid", "no day is both past and future")
	c.expect(q.Suggest == "" || len(c.lists[q.Suggest]) > 0, at+"suggest", "invalid", "there is no list %q", q.Suggest)
	if q.Suggest != "" {
		c.used[q.Suggest] = c.lists[q.Suggest]
	}
	c.expect(q.Kind != Group || len(q.Group) > 0, at+"inner_vi", "required", "a group has inner questions")
	c.expect(q.Kind == Group || len(q.Group) == 0, at+"kind", "group-full", "inner questions go with group only")
	c.expect(q.Kind != Group || !inside, at+"kind", "group-in-group", "a group stands in a group")
	c.expect(!q.Place || q.Kind == Line && !inside, at+"place", "invalid", "a place is a text, and stands in no group")
	c.expect(!q.Office || q.Optional, at+"optional", "office", "what an official fills in cannot be needed from a citizen")
	c.expect(q.Kind != Pledge || !inside && !q.Optional, at+"optional", "pledge", "a pledge stands alone and is needed")
	before := map[string]bool{}
	for n := range c.names {
		before[n] = true
	}
	q.Group = slices.Clone(q.Group)
	for i := range q.Group {
		c.question(&q.Group[i], q.Name)
	}
	if q.Kind == Group { // what is asked inside is not known outside
		c.names = before
	}
	c.names[q.Name], c.asked[q.Name] = true, *q
}

// Takes says whether a text can be the answer, as far as what there is to choose from tells.
func (q Question) Takes(v string) bool {
	switch q.Kind {
	case YesNo:
		return v == "yes" || v == "no"
	case Choice, Choices:
		return slices.ContainsFunc(q.Options, func(o Option) bool { return o.Value == v })
	}
	return true
}
