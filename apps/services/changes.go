package services

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"datmui/blocks/pay"
	"datmui/kit/lang"
)

// Change is one field in which two versions of a procedure differ.
type Change struct {
	Field string // as the editor names it, entries by number from 0: papers.0.when
	Of    string // which entry it belongs to, in words; "" outside lists
	Was   string // "" where there was nothing
	Will  string // "" where it is taken away
}

// Changes are what a second version has other than a first, in the order of the editor.
func (m *Module) Changes(ctx context.Context, a, b Definition) ([]Change, error) {
	asked := a.Form != b.Form || a.FormVersion != b.FormVersion || a.Asks != nil || b.Asks != nil
	fees := a.Fees != nil || b.Fees != nil
	was, err := m.lines(ctx, a, asked, fees)
	if err != nil {
		return nil, err
	}
	will, err := m.lines(ctx, b, asked, fees)
	return changes(was, will), err
}

// lines are the fields of a definition, with those of its questions and its fees where they are asked for.
func (m *Module) lines(ctx context.Context, d Definition, asked, fees bool) ([]flatLine, error) {
	out := flat(d)
	if fees {
		out = append(out, feeLines(ctx, d, m.pay.Schedule())...)
	}
	if !asked {
		return out, nil
	}
	form, err := m.FormOf(ctx, d)
	if err != nil {
		return nil, err
	}
	return append(out, questionLines(ctx, form.Definition)...), nil
}

// feeLines are the fee rules of a definition, each told by its words, in the fields of the editor.
func feeLines(ctx context.Context, d Definition, schedule *pay.Schedule) []flatLine {
	rules := d.FeeRules(schedule)
	if rules == nil {
		return nil
	}
	out := []flatLine{{"fee_never_back", "fee_never_back", "", yes(rules.Refund == "never")}}
	seen := map[string]int{}
	for i, r := range rules.Rules {
		words := schedule.Words(r)
		of := in(lang.From(ctx), words.Vi, words.En)
		seen[words.Vi]++
		add := func(leaf, value string) {
			key := fmt.Sprintf("fees.%s.%d.%s", words.Vi, seen[words.Vi], leaf)
			out = append(out, flatLine{key, fmt.Sprintf("fees.%d.%s", i, leaf), of, value})
		}
		what := ""
		switch {
		case r.Unknown:
			what = "unknown"
		case len(r.Lines) == 0:
			what = "free"
		}
		for n, l := range r.Lines {
			if n == 0 {
				what = cmp.Or(l.Type, "fee")
			}
			add("amount", number(int(l.Amount)))
			add("per", l.Per)
			add("of", l.Of)
			for k, t := range l.Tiers {
				leaf := "each"
				if k > 0 {
					leaf = "then"
				}
				add(leaf, number(int(t.Each)))
				add("upto", number(int(t.Upto)))
			}
			add("cap", number(int(l.Cap)))
		}
		add("what", what)
		for _, name := range slices.Sorted(maps.Keys(r.When)) {
			c := r.When[name]
			if c.Max != nil {
				add("most_of", name)
				add("most", number(int(*c.Max)))
				continue
			}
			add(name, strings.Join(c.In, " "))
		}
		add("until", r.Until)
	}
	return out
}

func changes(was, will []flatLine) []Change {
	var out []Change
	seen := map[string]bool{}
	for _, l := range will {
		seen[l.key] = true
		i := slices.IndexFunc(was, func(x flatLine) bool { return x.key == l.key })
		switch {
		case i < 0 && l.value != "":
			out = append(out, Change{l.field, l.of, "", l.value})
		case i >= 0 && was[i].value != l.value:
			out = append(out, Change{l.field, l.of, was[i].value, l.value})
		}
	}
	for _, l := range was {
		if !seen[l.key] && l.value != "" {
			out = append(out, Change{l.field, l.of, l.value, ""})
		}
	}
	return out
}

// flatLine is one field of a definition. Its key tells papers by their own key and not by their place,
// so that one put in between is not a change of all that follow.
type flatLine struct{ key, field, of, value string }

func flat(d Definition) []flatLine {
	var out []flatLine
	add := func(field, value string) { out = append(out, flatLine{field, field, "", value}) }
	add("name", d.Name)
	add("name_en", d.NameEN)
	add("who", d.Who)
	add("who_en", d.WhoEN)
	add("words", d.Words)
	add("limit", d.Limit)
	for i, l := range d.Limits {
		add(fmt.Sprintf("limits.%d.when", i), l.When)
		add(fmt.Sprintf("limits.%d.limit", i), l.Limit)
	}
	add("after_pause", d.AfterPause)
	add("supply_days", number(d.SupplyDays))
	add("pay_days", number(d.PayDays))
	add("fee_mode", d.FeeMode)
	add("fee_at_intake", yes(d.AtIntake))
	add("form", d.Form)
	add("subject", d.Subject)
	add("owner.name", d.Owner.Name)
	add("owner.id", d.Owner.ID)
	add("competent", d.Competent)
	for i, c := range d.Competents {
		add(fmt.Sprintf("competents.%d.when", i), c.When)
		add(fmt.Sprintf("competents.%d.competent", i), c.Competent)
	}
	var order []string
	for i, p := range d.Papers {
		order = append(order, p.Key)
		paper := func(leaf, value string) {
			out = append(out, flatLine{"papers." + p.Key + "." + leaf, fmt.Sprintf("papers.%d.%s", i, leaf), p.Name, value})
		}
		paper("name", p.Name)
		paper("name_en", p.NameEN)
		paper("originals", number(p.Originals))
		paper("copies", number(p.Copies))
		paper("shown", yes(p.Shown))
		paper("eform", yes(p.EForm))
		paper("when", p.When)
		paper("certified", p.Certified)
		paper("why", p.Why)
		paper("why_en", p.WhyEN)
		paper("data", p.Data)
		paper("data_en", p.DataEN)
		paper("stored", strings.Join(p.Stored, " "))
	}
	add("papers", strings.Join(order, ", "))
	for i, s := range d.Steps {
		add(fmt.Sprintf("steps.%d.name", i), s.Name)
		add(fmt.Sprintf("steps.%d.name_en", i), s.NameEN)
		add(fmt.Sprintf("steps.%d.limit", i), s.Limit)
	}
	add("result.type", d.Result.Type)
	add("result.title", d.Result.Title)
	add("result.name", d.Result.Name)
	add("result.name_en", d.Result.NameEN)
	add("result.symbol", d.Result.Symbol)
	add("result.template", d.Result.Template)
	add("result.facts", strings.Join(d.Result.Facts, " "))
	add("originals_at_return", yes(d.AtReturn))
	var notes []string
	for _, n := range d.Notes {
		notes = append(notes, n.Field+" ["+n.Mark+"] "+n.Note)
	}
	add("notes", strings.Join(notes, "; "))
	return out
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
