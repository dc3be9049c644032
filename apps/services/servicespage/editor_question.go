package servicespage

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"datmui/blocks/forms"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

// The form of one question: what is read from it, what it shows for each kind, where the question can stand.

func (t typed) words(name string) forms.Words {
	return forms.Words{VI: t.text(name + "_vi"), EN: t.text(name + "_en")}
}

// bound reads a limit; what is no number becomes one that the check refuses.
func (t typed) bound(name string, f fault.Fields) *float64 {
	s := strings.Replace(t.text(name), ",", ".", 1)
	if s == "" {
		return nil
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		f.Set(name, "number")
		return nil
	}
	return &n
}

// typed reads a question from its form. What the form does not show for this kind stays only where the
// kind has stayed.
func (v *askedView) typed(form url.Values) {
	t, was := typed{form}, v.q
	v.bounds = map[string]string{"min": t.text("min"), "max": t.text("max")}
	v.at = forms.Place(t.text("at"))
	q := forms.Question{Name: was.Name, Kind: forms.Kind(t.text("kind")), Label: t.words("label"), Hint: t.words("hint"), When: t.text("when"), Optional: t.tick("optional")}
	if q.Kind == was.Kind {
		q.Pattern, q.Example, q.InWords, q.Prefill, q.Suggest, q.Complete, q.Place, q.Group, q.Min, q.Max, q.Unit = was.Pattern, was.Example, was.InWords, was.Prefill, was.Suggest, was.Complete, was.Place, was.Group, was.Min, was.Max, was.Unit
		q.Whole, q.Past, q.Future, q.Options = was.Whole, was.Past, was.Future, was.Options
	}
	if q.Office = t.tick("office"); q.Office {
		q.Optional = true
	}
	if q.Kind == forms.Pledge {
		q.Optional = false
	}
	for _, name := range asksOf(q.Kind) {
		switch name {
		case "min":
			q.Min = t.bound("min", v.faults)
		case "max":
			q.Max = t.bound("max", v.faults)
		case "whole":
			q.Whole = t.tick("whole")
		case "unit":
			q.Unit = t.text("unit")
		case "days":
			q.Past, q.Future = t.text("days") == "past", t.text("days") == "future"
		case "pattern":
			q.Pattern, q.Example = t.text("pattern"), t.text("example")
		case "suggest":
			q.Suggest = t.text("suggest")
		case "place":
			q.Place = t.tick("place")
		case "options":
			var list []placed[forms.Option]
			t.entries("options", "label_vi", func(at string) {
				o := forms.Option{Value: t.text(at + "value"), Label: t.words(at + "label")}
				if o.Label == (forms.Words{}) {
					return
				}
				if o.Value == "" {
					o.Value = forms.FreeValue(o.Label.VI, func(s string) bool {
						return slices.ContainsFunc(list, func(x placed[forms.Option]) bool { return x.it.Value == s })
					})
				}
				if i := slices.IndexFunc(was.Options, func(x forms.Option) bool { return x.Value == o.Value }); i >= 0 {
					o.Hint = was.Options[i].Hint
				}
				list = append(list, placed[forms.Option]{o, t.place(at, len(list))})
			})
			q.Options = inOrder(list)
		case "inner":
			if v.innerV = t.words("inner"); len(q.Group) == 0 && v.innerV.VI != "" {
				q.Group = []forms.Question{{Name: v.form.FreeName(v.innerV.VI), Kind: forms.Line, Label: v.innerV}}
			}
		}
	}
	v.q = q
}

// asksOf are the settings that a kind of question has beside those of all.
func asksOf(k forms.Kind) []string {
	switch k {
	case forms.Line:
		return []string{"min", "max", "pattern", "suggest", "place"}
	case forms.LongText, forms.PersonName:
		return []string{"min", "max"}
	case forms.Day:
		return []string{"days"}
	case forms.Decimal:
		return []string{"min", "max", "whole", "unit"}
	case forms.Money:
		return []string{"min", "max"}
	case forms.Choice:
		return []string{"options"}
	case forms.Choices:
		return []string{"options", "min", "max"}
	case forms.Group:
		return []string{"min", "max", "inner"}
	}
	return nil
}

// spare is how many empty options a form shows beside those there are.
const spare = 3

