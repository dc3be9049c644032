package pay

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"datmui/blocks/calendar"
	"datmui/kit/lang"
)

// Text is a text in both languages.
type Text struct {
	Vi string `json:"vi"`
	En string `json:"en"`
}

// In is the text in a language.
func (t Text) In(tag lang.Tag) string {
	if tag == lang.English && t.En != "" {
		return t.En
	}
	return t.Vi
}

// Schedule is a version of the fee rules (biểu phí, lệ phí): dated data, edited without a release.
type Schedule struct {
	Version  string          `json:"version"`  // the day on which the rules were entered
	Basis    map[string]Text `json:"basis"`    // why an amount is what it is
	Inputs   map[string]Text `json:"inputs"`   // what a rule may ask for, in words
	Subjects []string        `json:"subjects"` // groups of applicants that may be exempt
	Fees     []Procedures    `json:"fees"`

	byCode map[string]*Procedures
}

// Procedures are those that share rules. The first rule that fits decides.
type Procedures struct {
	Codes      []string `json:"procedures"`
	Exemptions string   `json:"exemptions,omitempty"` // "unlisted": some subjects are exempt, but nobody has entered which
	Refund     string   `json:"refund,omitempty"`     // "never": not given back when the dossier is refused
	Rules      []Rule   `json:"rules"`
}

// Rule is one price, or the words for a price that is not known.
type Rule struct {
	From    string               `json:"from,omitempty"`  // first day; "" is since ever
	Until   string               `json:"until,omitempty"` // last day; "" is until further notice
	When    map[string]Condition `json:"when,omitempty"`  // all must hold
	Unknown bool                 `json:"unknown,omitempty"`
	Basis   string               `json:"basis"`
	Words   Text                 `json:"words,omitzero"`  // the basis in words, where the schedule has none under that name
	Lines   []PriceLine          `json:"lines,omitempty"` // none means free
}

// inForce says whether the rule counts on a day.
func (r *Rule) inForce(day calendar.Date) bool {
	if r.From != "" {
		if from, err := calendar.ParseDate(r.From); err != nil || day < from {
			return false
		}
	}
	if r.Until != "" {
		if until, err := calendar.ParseDate(r.Until); err != nil || day > until {
			return false
		}
	}
	return true
}

// basis is why an amount is what it is, in words.
func (s *Schedule) basis(r *Rule) Text {
	if r.Words != (Text{}) {
		return r.Words
	}
	return s.Basis[r.Basis]
}

// Condition holds for one of the words, or for a number up to Max.
type Condition struct {
	In  []string `json:"in,omitempty"`
	Max *int64   `json:"max,omitempty"`
}

// PriceLine is Amount plus the tiers of a quantity, at most Cap, times another quantity.
type PriceLine struct {
	Name   Text   `json:"name"`
	Type   string `json:"type"` // fee (phí: price of a service) or charge (lệ phí: a set sum)
	Amount int64  `json:"amount,omitempty"`
	Of     string `json:"of,omitempty"` // quantity that the tiers count: pages, tonnes
	Tiers  []Tier `json:"tiers,omitempty"`
	Cap    int64  `json:"cap,omitempty"` // 0 is no cap
	Per    string `json:"per,omitempty"` // copies, events, cases, deals; one where nothing is said
}

// Tier is the price of each unit up to a count; the last tier has no end.
type Tier struct {
	Upto int64 `json:"upto,omitempty"`
	Each int64 `json:"each"`
}

//go:embed data/fees.json
var feesJSON []byte

// Shipped are the fee rules that come with the program.
var Shipped = sync.OnceValue(func() *Schedule {
	s, err := ParseSchedule(feesJSON)
	if err != nil {
		panic("pay: the shipped fees: " + err.Error())
	}
	return s
})

// dearest is the highest single amount a schedule may name; anything above is a slip.
const dearest = 10_000_000_000

// ParseSchedule reads and checks a version of the rules.
func ParseSchedule(b []byte) (*Schedule, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	s := &Schedule{byCode: map[string]*Procedures{}}
	if err := d.Decode(s); err != nil {
		return nil, fmt.Errorf("reading the schedule: %w", err)
	}
	if d.More() {
		return nil, fmt.Errorf("reading the schedule: something follows it")
	}
	if _, err := calendar.ParseDate(s.Version); err != nil {
		return nil, fmt.Errorf("version: %w", err)
	}
	for i := range s.Fees {
		p := &s.Fees[i]
		for _, code := range p.Codes {
			if s.byCode[code] != nil {
				return nil, fmt.Errorf("procedure %s stands twice", code)
			}
			s.byCode[code] = p
		}
		for j := range p.Rules {
			if err := s.checkRule(&p.Rules[j]); err != nil {
				return nil, fmt.Errorf("procedures %v, rule %d: %w", p.Codes, j+1, err)
			}
		}
	}
	return s, nil
}

