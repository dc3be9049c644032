package services

import (
	"context"

	"github.com/jackc/pgx/v5"

	"datmui/apps/services/national"
)

// Seed brings the shipped definitions and the national list into the database; what is there stays. A
// procedure of which something must still be entered is in the catalogue, but not open.
func (m *Module) Seed(ctx context.Context) error {
	defs, err := Shipped()
	if err != nil {
		return err
	}
	return m.book.Batch(ctx, "services.procedure.seed", "shipped definitions", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		var n int64
		for _, d := range defs {
			added, err := m.seedDefinition(ctx, tx, d)
			if err != nil {
				return n, err
			}
			n += added
		}
		added, err := seedNational(ctx, tx)
		if err != nil {
			return n, err
		}
		return n + added, m.openThose(ctx, tx)
	})
}

// seedDefinition brings in one shipped definition. The first definition of a procedure that was only
// listed until now says what it is called and that the province works it; what an official has
// changed since stays.
func (m *Module) seedDefinition(ctx context.Context, tx pgx.Tx, d Definition) (int64, error) {
	authority := OfProvince
	if isPart(d.Code) {
		authority = OfSet
	} else if _, elsewhere := national.Ministry(d.Code); elsewhere {
		authority = OfMinistry
	}
	tag, err := tx.Exec(ctx, `INSERT INTO services.procedure AS p (code, name, name_en, level, field, words, authority, open)
		VALUES (@code, @name, @en, @level, @field, @words, @authority, false)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, name_en = excluded.name_en, level = excluded.level, field = excluded.field,
			words = excluded.words, authority = excluded.authority
		WHERE NOT EXISTS (SELECT FROM services.version v WHERE v.procedure = p.code)`,
		pgx.NamedArgs{"code": d.Code, "name": d.Name, "en": d.NameEN, "level": d.Level, "field": d.Field, "words": d.Words, "authority": authority})
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `UPDATE services.procedure SET words = $2 WHERE code = $1 AND words = '' AND $2 <> ''`, d.Code, d.Words); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO services.version (procedure, version, valid_from, definition, complete)
		VALUES (@code, @version, @from, @definition, @complete) ON CONFLICT DO NOTHING`,
		pgx.NamedArgs{"code": d.Code, "version": d.Version, "from": d.ValidFrom, "definition": d, "complete": len(m.Missing(d)) == 0})
	return tag.RowsAffected(), err
}
