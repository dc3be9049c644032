package services

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// ReturnIn hands the result over.
type ReturnIn struct {
	Dossier  uuid.UUID `form:"id"`
	Client   string    `form:"client"`
	Receiver string    `form:"receiver"` // name of the person at the desk
	Identity string    `form:"identity"` // how the receiver was recognised: the paper shown
}

// Return ends a dossier at the desk with the record of who took the result.
// law: public-services.md 6.2 — 9→10: receiver identity or postal proof; hand-over record.
func (m *Module) Return(ctx context.Context, in ReturnIn) error {
	f := fault.Fields{}
	f.Text("receiver", in.Receiver, 200)
	f.Text("identity", in.Identity, 200)
	if f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.dossier.return", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeReturnedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if err := m.mayLeave(ctx, act, &d); err != nil {
			return err
		}
		return m.handOver(ctx, act, &d, def, strings.TrimSpace(in.Receiver)+" — "+strings.TrimSpace(in.Identity))
	}, audit.Once(in.Client, in, nil))
}

// CollectIn is the citizen's download of a result that is returned online.
type CollectIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
}

// Collect hands the electronic result over to the signed-in citizen.
// law: public-services.md 6.2 — 9→10: return desk or portal.
func (m *Module) Collect(ctx context.Context, in CollectIn) error {
	return m.book.Act(ctx, "services.dossier.collect", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.isCitizens(act.Actor) || act.Actor.Kind != actor.Citizen {
			return fault.NotFound("services.dossier")
		}
		if act.Actor.Level < 2 { // the portal's word for who took the result
			return fault.Forbidden("level-2")
		}
		if !act.Actor.MayFor(represent.Collect) {
			return fault.Forbidden("represent.collect")
		}
		if d.State == Returned { // a second download changes nothing
			return nil
		}
		if err := m.mayLeave(ctx, act, &d); err != nil {
			return err
		}
		return m.handOver(ctx, act, &d, def, act.Actor.Name)
	}, audit.Once(in.Client, in, nil))
}

// mayLeave says whether the result may leave the house: it is not on its way already, what
// it costs is known and paid, and nothing keeps it.
func (m *Module) mayLeave(ctx context.Context, act *audit.Act, d *Dossier) error {
	if d.Step == StepPost {
		return fault.Conflict("services.in-the-post")
	}
	if d.owes() {
		return fault.Conflict("services.unpaid")
	}
	why, err := m.keptBack(ctx, act, d)
	if err == nil && why != "" {
		err = fault.Conflict(why)
	}
	return err
}

func (m *Module) handOver(ctx context.Context, act *audit.Act, d *Dossier, def Definition, receiver string) error {
	at := act.At
	d.ReturnedAt = &at
	if err := d.move(act, Returned, StepEnd, Move{Note: receiver, Timing: d.timing(*orNow(d.FinishedAt, &at))}); err != nil {
		return err
	}
	d.save(act)
	m.offDesk(act, d)
	m.tellApplicant(ctx, act, d, ReturnedNotice{Code: d.Code, Procedure: def.Name, Path: pathOf(d)})
	return nil
}

func orNow[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}
