// Package portalpage is CaMauG's front: the home page with the search, the citizen's own matters
// and the ways on.
package portalpage

import (
	"context"
	"embed"
	"net/http"

	"datmui/kit/actor"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Front is what the home page shows of other apps; the site fills it.
type Front struct {
	Mine     func(ctx context.Context) ([]ui.GoItem, error)    // the citizen's newest dossiers
	Services func(ctx context.Context) ([]ui.LifeEvent, error) // what can be asked for, by field
}

// Pages are the pages of the portal.
type Pages struct {
	front Front
	demo  bool
}

// New returns the pages.
func New(f Front, demo bool) *Pages { return &Pages{f, demo} }

// Routes lists every address here.
func (p *Pages) Routes() []web.Route {
	return []web.Route{{Pattern: "GET /{$}", Who: web.Public, Handle: p.home}}
}

func (p *Pages) home(w http.ResponseWriter, r *http.Request) error {
	events, err := p.front.Services(r.Context())
	if err != nil {
		return err
	}
	var mine []ui.GoItem
	if actor.From(r.Context()).Kind == actor.Citizen {
		if mine, err = p.front.Mine(r.Context()); err != nil {
			return err
		}
	}
	return web.Render(w, r, http.StatusOK, homePage(web.Frame(r), events, mine, p.demo))
}

// yours are the ways to what the province keeps of the citizen.
func yours(ctx context.Context) []ui.GoItem {
	var out []ui.GoItem
	for _, way := range []struct{ key, href string }{
		{"dossiers", "/dossiers"}, {"papers", "/records"}, {"consents", "/records/consents"}, {"notices", "/notices"}, {"reads", "/reads"},
	} {
		out = append(out, ui.GoItem{Text: lang.T(ctx, "portal.home.yours."+way.key), Href: way.href, More: lang.T(ctx, "portal.home.yours."+way.key+".text")})
	}
	return out
}
