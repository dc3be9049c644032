package services

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// TakeIn puts a dossier on one's own desk.
type TakeIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
}

// Take is the hand-over from the counter to a case officer.
// law: public-services.md 6.2 — 2→4: case officer takes it, hand-over recorded.
func (m *Module) Take(ctx context.Context, in TakeIn) error {
	return m.book.Act(ctx, "services.dossier.take", func(ctx context.Context, act *audit.Act) error {
		d, err := lock(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeHandledBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.State != Accepted {
			return illegal(d.State, Processing) // the other ways into state 4 are those of other acts
		}
		d.HolderAgency, d.Holder = d.CompetentAgency, &act.Actor.ID
		if err := d.move(act, Processing, StepHandle, Move{ToName: act.Actor.Name}); err != nil {
			return err
		}
		d.save(act)
		m.onDesk(act, &d)
		return nil
	}, audit.Once(in.Client, in, nil))
}

// ForwardIn hands a dossier to a colleague.
type ForwardIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	To      uuid.UUID `form:"to"`
	Note    string    `form:"note"`
}

func (in ForwardIn) check() fault.Fields {
	f := fault.Fields{}
	if in.To == uuid.Nil {
		f.Set("to", "required")
	}
	if len(in.Note) > 2000 {
		f.Set("note", "too-long")
	}
	return f
}

// Forward hands a dossier in processing to another case officer of the body, by its holder or by
// whoever may decide there.
// law: public-services.md 6.2 — 4→4: any holder; reassign, slip line.
func (m *Module) Forward(ctx context.Context, in ForwardIn) error {
	if err := in.check().Err(); err != nil {
		return err
	}
	return m.book.Act(ctx, "services.dossier.forward", func(ctx context.Context, act *audit.Act) error {
		d, err := lock(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeWorkedBy(act.Actor) && !d.mayBeDecidedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.Step != StepHandle {
			return fault.Conflict("services.on-other-desk")
		}
		to, err := m.directory.Actor(ctx, act, in.To, uuid.Nil, act.At)
		if err != nil || !d.mayBeHandledBy(to) {
			return fault.Fields{"to": "cannot-handle"}
		}
		d.Holder = &in.To
		if err := d.move(act, Processing, StepHandle, Move{ToName: to.Name, Note: in.Note}); err != nil {
			return err
		}
		d.save(act)
		m.onDesk(act, &d)
		m.tell(ctx, act, in.To, Forwarded{Code: d.Code, From: act.Actor.Name, Note: in.Note, Path: deskPathOf(&d)})
		return nil
	}, audit.Once(in.Client, in, nil))
}

// ProposeIn is the case officer's proposal.
type ProposeIn struct {
	Dossier uuid.UUID         `form:"id"`
	Client  string            `form:"client"`
	Outcome string            `form:"outcome"` // granted or refused
	Reason  string            `form:"reason"`  // what the officer found; for a refusal what the citizen reads
	Basis   string            `form:"basis"`   // needed for a refusal
	Signer  uuid.UUID         `form:"signer"`  // who is to sign; zero means the head of the body
	Values  map[string]string // lines of the result that the officer checked or changed
}

func (in ProposeIn) check() fault.Fields {
	f := fault.Fields{}
	if in.Outcome != "granted" && in.Outcome != "refused" {
		f.Set("outcome", "required")
	}
	if in.Outcome == "refused" {
		if strings.TrimSpace(in.Reason) == "" {
			f.Set("reason", "required")
		}
		if strings.TrimSpace(in.Basis) == "" {
			f.Set("basis", "required")
		}
	}
	if len(in.Reason) > 4000 {
		f.Set("reason", "too-long")
	}
	if len(in.Basis) > 1000 {
		f.Set("basis", "too-long")
	}
	return f
}

// draftProposed sets the result for who may propose it; the act asks again.
func (m *Module) draftProposed(ctx context.Context, in ProposeIn) (draft, error) {
	rec, err := m.record(ctx, m.db, in.Dossier)
	switch {
	case err != nil:
		return draft{}, err
	case !rec.mayBeWorkedBy(actor.From(ctx)):
		return draft{}, fault.Forbidden("services.propose")
	case rec.Step != StepHandle:
		return draft{}, fault.Conflict("services.on-other-desk")
	}
	return m.draftResult(ctx, rec, in)
}

// Propose drafts the result and lays it on the leader's desk. A negative result is drafted the same
// way: it is a signed refusal, not a refusal of intake.
// law: public-services.md 6.2 — a negative outcome after processing is state 9 with type "refusal".
func (m *Module) Propose(ctx context.Context, in ProposeIn) error {
	if f := in.check(); f.Any() {
		return f
	}
	draft, err := m.draftProposed(ctx, in)
	if err != nil {
		return m.again(ctx, "services.dossier.propose", in.Client, in, err)
	}
	return m.book.Act(ctx, "services.dossier.propose", func(ctx context.Context, act *audit.Act) error {
		d, err := lock(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeWorkedBy(act.Actor) {
			if d.mayBeSeenBy(act.Actor) {
				return fault.Forbidden("services.propose")
			}
			return fault.NotFound("services.dossier")
		}
		if d.Step != StepHandle {
			return fault.Conflict("services.on-other-desk")
		}
		if n, err := openOpinions(ctx, act, d.ID); err != nil {
			return err
		} else if n > 0 { // what was asked is answered, taken back, or consent by law before anybody decides
			return fault.Conflict("services.opinions-open", "count", n)
		}
		d.Proposed, d.Basis = &in.Outcome, in.Basis
		if err := d.move(act, Processing, StepSign, Move{Note: in.Reason, Basis: in.Basis}); err != nil {
			return err
		}
		if err := m.keepDraft(ctx, act, &d, draft); err != nil {
			return err
		}
		d.save(act)
		m.onDesk(act, &d)
		return nil
	}, audit.Once(in.Client, in, nil))
}

// SendBackIn returns a draft or a supplement request to the case officer.
type SendBackIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Reason  string    `form:"reason"`
}

// SendBack is the leader's "not like this": the draft or the proposed request falls, the dossier goes back to its officer.
func (m *Module) SendBack(ctx context.Context, in SendBackIn) error {
	if strings.TrimSpace(in.Reason) == "" {
		return fault.Fields{"reason": "required"}
	}
	if len(in.Reason) > 2000 {
		return fault.Fields{"reason": "too-long"}
	}
	return m.book.Act(ctx, "services.dossier.send-back", func(ctx context.Context, act *audit.Act) error {
		d, err := lock(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeDecidedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.Step != StepSign && d.Step != StepApprove {
			return fault.Conflict("services.on-other-desk")
		}
		d.Proposed, d.Basis = nil, ""
		if err := d.move(act, Processing, StepHandle, Move{Note: in.Reason}); err != nil {
			return err
		}
		d.save(act)
		m.dropDraft(act, &d)
		dropProposed(act, &d)
		m.onDesk(act, &d)
		if d.Holder != nil {
			m.tell(ctx, act, *d.Holder, SentBack{Code: d.Code, From: act.Actor.Name, Reason: in.Reason, Path: deskPathOf(&d)})
		}
		return nil
	}, audit.Once(in.Client, in, nil))
}
