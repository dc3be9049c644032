// Package vneid plays VNeID, the national electronic identity, as an OpenID provider: discovery,
// code flow with PKCE, userinfo and end of session, with the claims that public services read.
// Nobody proves anything here: whoever asks picks a player from a list, and every page says so.
// law: public-services.md 13 — the claims are those seen at the national sign-on.
package vneid

import (
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
	"golang.org/x/text/language"

	"datmui/kit/clock"
	"datmui/kit/lang"
	"datmui/sim"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

//go:embed skin.css
var skin []byte

func init() { lang.Register(texts) }

// Config is who plays and for whom. There is one client: the province.
type Config struct {
	Issuer    string       // required: address of this provider without a path
	Client    string       // required: client id
	Secret    string       // required: client secret
	Redirect  []string     // required: callback addresses of the client, compared letter by letter
	SignedOut []string     // where people may be sent after signing out
	Players   []sim.Player // who can sign in
	Clock     clock.Clock  // nil means the machine's clock
}

// Handler is the whole player: protocol and pages.
func Handler(c Config) (http.Handler, error) {
	if c.Client == "" || c.Secret == "" || len(c.Redirect) == 0 {
		return nil, errors.New("vneid: client, secret and redirect must be given")
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	s, err := newStorage(c)
	if err != nil {
		return nil, err
	}
	conf := &op.Config{
		DefaultLogoutRedirectURI: pathSignedOut,
		CodeMethodS256:           true,
		AuthMethodPost:           true,
		SupportedUILocales:       []language.Tag{language.Vietnamese, language.English},
		SupportedScopes:          []string{"openid", "profile"},
		SupportedClaims: []string{"sub", "aud", "exp", "iat", "iss", "auth_time", "nonce", "acr", "LoaiTaiKhoan",
			"SoDinhDanh", "HoVaTen", "NgayThangNamSinh", "TechID", "loAs", "IAL", "MaSoThue", "TenDoanhNghiep"},
	}
	_, _ = rand.Read(conf.CryptoKey[:])
	provider, err := op.NewProvider(conf, s, op.StaticIssuer(c.Issuer), op.WithAllowInsecure())
	if err != nil {
		return nil, fmt.Errorf("vneid: %w", err)
	}
	p := &pages{store: s, provider: provider}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pathLogin, p.list)
	mux.HandleFunc("POST "+pathLogin, p.enter)
	mux.HandleFunc("POST "+pathRefuse, p.refuse)
	mux.HandleFunc("GET "+pathSignedOut, p.signedOut)
	mux.HandleFunc("GET /{$}", p.home)
	mux.HandleFunc("GET /skin.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(skin)
	})
	mux.Handle("/", provider)
	return headers(http.MaxBytesHandler(mux, 64<<10), c.Redirect), nil
}

// headers allow what the pages need: forms may lead on to the client, which has another origin.
func headers(next http.Handler, redirects []string) http.Handler {
	forms := "'self'"
	for _, r := range redirects {
		if u, err := url.Parse(r); err == nil {
			forms += " " + u.Scheme + "://" + u.Host
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action "+forms)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// requestLife is how long a person may take to choose.
const requestLife = 10 * time.Minute
