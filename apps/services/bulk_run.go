package services

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// RunBulk is the job that does an order, as far as it comes in its time; then it adds itself again.
// Running it twice does nothing twice: each row is an act that is safe to send again.
type RunBulk struct {
	Bulk uuid.UUID `json:"bulk"`
}

// Kind names the job.
func (RunBulk) Kind() string { return "services.run-bulk" }

const (
	bulkAtOnce  = 100              // rows between two looks at whether to stop
	bulkWorkers = 4                // rows under way at the same time
	bulkTurn    = 30 * time.Second // after which a job makes room for others
	bulkTime    = 5 * time.Minute  // the most a turn may take: a hundred papers are set in the last part of it
)

const bulkKind = "services.bulk"

// bulkRow is a dossier that waits in an order.
type bulkRow struct {
	N         int
	DossierID uuid.UUID
	Moves     int
}

func (m *Module) runBulk(ctx context.Context, job RunBulk) error {
	end := time.Now().Add(bulkTurn) // the machine's own clock: this is about sharing it
	for {
		b, err := pg.One[Bulk](m.db.Query(ctx, `SELECT `+bulkHead+` FROM services.bulk WHERE id = $1`, job.Bulk))
		if err != nil || b.Over() {
			return err
		}
		rows, err := pg.All[bulkRow](m.db.Query(ctx, `SELECT n, dossier_id, moves FROM services.bulk_row WHERE bulk_id = $1 AND state = 'waiting' ORDER BY n LIMIT $2`, b.ID, bulkAtOnce))
		if err != nil {
			return err
		}
		if len(rows) == 0 || b.State == "stopping" {
			return m.endBulk(ctx, b)
		}
		who, err := m.directory.Actor(ctx, m.db, b.Person, b.Post, m.clock.Now())
		if fault.KindOf(err) != "" { // who ordered it is no longer there
			who, err = actor.Actor{ID: b.Person, Kind: actor.Official}, nil
		}
		if err != nil {
			return err
		}
		whys, made, err := m.doRows(actor.With(ctx, who), b, rows)
		if err != nil {
			return err
		}
		again := time.Now().After(end)
		if err := m.noteBulk(ctx, b, rows, whys, made, again); err != nil || again {
			return err
		}
	}
}

// doRows does some rows and says of each why it failed, "" when it did not. Only what is no fault of
// the row, such as a database that is gone, is an error.
func (m *Module) doRows(ctx context.Context, b Bulk, rows []bulkRow) (whys []string, made *files.In, err error) {
	whys = make([]string, len(rows))
	if b.Act == BulkSlips || b.Act == BulkReceipts {
		made, err = m.printRows(ctx, b, rows, whys)
		return whys, made, err
	}
	errs := make([]error, len(rows))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(bulkWorkers, len(rows)) {
		workers.Go(func() {
			for i := range next {
				whys[i], errs[i] = whyFailed(m.doRow(AsSeen(ctx, rows[i].Moves), b, rows[i]))
			}
		})
	}
	for i := range rows {
		next <- i
	}
	close(next)
	workers.Wait()
	return whys, nil, errors.Join(errs...)
}

// doRow is the act on one dossier. Its client number is the order's and the row's: sent again, it
// gives the first answer.
func (m *Module) doRow(ctx context.Context, b Bulk, row bulkRow) error {
	client := uuid.NewSHA1(b.ID, row.DossierID[:]).String()
	switch b.Act {
	case BulkAssign, BulkForward:
		in := ForwardIn{Dossier: row.DossierID, Client: client, To: b.Input.To, Note: b.Input.Note}
		if b.Act == BulkForward {
			return m.Forward(ctx, in)
		}
		err := m.Assign(ctx, in)
		if errors.Is(err, fault.Conflict("services.transition")) { // nobody has it any more: the head gives it out anew
			return m.Forward(ctx, in)
		}
		return err
	case BulkAsk:
		return m.Ask(ctx, AskIn{Dossier: row.DossierID, Client: client, Items: b.Input.Items, Basis: b.Input.Basis})
	}
	return fmt.Errorf("there is no act %q on many dossiers", b.Act)
}

