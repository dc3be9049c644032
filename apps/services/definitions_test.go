package services

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"datmui/blocks/forms"
	"datmui/blocks/letters"
	"datmui/blocks/pay"
)

// Every shipped definition hangs together: its conditions ask what its form asks, its fee is in the
// schedule, its result has a template that its lines fill.
func TestShippedDefinitionsHangTogether(t *testing.T) {
	defs, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	block, err := forms.New(forms.Config{Shipped: []fs.FS{FormDefinitions()}})
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, d := range defs {
		form, err := block.Current(d.Form)
		if err != nil {
			t.Errorf("%s: %v", d.Code, err)
			continue
		}
		used[d.Form] = true
		for where, code := range d.faults(form, pay.Shipped()) {
			t.Errorf("%s: %s: %s", d.Code, where, code)
		}
		if pay.Shipped().Rules(d.Code) == nil {
			t.Errorf("%s has no fee rules", d.Code)
		}
		if len(d.Linked) > 0 {
			linkedHangsTogether(t, block, defs, d)
			continue
		}
		tpl, ok := d.resultTemplate()
		if !ok {
			t.Errorf("%s has no template for its result", d.Code)
			continue
		}
		declared := " "
		for _, f := range tpl.Fields {
			declared += f.Key + " "
		}
		for key := range d.Result.Fill {
			if tplOwn := d.Result.Template == "" || strings.Contains(d.Result.Template, "."); !tplOwn && !strings.Contains(declared, " "+key+" ") {
				t.Errorf("%s fills %q, which its template does not have", d.Code, key)
			}
		}
		if _, shared := letters.Result(d.Result.Template); d.Result.Template != "" && !shared {
			t.Errorf("%s: there is no template %q", d.Code, d.Result.Template)
		}
	}
	for _, id := range block.IDs() {
		if !used[id] {
			t.Errorf("no procedure uses the form %s", id)
		}
	}
}

// linkedHangsTogether: the form of a set asks all that the forms of its parts need, its papers are all of
// theirs that no part before gives, each once, and their limits along the chain are within its own.
// law: public-services.md 12 — 2.000986: union of parts, each paper once; at most 20 working days.
func linkedHangsTogether(t *testing.T, block *forms.Block, defs []Definition, d Definition) {
	t.Helper()
	whole, err := block.Current(d.Form)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, part := range d.Linked {
		i := slices.IndexFunc(defs, func(x Definition) bool { return x.Code == part.Procedure })
		if i < 0 {
			t.Errorf("%s: part %s has no definition", d.Code, part.Key)
			continue
		}
		own := defs[i]
		form, err := block.Current(own.Form)
		if err != nil {
			t.Errorf("%s: %v", own.Code, err)
			continue
		}
		for _, s := range form.Sections {
			for _, p := range s.Pages {
				for _, q := range p.Questions {
					if _, ok := whole.Question(q.Name); !ok {
						t.Errorf("%s does not ask %s, which %s needs", d.Form, q.Name, own.Form)
					}
				}
			}
		}
		for _, r := range own.Papers {
			given := slices.ContainsFunc(d.Papers, func(x PaperRule) bool { return x.Key == r.Key && x.When == r.When })
			if taken := part.Takes[r.Key] != ""; taken == given {
				t.Errorf("%s: the paper %s of %s must come from the citizen or from a part before, and once", d.Code, r.Key, part.Key)
			}
		}
		if own.Limit == "same-day" {
			total += 8
		}
		total += workingHours(own.Limit)
	}
	if most := workingHours(d.Limit); total > most {
		t.Errorf("%s: the parts take %d working hours one after the other, the set has %d", d.Code, total, most)
	}
}
