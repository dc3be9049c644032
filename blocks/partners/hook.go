package partners

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Hook is an address that is told when a matter of its partner moves.
type Hook struct {
	ID     uuid.UUID
	URL    string
	MadeAt time.Time
}

// mostHooks of one partner.
const mostHooks = 5

// AddHook registers an address of the calling partner and gives the secret with which what is sent
// there is signed, once.
func (b *Block) AddHook(ctx context.Context, address string) (Hook, string, error) {
	address = strings.TrimSpace(address)
	if !isAddress(address, b.local) {
		return Hook{}, "", fault.Fields{"url": "address"}
	}
	raw, _ := newSecret("")
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte(raw))
	h := Hook{ID: uuid.Must(uuid.NewV7()), URL: address}
	return h, secret, b.book.Act(ctx, "partners.hook.add", func(ctx context.Context, act *audit.Act) error {
		partner := act.Actor.Session
		if act.Actor.Kind != actor.Partner || act.Actor.ID != uuid.Nil {
			return fault.Forbidden("partners.hook")
		}
		if _, err := act.Exec(ctx, `SELECT FROM partners.partner WHERE id = $1 FOR UPDATE`, partner); err != nil {
			return err
		}
		there, err := pg.Values[string](act.Query(ctx, `SELECT url FROM partners.hook WHERE partner = $1 AND dropped_at IS NULL`, partner))
		if err != nil {
			return err
		}
		if slices.Contains(there, address) { // sent twice: the secret was shown with the first
			return fault.Conflict("partners.hook")
		}
		if len(there) >= mostHooks {
			return fault.Limit("partners.hooks", "most", mostHooks)
		}
		h.MadeAt = act.At
		act.About("partners.hook", h.ID)
		act.Queue(`INSERT INTO partners.hook (id, partner, url, secret, made_at) VALUES ($1, $2, $3, $4, $5)`,
			h.ID, partner, address, b.seal.Seal(nil, nil, []byte(raw), h.ID[:]), act.At)
		return nil
	})
}

// DropHook ends a hook of the calling partner; what waits for it is not sent any more.
func (b *Block) DropHook(ctx context.Context, id uuid.UUID) error {
	return b.book.Act(ctx, "partners.hook.drop", func(ctx context.Context, act *audit.Act) error {
		if act.Actor.Kind != actor.Partner || act.Actor.ID != uuid.Nil {
			return fault.Forbidden("partners.hook")
		}
		tag, err := act.Exec(ctx, `UPDATE partners.hook SET dropped_at = coalesce(dropped_at, $3) WHERE id = $1 AND partner = $2`, id, act.Actor.Session, act.At)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.NotFound("partners.hook")
		}
		act.About("partners.hook", id)
		return nil
	})
}

// Hooks lists the hooks of a partner: of the calling one, or for who manages them of any.
func (b *Block) Hooks(ctx context.Context, partner uuid.UUID) ([]Hook, error) {
	if a := actor.From(ctx); !mayManage(a) && (a.Kind != actor.Partner || a.Session != partner) {
		return nil, fault.Forbidden("partners.hook")
	}
	return pg.All[Hook](b.db.Query(ctx, `SELECT id, url, made_at FROM partners.hook WHERE partner = $1 AND dropped_at IS NULL ORDER BY made_at`, partner))
}

// Delivery is one message to a hook.
type Delivery struct {
	ID          uuid.UUID
	URL         string
	Event       string
	At          time.Time
	Tries       int
	LastStatus  int
	LastError   string
	DeliveredAt *time.Time
}

// Deliveries are the last messages to a partner's hooks, the newest first.
func (b *Block) Deliveries(ctx context.Context, partner uuid.UUID) ([]Delivery, error) {
	if !mayManage(actor.From(ctx)) {
		return nil, fault.Forbidden("partners.manage")
	}
	return pg.All[Delivery](b.db.Query(ctx, `SELECT d.id, h.url, d.event, d.at, d.tries, d.last_status, d.last_error, d.delivered_at
		FROM partners.hook h CROSS JOIN LATERAL (SELECT * FROM partners.delivery d WHERE d.hook = h.id ORDER BY d.at DESC, d.id DESC LIMIT 20) d
		WHERE h.partner = $1 ORDER BY d.at DESC, d.id DESC LIMIT 20`, partner))
}

// Waiting lists matters of a kind that still move, a page after the last subject.
func (b *Block) Waiting(ctx context.Context, kind string, after uuid.UUID, n int) ([]Matter, error) {
	return pg.All[Matter](b.db.Query(ctx, `SELECT kind, subject, code, begun_at, told FROM partners.matter
		WHERE kind = $1 AND NOT over AND subject > $2 ORDER BY subject LIMIT $3`, kind, after, n))
}

// News is something that moved in a matter.
type News struct {
	Subject uuid.UUID
	N       int    // number of the move; 0 for what is none
	Event   string // dossier.moved, dossier.paid
	Body    []byte // JSON
	Last    bool   // nothing more will move
}

// Pass lays what moved in matters of a kind before the hooks of their partners. What was passed on
// before is left out.
func (b *Block) Pass(ctx context.Context, kind string, list []News) error {
	if len(list) == 0 {
		return nil
	}
	slices.SortStableFunc(list, func(x, y News) int { return x.N - y.N })
	return b.book.Act(ctx, "partners.pass", func(ctx context.Context, act *audit.Act) error {
		act.Note("kind", kind)
		act.Note("count", len(list))
		for _, n := range list {
			tag, err := act.Exec(ctx, `UPDATE partners.matter SET told = $3, over = $4 WHERE kind = $1 AND subject = $2 AND told < $3`, kind, n.Subject, n.N, n.Last)
			if err != nil {
				return fmt.Errorf("passing on move %d of %s: %w", n.N, n.Subject, err)
			}
			if tag.RowsAffected() == 0 {
				continue
			}
			if err := b.Tell(ctx, act, kind, ScopeStatus, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// Tell lays one message about a matter before the hooks of its partner, within the act that makes it
// true. A matter that no partner began tells nobody, nor does one whose person has ended what she let
// the partner do, or never let it see that much.
func (b *Block) Tell(ctx context.Context, act *audit.Act, kind, scope string, n News) error {
	ids, err := pg.Values[uuid.UUID](act.Query(ctx, `INSERT INTO partners.delivery (id, hook, event, body, at)
		SELECT gen_random_uuid(), h.id, @event, @body, @at FROM partners.matter m
		JOIN partners.authorisation a ON a.id = m.authorisation AND a.withdrawn_at IS NULL AND a.until > @at AND @scope = ANY (a.scopes)
		JOIN partners.partner p ON p.id = m.partner AND p.closed_at IS NULL AND @scope = ANY (p.scopes)
		JOIN partners.hook h ON h.partner = m.partner AND h.dropped_at IS NULL
		WHERE m.kind = @kind AND m.subject = @subject RETURNING id`,
		pgx.NamedArgs{"event": n.Event, "body": string(n.Body), "at": act.At, "kind": kind, "subject": n.Subject, "scope": scope}))
	if err != nil {
		return fmt.Errorf("telling the partner of %s: %w", n.Subject, err)
	}
	for _, id := range ids {
		act.Job(Deliver{Delivery: id}, deliverOpts)
	}
	return nil
}
