package openid

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"datmui/blocks/identity"
	"datmui/sim"
	"datmui/sim/vneid"
)

const callback = "http://datmui.test/sign-in/vneid/callback"

// player is a VNeID that runs, and a browser that goes there.
type player struct {
	t       *testing.T
	url     string
	handler http.Handler
	down    bool
	http    *http.Client
}

func play(t *testing.T) *player {
	t.Helper()
	p := &player{t: t, http: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.down {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		p.handler.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	p.url = srv.URL
	var err error
	p.handler, err = vneid.Handler(vneid.Config{Issuer: srv.URL, Client: "datmui", Secret: "hush", Redirect: []string{callback}, Players: []sim.Player{
		{Sub: "p-1", PersonalID: "096190001234", Name: "Nguyễn Mỹ Duyên", Birth: "1990-02-03", Level: 2},
		{Sub: "p-2", PersonalID: "096085004321", Name: "Trần Văn Đức", Birth: "1985-11-30", Level: 1},
		{Sub: "o-1", PersonalID: "096085004321", Name: "Trần Văn Đức", Birth: "1985-11-30", Level: 2, TaxCode: "0100109106-001", Enterprise: "Hợp tác xã Cua"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *player) provider() *Provider {
	return New(Config{Issuer: p.url, Client: "datmui", Secret: "hush", Redirect: callback})
}

// pick sends the browser to the address, picks a player and returns the way back.
func (p *player) pick(address, sub string) url.Values {
	p.t.Helper()
	step := func(res *http.Response, err error) *url.URL {
		p.t.Helper()
		if err != nil {
			p.t.Fatal(err)
		}
		defer res.Body.Close()
		at, err := res.Location()
		if err != nil {
			b, _ := io.ReadAll(res.Body)
			p.t.Fatalf("%d %s", res.StatusCode, b)
		}
		return at
	}
	at := step(p.http.Get(address))
	at = step(p.http.PostForm(p.url+at.Path, url.Values{"id": {at.Query().Get("id")}, "sub": {sub}}))
	at = step(p.http.Get(at.String()))
	if !strings.HasPrefix(at.String(), callback) {
		p.t.Fatal(at)
	}
	return at.Query()
}

var ask = identity.Ask{State: "the-state", Nonce: "the-nonce", Verifier: "a-verifier-that-is-long-enough-for-the-standard-01234", Lang: "en"}

func TestProof(t *testing.T) {
	for sub, want := range map[string]identity.Proof{
		"p-1": {Subject: "p-1", TechID: "TECH-P-1", PersonalID: "096190001234", Name: "Nguyễn Mỹ Duyên", Birth: time.Date(1990, 2, 3, 0, 0, 0, 0, time.UTC), Level: 2},
		"p-2": {Subject: "p-2", TechID: "TECH-P-2", PersonalID: "096085004321", Name: "Trần Văn Đức", Birth: time.Date(1985, 11, 30, 0, 0, 0, 0, time.UTC), Level: 1},
		"o-1": {Subject: "o-1/096085004321", TechID: "TECH-O-1", PersonalID: "096085004321", Name: "Trần Văn Đức", Birth: time.Date(1985, 11, 30, 0, 0, 0, 0, time.UTC), Level: 2,
			TaxCode: "0100109106-001", Organisation: "Hợp tác xã Cua"},
	} {
		p := play(t)
		c := p.provider()
		address, err := c.Begin(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(address, "code_challenge_method=S256") || !strings.Contains(address, "ui_locales=en") || strings.Contains(address, ask.Verifier) {
			t.Error(address)
		}
		back := p.pick(address, sub)
		if back.Get("state") != ask.State {
			t.Errorf("state %q", back.Get("state"))
		}
		got, err := c.Finish(t.Context(), back.Get("code"), ask)
		if err != nil || got != want {
			t.Errorf("%+v %v", got, err)
		}
		if _, err := c.Finish(t.Context(), back.Get("code"), ask); !errors.Is(err, identity.ErrRefused) {
			t.Errorf("a code a second time: %v", err)
		}
	}
}

func TestRefused(t *testing.T) {
	p := play(t)
	c := p.provider()
	for name, tt := range map[string]struct {
		ask  identity.Ask
		code string
	}{
		"another nonce":    {ask: identity.Ask{State: ask.State, Nonce: "other", Verifier: ask.Verifier}},
		"no nonce":         {ask: identity.Ask{State: ask.State, Verifier: ask.Verifier}},
		"another verifier": {ask: identity.Ask{State: ask.State, Nonce: ask.Nonce, Verifier: strings.Repeat("x", 50)}},
		"made-up code":     {ask: ask, code: "made-up"},
	} {
		t.Run(name, func(t *testing.T) {
			address, err := c.Begin(t.Context(), ask)
			if err != nil {
				t.Fatal(err)
			}
			code := p.pick(address, "p-1").Get("code")
			if tt.code != "" {
				code = tt.code
			}
			if got, err := c.Finish(t.Context(), code, tt.ask); !errors.Is(err, identity.ErrRefused) {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
}

// A provider that is down when the first person comes is found later, and is not called refusing.
func TestAway(t *testing.T) {
	p := play(t)
	p.down = true
	c := p.provider()
	if _, err := c.Begin(t.Context(), ask); err == nil || errors.Is(err, identity.ErrRefused) {
		t.Fatal(err)
	}
	p.down = false
	if _, err := c.Begin(t.Context(), ask); err == nil {
		t.Error("asked again at once")
	}
	c.retry = time.Time{}
	address, err := c.Begin(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	back := p.pick(address, "p-1")
	p.down = true
	if _, err := c.Finish(t.Context(), back.Get("code"), ask); err == nil || errors.Is(err, identity.ErrRefused) {
		t.Errorf("down at the exchange: %v", err)
	}
	ctx, gone := context.WithCancel(t.Context())
	gone()
	if _, err := c.Finish(ctx, "x", ask); err == nil || errors.Is(err, identity.ErrRefused) {
		t.Errorf("gone away: %v", err)
	}
}

func TestLevel(t *testing.T) {
	for _, tt := range []struct {
		said []string
		want int
	}{{[]string{"2", "2", "2"}, 2}, {[]string{"", "", ""}, 1}, {[]string{"2", "1", ""}, 1}, {[]string{"urn:vneid:2", "", "LOA2"}, 2},
		{[]string{"", "2", ""}, 2}, {[]string{"0", "2"}, 1}, {[]string{"none"}, 1}, {[]string{"1"}, 1}} {
		if got := level(tt.said...); got != tt.want {
			t.Errorf("%q: %d", tt.said, got)
		}
	}
}

// law: public-services.md 13 — LoaiTaiKhoan 2 with MaSoThue/MaSoDoanhNghiep and TenDoanhNghiep.
func TestOrganisationClaims(t *testing.T) {
	for name, tt := range map[string]struct {
		kind, tax, business any
		called, want        string // "" is a person's own account
		refused             bool
	}{
		"tax code":                {kind: "2", tax: "0100109106", called: "Hợp tác xã", want: "0100109106"},
		"business code":           {kind: "2", business: "0100109106-001", called: "Chi nhánh", want: "0100109106-001"},
		"branch without a dash":   {kind: "2", tax: "0100109106001", called: "Chi nhánh", want: "0100109106-001"},
		"household":               {kind: 2.0, tax: "096190001234", called: "Hộ kinh doanh", want: "096190001234"},
		"a person's own":          {kind: "1", tax: "0100109106", called: "Hợp tác xã"},
		"no kind":                 {tax: "0100109106", called: "Hợp tác xã"},
		"no code":                 {kind: "2", called: "Hợp tác xã", refused: true},
		"letters":                 {kind: "2", tax: "01001O9106", called: "Hợp tác xã", refused: true},
		"no name":                 {kind: "2", tax: "0100109106", refused: true},
		"a name that is too long": {kind: "2", tax: "0100109106", called: strings.Repeat("ư", 201), refused: true},
		"a line in the name":      {kind: "2", tax: "0100109106", called: "Hợp tác\nxã", refused: true},
	} {
		got, err := read("o-1", "2", map[string]any{"SoDinhDanh": "096190001234", "HoVaTen": "Nguyễn Mỹ Duyên", "NgayThangNamSinh": "03/02/1990",
			"LoaiTaiKhoan": tt.kind, "MaSoThue": tt.tax, "MaSoDoanhNghiep": tt.business, "TenDoanhNghiep": tt.called})
		if (err != nil) != tt.refused || got.TaxCode != tt.want || (tt.want != "") != (got.Organisation != "") {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("p-1", "2", `{"SoDinhDanh":"096190001234","HoVaTen":"Nguyễn Mỹ Duyên","NgayThangNamSinh":"03/02/1990","TechID":"T","loAs":"2","IAL":"2"}`)
	f.Add("p-1", "", `{"SoDinhDanh":96190001234,"HoVaTen":[],"NgayThangNamSinh":19900203}`)
	f.Add("", "2", `{}`)
	f.Add("o-1", "2", `{"SoDinhDanh":"096190001234","HoVaTen":"A","NgayThangNamSinh":"03/02/1990","LoaiTaiKhoan":2,"MaSoDoanhNghiep":"0100109106-001","TenDoanhNghiep":"B"}`)
	f.Fuzz(func(t *testing.T, subject, acr, raw string) {
		var claims map[string]any
		if json.Unmarshal([]byte(raw), &claims) != nil {
			return
		}
		p, err := read(subject, acr, claims)
		if err != nil {
			return
		}
		if p.Subject == "" || len(p.PersonalID) != 12 || p.Name == "" || p.Birth.IsZero() || p.Level < 1 || p.Level > 2 || (p.TaxCode == "") != (p.Organisation == "") {
			t.Errorf("%+v", p)
		}
	})
}
