package services

import (
	"io/fs"
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
