package services

import (
	"context"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/fault"
)

// Assign gives a dossier that nobody has taken yet to a case officer, by whoever may decide it.
// law: public-services.md 6.2 — 2→4: case officer, hand-over recorded.
func (m *Module) Assign(ctx context.Context, in ForwardIn) error {
	if err := in.check().Err(); err != nil {
		return err
	}
	return m.book.Act(ctx, "services.dossier.assign", func(ctx context.Context, act *audit.Act) error {
		d, err := lock(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeDecidedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.State != Accepted {
			return illegal(d.State, Processing)
		}
		to, err := m.directory.Actor(ctx, act, in.To, uuid.Nil, act.At)
		if err != nil || !d.mayBeHandledBy(to) {
			return fault.Fields{"to": "cannot-handle"}
		}
		d.HolderAgency, d.Holder = d.CompetentAgency, &in.To
		if err := d.move(act, Processing, StepHandle, Move{ToName: to.Name, Note: in.Note}); err != nil {
			return err
		}
		d.save(act)
		m.onDesk(act, &d)
		m.tell(ctx, act, in.To, Forwarded{Code: d.Code, From: act.Actor.Name, Note: in.Note, Path: deskPathOf(&d)})
		return nil
	}, audit.Once(in.Client, in, nil))
}
