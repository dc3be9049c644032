package audit

import (
	"cmp"
	"context"
	"fmt"
	"maps"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"golang.org/x/mod/sumdb/note"

	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
)

// Jobs is the part of the job client that an act needs.
type Jobs interface {
	InsertManyFastTx(ctx context.Context, tx pgx.Tx, params []river.InsertManyParams) (int, error)
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
	Key    string        // verifier key of the checkpoints, shown to strangers; "" means that it is not known here

	Witnesses     []string // addresses to which each checkpoint is posted; nil means none
	PersonalYears int      // after so many years personal details of entries are blanked; 0 means never
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
	key    string

	witnesses     []string
	personalYears int
}

// New opens the Book.
func New(c Config) *Book {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	return &Book{db: c.App, reader: c.Reader, clock: c.Clock, jobs: c.Jobs, signer: c.Signer,
		origin: cmp.Or(c.Origin, "datmui"), keep: c.Keep, key: c.Key,
		witnesses: c.Witnesses, personalYears: c.PersonalYears}
}

// UseJobs sets the job client, which itself is made of the modules that hold the Book.
func (b *Book) UseJobs(j Jobs) { b.jobs = j }

// Clock is what the Book reads its times from.
func (b *Book) Clock() clock.Clock { return b.clock }

// Concerned is implemented by what a Read returns, to say whose record it is.
type Concerned interface{ AuditPersons() []uuid.UUID }

// Coded is implemented by what a Read returns where people know the record by a code, as a
// dossier: entries name it by that, not by the id of its row.
type Coded interface{ AuditCode() string }

// Described is implemented by what a Read returns, to say in few words which record it is, as the
// name of a file. Retention may blank it.
type Described interface{ AuditAbout() string }

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
	e := Entry{Name: name, SubjectID: id.String(), Persons: persons}
	if c, ok := any(v).(Coded); ok {
		e.SubjectID = c.AuditCode()
	}
	if d, ok := any(v).(Described); ok {
		e.Private = map[string]any{"about": d.AuditAbout()}
	}
	if err := b.noteRead(ctx, e); err != nil {
		var zero T
		return zero, err
	}
	return v, nil
}

// NoteRead writes the access entry alone: for searches by a personal number, exports and streams.
func (b *Book) NoteRead(ctx context.Context, name, subject string, detail map[string]any, persons ...uuid.UUID) error {
	return b.noteRead(ctx, Entry{Name: name, SubjectID: subject, Persons: persons, Detail: detail})
}

func (b *Book) noteRead(ctx context.Context, e Entry) error {
	if why, ok := ctx.Value(purposeKey{}).(string); ok {
		e.Private = maps.Clone(e.Private) // free text, which may name somebody: retention may blank it
		if e.Private == nil {
			e.Private = map[string]any{}
		}
		e.Private["purpose"] = why
	}
	e.Kind, e.At, e.Actor, e.SubjectKind, e.Request = KindRead, b.clock.Now(), actor.From(ctx), e.Name, requestOf(ctx)
	sql, args, err := insertEntry(e)
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
