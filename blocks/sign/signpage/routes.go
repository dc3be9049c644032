// Package signpage lets anybody check a signed PDF file, and answers for the demonstration's
// authorities: time-stamps, OCSP and the lists of revoked certificates.
package signpage

import (
	"embed"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"datmui/blocks/sign"
	"datmui/blocks/sign/pki"
	"datmui/blocks/sign/verify"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Path is the address of the check; PathCode that of a paper's verification code.
const Path = "/verify"

// PathCode is where a paper is found by the code printed on it.
func PathCode(code string) string { return Path + "/" + url.PathEscape(code) }

// MaxFile is the largest file that may be sent.
const MaxFile = 50 << 20

// Pages are the public pages of signatures.
type Pages struct {
	sign *sign.Block
	dir  string

	mu    sync.Mutex
	trust *verify.Trust
	read  time.Time // when the trust list was read

	small, large chan struct{} // how many files are judged at once: memory is bounded
}

const (
	smallFile  = 4 << 20
	trustFresh = time.Minute
)

// New returns the pages. dir holds the trust list as files.
func New(b *sign.Block, dir string) *Pages {
	return &Pages{sign: b, dir: dir, small: make(chan struct{}, 4), large: make(chan struct{}, 1)}
}

// Routes lists every address here.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + Path, Who: web.Public, Handle: p.ask},
		{Pattern: "POST " + Path, Who: web.Public, Handle: p.answer, Limit: MaxFile + 1<<20},
		{Pattern: "POST /pki/tsa", Who: web.Public, Handle: plain(p.tsa()), Limit: 16 << 10},
		{Pattern: "POST /pki/ocsp", Who: web.Public, Handle: plain(p.ocsp()), Limit: 16 << 10},
		{Pattern: "GET /pki/ocsp/{request}", Who: web.Public, Handle: plain(p.ocsp())},
		{Pattern: "GET /pki/{file}", Who: web.Public, Handle: p.file},
	}
}

func plain(h http.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		h.ServeHTTP(w, r)
		return nil
	}
}

func (p *Pages) tsa() http.Handler { return pki.TSA{Authority: p.sign.Authority(), Now: p.sign.Now} }

func (p *Pages) ocsp() http.Handler {
	return pki.Responder{Authority: p.sign.Authority(), Now: p.sign.Now, Status: p.sign.Status}
}

// file hands out the certificates and lists of the trust folder, by their names alone.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	kind := map[string]string{".cer": "application/pkix-cert", ".crl": "application/pkix-crl"}[filepath.Ext(name)]
	if kind == "" || strings.ContainsAny(name, `/\`) || strings.HasPrefix(name, ".") {
		return fault.NotFound("pki.file")
	}
	b, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		return fault.NotFound("pki.file")
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, err = w.Write(b)
	return err
}

// trusted is the trust list, read anew each minute.
func (p *Pages) trusted() (*verify.Trust, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.trust != nil && time.Since(p.read) < trustFresh {
		return p.trust, nil
	}
	t, err := verify.LoadTrust(p.dir)
	if err != nil {
		return nil, err
	}
	p.trust, p.read = t, time.Now()
	return t, nil
}
