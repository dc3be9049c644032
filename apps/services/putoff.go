package services

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/kit/pg"
)

// openTerms are the promises that a newly published year may put off: those of accepted dossiers
// whose clock runs or stands still. While a year is being published they are locked.
// law: public-services.md 9 — publishing after dossiers are open asks whether to recompute; 18.2 A12.
func (m *Module) openTerms(ctx context.Context, r pg.Reader, from calendar.Date) ([]calendar.Term, error) {
	lock := ""
	if _, ok := r.(*audit.Act); ok {
		lock = " FOR UPDATE"
	}
	var out []calendar.Term
	rows, err := r.Query(ctx, `SELECT `+dossierColumns+` FROM services.dossier
		WHERE state IN (2, 4, 5, 6) AND accepted_at IS NOT NULL AND decided_at IS NULL AND due_at >= $1 ORDER BY due_at, id`+lock, from.At(0))
	err = pg.Each(rows, err, func(d Dossier) error { // there may be very many: their answers are not kept
		def, err := m.Definition(ctx, d.Procedure, d.Version)
		if err != nil {
			return err
		}
		t, err := d.counted(def)
		t.Kind, t.ID, t.Code, t.Due = dossierKind, d.ID, d.Code, *d.DueAt
		out = append(out, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading open promises: %w", err)
	}
	return out, nil
}

// putOff gives dossiers the later dates of a newly published year, and tells the applicants.
func (m *Module) putOff(ctx context.Context, act *audit.Act, moved []calendar.Moved) error {
	due := make(map[uuid.UUID]calendar.Due, len(moved))
	ids := make([]uuid.UUID, len(moved))
	for i, t := range moved {
		due[t.ID], ids[i] = t.New, t.ID
	}
	list, err := pg.All[Dossier](act.Query(ctx, `SELECT `+dossierColumns+` FROM services.dossier WHERE id = ANY(@ids) ORDER BY id FOR UPDATE`, pgx.NamedArgs{"ids": ids}))
	if err != nil {
		return fmt.Errorf("reading the dossiers to put off: %w", err)
	}
	for _, d := range list {
		def, err := m.Definition(ctx, d.Procedure, d.Version)
		if err != nil {
			return err
		}
		before := *d.DueAt
		d.promise(due[d.ID])
		act.Queue(`UPDATE services.dossier SET due_at = $2, due_eod = $3, updated_at = $4 WHERE id = $1`, d.ID, d.DueAt, d.DueEOD, act.At)
		m.onDesk(act, &d)
		m.tellApplicant(ctx, act, &d, PutOff{Code: d.Code, Procedure: def.Name, Before: before, After: *d.DueAt, Path: pathOf(&d)})
	}
	return nil
}
