package services

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Change is one field in which two versions of a procedure differ.
type Change struct {
	Field string // as the editor names it, entries by number from 0: papers.0.when
	Of    string // which entry it belongs to, in words; "" outside lists
	Was   string // "" where there was nothing
	Will  string // "" where it is taken away
}

// Changes are what a second version has other than a first, in the order of the editor.
func Changes(a, b Definition) []Change {
	was, will := flat(a), flat(b)
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
	if d.Fees != nil {
		raw, err := json.Marshal(d.Fees)
		if err != nil {
			panic(err) // texts and numbers
		}
		add("fees", string(raw))
	}
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
