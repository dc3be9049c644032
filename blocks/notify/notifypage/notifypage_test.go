package notifypage_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/notify"
	"datmui/blocks/notify/notifypage"
	"datmui/kit/actor"
	"datmui/kit/lang"
	"datmui/kit/pg"
	"datmui/kit/testkit"
	"datmui/kit/web"
)

func init() {
	lang.Register(fstest.MapFS{
		"text.vi.toml": {Data: []byte("\"notice.pagetest.ready.subject\" = \"Kết quả {{.code}} đã có\"\n\"notice.pagetest.ready.body\" = \"Mời bạn xem {{.code}}.\"\n\"notice.pagetest.ready.name\" = \"Kết quả đã có\"\n")},
		"text.en.toml": {Data: []byte("\"notice.pagetest.ready.subject\" = \"Result {{.code}} is there\"\n\"notice.pagetest.ready.body\" = \"See {{.code}}.\"\n\"notice.pagetest.ready.name\" = \"Result is there\"\n")},
	})
}

type ready struct{ Code, Path string }

func (ready) NoticeKind() string { return "pagetest.ready" }

var vy = actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte("vy")), Kind: actor.Citizen, Name: "Dương Khánh Vy", Level: 2}

type bench struct {
	*pg.DB
	book *audit.Book
	box  *notify.Block
	site http.Handler
	who  actor.Actor
}

func setup(t *testing.T) *bench {
	t.Helper()
	db := testkit.DB(t)
	b := &bench{DB: db, who: vy, book: audit.New(audit.Config{App: db.App, Reader: db.Reader})}
	b.box = notify.New(notify.Config{DB: db.Reader, Book: b.book})
	server := web.NewServer(web.Config{Log: testkit.Log(t), Session: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(actor.With(r.Context(), b.who)))
		})
	}})
	server.Add(notifypage.New(b.box, nil).Routes()...)
	b.site = server.Handler()
	return b
}

func (b *bench) send(t *testing.T, code, path string) {
	t.Helper()
	if err := b.book.Act(actor.With(t.Context(), actor.ForSystem("test")), "notify.test", func(ctx context.Context, act *audit.Act) error {
		return b.box.Send(ctx, act, vy.ID, ready{code, path})
	}); err != nil {
		t.Fatal(err)
	}
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

func TestInboxOpensAndForgetsNothing(t *testing.T) {
	b := setup(t)
	testkit.HTML(t, b.do(t, "GET", "/notices", nil).Body).Must(".empty").Wants("Bạn chưa có thông báo nào")
	b.send(t, "H12.58-1", "/my/dossiers/1")
	b.send(t, "H12.58-2", "")
	doc := testkit.HTML(t, b.do(t, "GET", "/notices", nil).Body)
	links := doc.Find(".go a")
	if len(links) != 2 || links[1].Text() != "Kết quả H12.58-1 đã có" || len(doc.Find(".tag")) != 2 {
		t.Fatalf("%s", doc.Text())
	}
	for i, want := range []string{"/notices", "/my/dossiers/1"} { // the newest first
		w := b.do(t, "GET", links[i].Attr("href"), nil)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("%d to %s, want %s", w.Code, w.Header().Get("Location"), want)
		}
	}
	if doc := testkit.HTML(t, b.do(t, "GET", "/notices", nil).Body); len(doc.Find(".tag")) != 0 || len(doc.Find(".go")) != 2 {
		t.Error("opened notices are still new, or gone")
	}
	b.who.ID = uuid.New()
	if code := b.do(t, "GET", links[0].Attr("href"), nil).Code; code != http.StatusNotFound {
		t.Errorf("another's notice: %d", code)
	}
	b.who = actor.Actor{}
	if w := b.do(t, "GET", "/notices", nil); w.Code != http.StatusSeeOther {
		t.Errorf("a stranger: %d", w.Code)
	}
}

func TestMarkAllRead(t *testing.T) {
	b := setup(t)
	b.send(t, "1", "")
	doc := testkit.HTML(t, b.do(t, "GET", "/notices", nil).Body)
	if w := b.do(t, "POST", doc.Must(`form[method="post"]`).Attr("action"), url.Values{}); w.Code != http.StatusSeeOther {
		t.Fatalf("%d", w.Code)
	}
	if n, err := b.box.Unread(actor.With(t.Context(), vy)); err != nil || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
}

func TestPreferencesAreKept(t *testing.T) {
	b := setup(t)
	form := url.Values{"lang": {"en"}, "mail": {"digest"}, "kind.pagetest.ready": {"off"}}
	if w := b.do(t, "POST", "/notices/preferences", form); w.Code != http.StatusSeeOther {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	doc := testkit.HTML(t, b.do(t, "GET", "/notices/preferences", nil).Body)
	for _, sel := range []string{`input[name="mail"][value="digest"][checked]`, `input[name="lang"][value="en"][checked]`,
		`select[name="kind.pagetest.ready"] option[value="off"][selected]`} {
		doc.Must(sel)
	}
	form.Set("mail", "sometimes")
	w := b.do(t, "POST", "/notices/preferences", form)
	if w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("%d", w.Code)
	}
	doc = testkit.HTML(t, w.Body)
	doc.Must("#" + strings.TrimPrefix(doc.Must(".errors a").Attr("href"), "#"))
}

func TestTextsStandInBothLanguages(t *testing.T) {
	for _, m := range lang.Missing() {
		if strings.Contains(m, "notify.") {
			t.Error(m)
		}
	}
}
