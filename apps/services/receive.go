package services

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// Intake is Submit and Accept in one at the counter: the citizen stands at the desk, the papers are
// complete, she goes home with Form 01. A fee that must be paid first keeps the dossier at
// Registered until the cashier has confirmed it.
// law: public-services.md 6.2 — –→2: receiving officer at counter, papers complete.
func (m *Module) Intake(ctx context.Context, in SubmitIn) (SubmitOut, error) {
	var out SubmitOut
	if actor.From(ctx).Kind != actor.Official { // nobody accepts what she files herself
		return out, fault.Forbidden("services.accept")
	}
	p, err := m.prepare(ctx, in)
	if err != nil {
		return out, err
	}
	parts, err := m.prepareParts(ctx, p)
	if err != nil {
		return out, err
	}
	err = m.book.Act(ctx, "services.dossier.intake", func(ctx context.Context, act *audit.Act) error {
		if len(parts) > 0 {
			out, err = m.fileSet(ctx, act, p, parts, true)
			return err
		}
		d, err := m.register(ctx, act, p)
		if err != nil {
			return err
		}
		out = SubmitOut{ID: d.ID, Code: d.Code}
		if p.def.FeeMode == "prepaid" && d.owes() {
			if err := m.answerDue(ctx, d, act.At); err != nil { // it waits for money, and not without an end
				return err
			}
			if err := d.move(act, Registered, StepIntake, Move{Note: p.slip()}); err != nil {
				return err
			}
			if err := m.putNew(ctx, act, d, p); err != nil {
				return err
			}
			m.onDesk(act, d)
			m.issue(act, d, OutgoingReceipt, nil)
			return nil
		}
		return m.accept(ctx, act, d, p.def, p.slip(), func(act *audit.Act) error { return m.putNew(ctx, act, d, p) })
	}, audit.Once(in.Client, in, &out))
	return out, err
}

// AcceptIn accepts a dossier that waits at the counter.
type AcceptIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Note    string    `form:"note"`
}

// Accept starts the clock: the due time is set and Form 01 promises it.
// law: public-services.md 6.2 — 1→2: complete; prepaid fee paid if the fee mode is prepaid.
func (m *Module) Accept(ctx context.Context, in AcceptIn) error {
	return m.book.Act(ctx, "services.dossier.accept", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeReceivedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.State != Registered && d.State != AwaitingSupplement {
			return illegal(d.State, Accepted)
		}
		if d.State == AwaitingSupplement && d.AcceptedAt != nil {
			return illegal(d.State, Accepted) // asked while in processing: it goes on there
		}
		if def.FeeMode == "prepaid" && d.owes() {
			return fault.Conflict("services.unpaid")
		}
		if err := authorityMissing(ctx, act, &d); err != nil {
			return err
		}
		if err := m.relationSeen(ctx, act, &d); err != nil {
			return err
		}
		if err := m.mayBegin(ctx, act, &d); err != nil {
			return err
		}
		if d.State == AwaitingSupplement {
			closeRequest(act, &d)
		}
		return m.accept(ctx, act, &d, def, in.Note, func(act *audit.Act) error {
			d.save(act)
			return nil
		})
	}, audit.Once(in.Client, in, nil))
}

// accept is the common part of Intake and Accept: due time, Form 01, and on to the body that handles.
// put writes the dossier, before the form that points to it.
func (m *Module) accept(ctx context.Context, act *audit.Act, d *Dossier, def Definition, note string, put func(*audit.Act) error) error {
	at := act.At
	d.AcceptedAt, d.AnswerDue, d.Pauses, d.StageRequests = &at, nil, []Pause{}, 0
	if err := m.term(ctx, d, def); err != nil {
		return err
	}
	d.HolderAgency, d.Holder = d.CompetentAgency, nil
	if err := d.move(act, Accepted, StepAssign, Move{Note: note}); err != nil {
		return err
	}
	if err := put(act); err != nil {
		return err
	}
	m.onDesk(act, d)
	m.issue(act, d, OutgoingForm01, nil)
	m.tellApplicant(ctx, act, d, AcceptedNotice{Code: d.Code, Procedure: def.Name, DueAt: *d.DueAt, Path: pathOf(d)})
	return nil
}

// RefuseIn refuses intake with the reasons.
type RefuseIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Reason  string    `form:"reason"` // for a person to read
	Basis   string    `form:"basis"`  // the legal basis
}

func (in RefuseIn) check() fault.Fields {
	f := fault.Fields{}
	if strings.TrimSpace(in.Reason) == "" {
		f.Set("reason", "required")
	}
	if strings.TrimSpace(in.Basis) == "" {
		f.Set("basis", "required")
	}
	if len(in.Reason) > 4000 {
		f.Set("reason", "too-long")
	}
	if len(in.Basis) > 1000 {
		f.Set("basis", "too-long")
	}
	return f
}

// Refuse turns a dossier away at the counter; the citizen gets Form 03 with reason and basis.
// law: public-services.md 6.2 — 1→3: reason text with at least one basis.
func (m *Module) Refuse(ctx context.Context, in RefuseIn) error {
	if f := in.check(); f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.dossier.refuse", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeReceivedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.Step == StepWaits {
			return fault.Conflict("services.on-other-desk")
		}
		d.Basis, d.AnswerDue = in.Basis, nil
		if err := d.move(act, Refused, StepEnd, Move{Note: in.Reason, Basis: in.Basis}); err != nil {
			return err
		}
		d.save(act)
		m.offDesk(act, &d)
		if err := m.voidBills(ctx, act, &d, "refused"); err != nil {
			return err
		}
		m.issue(act, &d, OutgoingForm03, map[string]any{"reason": in.Reason, "basis": in.Basis})
		m.tellApplicant(ctx, act, &d, RefusedNotice{Code: d.Code, Procedure: def.Name, Reason: in.Reason, Path: pathOf(&d)})
		return nil
	}, audit.Once(in.Client, in, nil))
}

// lockWith reads a dossier for change together with the version it was filed under.
func (m *Module) lockWith(ctx context.Context, act *audit.Act, id uuid.UUID) (Dossier, Definition, error) {
	d, err := lock(ctx, act, id)
	if err != nil {
		return d, Definition{}, err
	}
	def, err := m.Definition(ctx, d.Procedure, d.Version)
	return d, def, err
}
