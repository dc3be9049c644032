package pay

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// View is a bill with everything that happened to it, and what the actor may do.
type View struct {
	Bill      Bill
	Receipts  []Receipt
	Payments  []Payment
	Refunds   []Refund
	MayCash   bool // confirm payments, void receipts
	MayRefund bool
}

// AuditPersons says whose record was opened.
func (v View) AuditPersons() []uuid.UUID { return v.Bill.AuditPersons() }

// AuditAbout says for which dossier the bill is.
func (v View) AuditAbout() string { return v.Bill.Reference }

// maySee lets the payer and the officials who have to do with the dossier see a bill.
func maySee(a actor.Actor, b Bill) bool {
	if b.PayerID != nil && *b.PayerID == a.Party() && a.SignedIn() && a.MayFor(represent.Pay) {
		return true
	}
	for _, right := range []string{CashRight, RefundRight, "services.receive", "services.handle", "services.return"} {
		if a.May(right, b.Agency) {
			return true
		}
	}
	return a.Kind == actor.System
}

// may refuses whoever may not see a bill; of those of a business, staff see what they see of its matters.
func (b *Block) may(ctx context.Context, r pg.Reader, a actor.Actor, bill Bill) error {
	ok := maySee(a, bill)
	if guard := b.guards[bill.SubjectKind]; ok && guard != nil && !a.MayFor(represent.SeeAll) {
		var err error
		if ok, err = guard(ctx, r, a, bill.SubjectID); err != nil {
			return err
		}
	}
	if !ok {
		return fault.NotFound("pay.bill")
	}
	return nil
}

// Open opens a bill and records who did. A bill that is not the actor's business is NotFound.
func (b *Block) Open(ctx context.Context, id uuid.UUID) (View, error) {
	return audit.Read(ctx, b.book, "pay.bill", id, func(r pg.Reader) (v View, err error) {
		if v.Bill, err = b.Bill(ctx, id); err != nil {
			return v, err
		}
		who := actor.From(ctx)
		if err := b.may(ctx, r, who, v.Bill); err != nil {
			return v, err
		}
		v.MayCash, v.MayRefund = mayTakeMoney(who, v.Bill.Agency), mayRefund(who, v.Bill.Agency)
		if v.Receipts, err = b.ReceiptsOf(ctx, id); err != nil {
			return v, err
		}
		if v.Payments, err = pg.All[Payment](r.Query(ctx, `SELECT `+paymentColumns+` FROM pay.payment WHERE bill_id = $1 ORDER BY recorded_at, id`, id)); err != nil {
			return v, fmt.Errorf("reading the payments: %w", err)
		}
		v.Refunds, err = b.RefundsOf(ctx, id)
		return v, err
	})
}

// CodeOf is the transfer code of a bill for whoever may see the bill; asking for the picture again
// is no further access to the record.
func (b *Block) CodeOf(ctx context.Context, id uuid.UUID) (string, error) {
	bill, err := b.Bill(ctx, id)
	if err != nil {
		return "", err
	}
	if err := b.may(ctx, b.db, actor.From(ctx), bill); err != nil {
		return "", err
	}
	code, _, err := b.TransferQR(ctx, bill)
	return code, err
}
