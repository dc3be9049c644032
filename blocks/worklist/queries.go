package worklist

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/pg"
)

// Find looks on the actor's desk for what was typed, for the command box: at most n items, those
// due first before the others.
func (b *Block) Find(ctx context.Context, text string, n int) ([]Row, error) {
	who := actor.From(ctx)
	if who.Kind != actor.Official || len(words(text)) == 0 {
		return nil, nil
	}
	page, err := b.Desk(ctx, Filter{Text: text}, "")
	if err != nil {
		return nil, err
	}
	return page.Rows[:min(n, len(page.Rows))], nil
}

// OpenOf lists the open items of a record: on whose desks it is. Whether the reader may see the
// record is the caller's rule.
func OpenOf(ctx context.Context, db pg.Reader, kind string, subject uuid.UUID) ([]Item, error) {
	rows, err := pg.All[stored](db.Query(ctx, `SELECT id, kind, subject, slot, agency, person, right_key, what, who, sender,
		code, why, step, priority, href, started_at, due_at
		FROM worklist.item WHERE subject = $1 AND kind = $2 AND done_at IS NULL ORDER BY slot`, subject, kind))
	if err != nil {
		return nil, fmt.Errorf("reading the desks of %s %s: %w", kind, subject, err)
	}
	items := make([]Item, len(rows))
	for i, r := range rows {
		items[i] = r.item()
	}
	return items, nil
}

// The reads below are for the watchdog, which proves that nothing is forgotten.

// Load is how much lies on one desk.
type Load struct {
	Agency string
	Person *uuid.UUID // nil: the office's desk for Right
	Right  string
	Open   int
	Late   int
	Oldest time.Time // the earliest due time
}

// Loads lists every desk on which something lies. Who reads it checks that each desk has somebody
// at it: a person still in post, an office with a holder of the right.
func (b *Block) Loads(ctx context.Context) ([]Load, error) {
	loads, err := pg.All[Load](b.db.Query(ctx, `SELECT agency, person, right_key AS right, count(*) AS open,
		count(*) FILTER (WHERE due_at < @now) AS late, min(due_at) AS oldest
		FROM worklist.item WHERE done_at IS NULL GROUP BY 1, 2, 3 ORDER BY oldest`, pgx.NamedArgs{"now": b.clock.Now()}))
	if err != nil {
		return nil, fmt.Errorf("reading the load of all desks: %w", err)
	}
	return loads, nil
}

// Forgotten tells which of the given records, which their module holds for unfinished, lie on
// nobody's desk.
func (b *Block) Forgotten(ctx context.Context, kind string, subjects []uuid.UUID) ([]uuid.UUID, error) {
	ids, err := pg.Values[uuid.UUID](b.db.Query(ctx, `SELECT s FROM unnest($2::uuid[]) AS s
		WHERE NOT EXISTS (SELECT FROM worklist.item WHERE subject = s AND kind = $1 AND done_at IS NULL)`, kind, subjects))
	if err != nil {
		return nil, fmt.Errorf("looking for forgotten %s: %w", kind, err)
	}
	return ids, nil
}

// exportMost is how many rows an export has at most.
const exportMost = 10_000

// Export lists all that the filter leaves, up to 10,000 rows, and notes that it left the house.
func (b *Block) Export(ctx context.Context, f Filter) ([]Row, error) {
	var out []Row
	ids := []string{}
	for key := ""; ; {
		p, err := b.Desk(ctx, f, key)
		if err != nil {
			return nil, err
		}
		for _, r := range p.Rows {
			ids = append(ids, r.Subject.String())
		}
		out = append(out, p.Rows...)
		if key = p.Next; key == "" || len(out) >= exportMost {
			break
		}
	}
	if err := b.book.NoteRead(ctx, "worklist.desk.export", "", map[string]any{"rows": len(out), "subjects": ids}); err != nil {
		return nil, err
	}
	return out, nil
}
