package identitypage

import (
	"net/http"

	"datmui/blocks/identity"
	"datmui/kit/fault"
	"datmui/kit/web"
)

// stepView is what the page of a step shows.
type stepView struct {
	name   string
	next   string
	enrol  identity.Enrolment
	faults fault.Fields
}

// step shows what a sign-in asks for next.
func (p *Pages) step(w http.ResponseWriter, r *http.Request) error {
	return p.showStep(w, r, http.StatusOK, nil)
}

func (p *Pages) showStep(w http.ResponseWriter, r *http.Request, status int, f fault.Fields) error {
	token := p.get(r, cookieStep)
	at, name, err := p.block.AtStep(r.Context(), token)
	if err != nil {
		return p.restart(w, r, err)
	}
	v := stepView{name: name, next: p.view(r).next, faults: f}
	switch at {
	case identity.StepChange:
		return web.Render(w, r, status, newPasswordPage(p.frame(r), v))
	case identity.StepEnrol:
		if v.enrol, err = p.block.Enrol(r.Context(), token); err != nil {
			return p.restart(w, r, err)
		}
		return web.Render(w, r, status, enrolPage(p.frame(r), v))
	}
	return web.Render(w, r, status, codePage(p.frame(r), v))
}

// answered ends or goes on with a sign-in after a step was answered.
func (p *Pages) answered(w http.ResponseWriter, r *http.Request, n identity.Next, err error) error {
	if status, f := formFaults(err); f != nil {
		return p.showStep(w, r, status, f)
	} else if err != nil {
		return p.restart(w, r, err)
	}
	next := p.view(r).next
	switch {
	case n.Step != identity.StepDone:
		p.set(w, cookieStep, n.Token, stepLife)
		return web.SeeOther(w, r, with(PathStep, next), "")
	case n.Recovery != nil:
		// shown in the answer itself: the codes stand nowhere they could be asked for again
		if err := p.cookies(w, r, n.Session); err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, recoveryPage(p.frame(r), n.Recovery, onward(n.Session, next)))
	}
	return p.welcome(w, r, n.Session, next)
}

func (p *Pages) code(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[identity.CodeIn](r)
	in.Token = p.get(r, cookieStep)
	n, err := p.block.Code(r.Context(), in)
	return p.answered(w, r, n, err)
}

func (p *Pages) enrol(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[identity.CodeIn](r)
	in.Token = p.get(r, cookieStep)
	n, err := p.block.ConfirmEnrol(r.Context(), in)
	return p.answered(w, r, n, err)
}

func (p *Pages) newPassword(w http.ResponseWriter, r *http.Request) error {
	n, err := p.block.NewPassword(r.Context(), identity.NewPasswordIn{Token: p.get(r, cookieStep),
		Password: r.PostFormValue("password"), Repeat: r.PostFormValue("repeat")})
	return p.answered(w, r, n, err)
}
