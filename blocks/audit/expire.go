package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/kit/pg"
)

// Expire is the job that forgets what need no longer be known, each day. Running it twice does
// nothing more.
type Expire struct{}

// Kind names the job.
func (Expire) Kind() string { return "audit.expire" }

const (
	// onceLife is how long a second send gets the first answer. No form stays open longer.
	onceLife = 90 * 24 * time.Hour
	// expireChunk is how many rows one transaction forgets, so that none lasts long.
	expireChunk = 10_000
	// wholeEach is how often everything old is looked through for personal details, not only what
	// came due since the last run: a load may have brought old entries in meanwhile.
	wholeEach = 30 * 24 * time.Hour
)

// Expire forgets answers kept for second sends and, where a period is set, blanks the personal
// details of old entries. Their leaves stay, and the log still verifies.
func (b *Book) Expire(ctx context.Context) error {
	return errors.Join(b.expireOnce(ctx), b.blank(ctx))
}

func (b *Book) expireOnce(ctx context.Context) error {
	before := b.clock.Now().Add(-onceLife)
	for {
		old, err := pg.Value[bool](b.db.Query(ctx, `SELECT EXISTS (SELECT FROM audit.once WHERE at < $1)`, before))
		if err != nil || !old {
			return err
		}
		err = b.Batch(ctx, "audit.once.expire", before.UTC().Format(time.RFC3339), func(ctx context.Context, tx pgx.Tx) (int64, error) {
			tag, err := tx.Exec(ctx, `DELETE FROM audit.once WHERE ctid = ANY (ARRAY(
				SELECT ctid FROM audit.once WHERE at < $1 ORDER BY at LIMIT $2))`, before, expireChunk)
			return tag.RowsAffected(), err
		})
		if err != nil {
			return fmt.Errorf("forgetting answers to second sends: %w", err)
		}
	}
}

// blank takes the personal details out of entries that are older than the period. Entries come
// nearly in order of time, so a daily run reads only the stretch that came due since the last.
func (b *Book) blank(ctx context.Context) error {
	if b.personalYears <= 0 {
		return nil
	}
	now := b.clock.Now()
	before := now.AddDate(-b.personalYears, 0, 0)
	var from, whole *time.Time
	if err := b.db.QueryRow(ctx, `SELECT max(before), max(at) FILTER (WHERE whole) FROM audit.blanked`).Scan(&from, &whole); err != nil {
		return fmt.Errorf("finding the last run: %w", err)
	}
	all := from == nil || whole == nil || now.Sub(*whole) >= wholeEach
	order := "id + 0" // the days since the last run are found by time, not by walking the whole table
	if all {
		from, order = &time.Time{}, "id"
	}
	var total int64
	for after := int64(0); ; {
		// the next stretch is found outside of the transaction that blanks it: most days there is none
		ids, err := pg.Values[int64](b.db.Query(ctx, `SELECT id FROM audit.entry
			WHERE at >= $1 AND at < $2 AND id > $3 AND personal IS NOT NULL ORDER BY `+order+` LIMIT $4`, *from, before, after, expireChunk))
		if err != nil {
			return fmt.Errorf("looking for personal details to blank: %w", err)
		}
		if len(ids) == 0 {
			break
		}
		after = ids[len(ids)-1]
		err = b.Batch(ctx, "audit.personal.blank", before.UTC().Format(time.RFC3339), func(ctx context.Context, tx pgx.Tx) (int64, error) {
			tag, err := tx.Exec(ctx, `UPDATE audit.entry SET personal = NULL WHERE id = ANY($1) AND personal IS NOT NULL`, ids)
			return tag.RowsAffected(), err
		})
		if err != nil {
			return fmt.Errorf("blanking personal details: %w", err)
		}
		total += int64(len(ids))
	}
	_, err := b.db.Exec(ctx, `INSERT INTO audit.blanked (before, whole, entries, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, before, all, total, now)
	return err
}
