package identitypage_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/web"
)

// echo says what a form brought: its fields, and of each file its name and sum.
func echo(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseMultipartForm(1 << 20); err != nil && err != http.ErrNotMultipart {
		return err
	}
	out := map[string]string{"who": actor.From(r.Context()).Account}
	for name, values := range r.PostForm {
		out[name] = strings.Join(values, "+")
	}
	if r.MultipartForm != nil {
		for name, files := range r.MultipartForm.File {
			f, err := files[0].Open()
			if err != nil {
				return err
			}
			sum := sha256.New()
			if _, err := io.Copy(sum, f); err != nil {
				return err
			}
			out[name] = fmt.Sprintf("%s %x", files[0].Filename, sum.Sum(nil))
		}
	}
	return web.JSON(w, r, http.StatusOK, out)
}

// keeping is a demonstration with two citizens and forms of theirs.
func keeping(t *testing.T) *site {
	s := open(t, true)
	for _, name := range []string{"mai", "duc"} {
		person := uuid.New()
		s.exec(`INSERT INTO directory.person (id, name) VALUES ($1, $2)`, person, name)
		s.exec(`INSERT INTO identity.account (id, person_id, kind, name, level, about, created_at) VALUES ($1, $1, 'citizen', $2, 2, '', now())`, person, name)
	}
	return s
}

func formRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /khai", Who: web.Level2, Handle: who},
		{Pattern: "POST /khai/gui", Who: web.Level2, Handle: echo, Limit: 8 << 20},
		{Pattern: "POST /khai/khong", Who: web.Level2, Handle: func(http.ResponseWriter, *http.Request) error { return fault.Conflict("x") }},
	}
}

func (b *browser) signIn(account string) *browser {
	b.s.t.Helper()
	res, err := b.http.PostForm(b.s.url+"/demo/sign-in", url.Values{"account": {account}})
	return b.read(res, err)
}

// post sends a body as a person does, from a page.
func (b *browser) post(path, kind string, body io.Reader, from string) *browser {
	b.s.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.s.url+path, body)
	b.s.must(err)
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Referer", b.s.url+from)
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	res, err := b.http.Do(r)
	return b.read(res, err)
}

func (s *site) kept() int {
	s.t.Helper()
	n, err := pg.Value[int](s.db.Reader.Query(s.t.Context(), `SELECT count(*)::int FROM identity.kept`))
	s.must(err)
	return n
}

const formType = "application/x-www-form-urlencoded"

// A form sent after the session has ended comes back whole, however long it is, to its sender and to
// nobody else who sits down at the machine; no cookie holds anything of it.
func TestFormIsKeptForItsSenderAlone(t *testing.T) {
	t.Parallel()
	s := keeping(t)
	mai := s.browser().signIn("mai").want(200, "/")
	s.clock.Advance(31 * time.Minute)
	long := strings.Repeat("Bà Mai \"ở\" Ấp Mũi & bên sông; ", 5000)
	form := url.Values{"story": {long}, "tick": {"a", "b"}, "pin": {"482913"}, "password": {"482913"}, "code": {"482913"}}
	mai.get("/khai") // another window finds out first
	mai.want(200, "/sign-in/citizen")
	mai.post("/khai/gui", formType, strings.NewReader(form.Encode()), "/khai/gui").want(200, "/sign-in/citizen")
	if next := mai.at.Query().Get("next"); next != "/khai" {
		t.Errorf("the way back is %s", next) // the form had come back with faults, at an address of forms alone
	}
	for _, c := range mai.http.Jar.Cookies(mai.at) {
		if len(c.Value) > 64 {
			t.Errorf("%s: %s", c.Name, c.Value)
		}
	}
	id, err := pg.Value[uuid.UUID](s.db.Reader.Query(t.Context(), `SELECT id FROM identity.kept`))
	s.must(err)
	secrets, err := pg.Value[bool](s.db.Reader.Query(t.Context(), `SELECT EXISTS (SELECT FROM identity.kept_part WHERE position('482913'::bytea IN bytes) > 0)`))
	s.must(err)
	if secrets {
		t.Error("a secret was kept")
	}

	// the next person at this machine, and the sender at another
	mai.signIn("duc").want(200, "/")
	mai.get("/kept?next=/khai").want(200, "/khai")
	mai.post("/kept", formType, strings.NewReader("id="+id.String()), "/kept").want(404, "/kept")
	mai.post("/kept/drop", formType, strings.NewReader("id="+id.String()), "/kept").want(200, "/")
	s.browser().signIn("mai").want(200, "/").get("/kept").want(200, "/")
	if n := s.kept(); n != 1 {
		t.Fatalf("%d are left", n)
	}

	mai.signIn("mai").want(200, "/kept", "Những gì bạn vừa nhập vẫn còn")
	for range 2 { // a double click does no harm
		mai.post("/kept", formType, strings.NewReader("id="+id.String()), "/kept").want(200, "/kept")
		for _, want := range []string{`"who":"mai"`, `"tick":"a+b"`, strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(long), `"`, `\"`), "&", `\u0026`)} {
			if !strings.Contains(mai.body, want) {
				t.Errorf("the form lacks %.80s: %.300s", want, mai.body)
			}
		}
	}
	mai.get("/kept").want(200, "/") // it went through and is not offered again
	s.clock.Advance(25 * time.Hour)
	s.must(s.block.Sweep(t.Context()))
	if n := s.kept(); n != 0 {
		t.Errorf("%d are kept for ever", n)
	}
}

