//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"datmui/apps/services/servicespage"
	"datmui/kit/pg"
	"datmui/kit/testkit/browser"
)

// line is the network between browsers and the server. It can be cut, and it can lose one answer on
// the way back: what was sent has arrived, and nobody knows.
type line struct {
	cut  atomic.Bool
	lose atomic.Bool // the answer to the next filing at the counter
}

func (l *line) through(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.cut.Load() {
			panic(http.ErrAbortHandler)
		}
		if r.Method == http.MethodPost && r.URL.Path == servicespage.PathIntake && l.lose.CompareAndSwap(true, false) {
			next.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
}

// network cuts everything off, also what the browser asks for by itself, or gives it back.
func (p *province) network(b *browser.Tab, on bool) {
	b.T.Helper()
	p.line.cut.Store(!on)
	b.Network(on)
}

// counterInACut takes in three citizens while the network is cut: one whose form was open, one after
// her on the same page, one on a page opened during the cut, whose number nobody has. When it is back
// all is sent in order; the first answer is lost on the way and yet nothing is filed twice; what is
// refused says what to do. Signing out leaves nothing in the browser.
func (p *province) counterInACut(t *testing.T) {
	b := p.tab(t, "canbo.datmui")
	h := mouse{b}
	answers := map[string]string{"relationship": "self", "reissue": "no", "marital_state": "never", "purpose": "vay-von", "unit": "32248", "requester_unit": "32248"}
	scan := paper(t)
	const form, button = "form[data-counter-form]", "form[data-counter-form] button.btn--big"
	b.Go(servicespage.PathIntake)
	h.write(`main [name=number]`, p.personal(t, "congdan"))
	h.pick(`main [name=procedure]`, "1.004873")
	b.Leaves("finding who stands there", func() { h.press(`main form button:not([name])`) })
	b.Until(`"ready" in document.querySelector("[data-counter]").dataset`)

	p.network(b, false)
	answer(b, h, form, answers, scan)
	h.press(button)
	b.Until(`!!document.querySelector("[data-slip]")`)
	b.Must("Mất mạng. Cứ nhận hồ sơ tiếp")
	b.Must("Chưa phải giấy tiếp nhận hồ sơ")
	b.Look("a provisional slip")
	h.press(`[data-slip] button:not(.btn--quiet)`)
	b.Until(`document.activeElement?.name === "who_number"`)
	if left := browser.Eval[string](b, `document.querySelector("[name=requester_name]").value + document.querySelector("[data-counter-name-of]").textContent`); left != "" {
		t.Errorf("of the citizen before there is still %q", left)
	}
	second := p.personal(t, "congdan2")
	answer(b, h, form, with(answers, "who_number", second), scan)
	h.press(button)
	b.Until(`!!document.querySelector("[data-slip]")`)

	b.Go(servicespage.PathIntake) // opened while there is no network
	b.Until(`!!document.querySelector("[data-counter-blanks] a")?.checkVisibility()`)
	b.Leaves("a form during the cut", func() { h.press(`[data-counter-blanks] a`) })
	b.Until(`"ready" in document.querySelector("[data-counter]").dataset`)
	answer(b, h, form, with(answers, "who_number", "096199000999"), scan)
	h.press(button)
	b.Until(`!!document.querySelector("[data-slip]")`)
	if n := browser.Eval[int](b, `document.querySelectorAll("[data-counter-list] > li").length`); n != 3 {
		t.Errorf("%d filings are kept, want 3: %s", n, b.Says())
	}
	b.Look("what waits during a cut")

	p.line.lose.Store(true)
	p.network(b, true)
	b.Until(`[...document.querySelectorAll("[data-counter-list] > li")].filter(li => /Đã gửi/.test(li.textContent)).length === 2 && /Chưa gửi được.*Không có ai với số này/.test(document.querySelector("[data-counter-list]").textContent)`)
	b.Must("Nhập người nộp mới")
	b.Look("what was sent after a cut")
	if p.line.lose.Load() {
		t.Error("no answer was lost: the test tries less than it says")
	}
	type filing struct {
		Number string
		Scans  int
	}
	filed, err := pg.All[filing](p.db.Reader.Query(p.ctx, `SELECT o.personal_id AS number, (SELECT count(*)::int FROM services.paper s WHERE s.dossier_id = d.id AND s.file_id IS NOT NULL) AS scans
		FROM services.move v JOIN services.dossier d ON d.id = v.dossier_id JOIN directory.person o ON o.id = d.applicant
		WHERE v.n = 1 AND v.note LIKE 'Phiếu tạm %' ORDER BY v.at, d.id`))
	if err != nil {
		t.Fatal(err)
	}
	if len(filed) != 2 || filed[0].Number != p.personal(t, "congdan") || filed[1].Number != second || filed[0].Scans == 0 || filed[1].Scans == 0 {
		t.Errorf("filed %+v", filed)
	}

	b.Do(`window.confirm = () => true`)
	b.Leaves("signing out", func() {
		b.Do(`document.querySelector('form[action="/sign-out"]').requestSubmit()`)
	})
	b.Do(fmt.Sprintf(`window.left = null; Promise.all([indexedDB.databases(), caches.keys()]).then(([d, c]) => { window.left = d.map(x => x.name).concat(c).filter(n => n === %q).length })`, "datmui-counter"))
	b.Until(`window.left !== null`)
	if n := browser.Eval[int](b, `window.left`); n != 0 {
		t.Errorf("after signing out %d stores are left", n)
	}
}
