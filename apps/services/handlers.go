package services

import (
	"context"
	"slices"

	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// mostBodies is for how many bodies at once the officers are named.
const mostBodies = 5

// bodyDay is a body on a day.
type bodyDay struct{ body, day string }

// Officers lists the case officers of the bodies for which the actor gives out work, or else works, as
// of a moment ago: the act that names one asks anew. Where there never was a dossier it names nobody.
func (m *Module) Officers(ctx context.Context) ([]Colleague, error) {
	a := actor.From(ctx)
	bodies, err := m.withDossiers(ctx, bodiesWith(a, RightDecide, RightSupervise, RightHandle))
	if err != nil {
		return nil, err
	}
	var out []Colleague
	for _, body := range bodies[:min(len(bodies), mostBodies)] {
		list, err := m.officers.get(bodyDay{body, m.today()}, func() ([]directory.Post, error) {
			return m.directory.Receivers(ctx, m.db, body, RightHandle, m.clock.Now())
		})
		if err != nil {
			return nil, err
		}
		for _, h := range list {
			if !slices.ContainsFunc(out, func(c Colleague) bool { return c.ID == h.Person }) {
				out = append(out, Colleague{ID: h.Person, Name: h.Name, Title: h.Title})
			}
		}
	}
	return out, nil
}

// OfficerName is what a case officer is called; "" for somebody who is no official.
func (m *Module) OfficerName(ctx context.Context, in ListIn) (string, error) {
	name, err := m.directory.Name(ctx, in.Holder)
	if fault.KindOf(err) == fault.KindNotFound {
		return "", nil
	}
	return name, err
}
