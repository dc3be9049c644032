package identitypage

import (
	"errors"
	"net/http"

	"datmui/blocks/identity"
	"datmui/kit/fault"
	"datmui/kit/web"
)

type managedIn struct {
	Text    string `form:"q"`
	Account string `form:"account"`
	Second  bool   `form:"second"`
}

// managed lists the accounts an administrator looks after.
func (p *Pages) managed(w http.ResponseWriter, r *http.Request) error {
	return p.showManaged(w, r, http.StatusOK, nil)
}

func (p *Pages) showManaged(w http.ResponseWriter, r *http.Request, status int, f fault.Fields) error {
	in := web.Form[managedIn](r)
	list, err := p.block.ManagedAccounts(r.Context(), in.Text)
	if err != nil {
		return err
	}
	return web.Render(w, r, status, managedPage(p.inside(r, identity.KindOfficial), in.Text, list, f))
}

func (p *Pages) createAccount(w http.ResponseWriter, r *http.Request) error {
	_, err := p.block.CreateOfficial(r.Context(), web.Form[identity.CreateIn](r))
	if f, ok := errors.AsType[fault.Fields](err); ok {
		return p.showManaged(w, r, http.StatusUnprocessableEntity, f)
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, PathManaged, "identity.account-made")
}

// sendLink has a one-time link sent to the person; this page never shows it.
func (p *Pages) sendLink(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[managedIn](r)
	if err := p.block.SendLink(r.Context(), in.Account, in.Second); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathManaged, "identity.link-sent")
}

func (p *Pages) closeAccount(w http.ResponseWriter, r *http.Request) error {
	if err := p.block.Close(r.Context(), web.Form[managedIn](r).Account); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathManaged, "identity.account-closed")
}

func (p *Pages) reopenAccount(w http.ResponseWriter, r *http.Request) error {
	if err := p.block.Reopen(r.Context(), web.Form[managedIn](r).Account); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathManaged, "identity.account-reopened")
}
