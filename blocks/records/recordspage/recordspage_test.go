package recordspage_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/records"
	"datmui/blocks/records/recordspage"
	"datmui/kit/actor"
	"datmui/kit/lang"
	"datmui/kit/pg"
	"datmui/kit/testkit"
	"datmui/kit/web"
)

var (
	vy  = actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte("vy")), Kind: actor.Citizen, Name: "Dương Khánh Vy", Level: 2}
	lan = actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte("lan")), Kind: actor.Official, Name: "Nguyễn Thị Lan", Agency: "UBND xã Năm Căn",
		Grants: []actor.Grant{{Right: "services.handle", Agency: "ubnd-nam-can"}}}
)

type bench struct {
	*pg.DB
	book *audit.Book
	recs *records.Block
	site http.Handler
	who  actor.Actor
}

func setup(t *testing.T) *bench {
	t.Helper()
	db := testkit.DB(t)
	b := &bench{DB: db, who: vy, book: audit.New(audit.Config{App: db.App, Reader: db.Reader})}
	b.recs = records.New(records.Config{DB: db.Reader, Book: b.book})
	server := web.NewServer(web.Config{Log: testkit.Log(t), Session: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(actor.With(r.Context(), b.who)))
		})
	}})
	server.Add(recordspage.New(recordspage.Config{Records: b.recs, File: func(id uuid.UUID) string { return "/files/" + id.String() },
		Agencies: func(context.Context) ([]recordspage.Agency, error) {
			return []recordspage.Agency{{ID: "ubnd-nam-can", Name: "UBND xã Năm Căn"}}, nil
		}}).Routes()...)
	b.site = server.Handler()
	return b
}

func (b *bench) keep(t *testing.T, p records.Paper) (id uuid.UUID) {
	t.Helper()
	p.Owner, p.Type, p.Issuer, p.IssuedOn = vy.ID, "KQ.G15.000038", "UBND xã Năm Căn", time.Now().AddDate(0, -3, 0)
	if err := b.book.Act(actor.With(t.Context(), lan), "records.test", func(ctx context.Context, act *audit.Act) (err error) {
		id, err = b.recs.Keep(ctx, act, p, uuid.Nil)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

func (b *bench) do(t *testing.T, method, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	b.site.ServeHTTP(w, r)
	return w
}

func (b *bench) page(t *testing.T, path string) *testkit.Doc {
	t.Helper()
	w := b.do(t, "GET", path, nil)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d: %s", path, w.Code, w.Body)
	}
	return testkit.HTML(t, w.Body)
}

func TestPapersSayWhetherTheyCount(t *testing.T) {
	b := setup(t)
	b.page(t, "/records").Must(".empty").Wants("Bạn chưa có giấy tờ nào ở đây")
	file, past := uuid.New(), time.Now().AddDate(0, -1, 0)
	b.keep(t, records.Paper{Name: "Giấy xác nhận tình trạng hôn nhân", Number: "1/XN", FileID: &file})
	b.keep(t, records.Paper{Name: "Giấy khám sức khỏe", ValidUntil: &past})
	doc := b.page(t, "/records")
	doc.Must("main").Wants("Giấy xác nhận tình trạng hôn nhân", "Số 1/XN", "UBND xã Năm Căn", "Còn giá trị", "Giấy khám sức khỏe", "Hết giá trị")
	doc.Must(`a[href="/files/` + file.String() + `"]`)
	b.who.ID = uuid.New()
	if strings.Contains(b.page(t, "/records").Must("main").Text(), "1/XN") {
		t.Error("another person sees the paper")
	}
	b.who = actor.Actor{}
	if w := b.do(t, "GET", "/records", nil); w.Code != http.StatusSeeOther {
		t.Errorf("a stranger: %d", w.Code)
	}
}

func TestConsentIsGivenAndWithdrawn(t *testing.T) {
	b := setup(t)
	paper := b.keep(t, records.Paper{Name: "Giấy xác nhận tình trạng hôn nhân", Number: "1/XN"})
	b.who.Level = 1
	if w := b.do(t, "GET", "/records/consents/new", nil); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "mức độ 2") {
		t.Errorf("at level 1: %d %s", w.Code, w.Body)
	}
	b.who.Level = 2
	form := b.page(t, "/records/consents/new").Must(`form[action="/records/consents/new"]`)
	in := url.Values{"client": {form.Must(`input[name="client"]`).Attr("value")}, "agency": {"no-such-agency"}, "purpose": {""}, "days": {"0"}}
	w := b.do(t, "POST", "/records/consents/new", in)
	if w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("%d", w.Code)
	}
	refused := testkit.HTML(t, w.Body)
	if n := len(refused.Find(".errors a")); n != 3 {
		t.Errorf("%d faults: %s", n, refused.Must(".errors").Text())
	}
	in.Set("agency", "ubnd-nam-can")
	in.Set("purpose", "Đăng ký kết hôn")
	in.Set("days", "30")
	in.Set("person", lan.ID.String()) // nobody speaks for another here
	for range 2 {
		if w := b.do(t, "POST", "/records/consents/new", in); w.Code != http.StatusSeeOther {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
	}
	doc := b.page(t, "/records/consents")
	doc.Must("main").Wants("UBND xã Năm Căn", "Đăng ký kết hôn", "Đang có hiệu lực")
	ids := doc.Find(`form[action="/records/consents/withdraw"] input[name="id"]`)
	if len(ids) != 1 {
		t.Fatalf("%d consents", len(ids))
	}
	consent := uuid.MustParse(ids[0].Attr("value"))
	reuse := func() error {
		return b.book.Act(actor.With(t.Context(), lan), "records.test", func(ctx context.Context, act *audit.Act) error {
			_, err := b.recs.Reuse(ctx, act, records.ReuseIn{Paper: paper, Consent: consent, Purpose: "Đăng ký kết hôn số 7", Agency: "ubnd-nam-can"})
			return err
		})
	}
	if err := reuse(); err != nil {
		t.Fatal(err)
	}
	b.page(t, "/records/uses").Must(".river").Wants("Nguyễn Thị Lan, UBND xã Năm Căn", "Đăng ký kết hôn số 7", "Giấy xác nhận tình trạng hôn nhân")
	if w := b.do(t, "POST", "/records/consents/withdraw", url.Values{"id": {consent.String()}}); w.Code != http.StatusSeeOther {
		t.Fatalf("%d", w.Code)
	}
	if reuse() == nil {
		t.Error("used after the consent was withdrawn")
	}
	b.page(t, "/records/consents").Must("main").Wants("Đã hết", "Rút lại lúc")
}

func TestTextsStandInBothLanguages(t *testing.T) {
	for _, m := range lang.Missing() {
		if strings.Contains(m, "records.") {
			t.Error(m)
		}
	}
}
