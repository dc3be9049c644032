package site_test

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"datmui/apps/services"
	"datmui/blocks/forms"
	"datmui/blocks/pay"
	"datmui/kit/fault"
)

// publishLimit brings a version with another limit into force.
func (p *province) publishLimit(t *testing.T, code, limit, from string) int {
	t.Helper()
	editor := p.as(t, "quantri")
	e, err := p.Services.Edition(editor, code)
	must(t, err)
	e.Definition.Limit = limit
	e, err = p.Services.Edit(editor, services.EditIn{Procedure: code, Client: client(), Rev: e.Rev, Definition: e.Definition})
	must(t, err)
	v, err := p.Services.Publish(editor, services.PublishIn{Procedure: code, Client: client(), Rev: e.Rev, From: from, Reason: "thử"})
	must(t, err)
	return v
}

// law: public-services.md 18.2 A11 — limit 7→5 working days while a dossier is open: the open one
// keeps 7, a new one gets 5, both show their version.
func TestLimitEditedA11(t *testing.T) {
	t.Parallel()
	p := open(t)
	counter := p.as(t, "canbo.datmui")
	accepted := func() services.Dossier {
		out := p.submit(t, "congdan")
		must(t, p.Services.Accept(counter, services.AcceptIn{Dossier: out.ID, Client: client()}))
		return p.state(t, out.ID)
	}
	seven := p.publishLimit(t, "1.004873", "7wd", "2026-11-23")
	before := accepted()
	five := p.publishLimit(t, "1.004873", "5wd", "2026-11-23")
	after := accepted()
	if before.Version != seven || after.Version != five || five != seven+1 {
		t.Errorf("versions %d and %d, published %d and %d", before.Version, after.Version, seven, five)
	}
	// Monday 23 November 08:06, the 24th is off
	want := func(d services.Dossier, day int) {
		t.Helper()
		if at := time.Date(2026, 12, day, 1, 6, 0, 0, time.UTC); !d.DueAt.Equal(at) {
			t.Errorf("version %d is due %v, want %v", d.Version, d.DueAt, at)
		}
	}
	want(before, 3)
	want(after, 1)
	must(t, p.Services.Extend(p.as(t, "chutich.datmui"), services.ExtendIn{Dossier: p.taken(t, before.ID), Client: client(), Days: 1, Reason: "xác minh"}))
	if d := p.state(t, before.ID); d.Version != seven || d.FirstDueAt.Day() != 3 {
		t.Errorf("extended: version %d, first due %v", d.Version, d.FirstDueAt)
	}
	for _, d := range []services.Dossier{before, after} {
		b := p.browser(t, "canbo.datmui")
		b.get("/desk/dossiers/" + d.ID.String())
		if !strings.Contains(b.body, "1.004873 v"+strconv.Itoa(d.Version)) {
			t.Errorf("the page does not show version %d", d.Version)
		}
	}
}

// taken puts a dossier on an officer's desk.
func (p *province) taken(t *testing.T, id uuid.UUID) uuid.UUID {
	t.Helper()
	must(t, p.Services.Take(p.as(t, "kinhte.datmui"), services.TakeIn{Dossier: id, Client: client()}))
	return id
}

// A version counts from its first day on, and never before: the past is not changed.
func TestVersionCountsFromItsDay(t *testing.T) {
	t.Parallel()
	p := open(t)
	editor := p.as(t, "quantri")
	p.publishLimit(t, "1.004873", "5wd", "2026-12-01")
	now, err := p.Services.Current(t.Context(), "1.004873", p.clock.Now())
	must(t, err)
	then, err := p.Services.Current(t.Context(), "1.004873", time.Date(2026, 11, 30, 17, 0, 0, 0, time.UTC)) // midnight of 1 December in Vietnam
	must(t, err)
	if now.Limit != "3wd" || then.Limit != "5wd" || then.Version != now.Version+1 {
		t.Errorf("now %s (%d), from December %s (%d)", now.Limit, now.Version, then.Limit, then.Version)
	}
	e, err := p.Services.Edition(editor, "1.004873")
	must(t, err)
	e.Definition.Limit = "4wd"
	e, err = p.Services.Edit(editor, services.EditIn{Procedure: "1.004873", Client: client(), Rev: e.Rev, Definition: e.Definition})
	must(t, err)
	for from, want := range map[string]string{"2026-11-22": "today", "2026-11-25": "after-latest", "": "date"} {
		_, err := p.Services.Publish(editor, services.PublishIn{Procedure: "1.004873", Client: client(), Rev: e.Rev, From: from, Reason: "thử"})
		var f fault.Fields
		if !errors.As(err, &f) || f["from"] != want {
			t.Errorf("from %q: %v", from, err)
		}
	}
}

