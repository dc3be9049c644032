package filespage_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/blocks/files/filespage"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/testkit"
	"datmui/kit/web"
)

var (
	vy  = actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte("vy")), Kind: actor.Citizen, Name: "Dương Khánh Vy", Level: 2}
	pdf = []byte("%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
)

// looker sees one page and draws the letters that stand for it.
type looker struct{}

func (looker) Look(context.Context, string, io.Reader) (files.Look, error) {
	return files.Look{Pages: 2, Thumb: []byte("thumb")}, nil
}
func (looker) Page(_ context.Context, _ string, _ io.Reader, page, width int) ([]byte, error) {
	return fmt.Appendf(nil, "page %d, %d px", page, width), nil
}

type bench struct {
	*files.Block
	server *httptest.Server
	who    actor.Actor
	form   chan map[string][]string
}

func setup(t *testing.T) *bench {
	t.Helper()
	db, clock := testkit.DB(t), testkit.Clock(t, "2026-11-23T08:06")
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: clock})
	dir := t.TempDir()
	block, err := files.New(t.Context(), files.Config{DB: db.Reader, Book: book, Clock: clock, Looker: looker{}, MaxBytes: 1 << 20,
		Store: filepath.Join(dir, "files"), Temp: filepath.Join(dir, "uploads")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { block.Close() })
	b := &bench{Block: block, who: vy, form: make(chan map[string][]string, 1)}
	pages := filespage.New(block)
	s := web.NewServer(web.Config{Log: testkit.Log(t), Session: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(actor.With(r.Context(), b.who)))
		})
	}})
	s.Add(pages.Routes()...)
	s.Add(web.Route{Pattern: "POST /form", Who: web.AnyoneIn, Limit: 8 << 20, Handle: func(w http.ResponseWriter, r *http.Request) error {
		err := pages.Form(r)
		b.form <- r.Form
		return err
	}})
	b.server = httptest.NewServer(s.Handler())
	t.Cleanup(b.server.Close)
	return b
}

// ask sends a request with headers given as name, value, … and returns the answer and its body.
func (b *bench) ask(t *testing.T, method, path string, body []byte, headers ...string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, b.server.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, got
}

