package calendarpage_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/calendar/calendarpage"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/pg"
	"datmui/kit/testkit"
	"datmui/kit/web"
)

var (
	admin   = actor.Actor{ID: uuid.New(), Kind: actor.Official, Name: "Lâm Quốc Huy", Grants: []actor.Grant{{Right: calendar.PublishRight, Agency: "*"}}}
	officer = actor.Actor{ID: uuid.New(), Kind: actor.Official, Name: "Nguyễn Thị Lan"}
)

type bench struct {
	*testing.T
	block  *calendar.Block
	server *httptest.Server
	client *http.Client
	who    actor.Actor
}

func setup(t *testing.T) *bench {
	db, clock := testkit.DB(t), testkit.Clock(t, "2026-11-23T08:00")
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: clock})
	block := calendar.New(calendar.Config{DB: db.Reader, Book: book, Clock: clock})
	if err := block.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := &bench{T: t, block: block}
	s := web.NewServer(web.Config{Log: testkit.Log(t), Session: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(actor.With(r.Context(), b.who)))
		})
	}})
	s.Add(calendarpage.New(block, clock, func(_ context.Context, id string) (string, error) {
		if id == "ubnd-xa-dat-mui" {
			return "UBND xã Đất Mũi", nil
		}
		return "", fault.NotFound("agency")
	}).Routes()...)
	b.server = httptest.NewServer(s.Handler())
	t.Cleanup(b.server.Close)
	b.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return b
}

func (b *bench) get(path string, status int) *testkit.Doc {
	b.Helper()
	return b.answer(status, func() (*http.Response, error) { return b.client.Get(b.server.URL + path) })
}

func (b *bench) post(path string, form url.Values, status int) *testkit.Doc {
	b.Helper()
	return b.answer(status, func() (*http.Response, error) { return b.client.PostForm(b.server.URL+path, form) })
}

func (b *bench) answer(status int, do func() (*http.Response, error)) *testkit.Doc {
	b.Helper()
	res, err := do()
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != status {
		b.Fatalf("status %d, want %d\n%s", res.StatusCode, status, body)
	}
	return testkit.HTML(b.T, body)
}

// formOf is what a browser would send for the form with the action.
func formOf(b *bench, doc *testkit.Doc, action string) url.Values {
	b.Helper()
	v := url.Values{}
	in := `form[action="` + action + `"] `
	for _, n := range doc.Find(in + "input") {
		if n.Attr("type") != "checkbox" {
			v.Set(n.Attr("name"), n.Attr("value"))
		}
	}
	for _, n := range doc.Find(in + "input[checked]") {
		v.Set(n.Attr("name"), n.Attr("value"))
	}
	for _, s := range doc.Find(in + "select") {
		chosen := append(s.Find("option[selected]"), s.Find("option")...)
		v.Set(s.Attr("name"), chosen[0].Attr("value"))
	}
	return v
}

