// Package cataloguepage shows the catalogue of procedures: to everybody what there is and what can be
// done here, to who edits it what is still to be confirmed.
package cataloguepage

import (
	"embed"

	"datmui/apps/services"
	"datmui/kit/lang"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// The addresses of the catalogue.
const (
	Path        = "/services"
	PathAll     = "/services?standing=" + everything
	PathJSON    = "/services.json"
	PathConfirm = "/desk/procedures"
)

// PathStart is the page of a procedure.
func PathStart(code string) string { return Path + "/" + code }

// PathOne is where a procedure is confirmed.
func PathOne(code string) string { return PathConfirm + "/" + code }

// Pages are the pages of the catalogue.
type Pages struct{ services *services.Module }

// New returns the pages.
func New(s *services.Module) *Pages { return &Pages{s} }

// Routes lists every address here. The page of one procedure is PathStart, in servicespage: it begins
// a filing, or is Show.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + Path, Who: web.Public, Handle: p.catalogue},
		{Pattern: "GET " + PathJSON, Who: web.Public, Handle: p.found},
		{Pattern: "GET " + PathConfirm, Who: web.Right(services.RightCatalogue), Handle: p.awaiting},
		{Pattern: "GET " + PathConfirm + "/{code}", Who: web.Right(services.RightCatalogue), Handle: p.one},
		{Pattern: "POST " + PathConfirm + "/{code}", Who: web.Right(services.RightCatalogue), Handle: p.confirm},
	}
}
