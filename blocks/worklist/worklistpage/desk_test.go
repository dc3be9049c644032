package worklistpage_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/worklist"
	"datmui/blocks/worklist/worklistpage"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/lang"
	"datmui/kit/pg"
	"datmui/kit/testkit"
	"datmui/kit/web"
)

func init() {
	lang.Register(fstest.MapFS{
		"text.vi.toml": {Data: []byte("\"desktest.dossier\" = \"Hồ sơ\"\n\"desktest.why.handle\" = \"thụ lý\"\n\"desktest.why.sign\" = \"chờ ký\"\n")},
		"text.en.toml": {Data: []byte("\"desktest.dossier\" = \"Dossier\"\n\"desktest.why.handle\" = \"to handle\"\n\"desktest.why.sign\" = \"to sign\"\n")},
	})
}

var lan = actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte("lan")), Kind: actor.Official, Name: "Nguyễn Thị Lan", Office: "ubnd-nam-can",
	Offices: []string{"ubnd-nam-can"}, Grants: []actor.Grant{{Right: "services.handle", Agency: "ubnd-nam-can"}}}

type bench struct {
	*pg.DB
	book  *audit.Book
	clock *clock.Fake
	site  http.Handler
	who   actor.Actor
}

func setup(t *testing.T) *bench {
	t.Helper()
	db := testkit.DB(t)
	b := &bench{DB: db, clock: testkit.Clock(t, "2026-11-23T08:06"), who: lan}
	b.book = audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: b.clock})
	list := worklist.New(worklist.Config{DB: db.Reader, Book: b.book, Clock: b.clock})
	list.Register(worklist.Kind{Name: "services.dossier", Text: "desktest.dossier", Icon: "folder"})
	server := web.NewServer(web.Config{Log: testkit.Log(t), Session: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(actor.With(r.Context(), b.who)))
		})
	}})
	server.Add(worklistpage.New(list).Routes()...)
	b.site = server.Handler()
	return b
}

