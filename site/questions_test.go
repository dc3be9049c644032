package site_test

import (
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"datmui/apps/services"
	"datmui/blocks/forms"
	"datmui/kit/fault"
)

const questionsAt = "/desk/define/1.004873/questions"

// An officer adds, changes, moves and removes questions without scripts, sees them as a citizen does, and
// publishes them from a day: who files then is asked them, and a dossier filed before keeps its own.
// law: public-services.md 2 — fact 5: the dossier pins the version.
func TestQuestionsAreEdited(t *testing.T) {
	t.Parallel()
	p := open(t)
	before := p.submit(t, "congdan")
	b := p.browser(t, "quantri")
	b.get("/desk/define/1.004873")
	if !strings.Contains(b.body, questionsAt) {
		t.Fatalf("the editor does not lead to the questions: %s", b.says())
	}
	b.get(questionsAt)
	// a new question of another kind: the form is drawn again with its fields
	b.get(questionsAt + "/new?at=page:purpose")
	b.submitForm(questionsAt+"/new", map[string]string{"label_vi": "Giấy dùng ở đâu?", "label_en": "Where is it used?", "kind": "choice", "redraw": "yes"})
	if !strings.Contains(b.body, "options.0.label_vi") || !strings.Contains(b.body, "Giấy dùng ở đâu?") {
		t.Fatalf("the fields of the kind: %s", b.says())
	}
	b.submitForm(questionsAt+"/new", map[string]string{"options.0.label_vi": "Trong nước", "options.0.label_en": "At home",
		"options.1.label_vi": "Nước ngoài", "options.1.label_en": "Abroad", "when": `purpose == "khac"`})
	if b.path != questionsAt || !strings.Contains(b.body, "Giấy dùng ở đâu?") {
		t.Fatalf("added: %s, %s", b.path, b.says())
	}
	// one is changed, one moves to a page of its own, one goes, and a page moves up
	b.get(questionsAt + "/q/copies")
	b.submitForm(questionsAt+"/q/copies", map[string]string{"label_vi": "Số bản bạn cần?", "max": "5"})
	b.get(questionsAt + "/q/marriage_place")
	b.submitForm(questionsAt+"/q/marriage_place", map[string]string{"at": "page:spouse", "when": `purpose == "ket-hon"`})
	b.get(questionsAt + "/q/register_agency")
	b.submitForm(questionsAt+"/q/register_agency", map[string]string{"remove": "1"})
	b.get(questionsAt)
	b.submitForm(questionsAt, map[string]string{"move": ""})
	b.post(questionsAt, "client", client(), "rev", "4", "move", "page-up:copies")
	e, err := p.Services.Edition(p.as(t, "quantri"), "1.004873")
	must(t, err)
	form, err := p.Services.FormOf(t.Context(), e.Definition)
	must(t, err)
	q, ok := form.Question("giay_dung_o_dau")
	if !ok || q.Kind != forms.Choice || len(q.Options) != 2 || q.Options[1].Value != "nuoc-ngoai" {
		t.Errorf("the new question: %+v", q)
	}
	if q, _ := form.Question("copies"); q.Label.VI != "Số bản bạn cần?" || *q.Max != 5 || *q.Min != 1 || !q.Whole {
		t.Errorf("the changed one: %+v", q)
	}
	if pg, ok := form.Page("marriage-place"); !ok || len(pg.Questions) != 1 {
		t.Errorf("the moved one: %+v", pg)
	}
	if _, ok := form.Question("register_agency"); ok {
		t.Error("the removed one is there")
	}
	if s, _ := form.Section("purpose"); s.Pages[len(s.Pages)-1].ID != "reissue" {
		t.Errorf("the page that moved up: %s is last", s.Pages[len(s.Pages)-1].ID)
	}
	// its second answer goes before the first
	b.get(questionsAt + "/q/giay_dung_o_dau")
	b.submitForm(questionsAt+"/q/giay_dung_o_dau", map[string]string{"options.1.place": "1"})
	e, err = p.Services.Edition(p.as(t, "quantri"), "1.004873")
	must(t, err)
	if form, err = p.Services.FormOf(t.Context(), e.Definition); err != nil {
		t.Fatal(err)
	}
	if q, _ := form.Question("giay_dung_o_dau"); len(q.Options) != 2 || q.Options[0].Value != "nuoc-ngoai" {
		t.Errorf("in another order: %+v", q.Options)
	}
	// a condition of a paper asks the new question
	b.get("/desk/define/1.004873/edit/papers")
	b.submitForm("/desk/define/1.004873/edit/papers", map[string]string{"papers.0.when": `giay_dung_o_dau == "nuoc-ngoai"`})
	if !strings.HasSuffix(b.path, "/desk/define/1.004873") || !strings.Contains(b.body, "Giấy dùng ở đâu?") {
		t.Fatalf("the comparison: %s %s", b.path, b.says())
	}
	// as a citizen sees it
	b.post("/desk/define/1.004873/preview/begin")
	if b.get("/desk/define/1.004873/preview/q/copies"); !strings.Contains(b.body, "Số bản bạn cần?") {
		t.Errorf("the preview: %s", b.says())
	}
	b.get("/desk/define/1.004873")
	b.submitForm("/desk/define/1.004873/publish", map[string]string{"from": "2026-11-25", "reason": "Thử câu hỏi"})
	if !strings.Contains(b.body, "Đã công bố phiên bản mới") {
		t.Fatalf("publishing: %s", b.says())
	}
	now, err := p.Services.Current(t.Context(), "1.004873", p.clock.Now())
	must(t, err)
	if old, err := p.Services.FormOf(t.Context(), now); err != nil || old.From != 0 {
		t.Errorf("before its day: %v, %v", old, err)
	}
	p.clock.Set(time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC))
	answers := maps.Clone(marital())
	answers["copies"] = "6"
	in := services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online", Answers: answers}
	var f fault.Fields
	if _, err := p.Services.Submit(p.as(t, "congdan"), in); !errors.As(err, &f) || f["copies"] == "" {
		t.Errorf("six copies under the new version: %v", err)
	}
	counter := p.browser(t, "canbo.datmui")
	counter.post("/desk/counter/screen")
	counter.post("/desk/intake/find", "number", p.personal(t, "congdan"), "procedure", "1.004873")
	counter.try("/desk/counter/screen/typed", counter.fill(map[string]string{"copies": "2"})...)
	counter.get("/desk/counter/screen")
	counter.must("Số bản bạn cần?") // the citizen reads what she is asked, not what the form asks elsewhere
	after := p.submit(t, "congdan")
	for id, want := range map[string]string{before.ID.String(): "Bạn cần mấy bản?", after.ID.String(): "Số bản bạn cần?"} {
		for _, who := range []string{"canbo.datmui", "congdan"} {
			d, at := p.browser(t, who), "/desk/dossiers/"
			if who == "congdan" {
				at = "/dossiers/"
			}
			if d.get(at + id); !strings.Contains(d.body, want) {
				t.Errorf("%s sees of %s: %s", who, id, d.says())
			}
		}
	}
	// what was published is the beginning of the next change, and the first form stays as it was
	e, err = p.Services.Edition(p.as(t, "quantri"), "1.004873")
	must(t, err)
	if next, err := p.Services.FormOf(t.Context(), e.Definition); err != nil || next.From == 0 || e.Definition.Asks != nil {
		t.Errorf("the next change begins with %v, %v", next, err)
	}
}

