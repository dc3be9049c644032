// Package filespage is how files come in and go out: uploads in pieces, downloads, pictures of
// pages, and forms that bring files along without a script.
package filespage

import (
	"embed"

	"datmui/blocks/files"
	"datmui/kit/lang"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Pages are the addresses of files.
type Pages struct{ files *files.Block }

// New returns the pages.
func New(f *files.Block) *Pages { return &Pages{f} }

// PathUploads takes new uploads; ui.UploadTo.URL is this.
const PathUploads = "/uploads"

// Routes lists every address here. Whose upload and who may open a file is judged by the block.
func (p *Pages) Routes() []web.Route {
	most := p.files.MaxBytes() + 64<<10
	return []web.Route{
		{Pattern: "POST /uploads", Who: web.AnyoneIn, Handle: p.begin},
		{Pattern: "HEAD /uploads/{id}", Who: web.AnyoneIn, Handle: p.offset},
		{Pattern: "PATCH /uploads/{id}", Who: web.AnyoneIn, Handle: p.piece, Limit: most},
		{Pattern: "DELETE /uploads/{id}", Who: web.AnyoneIn, Handle: p.cancel},
		{Pattern: "GET /files/{id}", Who: web.AnyoneIn, Handle: p.download},
		{Pattern: "GET /files/{id}/thumb", Who: web.AnyoneIn, Handle: p.thumb},
		{Pattern: "GET /files/{id}/pages/{page}", Who: web.AnyoneIn, Handle: p.page},
	}
}