// Two editors lose nothing: the second to save is shown what the first saved, and her own words stay.
func TestTwoEditors(t *testing.T) {
	t.Parallel()
	p := open(t)
	one, two := p.browser(t, "quantri"), p.browser(t, "quantri")
	const limits, names = "/desk/define/1.004859/edit/limits", "/desk/define/1.004859/edit/names"
	one.get(limits)
	two.get(names)
	one.submitForm(limits, map[string]string{"limit": "4 Ngày làm việc"})
	if !strings.HasSuffix(one.path, "/desk/define/1.004859") || !strings.Contains(one.body, "4 ngày làm việc") {
		t.Fatalf("%s: %s", one.path, one.says())
	}
	two.submitForm(names, map[string]string{"name": "Cải chính hộ tịch thử"})
	if !strings.Contains(two.body, "Cải chính hộ tịch thử") || !strings.Contains(two.body, "sau khi bạn mở trang này") {
		t.Fatalf("%s: %s", two.path, two.says())
	}
	two.submitForm(names, nil) // as the page now stands
	e, err := p.Services.Edition(p.as(t, "quantri"), "1.004859")
	must(t, err)
	if e.Definition.Limit != "4wd" || e.Definition.Name != "Cải chính hộ tịch thử" || e.Rev != 2 {
		t.Errorf("kept: %s, %s, rev %d", e.Definition.Limit, e.Definition.Name, e.Rev)
	}
}

// Saving a part as it stands changes nothing, whatever the part and the procedure.
func TestEditorKeepsWhatItShows(t *testing.T) {
	t.Parallel()
	p := open(t)
	b := p.browser(t, "quantri")
	for _, code := range []string{"1.001193", "2.000815", "1.003593", "1.013225", "1.003650", "1.004359", "2.001827", "3.000333", "1.004594", "1.001612"} {
		before, err := p.Services.Edition(p.as(t, "quantri"), code)
		must(t, err)
		for _, part := range []string{"names", "papers", "limits", "fees", "steps", "form", "result", "notes"} {
			at := "/desk/define/" + code + "/edit/" + part
			if b.get(at) != http.StatusOK {
				t.Fatalf("%s: %s", at, b.says())
			}
			if !strings.Contains(b.body, `method="post" action="`+at) {
				continue
			}
			b.submitForm(at, nil)
			after, err := p.Services.Edition(p.as(t, "quantri"), code)
			must(t, err)
			if c, err := p.Services.Changes(t.Context(), before.Definition, after.Definition); err != nil || len(c) > 0 {
				t.Errorf("%s: %+v", at, c)
			}
		}
	}
}

// What is wrong is said at its field, and what is wrong is neither kept nor published.
func TestEditorSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := open(t)
	b := p.browser(t, "quantri")
	const at = "/desk/define/1.003650/edit/"
	for part, tt := range map[string]struct {
		typed map[string]string
		says  string
	}{
		"papers": {map[string]string{"papers.0.when": "colour == \"red\""}, "Tờ khai không có câu hỏi colour"},
		"limits": {map[string]string{"limit": "ba ngày"}, "Không đọc được thời hạn"},
		"result": {map[string]string{"result.type": ""}, "Không được để trống"},
		"steps":  {map[string]string{"steps.0.name": "Xem", "steps.0.name_en": "Look", "steps.0.limit": "9wd"}, "dài hơn thời hạn"},
		"form":   {map[string]string{"subject": "nothing_like_it"}, "Tờ khai không có câu hỏi nothing_like_it"},
		"names":  {map[string]string{"name": ""}, "Không được để trống"},
		"fees":   {map[string]string{"fee_mode": "prepaid", "fees.0.what": "fee", "fees.0.basis": ""}, "Không hợp lệ"},
	} {
		b.get(at + part)
		if got := b.submitForm(at+part, tt.typed); got != http.StatusUnprocessableEntity || !strings.Contains(b.body, tt.says) {
			t.Errorf("%s: %d, %s", part, got, b.says())
		}
	}
	b.get(at + "fees")
	priced := map[string]string{"fee_mode": "prepaid", "fees.0.what": "charge", "fees.0.amount": "90000", "fees.0.basis": "Lệ phí 70.000 đồng", "fees.0.basis_en": "Charge, 90,000 đồng"}
	if got := b.submitForm(at+"fees", priced); got != http.StatusUnprocessableEntity || !strings.Contains(b.body, "Nội dung nêu 70.000 đồng") {
		t.Errorf("people would be told another sum than they pay: %d, %s", got, b.says())
	}
	e, err := p.Services.Edition(p.as(t, "quantri"), "1.003650")
	must(t, err)
	if e.Rev != 0 {
		t.Errorf("something wrong was kept: %+v", e)
	}
	e.Definition.Papers[0].When = "colour == 1"
	e, err = p.Services.Edit(p.as(t, "quantri"), services.EditIn{Procedure: "1.003650", Client: client(), Definition: e.Definition})
	must(t, err)
	_, err = p.Services.Publish(p.as(t, "quantri"), services.PublishIn{Procedure: "1.003650", Client: client(), Rev: e.Rev, From: "2026-11-23", Reason: "thử"})
	var unfit *services.PublishFields
	if !errors.As(err, &unfit) || unfit.Wrong["papers.0.when"] != "no-question:colour" {
		t.Errorf("published: %v", err)
	}
}

