package services

import (
	"context"
	"fmt"
	"time"

	"datmui/kit/pg"
)

// CheckTerms works out every stored promise again from acceptance, pauses and extension, and names
// the first that differs. It returns how many it judged.
func (m *Module) CheckTerms(ctx context.Context) (int, error) {
	list, err := pg.All[Dossier](m.db.Query(ctx, `SELECT `+dossierColumns+` FROM services.dossier WHERE accepted_at IS NOT NULL ORDER BY id`))
	if err != nil {
		return 0, err
	}
	for i, d := range list {
		def, err := m.Definition(ctx, d.Procedure, d.Version)
		if err != nil {
			return i, err
		}
		again := d
		if n := len(d.Pauses); n > 0 && d.State == Withdrawn && d.PausedAt == nil {
			again.Pauses = d.Pauses[:n:n] // a withdrawal ends the pause and leaves the promise as it was
			if d.UpdatedAt.Equal(d.Pauses[n-1].To) {
				again.Pauses = d.Pauses[:n-1]
			}
		}
		if err := m.term(ctx, &again, def); err != nil {
			return i, err
		}
		if !same(again.DueAt, d.DueAt) || !same(again.DueEOD, d.DueEOD) {
			return i, fmt.Errorf("%s is promised for %v (at most %v), by its calendar for %v (%v)", d.Code, d.DueAt, d.DueEOD, again.DueAt, again.DueEOD)
		}
	}
	return len(list), nil
}

func same(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}
