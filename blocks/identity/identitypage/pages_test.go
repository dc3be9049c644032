package identitypage_test

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/hotp"

	"datmui/assets"
	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/identity"
	"datmui/blocks/identity/identitypage"
	"datmui/blocks/identity/openid"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
	"datmui/kit/testkit"
	"datmui/kit/ui"
	"datmui/kit/web"
	"datmui/sim"
	"datmui/sim/vneid"
)

// site is a running site with the pages here, and a VNeID that is played.
type site struct {
	t     *testing.T
	db    *pg.DB
	dir   *directory.Block
	block *identity.Block
	clock *clock.Fake
	url   string
	sim   string
}

func open(t *testing.T, demo bool) *site {
	t.Helper()
	db := testkit.DB(t)
	clk := clock.At(time.Now()) // the tokens of the played VNeID carry the real time
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: clk})
	s := &site{t: t, db: db, clock: clk, dir: directory.New(directory.Config{DB: db.Reader, Book: book, Clock: clk})}
	srv := httptest.NewUnstartedServer(nil)
	s.url = "http://localhost:" + strings.Split(srv.Listener.Addr().String(), ":")[1]
	provider := httptest.NewUnstartedServer(nil)
	s.sim = "http://" + provider.Listener.Addr().String()
	callback := s.url + identitypage.PathCallback
	var err error
	provider.Config.Handler, err = vneid.Handler(vneid.Config{Issuer: s.sim, Client: "datmui", Secret: "hush", Redirect: []string{callback}, Players: []sim.Player{
		{Sub: "p-1", PersonalID: "096190001234", Name: "Nguyễn Mỹ Duyên", Birth: "1990-02-03", Level: 2, Listed: true},
		{Sub: "p-2", PersonalID: "096085004321", Name: "Trần Văn Đức", Birth: "1985-11-30", Level: 1, Listed: true},
	}})
	s.must(err)
	provider.Start()
	t.Cleanup(provider.Close)
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	s.block, err = identity.New(identity.Config{DB: db.Reader, Book: book, Live: db.App, People: s.dir, Key: key, Origin: s.url, Clock: clk, Log: testkit.Log(t), Demo: demo,
		Provider: openid.New(openid.Config{Issuer: s.sim, Client: "datmui", Secret: "hush", Redirect: callback})})
	s.must(err)
	srv.Config.Handler = s.handler(s.block)
	srv.Start()
	t.Cleanup(srv.Close)
	s.exec(`INSERT INTO directory.unit (code, valid_from, name, short_name, kind, level) VALUES ('96', '2000-01-01', 'Tỉnh Cà Mau', 'Cà Mau', 'tỉnh', 'province')`)
	s.exec(`INSERT INTO directory.agency VALUES ('ubnd-tinh')`)
	s.exec(`INSERT INTO directory.agency_version (agency_id, valid_from, name, branch, level, kind, unit_code)
		VALUES ('ubnd-tinh', '2000-01-01', 'UBND tỉnh', 'government', 'province', 'committee', '96')`)
	return s
}

func (s *site) handler(block *identity.Block) http.Handler {
	pages := identitypage.New(identitypage.Config{Block: block})
	srv := web.NewServer(web.Config{Log: testkit.Log(s.t), Origin: s.url, Session: pages.Middleware, Keeper: pages,
		Frame: func(*http.Request) ui.Frame {
			return ui.Frame{Paths: ui.Paths{Home: "/", SignIn: "/sign-in", SignOut: "/sign-out", Account: "/account"}}
		}})
	srv.Add(pages.Routes()...)
	srv.Add(srv.KeptRoutes()...)
	srv.Add(formRoutes()...)
	srv.Add(web.Route{Pattern: "GET /desk", Who: web.AnyOfficial, Handle: who}, web.Route{Pattern: "GET /ho-so", Who: web.Level2, Handle: who},
		web.Route{Pattern: "GET /{$}", Who: web.Public, Handle: who})
	srv.Mount("GET "+assets.Root, assets.Handler())
	return srv.Handler()
}

