package pay

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Way is how money came.
type Way string

// The ways.
const (
	Cash     Way = "cash"
	Transfer Way = "transfer" // a line of a bank statement
	Platform Way = "platform" // the national payment platform
)

// Payment is one payment, by its reference.
type Payment struct {
	ID         uuid.UUID
	BillID     *uuid.UUID // nil while nobody knows what it is for
	Way        Way
	Reference  string // of the bank or platform; for cash the client id of the form
	Amount     int64
	PaidAt     time.Time
	Said       string // the words of the transfer
	State      string // matched, flagged, returned
	Reason     string // why it is flagged: amount, double, unknown, void
	RecordedBy *uuid.UUID
	RecordedAt time.Time
}

const paymentColumns = `id, bill_id, way, reference, amount, paid_at, said, state, reason, recorded_by, recorded_at`

// Outcome is what became of money that came.
type Outcome struct {
	Payment uuid.UUID
	Bill    *uuid.UUID
	State   string // matched or flagged
	Reason  string // of a flag
	Receipt string // series and number, "" when there is none
}

// ConfirmIn is a cashier's word that money for a bill is there.
type ConfirmIn struct {
	Bill      uuid.UUID `form:"bill"`
	Way       Way       `form:"way"`       // cash or transfer
	Amount    int64     `form:"amount"`    // as counted, or as on the statement
	Reference string    `form:"reference"` // of the statement line; unused for cash
	Client    string    `form:"client"`    // made when the form was shown
}

// Confirm matches money to a bill. Cash must be the amount to the đồng; a transfer that is not is
// recorded and flagged, and the bill stays unpaid.
func (b *Block) Confirm(ctx context.Context, in ConfirmIn) (Outcome, error) {
	in.Reference = strings.TrimSpace(in.Reference)
	f := fault.Fields{}
	switch {
	case in.Way != Cash && in.Way != Transfer:
		f.Set("way", "invalid")
	case in.Way == Transfer && in.Reference == "":
		f.Set("reference", "required")
	case len(in.Reference) > 100:
		f.Set("reference", "too-long:100")
	}
	if in.Amount <= 0 || in.Amount > maxAmount {
		f.Set("amount", "out-of-range")
	}
	if f.Any() {
		return Outcome{}, f
	}
	if in.Way == Cash {
		in.Reference = in.Client
	}
	var out Outcome
	err := b.book.Act(ctx, "pay.payment.confirm", func(ctx context.Context, act *audit.Act) error {
		bill, err := lockBill(ctx, act, in.Bill)
		if err != nil {
			return err
		}
		if !mayTakeMoney(act.Actor, bill.Agency) {
			return fault.Forbidden(CashRight)
		}
		if fn := b.mayBe[bill.SubjectKind]; fn != nil {
			if err := fn(ctx, act, bill.SubjectID); err != nil {
				return err
			}
		}
		if in.Way == Cash && in.Amount != bill.Amount {
			return fault.Fields{"amount": "differs"}
		}
		if in.Way == Cash && !bill.Open() {
			return fault.Conflict("pay.state", "state", string(bill.State))
		}
		out, err = b.take(ctx, act, &bill, Payment{Way: in.Way, Reference: in.Reference, Amount: in.Amount, PaidAt: act.At, Said: bill.Reference})
		return err
	}, audit.Once(in.Client, in, &out))
	return out, err
}

// NoticeIn is what a bank or the payment platform tells: a statement line or a callback.
type NoticeIn struct {
	Way       Way // transfer or platform
	Reference string
	Amount    int64
	Said      string // the words of the transfer; a bill is found by its reference in them
	PaidAt    time.Time
}

// Notice takes a bank's or platform's word. It may come any number of times: the first counts,
// the others get its outcome. Money that fits no bill, or not to the đồng, is flagged.
// law: public-services.md 14 and 18.2 A14, A15 — idempotent by reference, amount compared.
func (b *Block) Notice(ctx context.Context, in NoticeIn) (Outcome, error) {
	f := fault.Fields{}
	if in.Way != Transfer && in.Way != Platform {
		f.Set("way", "invalid")
	}
	if in.Reference == "" || len(in.Reference) > 100 {
		f.Set("reference", "invalid")
	}
	if in.Amount <= 0 || in.Amount > maxAmount {
		f.Set("amount", "out-of-range")
	}
	if in.PaidAt.IsZero() {
		f.Set("paid_at", "required")
	}
	if f.Any() {
		return Outcome{}, f
	}
	var out Outcome
	err := b.book.Act(ctx, "pay.payment.notice", func(ctx context.Context, act *audit.Act) (err error) {
		if !mayTakeMoney(act.Actor, "*") {
			return fault.Forbidden(CashRight)
		}
		bill, err := b.billSaid(ctx, act, in.Said)
		if err != nil {
			return err
		}
		out, err = b.take(ctx, act, bill, Payment{Way: in.Way, Reference: in.Reference, Amount: in.Amount, PaidAt: in.PaidAt, Said: in.Said})
		return err
	})
	return out, err
}