func TestAnybodySeesTheYear(t *testing.T) {
	b := setup(t)
	b.get("/calendar", http.StatusSeeOther)
	doc := b.get("/calendar/2026", http.StatusOK)
	if n := len(doc.Find("table.month")); n != 12 {
		t.Errorf("%d months", n)
	}
	text := doc.Text()
	for _, want := range []string{"Giờ làm việc và ngày nghỉ năm 2026", "Thứ Hai đến thứ Sáu", "07:00–11:00, 13:00–17:00", "Ngày Văn hóa Việt Nam", "Làm bù", "Đã công bố"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if n := len(doc.Find("td.is-worked")); n != 2 {
		t.Errorf("%d days worked in exchange", n)
	}
	if n := len(doc.Find("td.is-today")); n != 1 {
		t.Errorf("%d todays", n)
	}
	if n := len(doc.Find("form")); n != 0 {
		t.Errorf("%d forms for nobody in particular", n)
	}
	if text := b.get("/calendar/2027", http.StatusOK).Text(); !strings.Contains(text, "chưa được công bố") {
		t.Error("the draft of 2027 is not called one")
	}
	if text := b.get("/calendar/2031?lang=en", http.StatusOK).Text(); !strings.Contains(text, "No day off of this year") || !strings.Contains(text, "November") {
		t.Errorf("%s", text)
	}
	for _, path := range []string{"/calendar/1999", "/calendar/02026", "/calendar/x", "/calendar/2060"} {
		b.get(path, http.StatusNotFound)
	}
}

func TestWhoMayDraftAndPublish(t *testing.T) {
	b := setup(t)
	for _, path := range []string{"/calendar/2027/draft", "/calendar/2027/days", "/calendar/2027/publish"} {
		b.who = officer
		b.post(path, nil, http.StatusForbidden)
	}
	b.get("/calendar/2027/draft", http.StatusForbidden)
	b.who = admin
	b.get("/calendar/2026/draft", http.StatusNotFound)
}

func TestDraftAndPublish(t *testing.T) {
	b := setup(t)
	b.who = admin
	b.block.OnPublish("test", func(context.Context, pg.Reader, calendar.Date) ([]calendar.Term, error) {
		due := time.Date(2028, 3, 13, 2, 0, 0, 0, time.UTC)
		return []calendar.Term{{Code: "H12.58-280306-0001", Received: due.AddDate(0, 0, -7), Limit: calendar.Limit{N: 5, Unit: calendar.WorkingDays}, Due: due}}, nil
	}, func(context.Context, *audit.Act, []calendar.Moved) error { return nil })

	b.post("/calendar/2028/draft", nil, http.StatusSeeOther)
	doc := b.get("/calendar/2028/draft", http.StatusOK)
	form := formOf(b, doc, "/calendar/2028/days")
	if form.Get("days.1.date") != "2028-01-03" || form.Get("days.1.kind") != "compensatory" || form.Get("days.1.for") != "2028-01-01" {
		t.Errorf("%v", form)
	}
	if text := doc.Text(); strings.Contains(text, "H12.58-280306-0001") {
		t.Error("a term is said to move before anything was changed")
	}

	bad := formOf(b, doc, "/calendar/2028/days")
	bad.Set("days.0.date", "2027-12-31")
	bad.Set("days.1.for", "")
	doc = b.post("/calendar/2028/days", bad, http.StatusUnprocessableEntity)
	for _, want := range []string{"Dòng 1: ngày không thuộc năm 2028", "Dòng 2: cho biết ngày này thay cho ngày nào"} {
		if !strings.Contains(doc.Text(), want) {
			t.Errorf("%q is not said", want)
		}
	}
	if a := doc.Find(`.errors a[href="#f-days-0-date"]`); len(a) != 1 || len(doc.Find("#f-days-0-date")) != 1 {
		t.Error("the summary does not lead to the field")
	}

	free := 0
	for form.Get(fmt.Sprintf("days.%d.date", free)) != "" {
		free++
	}
	name := fmt.Sprintf("days.%d", free)
	form.Set(name+".date", "2028-03-08")
	form.Set(name+".holiday", "other")
	form.Set(name+".kind", "swap_off")
	form.Set(name+".for", "2028-03-11")
	b.post("/calendar/2028/days", form, http.StatusSeeOther)
	doc = b.get("/calendar/2028/draft", http.StatusOK)
	if !strings.Contains(doc.Text(), "H12.58-280306-0001") {
		t.Error("the term that would move is not shown")
	}

	publish := formOf(b, doc, "/calendar/2028/publish")
	doc = b.post("/calendar/2028/publish", publish, http.StatusUnprocessableEntity)
	if !strings.Contains(doc.Text(), "Nhập căn cứ công bố") {
		t.Error("a publication without a basis is not explained")
	}
	publish = formOf(b, doc, "/calendar/2028/publish")
	publish.Set("basis", "Thông báo 1/TB-BNV")
	b.post("/calendar/2028/publish", publish, http.StatusSeeOther)
	if text := b.get("/calendar/2028", http.StatusOK).Text(); !strings.Contains(text, "Đã công bố. Căn cứ: Thông báo 1/TB-BNV") {
		t.Error("the year is not published")
	}
	b.get("/calendar/2028/draft", http.StatusNotFound)
}

func TestTextsInBothLanguages(t *testing.T) {
	for _, m := range lang.Missing() {
		if strings.Contains(m, "calendar.") {
			t.Error(m)
		}
	}
}

// Who publishes sets hours for everybody or one body, from a day to come; everybody reads them.
func TestHours(t *testing.T) {
	t.Parallel()
	b := setup(t)
	send := func(pairs ...string) url.Values {
		v := url.Values{"agency": {"ubnd-xa-dat-mui"}, "use": {"reception"}, "from": {"2026-12-01"}, "mon": {"07:30 – 11:30; 13:30 – 17:00"},
			"sat": {"07:30-11:30"}, "basis": {"Thông báo 12/TB-UBND"}}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	b.get("/calendar/hours", 200)
	b.who = officer
	b.post("/calendar/hours", send(), 403)
	b.who = admin
	for field, bad := range map[string]string{"agency": "nowhere", "use": "lunch", "from": "2026-11-23", "mon": "7h-11h", "tue": "11:00-07:00", "basis": " "} {
		if page := b.post("/calendar/hours", send(field, bad), 422); !strings.Contains(page.Text(), "Lỗi") {
			t.Errorf("%s %q: the page does not say what is wrong", field, bad)
		}
	}
	b.post("/calendar/hours", send(), 303)
	b.who = actor.Actor{}
	page := b.get("/calendar/hours", 200).Text()
	for _, want := range []string{"UBND xã Đất Mũi", "T2: 07:30–11:30, 13:30–17:00; T7: 07:30–11:30", "Thông báo 12/TB-UBND"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page:\n%s", want, page)
		}
	}
}