// Files come back byte by byte; secrets beside them do not.
func TestFilesAreKept(t *testing.T) {
	t.Parallel()
	s := keeping(t)
	b := s.browser().signIn("mai")
	s.clock.Advance(31 * time.Minute)
	file := make([]byte, 3<<20+17)
	random := rand.NewChaCha8([32]byte{7})
	_, _ = random.Read(file)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	s.must(form.WriteField("note", "Kèm giấy"))
	s.must(form.WriteField("pin", "482913"))
	part, err := form.CreateFormFile("paper", "Giấy chứng sinh.pdf")
	s.must(err)
	_, _ = part.Write(file)
	s.must(form.Close())
	b.post("/khai/gui", form.FormDataContentType(), bytes.NewReader(body.Bytes()), "/khai").want(200, "/sign-in/citizen")
	b.signIn("mai").want(200, "/kept", "Kèm theo những tệp bạn đã chọn")
	b.send("/kept").want(200, "/kept")
	for _, want := range []string{`"note":"Kèm giấy"`, fmt.Sprintf("Giấy chứng sinh.pdf %x", sha256.Sum256(file))} {
		if !strings.Contains(b.body, want) {
			t.Errorf("lacks %s: %s", want, b.body)
		}
	}
	if strings.Contains(b.body, "482913") {
		t.Error("a secret was kept")
	}
	s.clock.Advance(31 * time.Minute)
	b.post("/khai/gui", formType, strings.NewReader("note="+strings.Repeat("x", 9<<20)), "/khai").want(413, "/khai/gui")
}

// What did not go through stays, of several each is offered, and a few are enough.
func TestKeptFormsWait(t *testing.T) {
	t.Parallel()
	s := keeping(t)
	b := s.browser().signIn("mai")
	s.clock.Advance(31 * time.Minute)
	for n := range 7 {
		s.clock.Advance(time.Second)
		b.post("/khai/khong", formType, strings.NewReader(fmt.Sprint("n=", n)), "/khai")
	}
	b.signIn("mai").want(200, "/kept")
	if n := len(b.page.Find(`form[action="/kept"]`)); n != 5 {
		t.Fatalf("%d are offered", n)
	}
	b.send("/kept").want(409, "/kept")
	b.get("/kept").want(200, "/kept")
	for range 5 {
		b.send("/kept/drop")
	}
	b.want(200, "/khai")
	if n := s.kept(); n != 0 {
		t.Errorf("%d are left", n)
	}
}

// Nothing is kept of strangers, of scripts, of who has signed out, or of an account that was closed.
func TestNothingIsKeptOfStrangers(t *testing.T) {
	t.Parallel()
	s := keeping(t)
	send := func(b *browser) {
		b.post("/khai/gui", formType, strings.NewReader("note=x"), "/khai").want(200, "/sign-in/citizen")
	}
	send(s.browser())
	out := s.browser().signIn("mai")
	out.post("/sign-out", formType, strings.NewReader(""), "/khai")
	send(out)
	closed := s.browser().signIn("duc")
	s.must(s.block.Close(actor.With(t.Context(), actor.ForSystem("test")), "duc"))
	send(closed)
	script := s.browser().signIn("mai")
	s.clock.Advance(31 * time.Minute)
	r, err := http.NewRequest(http.MethodPost, s.url+"/khai/gui", strings.NewReader("note=x"))
	s.must(err)
	r.Header.Set("Content-Type", formType)
	r.Header.Set("Sec-Fetch-Mode", "cors")
	res, err := script.http.Do(r)
	script.read(res, err)
	if n := s.kept(); n != 0 {
		t.Errorf("%d are kept", n)
	}
}
