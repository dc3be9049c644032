package identitypage

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/identity"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/web"
)

// Cookies. With https their names begin with __Host-, which browsers accept from this host alone.
const (
	cookieSession = "datmui"        // the session
	cookieStep    = "datmui-step"   // a sign-in on its way
	cookieVNeID   = "datmui-vneid"  // a citizen at the national identity
	cookieKey     = "datmui-key"    // a passkey that is being asked
	cookieDevice  = "datmui-device" // this machine, known again at the next sign-in
	cookieEnded   = "datmui-ended"  // the last session here, which has ended: it opens nothing
	cookieMark    = "datmui-mark"   // a random mark of this browser, while something sent from it is kept
)

func (p *Pages) name(cookie string) string {
	if p.block.Secure() {
		return "__Host-" + cookie
	}
	return cookie
}

// set writes a cookie; life 0 lets it end with the browser, below 0 removes it.
func (p *Pages) set(w http.ResponseWriter, cookie, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: p.name(cookie), Value: value, Path: "/", MaxAge: int(life.Seconds()),
		HttpOnly: true, Secure: p.block.Secure(), SameSite: http.SameSiteLaxMode})
}

func (p *Pages) drop(w http.ResponseWriter, cookie string) { p.set(w, cookie, "", -time.Second) }

func (p *Pages) get(r *http.Request, cookie string) string {
	c, err := r.Cookie(p.name(cookie))
	if err != nil {
		return ""
	}
	return c.Value
}

// stepLife is longer than a ceremony by little: the page should say that it is too old.
const stepLife = 15 * time.Minute

// welcome sets the cookies of a new session and leads on. What the browser brought before is
// replaced, so nobody can choose another's session for her.
func (p *Pages) welcome(w http.ResponseWriter, r *http.Request, s identity.Started, next string) error {
	if err := p.cookies(w, r, s); err != nil {
		return err
	}
	next = onward(s, next)
	if mark := p.mark(r); mark != uuid.Nil {
		waits, err := p.block.KeptFor(r.Context(), s.Token, mark)
		if err != nil {
			return err
		}
		if waits {
			next = web.PathKept + "?next=" + url.QueryEscape(next)
		}
	}
	return web.SeeOther(w, r, next, "")
}

// cookies gives the browser its new session. One it had before, of whomever, ends: nobody could
// reach it any more but who has a copy of its cookie.
func (p *Pages) cookies(w http.ResponseWriter, r *http.Request, s identity.Started) error {
	if err := p.block.SignOut(r.Context()); err != nil {
		return err
	}
	p.drop(w, cookieStep)
	p.drop(w, cookieEnded)
	p.set(w, cookieSession, s.Token, 0)
	if s.Device != "" {
		p.set(w, cookieDevice, s.Device, 365*24*time.Hour)
	}
	return nil
}

// onward is where a person goes after signing in.
func onward(s identity.Started, next string) string {
	if s.Official {
		return web.SafeNext(next, "/desk")
	}
	return web.SafeNext(next, "/")
}

// Middleware puts the actor of the session and the machine at the other end into the context. A
// cookie that opens nothing any more gives way to one that says whose session it was, for what that
// person may have typed since.
func (p *Pages) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/assets/") {
			next.ServeHTTP(w, r) // the same for everybody
			return
		}
		ctx := identity.WithClient(r.Context(), identity.Client{Addr: p.addr(r), Agent: r.UserAgent(), Device: p.get(r, cookieDevice)})
		if token := p.get(r, cookieSession); token != "" {
			switch who, err := p.block.Session(ctx, token); {
			case err == nil:
				ctx = actor.With(ctx, who)
			case fault.KindOf(err) == fault.KindSignIn:
				p.drop(w, cookieSession)
				p.set(w, cookieEnded, token, 0)
			case r.Context().Err() != nil:
				return // the caller has gone
			default:
				// nobody is shown a page as a stranger because the database did not answer
				p.block.LogFault(ctx, err)
				http.Error(w, lang.T(ctx, "identity.away"), http.StatusServiceUnavailable)
				return
			}
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// addr is the address of the machine at the other end, seen through the trusted proxies.
func (p *Pages) addr(r *http.Request) netip.Addr {
	at, _ := netip.ParseAddrPort(r.RemoteAddr)
	return through(at.Addr().Unmap(), r.Header.Values("X-Forwarded-For"), p.proxies)
}

// through follows X-Forwarded-For from the right for as long as proxies we trust wrote it; what
// stands left of the first stranger may be invented by him.
func through(at netip.Addr, forwarded []string, proxies []netip.Prefix) netip.Addr {
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(at) }) {
			return at
		}
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return at
		}
		at = next.Unmap().WithZone("")
	}
	return at
}
