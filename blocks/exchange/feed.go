package exchange

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/kit/fault"
	"datmui/kit/pg"
)

// readAtOnce is how many places of the log are read at a time; a stretch without anything for us is
// remembered only when it is so long.
const readAtOnce = 5000

// read marks the records that have changed since the log was last read. Sealed entries have an order
// in which nothing comes late.
func (b *Block) read(ctx context.Context) error {
	peer := b.c.Peer.Name()
	for {
		at, err := pg.One[struct {
			Seq     int64
			BeganAt time.Time
		}](b.c.DB.Query(ctx, `SELECT seq, began_at FROM exchange.cursor WHERE peer = $1`, peer))
		if fault.KindOf(err) == fault.KindNotFound {
			return b.begin(ctx, peer)
		} else if err != nil {
			return fmt.Errorf("reading how far the log was read: %w", err)
		}
		changes, err := b.c.Book.Changes(ctx, b.c.About, b.c.Noting, at.Seq, at.BeganAt, readAtOnce)
		if err != nil {
			return err
		}
		if len(changes.Subjects) == 0 && changes.Upto-at.Seq < readAtOnce {
			return nil
		}
		err = b.c.Book.Batch(ctx, "exchange.read", fmt.Sprintf("%d–%d", at.Seq, changes.Upto), func(ctx context.Context, tx pgx.Tx) (int64, error) {
			tag, err := tx.Exec(ctx, `UPDATE exchange.cursor SET seq = $2 WHERE peer = $1 AND seq = $3`, peer, changes.Upto, at.Seq)
			if err != nil || tag.RowsAffected() == 0 { // another process was faster
				return 0, err
			}
			return b.mark(ctx, tx, changes.Subjects)
		})
		if err != nil {
			return fmt.Errorf("marking what has changed: %w", err)
		}
		if changes.Upto-at.Seq < readAtOnce {
			return nil
		}
	}
}

// begin remembers from when on the peer is told.
func (b *Block) begin(ctx context.Context, peer string) error {
	return b.c.Book.Batch(ctx, "exchange.begin", peer, func(ctx context.Context, tx pgx.Tx) (int64, error) {
		tag, err := tx.Exec(ctx, `INSERT INTO exchange.cursor (peer, seq, began_at) SELECT $1, coalesce((SELECT seq FROM audit.leaf ORDER BY seq DESC LIMIT 1), -1), $2
			ON CONFLICT DO NOTHING`, peer, b.c.Clock.Now())
		return tag.RowsAffected(), err
	})
}

// mark says of records that something is owed.
func (b *Block) mark(ctx context.Context, tx pgx.Tx, codes []string) (int64, error) {
	tag, err := tx.Exec(ctx, `INSERT INTO exchange.record AS r (peer, code, changed_at, next_at) SELECT $1, code, $3, $3 FROM unnest($2::text[]) AS code
		ON CONFLICT (peer, code) DO UPDATE SET changed_at = excluded.changed_at, dead = false,
			tries = CASE WHEN r.dead THEN 0 ELSE r.tries END, next_at = CASE WHEN r.tries > 0 AND NOT r.dead THEN r.next_at ELSE excluded.next_at END`,
		b.c.Peer.Name(), codes, b.c.Clock.Now())
	return tag.RowsAffected(), err
}

// EnrolFirst is Enrol where the peer has not been told of anything yet.
func (b *Block) EnrolFirst(ctx context.Context, codes []string) error {
	if !b.On() {
		return nil
	}
	any, err := pg.Value[bool](b.c.DB.Query(ctx, `SELECT EXISTS (SELECT FROM exchange.record WHERE peer = $1)`, b.c.Peer.Name()))
	if err != nil || any {
		return err
	}
	return b.Enrol(ctx, codes)
}

// Enrol has the peer told of records that were there before the exchange began.
func (b *Block) Enrol(ctx context.Context, codes []string) error {
	if !b.On() || len(codes) == 0 {
		return nil
	}
	return b.c.Book.Batch(ctx, "exchange.enrol", fmt.Sprint(len(codes)), func(ctx context.Context, tx pgx.Tx) (int64, error) {
		return b.mark(ctx, tx, codes)
	})
}