// Every mistake in a question is told by its field, loses nothing typed, and is not kept.
func TestQuestionsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := open(t)
	b := p.browser(t, "quantri")
	for name, tt := range map[string]struct {
		at    string
		typed map[string]string
		says  string
	}{
		"no label":            {"/q/copies", map[string]string{"label_vi": ""}, "Không được để trống"},
		"unknown question":    {"/q/copies", map[string]string{"when": `colour == "red"`}, "Điều kiện hỏi colour"},
		"asked later":         {"/q/marital_state", map[string]string{"when": "copies > 1"}, "Điều kiện hỏi copies"},
		"no such option":      {"/q/copies", map[string]string{"when": `purpose == "mua-nha"`}, "Điều kiện nêu “mua-nha”"},
		"unreadable":          {"/q/copies", map[string]string{"when": "purpose =="}, "Không đọc được điều kiện"},
		"no number":           {"/q/copies", map[string]string{"max": "nhiều"}, "Nhập một số"},
		"above":               {"/q/copies", map[string]string{"min": "9", "max": "3"}, "Nhỏ hơn giá trị ít nhất"},
		"pattern":             {"/q/purpose_other", map[string]string{"pattern": "("}, "Không đọc được mẫu"},
		"an option twice":     {"/q/purpose", map[string]string{"options.4.label_vi": "Vay", "options.4.label_en": "Loan", "options.4.value": "vay-von"}, "Lựa chọn khác"},
		"no options":          {"/q/reissue", map[string]string{"kind": "choices"}, "Không được để trống"},
		"an answer asked for": {"/q/purpose", map[string]string{"options.0.label_vi": "", "options.0.label_en": "", "options.0.value": ""}, "không có lựa chọn ấy"},
		"page of two":         {"/page/spouse", map[string]string{"title_vi": "", "title_en": ""}, "Không được để trống"},
		"section":             {"/section/fee", map[string]string{"when": "fee_group"}, "Điều kiện hỏi fee_group"},
		"moved before":        {"/q/purpose", map[string]string{"at": "page:reissue"}, "Điều kiện hỏi purpose"},
		"the letter's":        {"/q/spouse_name", map[string]string{"remove": "1"}, "Câu trả lời còn được dùng"},
		"the fee's":           {"/q/fee_group", map[string]string{"remove": "1"}, "Câu trả lời còn được dùng"},
		"a paper's":           {"/q/marital_state", map[string]string{"remove": "1"}, "Câu trả lời còn được dùng"},
		"the program's":       {"/q/return_way", map[string]string{"remove": "1"}, "Câu trả lời còn được dùng"},
		"another question's":  {"/q/purpose_other", map[string]string{"kind": "group"}, "Không được để trống"},
	} {
		if b.get(questionsAt+tt.at) != http.StatusOK {
			t.Fatalf("%s: %s", name, b.says())
		}
		if got := b.submitForm(questionsAt+tt.at, tt.typed); got != http.StatusUnprocessableEntity || !strings.Contains(strings.ToLower(b.body), strings.ToLower(tt.says)) {
			t.Errorf("%s: %d, %s", name, got, b.says())
		}
	}
	if e, err := p.Services.Edition(p.as(t, "quantri"), "1.004873"); err != nil || e.Rev != 0 {
		t.Errorf("something wrong was kept: %+v, %v", e.Definition.Asks, err)
	}
}

