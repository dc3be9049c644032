package identitypage

import (
	"errors"
	"net/http"

	"datmui/blocks/identity"
	"datmui/kit/fault"
	"datmui/kit/web"
)

// toVNeID sends a citizen to the national identity. It is a link and not a form: the content
// security policy lets forms lead nowhere else.
func (p *Pages) toVNeID(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[nextIn](r)
	address, token, err := p.block.BeginVNeID(r.Context(), web.SafeNext(in.Next, ""), in.Shared)
	if err != nil {
		return p.backToCitizen(w, r, in.Next, err)
	}
	p.set(w, cookieVNeID, token, stepLife)
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// fromVNeID takes a citizen who comes back.
func (p *Pages) fromVNeID(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[identity.CallbackIn](r)
	in.Token = p.get(r, cookieVNeID)
	p.drop(w, cookieVNeID)
	started, next, err := p.block.FinishVNeID(r.Context(), in)
	if err != nil {
		return p.backToCitizen(w, r, next, err)
	}
	return p.welcome(w, r, started, next)
}

func (p *Pages) backToCitizen(w http.ResponseWriter, r *http.Request, next string, err error) error {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind == fault.KindConflict {
		return web.SeeOther(w, r, with(PathCitizen, web.SafeNext(next, "")), e.Key)
	}
	return err
}
