package servicespage

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"datmui/apps/services"
	"datmui/blocks/pay"
	"datmui/kit/lang"
)

// The quantities that a price may be counted by, and those that a rule may be bound to.
var (
	feePer  = []string{"", "copies", "events", "cases", "deals"}
	feeOf   = []string{"", "pages", "tonnes"}
	feeMost = []string{"", "days_after_birth", "days_after_death", "pages", "tonnes", "copies"}
)

func (e *editForm) fees(d services.Definition, schedule *pay.Schedule) {
	e.pick("fee_mode", d.FeeMode, e.words("services.editor.fee_mode.", "prepaid", "on-return", "none"))
	e.tick("fee_at_intake", d.AtIntake)
	rules := d.FeeRules(schedule)
	if rules == nil {
		rules = &pay.Procedures{}
	}
	e.tick("fee_never_back", rules.Refund == "never")
	for i := range len(rules.Rules) + 2 {
		r := at(rules.Rules, i)
		l := at(r.Lines, 0)
		words := schedule.Words(r)
		name := func(leaf string) string { return fmt.Sprintf("fees.%d.%s", i, leaf) }
		e.group(lang.T(e.ctx, "services.editor.fees.entry", "n", i+1))
		e.add(name("basis"), words.Vi, "text")
		e.add(name("basis_en"), words.En, "text")
		what := ""
		switch {
		case i >= len(rules.Rules):
		case r.Unknown:
			what = "unknown"
		case len(r.Lines) == 0:
			what = "free"
		default:
			what = cmp.Or(l.Type, "fee")
		}
		e.pick(name("what"), what, e.words("services.editor.fees.what.", "", "fee", "charge", "free", "unknown"))
		e.money(name("amount"), l.Amount)
		e.pick(name("per"), l.Per, e.words("services.editor.fees.per.", feePer...))
		e.pick(name("channel"), strings.Join(r.When["channel"].In, ""), e.words("services.editor.fees.channel.", "", "online", "counter", "post"))
		e.add(name("kind"), strings.Join(r.When["kind"].In, " "), "text")
		e.add(name("subject"), strings.Join(r.When["subject"].In, " "), "text")
		most, bound := "", int64(0)
		for k, c := range r.When {
			if c.Max != nil {
				most, bound = k, *c.Max
			}
		}
		e.pick(name("most_of"), most, e.words("services.editor.fees.most_of.", feeMost...))
		e.money(name("most"), bound)
		e.pick(name("of"), l.Of, e.words("services.editor.fees.of.", feeOf...))
		first, then := at(l.Tiers, 0), at(l.Tiers, 1)
		e.money(name("each"), first.Each)
		e.money(name("upto"), first.Upto)
		e.money(name("then"), then.Each)
		e.money(name("cap"), l.Cap)
		e.add(name("until"), r.Until, "text").Width = "w12"
	}
}

// fees reads the rules; the groups of applicants and the lines that the editor does not show stay as
// they were. Nil means that nothing differs from the schedule.
func (t typed) fees(d services.Definition, schedule *pay.Schedule) *pay.Procedures {
	was := d.FeeRules(schedule)
	out := pay.Procedures{Codes: []string{d.Code}}
	var before []pay.Rule
	if was != nil {
		out.Exemptions, before = was.Exemptions, was.Rules
	}
	if t.tick("fee_never_back") {
		out.Refund = "never"
	}
	n := 0
	t.entries("fees", "what", func(name string) {
		what, old := t.text(name+"what"), at(before, n)
		n++
		if what == "" {
			return
		}
		r := pay.Rule{Words: pay.Text{Vi: t.text(name + "basis"), En: t.text(name + "basis_en")}, Unknown: what == "unknown", Until: t.text(name + "until")}
		when := map[string]pay.Condition{}
		if c := t.text(name + "channel"); c != "" {
			when["channel"] = pay.Condition{In: []string{c}}
		}
		for _, set := range []string{"kind", "subject"} {
			if w := strings.Fields(t.text(name + set)); len(w) > 0 {
				when[set] = pay.Condition{In: w}
			}
		}
		if m := t.text(name + "most_of"); m != "" {
			most := int64(t.number(name + "most"))
			when[m] = pay.Condition{Max: &most}
		}
		if len(when) > 0 {
			r.When = when
		}
		if what == "fee" || what == "charge" {
			r.Lines = t.price(name, what, old.Lines)
		}
		out.Rules = append(out.Rules, r)
	})
	if d.Fees == nil && was != nil && sameFees(out, *was, schedule) {
		return nil
	}
	return &out
}

func (t typed) price(at, kind string, old []pay.PriceLine) []pay.PriceLine {
	l := pay.PriceLine{Name: pay.Text{Vi: "Phí", En: "Fee"}}
	if kind == "charge" {
		l.Name = pay.Text{Vi: "Lệ phí", En: "Charge"}
	}
	var more []pay.PriceLine
	if len(old) > 0 {
		l.Name, more = old[0].Name, old[1:]
	}
	l.Type, l.Amount, l.Per, l.Cap = kind, int64(t.number(at+"amount")), t.text(at+"per"), int64(t.number(at+"cap"))
	if of := t.text(at + "of"); of != "" {
		l.Of = of
		first := pay.Tier{Upto: int64(t.number(at + "upto")), Each: int64(t.number(at + "each"))}
		l.Tiers = []pay.Tier{first}
		if first.Upto > 0 {
			l.Tiers = append(l.Tiers, pay.Tier{Each: int64(t.number(at + "then"))})
		}
	}
	return append([]pay.PriceLine{l}, more...)
}

// sameFees says whether rules say what the schedule says.
func sameFees(a, b pay.Procedures, schedule *pay.Schedule) bool {
	if a.Refund != b.Refund || len(a.Rules) != len(b.Rules) {
		return false
	}
	for i := range a.Rules {
		x, y := a.Rules[i], b.Rules[i]
		x.Words, y.Words, y.Basis = schedule.Words(x), schedule.Words(y), ""
		if fmt.Sprintf("%+v", plainRule(x)) != fmt.Sprintf("%+v", plainRule(y)) {
			return false
		}
	}
	return true
}

// plainRule writes a rule so that two can be compared: pointers and order do not count.
func plainRule(r pay.Rule) string {
	var when []string
	for k, c := range r.When {
		most := ""
		if c.Max != nil {
			most = strconv.FormatInt(*c.Max, 10)
		}
		when = append(when, k+"="+strings.Join(c.In, ",")+most)
	}
	slices.Sort(when)
	r.When = nil
	if len(r.Lines) == 0 {
		r.Lines = nil
	}
	return fmt.Sprintf("%v %+v", when, r)
}
