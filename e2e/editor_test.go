//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"datmui/kit/testkit/browser"
)

// editor is the way of a new version: an officer changes a paper, a fee, a step and a question, by keyboard,
// looks at it as a citizen does and publishes it from a day on. Who files then files under it; what was filed
// before keeps its own.
func (p *province) editor(t *testing.T) {
	const code = "1.009454"
	const at = "/desk/define/" + code
	answers := map[string]string{"relationship": "self", "reissue": "no", "landing_unit": "32248"}
	citizen := p.tab(t, "congdan")
	file(citizen, mouse{citizen}, code, answers, nil)
	before := strings.Split(citizen.Path(), "/")[2]

	b := p.tab(t, "quantri")
	b.Size(1366, 768)
	quiet := b.Words()
	k := keys{b}
	save := func(part string, fill func()) {
		t.Helper()
		b.Go(at + part)
		b.Look("editor " + part)
		fill()
		b.Leaves("saving "+part, func() { k.press(`main form[method=post] .acts .btn:not([name])`) })
		if b.There(".errors") {
			t.Fatalf("%s is refused: %s", part, b.Says())
		}
	}
	save("/edit/papers", func() { k.write(`[name="papers.1.name"]`, "Biên bản nghiệm thu bến") })
	save("/edit/fees", func() {
		k.write(`[name="fees.0.amount"]`, "120000")
		k.write(`[name="fees.0.basis"]`, "120.000 đồng")
		k.write(`[name="fees.0.basis_en"]`, "120,000 đồng")
	})
	save("/edit/steps", func() {
		k.write(`[name="steps.0.name"]`, "Kiểm tra bến tại chỗ")
		k.write(`[name="steps.0.name_en"]`, "Look at the landing")
		k.write(`[name="steps.0.limit"]`, "2wd")
	})
	b.Go(at + "/questions")
	b.Look("editor questions")
	save("/questions/q/landing_name", func() { k.write(`[name=label_vi]`, "Tên của bến") })
	save("/questions/new?at=after:landing_name", func() {
		k.write(`[name=label_vi]`, "Bến có đèn báo không?")
		k.write(`[name=label_en]`, "Does the landing have a light?")
		k.pick(`[name=kind]`, "yesno")
	})

	b.Go(at + "/preview")
	b.Must("120.000 đồng")
	b.Must("Biên bản nghiệm thu bến")
	b.Leaves("beginning the preview", func() { k.press(`main form[action$="/begin"] button`) })
	b.Look("preview")

	b.Go(at)
	for _, text := range []string{"Biên bản nghiệm thu bến", "120.000 đồng", "Kiểm tra bến tại chỗ", "Bến có đèn báo không?"} {
		b.Must(text)
	}
	b.Look("editor before publishing")
	b.Do(`document.querySelector('main form[action$="/publish"] [name=from]').value = "2026-11-25"`)
	k.write(`main form[action$="/publish"] [name=reason]`, "Thử phiên bản mới")
	b.Leaves("publishing", func() { k.press(`main form[action$="/publish"] button`) })
	b.Must("Đã công bố phiên bản mới")
	quiet("editor")
	b.Go(at + "/versions")
	b.Leaves("comparing", func() { k.press(fmt.Sprintf(`main a[href^=%q]`, at+"/versions/")) })
	b.Must("Bến có đèn báo không?")
	b.Look("comparison")

	citizen.Go("/services/" + code)
	if citizen.Has("120.000 đồng") {
		t.Errorf("the new version holds before its day: %s", citizen.Says())
	}
	p.clock.Advance(48 * time.Hour)
	later := p.tab(t, "congdan")
	later.Go("/services/" + code)
	for _, text := range []string{"120.000 đồng", "Biên bản nghiệm thu bến", "Kiểm tra bến tại chỗ"} {
		later.Must(text)
	}
	file(later, mouse{later}, code, answers, nil)
	after := strings.Split(later.Path(), "/")[2]
	officer := p.tab(t, "canbo.datmui")
	for _, see := range []*browser.Tab{later, officer} {
		path := "/dossiers/"
		if see == officer {
			path = "/desk/dossiers/"
		}
		const unfold = `document.querySelectorAll("details").forEach(d => d.open = true)`
		see.Go(path + after)
		see.Do(unfold)
		see.Must("Bến có đèn báo không?")
		see.Must("Tên của bến")
		see.Go(path + before)
		see.Do(unfold)
		if see.Has("Bến có đèn báo không?") || see.Has("Tên của bến") {
			t.Errorf("a dossier filed before shows the new questions: %s", see.Says())
		}
	}
}
