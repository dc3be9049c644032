package identitypage

import (
	"errors"
	"fmt"
	"net/http"

	"datmui/blocks/identity"
	"datmui/kit/fault"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// signInView is what the sign-in page shows.
type signInView struct {
	in       identity.PasswordIn
	next     string
	citizen  bool // came from a page for citizens: officials' form is folded away
	provider bool
	faults   fault.Fields
}

type nextIn struct {
	Next   string `form:"next"`
	Shared bool   `form:"shared"`
}

func (p *Pages) frame(r *http.Request) ui.Frame {
	fr := web.Frame(r)
	fr.Area, fr.Nav = ui.Plain, nil
	fr.Scripts = append(fr.Scripts, "passkey.js")
	return fr
}

func (p *Pages) view(r *http.Request) signInView {
	return signInView{next: web.SafeNext(web.Form[nextIn](r).Next, ""), provider: p.block.HasProvider()}
}

func (p *Pages) signIn(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, signInPage(p.frame(r), p.view(r)))
}

func (p *Pages) citizen(w http.ResponseWriter, r *http.Request) error {
	v := p.view(r)
	v.citizen = true
	return web.Render(w, r, http.StatusOK, signInPage(p.frame(r), v))
}

// password takes an official's name and password.
func (p *Pages) password(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[identity.PasswordIn](r)
	in.Password = r.PostFormValue("password") // as typed: blanks at its ends belong to it
	next, err := p.block.Password(r.Context(), in)
	if status, f := formFaults(err); f != nil {
		v := p.view(r)
		v.in, v.faults = in, f
		return web.Render(w, r, status, signInPage(p.frame(r), v))
	} else if err != nil {
		return err
	}
	p.set(w, cookieStep, next.Token, stepLife)
	return web.SeeOther(w, r, with(PathStep, p.view(r).next), "")
}

// formFaults are the faults that are shown on the same form: wrong input, and too many tries.
func formFaults(err error) (int, fault.Fields) {
	if f, ok := errors.AsType[fault.Fields](err); ok {
		return http.StatusUnprocessableEntity, f
	}
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind == fault.KindLimit {
		code := e.Key
		if len(e.Args) == 2 {
			code = fmt.Sprintf("%s:%v", e.Key, e.Args[1])
		}
		return http.StatusTooManyRequests, fault.Fields{"": code}
	}
	return 0, nil
}

// restart leads back to the beginning when a step is too old, used, or another browser's.
func (p *Pages) restart(w http.ResponseWriter, r *http.Request, err error) error {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind == fault.KindConflict {
		p.drop(w, cookieStep)
		return web.SeeOther(w, r, with(PathSignIn, p.view(r).next), e.Key)
	}
	return err
}

// link opens a one-time link and takes the token out of the address at once.
func (p *Pages) link(w http.ResponseWriter, r *http.Request) error {
	next, err := p.block.OpenLink(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	p.set(w, cookieStep, next.Token, stepLife)
	return web.SeeOther(w, r, PathStep, "")
}

func (p *Pages) forgot(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, forgotPage(p.frame(r)))
}

// stay answers who says that she is still there: the request itself is what keeps the session.
func (p *Pages) stay(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.block.SignOut(r.Context()); err != nil {
		return err
	}
	p.drop(w, cookieSession)
	p.drop(w, cookieEnded)
	return web.SeeOther(w, r, PathSignIn, "identity.signed-out")
}
