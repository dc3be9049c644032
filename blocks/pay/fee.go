package pay

import (
	"cmp"
	"encoding/json"
	"math/bits"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"datmui/blocks/calendar"
	"datmui/kit/fault"
)

// Facts is what a fee depends on. Quantities that are not given count as one where a price is
// per copy, event, case or deal; anything else that a rule needs makes the amount unknown.
type Facts struct {
	Date    calendar.Date // required: the day of filing
	Channel string        // online, counter, post
	Kind    string
	Subject string // a group of the schedule; "" or "none" is nobody in particular

	// Count holds pages, copies, events, cases, deals, days_after_birth, days_after_death (0 is the
	// same day) and tonnes, these in kilograms.
	Count map[string]int64
}

// Fee is what is to be paid. An amount that nobody has entered is not Known, and never 0.
type Fee struct {
	Procedure string
	Known     bool
	Amount    int64 // đồng; meaningless unless Known
	Lines     []FeeLine
	Basis     Text
	Needs     []string // facts without which the amount cannot be told
	Refund    string   // "never": not given back when the dossier is refused
	Version   string   // of the schedule
}

// FeeLine is one position of a fee.
type FeeLine struct {
	Name     Text   `json:"name"`
	Type     string `json:"type"` // fee or charge
	Quantity int64  `json:"quantity"`
	Unit     int64  `json:"unit"`   // đồng for one
	Amount   int64  `json:"amount"` // đồng for all
}

// MarshalJSON writes amount null where it is not known.
func (f Fee) MarshalJSON() ([]byte, error) {
	out := struct {
		Procedure string    `json:"procedure"`
		Amount    *int64    `json:"amount"`
		Lines     []FeeLine `json:"lines"`
		Basis     string    `json:"basis"`
		BasisEn   string    `json:"basis_en"`
		Needs     []string  `json:"needs,omitempty"`
		Refund    string    `json:"refund,omitempty"`
		Version   string    `json:"version"`
	}{f.Procedure, nil, f.Lines, f.Basis.Vi, f.Basis.En, f.Needs, f.Refund, f.Version}
	if f.Known {
		out.Amount = &f.Amount
	}
	if out.Lines == nil {
		out.Lines = []FeeLine{}
	}
	return json.Marshal(out)
}

// words and numbers are the names of facts; the numbers with their bounds.
var (
	words   = []string{"channel", "kind", "subject"}
	numbers = map[string]struct{ min, max int64 }{
		"pages": {1, 100_000}, "copies": {1, 10_000}, "events": {1, 10_000}, "cases": {1, 10_000}, "deals": {1, 10_000},
		"tonnes": {1, 100_000_000}, "days_after_birth": {0, 55_000}, "days_after_death": {0, 55_000},
	}
	channels = []string{"online", "counter", "post"}
	token    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	codeForm = regexp.MustCompile(`^(\d\.\d{6})(\.\d{2}|\.000\.00\.00\.H\d{2})?$`)
)

// FactNames are the names that ParseFacts knows.
var FactNames = []string{"channel", "pages", "copies", "events", "cases", "deals", "tonnes", "kind", "subject",
	"date", "days_after_birth", "days_after_death"}

// ParseFacts reads named texts, as forms and scripts send them. What is wrong comes back as
// fault.Fields: unknown-name, not-a-number, out-of-range, not-a-date, unknown-value.
func ParseFacts(set map[string]string, today calendar.Date) (Facts, error) {
	f, bad := Facts{Date: today, Count: map[string]int64{}}, fault.Fields{}
	for name, v := range set {
		b, isNumber := numbers[name]
		switch {
		case name == "date":
			d, err := calendar.ParseDate(v)
			if err != nil || d.Year() < 2000 || d.Year() > 2059 {
				bad.Set(name, "not-a-date")
			}
			f.Date = d
		case name == "channel" && slices.Contains(channels, v):
			f.Channel = v
		case name == "kind" && token.MatchString(v):
			f.Kind = v
		case name == "subject" && token.MatchString(v):
			f.Subject = v
		case slices.Contains(words, name):
			bad.Set(name, "unknown-value")
		case isNumber:
			n, ok := wholeNumber(name, v)
			if !ok {
				bad.Set(name, "not-a-number")
			} else if n < b.min || n > b.max {
				bad.Set(name, "out-of-range")
			}
			f.Count[name] = n
		default:
			bad.Set(name, "unknown-name")
		}
	}
	return f, bad.Err()
}