func who(w http.ResponseWriter, r *http.Request) error {
	a := actor.From(r.Context())
	return web.JSON(w, r, http.StatusOK, map[string]any{"kind": a.Kind, "name": a.Name, "level": a.Level, "account": a.Account})
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) exec(sql string, args ...any) {
	s.t.Helper()
	_, err := s.db.Owner.Exec(s.t.Context(), sql, args...)
	s.must(err)
}

// link makes an official with an account and returns the address of the first link.
func (s *site) link(account string) string {
	s.t.Helper()
	system := actor.With(s.t.Context(), actor.ForSystem("test"))
	person := uuid.Must(uuid.NewV7())
	s.exec(`INSERT INTO directory.person (id, name) VALUES ($1, 'Lê Quang Huy')`, person)
	_, err := s.dir.Appoint(system, directory.AppointIn{Person: person, Agency: "ubnd-tinh", Position: directory.Clerk, From: "2020-01-01"})
	s.must(err)
	_, err = s.block.CreateOfficial(system, identity.CreateIn{Person: person, Name: account})
	s.must(err)
	l, err := s.block.ResetLink(system, account, false)
	s.must(err)
	return l.Address
}

// browser is one person's browser without scripts.
type browser struct {
	s    *site
	http *http.Client
	at   *url.URL
	page *testkit.Doc
	code int
	body string
	head http.Header
}

func (s *site) browser() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{s: s, http: &http.Client{Jar: jar}}
}

func (b *browser) read(res *http.Response, err error) *browser {
	b.s.t.Helper()
	b.s.must(err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	b.s.must(err)
	b.at, b.code, b.body, b.head, b.page = res.Request.URL, res.StatusCode, string(raw), res.Header, testkit.HTML(b.s.t, raw)
	return b
}

func (b *browser) get(path string) *browser {
	b.s.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = b.s.url + path
	}
	res, err := b.http.Get(path)
	return b.read(res, err)
}

// send fills in the first form with this action as the page shows it, and sends it.
func (b *browser) send(action string, fields ...string) *browser {
	b.s.t.Helper()
	form := b.page.Must(`form[method="post"][action="` + action + `"]`)
	values := url.Values{}
	for _, in := range form.Find("input") {
		if in.Attr("name") != "" && in.Attr("type") != "checkbox" {
			values.Set(in.Attr("name"), in.Attr("value"))
		}
	}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Must(`[name="` + fields[i] + `"]`)
		values.Set(fields[i], fields[i+1])
	}
	to, err := b.at.Parse(action)
	b.s.must(err)
	res, err := b.http.PostForm(to.String(), values)
	return b.read(res, err)
}

func (b *browser) want(code int, path string, texts ...string) *browser {
	b.s.t.Helper()
	if b.code != code || b.at.Path != path {
		b.s.t.Fatalf("at %s with %d, want %s with %d:\n%s", b.at.Path, b.code, path, code, b.page.Text())
	}
	for _, text := range texts {
		if !strings.Contains(b.page.Text(), text) {
			b.s.t.Fatalf("%q is missing in:\n%s", text, b.page.Text())
		}
	}
	return b
}

// shown is the secret of the page that sets up a phone.
func (b *browser) shown() string {
	b.s.t.Helper()
	return strings.Join(strings.Fields(b.page.Must("main p.strong").Text()), "")
}

const secret = "một mật khẩu đủ dài"

func (s *site) codeOf(phone string) string {
	c, err := hotp.GenerateCode(phone, uint64(s.clock.Now().Unix()/30))
	s.must(err)
	return c
}

