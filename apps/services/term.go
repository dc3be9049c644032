package services

import (
	"context"
	"fmt"
	"strings"
	"time"

	"datmui/blocks/calendar"
)

// answerLimit is how long an online filing may wait for its first answer.
// law: public-services.md 8.2 — online acknowledgement: 8 working hours from submission.
const answerLimit = "8wh"

// count works out the promise of an accepted dossier from its limit, pauses, extension and the
// calendar of the body that handles it; first is the promise before the extension.
// law: public-services.md 8.2, 8.5 — CARRY is promised, EOD is the legal maximum.
func (m *Module) count(ctx context.Context, d *Dossier, def Definition) (first, due calendar.Due, err error) {
	cal, err := m.calendar(ctx, d.CompetentAgency)
	if err != nil {
		return first, due, fmt.Errorf("the calendar of %s: %w", d.CompetentAgency, err)
	}
	t, err := d.counted(def)
	if err != nil {
		return first, due, err
	}
	if first, due, err = cal.Promise(t); err != nil {
		return first, due, fmt.Errorf("the due time of %s: %w", d.Code, err)
	}
	return first, due, nil
}

// term sets the promise of a dossier that has just been accepted.
func (m *Module) term(ctx context.Context, d *Dossier, def Definition) error {
	_, due, err := m.count(ctx, d, def)
	if err != nil {
		return err
	}
	d.DueAt, d.DueEOD = nil, nil
	d.promise(due)
	return nil
}

// PromiseNow is the due time of a filing that were accepted at a moment, by the calendar of the body
// that decides; for a procedure of the communes by that of the province.
// law: public-services.md 8.2 — limits in words and as a day.
func (m *Module) PromiseNow(ctx context.Context, def Definition, limit string, at time.Time) (time.Time, error) {
	agency, _ := strings.CutPrefix(def.Competent, AgencyBody)
	if def.Competent == CommuneBody || def.Competent == PoliceBody {
		agency = ""
	}
	return m.addLimit(ctx, agency, at, limit)
}

// addLimit is a moment and a limit after it, by the calendar of a body.
func (m *Module) addLimit(ctx context.Context, agency string, from time.Time, limit string) (time.Time, error) {
	cal, err := m.calendar(ctx, agency)
	if err != nil {
		return from, err
	}
	l, err := calendar.ParseLimit(limit)
	if err != nil {
		return from, err
	}
	due, err := cal.Add(from, l)
	return due.Carry, err
}

// pause stops the clock of an accepted dossier.
func (d *Dossier) pause(at time.Time) {
	if d.AcceptedAt == nil || d.PausedAt != nil {
		return
	}
	d.PausedAt = &at
	d.Pauses = append(d.Pauses, Pause{From: at})
}

// resume lets the clock run again and moves the due time, and the one before an extension with it.
func (m *Module) resume(ctx context.Context, d *Dossier, def Definition, at time.Time) error {
	if d.PausedAt == nil {
		return nil
	}
	d.Pauses[len(d.Pauses)-1].To = at
	d.PausedAt = nil
	first, due, err := m.count(ctx, d, def)
	if err != nil {
		return err
	}
	if d.ExtendedDays > 0 {
		d.FirstDueAt = &first.Carry
	}
	d.promise(due) // a year published meanwhile may count fewer days
	return nil
}

// prolong moves the promise by the days of the extension and keeps the first one.
func (m *Module) prolong(ctx context.Context, d *Dossier) error {
	cal, err := m.calendar(ctx, d.CompetentAgency)
	if err != nil {
		return err
	}
	first := *d.DueAt
	due, err := cal.Add(first, calendar.Limit{N: d.ExtendedDays, Unit: calendar.WorkingDays})
	if err != nil {
		return err
	}
	d.FirstDueAt, d.DueAt, d.DueEOD = &first, &due.Carry, &due.EOD
	return nil
}

// counted is all that the promise of an accepted dossier is counted from.
func (d *Dossier) counted(def Definition) (calendar.Term, error) {
	limit, err := calendar.ParseLimit(def.LimitFor(d.Answers))
	if err != nil {
		return calendar.Term{}, fmt.Errorf("the limit of %s: %w", def.Code, err)
	}
	t := calendar.Term{Agency: d.CompetentAgency, Received: *d.AcceptedAt, Limit: limit, After: calendar.Resume, Extended: d.ExtendedDays}
	if def.AfterPause == "restart" {
		t.After = calendar.Restart
	}
	for _, p := range d.Pauses {
		if !p.To.IsZero() {
			t.Pauses = append(t.Pauses, calendar.Pause{From: p.From, To: p.To})
		}
	}
	return t, nil
}

// promise sets the due times, never earlier than was promised before.
// law: public-services.md 9 — never earlier than already promised.
func (d *Dossier) promise(due calendar.Due) {
	d.DueAt = later(d.DueAt, due.Carry)
	if due.EOD.IsZero() {
		d.DueEOD = nil
		return
	}
	d.DueEOD = later(d.DueEOD, due.EOD)
}

func later(before *time.Time, now time.Time) *time.Time {
	if before != nil && before.After(now) {
		return before
	}
	return &now
}

// timing says how a step that ends now stands against the promise.
// law: public-services.md 8.4 — early, on time, late.
func (d Dossier) timing(at time.Time) string {
	if d.DueAt == nil {
		return ""
	}
	return string(calendar.TimingOf(*d.DueAt, at))
}
