package services

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// ScanIn brings scans of papers into a dossier.
type ScanIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Legible bool      `form:"legible"` // what may be hard to read was looked at and can be read
	Papers  []PaperIn // each with its file
}

// MayScan says whether the actor may add scans to a record now; Scan checks for itself.
func (m *Module) MayScan(ctx context.Context, rec Record) bool {
	return rec.State.Open() && rec.mayBeScannedBy(actor.From(ctx))
}

// Scan adds what was scanned at the counter or by the case officer to the list of papers, while
// somebody still works on the dossier. It answers no supplement request: Supplement does.
// law: public-services.md 11 — at the counter: scan, check legibility and page count, store.
func (m *Module) Scan(ctx context.Context, in ScanIn) error {
	if len(in.Papers) == 0 {
		return fault.Fields{"file": "required"}
	}
	if len(in.Papers) > 50 {
		return fault.Fields{"file": "too-many"}
	}
	f := fault.Fields{}
	unclear, err := m.unclear(ctx, in.Papers, in.Legible, f)
	if err != nil {
		return err
	}
	if f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.dossier.scan", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeScannedBy(act.Actor) {
			if d.mayBeSeenBy(act.Actor) && act.Actor.Kind == actor.Official {
				return fault.Forbidden("services.scan")
			}
			return fault.NotFound("services.dossier")
		}
		if !d.State.Open() {
			return fault.Conflict("services.ended")
		}
		for _, p := range in.Papers {
			if p.File == uuid.Nil {
				return fault.Fields{"file": "required"}
			}
			if !slices.ContainsFunc(def.Papers, func(r PaperRule) bool { return r.Key == p.Place }) {
				return fault.Fields{"place": "required"}
			}
		}
		act.Note("files", len(in.Papers))
		noteUnclear(act, unclear)
		d.save(act)
		return m.addPapers(ctx, act, &d, in.Papers)
	}, audit.Once(in.Client, in, nil))
}