// groups are the controls of a question's form.
func (v askedView) groups(ctx context.Context) []editGroup {
	e := &editForm{ctx: ctx, faults: v.faults, prefix: "asks."}
	e.group("")
	e.must("label_vi", v.q.Label.VI, "text")
	e.must("label_en", v.q.Label.EN, "text")
	e.pick("kind", string(v.q.Kind), v.kindOptions(ctx))
	e.add("hint_vi", v.q.Hint.VI, "area").Rows = 2
	e.add("hint_en", v.q.Hint.EN, "area").Rows = 2
	if v.q.Kind != forms.Pledge {
		e.tick("optional", v.q.Optional)
	}
	if v.q.Kind != forms.Pledge && v.q.Kind != forms.Group && !v.inside() {
		e.tick("office", v.q.Office)
	}
	e.add("when", v.q.When, "text")
	e.pick("at", string(v.at), v.places(ctx))
	settings := asksOf(v.q.Kind)
	if len(settings) > 0 {
		e.group(lang.T(ctx, "services.editor.asks.kind."+string(v.q.Kind)))
	}
	for _, name := range settings {
		switch name {
		case "min", "max":
			f := e.add(name, v.boundTyped(name), "text")
			f.Mode, f.Width, f.Label = "decimal", "w12", lang.T(ctx, "services.editor.asks."+name+boundOf(v.q.Kind))
			if v.faults[name] == "" {
				f.Hint = ""
			}
			if name == "max" && v.q.Kind == forms.Line {
				f.Hint = lang.T(ctx, "services.editor.asks.max.text.hint")
			}
		case "whole":
			e.tick(name, v.q.Whole)
		case "place":
			if !v.inside() {
				e.tick(name, v.q.Place)
			}
		case "unit":
			e.add(name, v.q.Unit, "text").Width = "w12"
		case "days":
			e.pick(name, cmp.Or(v.q.Days(), "any"), e.words("services.editor.asks.days.", "any", "past", "future"))
		case "pattern":
			e.add("pattern", v.q.Pattern, "text")
			e.add("example", v.q.Example, "text")
		case "suggest":
			if lists := slices.Sorted(maps.Keys(v.form.Lists)); len(lists) > 0 {
				options := []ui.Option{{Label: lang.T(ctx, "services.editor.choose")}}
				for _, l := range lists {
					options = append(options, ui.Option{Value: l, Label: strings.Join(v.form.Lists[l][:min(3, len(v.form.Lists[l]))], ", ") + "…"})
				}
				e.pick(name, v.q.Suggest, options)
			}
		case "options":
			for i := range len(v.q.Options) + spare {
				o := at(v.q.Options, i)
				if i == 0 && v.faults["options"] != "" {
					e.faults["options.0.label_vi"] = v.faults["options"]
				}
				e.group(lang.T(ctx, "services.editor.asks.options.entry", "n", i+1))
				e.add(fmt.Sprintf("options.%d.label_vi", i), o.Label.VI, "text")
				e.add(fmt.Sprintf("options.%d.label_en", i), o.Label.EN, "text")
				e.add(fmt.Sprintf("options.%d.value", i), o.Value, "text").Width = "w20"
				e.number(fmt.Sprintf("options.%d.place", i), i+1)
			}
		case "inner":
			if v.fresh || len(v.q.Group) == 0 {
				e.must("inner_vi", v.innerV.VI, "text")
				e.must("inner_en", v.innerV.EN, "text")
			}
		}
	}
	return slices.DeleteFunc(e.groups, func(g editGroup) bool { return len(g.fields) == 0 })
}

// boundOf says what a least and a most count.
func boundOf(k forms.Kind) string {
	switch k {
	case forms.Decimal, forms.Money:
		return ".value"
	case forms.Choices, forms.Group:
		return ".count"
	}
	return ".text"
}

func (v askedView) boundTyped(name string) string {
	if v.bounds != nil {
		return v.bounds[name]
	}
	n := v.q.Min
	if name == "max" {
		n = v.q.Max
	}
	if n == nil {
		return ""
	}
	return strconv.FormatFloat(*n, 'f', -1, 64)
}

func (v askedView) inside() bool {
	kind, where, _ := strings.Cut(string(v.at), ":")
	return strings.Contains(v.id, ".") || kind == "inner" || kind == "after" && strings.Contains(where, ".")
}

func (v askedView) kindOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range forms.Kinds() {
		if v.inside() && (k == forms.Group || k == forms.Pledge) {
			continue
		}
		out = append(out, ui.Option{Value: string(k), Label: lang.T(ctx, "services.editor.asks.kind."+string(k))})
	}
	return out
}

// places are where the question can stand: what is asked inside a group stays there.
func (v askedView) places(ctx context.Context) []ui.Option {
	tag := lang.From(ctx)
	var out []ui.Option
	add := func(at string, key string, args ...any) {
		out = append(out, ui.Option{Value: at, Label: lang.T(ctx, key, args...)})
	}
	if group, _, inside := strings.Cut(cmp.Or(v.id, strings.TrimPrefix(strings.TrimPrefix(string(v.at), "after:"), "inner:")+"."), "."); v.inside() && inside {
		g, _ := v.form.Find(group)
		add("inner:"+group, "services.editor.asks.at.inner", "name", g.Label.In(tag))
		for _, q := range g.Group {
			if q.Name != v.q.Name {
				add("after:"+group+"."+q.Name, "services.editor.asks.at.after", "name", q.Label.In(tag))
			}
		}
		return out
	}
	for _, s := range v.form.Sections {
		add("section:"+s.ID, "services.editor.asks.at.section", "name", s.Title.In(tag))
		for _, p := range s.Pages {
			alone := len(p.Questions) == 1 && p.Questions[0].Name == v.id
			if alone {
				continue
			}
			add("first:"+p.ID, "services.editor.asks.at.first", "name", pageName(ctx, p))
			for _, q := range p.Questions {
				if q.Name != v.id {
					add("after:"+q.Name, "services.editor.asks.at.after", "name", q.Label.In(tag))
				}
			}
			add("page:"+p.ID, "services.editor.asks.at.page", "name", pageName(ctx, p))
		}
	}
	return out
}
