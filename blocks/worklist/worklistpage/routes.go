// Package worklistpage is my desk: everything due from an official in one list across modules.
package worklistpage

import (
	"embed"

	"datmui/blocks/worklist"
	"datmui/kit/lang"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Addresses.
const (
	PathDesk   = "/desk"
	PathExport = "/desk/export.csv"
	PathViews  = "/desk/views"
)

// Pages are the pages of the worklist.
type Pages struct {
	list *worklist.Block
}

// New returns the pages.
func New(list *worklist.Block) *Pages { return &Pages{list} }

// Routes lists every address here.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + PathDesk, Who: web.AnyOfficial, Handle: p.desk},
		{Pattern: "GET " + PathExport, Who: web.AnyOfficial, Handle: p.export},
		{Pattern: "POST " + PathViews, Who: web.AnyOfficial, Handle: p.keepView},
		{Pattern: "POST " + PathViews + "/drop", Who: web.AnyOfficial, Handle: p.dropView},
	}
}
