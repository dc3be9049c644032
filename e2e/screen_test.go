//go:build e2e

package e2e

import (
	"testing"

	"datmui/apps/services/servicespage"
)

// secondScreen types in one window what the citizen reads in another of the same browser, without anybody
// loading it again; on a phone's size too.
func (p *province) secondScreen(t *testing.T) {
	b := p.tab(t, "canbo.datmui")
	h := mouse{b}
	b.Go(servicespage.PathIntake)
	h.write(`main [name=number]`, p.personal(t, "congdan2"))
	h.pick(`main [name=procedure]`, "1.004873")
	b.Leaves("finding who stands there", func() { h.press(`main form button:not([name])`) })
	b.Until(`"ready" in document.querySelector("[data-counter]").dataset`)
	screen := b.Beside()
	screen.Go(servicespage.PathScreen)
	screen.Must("Màn hình này chưa bật")
	screen.Leaves("turning it on", func() { screen.Click(`[data-screen] form button`) })
	screen.Must("Xin chào")
	b.Go(b.Path()) // the form once more: now there is a screen
	b.Until(`"ready" in document.querySelector("[data-counter]").dataset`)
	screen.Until(`document.body.innerText.includes("Bạn kiểm tra giúp")`)
	h.write(`[name=subject_ethnicity]`, "Ê-đê")
	screen.Until(`document.body.innerText.includes("Ê-đê")`)
	screen.Look("the second screen")
	screen.Size(390, 844)
	screen.Look("the second screen on a small one")
	screen.Size(1366, 768)
	answer(b, h, "form[data-counter-form]", map[string]string{"relationship": "self", "reissue": "no", "marital_state": "never", "purpose": "vay-von", "unit": "32248", "requester_unit": "32248"}, "")
	b.Leaves("intake", func() { h.press("form[data-counter-form] button.btn--big") })
	screen.Until(`document.body.innerText.includes("Đã nhận hồ sơ của bạn") && !!document.querySelector(".qr svg")`)
	screen.Look("the code on the second screen")
	b.Leaves("signing out", func() { b.Do(`document.querySelector('form[action="/sign-out"]').requestSubmit()`) })
	screen.Until(`location.pathname === "/sign-in" && !document.body.innerText.includes("Đã nhận hồ sơ của bạn")`)
}
