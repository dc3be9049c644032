// Package notifypage is the inbox of notices, and the page on which a person says what she wants
// by e-mail.
package notifypage

import (
	"embed"

	"github.com/google/uuid"

	"datmui/blocks/notify"
	"datmui/kit/lang"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Addresses.
const (
	PathNotices     = "/notices"
	PathPreferences = "/notices/preferences"
	pathReadAll     = "/notices/read-all"
)

// PathOpen opens a notice: it is read from then on, and leads where it tells of.
func PathOpen(id uuid.UUID) string { return "/notices/" + id.String() }

// Pages are the pages of notices.
type Pages struct {
	box   *notify.Block
	mails *notify.Folder
}

// New returns the pages. mails is the folder of a demonstration's e-mails; nil outside of one.
func New(box *notify.Block, mails *notify.Folder) *Pages { return &Pages{box, mails} }

// Routes lists every address here.
func (p *Pages) Routes() []web.Route {
	routes := []web.Route{
		{Pattern: "GET " + PathNotices, Who: web.AnyoneIn, Handle: p.inbox},
		{Pattern: "GET /notices/{id}", Who: web.AnyoneIn, Handle: p.open},
		{Pattern: "POST " + pathReadAll, Who: web.AnyoneIn, Handle: p.readAll},
		{Pattern: "GET " + PathPreferences, Who: web.AnyoneIn, Handle: p.preferences},
		{Pattern: "POST " + PathPreferences, Who: web.AnyoneIn, Handle: p.prefer},
	}
	if p.mails != nil {
		routes = append(routes, web.Route{Pattern: "GET " + pathMails, Who: web.DemoOnly, Handle: p.mailsSent})
	}
	return routes
}
