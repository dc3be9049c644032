package pay

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// RefundReasons are the grounds on which money is given back.
// law: public-services.md 14 — over-payment, double payment, withdrawn before work began;
// otherwise refused. "unknown" is money that belongs to no bill.
var RefundReasons = []string{"over-payment", "double-payment", "withdrawn", "unknown"}

// RefundIn gives money back.
type RefundIn struct {
	Payment   uuid.UUID `form:"payment"`
	Amount    int64     `form:"amount"`
	Reason    string    `form:"reason"`    // one of RefundReasons
	Explained string    `form:"explained"` // in words
	Account   string    `form:"account"`   // where it goes
	Client    string    `form:"client"`
}

func (in *RefundIn) check() error {
	in.Explained, in.Account = strings.TrimSpace(in.Explained), strings.TrimSpace(in.Account)
	f := fault.Fields{}
	if !slices.Contains(RefundReasons, in.Reason) {
		f.Set("reason", "invalid")
	}
	if in.Explained == "" {
		f.Set("explained", "required")
	} else if len(in.Explained) > 2000 {
		f.Set("explained", "too-long:2000")
	}
	if in.Account == "" || len(in.Account) > 200 {
		f.Set("account", "required")
	}
	if in.Amount <= 0 || in.Amount > maxAmount {
		f.Set("amount", "out-of-range")
	}
	return f.Err()
}

// Refund approves money back. Whoever recorded the payment cannot approve it. Of a paid bill goes
// back what is over, or, when the dossier was withdrawn before work began, every payment whole: the bill is
// then refunded. Money that did not match may go back as it is.
func (b *Block) Refund(ctx context.Context, in RefundIn) (id uuid.UUID, err error) {
	if err := in.check(); err != nil {
		return uuid.Nil, err
	}
	err = b.book.Act(ctx, "pay.refund", func(ctx context.Context, act *audit.Act) error {
		p, bill, err := lockPayment(ctx, act, in.Payment)
		if err != nil {
			return err
		}
		if bill != nil && !mayRefund(act.Actor, bill.Agency) || bill == nil && !mayRefund(act.Actor, "*") {
			return fault.Forbidden(RefundRight)
		}
		if p.RecordedBy != nil && *p.RecordedBy == act.Actor.ID {
			return fault.Forbidden("pay.refund.own")
		}
		m, err := moneyOf(ctx, act, p)
		if err != nil {
			return err
		}
		if m.back+in.Amount > p.Amount {
			return fault.Fields{"amount": "more-than-paid"}
		}
		whole := m.back+in.Amount == p.Amount
		if p.State == "matched" {
			switch {
			case in.Reason == "over-payment" && m.allBack+in.Amount <= m.all-bill.Amount:
			case in.Reason == "withdrawn" && !bill.Refundable:
				return fault.Conflict("pay.refund.never")
			case in.Reason == "withdrawn" && whole:
				if err := b.wasWithdrawn(ctx, act, *bill); err != nil {
					return err
				}
			default:
				return fault.Conflict("pay.refund.ground")
			}
		}
		id = uuid.Must(uuid.NewV7())
		act.About("pay.refund", id, b.persons(bill)...)
		act.Note("amount", in.Amount)
		act.Note("reason", in.Reason)
		if _, err := act.Exec(ctx, `INSERT INTO pay.refund (id, payment_id, amount, reason, explained, account, approved_by, approved_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, p.ID, in.Amount, in.Reason, in.Explained, in.Account, idOf(act.Actor), act.At); err != nil {
			return fmt.Errorf("recording the refund: %w", err)
		}
		switch {
		case p.State == "matched" && m.allBack+in.Amount < m.all, !whole:
			return nil
		case p.State == "matched":
			_, err = act.Exec(ctx, `UPDATE pay.bill SET state = 'refunded', settled_at = $2 WHERE id = $1`, bill.ID, act.At)
			return err
		}
		return giveBack(ctx, act, p.ID, bill)
	}, audit.Once(in.Client, in, &id))
	return id, err
}

// wasWithdrawn refuses where nobody who knows the subject says that it was withdrawn before work began.
// law: public-services.md 14 — a refund is allowed when it was withdrawn before work began.
func (b *Block) wasWithdrawn(ctx context.Context, act *audit.Act, bill Bill) error {
	ask, ok := b.withdrawn[bill.SubjectKind]
	if ok {
		var err error
		if ok, err = ask(ctx, act, bill.SubjectID); err != nil {
			return err
		}
	}
	if !ok {
		return fault.Conflict("pay.refund.ground")
	}
	return nil
}

// money is what came and went back: of one payment, and of all matched ones of its bill.
type money struct{ back, all, allBack int64 }

func moneyOf(ctx context.Context, act *audit.Act, p Payment) (m money, err error) {
	err = act.QueryRow(ctx, `
		SELECT coalesce(sum(f.amount) FILTER (WHERE p.id = $1), 0)::bigint, coalesce(sum(f.amount), 0)::bigint,
			(SELECT coalesce(sum(amount), 0)::bigint FROM pay.payment WHERE bill_id = $2 AND state = 'matched')
		FROM pay.payment p JOIN pay.refund f ON f.payment_id = p.id
		WHERE p.id = $1 OR p.bill_id = $2 AND p.state = 'matched'`, p.ID, p.BillID).Scan(&m.back, &m.allBack, &m.all)
	return m, err
}

// giveBack marks money as returned; a bill without other flagged money waits for money again.
func giveBack(ctx context.Context, act *audit.Act, payment uuid.UUID, bill *Bill) error {
	if _, err := act.Exec(ctx, `UPDATE pay.payment SET state = 'returned' WHERE id = $1`, payment); err != nil {
		return err
	}
	if bill == nil || bill.State != Flagged {
		return nil
	}
	_, err := act.Exec(ctx, `UPDATE pay.bill SET state = 'pending' WHERE id = $1
		AND NOT EXISTS (SELECT FROM pay.payment WHERE bill_id = $1 AND state = 'flagged' AND reason = 'amount')`, bill.ID)
	return err
}

// lockPayment locks the bill first, as every act here does, then the payment.
func lockPayment(ctx context.Context, act *audit.Act, id uuid.UUID) (Payment, *Bill, error) {
	billID, err := pg.Value[*uuid.UUID](act.Query(ctx, `SELECT bill_id FROM pay.payment WHERE id = $1`, id))
	if err != nil {
		return Payment{}, nil, err
	}
	var bill *Bill
	if billID != nil {
		locked, err := lockBill(ctx, act, *billID)
		if err != nil {
			return Payment{}, nil, err
		}
		bill = &locked
	}
	p, err := pg.One[Payment](act.Query(ctx, `SELECT `+paymentColumns+` FROM pay.payment WHERE id = $1 FOR UPDATE`, id))
	return p, bill, err
}

// Refund is money given back.
type Refund struct {
	ID         uuid.UUID
	PaymentID  uuid.UUID
	Amount     int64
	Reason     string
	Explained  string
	Account    string
	ApprovedBy *uuid.UUID
	ApprovedAt time.Time
}

// RefundsOf lists what was given back of the payments of a bill.
func (b *Block) RefundsOf(ctx context.Context, bill uuid.UUID) ([]Refund, error) {
	return pg.All[Refund](b.db.Query(ctx, `SELECT f.id, f.payment_id, f.amount, f.reason, f.explained, f.account, f.approved_by, f.approved_at
		FROM pay.refund f JOIN pay.payment p ON p.id = f.payment_id WHERE p.bill_id = $1 ORDER BY f.approved_at, f.id`, bill))
}
