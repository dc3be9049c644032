package pay

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Mode says when a fee is paid.
type Mode string

// The fee modes. law: public-services.md 14.
const (
	Prepaid  Mode = "prepaid"   // thu trước: before acceptance
	OnReturn Mode = "on-return" // thu sau: at the return desk
)

// State of a bill.
type State string

// The states of a bill.
const (
	Pending  State = "pending"
	Flagged  State = "flagged" // money came that does not match: a person reconciles
	PaidUp   State = "paid"
	Refunded State = "refunded"
	Void     State = "void"
)

// Bill is what is owed for one dossier or order (khoản phải nộp).
type Bill struct {
	ID          uuid.UUID
	SubjectKind string
	SubjectID   uuid.UUID
	Agency      string // who takes the money
	Procedure   string
	Reference   string // what a transfer must say: the dossier's code
	PayerID     *uuid.UUID
	Payer       string
	Mode        Mode
	Lines       []FeeLine
	Amount      int64
	DueAt       *time.Time // until when it should be paid; nil means no date
	State       State
	Refundable  bool // not given back when false, for example on registering a business
	AskedAt     time.Time
	SettledAt   *time.Time
	Note        string
}

// AuditPersons says whose record the bill is.
func (b Bill) AuditPersons() []uuid.UUID {
	if b.PayerID == nil {
		return nil
	}
	return []uuid.UUID{*b.PayerID}
}

// Open says whether money is still expected.
func (b Bill) Open() bool { return b.State == Pending || b.State == Flagged }

const billColumns = `id, subject_kind, subject_id, agency, procedure, reference, payer_id, payer, mode, lines, amount,
	due_at, state, refundable, asked_at, settled_at, note`

// BillIn asks for a payment.
type BillIn struct {
	SubjectKind string
	SubjectID   uuid.UUID
	Agency      string
	Procedure   string
	Reference   string // at most 25 printable ASCII characters; unique among bills that are not void
	PayerID     uuid.UUID
	Payer       string
	Mode        Mode
	Lines       []FeeLine // from a Fee, or entered by an officer where the Council sets the sum
	Due         time.Time // zero means no date
	Final       bool      // not refunded, Fee.Refund is "never"
}

func (in BillIn) check() (amount int64, err error) {
	f := fault.Fields{}
	if in.Mode != Prepaid && in.Mode != OnReturn {
		f.Set("mode", "invalid")
	}
	if in.SubjectKind == "" || in.SubjectID == uuid.Nil || in.Agency == "" {
		f.Set("subject", "required")
	}
	if strings.TrimSpace(in.Payer) == "" {
		f.Set("payer", "required")
	}
	if key(in.Reference) == "" || Purpose(in.Reference) != in.Reference {
		f.Set("reference", "invalid")
	}
	for i, l := range in.Lines {
		sum, ok := plus(amount, l.Amount)
		if l.Amount < 0 || !ok || l.Name.Vi == "" {
			f.Set(fmt.Sprintf("lines.%d.amount", i), "invalid")
			break
		}
		amount = sum
	}
	if amount <= 0 || amount > maxAmount {
		f.Set("amount", "out-of-range")
	}
	return amount, f.Err()
}

// RequestPayment makes a bill inside the caller's act.
func (b *Block) RequestPayment(ctx context.Context, act *audit.Act, in BillIn) (Bill, error) {
	amount, err := in.check()
	if err != nil {
		return Bill{}, err
	}
	bill := Bill{ID: uuid.Must(uuid.NewV7()), SubjectKind: in.SubjectKind, SubjectID: in.SubjectID, Agency: in.Agency,
		Procedure: in.Procedure, Reference: in.Reference, Payer: in.Payer, Mode: in.Mode, Lines: in.Lines, Amount: amount,
		State: Pending, Refundable: !in.Final, AskedAt: act.At}
	if in.PayerID != uuid.Nil {
		bill.PayerID = &in.PayerID
	}
	if !in.Due.IsZero() {
		bill.DueAt = &in.Due
	}
	lines, err := json.Marshal(in.Lines)
	if err != nil {
		return Bill{}, err
	}
	_, err = act.Exec(ctx, `INSERT INTO pay.bill (id, subject_kind, subject_id, agency, procedure, reference, payer_id, payer, mode, lines, amount, due_at, refundable, asked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		bill.ID, bill.SubjectKind, bill.SubjectID, bill.Agency, bill.Procedure, bill.Reference, bill.PayerID, bill.Payer, bill.Mode, lines,
		bill.Amount, bill.DueAt, bill.Refundable, bill.AskedAt)
	if pg.IsUnique(err, "bill_reference") {
		return Bill{}, fault.Conflict("pay.reference")
	} else if err != nil {
		return Bill{}, fmt.Errorf("asking for a payment: %w", err)
	}
	return bill, nil
}

// VoidBill takes an unpaid bill back inside the caller's act, for example when a dossier is
// withdrawn. Money that comes later is flagged.
func (b *Block) VoidBill(ctx context.Context, act *audit.Act, id uuid.UUID, why string) error {
	bill, err := lockBill(ctx, act, id)
	if err != nil {
		return err
	}
	switch bill.State {
	case Void:
		return nil
	case Pending:
	default:
		return fault.Conflict("pay.state", "state", string(bill.State))
	}
	_, err = act.Exec(ctx, `UPDATE pay.bill SET state = 'void', settled_at = $2, note = $3 WHERE id = $1`, id, act.At, why)
	return err
}

// HandOver gives the bills of a subject from an agency to the one that goes on with its work, inside
// the caller's act. Receipts stay in the series of who gave them.
func (b *Block) HandOver(act *audit.Act, subject uuid.UUID, from, to string) {
	act.Queue(`UPDATE pay.bill SET agency = $3 WHERE subject_id = $1 AND agency = $2`, subject, from, to)
}

func lockBill(ctx context.Context, act *audit.Act, id uuid.UUID) (Bill, error) {
	return pg.One[Bill](act.Query(ctx, `SELECT `+billColumns+` FROM pay.bill WHERE id = $1 FOR UPDATE`, id))
}

// Bill reads a bill. Rights are the caller's: it may be shown to its payer and to the agency.
func (b *Block) Bill(ctx context.Context, id uuid.UUID) (Bill, error) {
	return pg.One[Bill](b.db.Query(ctx, `SELECT `+billColumns+` FROM pay.bill WHERE id = $1`, id))
}

// BillsOf lists the bills about a subject, oldest first; in an act pass the act as r.
func (b *Block) BillsOf(ctx context.Context, r pg.Reader, subject uuid.UUID) ([]Bill, error) {
	return pg.All[Bill](r.Query(ctx, `SELECT `+billColumns+` FROM pay.bill WHERE subject_id = $1 ORDER BY asked_at, id`, subject))
}

// Settled says whether nothing of a mode is owed for the subject any more; in an act pass the act
// as r. A dossier with a prepaid fee is accepted only when this holds.
func (b *Block) Settled(ctx context.Context, r pg.Reader, subject uuid.UUID, mode Mode) (bool, error) {
	return pg.Value[bool](r.Query(ctx, `SELECT NOT EXISTS (SELECT FROM pay.bill
		WHERE subject_id = $1 AND mode = $2 AND state IN ('pending', 'flagged'))`, subject, mode))
}
