package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/trace"
)

// Act is one named change: an open transaction that knows who, when and why. It begins with its
// first statement, so an act that only queues is one round trip in all.
type Act struct {
	Name  string
	Actor actor.Actor
	At    time.Time // the time of every row and notice of this act

	conn    *pgxpool.Conn
	queued  []statement
	jobs    []river.InsertManyParams
	entry   Entry
	touched bool
	failed  error
}

type statement struct {
	sql  string
	args []any
}

// About says what the entry is about and whose record it touches.
func (a *Act) About(kind string, id any, persons ...uuid.UUID) {
	a.entry.SubjectKind, a.entry.SubjectID = kind, fmt.Sprint(id)
	for _, p := range persons {
		if p != uuid.Nil {
			a.entry.Persons = append(a.entry.Persons, p)
		}
	}
}

// Note keeps a small detail in the entry for ever. No secrets and nothing personal: use
// NotePersonal for what names or describes somebody.
func (a *Act) Note(key string, value any) {
	if a.entry.Detail == nil {
		a.entry.Detail = map[string]any{}
	}
	a.entry.Detail[key] = value
}

// NotePersonal keeps a detail that retention may blank later.
func (a *Act) NotePersonal(key string, value any) {
	if a.entry.Private == nil {
		a.entry.Private = map[string]any{}
	}
	a.entry.Private[key] = value
}

// VisibleFrom delays when the persons concerned are told, where the law says so.
func (a *Act) VisibleFrom(t time.Time) { a.entry.VisibleFrom = t }

// Queue adds a statement that is sent with the entry and the commit in one round trip at the
// end. Use it on hot paths for statements whose answer is not needed.
func (a *Act) Queue(sql string, args ...any) { a.queued = append(a.queued, statement{sql, args}) }

// Fail makes the act fail at its end with the first error given: for helpers that queue and have
// nothing to hand back.
func (a *Act) Fail(err error) {
	if a.failed == nil {
		a.failed = err
	}
}

// Job adds a job that exists if and only if the act does.
func (a *Act) Job(args river.JobArgs, opts *river.InsertOpts) {
	a.jobs = append(a.jobs, river.InsertManyParams{Args: args, InsertOpts: opts})
}

// Act runs fn as the named act of the context's actor. Deadlocks and serialisation faults run fn
// again, up to three times in all: it may touch nothing but the act and its own result.
func (b *Book) Act(ctx context.Context, name string, fn func(ctx context.Context, act *Act) error, opts ...Option) (err error) {
	ctx, span := trace.Start(ctx, name, trace.Internal)
	defer func() { span.End(err != nil) }()
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	if err = o.check(); err != nil {
		return err
	}
	for try := 1; ; try++ {
		err = b.try(ctx, name, fn, o)
		if err != nil && o.once != nil {
			// A second send fails on its own first success (state moved on, or the once row is
			// there): what counts then is the first answer.
			switch known, onceErr := b.recall(ctx, name, o.once); {
			case onceErr != nil:
				return onceErr
			case known:
				return nil
			}
		}
		if err == nil || try == 3 || !again(err) {
			return err
		}
	}
}

func (b *Book) try(ctx context.Context, name string, fn func(context.Context, *Act) error, o options) (err error) {
	conn, err := b.db.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("acquiring a connection: %w", err)
	}
	defer conn.Release()
	act := &Act{Name: name, Actor: actor.From(ctx), At: b.clock.Now(), conn: conn}
	defer func() {
		if p := recover(); p != nil {
			act.abort()
			panic(p)
		}
		if err != nil {
			act.abort()
		}
	}()
	if err := fn(ctx, act); err != nil {
		return err
	}
	if act.failed != nil {
		return act.failed
	}
	return b.finish(ctx, act, o)
}

// finish sends the queued statements, the entry, the once row and COMMIT in one round trip.
func (b *Book) finish(ctx context.Context, act *Act, o options) error {
	if len(act.jobs) > 0 {
		if b.jobs == nil {
			return errors.New("audit: a job was added but the book has no job client")
		}
		if _, err := b.jobs.InsertManyFastTx(ctx, jobTx{act}, act.jobs); err != nil {
			return fmt.Errorf("adding jobs: %w", err)
		}
	}
	if f := act.Actor.For.ID; f != uuid.Nil { // who acts for another does it before both
		act.Note("for", f)
		act.entry.Persons = append(act.entry.Persons, f)
	}
	e := act.entry
	e.Kind, e.Name, e.At, e.Actor, e.Request = KindAct, act.Name, act.At, act.Actor, requestOf(ctx)
	batch := &pgx.Batch{}
	if !act.touched {
		batch.Queue("begin")
	}
	for _, s := range act.queued {
		batch.Queue(s.sql, s.args...)
	}
	sql, args, err := insertEntry(e)
	if err != nil {
		return err
	}
	batch.Queue(sql, args...)
	if o.once != nil {
		sql, args, err := o.once.insert(act)
		if err != nil {
			return err
		}
		batch.Queue(sql, args...)
	}
	batch.Queue("commit")
	act.touched = true
	return act.conn.SendBatch(ctx, batch).Close()
}

