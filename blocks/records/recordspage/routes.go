// Package recordspage shows a person her own papers, what she has allowed, and who used them.
package recordspage

import (
	"context"
	"embed"

	"github.com/google/uuid"

	"datmui/blocks/records"
	"datmui/kit/lang"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Addresses.
const (
	PathPapers   = "/records"
	PathConsents = "/records/consents"
	PathUses     = "/records/uses"
	pathGive     = "/records/consents/new"
	pathWithdraw = "/records/consents/withdraw"
)

// Agency is who may be allowed to use papers.
type Agency struct{ ID, Name string }

// Config is what the pages need.
type Config struct {
	Records  *records.Block                              // required
	File     func(id uuid.UUID) string                   // address of a file; nil shows no file
	Agencies func(ctx context.Context) ([]Agency, error) // to whom consent can be given; nil leaves the form out
}

// Pages are the pages of records.
type Pages struct {
	records  *records.Block
	file     func(uuid.UUID) string
	agencies func(context.Context) ([]Agency, error)
}

// New returns the pages.
func New(c Config) *Pages { return &Pages{c.Records, c.File, c.Agencies} }

// Routes lists every address here.
func (p *Pages) Routes() []web.Route {
	routes := []web.Route{
		{Pattern: "GET " + PathPapers, Who: web.AnyoneIn, Handle: p.papers},
		{Pattern: "GET " + PathConsents, Who: web.AnyoneIn, Handle: p.consents},
		{Pattern: "GET " + PathUses, Who: web.AnyoneIn, Handle: p.uses},
		{Pattern: "POST " + pathWithdraw, Who: web.AnyoneIn, Handle: p.withdraw},
	}
	if p.agencies != nil {
		routes = append(routes,
			web.Route{Pattern: "GET " + pathGive, Who: web.Acting, Handle: p.giveForm},
			web.Route{Pattern: "POST " + pathGive, Who: web.Acting, Handle: p.give})
	}
	return routes
}
