package audit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"datmui/blocks/audit/witness"
	"datmui/kit/jobs"
	"datmui/kit/pg"
)

// Witness is the job that shows signed heads to the witnesses outside, every ten seconds. Each
// witness gets every head in order, from the newest one when it is first named. What it did not
// confirm is sent again, by the next run or after a crash, under the same key.
type Witness struct{}

// Kind names the job.
func (Witness) Kind() string { return "audit.witness" }

// InsertOpts lets one run at a time: the next one is not even added while it goes on.
func (Witness) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByState: []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending,
		rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}}}
}

// Jobs adds the block's jobs to the timetable.
func (b *Book) Jobs(s *jobs.Set) {
	jobs.OnFor(s, witnessTime+2*witness.Wait, func(ctx context.Context, _ Witness) error { return b.ShowWitnesses(ctx) })
	jobs.OnFor(s, time.Hour, func(ctx context.Context, _ Expire) error { return b.Expire(ctx) })
	if len(b.witnesses) > 0 {
		s.Every(10*time.Second, Witness{})
	}
	s.Every(24*time.Hour, Expire{})
}

const (
	witnessPage = 100              // heads between two notes of how far a witness has come
	witnessTime = 30 * time.Second // for one run; the next one goes on
)

// ShowWitnesses sends each witness the heads that it has not confirmed. None waits for another.
func (b *Book) ShowWitnesses(ctx context.Context) error {
	until := time.Now().Add(witnessTime)
	faults := make([]error, len(b.witnesses))
	var all sync.WaitGroup
	for i, url := range b.witnesses {
		all.Go(func() {
			for more := true; more && faults[i] == nil && time.Now().Before(until); {
				more, faults[i] = b.show(ctx, url, until)
			}
			if faults[i] != nil {
				faults[i] = fmt.Errorf("showing heads to the witness %s: %w", url, faults[i])
			}
		})
	}
	all.Wait()
	return errors.Join(faults...)
}

// show sends one witness its next heads and says whether there may be others.
func (b *Book) show(ctx context.Context, url string, until time.Time) (more bool, err error) {
	type signed struct {
		ID   int64
		Note string
	}
	heads, err := pg.All[signed](b.db.Query(ctx, `SELECT id, note FROM audit.checkpoint
		WHERE id > coalesce((SELECT max(checkpoint) FROM audit.witnessed WHERE witness = $1), (SELECT max(id) - 1 FROM audit.checkpoint))
		ORDER BY id LIMIT $2`, url, witnessPage))
	if err != nil {
		return false, fmt.Errorf("reading heads: %w", err)
	}
	var seen int64
	for _, h := range heads {
		if time.Now().After(until) {
			break
		}
		if err = witness.Post(ctx, url, h.Note); err != nil {
			break
		}
		seen = h.ID
	}
	if seen > 0 { // what it confirmed counts, also when a later one failed
		_, noted := b.db.Exec(ctx, `INSERT INTO audit.witnessed (witness, checkpoint, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, url, seen, b.clock.Now())
		err = errors.Join(err, noted)
	}
	return len(heads) == witnessPage, err
}

// Witnessed is how far a witness outside has come.
type Witnessed struct {
	Witness string
	Size    int64     // entries under the newest head it confirmed
	At      time.Time // when it did
}

// Witnessed lists what the witnesses that are named now have confirmed.
func (b *Book) Witnessed(ctx context.Context) ([]Witnessed, error) {
	return pg.All[Witnessed](b.reader.Query(ctx, `SELECT DISTINCT ON (w.witness) w.witness, c.size, w.at
		FROM audit.witnessed w JOIN audit.checkpoint c ON c.id = w.checkpoint
		WHERE w.witness = ANY(@named) ORDER BY w.witness, w.checkpoint DESC`, pgx.NamedArgs{"named": b.witnesses}))
}
