package services

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/kit/pg"
)

// PayTerm is until when a fee is to be paid that stops the clock.
// law: public-services.md 6.2 — 4→6: amount, account and deadline known.
type PayTerm struct {
	N        int // the line of the control slip that asked
	AskedAt  time.Time
	PayBy    time.Time
	LapsedAt *time.Time // the day passed and an officer was told; nil while it has not
	EndedAt  *time.Time // paid, stopped or taken back; nil while it runs
}

// payDays is how many working days there are to pay where the procedure says nothing.
// See docs/adr/0014-payment-term.md.
const payDays = 10

const (
	remindPayment  = 48 * time.Hour // before the last day whoever owes is told once more
	paymentsAtOnce = 500
)

const payTermInsert = `INSERT INTO services.payment_term (dossier_id, n, asked_at, pay_by) VALUES ($1, $2, $3, $4)`

// payBy is the last moment to pay what is asked for now.
func (m *Module) payBy(ctx context.Context, d Dossier, def Definition, at time.Time) (time.Time, error) {
	cal, err := m.calendar(ctx, d.CompetentAgency)
	if err != nil {
		return time.Time{}, err
	}
	due, err := cal.Add(at, calendar.Limit{N: cmp.Or(def.PayDays, payDays), Unit: calendar.WorkingDays})
	return due.EOD, err
}

// termOf reads the term that runs for a dossier; nil where nothing waits for money.
func termOf(ctx context.Context, r pg.Reader, d *Dossier) (*PayTerm, error) {
	if d.State != AwaitingPayment {
		return nil, nil
	}
	list, err := pg.All[PayTerm](r.Query(ctx, `SELECT n, asked_at, pay_by, lapsed_at, ended_at FROM services.payment_term WHERE dossier_id = $1 AND n = $2`, d.ID, d.Moves))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// mayEnd says whether the dossier may be stopped for want of payment: only what is unpaid after its day.
// law: public-services.md 6.2 — 6→8: not paid by deadline; never after the result is signed.
func (t *PayTerm) mayEnd(at time.Time) bool { return t != nil && at.After(t.PayBy) }

// ChasePayments is the job that reminds of what is to be paid and, when its day has passed, lays the
// dossier before an officer. It ends nothing by itself: the table of 6.2 leaves that to an officer.
type ChasePayments struct{}

// Kind names the job.
func (ChasePayments) Kind() string { return "services.chase-payments" }

// ChaseFees looks after the fees whose day is near or over. It catches up by state and may run as
// often as it likes.
func (m *Module) ChaseFees(ctx context.Context) error {
	now := m.clock.Now()
	ids, err := pg.Values[uuid.UUID](m.db.Query(ctx, `SELECT dossier_id FROM services.payment_term
		WHERE ended_at IS NULL AND pay_by < @soon AND (reminded_at IS NULL AND asked_at < @rested OR pay_by < @now AND lapsed_at IS NULL)
		ORDER BY pay_by LIMIT @most`, pgx.NamedArgs{"now": now, "rested": now.Add(-24 * time.Hour), "soon": now.Add(remindPayment), "most": paymentsAtOnce}))
	if err != nil {
		return fmt.Errorf("listing fees whose day is near: %w", err)
	}
	var errs []error
	for _, id := range ids { // one that cannot be chased does not keep the others
		errs = append(errs, m.book.Act(ctx, "services.dossier.chase-fee", func(ctx context.Context, act *audit.Act) error { return m.chaseFee(ctx, act, id) }))
	}
	return errors.Join(errs...)
}

func (m *Module) chaseFee(ctx context.Context, act *audit.Act, id uuid.UUID) error {
	d, def, err := m.lockWith(ctx, act, id)
	if err != nil {
		return err
	}
	t, err := termOf(ctx, act, &d)
	if err != nil || t == nil || d.Fee == nil {
		return err // paid or stopped a moment ago
	}
	if !t.mayEnd(act.At) {
		act.Queue(`UPDATE services.payment_term SET reminded_at = $3 WHERE dossier_id = $1 AND n = $2`, d.ID, t.N, act.At)
		m.tellApplicant(ctx, act, &d, PaymentDue{Code: d.Code, Procedure: def.Name, Amount: *d.Fee, PayBy: t.PayBy, Path: pathOf(&d)})
		return nil
	}
	act.Queue(`UPDATE services.payment_term SET lapsed_at = $3, reminded_at = coalesce(reminded_at, $3) WHERE dossier_id = $1 AND n = $2`, d.ID, t.N, act.At)
	t.LapsedAt, d.Term = &act.At, t
	late := PaymentDue{Code: d.Code, Procedure: def.Name, Amount: *d.Fee, PayBy: t.PayBy, Path: pathOf(&d)}
	if d.DecidedAt != nil {
		m.tellApplicant(ctx, act, &d, PaymentHolds(late))
	} else {
		m.tellApplicant(ctx, act, &d, PaymentLate(late))
	}
	d.save(act)
	m.onDesk(act, &d)
	return nil
}
