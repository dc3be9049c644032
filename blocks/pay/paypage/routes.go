// Package paypage is the cashier's desk and the page on which a bill is paid.
package paypage

import (
	"context"
	"embed"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/pay"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Pages are the pages of the block.
type Pages struct {
	pay    *pay.Block
	bodies Bodies
	leads  map[string]func(uuid.UUID) string // kind of subject → its page for the payer
	signed map[string]Signed                 // kind of subject → the papers of its receipts
}

// Signed is the address of a receipt as a signed PDF: "" until it has been made, or where none is
// made because the receipt was given on paper.
type Signed func(ctx context.Context, subject uuid.UUID, receipt string) (href string, made bool, err error)

// Bodies tells the name of a body by its id; a body that is not there is NotFound.
type Bodies func(ctx context.Context, id string) (string, error)

// New returns the pages.
func New(b *pay.Block, bodies Bodies) *Pages {
	return &Pages{b, bodies, map[string]func(uuid.UUID) string{}, map[string]Signed{}}
}

// Leads says where the payer of a bill about a subject goes back to.
func (p *Pages) Leads(kind string, path func(uuid.UUID) string) *Pages {
	p.leads[kind] = path
	return p
}

// Receipts says where the receipts of bills about a subject are had as signed papers.
func (p *Pages) Receipts(kind string, at Signed) *Pages {
	p.signed[kind] = at
	return p
}

// Routes lists every address here.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /cash", Who: web.Right(pay.CashRight), Handle: p.desk},
		{Pattern: "GET " + PathAccounts, Who: web.Right(pay.AccountRight), Handle: p.accounts},
		{Pattern: "POST " + PathAccounts, Who: web.Right(pay.AccountRight), Handle: p.setAccount},
		{Pattern: "GET /bills/{id}", Who: web.AnyoneIn, Handle: p.bill},
		{Pattern: "GET /bills/{id}/qr.svg", Who: web.AnyoneIn, Handle: p.svg},
		{Pattern: "GET /bills/{id}/qr.png", Who: web.AnyoneIn, Handle: p.png},
		{Pattern: "POST /bills/{id}/confirm", Who: web.Right(pay.CashRight), Handle: p.confirm},
		{Pattern: "POST /bills/{id}/reconcile", Who: web.Right(pay.CashRight), Handle: p.reconcile},
		{Pattern: "POST /bills/{id}/void-receipt", Who: web.Right(pay.CashRight), Handle: p.void},
		{Pattern: "POST /bills/{id}/refund", Who: web.Right(pay.RefundRight), Handle: p.refund},
	}
}

// PathBill is the address of a bill.
func PathBill(id uuid.UUID) string { return "/bills/" + id.String() }

// page is how many bills the desk shows at once.
const page = 50

func (p *Pages) desk(w http.ResponseWriter, r *http.Request) error {
	after := web.After(r)
	bills, err := p.pay.OpenBills(r.Context(), after, page)
	if err != nil {
		return err
	}
	flagged, err := p.pay.FlaggedPayments(r.Context(), 100)
	if err != nil {
		return err
	}
	now, err := p.pay.AccountsInForce(r.Context(), pay.CashRight)
	if err != nil {
		return err
	}
	accounts, err := p.named(r.Context(), now)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, deskPage(deskView{Frame: web.Frame(r), Bills: bills, Flagged: flagged, After: after, Accounts: accounts}))
}

// idOf reads the bill of the address.
func idOf(r *http.Request) (uuid.UUID, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return id, fault.NotFound("pay.bill")
	}
	return id, nil
}

func (p *Pages) open(r *http.Request) (billView, error) {
	id, err := idOf(r)
	if err != nil {
		return billView{}, err
	}
	v := billView{Frame: web.Frame(r)}
	if v.View, err = p.pay.Open(r.Context(), id); err != nil {
		return v, err
	}
	if path := p.leads[v.Bill.SubjectKind]; path != nil && !v.MayCash {
		v.Back = path(v.Bill.SubjectID)
	}
	if at := p.signed[v.Bill.SubjectKind]; at != nil {
		for _, receipt := range v.Receipts {
			if receipt.VoidedAt != nil {
				continue
			}
			href, made, err := at(r.Context(), v.Bill.SubjectID, receipt.String())
			if err != nil {
				return v, err
			}
			v.Papers = append(v.Papers, paper{receipt.String(), href, made})
		}
	}
	if v.Bill.Open() {
		_, v.To, err = p.pay.TransferQR(r.Context(), v.Bill)
		if err != nil && fault.KindOf(err) != fault.KindNotFound { // no account is set: pay at the counter
			return v, err
		}
	}
	if v.MayCash {
		all, err := p.pay.FlaggedPayments(r.Context(), 100)
		if err != nil {
			return v, err
		}
		for _, f := range all {
			if f.BillID == nil || *f.BillID == id {
				v.Flagged = append(v.Flagged, f)
			}
		}
	}
	return v, nil
}

