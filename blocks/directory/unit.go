package directory

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/kit/pg"
)

// Unit is an administrative unit as it stood in some span of time.
type Unit struct {
	Code      string
	Name      string // "Xã Đất Mũi"
	ShortName string // "Đất Mũi"
	NameEn    string
	Kind      string // tỉnh, huyện, xã, phường …
	Level     string // province, district or commune
	Parent    string // code; "" for the province
	Lat, Lon  *float64
	AreaKm2   *float64 `db:"area_km2"`
	ValidFrom time.Time
	ValidTo   *time.Time // first day it no longer holds; nil while in force
}

const unitColumns = `code, name, short_name, name_en, kind, level, coalesce(parent, '') AS parent,
	lat, lon, area_km2, valid_from, valid_to`

// Units lists all units in force on a day, the province first, each level in Vietnamese order.
func (b *Block) Units(ctx context.Context, at time.Time) ([]Unit, error) {
	return pg.All[Unit](b.db.Query(ctx, `
		SELECT `+unitColumns+`
		FROM directory.unit
		WHERE valid_from <= @day AND (valid_to IS NULL OR valid_to > @day)
		ORDER BY array_position(ARRAY['province', 'district', 'commune'], level), short_name COLLATE "vi-x-icu", code`,
		pgx.NamedArgs{"day": Day(at)}))
}

// Communes lists the units of the lowest level in force on a day, in Vietnamese order of names.
func (b *Block) Communes(ctx context.Context, at time.Time) ([]Unit, error) {
	return pg.All[Unit](b.db.Query(ctx, `
		SELECT `+unitColumns+`
		FROM directory.unit
		WHERE level = 'commune' AND valid_from <= @day AND (valid_to IS NULL OR valid_to > @day)
		ORDER BY short_name COLLATE "vi-x-icu", code`,
		pgx.NamedArgs{"day": Day(at)}))
}

// Unit is the unit that had the code on a day.
func (b *Block) Unit(ctx context.Context, code string, at time.Time) (Unit, error) {
	return pg.One[Unit](b.db.Query(ctx, `
		SELECT `+unitColumns+`
		FROM directory.unit
		WHERE code = @code AND valid_from <= @day AND (valid_to IS NULL OR valid_to > @day)`,
		pgx.NamedArgs{"code": code, "day": Day(at)}))
}

// UnitChange tells what became of a unit, or of a part of it, on a day.
type UnitChange struct {
	OldCode, OldName string
	NewCode, NewName string
	Day              time.Time
	Scope            string // whole, part or remainder
	Change           string // merged or unchanged
	Resolution       string
	Note             string
}

// UnitChanges lists the changes into and out of the unit's code, oldest first.
func (b *Block) UnitChanges(ctx context.Context, code string) ([]UnitChange, error) {
	return pg.All[UnitChange](b.db.Query(ctx, `
		SELECT s.old_code, s.old_name, s.new_code, coalesce(u.name, '') AS new_name, s.day, s.scope, s.change, s.resolution, s.note
		FROM directory.unit_successor s
		LEFT JOIN directory.unit u ON u.code = s.new_code AND u.valid_from <= s.day AND (u.valid_to IS NULL OR u.valid_to > s.day)
		WHERE s.old_code = @code OR s.new_code = @code
		ORDER BY s.day, s.old_code, s.new_code`,
		pgx.NamedArgs{"code": code}))
}

// CurrentUnits lists the codes that the territory of an old code belongs to on a day; more than
// one where it was split. An unknown code gives none.
func (b *Block) CurrentUnits(ctx context.Context, code string, since, at time.Time) ([]string, error) {
	return pg.Values[string](b.db.Query(ctx, `
		WITH RECURSIVE path AS (
			SELECT @code::text AS code, @since::date AS day
			UNION
			SELECT s.new_code, s.day FROM path p
			JOIN directory.unit_successor s ON s.old_code = p.code AND s.day > p.day AND s.day <= @day
			WHERE NOT EXISTS (SELECT FROM directory.unit_successor e
				WHERE e.old_code = p.code AND e.day > p.day AND e.day < s.day)
		)
		SELECT DISTINCT u.code FROM path p
		JOIN directory.unit u ON u.code = p.code AND u.valid_from <= @day AND (u.valid_to IS NULL OR u.valid_to > @day)
		WHERE NOT EXISTS (SELECT FROM directory.unit_successor e
			WHERE e.old_code = p.code AND e.day > p.day AND e.day <= @day)
		ORDER BY u.code`,
		pgx.NamedArgs{"code": code, "since": Day(since), "day": Day(at)}))
}
