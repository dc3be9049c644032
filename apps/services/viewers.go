package services

import (
	"context"
	"slices"
	"time"

	"datmui/kit/actor"
	"datmui/kit/fault"
)

// Viewer is a colleague who has a dossier open.
type Viewer struct {
	Name  string
	Since time.Time
}

// How long after opening a record somebody counts as having it open, and how far back that is one
// sitting. Nobody is asked whether the page is still there: it is a hint, and stops nobody.
const (
	viewerStays  = 10 * time.Minute
	viewerSince  = time.Hour
	mostViewers  = 3
	openedByName = "services.dossier.open"
)

// Viewers lists the colleagues who opened a record a moment ago and have done nothing to it since, as
// the log has it: who is writing an answer while another does should know of it.
func (m *Module) Viewers(ctx context.Context, rec Record) ([]Viewer, error) {
	now, me := m.clock.Now(), actor.From(ctx)
	if me.Kind != actor.Official || !rec.State.Open() {
		return nil, nil
	}
	list, err := m.book.Readers(ctx, openedByName, rec.Code, now.Add(-viewerSince))
	if err != nil {
		return nil, err
	}
	var out []Viewer
	for _, r := range list {
		acted := slices.ContainsFunc(rec.Slip, func(mv Move) bool { return mv.Actor != nil && *mv.Actor == r.Person && mv.At.After(r.Last) })
		if r.Person == me.ID || r.Last.Before(now.Add(-viewerStays)) || acted || len(out) == mostViewers {
			continue
		}
		name, err := m.directory.Name(ctx, r.Person)
		if fault.KindOf(err) == fault.KindNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, Viewer{Name: name, Since: r.First})
	}
	return out, nil
}
