package ui

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/a-h/templ"

	"datmui/kit/fault"
	"datmui/kit/lang"
)

// Field is one thing a person fills in. Texts are finished; Form.Field fills them from keys.
type Field struct {
	Name     string // name in the submitted form
	Label    string
	Hint     string // "" for none
	Value    string // what was typed before, shown again
	Fault    string // what is wrong with it, "" for nothing
	Optional bool   // says "(không bắt buộc)"; what must be filled in bears no mark
	H1       bool   // the label is the page's h1: one thing per page
	Type     string // "text" when empty; "email", "tel", "search", "password", "date", "number"
	Complete string // autocomplete: "name", "tel", "email", "username", "one-time-code", "off"
	Mode     string // inputmode: "numeric", "decimal", "tel"
	Width    string // "w2", "w4", "w12", "w20"; "" is as wide as the column
	Max      int    // most characters, 0 for no limit
	Rows     int    // of a Textarea; 0 means 4
	Unit     string // "ha", "đồng"; for WithUnit
	Scope    string // on a page with several forms, which of them: part of the ids
	Attrs    templ.Attributes
}

// Optionally is a field that may be left out.
func Optionally(f Field) Field {
	f.Optional = true
	return f
}

// Dated is a field for a day, chosen or typed.
func Dated(f Field) Field {
	f.Type, f.Width = "date", "w12"
	return f
}

// Option is one answer of a Choice, Ticks or Select.
type Option struct {
	Value, Label string
	Hint         string
	Off          bool // shown but not to be chosen
}

// DateValue is a day as it was typed, part by part. In a form the parts are named
// "<name>.day", "<name>.month" and "<name>.year".
type DateValue struct{ Day, Month, Year string }

// Form finds the texts of a form by convention, so that pages need not repeat them: the label of
// field "reason" under prefix "services.decide" is "services.decide.reason", its hint
// "services.decide.reason.hint", and what is wrong with code "required"
// "services.decide.reason.required", else the general "fault.required".
type Form struct {
	Prefix string
	Faults fault.Fields // from the act that refused; nil the first time
	Scope  string       // on a page with several forms, which of them; "" where it is alone
}

// Field returns a field of the form with the text that was typed before.
func (f Form) Field(ctx context.Context, name, value string) Field {
	out := Field{Name: name, Scope: f.Scope, Value: value, Label: lang.T(ctx, f.Prefix+"."+name), Fault: f.Fault(ctx, name)}
	if hint := f.Prefix + "." + name + ".hint"; lang.Has(ctx, hint) {
		out.Hint = lang.T(ctx, hint)
	}
	return out
}

// Fault says in words what is wrong with a field, or "". A code may carry a number after a colon:
// "too-long:2000".
func (f Form) Fault(ctx context.Context, name string) string {
	code, ok := f.Faults[name]
	if !ok {
		return ""
	}
	code, n, _ := strings.Cut(code, ":")
	label := ""
	if key := f.Prefix + "." + name; lang.Has(ctx, key) {
		label = lang.T(ctx, key)
	}
	args := []any{"n", n, "label", label, "what", lowerFirst(label)}
	for _, key := range []string{f.Prefix + "." + name + "." + code, "fault." + code, code} {
		if lang.Has(ctx, key) {
			return lang.T(ctx, key, args...)
		}
	}
	return lang.T(ctx, "fault.invalid", args...)
}

// Any says whether something is wrong.
func (f Form) Any() bool { return f.Faults.Any() }

// ErrorLine is one line of the error summary.
type ErrorLine struct{ Field, Text string }

// Errors lists what is wrong, first in the order of the fields on the page, then the rest by
// name. A fault of the whole form (name "") stands first and links to nothing.
func (f Form) Errors(ctx context.Context, order ...string) []ErrorLine {
	var out []ErrorLine
	names := append([]string{""}, order...)
	names = append(names, slices.Sorted(maps.Keys(f.Faults))...)
	seen := map[string]bool{}
	for _, name := range names {
		if _, wrong := f.Faults[name]; wrong && !seen[name] {
			seen[name] = true
			out = append(out, ErrorLine{scoped(f.Scope, name), f.Fault(ctx, name)})
		}
	}
	return out
}

// FieldID is the id of the control of a field, for links to it.
func FieldID(name string) string { return id("f-", name) }

func (f Field) id() string { return FieldID(scoped(f.Scope, f.Name)) }

// scoped tells the fields of several forms of a page apart.
func scoped(scope, name string) string {
	if scope == "" || name == "" {
		return name
	}
	return scope + "." + name
}

// describedBy lists what a screen reader says after the label: the fault first.
func (f Field) describedBy() string {
	var ids []string
	if f.Fault != "" {
		ids = append(ids, f.id()+"-fault")
	}
	if f.Hint != "" {
		ids = append(ids, f.id()+"-hint")
	}
	return strings.Join(ids, " ")
}

// attrs are those every control shares.
func (f Field) attrs() templ.Attributes {
	a := templ.Attributes{}
	maps.Copy(a, f.Attrs)
	if d := f.describedBy(); d != "" {
		a["aria-describedby"] = d
	}
	if f.Fault != "" {
		a["aria-invalid"] = "true"
	}
	if f.Complete != "" {
		a["autocomplete"] = f.Complete
	}
	if f.Mode != "" {
		a["inputmode"] = f.Mode
	}
	if f.Max > 0 {
		a["data-max"] = f.Max // counted aloud by app.js; a hard maxlength would cut a pasted text silently
	}
	return a
}

// group are the attributes of the fieldset around several controls.
func (f Field) group() templ.Attributes {
	a := templ.Attributes{}
	if d := f.describedBy(); d != "" {
		a["aria-describedby"] = d
	}
	return a
}

// part is the control of one part of a date. The first part bears the field's id, so that the
// error summary leads there.
func (f Field) part(name string) string {
	if name == "day" {
		return f.id()
	}
	return f.id() + "-" + name
}

func (f Field) optionID(i int) string {
	if i == 0 {
		return f.id()
	}
	return f.id() + "-" + string(rune('a'+i%26)) + string(rune('a'+i/26))
}

// lowerFirst makes a label usable inside a sentence, and leaves names and short forms alone.
func lowerFirst(s string) string {
	r := []rune(s)
	if len(r) > 1 && unicode.IsUpper(r[0]) && !unicode.IsUpper(r[1]) {
		r[0] = unicode.ToLower(r[0])
	}
	return string(r)
}

func yes(ok bool, name string) templ.Attributes {
	if !ok {
		return nil
	}
	return templ.Attributes{name: true}
}