func (a *Act) abort() {
	if a.conn.Conn().PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := a.conn.Exec(ctx, "rollback"); err != nil {
		_ = a.conn.Conn().Close(ctx) // a connection in an unknown state must not return to the pool
	}
}

// begin sends BEGIN alone, where it cannot go together with the first statement.
func (a *Act) begin(ctx context.Context) error {
	if a.touched {
		return nil
	}
	a.touched = true
	if _, err := a.conn.Exec(ctx, "begin"); err != nil {
		return fmt.Errorf("beginning: %w", err)
	}
	return nil
}

// first sends BEGIN and the act's first statement in one round trip; the caller reads the answer
// and closes the batch.
func (a *Act) first(ctx context.Context, sql string, args []any) (pgx.BatchResults, error) {
	a.touched = true
	batch := &pgx.Batch{}
	batch.Queue("begin")
	batch.Queue(sql, args...)
	answers := a.conn.SendBatch(ctx, batch)
	if _, err := answers.Exec(); err != nil {
		return nil, errors.Join(err, answers.Close())
	}
	return answers, nil
}

// firstRows are the rows of a first statement.
type firstRows struct {
	pgx.Rows
	batch pgx.BatchResults
}

func (r firstRows) Close() {
	r.Rows.Close()
	_ = r.batch.Close() // its error is that of the rows
}

// again says whether running the act once more may succeed.
func again(err error) bool {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return false
	}
	return e.Code == "40001" || e.Code == "40P01" || (e.Code == "23505" && e.ConstraintName == "once_pkey")
}

// The rest makes Act a pgx.Tx. Commit and Rollback belong to the Book alone.

var _ pgx.Tx = (*Act)(nil)

func (a *Act) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if a.touched {
		return a.conn.Query(ctx, sql, args...)
	}
	batch, err := a.first(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	rows, err := batch.Query()
	if err != nil {
		return nil, errors.Join(err, batch.Close())
	}
	return firstRows{rows, batch}, nil
}

func (a *Act) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if err := a.begin(ctx); err != nil {
		return failedRow{err}
	}
	return a.conn.QueryRow(ctx, sql, args...)
}

func (a *Act) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if a.touched {
		return a.conn.Exec(ctx, sql, args...)
	}
	batch, err := a.first(ctx, sql, args)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := batch.Exec()
	return tag, cmp.Or(err, batch.Close())
}

func (a *Act) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if err := a.begin(ctx); err != nil {
		return failedBatch{err}
	}
	return a.conn.SendBatch(ctx, b)
}

func (a *Act) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, src pgx.CopyFromSource) (int64, error) {
	if err := a.begin(ctx); err != nil {
		return 0, err
	}
	return a.conn.CopyFrom(ctx, table, columns, src)
}

func (a *Act) Begin(context.Context) (pgx.Tx, error) {
	return nil, errors.New("audit: an act is one transaction, without savepoints")
}

func (a *Act) Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	return a.conn.Conn().Prepare(ctx, name, sql)
}

func (a *Act) Conn() *pgx.Conn                { return a.conn.Conn() }
func (a *Act) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }
func (a *Act) Commit(context.Context) error   { return errors.New("audit: only the book commits an act") }
func (a *Act) Rollback(context.Context) error {
	return errors.New("audit: return an error to roll an act back")
}

// jobTx is the transaction that River sees: its rows go with the act's last round trip.
type jobTx struct{ *Act }

func (t jobTx) CopyFrom(_ context.Context, table pgx.Identifier, columns []string, src pgx.CopyFromSource) (int64, error) {
	places := make([]string, len(columns))
	for i := range places {
		places[i] = "$" + strconv.Itoa(i+1)
	}
	// A unique job that waits already is enough.
	sql := "INSERT INTO " + table.Sanitize() + " (" + strings.Join(columns, ", ") + ") VALUES (" + strings.Join(places, ", ") + ") ON CONFLICT DO NOTHING"
	var n int64
	for src.Next() {
		values, err := src.Values()
		if err != nil {
			return 0, err
		}
		t.Queue(sql, values...)
		n++
	}
	return n, src.Err()
}

func (t jobTx) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	t.Queue(sql, args...)
	return pgconn.CommandTag{}, nil
}

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

type failedBatch struct{ err error }

func (b failedBatch) Exec() (pgconn.CommandTag, error) { return pgconn.CommandTag{}, b.err }
func (b failedBatch) Query() (pgx.Rows, error)         { return nil, b.err }
func (b failedBatch) QueryRow() pgx.Row                { return failedRow(b) }
func (b failedBatch) Close() error                     { return b.err }
func (b failedBatch) Tx() pgx.Tx                       { return nil }

// options of an act.
type options struct{ once *once }

func (o options) check() error {
	if o.once != nil && (len(o.once.client) < 8 || len(o.once.client) > 100) {
		return fault.Fields{"client": "invalid"}
	}
	return nil
}

// Option changes how one act is run.
type Option func(*options)
