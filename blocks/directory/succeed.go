package directory

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Heirs says for each body that is over on a day which body in force goes on with its work. Where
// several took a body over, the one of its kind does, then the first by id.
func (b *Block) Heirs(ctx context.Context, r pg.Reader, at time.Time) (map[string]string, error) {
	rows, err := pg.All[struct{ Old, New string }](r.Query(ctx, `
		WITH RECURSIVE chain AS (
			SELECT old_id, new_id, day FROM directory.agency_successor WHERE day <= @day
			UNION
			SELECT c.old_id, s.new_id, s.day FROM chain c
			JOIN directory.agency_successor s ON s.old_id = c.new_id AND s.day >= c.day AND s.day <= @day
		)
		SELECT DISTINCT ON (c.old_id) c.old_id AS old, c.new_id AS new
		FROM chain c
		JOIN directory.agency_version n ON n.agency_id = c.new_id AND n.valid_from <= @day AND (n.valid_to IS NULL OR n.valid_to > @day)
		JOIN LATERAL (SELECT v.kind, v.valid_to FROM directory.agency_version v
			WHERE v.agency_id = c.old_id AND v.valid_from <= @day ORDER BY v.valid_from DESC LIMIT 1) o ON o.valid_to <= @day
		ORDER BY c.old_id, n.kind <> o.kind, c.new_id`,
		pgx.NamedArgs{"day": Day(at)}))
	if err != nil {
		return nil, err
	}
	heirs := make(map[string]string, len(rows))
	for _, row := range rows {
		heirs[row.Old] = row.New
	}
	return heirs, nil
}

// Seat is a person at an agency.
type Seat struct {
	Person uuid.UUID
	Agency string
}

// Vacant lists those of the seats whose person may not use a right there on a day, neither from a
// post of her own nor from a lent one: who left, was moved, or whose substitution is over.
func (b *Block) Vacant(ctx context.Context, r pg.Reader, right string, seats []Seat, at time.Time) ([]Seat, error) {
	persons, agencies := make([]uuid.UUID, len(seats)), make([]string, len(seats))
	for i, s := range seats {
		persons[i], agencies[i] = s.Person, s.Agency
	}
	// Nearly all have a post in the very body. Only the others are worth a whole look.
	doubtful, err := pg.All[Seat](r.Query(ctx, `
		SELECT s.person, s.agency FROM unnest(@persons::uuid[], @agencies::text[]) AS s (person, agency)
		WHERE NOT EXISTS (SELECT FROM directory.post p
			JOIN directory.position_right pr ON pr.position = p.position AND pr.right_key = @right
				AND pr.valid_from <= @day AND (pr.valid_to IS NULL OR pr.valid_to > @day)
			WHERE p.person_id = s.person AND p.agency_id = s.agency AND p.valid_from <= @day AND (p.valid_to IS NULL OR p.valid_to > @day))`,
		pgx.NamedArgs{"persons": persons, "agencies": agencies, "right": right, "day": Day(at)}))
	if err != nil {
		return nil, err
	}
	var out []Seat
	for _, s := range doubtful {
		a, err := b.Actor(ctx, r, s.Person, uuid.Nil, at)
		if err != nil && fault.KindOf(err) != fault.KindNotFound { // nobody of that id may anything
			return nil, err
		}
		if !a.May(right, s.Agency) {
			out = append(out, s)
		}
	}
	return out, nil
}