func (b *bench) upload(t *testing.T, name string, data []byte) uuid.UUID {
	t.Helper()
	id, err := b.Receive(actor.With(t.Context(), vy), name, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func sum(p []byte) string {
	h := sha256.Sum256(p)
	return "sha256 " + base64.StdEncoding.EncodeToString(h[:])
}

func TestUploadAsTheScriptDoesIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	res, _ := b.ask(t, "POST", "/uploads", nil, "Upload-Length", strconv.Itoa(len(pdf)), "Upload-Name", "%C4%91%C6%A1n%20xin.pdf")
	at, id := res.Header.Get("Location"), res.Header.Get("Upload-Id")
	if res.StatusCode != 201 || at != "/uploads/"+id {
		t.Fatalf("%d %q %q", res.StatusCode, at, id)
	}
	for i, tt := range []struct {
		from   int
		piece  []byte
		sum    string
		status int
		offset string
	}{
		{0, pdf[:10], sum([]byte("other")), 460, "0"},
		{0, pdf[:10], sum(pdf[:10]), 204, "10"},
		{0, pdf[:10], sum(pdf[:10]), 409, "10"},
		{10, pdf[10:20], "md5 x", 422, ""},
		{10, pdf[10:20], "", 204, "20"},
		{20, pdf[20:], sum(pdf[20:]), 204, strconv.Itoa(len(pdf))},
	} {
		res, body := b.ask(t, "PATCH", at, tt.piece, "Upload-Offset", strconv.Itoa(tt.from), "Upload-Checksum", tt.sum)
		if res.StatusCode != tt.status || res.Header.Get("Upload-Offset") != tt.offset {
			t.Fatalf("piece %d: %d, offset %q %s", i, res.StatusCode, res.Header.Get("Upload-Offset"), body)
		}
	}
	res, _ = b.ask(t, "HEAD", at, nil)
	if res.StatusCode != 200 || res.Header.Get("Upload-Offset") != strconv.Itoa(len(pdf)) {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	res, body := b.ask(t, "GET", "/files/"+id, nil)
	_, params, err := mime.ParseMediaType(res.Header.Get("Content-Disposition"))
	if res.StatusCode != 200 || !bytes.Equal(body, pdf) || err != nil || params["filename"] != "đơn xin.pdf" {
		t.Errorf("%d %q %v %v", res.StatusCode, body, params, err)
	}
	b.who = actor.Actor{ID: uuid.New(), Kind: actor.Citizen, Level: 2}
	for _, try := range [][2]string{{"HEAD", at}, {"PATCH", at}, {"DELETE", at}, {"GET", "/files/" + id}, {"GET", "/files/" + id + "/thumb"}, {"GET", "/files/" + id + "/pages/1"}, {"GET", "/files/junk"}} {
		if res, _ := b.ask(t, try[0], try[1], nil, "Upload-Offset", "0"); res.StatusCode != 404 {
			t.Errorf("a stranger's %s %s: %d", try[0], try[1], res.StatusCode)
		}
	}
	b.who = actor.Actor{}
	if res, _ := b.ask(t, "POST", "/uploads", nil, "Upload-Length", "5"); res.StatusCode != 401 {
		t.Errorf("nobody's upload: %d", res.StatusCode)
	}
}

func TestUploadRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, tt := range map[string]struct {
		length string
		data   string
		status int
	}{
		"no length":  {"", "", 422},
		"empty":      {"0", "", 422},
		"negative":   {"-5", "", 422},
		"too large":  {strconv.Itoa(2 << 20), "", 429},
		"wrong type": {"4", "text", 422},
	} {
		res, body := b.ask(t, "POST", "/uploads", nil, "Upload-Length", tt.length, "Upload-Name", "a.pdf")
		if tt.data != "" && res.StatusCode == 201 {
			res, body = b.ask(t, "PATCH", res.Header.Get("Location"), []byte(tt.data), "Upload-Offset", "0")
		}
		if res.StatusCode != tt.status || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", name, res.StatusCode, body)
		}
	}
}

func TestDownloadIsNoPageOfOurs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := "/files/" + b.upload(t, "a.pdf", pdf).String()
	res, _ := b.ask(t, "GET", path+"?inline", nil)
	want := map[string]string{
		"Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
		"Content-Disposition": `attachment; filename="a.pdf"; filename*=UTF-8''a.pdf`, "Cache-Control": "private, no-cache",
		"Accept-Ranges": "bytes",
	}
	got := map[string]string{}
	for k := range want {
		got[k] = strings.Join(res.Header.Values(k), " | ")
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("headers (-want +got):\n%s", d)
	}
	res, body := b.ask(t, "GET", path, nil, "Range", "bytes=5-8")
	if res.StatusCode != 206 || string(body) != string(pdf[5:9]) {
		t.Errorf("%d %q", res.StatusCode, body)
	}
	res, body = b.ask(t, "GET", path, nil, "Range", "bytes=9999-")
	if res.StatusCode != 416 {
		t.Errorf("%d %q", res.StatusCode, body)
	}
	h := sha256.Sum256(pdf)
	if res, _ := b.ask(t, "GET", path, nil, "If-None-Match", `"`+hex.EncodeToString(h[:])+`"`); res.StatusCode != 304 {
		t.Errorf("%d for what is known already", res.StatusCode)
	}
	png := b.upload(t, "ảnh.png", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"))
	if res, _ := b.ask(t, "GET", "/files/"+png.String()+"?inline", nil); !strings.HasPrefix(res.Header.Get("Content-Disposition"), "inline;") {
		t.Errorf("a picture asked for inline: %s", res.Header.Get("Content-Disposition"))
	}
}

func TestPictures(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := "/files/" + b.upload(t, "a.pdf", pdf).String()
	for suffix, want := range map[string]string{
		"/thumb": "image/jpeg thumb", "/pages/2": "image/png page 2, 1240 px",
	} {
		for range 2 { // the second comes from the store
			res, body := b.ask(t, "GET", path+suffix, nil)
			if got := res.Header.Get("Content-Type") + " " + string(body); res.StatusCode != 200 || got != want {
				t.Errorf("%s: %d %q, want %q", suffix, res.StatusCode, got, want)
			}
		}
	}
	for _, suffix := range []string{"/pages/0", "/pages/3", "/pages/x", "/pages/-1"} {
		if res, _ := b.ask(t, "GET", path+suffix, nil); res.StatusCode != 404 {
			t.Errorf("%s: %d", suffix, res.StatusCode)
		}
	}
}