func (b *bench) put(t *testing.T, what string, hours int, change ...func(*worklist.Item)) {
	t.Helper()
	err := b.book.Act(actor.With(t.Context(), actor.ForSystem("test")), "worklist.test", func(ctx context.Context, act *audit.Act) error {
		it := worklist.Item{Kind: "services.dossier", Subject: uuid.Must(uuid.NewV7()), Agency: "ubnd-nam-can", Right: "services.handle",
			What: what, Who: "Dương Khánh Vy", Code: "H12.58-261118-0003", Why: "desktest.why.handle", Href: "/dossiers/1",
			Due: b.clock.Now().Add(time.Duration(hours) * time.Hour)}
		for _, c := range change {
			c(&it)
		}
		return worklist.Put(ctx, act, it)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	b.site.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
	return w
}

func (b *bench) post(t *testing.T, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	b.site.ServeHTTP(w, r)
	return w
}

func titles(doc *testkit.Doc) string {
	var out []string
	for _, n := range doc.Find(".work .what a") {
		out = append(out, n.Text())
	}
	return strings.Join(out, ", ")
}

func TestDeskGroupsByUrgencyAndFilters(t *testing.T) {
	b := setup(t)
	b.put(t, "trễ", -3)
	b.put(t, "hôm nay", 3, func(it *worklist.Item) { it.Person = lan.ID })
	b.put(t, "chờ ký", 400, func(it *worklist.Item) { it.Why = "desktest.why.sign"; it.Priority = 3 })
	page := b.get(t, "/desk")
	if page.Code != http.StatusOK {
		t.Fatalf("%d: %s", page.Code, page.Body)
	}
	doc := testkit.HTML(t, page.Body)
	if got := titles(doc); got != "trễ, hôm nay, chờ ký" {
		t.Errorf("rows: %s", got)
	}
	var counts []string
	for _, n := range doc.Find(".urg a") {
		counts = append(counts, n.Text())
	}
	if got := strings.Join(counts, "|"); got != "0 quá hạn lâu|1 quá hạn|1 hạn hôm nay|0 sắp đến hạn|1 chưa đến hạn" &&
		got != "0quá hạn lâu|1quá hạn|1hạn hôm nay|0sắp đến hạn|1chưa đến hạn" {
		t.Errorf("counts: %s", got)
	}
	doc.Must("#due-late").Wants("Quá hạn", "trễ", "Dương Khánh Vy", "thụ lý", "chưa ai nhận", "Quá 3 giờ")
	doc.Must("#due-later").Wants("Hỏa tốc", "chờ ký")
	for path, want := range map[string]string{
		"/desk?due=today":                       "hôm nay",
		"/desk?why=desktest.why.sign":           "chờ ký",
		"/desk?whose=mine":                      "hôm nay",
		"/desk?whose=office&q=TRE":              "trễ",
		"/desk?kind=services.dossier&due=later": "chờ ký",
		"/desk?kind=documents.document":         "",
		"/desk?due=nonsense":                    "trễ, hôm nay, chờ ký",
	} {
		page := b.get(t, path)
		if got := titles(testkit.HTML(t, page.Body)); page.Code != http.StatusOK || got != want {
			t.Errorf("%s: %d, %s", path, page.Code, got)
		}
	}
	chips := testkit.HTML(t, b.get(t, "/desk?due=today&why=desktest.why.sign&q=x").Body)
	if got := chips.Must(`a[href="/desk?due=today&q=x"]`).Text(); !strings.Contains(got, "chờ ký") {
		t.Errorf("the chip reads %q", got)
	}
}

func TestDeskPagesThroughManyItems(t *testing.T) {
	b := setup(t)
	for i := range 60 {
		b.put(t, fmt.Sprintf("việc %02d", i), i+1)
	}
	doc := testkit.HTML(t, b.get(t, "/desk").Body)
	if n := len(doc.Find(".work .what a")); n != 50 {
		t.Fatalf("%d rows", n)
	}
	next := doc.Must(`a[rel="next"]`).Attr("href")
	doc = testkit.HTML(t, b.get(t, next).Body)
	if got := titles(doc); !strings.HasPrefix(got, "việc 50") || len(doc.Find(".work .what a")) != 10 {
		t.Errorf("second page: %s", got)
	}
	if got := doc.Must(`.pages a`).Attr("href"); got != "/desk" {
		t.Errorf("the way back: %s", got)
	}
	if code := b.get(t, "/desk?key=nonsense").Code; code != http.StatusNotFound {
		t.Errorf("a broken key: %d", code)
	}
}

func TestExportIsExactlyWhatIsFilteredAndIsNoted(t *testing.T) {
	b := setup(t)
	b.put(t, "=SUM(1+1)", 1)
	b.put(t, "việc, có phẩy", 2)
	b.put(t, "không xuất", 3, func(it *worklist.Item) { it.Why = "desktest.why.sign" })
	w := b.get(t, "/desk/export.csv?why=desktest.why.handle")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3 || rows[1][1] != "'=SUM(1+1)" || rows[2][1] != "việc, có phẩy" || rows[1][6] != "2026-11-23 09:06" {
		t.Errorf("%q", rows)
	}
	var n int
	if err := b.Reader.QueryRow(t.Context(), `SELECT count(*) FROM audit.entry WHERE kind = 'read' AND name = 'worklist.desk.export'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d entries, %v", n, err)
	}
}

func TestViewsAreKeptAndDropped(t *testing.T) {
	b := setup(t)
	b.put(t, "trễ", -3)
	form := url.Values{"client": {"client-1"}, "query": {"due=late"}, "name": {" "}}
	w := b.post(t, "/desk/views", form)
	if w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("%d", w.Code)
	}
	refused := testkit.HTML(t, w.Body)
	refused.Must(".errors a").Wants("Nhập tên bộ lọc")
	if !strings.HasPrefix(refused.Must("title").Text(), "Lỗi:") {
		t.Errorf("title: %s", refused.Must("title").Text())
	}
	form.Set("name", "Quá hạn của tôi")
	if w := b.post(t, "/desk/views", form); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/desk?due=late" {
		t.Fatalf("%d %s", w.Code, w.Header().Get("Location"))
	}
	doc := testkit.HTML(t, b.get(t, "/desk?due=late").Body)
	doc.Must(`.filters a[aria-current]`).Wants("Quá hạn của tôi")
	id := doc.Must(`form[action="/desk/views/drop"] input[name="id"]`).Attr("value")
	if w := b.post(t, "/desk/views/drop", url.Values{"id": {id}}); w.Code != http.StatusSeeOther {
		t.Errorf("%d", w.Code)
	}
	if strings.Contains(b.get(t, "/desk").Body.String(), "Quá hạn của tôi") {
		t.Error("the view is still there")
	}
}

func TestDeskIsForOfficials(t *testing.T) {
	b := setup(t)
	b.who = actor.Actor{ID: lan.ID, Kind: actor.Citizen, Level: 2}
	for _, path := range []string{"/desk", "/desk/export.csv"} {
		if code := b.get(t, path).Code; code != http.StatusForbidden {
			t.Errorf("%s: a citizen gets %d", path, code)
		}
	}
	b.who = lan
	if code := b.get(t, "/desk?agency=ubnd-nam-can").Code; code != http.StatusForbidden {
		t.Errorf("every desk of the agency, without the right: %d", code)
	}
	b.who.Grants = append(b.who.Grants, actor.Grant{Right: "services.supervise", Agency: "ubnd-nam-can"})
	b.put(t, "của người khác", 5, func(it *worklist.Item) { it.Person = uuid.New() })
	if got := titles(testkit.HTML(t, b.get(t, "/desk?agency=ubnd-nam-can").Body)); got != "của người khác" {
		t.Errorf("every desk: %s", got)
	}
}

func TestTextsStandInBothLanguages(t *testing.T) {
	for _, m := range lang.Missing() {
		if strings.Contains(m, "worklist.") {
			t.Error(m)
		}
	}
}
