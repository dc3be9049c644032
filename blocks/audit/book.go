package audit

import (
	"cmp"
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"golang.org/x/mod/sumdb/note"

	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
)

// Jobs is the part of the job client that an act needs.
type Jobs interface {
	InsertManyTx(ctx context.Context, tx pgx.Tx, params []river.InsertManyParams) ([]*rivertype.JobInsertResult, error)
}

// Config is what the Book needs.
type Config struct {
	App    *pgxpool.Pool // required: connected as the role that may write
	Reader pg.Reader     // required: connected as the role that may only read
	Clock  clock.Clock   // zero means the machine's clock
	Jobs   Jobs          // may be set later with UseJobs
	Signer note.Signer   // signs checkpoints; nil means that this process does not seal
	Origin string        // name of the log in its checkpoints; "" means datmui
	Keep   string        // folder outside the database where checkpoints are kept too; "" means none
}

// Book is the only door to a write.
type Book struct {
	db     *pgxpool.Pool
	reader pg.Reader
	clock  clock.Clock
	jobs   Jobs
	signer note.Signer
	origin string
	keep   string
}

// New opens the Book.
func New(c Config) *Book {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	return &Book{db: c.App, reader: c.Reader, clock: c.Clock, jobs: c.Jobs, signer: c.Signer,
		origin: cmp.Or(c.Origin, "datmui"), keep: c.Keep}
}

// UseJobs sets the job client, which itself is made of the modules that hold the Book.
func (b *Book) UseJobs(j Jobs) { b.jobs = j }

// Clock is what the Book reads its times from.
func (b *Book) Clock() clock.Clock { return b.clock }

// Concerned is implemented by what a Read returns, to say whose record it is.
type Concerned interface{ AuditPersons() []uuid.UUID }

type purposeKey struct{}

// WithPurpose says why the actor reads; it stands in the access entries that follow.
func WithPurpose(ctx context.Context, why string) context.Context {
	return context.WithValue(ctx, purposeKey{}, why)
}

// Read runs fn and writes who read what before the result is handed out: when the entry cannot
// be written, nothing is shown. What fn returns may say whose record it is (Concerned).
func Read[T any](ctx context.Context, b *Book, name string, id uuid.UUID, fn func(pg.Reader) (T, error)) (T, error) {
	v, err := fn(b.reader)
	if err != nil {
		var zero T
		return zero, err
	}
	var persons []uuid.UUID
	if c, ok := any(v).(Concerned); ok {
		persons = c.AuditPersons()
	}
	if err := b.NoteRead(ctx, name, id.String(), nil, persons...); err != nil {
		var zero T
		return zero, err
	}
	return v, nil
}

// NoteRead writes the access entry alone: for searches by a personal number, exports and streams.
func (b *Book) NoteRead(ctx context.Context, name, subject string, detail map[string]any, persons ...uuid.UUID) error {
	who := actor.From(ctx)
	if why, ok := ctx.Value(purposeKey{}).(string); ok {
		if detail == nil {
			detail = map[string]any{}
		}
		detail["purpose"] = why
	}
	if persons == nil {
		persons = []uuid.UUID{}
	}
	sql, args, err := insertEntry(Entry{Kind: KindRead, Name: name, At: b.clock.Now(), Actor: who,
		SubjectKind: name, SubjectID: subject, Persons: persons, Request: requestOf(ctx), Detail: detail})
	if err != nil {
		return err
	}
	if _, err := b.db.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("writing the access entry: %w", err)
	}
	return nil
}

// Batch is the other door: writes that are no acts (reference data, loads, counters). It leaves
// one entry with the number of rows and note, which says what was read (for a file its SHA-256).
func (b *Book) Batch(ctx context.Context, name, note string, fn func(ctx context.Context, tx pgx.Tx) (int64, error)) error {
	return pgx.BeginFunc(ctx, b.db, func(tx pgx.Tx) error {
		rows, err := fn(ctx, tx)
		if err != nil {
			return err
		}
		sql, args, err := insertEntry(Entry{Kind: KindBatch, Name: name, At: b.clock.Now(), Actor: actor.From(ctx),
			Request: requestOf(ctx), Detail: map[string]any{"rows": rows, "note": note}})
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sql, args...)
		return err
	})
}
