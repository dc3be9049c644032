package services

import (
	"context"
	"fmt"
	"slices"
	"time"

	"datmui/blocks/calendar"
)

// promise is until when the whole set is done: the latest promise along the chain, where a part that
// has not begun is counted from the end of those before it; no later than the limit of the set allows.
// Zero before anything was promised.
// law: public-services.md 11 — parent due = latest promised along the chain.
func (m *Module) setPromise(ctx context.Context, s LinkedSet) (time.Time, error) {
	ends := make([]time.Time, len(s.Parts))
	var latest, accepted time.Time
	for i, p := range s.Parts {
		if p.AcceptedAt != nil && (accepted.IsZero() || p.AcceptedAt.Before(accepted)) {
			accepted = *p.AcceptedAt
		}
		switch {
		case p.Failed() && !p.begun():
			continue
		case p.DueAt != nil:
			ends[i] = *p.DueAt
		default:
			var err error
			if ends[i], err = m.projected(ctx, s, p, ends); err != nil {
				return latest, err
			}
		}
		if ends[i].After(latest) {
			latest = ends[i]
		}
	}
	if latest.IsZero() || accepted.IsZero() {
		return time.Time{}, nil
	}
	most, err := m.setLimit(ctx, s, accepted)
	if err != nil || latest.Before(most) {
		return latest, err
	}
	return most, nil
}

// projected is when a part that has not begun ends if those before it end as promised.
func (m *Module) projected(ctx context.Context, s LinkedSet, p SetPart, ends []time.Time) (time.Time, error) {
	var from time.Time
	for _, n := range p.After {
		if ends[n-1].IsZero() {
			return time.Time{}, nil
		}
		if ends[n-1].After(from) {
			from = ends[n-1]
		}
	}
	if from.IsZero() {
		return from, nil
	}
	def, err := m.Definition(ctx, p.Procedure, p.Version)
	if err != nil {
		return from, err
	}
	return m.addLimit(ctx, p.CompetentAgency, from, def.Limit)
}

// setLimit is when the set must be over by its own limit: the time in which a citizen was waited for
// does not count, extensions that were announced do, and there is more of it once another body than
// the first has asked for a completion.
// law: public-services.md 12 — 2.000986: at most 20 working days, 2 more if other bodies need completion.
func (m *Module) setLimit(ctx context.Context, s LinkedSet, accepted time.Time) (time.Time, error) {
	limit, err := calendar.ParseLimit(s.Def.Limit)
	if err != nil {
		return time.Time{}, fmt.Errorf("the limit of %s: %w", s.Def.Code, err)
	}
	t := calendar.Term{Agency: s.Parts[0].CompetentAgency, Received: accepted, Limit: limit, After: calendar.Resume}
	var pauses []calendar.Pause
	other := false
	for _, p := range s.Parts {
		t.Extended += p.ExtendedDays
		other = other || p.Asked && p.CompetentAgency != s.Parts[0].CompetentAgency
		for _, x := range p.Pauses {
			if !x.To.IsZero() {
				pauses = append(pauses, calendar.Pause{From: x.From, To: x.To})
			}
		}
	}
	if extra, err := calendar.ParseLimit(s.Def.LinkedExtra); err == nil && other {
		t.Extended += extra.N
	}
	t.Pauses = apart(pauses)
	cal, err := m.calendar(ctx, t.Agency)
	if err != nil {
		return time.Time{}, err
	}
	_, due, err := cal.Promise(t)
	return due.Carry, err
}

// apart joins pauses that overlap, so that no minute is left out twice.
func apart(list []calendar.Pause) []calendar.Pause {
	slices.SortFunc(list, func(a, b calendar.Pause) int { return a.From.Compare(b.From) })
	var out []calendar.Pause
	for _, p := range list {
		if n := len(out); n > 0 && !p.From.After(out[n-1].To) {
			if p.To.After(out[n-1].To) {
				out[n-1].To = p.To
			}
			continue
		}
		out = append(out, p)
	}
	return out
}
