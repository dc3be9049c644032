package services

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"datmui/blocks/calendar"
	"datmui/blocks/forms"
	"datmui/blocks/letters"
	"datmui/blocks/pay"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// The bounds of what an editor may type into a definition.
const (
	mostPapers   = 40
	mostSteps    = 20
	mostCases    = 20
	mostFees     = 30
	longestName  = 300
	longestText  = 1000
	longestWords = 2000
)

var paperKey = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// faults are all that is wrong with a definition, by the field of the editor: what a condition asks
// that the form does not, a limit that cannot be read, a result without its type. A value that is
// still missing is none: the procedure is then shown, and not open.
func (d Definition) faults(form *forms.Form, schedule *pay.Schedule) fault.Fields {
	c := &definitionCheck{form: form, f: fault.Fields{}}
	c.text("name", d.Name, longestName, true)
	c.text("name_en", d.NameEN, longestName, true)
	c.text("who", d.Who, longestText, true)
	c.text("who_en", d.WhoEN, longestText, true)
	c.text("words", d.Words, longestWords, false)
	c.limit("limit", d.Limit, true)
	c.count("limits", len(d.Limits), mostCases)
	for i, l := range d.Limits {
		c.condition(fmt.Sprintf("limits.%d.when", i), l.When, true)
		c.limit(fmt.Sprintf("limits.%d.limit", i), l.Limit, false)
	}
	c.one("after_pause", d.AfterPause, "", "resume", "restart")
	c.one("fee_mode", d.FeeMode, "prepaid", "on-return", "none")
	c.body("competent", d.Competent)
	c.count("competents", len(d.Competents), mostCases)
	for i, b := range d.Competents {
		c.condition(fmt.Sprintf("competents.%d.when", i), b.When, true)
		c.body(fmt.Sprintf("competents.%d.competent", i), b.Competent)
	}
	c.question("subject", d.Subject, true)
	c.question("owner.name", d.Owner.Name, false)
	c.question("owner.id", d.Owner.ID, false)
	for fact, name := range d.FeeFacts {
		c.question("fee_facts."+fact, name, true)
	}
	for fact, name := range d.FeeDays {
		c.question("fee_days."+fact, name, true)
	}
	if d.Late != nil {
		c.question("late.since", d.Late.Since, true)
	}
	c.papers(d.Papers)
	c.steps(d)
	if len(d.Linked) == 0 { // a set issues what its parts issue
		c.result(d)
	}
	if d.Fees != nil {
		if err := schedule.Check(d.Fees); err != nil {
			c.f.Set("fees", "invalid")
		}
		for i, r := range d.Fees.Rules {
			if sum := schedule.Misquoted(r); sum != "" {
				c.f.Set(fmt.Sprintf("fees.%d.basis", i), "misquoted:"+sum)
			}
		}
	}
	return c.f
}

type definitionCheck struct {
	form *forms.Form
	f    fault.Fields
}

func (c *definitionCheck) text(field, v string, most int, needed bool) {
	switch {
	case needed && strings.TrimSpace(v) == "":
		c.f.Set(field, "required")
	case len([]rune(v)) > most:
		c.f.Set(field, fmt.Sprintf("too-long:%d", most))
	}
}

func (c *definitionCheck) count(field string, n, most int) {
	if n > most {
		c.f.Set(field, fmt.Sprintf("too-many:%d", most))
	}
}

func (c *definitionCheck) one(field, v string, allowed ...string) {
	if !slices.Contains(allowed, v) {
		c.f.Set(field, "required")
	}
}

// limit must be readable; an empty one only says that nobody knows it yet.
func (c *definitionCheck) limit(field, v string, mayLack bool) {
	if v == "" && mayLack {
		return
	}
	if _, err := calendar.ParseLimit(v); err != nil {
		c.f.Set(field, "limit")
	}
}

// condition must be readable and ask only what the form asks, and for what can be answered.
func (c *definitionCheck) condition(field, v string, needed bool) {
	if strings.TrimSpace(v) == "" {
		if needed {
			c.f.Set(field, "required")
		}
		return
	}
	e, err := forms.ParseExpr(v)
	if err != nil {
		c.f.Set(field, "condition")
		return
	}
	for _, name := range e.Names() {
		if !c.asks(name) {
			c.f.Set(field, "no-question:"+name)
		}
	}
	for _, m := range e.Meant() {
		if q, ok := c.form.Question(m.Name); ok && !q.Takes(m.Value) {
			c.f.Set(field, "no-option:"+m.Value)
		}
	}
}

