package web

import (
	"net/http"
	"net/url"
	"strings"

	"datmui/kit/actor"
	"datmui/kit/fault"
)

// Handler answers a request or returns an error for the one error table (Fail).
type Handler func(http.ResponseWriter, *http.Request) error

// Route is one line of a page package's routes.go: where, who, what.
type Route struct {
	Pattern string // as in net/http.ServeMux: "GET /desk"
	Who     Who
	Handle  Handler
	Limit   int64 // most bytes of a request body; 0 means 1 MiB; else the handler reads forms with files itself
}

// Who says which kinds of actor a route is for. It is the coarse gate that the authorisation
// matrix lists; the fine rule is checked in the act.
type Who struct {
	Name  string
	Allow func(actor.Actor) bool
}

var (
	Public      = Who{"public", func(actor.Actor) bool { return true }}
	AnyoneIn    = Who{"anyone signed in", func(a actor.Actor) bool { return a.SignedIn() }}
	AnyCitizen  = Who{"any citizen", func(a actor.Actor) bool { return a.Kind == actor.Citizen }}
	Level2      = Who{"citizen at level 2", func(a actor.Actor) bool { return a.Kind == actor.Citizen && a.Level >= 2 }}
	Acting      = Who{"any official, or a citizen at level 2", func(a actor.Actor) bool { return a.Kind == actor.Official || Level2.Allow(a) }}
	AnyOfficial = Who{"any official", func(a actor.Actor) bool { return a.Kind == actor.Official }}
	DemoOnly    = Who{"anyone, in a demonstration only", func(actor.Actor) bool { return true }}
)

// Right is for officials who hold the right in at least one agency.
func Right(right string) Who {
	return Who{"right " + right, func(a actor.Actor) bool { return a.Holds(right) }}
}

// guard checks the coarse gate. A stranger is sent to sign in and comes back afterwards; a
// citizen below level 2 is told what is missing.
func (s *Server) guard(rt Route) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		a := actor.From(r.Context())
		if rt.Who.Allow(a) {
			defer func() { // net/http forgets those of a request that was passed on with another context
				if r.MultipartForm != nil {
					_ = r.MultipartForm.RemoveAll()
				}
			}()
			if err := tidy(r, rt.Limit != 0); err != nil {
				return err
			}
			return rt.Handle(w, r)
		}
		if a.SignedIn() {
			if able := a; a.Kind == actor.Citizen && a.Level < 2 {
				if able.Level = 2; rt.Who.Allow(able) {
					return fault.Forbidden("level-2")
				}
			}
			return fault.Forbidden("route")
		}
		if WantsJSON(r) {
			return fault.SignIn("route")
		}
		at, next := "/sign-in", r.URL.RequestURI()
		if rt.Who.Allow(actor.Actor{Kind: actor.Citizen, Level: 2}) {
			at = "/sign-in/citizen"
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			next = s.back(r) // what was sent is found again after signing in
			if err := s.keep(w, r, next); err != nil {
				return err
			}
		}
		http.Redirect(w, r, at+"?next="+url.QueryEscape(next), http.StatusSeeOther)
		return nil
	}
}

// WantsJSON says whether the caller is a program rather than a person.
func WantsJSON(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.Header.Get("Accept"), "application/json")
}

// SafeNext returns a path on this site to go on to, or fallback when next points elsewhere.
func SafeNext(next, fallback string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.Opaque != "" || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return fallback
	}
	return next
}
