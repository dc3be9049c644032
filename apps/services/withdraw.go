package services

import (
	"context"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/pay"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// WithdrawIn takes a dossier back.
type WithdrawIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Reason  string    `form:"reason"` // may be left out
}

// Withdraw ends a dossier at the applicant's wish, until the result is signed.
// law: public-services.md 6.2 — 1→7, 2→7, 4→7, 5→7, 6→7: applicant, no signed result; 18.2 A8.
func (m *Module) Withdraw(ctx context.Context, in WithdrawIn) error {
	if len(in.Reason) > 2000 {
		return fault.Fields{"reason": "too-long"}
	}
	return m.book.Act(ctx, "services.dossier.withdraw", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeChangedFor(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if act.Actor.Level < 2 {
			return fault.Forbidden("level-2")
		}
		if d.DecidedAt != nil { // signed, though perhaps not yet numbered
			return fault.Conflict("services.signed-already")
		}
		if d.PausedAt != nil {
			d.Pauses[len(d.Pauses)-1].To, d.PausedAt = act.At, nil
		}
		d.AnswerDue = nil
		if err := d.move(act, Withdrawn, StepEnd, Move{Note: in.Reason}); err != nil {
			return err
		}
		d.save(act)
		m.offDesk(act, &d)
		if err := m.dropOpinions(ctx, act, &d); err != nil {
			return err
		}
		closeRequest(act, &d)
		if err := m.voidBills(ctx, act, &d, "withdrawn"); err != nil {
			return err
		}
		m.tellApplicant(ctx, act, &d, TakenBack{Code: d.Code, Procedure: def.Name, Path: pathOf(&d)})
		if d.Holder != nil {
			m.tell(ctx, act, *d.Holder, WithdrawnNotice{Code: d.Code, Path: deskPathOf(&d)})
		}
		return nil
	}, audit.Once(in.Client, in, nil))
}

// withdrawnUnworked says whether a dossier was withdrawn before an officer took it.
// law: public-services.md 14 — a refund is allowed when it was withdrawn before work began.
func (m *Module) withdrawnUnworked(ctx context.Context, act *audit.Act, dossier uuid.UUID) (bool, error) {
	return pg.Value[bool](act.Query(ctx, `SELECT state = $2 AND NOT EXISTS (SELECT FROM services.move m WHERE m.dossier_id = d.id AND m.to_state = $3)
		FROM services.dossier d WHERE id = $1 FOR SHARE`, dossier, Withdrawn, Processing))
}

// voidBills takes back what was asked for and not paid: money that comes later is not the dossier's.
func (m *Module) voidBills(ctx context.Context, act *audit.Act, d *Dossier, why string) error {
	bills, err := m.pay.BillsOf(ctx, act, d.ID)
	if err != nil {
		return err
	}
	for _, b := range bills {
		if b.State != pay.Pending {
			continue
		}
		if err := m.pay.VoidBill(ctx, act, b.ID, why); err != nil {
			return err
		}
	}
	return nil
}
