package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"datmui/kit/actor"
)

// A form sent after the session has ended comes back whole to its sender, without its secrets.
func TestFormIsKeptWhileSigningIn(t *testing.T) {
	citizen := actor.Actor{ID: uuid.New(), Kind: actor.Citizen, Level: 2}
	post := Route{Pattern: "POST /apply/7", Who: Level2, Handle: func(http.ResponseWriter, *http.Request) error { return nil }}
	show := Route{Pattern: "GET /apply/7/q", Who: Level2, Handle: func(w http.ResponseWriter, r *http.Request) error {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}}
	send := func(change func(*http.Request)) []*http.Cookie {
		r := httptest.NewRequest(http.MethodPost, "http://example.com/apply/7", strings.NewReader("name=B%C3%A0+Mai+%22x%22&tick=a&tick=b&pin=123456&password=123456&current=123456&repeat=123456&code=123456"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Referer", "http://example.com/apply/7/q")
		change(r)
		w := serve(t, actor.Actor{}, post, r)
		if w.Code != http.StatusSeeOther {
			t.Fatalf("status %d", w.Code)
		}
		return w.Result().Cookies()
	}
	cookies := send(func(r *http.Request) { r.Header.Set("Sec-Fetch-Mode", "navigate") })
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].MaxAge != keptLife {
		t.Fatalf("cookies %v", cookies)
	}
	get := func(a actor.Actor, rt Route, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.AddCookie(cookies[0])
		return serve(t, a, rt, r)
	}
	w := get(citizen, show, "/apply/7/q")
	for _, want := range []string{`action="/apply/7"`, `name="name" value="Bà Mai &#34;x&#34;"`, `name="tick" value="a"`, `name="tick" value="b"`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page lacks %s: %s", want, w.Body)
		}
	}
	if strings.Contains(w.Body.String(), "123456") {
		t.Error("a secret was kept")
	}
	if left := w.Result().Cookies(); len(left) != 1 || left[0].MaxAge >= 0 {
		t.Errorf("the cookie stays: %v", left)
	}
	other := show
	other.Pattern = "GET /other"
	if w := get(citizen, other, "/other"); w.Code != http.StatusNoContent {
		t.Errorf("another page shows it: %d", w.Code)
	}
	for name, change := range map[string]func(*http.Request){
		"a script's sending": func(r *http.Request) { r.Header.Set("Sec-Fetch-Mode", "cors") },
		"a form with files":  func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary=x") },
		"more than a cookie has": func(r *http.Request) {
			r.Body = http.NoBody
			r.Body = httptest.NewRequest(http.MethodPost, "/", strings.NewReader("note="+noise(9000))).Body
		},
	} {
		if c := send(change); len(c) != 0 {
			t.Errorf("%s is kept", name)
		}
	}
}

// noise cannot be packed small.
func noise(n int) string {
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(uuid.NewString())
	}
	return b.String()
}

func FuzzUnpack(f *testing.F) {
	good, err := pack("/a\n/b\nx=1")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		r := httptest.NewRequest(http.MethodGet, "/b", nil)
		r.AddCookie(&http.Cookie{Name: keptCookie, Value: s})
		if k, ok := keptFor(r); ok && (k.back != "/b" || SafeNext(k.action, "") == "") {
			t.Errorf("%q became %+v", s, k)
		}
	})
}
