package web

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/kit/actor"
	"datmui/kit/fault"
)

func TestSafeNext(t *testing.T) {
	for next, want := range map[string]string{
		"/desk?x=1":            "/desk?x=1",
		"//evil.example":       "/",
		"https://evil.example": "/",
		"/\\evil.example":      "/",
		"javascript:alert(1)":  "/",
		"":                     "/",
		"desk":                 "/",
		"/a\r\nSet-Cookie: x":  "/",
	} {
		if got := SafeNext(next, "/"); got != want {
			t.Errorf("SafeNext(%q) = %q, want %q", next, got, want)
		}
	}
}

func TestForm(t *testing.T) {
	type inner struct {
		Note string `form:"note"`
	}
	type in struct {
		ID    uuid.UUID  `form:"id"`
		N     int        `form:"n"`
		Yes   bool       `form:"yes"`
		Which []string   `form:"which"`
		All   url.Values `form:"*"`
		inner
	}
	r := httptest.NewRequest(http.MethodPost, "/x", strings.NewReader("n=12&yes=on&which=a&which=b&note=+h%E1%BA%BF+&id=junk"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	id := uuid.New()
	r.SetPathValue("id", id.String())
	got := Form[in](r)
	if got.ID != id || got.N != 12 || !got.Yes || len(got.Which) != 2 || got.Note != "hế" || got.All.Get("n") != "12" {
		t.Errorf("got %+v", got)
	}
}

// serve runs one request through the whole chain as the actor.
func serve(t *testing.T, a actor.Actor, rt Route, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	s := NewServer(Config{Origin: "http://example.com", Session: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(actor.With(r.Context(), a)))
		})
	}})
	s.Add(rt)
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func TestErrorTable(t *testing.T) {
	for name, tt := range map[string]struct {
		err    error
		status int
	}{
		"fields":    {fault.Fields{"reason": "required"}, 422},
		"not found": {fault.NotFound("dossier"), 404},
		"forbidden": {fault.Forbidden("x"), 403},
		"conflict":  {fault.Conflict("x"), 409},
		"limit":     {fault.Limit("x"), 429},
		"other":     {http.ErrBodyNotAllowed, 500},
	} {
		t.Run(name, func(t *testing.T) {
			rt := Route{Pattern: "GET /x", Who: Public, Handle: func(http.ResponseWriter, *http.Request) error { return tt.err }}
			w := serve(t, actor.Actor{}, rt, httptest.NewRequest(http.MethodGet, "/x", nil))
			if w.Code != tt.status || strings.Contains(w.Body.String(), tt.err.Error()) {
				t.Errorf("status %d, body %s", w.Code, w.Body)
			}
			r := httptest.NewRequest(http.MethodGet, "/x", nil)
			r.Header.Set("Accept", "application/json")
			if w := serve(t, actor.Actor{}, rt, r); w.Code != tt.status || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("as JSON: status %d, %s", w.Code, w.Header().Get("Content-Type"))
			}
		})
	}
}

func TestGate(t *testing.T) {
	ok := func(w http.ResponseWriter, r *http.Request) error { w.WriteHeader(http.StatusNoContent); return nil }
	officer := actor.Actor{ID: uuid.New(), Kind: actor.Official, Grants: []actor.Grant{{Right: "services.receive", Agency: "a"}}}
	citizen := actor.Actor{ID: uuid.New(), Kind: actor.Citizen, Level: 1}
	for name, tt := range map[string]struct {
		who    Who
		by     actor.Actor
		status int
	}{
		"stranger is sent to sign in":        {AnyOfficial, actor.Actor{}, http.StatusSeeOther},
		"right held":                         {Right("services.receive"), officer, http.StatusNoContent},
		"right not held":                     {Right("services.decide"), officer, http.StatusForbidden},
		"citizen on an official's page":      {AnyOfficial, citizen, http.StatusForbidden},
		"citizen below level 2 may not file": {Level2, citizen, http.StatusForbidden},
		"public":                             {Public, actor.Actor{}, http.StatusNoContent},
	} {
		t.Run(name, func(t *testing.T) {
			w := serve(t, tt.by, Route{Pattern: "GET /x", Who: tt.who, Handle: ok}, httptest.NewRequest(http.MethodGet, "/x", nil))
			if w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
		})
	}
}

func TestCrossOriginPostIsStopped(t *testing.T) {
	ok := func(w http.ResponseWriter, r *http.Request) error { w.WriteHeader(http.StatusNoContent); return nil }
	for origin, want := range map[string]int{"https://evil.example": 403, "http://example.com": 204, "": 204} {
		r := httptest.NewRequest(http.MethodPost, "http://example.com/x", nil)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		if w := serve(t, actor.Actor{}, Route{Pattern: "POST /x", Who: Public, Handle: ok}, r); w.Code != want {
			t.Errorf("origin %q: status %d, want %d", origin, w.Code, want)
		}
	}
}

