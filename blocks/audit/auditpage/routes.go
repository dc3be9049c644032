// Package auditpage shows people who opened their record, and anyone the proof of an entry.
package auditpage

import (
	"context"
	"embed"
	"encoding/hex"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Officials finds people by name, for the inspector's filter; the directory knows them.
type Officials func(ctx context.Context, name string) ([]uuid.UUID, error)

// Whose says whose record the reader asks about: her own, or that of whom she acts for, if she may see it.
type Whose func(ctx context.Context) (uuid.UUID, error)

// Pages are the pages of the Book.
type Pages struct {
	book      *audit.Book
	officials Officials
	whose     Whose
}

// New returns the pages.
func New(book *audit.Book, officials Officials, whose Whose) *Pages {
	return &Pages{book, officials, whose}
}

// Routes lists every address here.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /reads", Who: web.AnyoneIn, Handle: p.reads},
		{Pattern: "GET " + PathInspect, Who: web.Right(audit.InspectRight), Handle: p.inspect},
		{Pattern: "GET " + pathExport, Who: web.Right(audit.InspectRight), Handle: p.export},
		{Pattern: "GET /receipts", Who: web.Public, Handle: p.head},
		{Pattern: "GET /api/receipts", Who: web.Public, Handle: p.head}, // the same for programs
		{Pattern: "GET /receipts/{leaf}", Who: web.Public, Handle: p.receipt},
		{Pattern: "GET /api/receipts/{leaf}", Who: web.Public, Handle: p.receipt}, // the same for programs
	}
}

func (p *Pages) reads(w http.ResponseWriter, r *http.Request) error {
	f := audit.AccessFilter{Before: before(r), Others: r.FormValue("others") == "1"}
	person, err := p.whose(r.Context())
	if err != nil {
		return err
	}
	list, err := p.book.AccessesOf(r.Context(), person, f)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, readsPage(web.Frame(r), list, f))
}

// before is the key of a list's page; a broken one is the first page.
func before(r *http.Request) int64 {
	n, _ := strconv.ParseInt(r.FormValue("before"), 10, 64)
	return max(n, 0)
}

// head shows the newest signed head of the log, for strangers to keep.
func (p *Pages) head(w http.ResponseWriter, r *http.Request) error {
	h, err := p.book.NewestHead(r.Context())
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, h)
	}
	return web.Render(w, r, http.StatusOK, headPage(web.Frame(r), h))
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
