package partners

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"datmui/blocks/partners/webhook"
	"datmui/kit/fault"
	"datmui/kit/jobs"
	"datmui/kit/pg"
)

// Deliver sends one message to a hook.
type Deliver struct {
	Delivery uuid.UUID `json:"delivery"`
}

func (Deliver) Kind() string { return "partners.deliver" }

// deliverOpts let a hook be away for about two days: River waits longer each time.
var deliverOpts = &river.InsertOpts{MaxAttempts: 18}

// Jobs registers the work of this block.
func (b *Block) Jobs(s *jobs.Set) { jobs.On(s, b.deliver) }

// deliver posts a message. It may come twice; its id tells.
func (b *Block) deliver(ctx context.Context, job Deliver) error {
	type message struct {
		Hook   uuid.UUID
		URL    string
		Secret []byte
		Body   string
		Tries  int
	}
	m, err := pg.One[message](b.db.Query(ctx, `SELECT h.id AS hook, h.url, h.secret, d.body, d.tries FROM partners.delivery d JOIN partners.hook h ON h.id = d.hook
		WHERE d.id = $1 AND d.delivered_at IS NULL AND h.dropped_at IS NULL`, job.Delivery))
	if fault.KindOf(err) == fault.KindNotFound {
		return nil // sent already, or nobody waits for it
	}
	if err != nil {
		return err
	}
	secret, err := b.seal.Open(nil, nil, m.Secret, m.Hook[:])
	if err != nil {
		return fmt.Errorf("opening the secret of a hook: was the master key changed? %w", err)
	}
	status, failed := b.hooks.Post(ctx, webhook.Message{ID: job.Delivery.String(), To: m.URL, At: b.clock.Now(), Body: m.Body, Secret: secret})
	why := ""
	if failed != nil {
		why = failed.Error()
	}
	note := b.book.Batch(ctx, "partners.delivered", job.Delivery.String(), func(ctx context.Context, tx pgx.Tx) (int64, error) {
		_, err := tx.Exec(ctx, `UPDATE partners.delivery SET tries = tries + 1, last_status = @status, last_error = @why,
			delivered_at = CASE WHEN @why = '' THEN @at::timestamptz END WHERE id = @id`,
			pgx.NamedArgs{"id": job.Delivery, "status": status, "why": why, "at": b.clock.Now()})
		if err == nil && status == webhook.Gone {
			_, err = tx.Exec(ctx, `UPDATE partners.hook SET dropped_at = coalesce(dropped_at, $2) WHERE id = $1`, m.Hook, b.clock.Now())
		}
		return 1, err
	})
	if status == webhook.Gone {
		failed = nil // it asks not to be told any more
	}
	return errors.Join(note, failed)
}
