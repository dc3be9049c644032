package exchange

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/pg"
)

// due is a record that something is owed of.
type due struct {
	Code      string
	Told      int
	Again     int
	Tries     int
	ChangedAt time.Time
}

// push takes what is due for itself and tells it, record by record; within one in order, and no
// further than the first failure.
func (b *Block) push(ctx context.Context) error {
	peer, now := b.c.Peer.Name(), b.c.Clock.Now()
	some, err := pg.Value[bool](b.c.DB.Query(ctx, `SELECT EXISTS (SELECT FROM exchange.record WHERE changed_at IS NOT NULL AND NOT dead AND next_at <= $1)`, now))
	if err != nil || !some {
		return err
	}
	var list []due
	err = b.c.Book.Batch(ctx, "exchange.claim", peer, func(ctx context.Context, tx pgx.Tx) (int64, error) {
		list, err = pg.All[due](tx.Query(ctx, `UPDATE exchange.record SET next_at = @until WHERE (peer, code) IN (
				SELECT peer, code FROM exchange.record WHERE changed_at IS NOT NULL AND NOT dead AND next_at <= @now AND peer = @peer
				ORDER BY next_at LIMIT @most FOR UPDATE SKIP LOCKED)
			RETURNING code, told, again, tries, changed_at`,
			pgx.NamedArgs{"until": now.Add(claimed), "now": now, "peer": peer, "most": atOnce}))
		return int64(len(list)), err
	})
	if err != nil {
		return fmt.Errorf("taking what is due: %w", err)
	}
	var wait sync.WaitGroup
	faults := make([]error, len(list))
	places := make(chan struct{}, 4)
	for i, d := range list {
		wait.Add(1)
		places <- struct{}{}
		go func() {
			defer func() { <-places; wait.Done() }()
			faults[i] = b.tell(ctx, d)
		}()
	}
	wait.Wait()
	return errors.Join(faults...)
}

// told is a message with what became of it.
type told struct {
	Message
	err error
}

// tell sends what is owed of one record and writes down how far it came.
func (b *Block) tell(ctx context.Context, d due) error {
	owed, err := b.c.Source.Owed(ctx, d.Code, d.Told, d.Again)
	if err != nil {
		return fmt.Errorf("what is owed of %s: %w", d.Code, err)
	}
	var sent []told
	var failure error
	for _, m := range owed.Messages {
		failure = b.c.Peer.Send(ctx, d.Code, m)
		sent = append(sent, told{m, failure})
		if failure != nil {
			break
		}
		d.Told = m.Seq
	}
	if ctx.Err() != nil {
		return nil // the program ends: it is tried again
	}
	return b.c.Book.Act(ctx, "exchange.push", func(ctx context.Context, act *audit.Act) error {
		persons := owed.Persons
		if len(sent) == 0 { // nothing of hers went out
			persons = nil
		}
		act.About("exchange.record", d.Code, persons...)
		act.Note("peer", b.c.Peer.Name())
		act.Note("messages", len(sent))
		for _, t := range sent {
			note := "200"
			if t.err != nil {
				note = short(t.err)
			}
			act.Queue(`INSERT INTO exchange.sent (id, peer, code, seq, op, ok, note, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
				newID(), b.c.Peer.Name(), d.Code, t.Seq, t.Op, t.err == nil, note, act.At)
		}
		args := pgx.NamedArgs{"peer": b.c.Peer.Name(), "code": d.Code, "agency": owed.Agency, "href": owed.Href, "told": d.Told, "changed": d.ChangedAt, "at": act.At}
		if failure == nil {
			act.Queue(`UPDATE exchange.record SET agency = @agency, href = @href, told = @told, tries = 0, next_at = @at, error = '', synced_at = @at,
				changed_at = CASE WHEN changed_at = @changed THEN NULL ELSE changed_at END WHERE peer = @peer AND code = @code`, args)
			return nil
		}
		act.Note("failed", short(failure))
		refused, forgotten := errors.As(failure, new(Refused)), errors.As(failure, new(Forgotten))
		if forgotten {
			args["told"] = 0
		}
		args["tries"] = d.Tries + 1
		args["dead"] = refused || d.Tries+1 >= patience
		args["next"] = act.At.Add(wait(d.Tries + 1))
		args["error"] = short(failure)
		act.Queue(`UPDATE exchange.record SET agency = @agency, href = @href, told = @told, tries = @tries, dead = @dead, next_at = @next, error = @error,
			failed_at = @at WHERE peer = @peer AND code = @code`, args)
		return nil
	})
}

// wait is how long to wait after so many failures in a row.
func wait(tries int) time.Duration {
	d := first
	for range tries - 1 {
		if d *= 2; d >= longest {
			return longest
		}
	}
	return d
}

// short is a failure in few words: what a peer answers may be long.
func short(err error) string {
	text := []rune(err.Error())
	return string(text[:min(len(text), 200)])
}
