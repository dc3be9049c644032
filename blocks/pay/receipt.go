package pay

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/numbering"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Receipt is a biên lai. It is never changed: a void receipt has a record that says so.
// law: public-services.md 14 — template and series symbol with the year, 7-digit number
// consecutive from 0000001, payer, fee name, amount, date, collector; voided by a record.
type Receipt struct {
	ID         uuid.UUID
	BillID     uuid.UUID
	PaymentID  uuid.UUID
	Agency     string
	Template   string
	Series     string // with the two last digits of the year: CM-26
	Number     int
	Payer      string
	Lines      []FeeLine
	Amount     int64
	Way        Way
	Collector  string
	IssuedAt   time.Time
	VoidedAt   *time.Time // nil while it is good
	VoidReason string
}

const (
	receiptColumns = `r.id, r.bill_id, r.payment_id, r.agency, r.template, r.series, r.number, r.payer, r.lines, r.amount, r.way,
		r.collector, r.issued_at, v.voided_at, coalesce(v.reason, '') AS void_reason`
	receiptFrom = ` FROM pay.receipt r LEFT JOIN pay.receipt_void v ON v.receipt_id = r.id`
)

// String writes CM-26 0000001; the zero Receipt is "".
func (r Receipt) String() string {
	if r.Number == 0 {
		return ""
	}
	return fmt.Sprintf("%s %07d", r.Series, r.Number)
}

// issue gives the receipt of a payment the next number of its series. The number is the act's:
// when the act fails nobody has had it, so that the series has no hole.
func (b *Block) issue(ctx context.Context, act *audit.Act, bill Bill, p Payment) (Receipt, error) {
	year := numbering.Year(act.At)
	r := Receipt{ID: uuid.Must(uuid.NewV7()), BillID: bill.ID, PaymentID: p.ID, Agency: bill.Agency, Template: b.template,
		Series: b.seriesOf(act.At), Payer: bill.Payer, Lines: bill.Lines,
		Amount: bill.Amount, Way: p.Way, Collector: act.Actor.Name, IssuedAt: act.At}
	n, err := numbering.Next(ctx, act, numbering.Series{Agency: bill.Agency, Name: b.SeriesName(act.At), Period: year})
	if err != nil {
		return r, err
	}
	r.Number = n
	lines, err := json.Marshal(r.Lines)
	if err != nil {
		return r, err
	}
	_, err = act.Exec(ctx, `INSERT INTO pay.receipt (id, bill_id, payment_id, agency, template, series, number, payer, lines, amount, way, collector, issued_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		r.ID, r.BillID, r.PaymentID, r.Agency, r.Template, r.Series, r.Number, r.Payer, lines, r.Amount, r.Way, r.Collector, r.IssuedAt)
	if err != nil {
		return r, fmt.Errorf("issuing the receipt: %w", err)
	}
	return r, nil
}

// ReceiptsOf lists the receipts of a bill, void ones too.
func (b *Block) ReceiptsOf(ctx context.Context, bill uuid.UUID) ([]Receipt, error) {
	return pg.All[Receipt](b.db.Query(ctx, `SELECT `+receiptColumns+receiptFrom+` WHERE r.bill_id = $1 ORDER BY r.issued_at, r.number`, bill))
}

// VoidReceipt records that a receipt does not hold, and gives the payment a new one: the money
// is there all the same.
func (b *Block) VoidReceipt(ctx context.Context, receipt uuid.UUID, reason, client string) (Receipt, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return Receipt{}, fault.Fields{"reason": "required"}
	}
	var next Receipt
	err := b.book.Act(ctx, "pay.receipt.void", func(ctx context.Context, act *audit.Act) error {
		r, err := pg.One[Receipt](act.Query(ctx, `SELECT `+receiptColumns+receiptFrom+` WHERE r.id = $1`, receipt))
		if err != nil {
			return err
		}
		if !mayTakeMoney(act.Actor, r.Agency) {
			return fault.Forbidden(CashRight)
		}
		bill, err := lockBill(ctx, act, r.BillID)
		if err != nil {
			return err
		}
		act.About("pay.receipt", r.ID, bill.AuditPersons()...)
		act.Note("number", r.String())
		act.Note("reason", reason)
		tag, err := act.Exec(ctx, `INSERT INTO pay.receipt_void (receipt_id, reason, voided_by, voided_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING`, r.ID, reason, idOf(act.Actor), act.At)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.Conflict("pay.receipt.void")
		}
		p, err := pg.One[Payment](act.Query(ctx, `SELECT `+paymentColumns+` FROM pay.payment WHERE id = $1`, r.PaymentID))
		if err != nil {
			return err
		}
		if next, err = b.issue(ctx, act, bill, p); err != nil {
			return err
		}
		if fn := b.onAnew[bill.SubjectKind]; fn != nil {
			return fn(ctx, act, Paid{Bill: bill, Payment: p, Receipt: next})
		}
		return nil
	}, audit.Once(client, []string{receipt.String(), reason}, &next))
	return next, err
}

func idOf(a actor.Actor) *uuid.UUID {
	if a.ID == uuid.Nil {
		return nil
	}
	return &a.ID
}
