package identitypage

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"

	"datmui/kit/fault"
	"datmui/kit/web"
)

type passkeyIn struct {
	Credential string `form:"credential"` // what the authenticator said, JSON by passkey.js
	Label      string `form:"label"`
	ID         string `form:"id"`
}

// passkeyOptions answers passkey.js, which asks before the authenticator does.
func (p *Pages) passkeyOptions(w http.ResponseWriter, r *http.Request) error {
	options, token, err := p.block.BeginPasskey(r.Context())
	if err != nil {
		return err
	}
	p.set(w, cookieKey, token, stepLife)
	return web.JSON(w, r, http.StatusOK, json.RawMessage(options))
}

// passkey signs in by a passkey.
func (p *Pages) passkey(w http.ResponseWriter, r *http.Request) error {
	in, view := web.Form[passkeyIn](r), p.view(r)
	if in.Credential == "" { // a browser without scripts
		view.faults = fault.Fields{"": "passkey-none"}
		return web.Render(w, r, http.StatusUnprocessableEntity, signInPage(p.frame(r), view))
	}
	started, err := p.block.FinishPasskey(r.Context(), p.get(r, cookieKey), []byte(in.Credential), web.Form[nextIn](r).Shared)
	if status, f := formFaults(err); f != nil {
		view.faults = f
		return web.Render(w, r, status, signInPage(p.frame(r), view))
	} else if err != nil {
		return p.restart(w, r, err)
	}
	return p.welcome(w, r, started, view.next)
}

func (p *Pages) addOptions(w http.ResponseWriter, r *http.Request) error {
	options, token, err := p.block.BeginAdd(r.Context())
	if err != nil {
		return err
	}
	p.set(w, cookieKey, token, stepLife)
	return web.JSON(w, r, http.StatusOK, json.RawMessage(options))
}

func (p *Pages) addPasskey(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[passkeyIn](r)
	if in.Credential == "" {
		return p.showAccount(w, r, http.StatusUnprocessableEntity, fault.Fields{"": "passkey-none"})
	}
	err := p.block.FinishAdd(r.Context(), p.get(r, cookieKey), in.Label, []byte(in.Credential))
	if f, ok := errors.AsType[fault.Fields](err); ok {
		return p.showAccount(w, r, http.StatusUnprocessableEntity, f)
	} else if err != nil {
		return p.accountFault(w, r, err)
	}
	p.drop(w, cookieKey)
	return web.SeeOther(w, r, PathAccount, "identity.passkey-added")
}

func (p *Pages) removePasskey(w http.ResponseWriter, r *http.Request) error {
	id, err := base64.RawURLEncoding.DecodeString(web.Form[passkeyIn](r).ID)
	if err != nil {
		return fault.NotFound("passkey")
	}
	if err := p.block.RemovePasskey(r.Context(), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathAccount, "identity.passkey-removed")
}
