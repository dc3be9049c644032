package forms_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"datmui/blocks/forms"
)

func TestALoaderSaysWhatIsWrong(t *testing.T) {
	for name, tt := range map[string]struct{ change, to, want string }{
		"one language":         {`"en": "Name"`, `"en": ""`, "question.name.label_en: there is no text in English"},
		"a name twice":         {`"name": "hour"`, `"name": "born"`, "question.born.name: the name is used twice"},
		"a kind":               {`"kind": "time"`, `"kind": "hour"`, `question.hour.kind: kind "hour" is not known`},
		"a later answer":       {`"when": "abroad`, `"when": "unit`, `the condition asks for "unit", which is not asked before`},
		"a condition":          {`&& copies > 1`, `&& copies >`, "something is missing at the end"},
		"a pattern":            {`"[A-Z]{2}`, `"[A-Z{2}`, "the pattern cannot be read"},
		"options":              {`"kind": "choices"`, `"kind": "text"`, "options go with choice"},
		"a key":                {`"valid_from"`, `"valid"`, `unknown field "valid"`},
		"a day":                {`2026-01-01`, `2026-13-01`, `valid_from "2026-13-01" is no day`},
		"min and max":          {`"min": 1, "max": 150`, `"min": 151, "max": 150`, "min is above max"},
		"a derived name":       {`"join": ["name", "note"]`, `"join": ["nome"]`, `there is no question "nome"`},
		"a list":               {`"max": 40`, `"suggest": "colour"`, `there is no list "colour"`},
		"an official's answer": {`"optional": true, "office": true`, `"office": true`, "what an official fills in cannot be needed"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(sample, tt.change) {
				t.Fatalf("the sample has no %s", tt.change)
			}
			_, err := forms.ParseDefinition([]byte(strings.Replace(sample, tt.change, tt.to, 1)), forms.Common{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

func TestExpr(t *testing.T) {
	a := forms.Answers{"purpose": "ket-hon", "copies": "3", "length_overall": "12", "half": "11.9", "none": "no", "yes": "yes",
		"day": "2026-11-23", "many": []string{"a", "b"}}
	for s, want := range map[string]bool{
		`purpose == "ket-hon" && copies > 1`: true,
		`purpose == 'khac' || copies > 3`:    false,
		`length_overall >= 12`:               true,
		`half < 12`:                          true,
		`half < 9`:                           false, // as numbers, not as letters
		`length_overall == 12.0`:             true,
		`copies in (1, 3)`:                   true,
		`purpose in ("a", "b")`:              false,
		`!(purpose == "ket-hon")`:            false,
		`missing == ""`:                      false,
		`missing != "x"`:                     true,
		`missing > 1`:                        false,
		`missing`:                            false,
		`none`:                               false,
		`yes`:                                true,
		`!none && yes`:                       true,
		`day < "2026-12-01"`:                 true,
		`many == "b"`:                        true,
		`many != "b"`:                        false,
		`many == "c"`:                        false,
		`yes || none && none`:                true,
		``:                                   true,
	} {
		e, err := forms.ParseExpr(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
		} else if got := e.Holds(a); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
	for _, s := range []string{`copies >`, `(copies > 1`, `copies > 1)`, `"a"`, `copies = 1`, `copies > 1 purpose`, `'a`, `a in ()`, `a in (1`,
		`1..2 > a`, strings.Repeat("(", 60) + "a" + strings.Repeat(")", 60), `system("rm")`, `A == 1`, `a == 1;`, strings.Repeat("a || ", 300) + "a"} {
		if _, err := forms.ParseExpr(s); err == nil {
			t.Errorf("%s was understood", s)
		}
	}
}

func FuzzParseExpr(f *testing.F) {
	for _, s := range []string{`purpose == "ket-hon" && copies > 1`, `!(a || b) && c in ("x", 2)`, `length_overall >= 12.5`, `((a))`, `-1 < a`} {
		f.Add(s, "a", "12")
	}
	f.Fuzz(func(t *testing.T, s, name, value string) {
		e, err := forms.ParseExpr(s)
		if err != nil {
			return
		}
		a := forms.Answers{name: value}
		if e.Holds(a) != e.Holds(a) {
			t.Errorf("%q does not know its own mind", s)
		}
		n, err := forms.ParseExpr("!(" + s + ")")
		if err == nil && strings.TrimSpace(s) != "" && n.Holds(a) == e.Holds(a) {
			t.Errorf("%q holds together with its opposite", s)
		}
	})
}

func FuzzParseDefinition(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(`{"id": "a", "sections": [{"id": "include:x"}], "include": ["x"]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := forms.ParseDefinition(raw, forms.Common{})
		if err != nil {
			return
		}
		stored, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := forms.ParseDefinition(stored, forms.Common{}); err != nil {
			t.Errorf("accepted, but not when it comes back from the database: %v", err)
		}
	})
}

// Whatever is typed: what was accepted is accepted again, unchanged.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{"name=An&born=1/1/2026&length=11,9&copies=2&purpose=ket-hon&spouse=B&abroad=yes&country=x&unit=32244&pledge=1",
		"children.0.child=An&children.0.school=x&wants=a", "length=1.234,5&price=1.000&phone=+84912345678&hour=8h"} {
		f.Add(s)
	}
	d, err := forms.ParseDefinition([]byte(sample), forms.Common{})
	if err != nil {
		f.Fatal(err)
	}
	form := forms.NewForm(d, units{}, now)
	f.Fuzz(func(t *testing.T, s string) {
		typed, _ := url.ParseQuery(s)
		for _, ctx := range []context.Context{vi, en} {
			out, faults := form.Check(form.Decode(ctx, typed, ""))
			again, after := form.Check(out)
			if faults.Any() {
				continue
			}
			if after.Any() || !again.Equal(out) {
				t.Errorf("%q: %v became %v with %v", s, out, again, after)
			}
		}
	})
}
