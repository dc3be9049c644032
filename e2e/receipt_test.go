//go:build e2e

package e2e

import (
	"testing"

	"datmui/apps/services/servicespage"
	"datmui/kit/testkit/browser"
)

// receipt takes a citizen in and prints her receipt: one click, or one key, and the browser's dialogue
// is open, in which the second one prints.
func (p *province) receipt(t *testing.T) {
	b := p.tab(t, "canbo.datmui")
	b.Early(`window.printed = 0; window.print = () => { window.printed++ }`)
	h := mouse{b}
	b.Go(servicespage.PathIntake)
	h.write(`main [name=number]`, p.personal(t, "congdan2"))
	h.pick(`main [name=procedure]`, "1.004873")
	b.Leaves("finding who stands there", func() { h.press(`main form button:not([name])`) })
	answer(b, h, "form[data-counter-form]", map[string]string{"relationship": "self", "reissue": "no", "marital_state": "never", "purpose": "vay-von", "unit": "32248", "requester_unit": "32248"}, "")
	b.Leaves("intake", func() { h.press("form[data-counter-form] button.btn--big") })
	at := b.Path()
	for how, click := range map[string]func(){
		"by mouse": func() { h.press(`.record__head a[href$="/receipt"]`) },
		"by key":   func() { b.Stroke("p") },
	} {
		b.Go(at)
		b.Leaves("the receipt "+how, click)
		b.Until(`window.printed === 1 && [...document.querySelectorAll(".slip img")].every(i => i.complete && i.naturalWidth === 2480)`)
	}
	b.Look("the receipt")
	if n := browser.Eval[int](b, `document.querySelectorAll(".slip img").length`); n < 1 {
		t.Errorf("%d pages", n)
	}
	b.Stroke("p")
	b.Until(`window.printed === 2`)
	b.Leaves("the next citizen", func() { b.Stroke("n") })
	b.Must("Nhận hồ sơ")
}