// Papers are added, taken away and put in another order without scripts.
func TestPapersAreReordered(t *testing.T) {
	t.Parallel()
	p := open(t)
	b := p.browser(t, "quantri")
	const at = "/desk/define/1.003650/edit/papers"
	b.get(at)
	// the photos come first, the tax receipt goes, and a new paper comes
	b.submitForm(at, map[string]string{"papers.5.place": "1", "papers.2.remove": "1", "papers.6.name": "Giấy ủy quyền thử", "papers.6.name_en": "Trial", "papers.6.copies": "2"})
	e, err := p.Services.Edition(p.as(t, "quantri"), "1.003650")
	must(t, err)
	var keys []string
	for _, r := range e.Definition.Papers {
		keys = append(keys, r.Key)
	}
	if want := "photos application build-certificate safety-certificate inspection-minutes giay-uy-quyen-thu"; strings.Join(keys, " ") != want {
		t.Errorf("%v", keys)
	}
}

// A missing value that is entered opens the procedure, from its day on, once however often it is sent.
func TestEnteringAValueOpens(t *testing.T) {
	t.Parallel()
	p := open(t)
	editor, citizen := p.as(t, "quantri"), p.as(t, "congdan")
	for code, in := range map[string]services.CompleteIn{
		"1.001776": {Limit: "20wd"},
		"1.001266": {Fee: "amount", Amount: 30_000, Online: 15_000, Type: "charge"},
		"1.004859": {Fee: "free"},
		"1.013831": {Fee: "intake"},
	} {
		if _, err := p.Services.Current(t.Context(), code, p.clock.Now()); fault.KindOf(err) != fault.KindNotFound {
			t.Fatalf("%s is open before: %v", code, err)
		}
		in.Procedure, in.Client, in.From, in.Basis = code, client(), "2026-11-23", "Nghị quyết 01/2026"
		if _, err := p.Services.Complete(citizen, in); fault.KindOf(err) != fault.KindForbidden {
			t.Errorf("a citizen completes: %v", err)
		}
		for range 2 {
			v, err := p.Services.Complete(editor, in)
			must(t, err)
			def, err := p.Services.Current(t.Context(), code, p.clock.Now())
			must(t, err)
			if def.Version != v {
				t.Errorf("%s: version %d in force, %d published", code, def.Version, v)
			}
		}
		in.Client = client()
		if _, err := p.Services.Complete(editor, in); !errors.Is(err, fault.Conflict("services.nothing-missing")) {
			t.Errorf("%s is completed twice: %v", code, err)
		}
	}
	def, err := p.Services.Current(t.Context(), "1.001266", p.clock.Now())
	must(t, err)
	for channel, want := range map[services.Channel]int64{services.Online: 15_000, services.Counter: 30_000, services.Post: 30_000} {
		fee, err := p.Services.Fee(def.Code, def, channel, forms.Answers{}, 0)
		must(t, err)
		if !fee.Known || fee.Amount != want || fee.Basis != (pay.Text{Vi: "Nghị quyết 01/2026", En: "Nghị quyết 01/2026"}) {
			t.Errorf("channel %d: %+v", channel, fee)
		}
	}
	pr, err := p.Services.Procedure(t.Context(), "1.001266")
	must(t, err)
	if pr.Standing != services.StandsOpen {
		t.Errorf("the catalogue shows it as %s", pr.Standing)
	}
}

