package servicespage

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"datmui/apps/services"
	"datmui/blocks/directory"
	"datmui/blocks/letters"
	"datmui/blocks/pay"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

// editParts are the parts of a definition that are changed one at a time, in the order of the page.
var editParts = []string{"names", "papers", "limits", "fees", "steps", "form", "result", "notes"}

// editField is one control of the editor.
type editField struct {
	ui.Field
	kind    string // text, area, select, tick
	options []ui.Option
	ticked  bool
}

// editGroup is the controls of one entry of a list, or those outside lists.
type editGroup struct {
	title  string
	fields []editField
}

// editForm writes the controls of a part.
type editForm struct {
	ctx    context.Context
	faults fault.Fields
	groups []editGroup
}

var entryNumber = regexp.MustCompile(`\.\d+\.`)

// editLabel names a field of the editor in words, whatever entry it is of.
func editLabel(ctx context.Context, name string) string {
	return lang.T(ctx, "services.editor."+entryNumber.ReplaceAllString(name, "."))
}

// editFault says what is wrong with a field, or "".
func editFault(ctx context.Context, f fault.Fields, name string) string {
	code, ok := f[name]
	if !ok {
		return ""
	}
	code, n, _ := strings.Cut(code, ":")
	return lang.T(ctx, "services.editor.fault."+code, "n", n)
}

func (e *editForm) group(title string) { e.groups = append(e.groups, editGroup{title: title}) }

func (e *editForm) add(name, value, kind string) *editField {
	key := "services.editor." + entryNumber.ReplaceAllString(name, ".")
	f := editField{Field: ui.Field{Name: name, Label: lang.T(e.ctx, key), Value: value, Fault: editFault(e.ctx, e.faults, name), Optional: true}, kind: kind}
	if lang.Has(e.ctx, key+".hint") {
		f.Hint = lang.T(e.ctx, key+".hint")
	}
	g := &e.groups[len(e.groups)-1]
	g.fields = append(g.fields, f)
	return &g.fields[len(g.fields)-1]
}

func (e *editForm) must(name, value, kind string) { e.add(name, value, kind).Optional = false }

func (e *editForm) number(name string, n int) {
	f := e.add(name, "", "text")
	if n != 0 {
		f.Value = strconv.Itoa(n)
	}
	f.Mode, f.Width = "numeric", "w4"
}

func (e *editForm) money(name string, n int64) {
	f := e.add(name, "", "text")
	if n != 0 {
		f.Value = strconv.FormatInt(n, 10)
	}
	f.Mode, f.Width = "numeric", "w12"
}

func (e *editForm) pick(name, value string, options []ui.Option) {
	f := e.add(name, value, "select")
	f.options, f.Optional = options, false
}

func (e *editForm) tick(name string, on bool) {
	f := e.add(name, "yes", "tick")
	f.ticked, f.Optional = on, false
}

// words makes options of values whose texts lie under a prefix.
func (e *editForm) words(prefix string, values ...string) []ui.Option {
	var out []ui.Option
	for _, v := range values {
		out = append(out, ui.Option{Value: v, Label: lang.T(e.ctx, prefix+cmp.Or(v, "none"))})
	}
	return out
}

// bodies are the bodies that can be competent.
func bodyOptions(ctx context.Context, list []directory.Agency) []ui.Option {
	out := []ui.Option{{Value: "commune", Label: lang.T(ctx, "services.editor.body.commune")}}
	for _, a := range list {
		out = append(out, ui.Option{Value: "agency:" + a.ID, Label: a.Name})
	}
	return out
}

