// Package auditpage shows people who opened their record, and anyone the proof of an entry.
package auditpage

import (
	"embed"
	"encoding/hex"
	"net/http"
	"strconv"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Pages are the pages of the Book.
type Pages struct{ book *audit.Book }

// New returns the pages.
func New(book *audit.Book) *Pages { return &Pages{book} }

// Routes lists every address here.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /reads", Who: web.AnyoneIn, Handle: p.reads},
		{Pattern: "GET /receipts/{leaf}", Who: web.Public, Handle: p.receipt},
		{Pattern: "GET /api/receipts/{leaf}", Who: web.Public, Handle: p.receipt}, // the same for programs
	}
}

func (p *Pages) reads(w http.ResponseWriter, r *http.Request) error {
	before, _ := strconv.ParseInt(r.FormValue("before"), 10, 64) // a broken key is the first page
	list, err := p.book.AccessesOf(r.Context(), actor.From(r.Context()).ID, max(before, 0))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, readsPage(web.Frame(r), list, before))
}

func (p *Pages) receipt(w http.ResponseWriter, r *http.Request) error {
	leaf, err := hex.DecodeString(r.PathValue("leaf"))
	if err != nil || len(leaf) != 32 {
		return fault.NotFound("audit.receipt")
	}
	proof, err := p.book.Receipt(r.Context(), leaf)
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, proof)
	}
	return web.Render(w, r, http.StatusOK, receiptPage(web.Frame(r), proof))
}
