package formspage_test

import (
	"context"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"datmui/blocks/forms"
	"datmui/blocks/forms/formspage"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/testkit"
)

var (
	vi = lang.With(context.Background(), lang.Vietnamese)
	en = lang.With(context.Background(), lang.English)
)

type units struct{}

func (units) UnitName(code string) (string, bool) { return "Xã Đất Mũi", code == "32244" }
func (units) UnitList() []forms.UnitOption {
	return []forms.UnitOption{{Code: "32244", Name: "Xã Đất Mũi"}, {Code: "32002", Name: "Phường An Xuyên"}}
}

func (units) Former(string) []forms.FormerUnit { return nil }

func form(t *testing.T) *forms.Form {
	t.Helper()
	raw, err := os.ReadFile("testdata/boat.json")
	if err != nil {
		t.Fatal(err)
	}
	d, err := forms.ParseDefinition(raw, forms.Common{})
	if err != nil {
		t.Fatal(err)
	}
	return forms.NewForm(d, units{}, func() time.Time { return time.Date(2026, 11, 23, 1, 42, 0, 0, time.UTC) })
}

func draw(t *testing.T, ctx context.Context, c templ.Component) *testkit.Doc {
	t.Helper()
	var b strings.Builder
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return testkit.HTML(t, b.String())
}

func view(t *testing.T, page string, a forms.Answers, faults fault.Fields) formspage.View {
	t.Helper()
	f := form(t)
	st, ok := f.Step(a, page)
	if !ok {
		t.Fatalf("there is no page %s", page)
	}
	return formspage.View{Form: f, Step: st, Answers: a, Faults: faults, Action: "/draft/1", Autosave: "/draft/1/save", Back: "/draft/1?page=x",
		Leave: "/", Service: "Đăng ký tàu cá", Rev: 3, Client: "window-1", Saved: time.Date(2026, 11, 23, 1, 42, 0, 0, time.UTC)}
}

func TestOneQuestionIsTheTitleOfItsPage(t *testing.T) {
	doc := draw(t, vi, formspage.Question(view(t, "launched", forms.Answers{"launched": "2027-11-14"}, fault.Fields{"launched": "past"})))
	if n := len(doc.Find("h1")); n != 1 {
		t.Fatalf("%d h1", n)
	}
	if got := doc.Must("legend h1").Text(); got != "Tàu hạ thủy ngày nào?" {
		t.Errorf("h1: %q", got)
	}
	if got := doc.Must(`input[name="launched.year"]`).Attr("value"); got != "2027" {
		t.Errorf("what was typed is gone: %q", got)
	}
	link := doc.Must(".errors a")
	if doc.Must("#"+strings.TrimPrefix(link.Attr("href"), "#")).Attr("name") != "launched.day" {
		t.Errorf("the summary leads to %s", link.Attr("href"))
	}
	if link.Text() != "Ngày này phải là hôm nay hoặc trước hôm nay" {
		t.Errorf("the fault reads %q", link.Text())
	}
	if got := doc.Must(".saved").Text(); got != "Đã lưu lúc 8 giờ 42. Giữ trong 30 ngày." {
		t.Errorf("saved: %q", got)
	}
	v := view(t, "length", forms.Answers{"length": "11.9", "price": "5"}, nil)
	v.Known = forms.Answers{"length": "11.9", "price": "6"}
	if text := draw(t, vi, formspage.Question(v)).Text(); !strings.Contains(text, "Lấy từ dữ liệu đã có: chiều dài lớn nhất.") {
		t.Errorf("what is known already is not said: %s", text)
	}
	for name, want := range map[string]string{"page": "launched", "rev": "3", "client": "window-1"} {
		if got := doc.Must(`input[name="` + name + `"]`).Attr("value"); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
}

// What a page sends back is what it showed: the fields of every kind survive the way round.
func TestAPageSendsBackWhatItShows(t *testing.T) {
	f := form(t)
	a := forms.Answers{"name": "Biển Đông 1", "length": "11.9", "price": "1250000000", "hull": "wood", "vms": "no", "uses": []string{"net", "line"},
		"unit": "32244", "launched": "2020-03-09", "hour": "08:05", "story": "một\nhai", "owners": []forms.Answers{{"owner": "An"}, {"owner": "Bình"}}}
	for _, ctx := range []context.Context{vi, en} {
		doc := draw(t, ctx, formspage.Whole(formspage.WholeView{Form: f, Answers: a}))
		typed := url.Values{}
		for _, in := range doc.Find("input[name]") {
			if kind := in.Attr("type"); kind != "radio" && kind != "checkbox" {
				typed.Add(in.Attr("name"), in.Attr("value"))
			}
		}
		for _, in := range doc.Find("input[checked]") {
			typed.Add(in.Attr("name"), in.Attr("value"))
		}
		for _, in := range doc.Find("textarea") {
			typed.Add(in.Attr("name"), in.Text())
		}
		for _, s := range doc.Find("select") {
			for _, o := range s.Find("option[selected]") {
				typed.Add(s.Attr("name"), o.Attr("value"))
			}
		}
		back, faults := f.Check(f.Decode(ctx, typed, ""))
		delete(back, "story") // a reader of pages joins lines
		want := a.Clone()
		delete(want, "story")
		if faults["pledge"] == "" || len(faults) != 1 || !back.Equal(want) {
			t.Errorf("%v, %v, want %v", back, faults, want)
		}
	}
}

func TestGroupsGrowAndShrinkWithoutScripts(t *testing.T) {
	v := view(t, "owners", forms.Answers{"owners": []forms.Answers{{"owner": "An"}}}, nil)
	doc := draw(t, vi, formspage.Question(v))
	if n := len(doc.Find("fieldset")); n != 1 {
		t.Errorf("%d entries for one", n)
	}
	if doc.Must(`button[name="remove"]`).Attr("value") != "owners.0" || doc.Must(`button[name="add"]`).Attr("value") != "owners" {
		t.Error("the buttons do not say what they do")
	}
	if first := doc.Find("form button")[0]; first.Attr("name") != "" {
		t.Error("Enter in a field would add or remove an entry")
	}
	v.Add = "owners"
	if n := len(draw(t, vi, formspage.Question(v)).Find("fieldset")); n != 2 {
		t.Errorf("%d entries after adding", n)
	}
	v.Answers = forms.Answers{"owners": []forms.Answers{{"owner": "An"}, {"owner": "Bình"}}}
	doc = draw(t, vi, formspage.Question(v))
	if n := len(doc.Find("fieldset")); n != 2 || len(doc.Find(`button[name="add"]`)) != 0 {
		t.Errorf("%d entries of at most two", n)
	}
	v.Faults = fault.Fields{"owners.1.owner": "name"}
	if got := draw(t, vi, formspage.Question(v)).Must(".errors a").Attr("href"); got != "#f-owners-1-owner" {
		t.Errorf("the fault of an entry leads to %s", got)
	}
}

func TestCheckNamesWhatIsChanged(t *testing.T) {
	f := form(t)
	a := forms.Answers{"name": "Biển Đông 1", "length": "11.9", "hull": "wood", "unit": "32244", "launched": "2020-03-09"}
	doc := draw(t, vi, formspage.Check(formspage.CheckView{Form: f, Answers: a, Known: forms.Answers{"unit": "32244"},
		Change: func(page string) string { return "/draft/1?page=" + page }}))
	if got := doc.Must(`a[href="/draft/1?page=length"]`).Text(); got != "Sửa chiều dài lớn nhất" {
		t.Errorf("the link reads %q", got)
	}
	text := doc.Text()
	for _, want := range []string{"11,9 m", "Gỗ", "Xã Đất Mũi", "9 tháng 3 năm 2020", "Không khai"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %s", want, text)
		}
	}
	pledge := draw(t, vi, formspage.Pledges(f, a, fault.Fields{"pledge": "pledge"}))
	if pledge.Must(`input[type="checkbox"]`).Attr("name") != "pledge" || !strings.Contains(pledge.Text(), "cam đoan") {
		t.Errorf("pledge: %s", pledge.Text())
	}
}