// billSaid finds and locks the bill whose reference stands in the words of a transfer. Words that
// could mean two bills mean none.
func (b *Block) billSaid(ctx context.Context, act *audit.Act, said string) (*Bill, error) {
	bills, err := pg.All[Bill](act.Query(ctx, `SELECT `+billColumns+` FROM pay.bill
		WHERE reference_key = ANY($1) AND state <> 'void' ORDER BY length(reference_key) DESC, id LIMIT 2 FOR UPDATE`, candidates(said)))
	switch {
	case err != nil || len(bills) == 0:
		return nil, err
	case len(bills) == 2 && !strings.Contains(key(bills[0].Reference), key(bills[1].Reference)):
		return nil, nil
	}
	return &bills[0], nil
}

// key is a reference by its letters and digits alone.
func key(reference string) string { return strings.Join(alnum(reference), "") }

func alnum(s string) []string {
	return strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
}

// candidates are the keys that may be meant: every run of up to six neighbouring words, for banks
// drop signs and put words of their own around.
func candidates(said string) []string {
	out := []string{}
	w := alnum(said)
	w = w[:min(len(w), 60)]
	for i := range w {
		for j := i + 1; j <= min(len(w), i+6); j++ {
			out = append(out, strings.Join(w[i:j], ""))
		}
	}
	return out
}

// take records money once, and pays the bill when it is what was owed.
func (b *Block) take(ctx context.Context, act *audit.Act, bill *Bill, p Payment) (Outcome, error) {
	p.ID, p.State, p.RecordedAt = uuid.Must(uuid.NewV7()), "matched", act.At
	if act.Actor.ID != uuid.Nil {
		p.RecordedBy = &act.Actor.ID
	}
	switch {
	case bill == nil:
		p.State, p.Reason = "flagged", "unknown"
	case bill.State == Void:
		p.State, p.Reason = "flagged", "void"
	case !bill.Open():
		p.State, p.Reason = "flagged", "double"
	case p.Amount != bill.Amount:
		p.State, p.Reason = "flagged", "amount"
	}
	if bill != nil {
		p.BillID = &bill.ID
	}
	tag, err := act.Exec(ctx, `INSERT INTO pay.payment (`+paymentColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (way, reference) DO NOTHING`,
		p.ID, p.BillID, p.Way, p.Reference, p.Amount, p.PaidAt, p.Said, p.State, p.Reason, p.RecordedBy, p.RecordedAt)
	if err != nil {
		return Outcome{}, fmt.Errorf("recording the payment: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return b.known(ctx, act, p)
	}
	act.About("pay.payment", p.ID, b.persons(bill)...)
	act.Note("amount", p.Amount)
	act.Note("way", p.Way)
	out := Outcome{Payment: p.ID, Bill: p.BillID, State: p.State, Reason: p.Reason}
	if p.State == "flagged" {
		act.Note("flag", p.Reason)
		if p.Reason == "amount" {
			_, err = act.Exec(ctx, `UPDATE pay.bill SET state = 'flagged' WHERE id = $1`, bill.ID)
		}
		return out, err
	}
	receipt, err := b.settle(ctx, act, bill, p)
	out.Receipt = receipt.String()
	return out, err
}

func (b *Block) persons(bill *Bill) []uuid.UUID {
	if bill == nil {
		return nil
	}
	return bill.AuditPersons()
}

// known answers money that was recorded before.
func (b *Block) known(ctx context.Context, act *audit.Act, p Payment) (Outcome, error) {
	first, err := pg.One[Payment](act.Query(ctx, `SELECT `+paymentColumns+` FROM pay.payment WHERE way = $1 AND reference = $2`, p.Way, p.Reference))
	if err != nil {
		return Outcome{}, err
	}
	if first.Amount != p.Amount || p.Way == Transfer && p.BillID != nil && first.BillID != nil && *first.BillID != *p.BillID {
		return Outcome{}, fault.Conflict("pay.reference")
	}
	act.About("pay.payment", first.ID)
	act.Note("again", true)
	out := Outcome{Payment: first.ID, Bill: first.BillID, State: first.State, Reason: first.Reason}
	r, err := pg.All[Receipt](act.Query(ctx, `SELECT `+receiptColumns+receiptFrom+` WHERE r.payment_id = $1 ORDER BY r.number DESC LIMIT 1`, first.ID))
	if len(r) > 0 {
		out.Receipt = r[0].String()
	}
	return out, err
}

// settle pays the bill, issues the receipt and tells whoever asked for the money.
func (b *Block) settle(ctx context.Context, act *audit.Act, bill *Bill, p Payment) (Receipt, error) {
	if _, err := act.Exec(ctx, `UPDATE pay.bill SET state = 'paid', settled_at = $2 WHERE id = $1`, bill.ID, act.At); err != nil {
		return Receipt{}, err
	}
	bill.State, bill.SettledAt = PaidUp, &act.At
	r, err := b.issue(ctx, act, *bill, p)
	if err != nil {
		return r, err
	}
	if fn := b.onPaid[bill.SubjectKind]; fn != nil {
		if err := fn(ctx, act, Paid{*bill, p, r}); err != nil {
			return r, fmt.Errorf("telling %s: %w", bill.SubjectKind, err)
		}
	}
	return r, nil
}
