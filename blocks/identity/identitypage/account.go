package identitypage

import (
	"encoding/base64"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"datmui/blocks/identity"
	"datmui/kit/fault"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// account is the page of how one signs in.
func (p *Pages) account(w http.ResponseWriter, r *http.Request) error {
	return p.showAccount(w, r, http.StatusOK, nil)
}

func (p *Pages) showAccount(w http.ResponseWriter, r *http.Request, status int, f fault.Fields) error {
	own, err := p.block.Own(r.Context())
	if err != nil {
		return err
	}
	return web.Render(w, r, status, accountPage(p.inside(r, own.Kind), own, f))
}

// inside is the frame of a person who is signed in.
func (p *Pages) inside(r *http.Request, kind string) ui.Frame {
	fr := web.Frame(r)
	fr.Scripts = append(fr.Scripts, "passkey.js")
	if kind == identity.KindOfficial {
		fr.Area = ui.Official
	}
	return fr
}

// accountFault says on the account page what went wrong, when it is a step that is too old.
func (p *Pages) accountFault(w http.ResponseWriter, r *http.Request, err error) error {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind == fault.KindConflict {
		p.drop(w, cookieStep)
		return web.SeeOther(w, r, PathAccount, e.Key)
	}
	return err
}

func (p *Pages) passwordForm(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, changePasswordPage(p.inside(r, identity.KindOfficial), nil))
}

func (p *Pages) changePassword(w http.ResponseWriter, r *http.Request) error {
	err := p.block.ChangePassword(r.Context(), identity.ChangePasswordIn{
		Current: r.PostFormValue("current"), Password: r.PostFormValue("password"), Repeat: r.PostFormValue("repeat")})
	if status, f := formFaults(err); f != nil {
		return web.Render(w, r, status, changePasswordPage(p.inside(r, identity.KindOfficial), f))
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, PathAccount, "identity.password-set")
}

// beginTotp shows the secret for a new phone in its answer; the address keeps nothing.
func (p *Pages) beginTotp(w http.ResponseWriter, r *http.Request) error {
	shown, token, err := p.block.BeginTotp(r.Context())
	if err != nil {
		return err
	}
	p.set(w, cookieStep, token, stepLife)
	return web.Render(w, r, http.StatusOK, totpPage(p.inside(r, identity.KindOfficial), shown, nil))
}

func (p *Pages) finishTotp(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[identity.CodeIn](r)
	in.Token = p.get(r, cookieStep)
	codes, err := p.block.FinishTotp(r.Context(), in)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		shown, err := p.block.AgainTotp(r.Context(), in.Token)
		if err != nil {
			return p.accountFault(w, r, err)
		}
		return web.Render(w, r, http.StatusUnprocessableEntity, totpPage(p.inside(r, identity.KindOfficial), shown, f))
	} else if err != nil {
		return p.accountFault(w, r, err)
	}
	p.drop(w, cookieStep)
	return web.Render(w, r, http.StatusOK, codesPage(p.inside(r, identity.KindOfficial), codes))
}

func (p *Pages) newRecovery(w http.ResponseWriter, r *http.Request) error {
	codes, err := p.block.NewRecovery(r.Context())
	if err != nil {
		return p.accountFault(w, r, err)
	}
	return web.Render(w, r, http.StatusOK, codesPage(p.inside(r, identity.KindOfficial), codes))
}

type idIn struct {
	ID uuid.UUID `form:"id"`
}

func (p *Pages) choosePost(w http.ResponseWriter, r *http.Request) error {
	if err := p.block.ChoosePost(r.Context(), web.Form[idIn](r).ID); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathAccount, "identity.post-chosen")
}

func (p *Pages) endSession(w http.ResponseWriter, r *http.Request) error {
	if err := p.block.EndSession(r.Context(), web.Form[idIn](r).ID); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathAccount, "identity.session-ended")
}

func (p *Pages) endOthers(w http.ResponseWriter, r *http.Request) error {
	if err := p.block.SignOutOthers(r.Context()); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathAccount, "identity.others-ended")
}

func key(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }
