//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"datmui/kit/testkit/browser"
)

// hands is how a person works a page: by mouse or by keyboard alone.
type hands interface {
	press(selector string)                // a button or a link
	write(selector, text string)          // into a field
	tick(selector string)                 // a radio button or a box
	pick(selector, value string)          // from a list
	give(selector string, file ...string) // files
}

// mouse works by pointing; it types where it has clicked.
type mouse struct{ *browser.Tab }

func (m mouse) press(selector string) { m.Click(selector) }
func (m mouse) write(selector, text string) {
	m.Click(selector)
	m.Type(text)
}
func (m mouse) tick(selector string) { m.Click(selector) }
func (m mouse) pick(selector, value string) {
	m.Click(selector)
	m.Key(kb.Escape)
	choose(m.Tab, selector, value)
}
func (m mouse) give(selector string, file ...string) { m.Choose(selector, file...) }

// keys works by Tab, Enter, Space and arrows alone.
type keys struct{ *browser.Tab }

func (k keys) press(selector string) {
	k.T.Helper()
	k.TabTo(selector)
	if k.Focused("a") {
		k.Stroke("Enter")
		return
	}
	k.Key(kb.Enter)
}
func (k keys) write(selector, text string) {
	k.T.Helper()
	k.TabTo(selector)
	k.Type(text)
}

// tick comes to a group of radio buttons by Tab and goes through it by arrows.
func (k keys) tick(selector string) {
	k.T.Helper()
	if !browser.Eval[bool](k.Tab, fmt.Sprintf(`document.querySelector(%q).type === "radio"`, selector)) {
		k.TabTo(selector)
		k.Key(" ")
		return
	}
	k.TabTo(fmt.Sprintf(`[name="%s"]`, browser.Eval[string](k.Tab, fmt.Sprintf(`document.querySelector(%q).name`, selector))))
	k.Key(" ")
	for range 30 {
		if browser.Eval[bool](k.Tab, fmt.Sprintf(`document.querySelector(%q).checked`, selector)) {
			return
		}
		k.Key(kb.ArrowDown)
	}
	k.T.Fatalf("arrows never come to %s", selector)
}
func (k keys) pick(selector, value string) {
	k.T.Helper()
	k.TabTo(selector)
	choose(k.Tab, selector, value)
}
func (k keys) give(selector string, file ...string) {
	k.T.Helper()
	k.TabTo(selector)
	k.Dialogue(func() { k.Key(kb.Enter) }, file...)
}

// choose goes through a list that has the focus until the value is chosen.
func choose(b *browser.Tab, selector, value string) {
	b.T.Helper()
	b.Key(kb.Home)
	for range 200 {
		if browser.Eval[string](b, fmt.Sprintf(`document.querySelector(%q).value`, selector)) == value {
			return
		}
		b.Key(kb.ArrowDown)
	}
	b.T.Fatalf("the list %s has no %s", selector, value)
}

// field is a control of a form as a person sees it.
type field struct {
	Name, Type, Value, Selector string
	Values                      []string // to choose from
	Chosen                      bool     // something is chosen or typed already
	Empty                       bool     // an optional field
	Numeric                     bool
}

// fields lists the controls of the form in the main part of the page, a group of radio buttons as one.
func fields(b *browser.Tab, form string) []field {
	b.T.Helper()
	return browser.Eval[[]field](b, fmt.Sprintf(`(() => {
		const out = [], groups = {};
		for (const e of document.querySelector(%q)?.elements ?? []) {
			if (!e.name && e.type !== "file" || e.type === "hidden" || e.type === "submit" || e.disabled || !e.checkVisibility()) continue;
			const selector = e.id ? "#" + CSS.escape(e.id) : "[name=\"" + e.name + "\"]";
			if (e.type === "radio") {
				const g = groups[e.name] ??= {Name: e.name, Type: "radio", Selector: selector, Values: [], Chosen: false};
				if (!g.Values.length) out.push(g);
				g.Values.push(e.value);
				g.Chosen ||= e.checked;
				continue;
			}
			out.push({Name: e.name, Type: e.tagName === "SELECT" ? "select" : e.type, Value: e.value, Selector: selector,
				Values: e.options ? [...e.options].map(o => o.value) : [], Chosen: e.type === "checkbox" ? e.checked : e.value !== "",
				Empty: !!e.closest(".field")?.querySelector(".opt"), Numeric: /numeric|decimal/.test(e.inputMode)});
		}
		return out;
	})()`, form))
}

// answer fills in every field of the form that wants something: by the given answers, or with
// something plausible for its name. Answers for choices are chosen even over what stands there.
func answer(b *browser.Tab, h hands, form string, answers map[string]string, paper string) {
	b.T.Helper()
	for _, f := range fields(b, form) {
		want, told := answers[f.Name]
		switch f.Type {
		case "radio":
			if f.Chosen && !told {
				continue
			}
			if !slices.Contains(f.Values, want) {
				want = f.Values[0]
			}
			h.tick(fmt.Sprintf(`input[name="%s"][value="%s"]`, f.Name, want))
		case "checkbox":
			if !f.Chosen && !f.Empty {
				h.tick(f.Selector)
			}
		case "select":
			if !told && f.Chosen || f.Empty && !told {
				continue
			}
			if !slices.Contains(f.Values, want) {
				want = f.Values[min(1, len(f.Values)-1)]
			}
			h.pick(f.Selector, want)
		case "file":
			h.give(f.Selector, paper)
			if f.Name == "" { // the script has taken it over and sends it in pieces
				b.Until(`!!document.querySelector("[data-files] .file") && !document.querySelector("[data-uploading], [data-files] progress")`)
			}
		default:
			if told && f.Value == want || !told && (f.Chosen || f.Empty) {
				continue
			}
			if !told {
				want = plausible(f)
			}
			h.write(f.Selector, want)
		}
	}
}

func plausible(f field) string {
	last := f.Name[strings.LastIndexByte(f.Name, '.')+1:]
	switch {
	case last == "day":
		return "14"
	case last == "month":
		return "3"
	case last == "year":
		return "1996"
	case strings.HasSuffix(last, "_id") || strings.Contains(last, "personal"):
		return "096196000123"
	case strings.Contains(last, "phone"):
		return "0912345678"
	case strings.Contains(last, "email"):
		return "mai@congdan.example"
	case strings.Contains(last, "name") || strings.Contains(last, "spouse"):
		return "Trần Văn Bình"
	case f.Numeric:
		return "2"
	}
	return "Ấp Mũi"
}

// paper is a small scan to send along.
func paper(t *testing.T) string { return picture(t, "Giấy tờ của bà Mai.png") }
