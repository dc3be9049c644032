package directory

import (
	"context"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
)

// The Load functions put rows in by COPY: for reference data, an import and the demonstration
// province. They check nothing beyond what the tables do; the caller holds an act or a batch.

// LoadUnits adds states of units.
func LoadUnits(ctx context.Context, tx pgx.Tx, rows []Unit) (int64, error) {
	return tx.CopyFrom(ctx, pgx.Identifier{"directory", "unit"},
		[]string{"code", "valid_from", "valid_to", "name", "short_name", "name_en", "kind", "level", "parent", "lat", "lon", "area_km2"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			u := rows[i]
			return []any{u.Code, u.ValidFrom, u.ValidTo, u.Name, u.ShortName, u.NameEn, u.Kind, u.Level, null(u.Parent), u.Lat, u.Lon, u.AreaKm2}, nil
		}))
}

// LoadUnitChanges adds what became of units.
func LoadUnitChanges(ctx context.Context, tx pgx.Tx, rows []UnitChange) (int64, error) {
	return tx.CopyFrom(ctx, pgx.Identifier{"directory", "unit_successor"},
		[]string{"old_code", "old_name", "new_code", "day", "scope", "change", "resolution", "note"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			c := rows[i]
			return []any{c.OldCode, c.OldName, c.NewCode, c.Day, c.Scope, c.Change, c.Resolution, c.Note}, nil
		}))
}

// LoadAgencies adds states of agencies and the agencies themselves where they are new.
func LoadAgencies(ctx context.Context, tx pgx.Tx, rows []Agency) (int64, error) {
	ids := make([]string, len(rows))
	for i, a := range rows {
		ids[i] = a.ID
	}
	if _, err := tx.Exec(ctx, `INSERT INTO directory.agency (id) SELECT DISTINCT unnest($1::text[]) ON CONFLICT DO NOTHING`, ids); err != nil {
		return 0, err
	}
	return tx.CopyFrom(ctx, pgx.Identifier{"directory", "agency_version"},
		[]string{"agency_id", "valid_from", "valid_to", "name", "name_en", "branch", "level", "kind", "parent", "unit_code", "identifier", "basis", "note"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			a := rows[i]
			return []any{a.ID, a.ValidFrom, a.ValidTo, a.Name, a.NameEn, string(a.Branch), a.Level, a.Kind, null(a.Parent), a.UnitCode,
				null(a.Identifier), a.Basis, a.Note}, nil
		}))
}

// LoadSuccessions adds who took over from whom.
func LoadSuccessions(ctx context.Context, tx pgx.Tx, rows []Succession) (int64, error) {
	return tx.CopyFrom(ctx, pgx.Identifier{"directory", "agency_successor"}, []string{"old_id", "new_id", "day", "basis"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			s := rows[i]
			return []any{s.OldID, s.NewID, s.Day, s.Basis}, nil
		}))
}

// LoadPeople adds people; the time says since when each is known.
func LoadPeople(ctx context.Context, tx pgx.Tx, rows iter.Seq2[Person, time.Time]) (int64, error) {
	next, stop := iter.Pull2(rows)
	defer stop()
	return tx.CopyFrom(ctx, pgx.Identifier{"directory", "person"},
		[]string{"id", "personal_id", "name", "birth_date", "sex", "phone", "email", "residence_unit", "residence", "official", "citizen", "created_at"},
		pgx.CopyFromFunc(func() ([]any, error) {
			p, known, ok := next()
			if !ok {
				return nil, nil
			}
			return []any{p.ID, null(p.PersonalID), p.Name, p.BirthDate, null(p.Sex), null(p.Phone), null(p.Email), null(p.ResidenceUnit),
				p.Residence, p.Official, p.Citizen, known}, nil
		}))
}

// LoadPosts adds posts.
func LoadPosts(ctx context.Context, tx pgx.Tx, rows []Post) (int64, error) {
	return tx.CopyFrom(ctx, pgx.Identifier{"directory", "post"},
		[]string{"id", "person_id", "agency_id", "position", "title", "rank", "valid_from", "valid_to", "basis", "reason"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			p := rows[i]
			return []any{p.ID, p.Person, p.Agency, p.Position, p.Title, p.Rank, p.ValidFrom, p.ValidTo, p.Basis, p.Reason}, nil
		}))
}

func null(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
