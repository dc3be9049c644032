package vneid

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"datmui/kit/lang"
	"datmui/sim"
)

const (
	pathLogin     = "/choose"
	pathRefuse    = "/refuse"
	pathSignedOut = "/signed-out"
)

type pages struct {
	store    *storage
	provider *op.Provider
}

// choice is what the list shows.
type choice struct {
	id, client string
	number     string // personal id asked for
	found      []sim.Player
	searched   bool
	level2     []sim.Player
	level1     []sim.Player
}

// list shows who can sign in.
func (p *pages) list(w http.ResponseWriter, r *http.Request) {
	req, err := p.store.find(r.FormValue("id"))
	if err != nil {
		p.show(w, r, nil, http.StatusNotFound, gonePage())
		return
	}
	c := choice{id: req.id, client: req.in.ClientID, number: digits(r.FormValue("number"))}
	if r.FormValue("number") != "" {
		c.searched, c.found = true, p.store.byID[c.number]
	}
	for _, pl := range p.store.listed {
		if pl.Level == 2 {
			c.level2 = append(c.level2, pl)
		} else {
			c.level1 = append(c.level1, pl)
		}
	}
	p.show(w, r, req, http.StatusOK, choosePage(c))
}

// enter signs the chosen player in and leads back to the client.
func (p *pages) enter(w http.ResponseWriter, r *http.Request) {
	id := r.FormValue("id")
	if err := p.store.choose(id, r.FormValue("sub")); err != nil {
		p.show(w, r, nil, http.StatusNotFound, gonePage())
		return
	}
	ctx := op.ContextWithIssuer(r.Context(), p.store.c.Issuer)
	http.Redirect(w, r, op.AuthCallbackURL(p.provider)(ctx, id), http.StatusSeeOther)
}

// refuse tells the client that the person did not want to.
func (p *pages) refuse(w http.ResponseWriter, r *http.Request) {
	req, err := p.store.find(r.FormValue("id"))
	if err != nil {
		p.show(w, r, nil, http.StatusNotFound, gonePage())
		return
	}
	_ = p.store.DeleteAuthRequest(r.Context(), req.id)
	op.AuthRequestError(w, r, req, oidc.ErrAccessDenied().WithDescription("the person refused"), p.provider)
}

func (p *pages) signedOut(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, nil, http.StatusOK, signedOutPage())
}

func (p *pages) home(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, nil, http.StatusOK, homePage(len(p.store.bySub)))
}

// show renders a page in the language of the address, of the client's request, or Vietnamese.
func (p *pages) show(w http.ResponseWriter, r *http.Request, req *request, status int, body templ.Component) {
	ctx := r.Context()
	if req != nil {
		for _, l := range req.in.UILocales {
			if t, ok := lang.Parse(l.String()); ok {
				ctx = lang.With(ctx, t)
				break
			}
		}
	}
	if t, ok := lang.Parse(r.URL.Query().Get("lang")); ok {
		ctx = lang.With(ctx, t)
	}
	var buf bytes.Buffer
	if err := frame(otherLang(ctx, r), body).Render(ctx, &buf); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(buf.Bytes())
}

// otherLang is this page in the other language.
func otherLang(ctx context.Context, r *http.Request) string {
	q := r.URL.Query()
	q.Set("lang", string(lang.English))
	if lang.From(ctx) == lang.English {
		q.Set("lang", string(lang.Vietnamese))
	}
	return r.URL.Path + "?" + q.Encode()
}

// digits keeps the digits of a number typed with spaces or dots.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// birth shows a checked date the way people here write it.
func birth(s string) string {
	if len(s) != len("2006-01-02") {
		return s
	}
	return s[8:] + "/" + s[5:7] + "/" + s[:4]
}
