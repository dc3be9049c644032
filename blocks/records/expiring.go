package records

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/clock"
	"datmui/kit/pg"
)

// Expiring lists results that still count at a moment and run out before another, those that end
// first; it goes on after a paper and the day on which that ends. For jobs: no person looks at them.
func (b *Block) Expiring(ctx context.Context, now, before time.Time, after Paper, limit int) ([]Paper, error) {
	from := clock.Day(now)
	if after.ValidUntil != nil {
		from = after.ValidUntil.Format(time.DateOnly)
	}
	return pg.All[Paper](b.db.Query(ctx, `SELECT `+paperColumns+` FROM records.paper
		WHERE result AND valid_until IS NOT NULL AND revoked_at IS NULL AND replaced_by IS NULL
		  AND (valid_until, id) > (@from::date, @after) AND valid_until >= @today::date AND valid_until < @before::date
		ORDER BY valid_until, id LIMIT @limit`,
		pgx.NamedArgs{"from": from, "after": after.ID, "today": clock.Day(now), "before": clock.Day(before), "limit": limit}))
}

// Counts says inside an act whether a paper still counts, and keeps it from being revoked meanwhile.
func Counts(ctx context.Context, tx pgx.Tx, paper uuid.UUID, at time.Time) (bool, error) {
	p, err := pg.One[Paper](tx.Query(ctx, `SELECT `+paperColumns+` FROM records.paper WHERE id = $1 FOR SHARE`, paper))
	return err == nil && p.State(at) == Valid, err
}