func TestFormBringsFilesAlongWithoutAScript(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	file := func(field, name string, data []byte) {
		w, err := m.CreateFormFile(field, name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(data)
	}
	m.WriteField("name", "Dương Khánh Vy")
	file("paper", "một.pdf", pdf)
	file("paper", "hai.pdf", append(bytes.Clone(pdf), '2'))
	file("none", "", nil)
	file("photo", "a.exe", []byte("MZ"))
	file("big", "b.pdf", append(bytes.Clone(pdf), make([]byte, 2<<20)...))
	m.WriteField("after", "still read")
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	res, problem := b.ask(t, "POST", "/form?q=1", body.Bytes(), "Content-Type", m.FormDataContentType())
	form := <-b.form
	if res.StatusCode != 422 || !strings.Contains(string(problem), `{"field":"big","code":"files.large"},{"field":"photo","code":"files.type"}`) {
		t.Errorf("%d %s", res.StatusCode, problem)
	}
	if form["name"][0] != "Dương Khánh Vy" || form["after"][0] != "still read" || form["q"][0] != "1" || len(form["paper.id"]) != 2 || form["none.id"] != nil {
		t.Errorf("%v", form)
	}
	var ids []uuid.UUID
	for _, s := range form["paper.id"] {
		ids = append(ids, uuid.MustParse(s))
	}
	held, err := b.Held(actor.With(t.Context(), vy), ids...)
	if err != nil || len(held) != 2 || held[0].Name != "một.pdf" || held[1].Name != "hai.pdf" {
		t.Errorf("%+v %v", held, err)
	}
}

func TestFormsThatAreNone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, body := range map[string]string{
		"cut short":   "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhalf",
		"no boundary": "junk",
	} {
		res, got := b.ask(t, "POST", "/form", []byte(body), "Content-Type", "multipart/form-data; boundary=x")
		<-b.form
		if res.StatusCode != 422 {
			t.Errorf("%s: %d %s", name, res.StatusCode, got)
		}
	}
	many := strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nv\r\n", 1001) + "--x--\r\n"
	for name, body := range map[string]string{"too many fields": many, "too much text": "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + strings.Repeat("v", 1<<20+1) + "\r\n--x--\r\n"} {
		res, got := b.ask(t, "POST", "/form", []byte(body), "Content-Type", "multipart/form-data; boundary=x")
		<-b.form
		if res.StatusCode != 429 {
			t.Errorf("%s: %d %s", name, res.StatusCode, got)
		}
	}
}

// Every fault of this block is said in words, in both languages.
func TestFaultsHaveTexts(t *testing.T) {
	if missing := lang.Missing(); len(missing) > 0 {
		t.Errorf("in one language only: %v", missing)
	}
	for _, err := range []error{
		fault.Fields{"file": "files.empty"}, fault.Fields{"file": "files.large"}, fault.Fields{"file": "files.type"}, fault.Fields{"file": "files.broken"},
		fault.Fields{"file": "files.infected"}, fault.Fields{"file": "files.gone"}, fault.Fields{"file": "files.checksum"}, fault.Fields{"": "files.form"},
	} {
		for _, code := range err.(fault.Fields) {
			if !lang.Has(t.Context(), "fault."+code) {
				t.Errorf("no text for %s", code)
			}
		}
	}
	for _, key := range []string{"limit.files.large", "limit.files.uploads", "limit.files.sent", "limit.files.many", "limit.files.form", "conflict.files.offset",
		"conflict.files.waiting", "conflict.files.infected", "conflict.files.destroyed", "sign-in.files.upload",
		"files.scan.waiting", "files.scan.unscanned", "files.scan.clean", "files.scan.infected"} {
		if !lang.Has(t.Context(), key) {
			t.Errorf("no text %s", key)
		}
	}
}