func TestEveryFaultHasWords(t *testing.T) {
	f := form(t)
	faults := fault.Fields{"name": "required", "length": "too-large:150", "price": "number", "hull": "one", "vms": "one", "uses": "too-many:2",
		"unit": "unit", "launched": "date", "hour": "time", "story": "too-long:4000", "owners": "too-few:1", "pledge": "pledge", "plate": "pattern", "": "x"}
	for _, ctx := range []context.Context{vi, en} {
		lines := formspage.ErrorLines(ctx, f, faults, forms.Answers{})
		if len(lines) != len(faults) {
			t.Errorf("%d lines for %d faults", len(lines), len(faults))
		}
		for _, l := range lines {
			if l.Text == "" || strings.Contains(l.Text, "fault.") || strings.Contains(l.Text, "…") || strings.Contains(l.Text, "{{") {
				t.Errorf("%s: %q", l.Field, l.Text)
			}
		}
	}
	if lines := formspage.ErrorLines(vi, f, faults, forms.Answers{}); lines[0].Field != "name" || lines[0].Text != "Nhập tên tàu" {
		t.Errorf("%+v", lines[0])
	}
}

func TestTextsStandInBothLanguages(t *testing.T) {
	for _, m := range lang.Missing() {
		if strings.Contains(m, "forms.") || strings.Contains(m, "fault.") {
			t.Error(m)
		}
	}
}

func TestStaleShowsBothAndLosesNothing(t *testing.T) {
	f := form(t)
	typed := url.Values{"launched.day": {"9"}, "launched.month": {"3"}, "launched.year": {"2020"}, "page": {"launched"}, "rev": {"3"}, "evil": {"x"}}
	st, _ := f.Step(forms.Answers{}, "launched")
	doc := draw(t, vi, formspage.Stale(formspage.StaleView{Form: f, Step: st, Typed: typed, Mine: f.Decode(vi, typed, "launched"),
		Theirs: forms.Draft{Rev: 7, Answers: forms.Answers{"launched": "2019-01-02"}, SavedAt: time.Date(2026, 11, 23, 1, 42, 0, 0, time.UTC)},
		Action: "/draft/1", Again: "/draft/1?page=launched", Client: "window-1"}))
	doc.Must("tbody").Wants("Tàu hạ thủy ngày nào?", "9 tháng 3 năm 2020", "2 tháng 1 năm 2019")
	sent := url.Values{}
	for _, in := range doc.Find("form input") {
		sent.Add(in.Attr("name"), in.Attr("value"))
	}
	if got := f.Decode(vi, sent, "launched").Text("launched"); got != "2020-03-09" || sent.Get("rev") != "7" || sent.Has("evil") {
		t.Errorf("sent again: %v", sent)
	}
	doc.Must(`a[href="/draft/1?page=launched"]`)
}