// Words is the basis of a rule in words, so that it can be kept beside the schedule.
func (s *Schedule) Words(r Rule) Text { return s.basis(&r) }

// Check judges rules that are entered for one procedure, beside the schedule.
func (s *Schedule) Check(p *Procedures) error {
	for i := range p.Rules {
		if err := s.checkRule(&p.Rules[i]); err != nil {
			return fmt.Errorf("rule %d: %w", i+1, err)
		}
	}
	return nil
}

var quotedVi, quotedEn = regexp.MustCompile(`([\d.]*\d) đồng`), regexp.MustCompile(`([\d,]*\d) đồng`)

// Misquoted is a sum that the words of a rule name and its prices do not: people are told the words
// before they file, and pay by the prices. "" where there is none, or where nothing is priced.
func (s *Schedule) Misquoted(r Rule) string {
	if len(r.Lines) == 0 {
		return ""
	}
	sums, all := map[string]bool{}, int64(0)
	for _, l := range r.Lines {
		all += l.Amount
		for _, n := range []int64{l.Amount, l.Cap} {
			sums[strconv.FormatInt(n, 10)] = true
		}
		for _, t := range l.Tiers {
			sums[strconv.FormatInt(t.Each, 10)] = true
		}
	}
	sums[strconv.FormatInt(all, 10)] = true
	words := s.basis(&r)
	for _, m := range append(quotedVi.FindAllStringSubmatch(words.Vi, -1), quotedEn.FindAllStringSubmatch(words.En, -1)...) {
		if !sums[strings.NewReplacer(".", "", ",", "").Replace(m[1])] {
			return m[1]
		}
	}
	return ""
}

func (s *Schedule) checkRule(r *Rule) error {
	for _, day := range []string{r.From, r.Until} {
		if _, err := calendar.ParseDate(day); day != "" && err != nil {
			return err
		}
	}
	if b := s.basis(r); b.Vi == "" || b.En == "" {
		return fmt.Errorf("basis %q has no words", r.Basis)
	}
	if r.Unknown && len(r.Lines) > 0 {
		return fmt.Errorf("an unknown amount cannot have lines")
	}
	for name, c := range r.When {
		_, number := numbers[name]
		if !number && !slices.Contains(words, name) || number == (c.Max == nil) || number == (len(c.In) > 0) {
			return fmt.Errorf("no condition can be put on %s like this", name)
		}
	}
	for _, l := range r.Lines {
		if err := l.check(); err != nil {
			return fmt.Errorf("line %q: %w", l.Name.En, err)
		}
	}
	return nil
}

func (l PriceLine) check() error {
	sums := []int64{l.Amount, l.Cap}
	for i, t := range l.Tiers {
		sums = append(sums, t.Each)
		if last := i == len(l.Tiers)-1; last != (t.Upto == 0) || t.Upto < 0 || t.Upto > 1_000_000 || i > 0 && !last && t.Upto <= l.Tiers[i-1].Upto {
			return fmt.Errorf("the tiers must rise, and only the last has no end")
		}
		if l.Of == "tonnes" && t.Each%1000 != 0 {
			return fmt.Errorf("%d đồng per tonne are no whole đồng per kilogram", t.Each)
		}
	}
	for _, n := range sums {
		if n < 0 || n > dearest {
			return fmt.Errorf("%d đồng cannot be", n)
		}
	}
	if l.Type != "fee" && l.Type != "charge" || l.Name.Vi == "" || l.Name.En == "" {
		return fmt.Errorf("it must be named, and be a fee or a charge")
	}
	for _, q := range []string{l.Of, l.Per} {
		if _, ok := numbers[q]; q != "" && !ok {
			return fmt.Errorf("nobody counts %q", q)
		}
	}
	if (l.Of == "") != (len(l.Tiers) == 0) || l.Amount == 0 && l.Of == "" {
		return fmt.Errorf("it has no price")
	}
	return nil
}
