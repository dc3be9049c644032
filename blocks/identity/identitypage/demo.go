package identitypage

import (
	"net/http"

	"datmui/blocks/identity"
	"datmui/kit/web"
)

// demo lists who can be tried.
func (p *Pages) demo(w http.ResponseWriter, r *http.Request) error {
	list, err := p.block.DemoAccounts(r.Context())
	if err != nil {
		return err
	}
	var officials, citizens []identity.DemoAccount
	for _, a := range list {
		if a.Kind == identity.KindOfficial {
			officials = append(officials, a)
		} else {
			citizens = append(citizens, a)
		}
	}
	fr := web.Frame(r)
	fr.Demo = true
	return web.Render(w, r, http.StatusOK, demoPage(fr, citizens, officials))
}

type demoIn struct {
	Account string `form:"account"`
}

// demoSignIn enters an account by its name alone.
func (p *Pages) demoSignIn(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[demoIn](r)
	started, err := p.block.DemoSignIn(r.Context(), in.Account)
	if err != nil {
		return err
	}
	return p.welcome(w, r, started, p.view(r).next)
}