func (c *definitionCheck) question(field, v string, needed bool) {
	if v == "" && !needed {
		return
	}
	if !c.asks(v) {
		c.f.Set(field, "no-question:"+v)
	}
}

// asks says whether the form gives an answer of this name, a derived one too.
func (c *definitionCheck) asks(name string) bool {
	if _, ok := c.form.Question(name); ok {
		return true
	}
	return slices.ContainsFunc(c.form.Derived, func(x forms.Derived) bool { return x.Name == name })
}

func (c *definitionCheck) body(field, v string) {
	if id, ok := strings.CutPrefix(v, AgencyBody); v != CommuneBody && v != PoliceBody && (!ok || id == "") {
		c.f.Set(field, "required")
	}
}

func (c *definitionCheck) papers(list []PaperRule) {
	c.count("papers", len(list), mostPapers)
	seen := map[string]bool{}
	for i, p := range list {
		at := fmt.Sprintf("papers.%d.", i)
		if !paperKey.MatchString(p.Key) || seen[p.Key] || len(p.Key) > 60 {
			c.f.Set(at+"key", "invalid")
		}
		seen[p.Key] = true
		c.text(at+"name", p.Name, longestName, true)
		c.text(at+"name_en", p.NameEN, longestName, true)
		c.text(at+"why", p.Why, longestText, false)
		c.text(at+"data", p.Data, longestText, false)
		if p.Originals < 0 || p.Originals > 20 {
			c.f.Set(at+"originals", "out-of-range")
		}
		if p.Copies < 0 || p.Copies > 20 {
			c.f.Set(at+"copies", "out-of-range")
		}
		if p.Originals+p.Copies == 0 {
			c.f.Set(at+"originals", "no-count")
		}
		c.condition(at+"when", p.When, false)
		c.condition(at+"certified", p.Certified, false)
	}
}

// steps may not plan more working time than the limit gives.
// law: public-services.md 8.4 — internal step limits are a management tool, not the legal limit.
func (c *definitionCheck) steps(d Definition) {
	c.count("steps", len(d.Steps), mostSteps)
	total := 0
	for i, s := range d.Steps {
		at := fmt.Sprintf("steps.%d.", i)
		c.text(at+"name", s.Name, longestName, true)
		c.text(at+"name_en", s.NameEN, longestName, true)
		c.limit(at+"limit", s.Limit, true)
		total += workingHours(s.Limit)
		if most := workingHours(d.Limit); most > 0 && total > most {
			c.f.Set(at+"limit", "beyond-limit")
		}
	}
}

// workingHours is a limit in working hours; 0 where it is not counted in working time.
func workingHours(limit string) int {
	l, err := calendar.ParseLimit(limit)
	switch {
	case err != nil:
		return 0
	case l.Unit == calendar.WorkingDays:
		return 8 * l.N // law: public-services.md 8.1 — a working day is 8 working hours
	case l.Unit == calendar.WorkingHours:
		return l.N
	}
	return 0
}

var resultType = regexp.MustCompile(`^KQ\.G\d{2}\.\d{6}$`)

// result needs its type, except where a note says that the source states none.
// law: public-services.md 7 — KQ.Gnn.nnnnnn.
func (c *definitionCheck) result(d Definition) {
	r := d.Result
	noted := slices.ContainsFunc(d.Notes, func(n SourceNote) bool { return n.Field == "result.type" })
	switch {
	case r.Type == "" && !noted:
		c.f.Set("result.type", "required")
	case r.Type != "" && !resultType.MatchString(r.Type):
		c.f.Set("result.type", "result-type")
	}
	c.text("result.title", r.Title, longestName, true)
	c.text("result.name", r.Name, longestName, true)
	c.text("result.name_en", r.NameEN, longestName, true)
	c.text("result.symbol", r.Symbol, 20, true)
	t, ok := d.resultTemplate()
	if !ok {
		c.f.Set("result.template", "required")
	}
	for _, name := range r.Facts {
		c.question("result.facts", name, true)
	}
	if ok && slices.ContainsFunc(t.Lists, func(l letters.Field) bool { return l.Key == factsList }) && len(r.Facts) == 0 {
		c.f.Set("result.facts", "required")
	}
}

// PaperKey makes the key of a new paper of the words of its name, one that no other paper has.
func PaperKey(name string, taken func(string) bool) string {
	words := pg.Words(name)
	key := strings.Join(words[:min(len(words), 5)], "-")
	if !paperKey.MatchString(key) || len(key) > 50 {
		key = "paper"
	}
	for n, base := 2, key; taken(key); n++ {
		key = fmt.Sprintf("%s-%d", base, n)
	}
	return key
}