// part writes the controls of one part of a definition.
func (v editView) part(ctx context.Context, part string, d services.Definition, f fault.Fields) []editGroup {
	e := &editForm{ctx: ctx, faults: f}
	e.group("")
	switch part {
	case "names":
		e.must("name", d.Name, "text")
		e.must("name_en", d.NameEN, "text")
		e.must("who", d.Who, "area")
		e.must("who_en", d.WhoEN, "area")
		e.add("words", d.Words, "area")
	case "papers":
		e.papers(d)
	case "limits":
		e.add("limit", d.Limit, "text").Width = "w12"
		e.pick("after_pause", cmp.Or(d.AfterPause, "resume"), e.words("services.editor.after_pause.", "resume", "restart"))
		e.number("supply_days", d.SupplyDays)
		for i := range len(d.Limits) + 2 {
			c := at(d.Limits, i)
			e.group(lang.T(ctx, "services.editor.limits.entry", "n", i+1))
			e.add(fmt.Sprintf("limits.%d.when", i), c.When, "text")
			e.add(fmt.Sprintf("limits.%d.limit", i), c.Limit, "text").Width = "w12"
		}
	case "fees":
		e.fees(d, v.schedule)
	case "steps":
		for i := range len(d.Steps) + 2 {
			s := at(d.Steps, i)
			e.group(lang.T(ctx, "services.editor.steps.entry", "n", i+1))
			e.add(fmt.Sprintf("steps.%d.name", i), s.Name, "text")
			e.add(fmt.Sprintf("steps.%d.name_en", i), s.NameEN, "text")
			e.add(fmt.Sprintf("steps.%d.limit", i), s.Limit, "text").Width = "w12"
		}
	case "form":
		var forms []ui.Option
		for _, id := range v.formIDs {
			forms = append(forms, ui.Option{Value: id, Label: id})
		}
		e.pick("form", d.Form, forms)
		e.must("subject", d.Subject, "text")
		e.add("owner.name", d.Owner.Name, "text")
		e.add("owner.id", d.Owner.ID, "text")
		e.pick("competent", d.Competent, bodyOptions(ctx, v.bodies))
		for i := range len(d.Competents) + 1 {
			c := at(d.Competents, i)
			e.group(lang.T(ctx, "services.editor.competents.entry", "n", i+1))
			e.add(fmt.Sprintf("competents.%d.when", i), c.When, "text")
			e.pick(fmt.Sprintf("competents.%d.competent", i), c.Competent, append([]ui.Option{{Label: lang.T(ctx, "services.editor.choose")}}, bodyOptions(ctx, v.bodies)...))
		}
	case "result":
		e.add("result.type", d.Result.Type, "text").Width = "w20"
		e.must("result.title", d.Result.Title, "text")
		e.must("result.name", d.Result.Name, "text")
		e.must("result.name_en", d.Result.NameEN, "text")
		e.must("result.symbol", d.Result.Symbol, "text")
		own := []ui.Option{}
		if _, ok := letters.Result(d.Code); ok {
			own = append(own, ui.Option{Label: lang.T(ctx, "services.editor.template.own")})
		}
		for _, t := range letters.Procedures() {
			if strings.HasPrefix(t, "general-") || t == d.Result.Template {
				own = append(own, ui.Option{Value: t, Label: lang.T(ctx, "services.editor.template", "name", t)})
			}
		}
		e.pick("result.template", d.Result.Template, own)
		e.add("result.facts", strings.Join(d.Result.Facts, " "), "area")
		e.tick("originals_at_return", d.AtReturn)
	case "notes":
		for i, n := range d.Notes {
			e.groups[0].title = lang.T(ctx, "services.editor.notes.lead")
			f := e.add(fmt.Sprintf("notes.%d.confirmed", i), "yes", "tick")
			f.Label, f.Optional = lang.T(ctx, "services.editor.notes.confirmed", "field", noteField(ctx, n), "mark", n.Mark, "note", n.Note), false
		}
	}
	return slices.DeleteFunc(e.groups, func(g editGroup) bool { return len(g.fields) == 0 })
}

// noteField is what a note is about, in words.
func noteField(ctx context.Context, n services.SourceNote) string {
	if key := "services.editor." + n.Field; lang.Has(ctx, key) {
		return lang.T(ctx, key)
	}
	return n.Field
}

// at is the i-th entry, or an empty one after the last.
func at[T any](list []T, i int) (v T) {
	if i < len(list) {
		v = list[i]
	}
	return v
}

func (e *editForm) papers(d services.Definition) {
	for i := range len(d.Papers) + 1 {
		p := at(d.Papers, i)
		name := func(leaf string) string { return fmt.Sprintf("papers.%d.%s", i, leaf) }
		title := lang.T(e.ctx, "services.editor.papers.new")
		if i < len(d.Papers) {
			title = lang.T(e.ctx, "services.editor.papers.entry", "n", i+1, "name", p.NameIn(lang.From(e.ctx)))
		}
		e.group(title)
		f := e.add(name("key"), p.Key, "hidden")
		f.Label = ""
		if i < len(d.Papers) {
			e.number(name("place"), i+1)
		}
		e.add(name("name"), p.Name, "text").Optional = i == len(d.Papers)
		e.add(name("name_en"), p.NameEN, "text").Optional = i == len(d.Papers)
		e.number(name("originals"), p.Originals)
		e.number(name("copies"), p.Copies)
		e.tick(name("shown"), p.Shown)
		e.tick(name("eform"), p.EForm)
		e.add(name("when"), p.When, "text")
		e.add(name("certified"), p.Certified, "text")
		e.add(name("why"), p.Why, "area").Rows = 2
		e.add(name("why_en"), p.WhyEN, "area").Rows = 2
		e.add(name("data"), p.Data, "text")
		e.add(name("data_en"), p.DataEN, "text")
		e.add(name("stored"), strings.Join(p.Stored, " "), "text")
		if i < len(d.Papers) {
			e.tick(name("remove"), false)
		}
	}
}

