// Package jobs is work that happens after a transaction: River on the same PostgreSQL. A job is
// added inside an act (audit.Act.Job) and exists if and only if the act does. Running a job twice
// must do no harm: a crash may repeat it, never lose it.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"datmui/kit/actor"
	"datmui/kit/trace"
)

// Client adds jobs and, when started, works them.
type Client = river.Client[pgx.Tx]

// Set collects the workers and the timetable of all modules before the client is made.
type Set struct {
	workers  *river.Workers
	periodic []*river.PeriodicJob
	any      bool
	untimed  bool
	tracer   *trace.Tracer
}

// Trace lets every job be traced; nil means none is.
func (s *Set) Trace(t *trace.Tracer) { s.tracer = t }

// Untimed leaves the timetable out: jobs run only when an act adds them. It is for a clock that is set
// by hand, which a timetable of real time would race.
func (s *Set) Untimed() { s.untimed = true }

// NewSet returns an empty set.
func NewSet() *Set { return &Set{workers: river.NewWorkers()} }

type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	fn    func(context.Context, T) error
	limit time.Duration
	set   *Set
}

func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	ctx, span := trace.Start(w.set.tracer.Into(ctx), job.Kind, trace.Consumer)
	err := w.fn(actor.With(ctx, actor.ForSystem(job.Kind)), job.Args)
	span.End(err != nil)
	return err
}

func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.limit }

// On says which function works the jobs of one kind. It runs as the system actor of that name.
func On[T river.JobArgs](s *Set, fn func(ctx context.Context, args T) error) {
	OnFor(s, time.Minute, fn)
}

// OnFor is On for jobs that may run as long as limit.
func OnFor[T river.JobArgs](s *Set, limit time.Duration, fn func(ctx context.Context, args T) error) {
	river.AddWorker(s.workers, &worker[T]{fn: fn, limit: limit, set: s})
	s.any = true
}

// Every adds args each d, and once at start. The job must catch up by state ("all that are due"),
// not by tick: after a crash some ticks may be missing.
func (s *Set) Every(d time.Duration, args river.JobArgs) {
	s.periodic = append(s.periodic, river.NewPeriodicJob(river.PeriodicInterval(d),
		func() (river.JobArgs, *river.InsertOpts) { return args, &river.InsertOpts{MaxAttempts: 1} },
		&river.PeriodicJobOpts{RunOnStart: true}))
}

// NewClient makes a client. With work it also works jobs once started; without, it only adds them.
func NewClient(pool *pgxpool.Pool, s *Set, log *slog.Logger, work bool) (*Client, error) {
	c := &river.Config{Logger: slog.New(quiet{log.Handler()}), Workers: s.workers, MaxAttempts: 25, RescueStuckJobsAfter: stuck}
	if work && s.any {
		c.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8}}
		if !s.untimed {
			c.PeriodicJobs = s.periodic
		}
		// Each transaction that notifies takes a database-wide lock at commit: polling costs less.
		c.PollOnly = true
		c.ReindexerSchedule = river.NeverSchedule() // the app does not own the indexes
		c.FetchPollInterval = 500 * time.Millisecond
	}
	client, err := river.NewClient(riverpgxv5.New(pool), c)
	if err != nil {
		return nil, fmt.Errorf("making the job client: %w", err)
	}
	return client, nil
}

// stuck is when a job that was being worked by a process that died is worked again: longer than the
// minute a job may take, so short that a citizen waits for no paper because of a crash. River leaves
// jobs alone that may run longer until their own time is over.
const stuck = 2 * time.Minute

// quiet passes on warnings and errors only: River tells of each tick at lower levels.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}