// enrolled takes a browser from the link to the desk and returns the phone's secret.
func (s *site) enrolled(b *browser, link string) string {
	s.t.Helper()
	b.get(link).want(200, identitypage.PathStep, "Đặt mật khẩu của bạn", "Tài khoản huylq")
	b.send("/sign-in/step/password", "password", "ngắn", "repeat", "ngắn").want(422, "/sign-in/step/password", "ít nhất 12 ký tự")
	b.send("/sign-in/step/password", "password", secret, "repeat", secret).want(200, identitypage.PathStep, "Cài mã 6 số")
	b.page.Must("svg.qr path")
	phone := b.shown()
	b.send("/sign-in/step/enrol", "code", "000000").want(422, "/sign-in/step/enrol", "Mã không đúng")
	if again := b.shown(); again != phone {
		s.t.Fatalf("the secret changed from %s to %s", phone, again)
	}
	b.send("/sign-in/step/enrol", "code", s.codeOf(phone)).want(200, "/sign-in/step/enrol", "Mã dự phòng của bạn", "chỉ hiện một lần")
	if n := len(b.page.Find("ul.plain li")); n != 10 {
		s.t.Fatalf("%d recovery codes", n)
	}
	s.clock.Advance(time.Minute)
	return phone
}

func TestOfficialsWay(t *testing.T) {
	t.Parallel()
	s := open(t, false)
	link := s.link("huylq")
	b := s.browser()
	phone := s.enrolled(b, link)
	b.get(b.page.Must("a.btn").Attr("href")).want(200, "/desk", `"account":"huylq"`)
	s.browser().get(link).want(404, strings.TrimPrefix(link, s.url), "Liên kết này đã dùng")

	// sign out, be led to the sign-in, and come back to where one wanted to go
	b.get("/account").want(200, "/account", "Cách đăng nhập của tôi", "Máy này").send("/sign-out").want(200, "/sign-in", "Bạn đã đăng xuất")
	b.get("/desk?view=late").want(200, "/sign-in", "Cán bộ, công chức")
	b.send("/sign-in", "name", "huylq", "password", "wrong").want(422, "/sign-in", "không đúng")
	if v := b.page.Must("#f-name").Attr("value"); v != "huylq" {
		t.Errorf("the name typed is gone: %q", v)
	}
	if strings.Contains(b.body, `value="wrong"`) {
		t.Error("the password stands in the page")
	}
	if !strings.HasPrefix(b.page.Must("title").Text(), "Lỗi:") || !b.page.Has(".errors") {
		t.Error("the fault is not said in the title and above the heading")
	}
	b.send("/sign-in", "name", "huylq", "password", secret).want(200, identitypage.PathStep, "Nhập mã xác nhận")
	b.send("/sign-in/step/code", "code", "123456").want(422, "/sign-in/step/code", "Mã không đúng")
	b.send("/sign-in/step/code", "code", s.codeOf(phone)).want(200, "/desk")
	if b.at.RawQuery != "view=late" {
		t.Errorf("came to %s", b.at)
	}
	s.clock.Advance(time.Minute)

	// a second browser; the first ends it
	other := s.browser()
	other.get("/sign-in?lang=en").want(200, "/sign-in", "Sign in with VNeID").send("/sign-in", "name", "huylq", "password", secret)
	other.send("/sign-in/step/code", "code", s.codeOf(phone)).want(200, "/desk")
	s.clock.Advance(time.Minute)
	b.get("/account").want(200, "/account", "Các phiên đang mở")
	b.send("/account/sessions/end").want(200, "/account", "Đã đóng phiên đó")
	other.get("/desk").want(200, "/sign-in")

	b.get("/account/password").send("/account/password", "current", "wrong", "password", secret+"!", "repeat", secret+"!").want(422, "/account/password", "Mật khẩu đang dùng không đúng")
	b.send("/account/password", "current", secret, "password", secret+"!", "repeat", secret+"!").want(200, "/account", "Đã đổi mật khẩu")
	b.send("/account/totp").want(200, "/account/totp", "Điện thoại cũ dùng được")
	fresh := b.shown()
	b.send("/account/totp/confirm", "code", "000000").want(422, "/account/totp/confirm", "Mã không đúng")
	b.send("/account/totp/confirm", "code", s.codeOf(fresh)).want(200, "/account/totp/confirm", "Mã dự phòng của bạn")
	b.get("/account").send("/account/recovery").want(200, "/account/recovery", "Mã dự phòng của bạn")
	s.clock.Advance(20 * time.Minute)
	b.get("/account").want(200, "/account", "hãy đăng nhập lại để xác nhận đúng là bạn")
	if b.page.Has(`form[action="/account/recovery"]`) {
		t.Error("keys can be changed long after the sign-in")
	}
}

