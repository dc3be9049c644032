package servicespage

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"datmui/apps/services"
	"datmui/apps/services/cataloguepage"
	"datmui/blocks/directory"
	"datmui/blocks/letters"
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
	prefix string // of the texts, after services.editor.; "" for a part of the procedure
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
	key := "services.editor." + e.prefix + entryNumber.ReplaceAllString(name, ".")
	f := editField{Field: ui.Field{Name: name, Label: lang.T(e.ctx, key), Value: value, Fault: editFault(e.ctx, e.faults, name), Optional: true}, kind: kind}
	if lang.Has(e.ctx, key+".hint") {
		f.Hint = lang.T(e.ctx, key+".hint")
	}
	g := &e.groups[len(e.groups)-1]
	g.fields = append(g.fields, f)
	return &g.fields[len(g.fields)-1]
}

// limit shows a time limit in words.
func (e *editForm) limit(name, value string) {
	shown := cataloguepage.LimitWords(e.ctx, value)
	if services.TypedLimit(shown) != value { // what is none yet stays as it was typed
		shown = value
	}
	e.add(name, shown, "text").Width = "w20"
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

// bodyOptions are the bodies that can be competent.
func bodyOptions(ctx context.Context, list []directory.Agency) []ui.Option {
	out := []ui.Option{{Value: services.CommuneBody, Label: lang.T(ctx, "services.editor.body.commune")}, {Value: services.PoliceBody, Label: lang.T(ctx, "services.editor.body.police")}}
	for _, a := range list {
		out = append(out, ui.Option{Value: services.AgencyBody + a.ID, Label: a.Name})
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
		e.limit("limit", d.Limit)
		e.pick("after_pause", cmp.Or(d.AfterPause, "resume"), e.words("services.editor.after_pause.", "resume", "restart"))
		e.number("supply_days", d.SupplyDays)
		e.number("pay_days", d.PayDays)
		for i := range len(d.Limits) + 2 {
			c := at(d.Limits, i)
			e.group(lang.T(ctx, "services.editor.limits.entry", "n", i+1))
			e.add(fmt.Sprintf("limits.%d.when", i), c.When, "text")
			e.limit(fmt.Sprintf("limits.%d.limit", i), c.Limit)
		}
	case "fees":
		e.fees(d, v.schedule)
	case "steps":
		for i := range len(d.Steps) + 2 {
			s := at(d.Steps, i)
			e.group(lang.T(ctx, "services.editor.steps.entry", "n", i+1))
			e.add(fmt.Sprintf("steps.%d.name", i), s.Name, "text")
			e.add(fmt.Sprintf("steps.%d.name_en", i), s.NameEN, "text")
			e.limit(fmt.Sprintf("steps.%d.limit", i), s.Limit)
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
