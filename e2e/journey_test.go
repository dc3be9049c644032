//go:build e2e

package e2e

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"datmui/demo"
	"datmui/kit/testkit/browser"
	"datmui/kit/web"
)

// picture writes a scan of A4 that can be read and returns where it lies.
func picture(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img := image.NewGray(image.Rect(0, 0, 1700, 2410))
	for i := range img.Pix {
		if img.Pix[i] = 240; i/1700%60 < 20 && i%6 < 3 {
			img.Pix[i] = 20
		}
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	form = "main form[method=post]"
	next = "main .acts .btn:not([name]):not(.btn--bare)" // what leads on from a step
)

// marital are the answers of somebody divorced, who has a paper to send along.
var marital = map[string]string{"relationship": "self", "reissue": "no", "marital_state": "divorced", "purpose": "khac",
	"purpose_other": "Bổ sung hồ sơ xin việc", "subject_ethnicity": "Kinh"}

// way is one manner of going through the whole journey.
type way struct {
	width, height int64
	scripts       bool
	hands         func(*browser.Tab) hands
	step          func(b *browser.Tab) // looked at on every page of the citizen's; may be nil
}

// matter is what a citizen asks for, and who works it until it is sealed.
type matter struct {
	procedure string
	answers   map[string]string
	before    []work // what the procedure needs before it is accepted
	officer   string
	leader    string
	clerk     string
	after     []work // what it needs before the result is given out
}

// work is one act by one person; do answers its questions and may be nil.
type work struct {
	account, act string
	do           func(b *browser.Tab, h hands)
}

// marriage is procedure 1.004873, its fee paid on return.
var marriage = matter{"1.004873", marital, []work{{"canbo.datmui", "set-fee", setFee}}, "thuly.datmui", "chutich.datmui", "vanthu.datmui",
	[]work{{"thuquy.datmui", "cash", nil}}}

// journeys goes the whole way of three procedures: citizen → counter → case officer → leader's
// signature → clerk's number and seal → download → pdfsig and the public page.
func (p *province) journeys(t *testing.T) {
	byMouse, byKeys := func(b *browser.Tab) hands { return mouse{b} }, func(b *browser.Tab) hands { return keys{b} }
	desk := way{1366, 768, true, byMouse, nil}
	t.Run("desk", func(t *testing.T) { p.journey(t, marriage, way{1366, 768, true, byMouse, goBack}) })
	t.Run("phone without scripts", func(t *testing.T) { p.journey(t, marriage, way{360, 740, false, byMouse, goBack}) })
	t.Run("keyboard", func(t *testing.T) { p.journey(t, marriage, way{1366, 768, true, byKeys, nil}) })
	t.Run("fishing vessel", func(t *testing.T) { // a department decides what a commune's counter receives
		p.journey(t, matter{"1.003650", map[string]string{"relationship": "self", "length_overall": "11.9", "build_year": "2020", "vessel_number": "CM-91234-TS"}, nil,
			"so.nongnghiep", "giamdoc.nongnghiep", "vanthu.nongnghiep", nil}, desk)
	})
	t.Run("household business", func(t *testing.T) { // paid in cash before it is accepted
		p.journey(t, matter{"1.001612", map[string]string{"relationship": "self", "reissue": "no", "family_household": "no", "beneficial_is_owner": "yes",
			"business_unit": "32248", "start_date.year": "2026", "start_date.month": "12", "capital": "50000000", "sector_main": "4711 Bán lẻ lương thực, thực phẩm", "sectors_other.0.sector": ""},
			[]work{{"canbo.datmui", "set-fee", setFee}, {"thuquy.datmui", "cash", nil}}, "kinhte.datmui", "chutich.datmui", "vanthu.datmui", nil}, desk)
	})
}

// goBack leaves a page by the browser's back button and comes again: what was answered is there.
func goBack(b *browser.Tab) {
	b.T.Helper()
	here := b.Path()
	b.Back()
	if there := b.Path(); there == here {
		b.T.Errorf("the back button stays on %s", here)
	}
	if b.Has("Đã xảy ra lỗi") || b.There(".fault-page") {
		b.T.Errorf("back from %s leads to a fault: %s", here, b.Says())
	}
	b.Go(here)
}

func (p *province) journey(t *testing.T, m matter, w way) {
	setUp := func(b *browser.Tab) *browser.Tab {
		b.Size(w.width, w.height)
		b.Scripts(w.scripts)
		return b
	}
	citizen := setUp(p.tab(t, "congdan"))
	quiet := citizen.Words()
	code := file(citizen, w.hands(citizen), m.procedure, m.answers, w.step)
	id := strings.Split(citizen.Path(), "/")[2]

	do := func(a work) {
		t.Helper()
		b := setUp(p.tab(t, a.account))
		quiet := b.Words()
		h := w.hands(b)
		if a.act == "cash" {
			cash(b, h, code)
			return
		}
		find(b, h, code, id)
		send := func() { h.press(`#act-` + a.act + ` form button:not([type=button])`) }
		if k, ok := h.(keys); ok {
			k.Stroke("?")
			k.Until(`document.querySelector("#keys").matches(":popover-open")`)
			k.Key(kb.Escape)
			next := func() { k.Stroke("n") } // does the next lawful act, or leads to its questions
			if a.do == nil {
				send = next
			} else {
				next()
				k.Until(`!!document.activeElement?.closest("#act-` + a.act + `")`)
			}
		}
		if a.do != nil {
			a.do(b, h)
		}
		b.Leaves(a.act, send)
		if b.There(".errors") {
			t.Fatalf("%s is refused: %s", a.act, b.Says())
		}
		b.Look(a.account + " after " + a.act)
		quiet(a.account + " " + a.act)
	}
	for _, a := range m.before {
		do(a)
	}
	for _, a := range []work{
		{"canbo.datmui", "accept", nil},
		{m.officer, "take", nil},
		{m.officer, "propose", func(b *browser.Tab, h hands) {
			answer(b, h, "#act-propose form", map[string]string{"outcome": "granted"}, "")
		}},
		{m.leader, "sign", func(b *browser.Tab, h hands) {
			if k, ok := h.(keys); ok { // s goes to the PIN
				k.Stroke("Escape")
				k.Stroke("s")
				k.Until(`document.activeElement?.name === "pin"`)
				k.Key(demo.PIN)
				return
			}
			h.write(`#act-sign [name=pin]`, demo.PIN)
		}},
		{m.clerk, "number", nil},
	} {
		do(a)
	}
	for _, a := range m.after {
		do(a)
	}

	citizen.Go("/dossiers/" + id)
	citizen.Must("Tải kết quả")
	citizen.Look("status with a result")
	quiet("citizen")
	pdf := p.download(t, citizen)
	if out, err := exec.Command("pdfsig", "-nocert", pdf).CombinedOutput(); strings.Count(string(out), "Signature is Valid") != 2 {
		t.Errorf("pdfsig: %v\n%s", err, out)
	}
	p.stranger(setUp(p.tab(t, "")), w.hands, pdf)
}

// setFee enters what the Council has not yet: the fee that is paid on return.
func setFee(b *browser.Tab, h hands) {
	h.write(`#act-set-fee [name=amount]`, "8000")
	h.write(`#act-set-fee [name=basis]`, "Nghị quyết của Hội đồng nhân dân tỉnh")
}

// cash takes the money of a bill at the counter. Bills are on nobody's desk: the cashier has a list.
func cash(b *browser.Tab, h hands, code string) {
	b.T.Helper()
	b.Go("/cash")
	bill := browser.Eval[string](b, fmt.Sprintf(`[...document.querySelectorAll("main a[href^='/bills/']")].find(a => a.innerText.includes(%q))?.getAttribute("href") ?? ""`, code))
	b.Leaves("opening the bill", func() { h.press(fmt.Sprintf(`main a[href=%q]`, bill)) })
	h.write(`main form [name=amount]`, "8000")
	b.Leaves("confirming the cash", func() { h.press(`main form[action$="/confirm"] button`) })
	if b.There(".errors") {
		b.T.Fatalf("the cash is refused: %s", b.Says())
	}
	b.Look("cash")
}

// file goes the citizen's way from the start page to the code, which it returns.
func file(b *browser.Tab, h hands, procedure string, answers map[string]string, step func(*browser.Tab)) (code string) {
	b.T.Helper()
	prepare(b, h, procedure, answers, step)
	answer(b, h, form, nil, "")
	b.Leaves("filing", func() { h.press(form + ` button.btn--big`) })
	if !strings.HasSuffix(b.Path(), "/filed") {
		b.T.Fatalf("not filed: %s", b.Says())
	}
	b.Look("filed " + procedure)
	return browser.Eval[string](b, `document.querySelector("main .code").innerText`)
}

// prepare goes from the start page to the page before sending.
func prepare(b *browser.Tab, h hands, procedure string, answers map[string]string, step func(*browser.Tab)) {
	b.T.Helper()
	begin(b, h, procedure)
	scan := paper(b.T.(*testing.T))
	for range 40 {
		path := b.Path()
		if strings.HasSuffix(path, "/check") {
			break
		}
		if step != nil {
			step(b)
		}
		if n := browser.Eval[int](b, `document.querySelectorAll("main h1").length`); n != 1 {
			b.T.Errorf("%s has %d h1", path, n)
		}
		answer(b, h, form, with(answers, "unit", "32248"), scan)
		b.Leaves(path, func() { h.press(next) })
		if b.Path() == path {
			b.T.Fatalf("%s comes back: %s", path, b.Says())
		}
	}
	b.Must("Nộp hồ sơ")
	b.Look("check " + procedure)
	if step != nil {
		step(b)
	}
}

// begin presses the start page's one button: a new draft, or the one there is.
func begin(b *browser.Tab, h hands, procedure string) {
	b.T.Helper()
	b.Go("/services/" + procedure)
	b.Leaves("beginning", func() { h.press(`main form[action$="/begin"] button, main a.btn--big[href^="/apply/"]`) })
}

func with(m map[string]string, name, value string) map[string]string {
	out := map[string]string{name: value}
	for k, v := range m {
		out[k] = v
	}
	return out
}

// find opens a dossier from the desk: by mouse or Tab through its link, by keys with j and Enter.
func find(b *browser.Tab, h hands, code, id string) {
	b.T.Helper()
	b.Go("/desk")
	link := fmt.Sprintf(`main a[href^="/desk/dossiers/%s"]`, id)
	k, ok := h.(keys)
	if ok { // the slash leads to the search
		k.Stroke("/")
		k.Until(`document.activeElement?.id === "filter-q"`)
		k.Key(code)
		b.Leaves("searching", func() { b.Key(kb.Enter) })
	} else if !b.There(link) { // not on the first page of the desk
		if !b.There(`#filter-q`) {
			h.press(`.filters-fold > summary`)
		}
		h.write(`#filter-q`, code)
		b.Leaves("searching", func() { b.Key(kb.Enter) })
	}
	if !ok {
		b.Leaves("opening "+code, func() { h.press(link) })
		return
	}
	for range 60 {
		k.Stroke("j")
		if k.Focused(link) {
			break
		}
	}
	b.Leaves("opening "+code, func() { k.Stroke("Enter") })
	if !strings.Contains(b.Path(), id) {
		b.T.Fatalf("j and Enter opened %s", b.Path())
	}
}

// download fetches the result by the link on the page, with the citizen's own session.
func (p *province) download(t *testing.T, b *browser.Tab) string {
	t.Helper()
	link := browser.Eval[string](b, `[...document.querySelectorAll("main a[href^='/files/']")].find(a => a.innerText.includes("Tải kết quả"))?.getAttribute("href") ?? ""`)
	if link == "" {
		t.Fatalf("no link to the result: %s", b.Says())
	}
	c := p.session(t, "congdan")
	if status := c.get(link); status != 200 || !strings.HasPrefix(c.body, "%PDF") {
		t.Fatalf("%s: %d", link, status)
	}
	path := filepath.Join(t.TempDir(), "result.pdf")
	if err := os.WriteFile(path, []byte(c.body), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// stranger checks the file on the public page.
func (p *province) stranger(b *browser.Tab, by func(*browser.Tab) hands, pdf string) {
	b.T.Helper()
	h := by(b)
	b.Go("/verify")
	h.give(`main input[type=file]`, pdf)
	b.Leaves("verifying", func() { h.press(`main form:has(input[type=file]) button`) })
	b.Must("Văn bản này thật và chưa bị sửa")
	b.Look("verify")
}

// birth is A40: a birth is registered by keyboard alone, and every error is announced: the summary
// is an alert that takes the focus, its links lead into the fields.
func (p *province) birth(t *testing.T) {
	b := p.tab(t, "congdan")
	k := keys{b}
	begin(b, k, "1.001193")
	answers := map[string]string{"relationship": "self", "abandoned": "no", "surrogacy": "no", "birth_proof_kind": "data", "father_declared": "no",
		"child_birth_date.year": "2026", "child_birth_date.month": "11", "child_birth_date.day": "2", "mother_birth_year": "1995", "father_birth_year": "1993", "unit": "32248"}
	announced := 0
	scan := paper(t)
	for range 60 {
		path := b.Path()
		if strings.HasSuffix(path, "/check") {
			break
		}
		b.Leaves(path, func() { k.press(next) }) // first without an answer
		if b.Path() == path {
			if !b.There(".errors") {
				t.Fatalf("%s comes back without saying why: %s", path, b.Says())
			}
			announced++
			p.announced(b)
			answer(b, k, form, answers, scan)
			b.Leaves(path, func() { k.press(next) })
			if b.Path() == path {
				t.Fatalf("%s comes back: %s", path, b.Says())
			}
		}
	}
	if announced < 3 {
		t.Errorf("only %d pages wanted an answer", announced)
	}
	b.Leaves("filing without a pledge", func() { k.press(form + ` button.btn--big`) })
	if b.There(".errors") {
		if !b.Focused(".errors") {
			t.Errorf("the summary of the check page does not take the focus")
		}
		answer(b, k, form, nil, "")
		b.Leaves("filing", func() { k.press(form + ` button.btn--big`) })
	}
	if !strings.HasSuffix(b.Path(), "/filed") {
		t.Fatalf("not filed: %s", b.Says())
	}
}

// announced holds a refused form to what a reader of the screen needs.
func (p *province) announced(b *browser.Tab) {
	b.T.Helper()
	b.Until(`!!document.activeElement?.matches(".errors")`)
	for what, code := range map[string]string{
		"the summary is no alert":                   `document.querySelector(".errors").getAttribute("role") === "alert"`,
		"the title does not say so":                 `document.title.startsWith("Lỗi:")`,
		"the summary stands below the h1":           `!!(document.querySelector(".errors").compareDocumentPosition(document.querySelector("main h1")) & Node.DOCUMENT_POSITION_FOLLOWING)`,
		"a line leads to no field":                  `[...document.querySelectorAll(".errors a")].every(a => document.getElementById(a.hash.slice(1)))`,
		"no field is marked or described":           `!!document.querySelector("main [aria-invalid=true], main fieldset[aria-describedby]")`,
		"the words beside the field are other ones": `[...document.querySelectorAll(".errors a")].every(a => [...document.querySelectorAll("main .fault")].some(f => f.innerText.includes(a.innerText.trim())))`,
	} {
		if !browser.Eval[bool](b, code) {
			b.T.Errorf("%s: %s: %s", b.Path(), what, browser.Eval[string](b, `document.querySelector(".errors").outerHTML.slice(0, 600)`))
		}
	}
	b.Look(b.Path() + " refused")
	k := keys{b}
	k.TabTo(".errors a")
	target := browser.Eval[string](b, `document.activeElement.hash.slice(1)`)
	k.Stroke("Enter")
	b.Until(fmt.Sprintf(`(document.activeElement.id === %q || !!document.activeElement.closest("#" + CSS.escape(%q)) || location.hash === "#" + %q)`, target, target, target))
	b.Do(`document.querySelector("main").focus()`)
}

// idle is A40, the warning: before a session ends for want of use a dialogue asks, takes the focus and,
// by keyboard alone, lets the citizen go on for another half hour. What she was at stands as it was.
func (p *province) idle(t *testing.T) {
	b := p.tab(t, "congdan")
	begin(b, keys{b}, "1.004873")
	b.Hurry()
	page := "/apply/" + strings.Split(b.Path(), "/")[2] + "/q/subject"
	b.Go(page)
	b.Until(`!!document.querySelector("dialog[data-idle]")?.open`)
	b.Must("Bạn còn ở đây không?")
	if !b.Focused("dialog[data-idle] button") {
		t.Error("the dialogue does not take the focus")
	}
	b.Look("still there")
	for range 3 { // longer than a session lives without a word
		p.clock.Advance(20 * time.Minute)
		b.Until(`!!document.querySelector("dialog[data-idle]")?.open`)
		b.Do(`window.asked = false; document.querySelector("dialog[data-idle]").addEventListener("close", () => { window.asked = true }, { once: true })`)
		keys{b}.press("dialog[data-idle] button")
		b.Until(`window.asked`)
		b.Until(`performance.getEntriesByName(new URL("/session", location).href).length > 0`)
		b.Do(`performance.clearResourceTimings()`)
	}
	b.Go(page)
	if b.Path() != page {
		t.Errorf("signed out although she answered: %s", b.Path())
	}
}

// expired: a session that ends in the middle of filing loses nothing that was typed. After signing
// in again the citizen goes on where she was, with scripts and without.
func (p *province) expired(t *testing.T) {
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			b := p.tab(t, "congdan")
			b.Scripts(scripts)
			h := mouse{b}
			typed := "Ấp Rạch Tàu, nhà bên cầu, " + name
			begin(b, h, "1.004873")
			page := "/apply/" + strings.Split(b.Path(), "/")[2] + "/q/subject"
			b.Go(page)
			h.write(`[name=subject_residence]`, typed)
			p.clock.Advance(13 * time.Hour)
			b.Leaves("sending", func() { h.press(next) })
			if !strings.HasPrefix(b.Path(), "/sign-in") {
				t.Fatalf("sent to %s", b.Path())
			}
			p.enter(b, "congdan")
			if !strings.HasPrefix(b.Path(), web.PathKept) {
				t.Fatalf("signing in led to %s", b.Path())
			}
			b.Look("what was typed")
			b.Leaves("sending again", func() { h.press(`form[action="` + web.PathKept + `"] button`) })
			if b.Path() == page || !strings.HasPrefix(b.Path(), "/apply/") {
				t.Errorf("after sending again: %s", b.Says())
			}
			b.Go(page)
			if got := browser.Eval[string](b, `document.querySelector("[name=subject_residence]")?.value ?? ""`); got != typed {
				t.Errorf("after signing in again the field holds %q: %s", got, b.Says())
			}
		})
	}
}
