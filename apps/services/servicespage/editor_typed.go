package servicespage

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"datmui/apps/services"
	"datmui/blocks/pay"
)

// typed reads what an editor typed.
type typed struct{ form url.Values }

func (t typed) text(name string) string { return strings.TrimSpace(t.form.Get(name)) }
func (t typed) limit(name string) string {
	return services.TypedLimit(t.text(name))
}
func (t typed) tick(name string) bool { return t.form.Get(name) != "" }

// number reads a whole number; what is none becomes -1, which the check refuses by its field.
func (t typed) number(name string) int {
	s := strings.NewReplacer(".", "", " ", "").Replace(t.text(name))
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1_000_000_000 {
		return -1
	}
	return n
}

// entries walks over the entries of a list that were sent.
func (t typed) entries(list, leaf string, fn func(at string)) {
	for i := range 60 {
		prefix := fmt.Sprintf("%s.%d.", list, i)
		if _, there := t.form[prefix+leaf]; there {
			fn(prefix)
		}
	}
}

// into puts what was typed for a part into a definition; the other parts stay as they are.
func (t typed) into(part string, d services.Definition, schedule *pay.Schedule) services.Definition {
	switch part {
	case "names":
		d.Name, d.NameEN, d.Who, d.WhoEN, d.Words = t.text("name"), t.text("name_en"), t.text("who"), t.text("who_en"), t.text("words")
	case "papers":
		d.Papers = t.papers()
	case "limits":
		d.Limit, d.AfterPause, d.SupplyDays, d.PayDays = t.limit("limit"), t.text("after_pause"), t.number("supply_days"), t.number("pay_days")
		if d.AfterPause == "resume" {
			d.AfterPause = "" // which is what nothing said means
		}
		d.Limits = nil
		t.entries("limits", "when", func(at string) {
			if c := (services.LimitCase{When: t.text(at + "when"), Limit: t.limit(at + "limit")}); c != (services.LimitCase{}) {
				d.Limits = append(d.Limits, c)
			}
		})
	case "fees":
		d.FeeMode, d.AtIntake = t.text("fee_mode"), t.tick("fee_at_intake")
		d.Fees = t.fees(d, schedule)
	case "steps":
		d.Steps = nil
		t.entries("steps", "name", func(at string) {
			if s := (services.StepRule{Name: t.text(at + "name"), NameEN: t.text(at + "name_en"), Limit: t.limit(at + "limit")}); s != (services.StepRule{}) {
				d.Steps = append(d.Steps, s)
			}
		})
	case "form":
		if d.Form != t.text("form") { // another form begins as it came
			d.FormVersion, d.Asks = 0, nil
		}
		d.Form, d.Subject, d.Competent = t.text("form"), t.text("subject"), t.text("competent")
		d.Owner = services.OwnerRule{Name: t.text("owner.name"), ID: t.text("owner.id")}
		d.Competents = nil
		t.entries("competents", "when", func(at string) {
			if c := (services.CompetentCase{When: t.text(at + "when"), Competent: t.text(at + "competent")}); c != (services.CompetentCase{}) {
				d.Competents = append(d.Competents, c)
			}
		})
	case "result":
		d.Result.Type, d.Result.Title, d.Result.Name, d.Result.NameEN = t.text("result.type"), t.text("result.title"), t.text("result.name"), t.text("result.name_en")
		d.Result.Symbol, d.Result.Template, d.Result.Facts = t.text("result.symbol"), t.text("result.template"), strings.Fields(t.text("result.facts"))
		d.AtReturn = t.tick("originals_at_return")
	case "notes":
		var left []services.SourceNote
		for i, n := range d.Notes {
			if !t.tick(fmt.Sprintf("notes.%d.confirmed", i)) {
				left = append(left, n)
			}
		}
		d.Notes = left
	}
	return d
}

func (t typed) papers() []services.PaperRule {
	var list []placed[services.PaperRule]
	t.entries("papers", "name", func(at string) {
		p := services.PaperRule{Key: t.text(at + "key"), Name: t.text(at + "name"), NameEN: t.text(at + "name_en"), Originals: t.number(at + "originals"),
			Copies: t.number(at + "copies"), Shown: t.tick(at + "shown"), EForm: t.tick(at + "eform"), When: t.text(at + "when"), Certified: t.text(at + "certified"),
			Why: t.text(at + "why"), WhyEN: t.text(at + "why_en"), Data: t.text(at + "data"), DataEN: t.text(at + "data_en"), Stored: strings.Fields(t.text(at + "stored"))}
		if t.tick(at+"remove") || p.Key == "" && p.Name == "" && p.NameEN == "" {
			return
		}
		if p.Key == "" {
			p.Key = services.PaperKey(p.Name, func(key string) bool {
				return slices.ContainsFunc(list, func(x placed[services.PaperRule]) bool { return x.it.Key == key })
			})
		}
		list = append(list, placed[services.PaperRule]{p, t.place(at, len(list))})
	})
	return inOrder(list)
}

// placed is an entry of a list with the number by which its lines are put in order.
type placed[T any] struct {
	it    T
	place float64
}

// place reads the number typed beside the entry that is the n-th, from 0, as the list stands. A line
// that moves up goes before the one whose number it took, one that moves down behind it.
func (t typed) place(at string, n int) float64 {
	place, err := strconv.ParseFloat(t.text(at+"place"), 64)
	switch {
	case err != nil:
		return 1000
	case place < float64(n+1):
		return place - 0.5
	case place > float64(n+1):
		return place + 0.5
	}
	return place
}

func inOrder[T any](list []placed[T]) []T {
	slices.SortStableFunc(list, func(a, b placed[T]) int { return cmp.Compare(a.place, b.place) })
	out := make([]T, 0, len(list))
	for _, p := range list {
		out = append(out, p.it)
	}
	return out
}
