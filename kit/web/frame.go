package web

import (
	"context"
	"embed"
	"net/http"
	"net/url"
	"path"

	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

type frameKey struct{}

// Frame is what every page shows around its content, for the actor of the request. The site says
// once how it is made (Config.Frame).
func Frame(r *http.Request) ui.Frame {
	fn, ok := r.Context().Value(frameKey{}).(func(*http.Request) ui.Frame)
	var fr ui.Frame
	if ok {
		fr = fn(r)
	}
	if fr.Now.IsZero() {
		fr.Now = clock.System{}.Now()
	}
	fr.Lang, fr.Path, fr.Actor = lang.From(r.Context()), r.URL.RequestURI(), actor.From(r.Context())
	v, _ := density(r)
	fr.Roomy = v == "roomy"
	if c, err := r.Cookie(flashCookie); err == nil && lang.Has(r.Context(), c.Value) { // a cookie holds what its browser likes
		fr.Flash = c.Value
	}
	return fr
}

// framed lets Frame find the site's way of making frames.
func framed(fn func(*http.Request) ui.Frame, next http.Handler) http.Handler {
	if fn == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), frameKey{}, fn)))
	})
}

const (
	langCookie    = "lang"
	densityCookie = "density"
)

// keepChoice remembers for a year what a person chose for this browser.
func keepChoice(w http.ResponseWriter, r *http.Request, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: secure(r), SameSite: http.SameSiteLaxMode})
}

// density is "roomy" or "dense" as ?density= asks now, else as it was chosen before; "" is unknown.
func density(r *http.Request) (value string, now bool) {
	if v := r.URL.Query().Get("density"); v == "roomy" || v == "dense" {
		return v, true
	}
	if c, err := r.Cookie(densityCookie); err == nil {
		return c.Value, false
	}
	return "", false
}

// chosen takes the language from ?lang=, which is kept, else from the cookie; Vietnamese is first.
// It keeps the density of officials' pages the same way.
func chosen(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v, now := density(r); now {
			keepChoice(w, r, densityCookie, v)
		}
		tag, chosen := lang.Parse(r.URL.Query().Get("lang"))
		if chosen {
			keepChoice(w, r, langCookie, string(tag))
		} else if c, err := r.Cookie(langCookie); err == nil {
			tag, chosen = lang.Parse(c.Value)
		}
		if chosen {
			r = r.WithContext(lang.With(r.Context(), tag))
		}
		next.ServeHTTP(w, r)
	})
}

// faultPage shows a failure to a person.
func faultPage(w http.ResponseWriter, r *http.Request, f Fault) {
	if f.Kind == "sign-in" && r.Header.Get("HX-Request") == "" {
		http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(backPath(r)), http.StatusSeeOther)
		return
	}
	if err := Render(w, r, f.Status, FaultPage(Frame(r), f)); err != nil {
		problem(w, r, f)
	}
}

// backPath is where a form came from: after signing in again the person finds it there.
func backPath(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host {
		return "/"
	}
	return u.RequestURI()
}

// back is backPath, or the nearest page above it where that is an address of forms alone: a form
// that came back with its faults stands there.
func (s *Server) back(r *http.Request) string {
	at := backPath(r)
	u, err := url.ParseRequestURI(at)
	for err == nil && u.Path != "/" {
		if _, pattern := s.mux.Handler(&http.Request{Method: http.MethodGet, URL: u, Host: r.Host}); pattern != "" {
			return u.RequestURI()
		}
		u = &url.URL{Path: path.Dir(u.Path)}
	}
	return "/"
}

// Text says in words which rule was broken, or "".
func (f Fault) Text(ctx context.Context) string {
	for _, key := range []string{f.Kind + "." + f.Key, f.Key, "fault." + f.Key} {
		if f.Key != "" && lang.Has(ctx, key) {
			return lang.T(ctx, key, f.Args...)
		}
	}
	return ""
}