func (p *Pages) bill(w http.ResponseWriter, r *http.Request) error {
	v, err := p.open(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, billPage(v))
}

func (p *Pages) svg(w http.ResponseWriter, r *http.Request) error {
	code, err := p.code(r)
	if err != nil {
		return err
	}
	svg, err := pay.SVG(code, "VietQR")
	if err != nil {
		return err
	}
	return picture(w, "image/svg+xml", []byte(svg))
}

func (p *Pages) png(w http.ResponseWriter, r *http.Request) error {
	code, err := p.code(r)
	if err != nil {
		return err
	}
	b, err := pay.PNG(code, 8)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="vietqr.png"`)
	return picture(w, "image/png", b)
}

func picture(w http.ResponseWriter, kind string, b []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b) // the reader has gone; nothing to tell anybody
	return nil
}

func (p *Pages) code(r *http.Request) (string, error) {
	id, err := idOf(r)
	if err != nil {
		return "", err
	}
	return p.pay.CodeOf(r.Context(), id)
}

// amount reads a sum as people type it: 8000, 8.000 or 8 000. What is no sum becomes 0, which
// the act refuses.
func amount(typed string) int64 {
	n, err := strconv.ParseInt(strings.NewReplacer(".", "", ",", "", " ", "", "\u00a0", "").Replace(typed), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// again shows the bill with what is wrong, or leads back to it when nothing is. renamed are the
// fields whose name in the page differs from the act's, since names are unique on a page.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, err error, prefix, done string, renamed ...string) error {
	f, wrong := errors.AsType[fault.Fields](err)
	if err != nil && !wrong {
		return err
	}
	f = maps.Clone(f)
	for i := 0; i+1 < len(renamed); i += 2 {
		if code, ok := f[renamed[i]]; ok {
			delete(f, renamed[i])
			f[renamed[i+1]] = code
		}
	}
	id, err := idOf(r)
	if err != nil {
		return err
	}
	if !wrong {
		return web.SeeOther(w, r, PathBill(id), done)
	}
	v, err := p.open(r)
	if err != nil {
		return err
	}
	v.Form, v.Typed, v.Frame.Errors = ui.Form{Prefix: prefix, Faults: f}, r.PostForm, true
	return web.Render(w, r, http.StatusUnprocessableEntity, billPage(v))
}

func (p *Pages) confirm(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[pay.ConfirmIn](r)
	in.Amount = amount(r.FormValue("amount"))
	var err error
	if in.Bill, err = idOf(r); err != nil {
		return err
	}
	out, err := p.pay.Confirm(r.Context(), in)
	done := "pay.confirmed"
	if out.State == "flagged" {
		done = "pay.was-flagged"
	}
	return p.again(w, r, err, "pay.confirm", done)
}

func (p *Pages) reconcile(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[pay.ReconcileIn](r)
	var err error
	if in.Payment, err = uuid.Parse(r.FormValue("flagged")); err != nil {
		return fault.NotFound("pay.payment")
	}
	if in.Bill, err = idOf(r); err != nil {
		return err
	}
	out, err := p.pay.Reconcile(r.Context(), in)
	done := "pay.confirmed"
	if out.State == "flagged" {
		done = "pay.still-short"
	}
	return p.again(w, r, err, "pay.reconcile", done)
}

// voidForm is what the form sends.
type voidForm struct {
	Receipt uuid.UUID `form:"receipt"`
	Reason  string    `form:"why"`
	Client  string    `form:"client"`
}

func (p *Pages) void(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[voidForm](r)
	_, err := p.pay.VoidReceipt(r.Context(), in.Receipt, in.Reason, in.Client)
	return p.again(w, r, err, "pay.void", "pay.voided", "reason", "why")
}

func (p *Pages) refund(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[pay.RefundIn](r)
	in.Amount, in.Reason = amount(r.FormValue("back")), r.FormValue("ground")
	_, err := p.pay.Refund(r.Context(), in)
	return p.again(w, r, err, "pay.refund", "pay.refunded", "amount", "back", "reason", "ground")
}

func newClient() string { return audit.NewClient() }
