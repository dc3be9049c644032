package pay

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/clock"
)

// Past is a payment of an earlier day that matched its bill to the đồng, with its receipt, which is
// the n-th of its series. Bulk loaders write both with Load and let the series go on after them.
func (b *Block) Past(bill *Bill, id uuid.UUID, who actor.Actor, at time.Time, way Way, reference string, n int) (Payment, Receipt) {
	p := Payment{ID: id, BillID: &bill.ID, Way: way, Reference: reference, Amount: bill.Amount, PaidAt: at, Said: bill.Reference,
		State: "matched", RecordedBy: idOf(who), RecordedAt: at}
	bill.State, bill.SettledAt = PaidUp, &at
	return p, Receipt{ID: id, BillID: bill.ID, PaymentID: id, Agency: bill.Agency, Template: b.template, Series: b.seriesOf(at), Number: n,
		Payer: bill.Payer, Lines: bill.Lines, Amount: bill.Amount, Way: way, Collector: who.Name, IssuedAt: at}
}

// seriesOf is the series of the receipts of a day's year.
func (b *Block) seriesOf(at time.Time) string {
	return b.series + "-" + at.In(clock.Vietnam).Format("06")
}

// SeriesName is the name under which blocks/numbering counts the receipts of a day's year.
func (b *Block) SeriesName(at time.Time) string { return "receipt " + b.seriesOf(at) }

// Load adds bills with their payments and receipts at once, for a bulk loader inside Book.Batch.
func Load(ctx context.Context, tx pgx.Tx, bills []Bill, payments []Payment, receipts []Receipt) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"pay", "bill"}, []string{"id", "subject_kind", "subject_id", "agency", "procedure", "reference",
		"payer_id", "payer", "mode", "lines", "amount", "due_at", "state", "refundable", "asked_at", "settled_at", "note"},
		pgx.CopyFromSlice(len(bills), func(i int) ([]any, error) {
			b := bills[i]
			lines, err := json.Marshal(b.Lines)
			return []any{b.ID, b.SubjectKind, b.SubjectID, b.Agency, b.Procedure, b.Reference, b.PayerID, b.Payer, string(b.Mode), lines,
				b.Amount, b.DueAt, string(b.State), b.Refundable, b.AskedAt, b.SettledAt, b.Note}, err
		}))
	if err != nil {
		return fmt.Errorf("loading bills: %w", err)
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"pay", "payment"}, []string{"id", "bill_id", "way", "reference", "amount", "paid_at", "said",
		"state", "reason", "recorded_by", "recorded_at"}, pgx.CopyFromSlice(len(payments), func(i int) ([]any, error) {
		p := payments[i]
		return []any{p.ID, p.BillID, string(p.Way), p.Reference, p.Amount, p.PaidAt, p.Said, p.State, p.Reason, p.RecordedBy, p.RecordedAt}, nil
	}))
	if err != nil {
		return fmt.Errorf("loading payments: %w", err)
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"pay", "receipt"}, []string{"id", "bill_id", "payment_id", "agency", "template", "series", "number",
		"payer", "lines", "amount", "way", "collector", "issued_at"}, pgx.CopyFromSlice(len(receipts), func(i int) ([]any, error) {
		r := receipts[i]
		lines, err := json.Marshal(r.Lines)
		return []any{r.ID, r.BillID, r.PaymentID, r.Agency, r.Template, r.Series, r.Number, r.Payer, lines, r.Amount, string(r.Way), r.Collector, r.IssuedAt}, err
	}))
	if err != nil {
		return fmt.Errorf("loading receipts: %w", err)
	}
	return nil
}
