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

// term sets the promised and the legal due time of an accepted dossier from its limit, its pauses
// and the calendar of the body that handles it.
// law: public-services.md 8.2, 8.5 — CARRY is promised, EOD is the legal maximum.
func (m *Module) term(ctx context.Context, d *Dossier, def Definition) error {
	if d.AcceptedAt == nil {
		return nil
	}
	cal, err := m.calendar(ctx, d.CompetentAgency)
	if err != nil {
		return fmt.Errorf("the calendar of %s: %w", d.CompetentAgency, err)
	}
	t, err := d.counted(def)
	if err != nil {
		return err
	}
	due, err := cal.Deadline(t.Received, t.Limit, t.After, t.Pauses...)
	if err != nil {
		return fmt.Errorf("the due time of %s: %w", d.Code, err)
	}
	d.DueAt = &due.Carry
	d.DueEOD = nil
	if !due.EOD.IsZero() {
		d.DueEOD = &due.EOD
	}
	return nil
}

// PromiseNow is the due time of a filing that were accepted at a moment, by the calendar of the body
// that decides; for a procedure of the communes by that of the province.
// law: public-services.md 8.2 — limits in words and as a day.
func (m *Module) PromiseNow(ctx context.Context, def Definition, limit string, at time.Time) (time.Time, error) {
	agency, _ := strings.CutPrefix(def.Competent, "agency:")
	if def.Competent == "commune" {
		agency = ""
	}
	cal, err := m.calendar(ctx, agency)
	if err != nil {
		return time.Time{}, err
	}
	l, err := calendar.ParseLimit(limit)
	if err != nil {
		return time.Time{}, err
	}
	due, err := cal.Add(at, l)
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

// resume lets the clock run again and moves the due time. An extension is added again to what the
// term gives, so both promises move.
func (m *Module) resume(ctx context.Context, d *Dossier, def Definition, at time.Time) error {
	if d.PausedAt == nil {
		return nil
	}
	d.Pauses[len(d.Pauses)-1].To = at
	d.PausedAt = nil
	promised, most := d.DueAt, d.DueEOD
	if err := m.term(ctx, d, def); err != nil {
		return err
	}
	if d.ExtendedDays > 0 {
		if err := m.prolong(ctx, d); err != nil {
			return err
		}
	}
	due := calendar.Due{Carry: *d.DueAt} // a year published meanwhile may count fewer days
	if d.DueEOD != nil {
		due.EOD = *d.DueEOD
	}
	d.DueAt, d.DueEOD = promised, most
	d.promise(due)
	return nil
}

// prolong moves the promise by the days of the extension and keeps the first one. Pauses before the
// first promise have moved that already; later ones stop the days of the extension.
func (m *Module) prolong(ctx context.Context, d *Dossier) error {
	cal, err := m.calendar(ctx, d.CompetentAgency)
	if err != nil {
		return err
	}
	first := *d.DueAt
	var pauses []calendar.Pause
	for _, p := range d.Pauses {
		if !p.To.IsZero() && !p.From.Before(first) {
			pauses = append(pauses, calendar.Pause{From: p.From, To: p.To})
		}
	}
	due, err := cal.Deadline(first, calendar.Limit{N: d.ExtendedDays, Unit: calendar.WorkingDays}, calendar.Resume, pauses...)
	if err != nil {
		return err
	}
	d.FirstDueAt, d.DueAt, d.DueEOD = &first, &due.Carry, &due.EOD
	return nil
}

// timing says how a step that ends now stands against the promise.
// law: public-services.md 8.4 — early, on time, late.
func (d Dossier) timing(at time.Time) string {
	if d.DueAt == nil {
		return ""
	}
	return string(calendar.TimingOf(*d.DueAt, at))
}
