package demo

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/apps/services"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// SignedAtScale1 is how many results are signed when the demonstration begins.
const SignedAtScale1 = 500

// Papers makes the files of the dossiers in flight: the forms that went out, the drafts on the
// leaders' desks, and it has SignedAtScale1 of these signed and numbered by their leaders and
// clerks; at least one in eight stays on the desk. Those are acts of today like any other: nothing is signed as of another day. It takes
// some minutes and may run beside the pages; a later call goes on where it was.
func Papers(ctx context.Context, c LoadConfig) error {
	done, err := pg.Values[string](c.DB.Query(ctx, `SELECT name FROM demo.step WHERE name = 'papers'`))
	if err != nil || len(done) > 0 {
		return err
	}
	if err := signResults(ctx, c); err != nil {
		return fmt.Errorf("signing results: %w", err)
	}
	made, err := c.Services.MakeWaiting(ctx, c.Book.Clock().Now())
	if err != nil {
		return fmt.Errorf("making papers: %w", err)
	}
	return c.Book.Batch(actor.With(ctx, actor.ForSystem("demo")), "demo.load", "papers", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		_, err := tx.Exec(ctx, `INSERT INTO demo.step (name, rows, at) VALUES ('papers', $1, $2) ON CONFLICT DO NOTHING`, made, c.Book.Clock().Now())
		return int64(made), err
	})
}

// signResults drafts every result that lies on a leader's desk, and has most of them signed.
func signResults(ctx context.Context, c LoadConfig) error {
	ids, err := c.Services.Undrafted(ctx)
	if err != nil {
		return err
	}
	signed, err := pg.Value[int](c.DB.Query(ctx, `SELECT count(*)::int FROM services.outgoing WHERE kind = 'result' AND state = 'issued'`))
	if err != nil {
		return err
	}
	most := min(SignedAtScale1-signed, len(ids)-len(ids)/8) // the others stay on the desks, for who tries it
	sessions := map[uuid.UUID]uuid.UUID{}                   // a PIN opens a leader's key for a while
	for i, id := range ids {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		leader, err := c.Services.Draft(ctx, id)
		if err != nil {
			return err
		}
		if c.Sign == nil || most <= 0 || i%20 == 19 { // what is due first is signed first, with a few forgotten
			continue
		}
		most--
		if sessions[leader] == uuid.Nil {
			sessions[leader] = uuid.New()
		}
		if err := signOne(ctx, c, id, leader, sessions[leader]); err != nil {
			return err
		}
	}
	return nil
}

func signOne(ctx context.Context, c LoadConfig, id, leader, session uuid.UUID) error {
	now := c.Book.Clock().Now()
	a, err := c.Directory.Actor(ctx, c.DB, leader, uuid.Nil, now)
	if err != nil {
		return err
	}
	a.Session = session
	if err := c.Services.Sign(actor.With(ctx, a), services.SignIn{Dossier: id, PIN: pinOnce(ctx, c, a), Client: "demo-sign-" + id.String()}); err != nil {
		if fault.KindOf(err) == fault.KindConflict { // somebody at the pages was faster
			return nil
		}
		return err
	}
	body, err := pg.Value[string](c.DB.Query(ctx, `SELECT competent_agency FROM services.dossier WHERE id = $1`, id))
	if err != nil {
		return err
	}
	clerks, err := c.Directory.Receivers(ctx, c.DB, body, services.RightNumber, now)
	if err != nil || len(clerks) == 0 {
		return err
	}
	if a, err = c.Directory.Actor(ctx, c.DB, clerks[0].Person, uuid.Nil, now); err != nil {
		return err
	}
	return c.Services.Number(actor.With(ctx, a), services.NumberIn{Dossier: id, Client: "demo-number-" + id.String()})
}

// pinOnce gives the PIN only while the key is not open.
func pinOnce(ctx context.Context, c LoadConfig, a actor.Actor) string {
	if c.Sign.PINOpen(actor.With(ctx, a)) {
		return ""
	}
	return PIN
}