var numeral = regexp.MustCompile(`^\d{1,12}$`)

// wholeNumber reads digits; tonnes may have up to three decimals and become kilograms.
func wholeNumber(name, v string) (int64, bool) {
	if name == "tonnes" {
		whole, frac, point := strings.Cut(v, ".")
		if len(frac) > 3 || point && frac == "" || whole == "" {
			return 0, false
		}
		v = whole + (frac + "000")[:3]
	}
	if !numeral.MatchString(v) {
		return 0, false
	}
	n, err := strconv.ParseInt(v, 10, 64)
	return n, err == nil
}

func (f *Facts) check() error {
	bad := fault.Fields{}
	for name, n := range f.Count {
		if b, ok := numbers[name]; !ok {
			bad.Set(name, "unknown-name")
		} else if n < b.min || n > b.max {
			bad.Set(name, "out-of-range")
		}
	}
	if f.Channel != "" && !slices.Contains(channels, f.Channel) {
		bad.Set("channel", "unknown-value")
	}
	return bad.Err()
}

// Code is the procedure code without the suffixes of a province or a service.
func Code(procedure string) (string, bool) {
	if procedure == "ocop" {
		return procedure, true // a programme without a code
	}
	m := codeForm.FindStringSubmatch(procedure)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// Fee works out what a procedure costs under the facts.
func (s *Schedule) Fee(procedure string, f Facts) (Fee, error) {
	return s.FeeBy(procedure, s.Rules(procedure), f)
}

// Rules are the rules of a procedure in the schedule; nil where it has none.
func (s *Schedule) Rules(procedure string) *Procedures {
	code, _ := Code(procedure)
	return s.byCode[code]
}

// FeeBy works out what a procedure costs by rules of its own, entered elsewhere and checked with
// Check. Without rules the procedure is not known.
func (s *Schedule) FeeBy(procedure string, p *Procedures, f Facts) (Fee, error) {
	code, ok := Code(procedure)
	if !ok || p == nil {
		return Fee{}, fault.Fields{"procedure": "unknown-value"}
	}
	if err := f.check(); err != nil {
		return Fee{}, err
	}
	if f.Subject == "none" {
		f.Subject = ""
	}
	if f.Subject != "" && !slices.Contains(s.Subjects, f.Subject) {
		return Fee{}, fault.Fields{"subject": "unknown-value"}
	}
	if kinds := p.kinds(); f.Kind != "" && len(kinds) > 0 && !slices.Contains(kinds, f.Kind) {
		return Fee{}, fault.Fields{"kind": "unknown-value"}
	}
	out := Fee{Procedure: code, Refund: p.Refund, Version: s.Version}
	if f.Subject != "" && p.Exemptions == "unlisted" {
		out.Basis = s.Basis["exempt-unsure"]
		return out, nil
	}
	for i := range p.Rules {
		r := &p.Rules[i]
		if !r.inForce(f.Date) {
			continue
		}
		fits, needs := r.fits(&f)
		if !fits {
			continue
		}
		if len(needs) == 0 && !r.Unknown {
			return s.price(out, r, &f)
		}
		out.Basis, out.Needs = s.basis(r), needs
		if len(needs) > 0 {
			out.Basis = s.needs(needs)
		}
		return out, nil
	}
	out.Basis = s.Basis["not-stated"]
	return out, nil
}

// Outline says in words what a procedure costs, before anything is known of a filing: the basis of
// each rule in force on a day, in order. An unknown procedure has none.
func (s *Schedule) Outline(procedure string, day calendar.Date) []Text {
	return s.OutlineBy(s.Rules(procedure), day)
}

// OutlineBy is Outline by rules of the procedure's own.
func (s *Schedule) OutlineBy(p *Procedures, day calendar.Date) (out []Text) {
	if p == nil {
		return nil
	}
	for i := range p.Rules {
		r := &p.Rules[i]
		if t := s.basis(r); r.inForce(day) && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// Answers says whether some rule knows an amount, so that a filing may have one.
func (p *Procedures) Answers() bool {
	return p != nil && slices.ContainsFunc(p.Rules, func(r Rule) bool { return !r.Unknown })
}

// Kinds are the kinds of case that the price of a procedure tells apart.
func (s *Schedule) Kinds(procedure string) []string {
	code, _ := Code(procedure)
	if p := s.byCode[code]; p != nil {
		kinds := p.kinds()
		slices.Sort(kinds)
		return slices.Compact(kinds)
	}
	return nil
}

func (p *Procedures) kinds() (out []string) {
	for _, r := range p.Rules {
		out = append(out, r.When["kind"].In...)
	}
	return out
}

// fits says whether no condition is broken, and which of them cannot be judged yet.
func (r *Rule) fits(f *Facts) (ok bool, needs []string) {
	for name, c := range r.When {
		if c.Max != nil {
			switch n, given := f.Count[name]; {
			case !given:
				needs = append(needs, name)
			case n > *c.Max:
				return false, nil
			}
			continue
		}
		v := map[string]string{"channel": f.Channel, "kind": f.Kind, "subject": f.Subject}[name]
		switch {
		case v == "" && name != "subject":
			needs = append(needs, name)
		case !slices.Contains(c.In, v):
			return false, nil
		}
	}
	slices.Sort(needs)
	return true, needs
}

func (s *Schedule) needs(names []string) Text {
	t := s.Basis["needs"]
	for i, n := range names {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		t.Vi += sep + s.Inputs[n].Vi
		t.En += sep + s.Inputs[n].En
	}
	return t
}

func (s *Schedule) price(out Fee, r *Rule, f *Facts) (Fee, error) {
	for _, l := range r.Lines {
		if _, given := f.Count[l.Of]; l.Of != "" && !given {
			out.Lines, out.Needs = nil, []string{l.Of}
			out.Basis = s.needs(out.Needs)
			return out, nil
		}
		line := FeeLine{Name: l.Name, Type: l.Type, Quantity: cmp.Or(f.Count[l.Per], 1)}
		var ok1, ok2, ok3 bool
		line.Unit, ok1 = l.unit(f)
		line.Amount, ok2 = times(line.Unit, line.Quantity)
		out.Amount, ok3 = plus(out.Amount, line.Amount)
		if !ok1 || !ok2 || !ok3 {
			return Fee{}, fault.Fields{"": "out-of-range"}
		}
		out.Lines = append(out.Lines, line)
	}
	out.Known, out.Basis = true, s.basis(r)
	return out, nil
}

// unit is the price of one: the amount and the tiers of what is counted, at most the cap.
func (l PriceLine) unit(f *Facts) (sum int64, ok bool) {
	sum = l.Amount
	scale := int64(1)
	if l.Of == "tonnes" {
		scale = 1000 // counted in kilograms
	}
	left := f.Count[l.Of]
	var below int64
	for _, t := range l.Tiers {
		in := left
		if t.Upto != 0 {
			in = min(left, (t.Upto-below)*scale)
		}
		part, fine := times(t.Each/scale, in)
		if sum, ok = plus(sum, part); !ok || !fine { // a schedule can be edited into nonsense
			return 0, false
		}
		left, below = left-in, t.Upto
	}
	if l.Cap != 0 {
		sum = min(sum, l.Cap)
	}
	return sum, true
}

// times and plus are for sums that are not negative; false means that they grew too large.
func times(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	return int64(lo), hi == 0 && lo < 1<<62
}

func plus(a, b int64) (int64, bool) { return a + b, a+b < 1<<62 }