// The preview is the pages of filing, by what is prepared; nothing is filed by it.
func TestPreviewFilesNothing(t *testing.T) {
	t.Parallel()
	p := open(t)
	b := p.browser(t, "quantri")
	const at = "/desk/define/1.001662"
	b.get(at + "/edit/names")
	b.submitForm(at+"/edit/names", map[string]string{"name": "Đăng ký giếng nước thử"})
	b.get(at + "/preview")
	if !strings.Contains(b.body, "Đăng ký giếng nước thử") || !strings.Contains(b.body, "chưa có hiệu lực") {
		t.Fatalf("start: %s", b.says())
	}
	b.post(at + "/preview/begin")
	form, err := p.Forms.Current("fs-11-groundwater")
	must(t, err)
	answers := answersFor(t, form, nil)
	for range 30 {
		if !strings.Contains(b.path, "/preview/q/") {
			break
		}
		before := b.path
		page := before[strings.LastIndexByte(before, '/')+1:]
		typed := map[string]string{}
		step, _ := form.Step(answers, page)
		for _, q := range step.Questions {
			switch q.Kind {
			case forms.Day:
				typed[q.Name+".year"], typed[q.Name+".month"], typed[q.Name+".day"] = "1990", "2", "3"
			default:
				typed[q.Name] = answers.Text(q.Name)
			}
		}
		b.submitForm(before, typed)
		if b.path == before {
			t.Fatalf("%s: %s", before, b.says())
		}
	}
	if b.get(at + "/preview/papers"); !strings.Contains(b.body, "<h1") {
		t.Errorf("papers: %s", b.says())
	}
	b.get(at + "/preview/where")
	b.submitForm(at+"/preview/where", map[string]string{"unit": "32248"})
	b.get(at + "/preview/check")
	if !strings.Contains(b.path, "/preview/check") || !strings.Contains(b.body, at+"/preview/submit") {
		t.Fatalf("check: %s %s", b.path, b.says())
	}
	b.post(at+"/preview/submit", "pledge", "yes")
	var n int
	must(t, p.db.Reader.QueryRow(t.Context(), `SELECT count(*)::int FROM services.dossier`).Scan(&n))
	if n != 0 || b.path != at {
		t.Errorf("%d dossiers after a preview, at %s", n, b.path)
	}
}

// submitForm sends a form of the page as a browser does: every control as it stands, but for what is
// typed. An action that the page has no form for is a failure.
func (b *browser) submitForm(action string, typed map[string]string) int {
	b.t.Helper()
	doc, err := html.Parse(strings.NewReader(b.body))
	must(b.t, err)
	var fields []string
	found := false
	for n := range doc.Descendants() {
		if n.DataAtom == atom.Form && htmlAttr(n, "action") == action {
			found = true
			for c := range n.Descendants() {
				fields = append(fields, control(c, typed)...)
			}
		}
	}
	if !found {
		b.t.Fatalf("%s has no form for %s: %s", b.path, action, b.says())
	}
	return b.try(action, fields...)
}

// control is the name and value that a control sends, if it sends any.
func control(n *html.Node, typed map[string]string) []string {
	name := htmlAttr(n, "name")
	value, checked := htmlAttr(n, "value"), hasAttr(n, "checked")
	if name == "" {
		return nil
	}
	want, told := typed[name]
	switch {
	case n.DataAtom == atom.Input && (htmlAttr(n, "type") == "checkbox" || htmlAttr(n, "type") == "radio"):
		if told && want == value || !told && checked {
			return []string{name, value}
		}
		return nil
	case n.DataAtom == atom.Textarea:
		value = ""
		if n.FirstChild != nil {
			value = n.FirstChild.Data
		}
	case n.DataAtom == atom.Select:
		value = ""
		first := true
		for o := range n.Descendants() {
			if o.DataAtom == atom.Option && (first || hasAttr(o, "selected")) {
				value, first = htmlAttr(o, "value"), false
			}
		}
	case n.DataAtom != atom.Input:
		return nil
	}
	if told {
		value = want
	}
	return []string{name, value}
}

func htmlAttr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}
