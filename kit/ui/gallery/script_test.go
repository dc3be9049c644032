//go:build e2e

package gallery

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/chromedp/cdproto/webauthn"
	cd "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/go-webauthn/webauthn/protocol"

	"datmui/assets"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/testkit/browser"
	"datmui/kit/ui"
)

// bench serves the pages the scripts are tried on, and remembers what they sent.
type bench struct {
	mu    sync.Mutex
	posts []string          // bodies of the forms that came
	saves []string          // bodies of the drafts that came
	fail  int               // how many of the next requests for drafts or pieces fail
	files map[string][]byte // what was uploaded so far, by id
	sizes map[string]int
	bad   []string // what was wrong with the protocol
}

func (b *bench) page(w http.ResponseWriter, status int, fr ui.Frame, body ...templ.Component) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:")
	w.WriteHeader(status)
	fr.Paths = ui.Paths{Search: "/done"}
	ctx := templ.WithChildren(lang.With(context.Background(), lang.Vietnamese), templ.Join(body...))
	_ = ui.Page(fr, "gallery.parts").Render(ctx, w)
}

func form(attrs templ.Attributes, body ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		fmt.Fprint(w, `<form method="post" action="/form" id="the-form"`)
		if err := templ.RenderAttributes(ctx, w, attrs); err != nil {
			return err
		}
		fmt.Fprint(w, `>`)
		if err := templ.Join(body...).Render(ctx, w); err != nil {
			return err
		}
		_, err := fmt.Fprint(w, `<button class="btn" name="do" value="send">Gửi</button></form>`)
		return err
	})
}

