package services

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// StopIn stops or resumes the processing of a dossier.
type StopIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Reason  string    `form:"reason"`
	Basis   string    `form:"basis"`
}

func (in StopIn) check() fault.Fields {
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

// Stop ends processing by the signer's decision, with its legal basis.
// law: public-services.md 6.2 — 4→8: signer, legal basis, Form 05; 6→8: not paid by the deadline.
func (m *Module) Stop(ctx context.Context, in StopIn) error {
	if f := in.check(); f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.dossier.stop", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeDecidedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.State != Processing && d.State != AwaitingPayment {
			return illegal(d.State, Stopped) // the other ways into state 8 are the system's
		}
		if d.DecidedAt != nil { // law: public-services.md 6.2 — never after the result is signed
			return fault.Conflict("services.signed-already")
		}
		term, err := termOf(ctx, act, &d)
		if err != nil {
			return err
		}
		if d.State == AwaitingPayment && !term.mayEnd(act.At) {
			return fault.Conflict("services.pay-term")
		}
		return m.stop(ctx, act, &d, def, in.Reason, in.Basis)
	}, audit.Once(in.Client, in, nil))
}

func (m *Module) stop(ctx context.Context, act *audit.Act, d *Dossier, def Definition, reason, basis string) error {
	d.pause(act.At)
	d.Basis = basis
	if err := d.move(act, Stopped, StepEnd, Move{Note: reason, Basis: basis}); err != nil {
		return err
	}
	d.save(act)
	m.offDesk(act, d)
	if err := m.dropOpinions(ctx, act, d); err != nil {
		return err
	}
	m.dropDraft(act, d)
	closeRequest(act, d)
	m.issue(act, d, OutgoingForm05, map[string]any{"reason": reason, "basis": basis})
	m.tellApplicant(ctx, act, d, StoppedNotice{Code: d.Code, Procedure: def.Name, Reason: reason, Path: pathOf(d)})
	return nil
}

// Resume lets a stopped dossier go on with the time that was left, if it was ever accepted.
// law: public-services.md 6.2 — 8→4: decision to resume; only if it was accepted before.
func (m *Module) Resume(ctx context.Context, in StopIn) error {
	if f := in.check(); f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.dossier.resume", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeDecidedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.State == Stopped && d.AcceptedAt == nil {
			return fault.Conflict("services.never-accepted")
		}
		if d.State != Stopped {
			return illegal(d.State, Processing)
		}
		if err := m.mayBegin(ctx, act, &d); err != nil {
			return err
		}
		if err := m.resume(ctx, &d, def, act.At); err != nil {
			return err
		}
		d.Basis = ""
		if err := d.move(act, Processing, StepHandle, Move{Note: in.Reason, Basis: in.Basis}); err != nil {
			return err
		}
		d.save(act)
		m.onDesk(act, &d)
		return nil
	}, audit.Once(in.Client, in, nil))
}

// Reopen takes a finished dossier back before it is returned, when an error is found. The result that
// was signed no longer stands among its owner's valid papers; the next one takes its place.
// law: documents.md 2.2 — an error after issue is mended by another document of the same form.
// law: public-services.md 6.2 — 9→4: signer, error found before return; reason.
func (m *Module) Reopen(ctx context.Context, in StopIn) error {
	if strings.TrimSpace(in.Reason) == "" {
		return fault.Fields{"reason": "required"}
	}
	return m.book.Act(ctx, "services.dossier.reopen", func(ctx context.Context, act *audit.Act) error {
		d, err := lock(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeDecidedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.State != Finished {
			return illegal(d.State, Processing)
		}
		if d.Step == StepPost { // the result is not in the house
			return fault.Conflict("services.in-the-post")
		}
		if err := m.mayGoBack(ctx, act, &d); err != nil {
			return err
		}
		d.Outcome, d.Proposed, d.FinishedAt, d.DecidedAt, d.DecidedBy, d.Number = nil, nil, nil, nil, nil, nil
		d.HolderAgency = d.CompetentAgency
		if err := d.move(act, Processing, StepHandle, Move{Note: in.Reason, Basis: in.Basis}); err != nil {
			return err
		}
		d.save(act)
		act.Queue(`UPDATE services.outgoing SET state = 'replaced' WHERE dossier_id = $1 AND kind = $2 AND state IN ('signed', 'issued')`, d.ID, OutgoingResult)
		m.records.RevokeFrom(act, dossierKind, d.Code, in.Reason)
		m.onDesk(act, &d)
		return nil
	}, audit.Once(in.Client, in, nil))
}

// ExtendIn puts the promise off, once.
type ExtendIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Days    int       `form:"days"` // working days, 1–30
	Reason  string    `form:"reason"`
}

// Extend apologises and promises a later day, once and before the first promise is broken.
// law: public-services.md 5 — extension only once; 18.2 A9, A10.
func (m *Module) Extend(ctx context.Context, in ExtendIn) error {
	f := fault.Fields{}
	if in.Days < 1 || in.Days > 30 {
		f.Set("days", "out-of-range")
	}
	if strings.TrimSpace(in.Reason) == "" {
		f.Set("reason", "required")
	}
	if len(in.Reason) > 4000 {
		f.Set("reason", "too-long")
	}
	if f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.dossier.extend", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeDecidedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		switch {
		case d.State != Processing && d.State != Accepted:
			return fault.Conflict("services.not-running")
		case d.Extensions > 0:
			return fault.Conflict("services.extended-already")
		case d.Late(act.At):
			return fault.Conflict("services.late-already")
		}
		d.Extensions, d.ExtendedDays = 1, in.Days
		before := *d.DueAt
		if err := m.prolong(ctx, &d); err != nil {
			return err
		}
		d.save(act)
		m.onDesk(act, &d)
		m.issue(act, &d, OutgoingForm04, map[string]any{"reason": in.Reason, "before": before.UTC(), "after": d.DueAt.UTC()})
		m.tellApplicant(ctx, act, &d, Extended{Code: d.Code, Procedure: def.Name, Before: before, After: *d.DueAt, Reason: in.Reason, Path: pathOf(&d)})
		return nil
	}, audit.Once(in.Client, in, nil))
}

// Expire stops the dossiers whose supplement was not given in time. It catches up by state and may
// run as often as it likes.
// law: public-services.md 6.2 — 5→8: supply deadline passed; Form 05.
func (m *Module) Expire(ctx context.Context) error {
	ids, err := pg.Values[uuid.UUID](m.db.Query(ctx, `SELECT r.dossier_id FROM services.request r JOIN services.dossier d ON d.id = r.dossier_id
		WHERE r.answered_at IS NULL AND r.supply_by < @now AND d.state = 5 ORDER BY r.supply_by LIMIT 500`, pgx.NamedArgs{"now": m.clock.Now()}))
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range ids { // one that cannot be ended does not keep the others
		err := m.book.Act(ctx, "services.dossier.expire", func(ctx context.Context, act *audit.Act) error {
			d, def, err := m.lockWith(ctx, act, id)
			if err != nil || d.State != AwaitingSupplement {
				return err
			}
			req, err := openRequest(ctx, act, id)
			if err != nil {
				return err
			}
			return m.stop(ctx, act, &d, def, "Quá thời hạn bổ sung: "+summary(req.Items), cmp.Or(req.Basis, "—"))
		})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