// The quantities that a price may be counted by, and those that a rule may be bound to.
var (
	feePer  = []string{"", "copies", "events", "cases", "deals"}
	feeOf   = []string{"", "pages", "tonnes"}
	feeMost = []string{"", "days_after_birth", "days_after_death", "pages", "tonnes", "copies"}
)

func (e *editForm) fees(d services.Definition, schedule *pay.Schedule) {
	e.pick("fee_mode", d.FeeMode, e.words("services.editor.fee_mode.", "prepaid", "on-return", "none"))
	e.tick("fee_at_intake", d.AtIntake)
	rules := d.Fees
	if rules == nil {
		rules = schedule.Rules(d.Code)
	}
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

// typed reads what an editor typed.
type typed struct{ form url.Values }

func (t typed) text(name string) string { return strings.TrimSpace(t.form.Get(name)) }
func (t typed) tick(name string) bool   { return t.form.Get(name) != "" }

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
		d.Limit, d.AfterPause, d.SupplyDays = t.text("limit"), t.text("after_pause"), t.number("supply_days")
		if d.AfterPause == "resume" {
			d.AfterPause = "" // which is what nothing said means
		}
		d.Limits = nil
		t.entries("limits", "when", func(at string) {
			if c := (services.LimitCase{When: t.text(at + "when"), Limit: t.text(at + "limit")}); c != (services.LimitCase{}) {
				d.Limits = append(d.Limits, c)
			}
		})
	case "fees":
		d.FeeMode, d.AtIntake = t.text("fee_mode"), t.tick("fee_at_intake")
		d.Fees = t.fees(d, schedule)
	case "steps":
		d.Steps = nil
		t.entries("steps", "name", func(at string) {
			if s := (services.StepRule{Name: t.text(at + "name"), NameEN: t.text(at + "name_en"), Limit: t.text(at + "limit")}); s != (services.StepRule{}) {
				d.Steps = append(d.Steps, s)
			}
		})
	case "form":
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
	type placed struct {
		services.PaperRule
		place float64
	}
	var list []placed
	t.entries("papers", "name", func(at string) {
		p := services.PaperRule{Key: t.text(at + "key"), Name: t.text(at + "name"), NameEN: t.text(at + "name_en"), Originals: t.number(at + "originals"),
			Copies: t.number(at + "copies"), Shown: t.tick(at + "shown"), EForm: t.tick(at + "eform"), When: t.text(at + "when"), Certified: t.text(at + "certified"),
			Why: t.text(at + "why"), WhyEN: t.text(at + "why_en"), Data: t.text(at + "data"), DataEN: t.text(at + "data_en"), Stored: strings.Fields(t.text(at + "stored"))}
		if t.tick(at+"remove") || p.Key == "" && p.Name == "" && p.NameEN == "" {
			return
		}
		if p.Key == "" {
			p.Key = services.PaperKey(p.Name, func(key string) bool {
				return slices.ContainsFunc(list, func(x placed) bool { return x.Key == key })
			})
		}
		place, err := strconv.ParseFloat(t.text(at+"place"), 64)
		if err != nil {
			place = 1000
		}
		if place < float64(len(list)+1) { // a line that moves up goes before the one whose number it took
			place -= 0.5
		} else if place > float64(len(list)+1) {
			place += 0.5
		}
		list = append(list, placed{p, place})
	})
	slices.SortStableFunc(list, func(a, b placed) int { return cmp.Compare(a.place, b.place) })
	out := make([]services.PaperRule, 0, len(list))
	for _, p := range list {
		out = append(out, p.PaperRule)
	}
	return out
}

// fees reads the rules; the groups of applicants and the lines that the editor does not show stay as
// they were. Nil means that nothing differs from the schedule.
func (t typed) fees(d services.Definition, schedule *pay.Schedule) *pay.Procedures {
	was := d.Fees
	if was == nil {
		was = schedule.Rules(d.Code)
	}
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