func (b *bench) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+assets.Root, assets.Handler())
	office := ui.Frame{Area: ui.Official}
	name := ui.Form{Prefix: "gallery.form"}
	mux.HandleFunc("GET /form", func(w http.ResponseWriter, _ *http.Request) {
		b.page(w, 200, ui.Frame{}, form(nil, ui.Input(name.Field(context.Background(), "name", ""))))
	})
	mux.HandleFunc("GET /boosted", func(w http.ResponseWriter, _ *http.Request) {
		b.page(w, 200, office, form(ui.Boost(), ui.Input(name.Field(context.Background(), "name", ""))))
	})
	mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		b.mu.Lock()
		b.posts = append(b.posts, r.PostForm.Encode())
		b.mu.Unlock()
		if r.PostForm.Get("name") == "wrong" {
			f := ui.Form{Prefix: "gallery.form", Faults: fault.Fields{"name": "name"}}
			fr := office
			fr.Errors = true
			b.page(w, http.StatusUnprocessableEntity, fr, ui.ErrorSummary(f), form(ui.Boost(), ui.Input(f.Field(r.Context(), "name", "wrong"))))
			return
		}
		time.Sleep(400 * time.Millisecond) // long enough for an impatient second click
		http.Redirect(w, r, "/done", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /done", func(w http.ResponseWriter, _ *http.Request) {
		b.page(w, 200, ui.Frame{Flash: "ui.job.over"}, templ.Raw("<h1>xong</h1>"))
	})
	mux.HandleFunc("GET /draft", func(w http.ResponseWriter, _ *http.Request) {
		b.page(w, 200, ui.Frame{}, form(templ.Attributes{"data-autosave": "/draft"}, ui.Input(name.Field(context.Background(), "name", "")), ui.Saved("")))
	})
	mux.HandleFunc("POST /draft", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.fail > 0 {
			b.fail--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		b.saves = append(b.saves, r.PostForm.Encode())
	})
	mux.HandleFunc("GET /upload", func(w http.ResponseWriter, _ *http.Request) {
		b.page(w, 200, ui.Frame{}, form(nil, ui.Upload(name.Field(context.Background(), "photo", ""), ui.UploadTo{URL: "/files", Accept: "image/jpeg,.bin", Most: 2 << 20, Edge: 800, Several: true})))
	})
	mux.HandleFunc("/files", b.create)
	mux.HandleFunc("/files/{id}", b.piece)
	mux.HandleFunc("GET /passkey", func(w http.ResponseWriter, _ *http.Request) {
		b.page(w, 200, ui.Frame{Scripts: []string{"passkey.js"}}, ui.Passkey("create", "/passkey", "/form", "Không dùng được khóa", ui.Button{Text: "Tạo khóa"}))
	})
	mux.HandleFunc("POST /passkey", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"publicKey":{"rp":{"id":"localhost","name":"x"},"user":{"id":"AQID","name":"huy","displayName":"Huy"},"challenge":"%s",
			"pubKeyCredParams":[{"type":"public-key","alg":-7}],"authenticatorSelection":{"residentKey":"required"},"timeout":20000}}`,
			base64.RawURLEncoding.EncodeToString([]byte("challenge-of-the-bench")))
	})
	return mux
}

// create and piece are the server's side of the protocol in upload.js.
func (b *bench) create(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := "file" + strconv.Itoa(len(b.files)+1)
	size, err := strconv.Atoi(r.Header.Get("Upload-Length"))
	if r.Method != http.MethodPost || err != nil || r.Header.Get("Upload-Name") == "" {
		b.bad = append(b.bad, fmt.Sprint(r.Method, r.Header))
	}
	b.files[id], b.sizes[id] = []byte{}, size
	w.Header().Set("Location", "/files/"+id)
	w.Header().Set("Upload-Id", id)
	w.WriteHeader(http.StatusCreated)
}

func (b *bench) piece(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := r.PathValue("id")
	if r.Method == http.MethodHead {
		w.Header().Set("Upload-Offset", strconv.Itoa(len(b.files[id])))
		return
	}
	body, _ := io.ReadAll(r.Body)
	if b.fail > 0 { // the line broke after half of the piece had come
		b.fail--
		b.files[id] = append(b.files[id], body[:len(body)/2]...)
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	sum := sha256.Sum256(body)
	if want := "sha256 " + base64.StdEncoding.EncodeToString(sum[:]); r.Header.Get("Upload-Checksum") != want {
		b.bad = append(b.bad, "checksum "+r.Header.Get("Upload-Checksum"))
	}
	if r.Header.Get("Upload-Offset") != strconv.Itoa(len(b.files[id])) {
		w.WriteHeader(http.StatusConflict)
		return
	}
	b.files[id] = append(b.files[id], body...)
	w.Header().Set("Upload-Offset", strconv.Itoa(len(b.files[id])))
	w.WriteHeader(http.StatusNoContent)
}

func setup(t *testing.T) (*bench, context.Context, string) {
	t.Helper()
	b := &bench{files: map[string][]byte{}, sizes: map[string]int{}}
	srv := httptest.NewServer(b.handler())
	t.Cleanup(srv.Close)
	ctx, stop := context.WithTimeout(browser.New(t).Tab(t, srv.URL).Ctx, 60*time.Second)
	t.Cleanup(stop)
	return b, ctx, strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)
}

func do(t *testing.T, ctx context.Context, steps ...cd.Action[cd.Void]) {
	t.Helper()
	if err := cd.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// until waits for a condition of the page; it fails with what it was when the time is over.
func until(t *testing.T, ctx context.Context, condition string) {
	t.Helper()
	var last error
	for range 200 {
		ok, err := cd.Run(ctx, cd.Evaluate[bool](condition))
		if err == nil && ok {
			return
		}
		last = err
		time.Sleep(50 * time.Millisecond)
	}
	state, _ := cd.Run(ctx, cd.Evaluate[string](`location.href + "\n" + document.body.innerText.slice(0, 1500)`))
	t.Fatalf("never became true: %s (%v)\n%s", condition, last, state)
}

func eval[T any](t *testing.T, ctx context.Context, js string) T {
	t.Helper()
	v, err := cd.Run(ctx, cd.Evaluate[T](js))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (b *bench) sent() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string{}, b.posts...)
}

func TestAFormIsSentOnce(t *testing.T) {
	b, ctx, url := setup(t)
	for _, path := range []string{"/form", "/boosted"} {
		do(t, ctx, cd.Navigate(url+path), cd.SendKeys(cd.CSS("#f-name"), "Út Em"))
		eval[bool](t, ctx, `var s = document.querySelector("#the-form button"); s.click(); s.click(); setTimeout(() => s.click(), 100); true`)
		until(t, ctx, `location.pathname === "/done"`)
		if got := b.sent(); len(got) != 1 || got[0] != "do=send&name=%C3%9At+Em" {
			t.Errorf("%s: sent %q", path, got)
		}
		b.posts = nil
		if path == "/form" { // the back button brings a form that can be sent again
			eval[bool](t, ctx, `history.back(); true`)
			until(t, ctx, `document.querySelector("#the-form button") !== null && !document.querySelector("[data-sent], [aria-disabled]")`)
		}
	}
}

func TestARefusedFormComesBackInPlace(t *testing.T) {
	_, ctx, url := setup(t)
	do(t, ctx, cd.Navigate(url+"/boosted"), cd.SendKeys(cd.CSS("#f-name"), "wrong"))
	eval[bool](t, ctx, `window.same = true; document.querySelector("#the-form button").click(); true`)
	until(t, ctx, `document.activeElement.matches(".errors")`)
	for js, want := range map[string]string{
		`String(window.same)`: "true", `location.pathname`: "/boosted", `document.title.split(":")[0]`: "Lỗi",
		`document.querySelector("#f-name").value`: "wrong", `document.querySelector("#f-name").getAttribute("aria-invalid")`: "true",
		`String(document.querySelectorAll(".errors").length)`: "1",
	} {
		if got := eval[string](t, ctx, js); got != want {
			t.Errorf("%s is %q, want %q", js, got, want)
		}
	}
	eval[bool](t, ctx, `document.querySelector(".errors a").click(); true`)
	until(t, ctx, `document.activeElement.id === "f-name"`)
	eval[bool](t, ctx, `document.querySelector("#f-name").value = "right"; document.querySelector("#the-form button").click(); true`)
	until(t, ctx, `location.pathname === "/done" && document.querySelector(".toast") !== null`)
}

func TestDraftsAreSaved(t *testing.T) {
	b, ctx, url := setup(t)
	b.fail = 1
	do(t, ctx, cd.Navigate(url+"/draft"), cd.SendKeys(cd.CSS("#f-name"), "Út"))
	until(t, ctx, `document.querySelector("[data-saved]").textContent.startsWith("Mất kết nối")`)
	eval[bool](t, ctx, `dispatchEvent(new Event("online")); true`) // the line is back
	until(t, ctx, `document.querySelector("[data-saved]").textContent.startsWith("Đã lưu lúc")`)
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.saves) != 1 || b.saves[0] != "name=%C3%9At" {
		t.Errorf("saved %q", b.saves)
	}
}

func TestFilesAreUploadedInPiecesAndGoOn(t *testing.T) {
	b, ctx, url := setup(t)
	dir := t.TempDir()
	big, wrong, photo := filepath.Join(dir, "lớn.bin"), filepath.Join(dir, "sai.exe"), filepath.Join(dir, "ảnh.jpg")
	content := bytes.Repeat([]byte("đước và sóng "), 50000)
	var pic bytes.Buffer
	if err := jpeg.Encode(&pic, image.NewRGBA(image.Rect(0, 0, 1600, 1200)), nil); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{big: content, wrong: []byte("x"), photo: pic.Bytes()} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.fail = 1
	do(t, ctx, cd.Navigate(url+"/upload"), cd.SetUploadFiles(cd.CSS("#f-photo"), []string{big, photo, wrong}))
	until(t, ctx, `document.querySelectorAll('input[name="photo.id"]').length === 2`)
	if got := eval[string](t, ctx, `document.querySelector(".file--fault").innerText`); !strings.Contains(got, "Không nhận loại tệp này") {
		t.Errorf("the wrong file says %q", got)
	}
	b.mu.Lock()
	whole, shrunk := false, false
	for _, f := range b.files {
		if bytes.Equal(f, content) {
			whole = true
		} else if c, err := jpeg.DecodeConfig(bytes.NewReader(f)); err == nil && c.Width == 800 && c.Height == 600 {
			shrunk = true
		}
	}
	if len(b.bad) > 0 || !whole || !shrunk || len(b.files) != 2 {
		t.Errorf("%d files came; the large one whole: %v; the photo made small: %v; faults: %q", len(b.files), whole, shrunk, b.bad)
	}
	b.mu.Unlock()
	eval[bool](t, ctx, `document.querySelector("#the-form button[name=do]").click(); true`)
	until(t, ctx, `location.pathname === "/done"`)
	if got := b.sent(); len(got) != 1 || strings.Count(got[0], "photo.id=file") != 2 {
		t.Errorf("the form sent %q", got)
	}
}

func TestKeys(t *testing.T) {
	srv := httptest.NewServer(Handler())
	t.Cleanup(srv.Close)
	ctx, stop := context.WithTimeout(browser.New(t).Tab(t, srv.URL).Ctx, 60*time.Second)
	t.Cleanup(stop)
	at := `[...document.querySelectorAll("[data-list] > li")].findIndex(r => r.classList.contains("is-at"))`
	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(srv.URL+"/desk"), cd.KeyEvent("j"), cd.KeyEvent("j"))
	if got := eval[int](t, ctx, at); got != 2 {
		t.Errorf("after j j the keys stand at row %d, want 2", got)
	}
	do(t, ctx, cd.KeyEvent("k"), cd.KeyEvent("x"))
	if got := eval[string](t, ctx, `document.querySelector("[data-picked]").textContent`); got != "3 đã chọn" {
		t.Errorf("after x: %q", got)
	}
	do(t, ctx, cd.KeyEvent("?"))
	until(t, ctx, `document.querySelector("#keys").matches(":popover-open")`)
	do(t, ctx, cd.KeyEvent(kb.Escape), cd.KeyEvent("/"))
	until(t, ctx, `document.activeElement.id === "filter-q"`)
	do(t, ctx, cd.KeyEvent("j")) // typed, not a command
	if got := eval[string](t, ctx, `document.activeElement.id + document.activeElement.value`); !strings.HasPrefix(got, "filter-q") || !strings.HasSuffix(got, "j") {
		t.Errorf("after typing j the focus and its text are %q", got)
	}
	do(t, ctx, cd.KeyEvent("k", cd.KeyModifiers(cd.ModifierCtrl)))
	until(t, ctx, `document.activeElement.id === "cmd"`)
	do(t, ctx, cd.KeyEvent(kb.Escape), cd.KeyEvent("j"), cd.KeyEvent(kb.Enter))
	until(t, ctx, `location.pathname === "/sign" && document.readyState === "complete"`)
	do(t, ctx, cd.KeyEvent("s"))
	until(t, ctx, `document.activeElement.id === "f-pin"`)
}

func TestPasskey(t *testing.T) {
	b, ctx, url := setup(t)
	if _, err := cd.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if _, err := cd.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}}); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, cd.Navigate(url+"/passkey"))
	eval[bool](t, ctx, `document.querySelector("form[data-passkey] button").click(); true`)
	until(t, ctx, `location.pathname === "/done"`)
	got := b.sent()
	if len(got) != 1 {
		t.Fatalf("sent %q", got)
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(got[0]))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(r.FormValue("credential")))
	if err != nil {
		t.Fatalf("the server's library cannot read what was sent: %v", err)
	}
	if parsed.Response.CollectedClientData.Challenge != base64.RawURLEncoding.EncodeToString([]byte("challenge-of-the-bench")) {
		t.Error("another challenge was signed")
	}
}