// Saving a question, a page or a section as it stands changes nothing, whatever its kind.
func TestQuestionsStayAsTheyStand(t *testing.T) {
	t.Parallel()
	p := open(t)
	b := p.browser(t, "quantri")
	for _, code := range []string{"1.004873", "1.001193", "1.003650"} {
		e, err := p.Services.Edition(p.as(t, "quantri"), code)
		must(t, err)
		form, err := p.Services.FormOf(t.Context(), e.Definition)
		must(t, err)
		at := "/desk/define/" + code + "/questions"
		var all []string
		for _, s := range form.Sections {
			all = append(all, "/section/"+s.ID)
			for _, pg := range s.Pages {
				all = append(all, "/page/"+pg.ID)
				for _, q := range pg.Questions {
					all = append(all, "/q/"+q.Name)
					for _, in := range q.Group {
						all = append(all, "/q/"+q.Name+"."+in.Name)
					}
				}
			}
		}
		for _, one := range all {
			if b.get(at+one) != http.StatusOK {
				t.Fatalf("%s: %s", one, b.says())
			}
			if b.submitForm(at+one, nil); b.path != at {
				t.Errorf("%s%s: %s", code, one, b.says())
			}
		}
		after, err := p.Services.Edition(p.as(t, "quantri"), code)
		must(t, err)
		if after.Definition.Asks != nil {
			changed, err := p.Services.Changes(t.Context(), e.Definition, after.Definition)
			t.Errorf("%s: %+v, %v", code, changed, err)
		}
	}
}

// The versions of a procedure are turned by key, and each is told beside the one before it, or another.
func TestVersionsAreTurnedAndCompared(t *testing.T) {
	t.Parallel()
	p := open(t)
	last := 0
	for i := range 21 {
		last = p.publishLimit(t, "1.004873", strconv.Itoa(3+i%2)+"wd", "2026-11-23")
	}
	b := p.browser(t, "quantri")
	const at = "/desk/define/1.004873/versions"
	b.get(at)
	if !strings.Contains(b.body, at+"?before="+strconv.Itoa(last-19)) || strings.Contains(b.body, at+"/2\"") {
		t.Errorf("the first page: %s", b.says())
	}
	if b.get(at + "?before=" + strconv.Itoa(last-19)); !strings.Contains(b.body, at+"/2\"") || strings.Contains(b.body, at+"?before=2") {
		t.Errorf("the last page: %s", b.says())
	}
	b.get(at + "/" + strconv.Itoa(last))
	b.must("4 ngày làm việc")
	b.must("Khác với phiên bản " + strconv.Itoa(last-1))
	b.get(at + "/" + strconv.Itoa(last) + "?with=" + strconv.Itoa(last-2))
	b.must("Giống phiên bản " + strconv.Itoa(last-2))
	if status := b.get(at + "/" + strconv.Itoa(last) + "?with=99"); status != http.StatusUnprocessableEntity {
		t.Errorf("beside a version that is none: %d", status)
	}
	b.must("Không có phiên bản 99")
	b.get(at + "/2")
	b.must("Đây là phiên bản đầu tiên")
	if status := b.get(at + "/999"); status != http.StatusNotFound {
		t.Errorf("a version that is none: %d", status)
	}
}
