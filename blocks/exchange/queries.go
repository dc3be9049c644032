package exchange

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Sync is how far a peer knows a record.
type Sync struct {
	SyncedAt  *time.Time // when it last had all; nil: never yet
	ChangedAt *time.Time // since when something is owed; nil: nothing
	Tries     int
	Dead      bool
	Error     string
}

// Behind says that the peer does not know all and that telling it has failed.
func (s Sync) Behind() bool { return s.ChangedAt != nil && (s.Tries > 0 || s.Dead) }

// SyncOf says how far the peer knows a record; false when the exchange has nothing to do with it.
func (b *Block) SyncOf(ctx context.Context, code string) (Sync, bool, error) {
	if !b.On() {
		return Sync{}, false, nil
	}
	s, err := pg.One[Sync](b.c.DB.Query(ctx, `SELECT synced_at, changed_at, tries, dead, error FROM exchange.record WHERE peer = $1 AND code = $2`, b.c.Peer.Name(), code))
	if fault.KindOf(err) == fault.KindNotFound {
		return Sync{}, false, nil
	}
	return s, err == nil, err
}

// Waiting is a record of which the peer does not know all.
type Waiting struct {
	Code      string
	Agency    string
	Href      string
	ChangedAt time.Time
	Tries     int
	Dead      bool
	Error     string
	NextAt    time.Time
}

// Dispute is a conflict with both sides.
type Dispute struct {
	ID         uuid.UUID
	Code       string
	Agency     string
	Href       string
	Ours       int
	Theirs     int
	TheirsAt   time.Time
	TheirsNote string
	FoundAt    time.Time
	DueAt      time.Time
	Decision   *string
	Reason     string
	DecidedAt  *time.Time
	Mine       bool // the reader may decide it
}

// Queue is the exchange as an official sees it: what is owed and in dispute at her bodies.
type Queue struct {
	On      bool
	Peer    string
	Waiting []Waiting  // those that wait longest first, a page
	Next    string     // key of the next page
	Open    []Dispute  // to be decided, those due first, a page
	Undue   string     // key of the next page of those
	Decided []Dispute  // the last twenty
	Copies  []CopyLine // worked in the other system, what changed last first, a page
	More    string     // key of the next page of copies
	Synced  int        // records of her bodies that the peer knows all of, counted up to 10,000
	Now     time.Time
}

const perPage = 50

// QueueIn says after which keys the lists of the queue go on; "" is the first page.
type QueueIn struct{ Waiting, Conflicts, Copies string }

// Queue reads the exchange of the bodies that the actor watches or decides for.
func (b *Block) Queue(ctx context.Context, in QueueIn) (Queue, error) {
	a := actor.From(ctx)
	bodies, all := a.Where(b.c.Watch)
	decides, everywhere := a.Where(b.c.Decide)
	bodies = append(bodies, decides...)
	if a.Kind != actor.Official || len(bodies) == 0 && !all && !everywhere {
		return Queue{}, fault.Forbidden("exchange.queue")
	}
	q := Queue{On: b.On(), Now: b.c.Clock.Now()}
	if !q.On {
		return q, nil
	}
	q.Peer = b.c.Peer.Name()
	since, code := readKey(in.Waiting)
	args := pgx.NamedArgs{"peer": q.Peer, "all": all || everywhere, "bodies": bodies, "since": since, "code": code, "most": perPage + 1}
	var err error
	if q.Waiting, err = pg.All[Waiting](b.c.DB.Query(ctx, `SELECT code, agency, href, changed_at, tries, dead, error, next_at FROM exchange.record
		WHERE peer = @peer AND changed_at IS NOT NULL AND (@all OR agency = ANY(@bodies)) AND (changed_at, code) > (@since, @code)
		ORDER BY changed_at, code LIMIT @most`, args)); err != nil {
		return q, fmt.Errorf("listing what is owed: %w", err)
	}
	if len(q.Waiting) > perPage {
		q.Waiting = q.Waiting[:perPage]
		last := q.Waiting[perPage-1]
		q.Next = writeKey(last.ChangedAt, last.Code)
	}
	const columns = `id, code, agency, href, ours, theirs, theirs_at, theirs_note, found_at, due_at, decision, reason, decided_at, false AS mine FROM exchange.conflict`
	due, last := readKey(in.Conflicts)
	id, err := uuid.Parse(last)
	if err != nil {
		due = time.Time{} // a broken key is the first page
	}
	args["due"], args["id"] = due, id
	if q.Open, err = pg.All[Dispute](b.c.DB.Query(ctx, `SELECT `+columns+` WHERE decision IS NULL AND (@all OR agency = ANY(@bodies)) AND (due_at, id) > (@due, @id)
		ORDER BY due_at, id LIMIT @most`, args)); err != nil {
		return q, fmt.Errorf("listing conflicts: %w", err)
	}
	if len(q.Open) > perPage {
		q.Open = q.Open[:perPage]
		last := q.Open[perPage-1]
		q.Undue = writeKey(last.DueAt, last.ID.String())
	}
	for i := range q.Open {
		q.Open[i].Mine = a.May(b.c.Decide, q.Open[i].Agency)
	}
	if q.Decided, err = pg.All[Dispute](b.c.DB.Query(ctx, `SELECT `+columns+` WHERE decision IS NOT NULL AND (@all OR agency = ANY(@bodies)) ORDER BY id DESC LIMIT 20`, args)); err != nil {
		return q, fmt.Errorf("listing decisions: %w", err)
	}
	if q.Copies, q.More, err = b.copies(ctx, "(@all OR agency = ANY(@bodies))", in.Copies, pgx.NamedArgs{"all": all || everywhere, "bodies": bodies}); err != nil {
		return q, err
	}
	q.Synced, err = pg.Value[int](b.c.DB.Query(ctx, `SELECT count(*)::int FROM (SELECT FROM exchange.record WHERE peer = @peer AND changed_at IS NULL AND (@all OR agency = ANY(@bodies)) LIMIT 10000) x`, args))
	return q, err
}

func writeKey(at time.Time, code string) string {
	return at.UTC().Format(time.RFC3339Nano) + " " + code
}

func readKey(key string) (time.Time, string) {
	for i := range key {
		if key[i] == ' ' {
			if at, err := time.Parse(time.RFC3339Nano, key[:i]); err == nil {
				return at, key[i+1:]
			}
		}
	}
	return time.Time{}, ""
}

// Sent is one message as it was sent.
type Sent struct {
	Seq  int
	Op   string
	OK   bool `db:"ok"`
	Note string
	At   time.Time
}

// SentOf lists what the peer was last told of a record, the newest first. Whether the reader may see
// the record is the caller's rule.
func (b *Block) SentOf(ctx context.Context, code string) ([]Sent, error) {
	if !b.On() {
		return nil, nil
	}
	return pg.All[Sent](b.c.DB.Query(ctx, `SELECT seq, op, ok, note, at FROM exchange.sent WHERE peer = $1 AND code = $2 ORDER BY id DESC LIMIT 30`, b.c.Peer.Name(), code))
}