func TestTooOften(t *testing.T) {
	t.Parallel()
	s := open(t, false)
	b := s.browser().get("/sign-in")
	for range 5 {
		b.send("/sign-in", "name", "nobody", "password", "wrong").want(422, "/sign-in")
	}
	b.send("/sign-in", "name", "nobody", "password", "wrong").want(429, "/sign-in", "thử lại sau 3 phút")
}

func TestCitizensWay(t *testing.T) {
	t.Parallel()
	s := open(t, false)
	b := s.browser()
	play := func(name string) *browser {
		b.get("/ho-so").want(200, "/sign-in/citizen", "Đăng nhập bằng VNeID")
		b.get(b.page.Must(".btn--big").Attr("href")).want(200, "/choose", "đây KHÔNG phải VNeID")
		id := b.page.Must(`input[name="id"]`).Attr("value")
		res, err := b.http.PostForm(s.sim+"/choose", url.Values{"id": {id}, "sub": {name}})
		return b.read(res, err)
	}
	play("p-1").want(200, "/ho-so", "Nguyễn Mỹ Duyên", `"level":2`)
	b.get("/account").want(200, "/account", "VNeID đã xác nhận tài khoản của bạn ở mức độ 2", "Khóa truy cập")
	if b.page.Has("#secrets") {
		t.Error("a citizen is offered a password")
	}
	b.send("/sign-out")
	play("p-2").want(403, "/ho-so")
	b.get("/").want(200, "/", `"level":1`)
	b.get("/account").want(200, "/account", "mức độ 1")
	if b.page.Has(`form[action="/account/passkeys"]`) {
		t.Error("a passkey is offered below level 2")
	}

	// refused there
	b = s.browser()
	b.get("/sign-in/vneid?next=/ho-so").want(200, "/choose")
	b.send("/refuse").want(200, "/sign-in/citizen", "chưa xác nhận lần đăng nhập này")

	// the way back in a browser that never left
	b.get("/sign-in/vneid/callback?code=made-up&state=made-up").want(200, "/sign-in/citizen", "bắt đầu lại")
}

func TestPasskeyWithoutScripts(t *testing.T) {
	t.Parallel()
	s := open(t, false)
	b := s.browser().get("/sign-in")
	b.send("/sign-in/passkey").want(422, "/sign-in/passkey", "Khóa truy cập cần trình duyệt")
	res, err := b.http.Post(s.url+"/sign-in/passkey/options", "application/x-www-form-urlencoded", nil)
	b.read(res, err)
	if b.code != 200 || !strings.Contains(b.body, `"rpId":"localhost"`) || !strings.Contains(b.body, `"userVerification":"required"`) {
		t.Errorf("%d %s", b.code, b.body)
	}
	res, err = b.http.PostForm(s.url+"/sign-in/passkey", url.Values{"credential": {"{}"}})
	b.read(res, err).want(422, "/sign-in/passkey", "không mở được tài khoản nào")
}

