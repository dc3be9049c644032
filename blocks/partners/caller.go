package partners

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/time/rate"

	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Known is the partner whose key a request showed.
type Known struct {
	Partner   uuid.UUID
	Key       uuid.UUID
	Name      string
	Scopes    []string
	PerMinute int
	UsedOn    *time.Time
}

// Actor is the partner itself, acting for nobody: it may read what concerns it alone.
func (k Known) Actor() actor.Actor {
	a := actor.Actor{Kind: actor.Partner, Name: k.Name, Post: "API", Session: k.Partner}
	for _, s := range k.Scopes {
		a.Grants = append(a.Grants, actor.Grant{Right: s, Agency: ""})
	}
	return a
}

// Know finds whose key this is. A key that is unknown, revoked, too old or of a closed partner is
// not told apart.
func (b *Block) Know(ctx context.Context, key string) (Known, error) {
	if !strings.HasPrefix(key, "dmk_") || len(key) > 100 {
		return Known{}, fault.SignIn("partners.key")
	}
	k, err := pg.One[Known](b.db.Query(ctx, `SELECT p.id AS partner, k.id AS key, p.name, p.scopes, p.per_minute, k.used_on
		FROM partners.key k JOIN partners.partner p ON p.id = k.partner
		WHERE k.hash = @hash AND k.revoked_at IS NULL AND k.expires_at > @now AND p.closed_at IS NULL`,
		pgx.NamedArgs{"hash": hashOf(key), "now": b.clock.Now()}))
	if fault.KindOf(err) == fault.KindNotFound {
		return k, fault.SignIn("partners.key")
	}
	if err != nil {
		return k, fmt.Errorf("looking for a partner's key: %w", err)
	}
	return k, b.used(ctx, k)
}

// used notes once a day that a key is in use.
func (b *Block) used(ctx context.Context, k Known) error {
	today := b.clock.Now().In(clock.Vietnam).Format(time.DateOnly)
	if k.UsedOn != nil && k.UsedOn.Format(time.DateOnly) == today {
		return nil
	}
	return b.book.Batch(actor.With(ctx, actor.ForSystem("partners.key.used")), "partners.key.used", k.Key.String(), func(ctx context.Context, tx pgx.Tx) (int64, error) {
		tag, err := tx.Exec(ctx, `UPDATE partners.key SET used_on = $2 WHERE id = $1`, k.Key, today)
		return tag.RowsAffected(), err
	})
}

// Allowance is what is left of a partner's limit.
type Allowance struct {
	Limit int           // requests a minute
	Left  int           // of them now
	Wait  time.Duration // until the next is answered; 0 when this one is
}

// Allow counts a request. Each process counts for itself: behind n of them a partner gets up to n
// times its limit.
func (b *Block) Allow(k Known) Allowance {
	now := b.clock.Now()
	b.mu.Lock()
	l := b.limits[k.Partner]
	each := rate.Limit(float64(k.PerMinute) / 60)
	if l == nil || l.Burst() != k.PerMinute {
		l = rate.NewLimiter(each, k.PerMinute)
		b.limits[k.Partner] = l
	}
	b.mu.Unlock()
	a := Allowance{Limit: k.PerMinute}
	if r := l.ReserveN(now, 1); r.DelayFrom(now) > 0 {
		a.Wait = r.DelayFrom(now)
		r.CancelAt(now)
	}
	a.Left = max(0, int(l.TokensAt(now)))
	return a
}

// Behalf is the partner acting for the person who gave it this code.
func (b *Block) Behalf(ctx context.Context, code string) (actor.Actor, error) {
	return b.behalf(ctx, `hash = @by`, hashOf(strings.TrimSpace(code)), "")
}

// behalf makes the actor of an authorisation that holds: with its scopes everywhere, or for one
// matter alone.
func (b *Block) behalf(ctx context.Context, where string, by any, matter string) (actor.Actor, error) {
	me := actor.From(ctx)
	type found struct {
		ID     uuid.UUID
		Person uuid.UUID
		Scopes []string
	}
	a, err := pg.One[found](b.db.Query(ctx, `SELECT id, person, scopes FROM partners.authorisation
		WHERE partner = @partner AND withdrawn_at IS NULL AND until > @now AND `+where,
		pgx.NamedArgs{"partner": me.Session, "now": b.clock.Now(), "by": by}))
	if fault.KindOf(err) == fault.KindNotFound {
		return actor.Actor{}, fault.Forbidden("partners.authorisation")
	}
	if err != nil {
		return actor.Actor{}, fmt.Errorf("looking for an authorisation: %w", err)
	}
	out := actor.Actor{ID: a.Person, Kind: actor.Partner, Name: me.Name, Post: me.Post, Level: 2, Session: a.ID}
	for _, s := range a.Scopes {
		if me.May(s, "") {
			out.Grants = append(out.Grants, actor.Grant{Right: s, Agency: matter})
		}
	}
	return out, nil
}
