package vneid

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/client/rp"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"datmui/kit/clock"
	"datmui/sim"
)

const redirect = "http://datmui.test/sign-in/vneid/callback"

// stage is a running player and a client of it.
type stage struct {
	t     *testing.T
	url   string
	rp    rp.RelyingParty
	http  *http.Client // does not follow redirects
	clock *clock.Fake
}

func play(t *testing.T) *stage {
	t.Helper()
	players, err := sim.LoadPlayers("testdata/players.json")
	if err != nil {
		t.Fatal(err)
	}
	c := clock.At(time.Now())
	srv := httptest.NewUnstartedServer(nil)
	issuer := "http://" + srv.Listener.Addr().String()
	srv.Config.Handler, err = Handler(Config{Issuer: issuer, Client: "datmui", Secret: "hush", Redirect: []string{redirect},
		SignedOut: []string{"http://datmui.test/"}, Players: players, Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(srv.Close)
	party, err := rp.NewRelyingPartyOIDC(t.Context(), issuer, "datmui", "hush", redirect, []string{"openid", "profile"},
		rp.WithVerifierOpts(rp.WithNonce(func(context.Context) string { return "once-upon" })))
	if err != nil {
		t.Fatal(err)
	}
	jar, _ := cookiejar.New(nil)
	return &stage{t: t, url: issuer, rp: party, clock: c, http: &http.Client{Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

const verifier = "a-verifier-that-is-long-enough-for-the-standard-0123456789"

func (s *stage) start(opts ...rp.AuthURLOpt) (*http.Response, string) {
	s.t.Helper()
	opts = append(opts, rp.AuthURLOpt(rp.WithURLParam("nonce", "once-upon")))
	return s.get(rp.AuthURL("the-state", s.rp, opts...))
}

func (s *stage) get(u string) (*http.Response, string) {
	s.t.Helper()
	res, err := s.http.Get(u)
	return s.read(res, err)
}

func (s *stage) post(path string, form url.Values) (*http.Response, string) {
	s.t.Helper()
	res, err := s.http.PostForm(s.url+path, form)
	return s.read(res, err)
}

func (s *stage) read(res *http.Response, err error) (*http.Response, string) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res, string(b)
}

func pkce() rp.AuthURLOpt { return rp.WithCodeChallenge(oidc.NewSHACodeChallenge(verifier)) }

// request begins a sign-in and returns its id.
func (s *stage) request() string {
	s.t.Helper()
	res, body := s.start(pkce())
	at, err := res.Location()
	if err != nil || at.Path != pathLogin {
		s.t.Fatalf("authorize: %d %q %s", res.StatusCode, res.Header.Get("Location"), body)
	}
	return at.Query().Get("id")
}

// signIn plays sub and returns what the client gets at its callback.
func (s *stage) signIn(sub string) url.Values {
	s.t.Helper()
	res, body := s.post(pathLogin, url.Values{"id": {s.request()}, "sub": {sub}})
	if res.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("choosing: %d %s", res.StatusCode, body)
	}
	res, _ = s.get(res.Header.Get("Location"))
	at, err := res.Location()
	if err != nil || !strings.HasPrefix(at.String(), redirect) {
		s.t.Fatalf("callback: %d %q", res.StatusCode, res.Header.Get("Location"))
	}
	return at.Query()
}

func TestSignIn(t *testing.T) {
	for name, tt := range map[string]struct {
		sub  string
		acr  string
		want map[string]string
	}{
		"citizen at level 2": {"p-001", "2", map[string]string{"sub": "p-001", "LoaiTaiKhoan": "1", "SoDinhDanh": "096190001234",
			"HoVaTen": "Nguyễn Mỹ Duyên", "NgayThangNamSinh": "03/02/1990", "TechID": "TECH-P-001", "loAs": "2", "IAL": "2"}},
		"citizen at level 1": {"p-002", "1", map[string]string{"sub": "p-002", "LoaiTaiKhoan": "1", "SoDinhDanh": "096085004321",
			"HoVaTen": "Trần Văn Đức", "NgayThangNamSinh": "30/11/1985", "TechID": "TECH-P-002", "loAs": "1", "IAL": "1"}},
		"enterprise": {"p-004", "2", map[string]string{"sub": "p-004", "LoaiTaiKhoan": "2", "SoDinhDanh": "096085004321",
			"HoVaTen": "Trần Văn Đức", "NgayThangNamSinh": "30/11/1985", "TechID": "TECH-P-004", "loAs": "2", "IAL": "2",
			"MaSoThue": "2000111222", "TenDoanhNghiep": "Hợp tác xã tôm rừng Năm Căn"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := play(t)
			back := s.signIn(tt.sub)
			if back.Get("state") != "the-state" {
				t.Errorf("state %q", back.Get("state"))
			}
			tokens, err := rp.CodeExchange[*oidc.IDTokenClaims](t.Context(), back.Get("code"), s.rp, rp.WithCodeVerifier(verifier))
			if err != nil {
				t.Fatal(err)
			}
			id := tokens.IDTokenClaims
			if id.Nonce != "once-upon" || id.Subject != tt.sub || id.AuthenticationContextClassReference != tt.acr {
				t.Errorf("id token: nonce %q, subject %q, acr %q", id.Nonce, id.Subject, id.AuthenticationContextClassReference)
			}
			info, err := rp.Userinfo[*oidc.UserInfo](t.Context(), tokens.AccessToken, tokens.TokenType, id.Subject, s.rp)
			if err != nil {
				t.Fatal(err)
			}
			b, _ := json.Marshal(info)
			got := map[string]string{}
			if err := json.Unmarshal(b, &got); err != nil {
				t.Fatalf("%v: %s", err, b)
			}
			if len(got) != len(tt.want) {
				t.Errorf("claims %v", got)
			}
			for k, v := range tt.want {
				if got[k] != v {
					t.Errorf("%s is %q, want %q", k, got[k], v)
				}
			}
		})
	}
}

func TestWithoutPKCE(t *testing.T) {
	s := play(t)
	res, _ := s.start()
	at, err := res.Location()
	if err != nil || !strings.HasPrefix(at.String(), redirect) || at.Query().Get("error") != "invalid_request" {
		t.Fatalf("%d %q", res.StatusCode, res.Header.Get("Location"))
	}
}

// A redirect to an address that is not registered must not be followed with anything in it.
func TestOtherRedirect(t *testing.T) {
	s := play(t)
	for _, to := range []string{"http://evil.test/", redirect + "/more", redirect + "?x=1", "http://datmui.test.evil.test/sign-in/vneid/callback"} {
		res, _ := s.get(s.url + "/authorize?" + url.Values{"client_id": {"datmui"}, "redirect_uri": {to}, "response_type": {"code"},
			"scope": {"openid"}, "state": {"x"}, "code_challenge": {oidc.NewSHACodeChallenge(verifier)}, "code_challenge_method": {"S256"}}.Encode())
		if res.StatusCode != http.StatusBadRequest || res.Header.Get("Location") != "" {
			t.Errorf("%s: %d %q", to, res.StatusCode, res.Header.Get("Location"))
		}
	}
}

func (s *stage) exchange(code, secret, verifier string) int {
	s.t.Helper()
	req, _ := http.NewRequest(http.MethodPost, s.url+"/oauth/token", strings.NewReader(url.Values{"grant_type": {"authorization_code"},
		"code": {code}, "redirect_uri": {redirect}, "code_verifier": {verifier}}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth("datmui", secret)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Error(err)
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

func TestExchange(t *testing.T) {
	s := play(t)
	if got := s.exchange(s.signIn("p-001").Get("code"), "hush", "another-verifier-that-is-long-enough-0123456789012"); got == http.StatusOK {
		t.Error("a wrong verifier was taken")
	}
	if got := s.exchange(s.signIn("p-001").Get("code"), "wrong", verifier); got == http.StatusOK {
		t.Error("a wrong secret was taken")
	}
	code := s.signIn("p-001").Get("code")
	if got := s.exchange(code, "hush", verifier); got != http.StatusOK {
		t.Fatalf("first exchange: %d", got)
	}
	if got := s.exchange(code, "hush", verifier); got != http.StatusBadRequest {
		t.Errorf("replayed code: %d", got)
	}
	code = s.signIn("p-001").Get("code")
	s.clock.Advance(requestLife + time.Second)
	if got := s.exchange(code, "hush", verifier); got == http.StatusOK {
		t.Error("an old code was taken")
	}
}

// Many at once with the same code: one wins.
func TestExchangeRace(t *testing.T) {
	s := play(t)
	code := s.signIn("p-001").Get("code")
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 16 {
		wg.Go(func() {
			if s.exchange(code, "hush", verifier) == http.StatusOK {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d exchanges won", won)
	}
}

func TestPages(t *testing.T) {
	s := play(t)
	id := s.request()
	for name, tt := range map[string]struct {
		path   string
		status int
		want   []string
		not    []string
	}{
		"list":       {pathLogin + "?id=" + id, 200, []string{"đây KHÔNG phải VNeID", "Nguyễn Mỹ Duyên", "Trần Văn Đức", "Hợp tác xã tôm rừng Năm Căn"}, []string{"Lâm Thị Sương"}},
		"english":    {pathLogin + "?lang=en&id=" + id, 200, []string{"this is NOT VNeID", "Level 2 accounts"}, nil},
		"found":      {pathLogin + "?number=095+299+000777&id=" + id, 200, []string{"Lâm Thị Sương", "01/12/1999"}, nil},
		"nobody":     {pathLogin + "?number=000000000000&id=" + id, 200, []string{"Không có ai mang số này"}, nil},
		"gone":       {pathLogin + "?id=unknown", 404, []string{"đây KHÔNG phải VNeID", "đã hết hạn"}, nil},
		"signed out": {pathSignedOut, 200, []string{"đây KHÔNG phải VNeID", "Bạn đã thoát"}, nil},
		"home":       {"/", 200, []string{"đây KHÔNG phải VNeID", "4 người hư cấu"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			res, body := s.get(s.url + tt.path)
			if res.StatusCode != tt.status {
				t.Errorf("status %d", res.StatusCode)
			}
			for _, w := range tt.want {
				if !strings.Contains(body, w) {
					t.Errorf("%q is missing in\n%s", w, body)
				}
			}
			for _, n := range tt.not {
				if strings.Contains(body, n) {
					t.Errorf("%q is there", n)
				}
			}
		})
	}
}

func TestRefuse(t *testing.T) {
	s := play(t)
	id := s.request()
	res, _ := s.post(pathRefuse, url.Values{"id": {id}})
	at, err := res.Location()
	if err != nil || at.Query().Get("error") != "access_denied" || at.Query().Get("state") != "the-state" {
		t.Fatalf("%d %q", res.StatusCode, res.Header.Get("Location"))
	}
	if res, _ := s.post(pathLogin, url.Values{"id": {id}, "sub": {"p-001"}}); res.StatusCode != http.StatusNotFound {
		t.Errorf("after refusing: %d", res.StatusCode)
	}
	if res, _ := s.post(pathLogin, url.Values{"id": {s.request()}, "sub": {"nobody"}}); res.StatusCode != http.StatusNotFound {
		t.Errorf("unknown player: %d", res.StatusCode)
	}
}

func TestEndSession(t *testing.T) {
	s := play(t)
	tokens, err := rp.CodeExchange[*oidc.IDTokenClaims](t.Context(), s.signIn("p-001").Get("code"), s.rp, rp.WithCodeVerifier(verifier))
	if err != nil {
		t.Fatal(err)
	}
	end := func(to string) *http.Response {
		res, _ := s.get(s.rp.GetEndSessionEndpoint() + "?" + url.Values{"id_token_hint": {tokens.IDToken}, "post_logout_redirect_uri": {to}}.Encode())
		return res
	}
	if res := end("http://evil.test/"); res.Header.Get("Location") != "" {
		t.Errorf("sent to %q", res.Header.Get("Location"))
	}
	if res := end("http://datmui.test/"); res.Header.Get("Location") != "http://datmui.test/" {
		t.Errorf("%d %q", res.StatusCode, res.Header.Get("Location"))
	}
	if _, err := rp.Userinfo[*oidc.UserInfo](t.Context(), tokens.AccessToken, tokens.TokenType, "p-001", s.rp); err == nil {
		t.Error("the token still works after the session ended")
	}
}
