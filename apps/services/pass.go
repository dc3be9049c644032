package services

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/partners"
	"datmui/blocks/pay"
	"datmui/kit/pg"
)

// PassOn tells partners what moved in the dossiers they filed. It reads the control slips and so
// costs the acts nothing.
type PassOn struct{}

func (PassOn) Kind() string { return "services.pass-on" }

// passedAtOnce is how many dossiers are looked at in one round.
const passedAtOnce = 500

// Moved is what a partner is told: nothing personal, for it goes over other people's networks.
type Moved struct {
	Event string     `json:"event" enum:"dossier.moved"`
	Code  string     `json:"code" doc:"Code of the dossier"`
	N     int        `json:"n" doc:"Number of the move, from 1 on; messages may come in another order"`
	From  State      `json:"from" doc:"State before, 0 before the first move"`
	To    State      `json:"to" doc:"State after: one of the ten national codes"`
	At    time.Time  `json:"at"`
	Due   *time.Time `json:"due,omitempty" doc:"The promised time, where one holds"`
}

// Paid is what a partner is told when the money for a bill is there.
type Paid struct {
	Event  string    `json:"event" enum:"dossier.paid"`
	Code   string    `json:"code" doc:"Code of the dossier"`
	Bill   uuid.UUID `json:"bill" format:"uuid"`
	Amount int64     `json:"amount" doc:"đồng"`
	At     time.Time `json:"at"`
}

// tellPaid tells the partner that filed a dossier, if one did, that its bill is paid.
func (m *Module) tellPaid(ctx context.Context, act *audit.Act, d *Dossier, b pay.Bill) error {
	body, err := json.Marshal(Paid{"dossier.paid", d.Code, b.ID, b.Amount, act.At})
	if err != nil {
		return err
	}
	return m.partners.Tell(ctx, act, dossierKind, partners.ScopePay, partners.News{Subject: d.ID, Event: "dossier.paid", Body: body})
}

func (m *Module) passOn(ctx context.Context, _ PassOn) error { return m.PassOn(ctx) }

// PassOn passes on all moves that partners have not been told of. It may run as often as one likes.
func (m *Module) PassOn(ctx context.Context) error {
	after := uuid.Nil
	for {
		list, err := m.partners.Waiting(ctx, dossierKind, after, passedAtOnce)
		if err != nil {
			return fmt.Errorf("listing what partners wait for: %w", err)
		}
		ids, told := make([]uuid.UUID, len(list)), make([]int, len(list))
		codes := make(map[uuid.UUID]string, len(list))
		for i, x := range list {
			ids[i], told[i], codes[x.Subject], after = x.Subject, x.Told, x.Code, x.Subject
		}
		type line struct {
			Dossier uuid.UUID
			N       int
			From    State
			To      State
			At      time.Time
			Due     *time.Time
			Last    bool
		}
		moves, err := pg.All[line](m.db.Query(ctx, `SELECT v.dossier_id AS dossier, v.n, coalesce(v.from_state, 0) AS "from", v.to_state AS "to", v.at, d.due_at AS due,
				v.n = d.moves AND d.state IN (3, 7, 10) AS last
			FROM unnest(@ids::uuid[], @told::int[]) AS w (id, told) JOIN services.dossier d ON d.id = w.id
			JOIN services.move v ON v.dossier_id = w.id AND v.n > w.told ORDER BY v.dossier_id, v.n`, pgx.NamedArgs{"ids": ids, "told": told}))
		if err != nil {
			return fmt.Errorf("reading what moved: %w", err)
		}
		news := make([]partners.News, len(moves))
		for i, v := range moves {
			body, err := json.Marshal(Moved{"dossier.moved", codes[v.Dossier], v.N, v.From, v.To, v.At, v.Due})
			if err != nil {
				return err
			}
			news[i] = partners.News{Subject: v.Dossier, N: v.N, Event: "dossier.moved", Body: body, Last: v.Last}
		}
		if err := m.partners.Pass(ctx, dossierKind, news); err != nil || len(list) < passedAtOnce {
			return err
		}
	}
}
