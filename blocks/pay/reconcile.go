package pay

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// FlaggedPayment is money that waits for a person, with the bill it may be meant for.
type FlaggedPayment struct {
	Payment
	Agency        *string // of the bill; nil where no bill is known
	BillReference *string
	BillAmount    *int64
}

// FlaggedPayments lists the money to reconcile, oldest first: that for the agencies where the
// actor takes money, and that of which nobody knows yet what it is for.
func (b *Block) FlaggedPayments(ctx context.Context, limit int) ([]FlaggedPayment, error) {
	agencies, all := actor.From(ctx).Where(CashRight)
	if !all && len(agencies) == 0 {
		return nil, nil
	}
	return pg.All[FlaggedPayment](b.db.Query(ctx, `
		SELECT p.id, p.bill_id, p.way, p.reference, p.amount, p.paid_at, p.said, p.state, p.reason, p.recorded_by, p.recorded_at,
			l.agency, l.reference AS bill_reference, l.amount AS bill_amount
		FROM pay.payment p LEFT JOIN pay.bill l ON l.id = p.bill_id
		WHERE p.state = 'flagged' AND ($1 OR p.bill_id IS NULL OR l.agency = ANY($2))
		ORDER BY p.recorded_at, p.id LIMIT $3`, all, agencies, min(max(limit, 1), 500)))
}

// OpenBills lists what is still to be paid at the agencies where the actor takes money, oldest first.
func (b *Block) OpenBills(ctx context.Context, after uuid.UUID, limit int) ([]Bill, error) {
	agencies, all := actor.From(ctx).Where(CashRight)
	return pg.All[Bill](b.db.Query(ctx, `SELECT `+billColumns+` FROM pay.bill
		WHERE state IN ('pending', 'flagged') AND ($1 OR agency = ANY($2)) AND id > $3
		ORDER BY id LIMIT $4`, all, agencies, after, min(max(limit, 1), 500)))
}

// ReconcileIn joins flagged money to a bill.
type ReconcileIn struct {
	Payment uuid.UUID `form:"payment"`
	Bill    uuid.UUID `form:"bill"` // the bill it is meant for
	Client  string    `form:"client"`
}

// Reconcile says which bill flagged money is meant for, and pays the bill once the money for it
// makes up its amount: one transfer may have been short and a second brought the rest. More than
// the amount is no obstacle: what is over can be refunded.
func (b *Block) Reconcile(ctx context.Context, in ReconcileIn) (Outcome, error) {
	var out Outcome
	err := b.book.Act(ctx, "pay.payment.reconcile", func(ctx context.Context, act *audit.Act) error {
		out = Outcome{}
		bill, err := lockBill(ctx, act, in.Bill)
		if err != nil {
			return err
		}
		p, err := pg.One[Payment](act.Query(ctx, `SELECT `+paymentColumns+` FROM pay.payment WHERE id = $1 FOR UPDATE`, in.Payment))
		if err != nil {
			return err
		}
		from := bill // the bill the money is noted for so far
		if p.BillID != nil && *p.BillID != bill.ID {
			if from, err = pg.One[Bill](act.Query(ctx, `SELECT `+billColumns+` FROM pay.bill WHERE id = $1`, *p.BillID)); err != nil {
				return err
			}
		}
		switch {
		case !mayTakeMoney(act.Actor, bill.Agency) || !mayTakeMoney(act.Actor, from.Agency):
			return fault.Forbidden(CashRight)
		case p.State != "flagged":
			return fault.Conflict("pay.payment", "state", p.State)
		case !bill.Open():
			return fault.Conflict("pay.state", "state", string(bill.State))
		case p.BillID != nil && *p.BillID != bill.ID && p.Reason != "double" && p.Reason != "void":
			return fault.Conflict("pay.other-bill")
		}
		act.About("pay.payment", p.ID, bill.AuditPersons()...)
		act.Note("bill", bill.ID)
		if _, err := act.Exec(ctx, `UPDATE pay.payment SET bill_id = $2, reason = 'amount' WHERE id = $1`, p.ID, bill.ID); err != nil {
			return err
		}
		sum, err := pg.Value[int64](act.Query(ctx, `SELECT coalesce(sum(amount), 0)::bigint FROM pay.payment
			WHERE bill_id = $1 AND state = 'flagged'`, bill.ID))
		if err != nil {
			return err
		}
		out = Outcome{Payment: p.ID, Bill: &bill.ID, State: "flagged", Reason: "amount"}
		if sum < bill.Amount {
			_, err := act.Exec(ctx, `UPDATE pay.bill SET state = 'flagged' WHERE id = $1`, bill.ID)
			return err
		}
		if _, err := act.Exec(ctx, `UPDATE pay.payment SET state = 'matched' WHERE bill_id = $1 AND state = 'flagged'`, bill.ID); err != nil {
			return err
		}
		receipt, err := b.settle(ctx, act, &bill, p)
		if err != nil {
			return fmt.Errorf("settling %s: %w", bill.Reference, err)
		}
		out.State, out.Reason, out.Receipt = "matched", "", receipt.String()
		return nil
	}, audit.Once(in.Client, in, &out))
	return out, err
}