// whyFailed is a fault as a text key that a person may read; what is no fault stays an error.
func whyFailed(err error) (string, error) {
	if err == nil {
		return "", nil
	}
	var e *fault.Error
	if errors.As(err, &e) {
		return string(e.Kind) + "." + e.Key, nil
	}
	var f fault.Fields
	if errors.As(err, &f) {
		for field, code := range f {
			return "services.bulk.field." + strings.ReplaceAll(field, ".", "-") + "." + code, nil
		}
	}
	return "", err
}

// noteBulk writes down what became of some rows, and goes on later where the turn is over.
func (m *Module) noteBulk(ctx context.Context, b Bulk, rows []bulkRow, whys []string, made *files.In, again bool) error {
	return m.book.Act(ctx, "services.bulk.note", func(ctx context.Context, act *audit.Act) error {
		act.About("services.bulk", b.ID)
		if made != nil {
			if _, err := m.files.Put(ctx, act, *made); err != nil {
				return err
			}
		}
		ns, states, failed := make([]int, len(rows)), make([]string, len(rows)), 0
		for i, r := range rows {
			ns[i], states[i] = r.N, "done"
			if whys[i] != "" {
				states[i] = "failed"
				failed++
			}
		}
		act.Note("done", len(rows)-failed)
		act.Note("failed", failed)
		// Another run of the same job may have been here: only what still waited counts.
		act.Queue(`WITH x AS (UPDATE services.bulk_row r SET state = v.state, why = v.why FROM unnest($2::int[], $3::text[], $4::text[]) AS v (n, state, why)
				WHERE r.bulk_id = $1 AND r.n = v.n AND r.state = 'waiting' RETURNING r.state)
			UPDATE services.bulk SET done = done + (SELECT count(*) FROM x WHERE state = 'done'), failed = failed + (SELECT count(*) FROM x WHERE state = 'failed') WHERE id = $1`,
			b.ID, ns, states, whys)
		if again {
			act.Job(RunBulk{Bulk: b.ID}, nil)
		}
		return nil
	})
}

// endBulk ends an order and tells who ordered it.
func (m *Module) endBulk(ctx context.Context, b Bulk) error {
	return m.book.Act(ctx, "services.bulk.end", func(ctx context.Context, act *audit.Act) error {
		act.About("services.bulk", b.ID)
		now, err := pg.One[Bulk](act.Query(ctx, `SELECT `+bulkHead+` FROM services.bulk WHERE id = $1 FOR UPDATE`, b.ID))
		if err != nil || now.Over() {
			return err
		}
		state := "over"
		if now.Done+now.Failed < now.Total {
			state = "stopped"
			act.Queue(`UPDATE services.bulk_row SET state = 'left', why = 'services.bulk.left.stopped' WHERE bulk_id = $1 AND state = 'waiting'`, b.ID)
		}
		act.Queue(`UPDATE services.bulk SET state = @state, ended_at = @at WHERE id = @id`, pgx.NamedArgs{"state": state, "at": act.At, "id": b.ID})
		m.tell(ctx, act, now.Person, BulkOver{Done: now.Done, Failed: now.Failed, Total: now.Total, Path: "/desk/bulks/" + b.ID.String()})
		return nil
	})
}

// mayOpenBulk lets open what an order printed who ordered it, as long as she has the post.
func (m *Module) mayOpenBulk(ctx context.Context, r pg.Reader, a actor.Actor, f files.File) (bool, error) {
	hers, err := pg.Value[bool](r.Query(ctx, `SELECT EXISTS (SELECT FROM services.bulk WHERE id = $1 AND person = $2 AND post = $3)`, f.SubjectID, a.ID, a.PostID))
	return hers && a.Kind == actor.Official, err
}

// RunBulkNow does an order as far as one turn goes, and says whether it is over: for measuring.
func (m *Module) RunBulkNow(ctx context.Context, id uuid.UUID) (over bool, err error) {
	if err := m.runBulk(ctx, RunBulk{Bulk: id}); err != nil {
		return false, err
	}
	b, err := pg.One[Bulk](m.db.Query(ctx, `SELECT `+bulkHead+` FROM services.bulk WHERE id = $1`, id))
	return b.Over(), err
}