func TestDemo(t *testing.T) {
	t.Parallel()
	s := open(t, true)
	s.link("huylq")
	s.exec(`UPDATE identity.account SET about = 'Văn thư UBND tỉnh', about_en = 'Clerk of the province'`)
	person := uuid.New()
	s.exec(`INSERT INTO directory.person (id, name) VALUES ($1, 'Nguyễn Thị Mai')`, person)
	s.exec(`INSERT INTO identity.account (id, person_id, kind, name, level, about, created_at) VALUES ($1, $1, 'citizen', 'congdan', 2, 'Người dân', now())`, person)
	b := s.browser().get("/demo").want(200, "/demo", "Đây là bản trình diễn", "Văn thư UBND tỉnh", "Lê Quang Huy", "huylq")
	b.get("/demo?lang=en").want(200, "/demo", "This is a demonstration", "Clerk of the province")
	res, err := b.http.PostForm(s.url+"/demo/sign-in", url.Values{"account": {"huylq"}})
	b.read(res, err).want(200, "/desk", "huylq")
	before := b.http.Jar.Cookies(b.at)
	res, err = b.http.PostForm(s.url+"/demo/sign-in", url.Values{"account": {"congdan"}})
	b.read(res, err).want(200, "/", "congdan", `"level":2`)
	copied := s.browser() // of the browser as it was when the official sat there
	copied.http.Jar.SetCookies(b.at, before)
	if copied.get("/desk"); copied.at.Path == "/desk" {
		t.Errorf("the session before lives on: %d", copied.code)
	}
	res, err = b.http.PostForm(s.url+"/demo/sign-in", url.Values{"account": {"nobody"}})
	b.read(res, err).want(404, "/demo/sign-in")

	real := open(t, false).browser()
	real.get("/demo").want(404, "/demo")
	res, err = real.http.PostForm(real.s.url+"/demo/sign-in", url.Values{"account": {"huylq"}})
	real.read(res, err).want(404, "/demo/sign-in")
}

// Cookies cannot be read by scripts, leave over https alone where the site has it, and the one a
// browser brought to the sign-in is never the one it leaves with.
func TestCookies(t *testing.T) {
	t.Parallel()
	s := open(t, true)
	s.link("huylq")
	for _, tt := range []struct {
		origin, session string
		secure          bool
	}{{s.url, "datmui", false}, {"https://dichvucong.test", "__Host-datmui", true}} {
		key := bytes.Repeat([]byte{1}, 32)
		block, err := identity.New(identity.Config{DB: s.db.Reader, Book: audit.New(audit.Config{App: s.db.App, Reader: s.db.Reader}), Live: s.db.App,
			People: s.dir, Key: key, Origin: tt.origin, Demo: true})
		s.must(err)
		h := s.handler(block)
		planted := strings.Repeat("A", 43)
		post := func(cookies ...*http.Cookie) map[string]*http.Cookie {
			r := httptest.NewRequest("POST", tt.origin+"/demo/sign-in", strings.NewReader("account=huylq"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for _, c := range cookies {
				r.AddCookie(c)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			out := map[string]*http.Cookie{}
			for _, c := range w.Result().Cookies() {
				if c.MaxAge >= 0 {
					out[c.Name] = c
				}
			}
			return out
		}
		first := post(&http.Cookie{Name: tt.session, Value: planted})
		for _, name := range []string{tt.session, tt.session + "-device"} {
			c := first[name]
			if c == nil {
				t.Fatalf("%s: no cookie %s in %v", tt.origin, name, first)
			}
			if !c.HttpOnly || c.Secure != tt.secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Value == planted {
				t.Errorf("%+v", c)
			}
		}
		second := post(first[tt.session], first[tt.session+"-device"])
		if second[tt.session].Value == first[tt.session].Value {
			t.Error("the session kept its token")
		}
		if second[tt.session+"-device"].Value != first[tt.session+"-device"].Value {
			t.Error("the machine is not known again")
		}
	}
}

// A sign-in sent by another site is refused before it is looked at.
func TestCrossSite(t *testing.T) {
	t.Parallel()
	s := open(t, true)
	s.link("huylq")
	for path, body := range map[string]string{"/sign-in": "name=huylq&password=x", "/demo/sign-in": "account=huylq", "/sign-out": ""} {
		r, _ := http.NewRequest("POST", s.url+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Origin", "https://evil.test")
		res, err := http.DefaultClient.Do(r)
		s.must(err)
		res.Body.Close()
		if res.StatusCode != http.StatusForbidden || len(res.Cookies()) > 0 {
			t.Errorf("%s: %d %v", path, res.StatusCode, res.Cookies())
		}
	}
	b := s.browser()
	res, err := b.http.PostForm(s.url+"/demo/sign-in", url.Values{"account": {"huylq"}, "next": {"https://evil.test/"}})
	b.read(res, err).want(200, "/desk")
}