func TestPanicAndUnknownPage(t *testing.T) {
	boom := Route{Pattern: "GET /x", Who: Public, Handle: func(http.ResponseWriter, *http.Request) error { panic("boom") }}
	if w := serve(t, actor.Actor{}, boom, httptest.NewRequest(http.MethodGet, "/x", nil)); w.Code != 500 || strings.Contains(w.Body.String(), "boom") {
		t.Errorf("panic: status %d, body %s", w.Code, w.Body)
	}
	if w := serve(t, actor.Actor{}, boom, httptest.NewRequest(http.MethodGet, "/y", nil)); w.Code != 404 || !strings.Contains(w.Body.String(), "<h1>") {
		t.Errorf("unknown page: status %d, body %s", w.Code, w.Body)
	}
	if w := serve(t, actor.Actor{}, boom, httptest.NewRequest(http.MethodPost, "/x", nil)); w.Code != 405 {
		t.Errorf("wrong method: status %d", w.Code)
	}
}

// TestTrickle ends a request whose body does not come.
func TestTrickle(t *testing.T) {
	wait, slow := bodyWait, slowest
	bodyWait, slowest = 20*time.Millisecond, 1<<40
	defer func() { bodyWait, slowest = wait, slow }()
	s := NewServer(Config{})
	ended := make(chan error, 1)
	s.Add(Route{Pattern: "POST /x", Who: Public, Handle: func(w http.ResponseWriter, r *http.Request) error {
		_, err := io.ReadAll(r.Body)
		ended <- err
		return nil
	}})
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
	if err := <-ended; err == nil {
		t.Error("a body that never came was read to its end")
	}
}

// An address that exists for other methods only says which, on a page of our own; HEAD is GET
// without the body; an unknown address is a page, too.
func TestMethods(t *testing.T) {
	rt := Route{Pattern: "GET /x", Who: Public, Handle: func(w http.ResponseWriter, r *http.Request) error { return JSON(w, r, http.StatusOK, "x") }}
	for _, tt := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{http.MethodGet, "/x", 200, ""},
		{http.MethodHead, "/x", 200, ""},
		{http.MethodDelete, "/x", 405, "GET, HEAD"},
		{http.MethodGet, "/y", 404, ""},
		{http.MethodHead, "/y", 404, ""},
	} {
		w := serve(t, actor.Actor{}, rt, httptest.NewRequest(tt.method, tt.path, nil))
		if w.Code != tt.status || w.Header().Get("Allow") != tt.allow {
			t.Errorf("%s %s: %d, Allow %q", tt.method, tt.path, w.Code, w.Header().Get("Allow"))
		}
		if tt.method == http.MethodHead && w.Body.Len() > 0 {
			t.Errorf("HEAD %s has a body", tt.path)
		}
		if tt.status > 400 && tt.method != http.MethodHead && !strings.Contains(w.Body.String(), "<h1>") {
			t.Errorf("%s %s: no page of our own: %s", tt.method, tt.path, w.Body)
		}
	}
}

// Over https every cookie is Secure, also those that hold nothing secret.
func TestCookiesAreSecure(t *testing.T) {
	rt := Route{Pattern: "GET /x", Who: Public, Handle: func(w http.ResponseWriter, r *http.Request) error { return SeeOther(w, r, "/y", "done") }}
	for _, https := range []bool{false, true} {
		r := httptest.NewRequest(http.MethodGet, "/x?lang=en&density=roomy", nil)
		if https {
			r.Header.Set("X-Forwarded-Proto", "https")
		}
		cookies := serve(t, actor.Actor{}, rt, r).Result().Cookies()
		if len(cookies) != 3 {
			t.Fatalf("%d cookies, want language, density and flash", len(cookies))
		}
		for _, c := range cookies {
			if c.Secure != https || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
				t.Errorf("https %v: %s", https, c)
			}
		}
	}
}

// Whoever takes long to read an answer is not cut off, as long as she reads: each piece gets its
// time.
func TestDeadlines(t *testing.T) {
	w := &timed{ResponseRecorder: httptest.NewRecorder()}
	s := NewServer(Config{})
	s.Add(Route{Pattern: "GET /down", Who: Public, Handle: func(w http.ResponseWriter, r *http.Request) error {
		for range 3 {
			if _, err := w.Write([]byte("piece")); err != nil {
				return err
			}
		}
		return nil
	}})
	s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/down", nil))
	if w.times < 3 {
		t.Errorf("three pieces got their time %d times", w.times)
	}
}

// timed counts how often a deadline is set.
type timed struct {
	*httptest.ResponseRecorder
	times int
}

