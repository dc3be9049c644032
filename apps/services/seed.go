package services

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Seed brings the shipped definitions into the database; what is there stays. A procedure of which
// something must still be entered is in the catalogue, but not open.
func (m *Module) Seed(ctx context.Context) error {
	defs, err := Shipped()
	if err != nil {
		return err
	}
	return m.book.Batch(ctx, "services.procedure.seed", "shipped definitions", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		var n int64
		for _, d := range defs {
			tag, err := tx.Exec(ctx, `INSERT INTO services.procedure AS p (code, name, name_en, level, field, words, open)
				VALUES (@code, @name, @en, @level, @field, @words, false)
				ON CONFLICT (code) DO UPDATE SET words = excluded.words WHERE p.words = ''`,
				pgx.NamedArgs{"code": d.Code, "name": d.Name, "en": d.NameEN, "level": d.Level, "field": d.Field, "words": d.Words})
			if err != nil {
				return n, err
			}
			n += tag.RowsAffected()
			if _, err := tx.Exec(ctx, `INSERT INTO services.version (procedure, version, valid_from, definition, complete)
				VALUES (@code, @version, @from, @definition, @complete) ON CONFLICT DO NOTHING`,
				pgx.NamedArgs{"code": d.Code, "version": d.Version, "from": d.ValidFrom, "definition": d, "complete": len(m.Missing(d)) == 0}); err != nil {
				return n, err
			}
		}
		return n, m.openThose(ctx, tx)
	})
}