func (w *timed) SetWriteDeadline(time.Time) error {
	w.times++
	return nil
}

func FuzzSafeNext(f *testing.F) {
	for _, s := range []string{"/desk?x=1", "//evil", "/\\evil", "/%2f%2fevil", "/\tevil", "https:/evil", "/..//evil"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, next string) {
		got := SafeNext(next, "/home")
		at, err := url.Parse("https://here.example/")
		if err != nil {
			t.Fatal(err)
		}
		to, err := at.Parse(got)
		if err != nil || to.Host != "here.example" || to.Scheme != "https" || to.User != nil || strings.ContainsAny(got, "\\\r\n\t") {
			t.Errorf("%q leads to %q", next, got)
		}
	})
}

// What is no text reaches no handler: neither a page nor a database could take it.
func TestHandlersGetText(t *testing.T) {
	var got []string
	rt := Route{Pattern: "POST /x/{name}", Who: Public, Handle: func(w http.ResponseWriter, r *http.Request) error {
		in := Form[struct {
			Name string     `form:"name"`
			A    string     `form:"a"`
			Q    string     `form:"q"`
			All  url.Values `form:"*"`
		}](r)
		got = []string{in.Name, in.A, in.Q, in.All.Get("a"), r.FormValue("q"), r.URL.Query().Get("q")}
		return nil
	}}
	want := []string{"tên", "xay", "zw", "xay", "zw", "zw"}
	for kind, body := range map[string]string{
		"application/x-www-form-urlencoded": "a=x%ffa%00y&%ff=1",
		"multipart/form-data; boundary=b":   "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\xffa\x00y\r\n--b--\r\n",
	} {
		got = nil
		r := httptest.NewRequest(http.MethodPost, "/x/t%C3%AAn?q=z%00%ed%a0%80w", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		if w := serve(t, actor.Actor{}, rt, r); w.Code != http.StatusOK || !slices.Equal(got, want) {
			t.Errorf("%s: %d, the handler got %q", kind, w.Code, got)
		}
	}
	raw := Route{Pattern: "POST /x/{name}", Who: Public, Handle: func(_ http.ResponseWriter, r *http.Request) error {
		got = []string{r.FormValue("a"), r.PostFormValue("a"), r.PostForm.Get("a")} // read as net/http reads it
		return nil
	}}
	for kind, body := range map[string]string{
		"application/x-www-form-urlencoded": "a=x%1b%c2%85y%0d%0a%09z%7f",
		"multipart/form-data; boundary=b":   "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\x1b\u0085y\r\n\tz\x7f\r\n--b--\r\n",
	} {
		r := httptest.NewRequest(http.MethodPost, "/x/a", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		const line = "xy\r\n\tz"
		if w := serve(t, actor.Actor{}, raw, r); w.Code != http.StatusOK || !slices.Equal(got, []string{line, line, line}) {
			t.Errorf("%s: %d, the handler got %q", kind, w.Code, got)
		}
	}
	for _, path := range []string{"/x/%ff", "/x/a%00b", "/x/%ed%a0%80"} {
		got = nil
		if w := serve(t, actor.Actor{}, rt, httptest.NewRequest(http.MethodPost, path, nil)); w.Code != http.StatusNotFound || got != nil {
			t.Errorf("%s: %d, the handler got %q", path, w.Code, got)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/x/a", strings.NewReader("a="+strings.Repeat("x", 2<<20)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if w := serve(t, actor.Actor{}, rt, r); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a body beyond the limit: %d", w.Code)
	}
}

func FuzzForm(f *testing.F) {
	f.Add("application/x-www-form-urlencoded", "n=12&yes=on&which=a&which=b&id=junk")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n7\r\n--x--\r\n")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n \xff \x00a\r\n--x--\r\n")
	f.Add("application/x-www-form-urlencoded", "text=%ff+%00+a&%00=1")
	f.Add("AppliCAtion/X-www-form-urlenCoded", "%00")
	f.Add("application/x-www-form-urlencoded; =", "%ff=%00")
	f.Fuzz(func(t *testing.T, kind, body string) {
		type in struct {
			ID    uuid.UUID  `form:"id"`
			N     int32      `form:"n"`
			Yes   bool       `form:"yes"`
			Which []int      `form:"which"`
			Text  string     `form:"text"`
			All   url.Values `form:"*"`
		}
		r := httptest.NewRequest(http.MethodPost, "/x", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		if tidy(r, false) != nil {
			return
		}
		got := Form[in](r)
		if got.Text != strings.TrimSpace(got.Text) {
			t.Errorf("text %q is not trimmed", got.Text)
		}
		for name, values := range got.All {
			for _, s := range append(values, name) {
				if !isText(s) {
					t.Errorf("%q is no text", s)
				}
			}
		}
	})
}
