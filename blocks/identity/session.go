package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Ways in, as a session remembers them.
const (
	byPassword = "password"
	byPasskey  = "passkey"
	byVNeID    = "vneid"
	byDemo     = "demo"
)

// Started is a new session. The tokens are for cookies and stand nowhere else.
type Started struct {
	Token    string
	Device   string // token by which this machine is known again; "" on a shared machine
	Official bool
	Level    int // citizens: assurance
}

// entry is what a new session is made of.
type entry struct {
	method string
	level  int
	shared bool      // a machine that others use: the session ends soon and the machine is not remembered
	party  uuid.UUID // in whose name a citizen acts from the start; zero: her own
}

// NotifySessions is the channel on which processes tell each other whose sessions changed.
const NotifySessions = "datmui_sessions"

// signIn runs the act that ends every way in: more may change the account in the same act, for
// example note a used code. The act's actor is who signs in.
func (b *Block) signIn(ctx context.Context, kind string, person uuid.UUID, e *entry, more func(ctx context.Context, act *audit.Act) (account, error)) (Started, error) {
	who := actor.Actor{Kind: actor.Anonymous}
	if person != uuid.Nil {
		var err error
		if who, err = b.c.People.Actor(ctx, b.c.DB, person, uuid.Nil, b.c.Clock.Now()); err != nil {
			return Started{}, gone(err, "account")
		}
		if kind == KindCitizen {
			who = asCitizen(who)
		}
	}
	var out Started
	err := b.c.Book.Act(actor.With(ctx, who), "identity.sign-in", func(ctx context.Context, act *audit.Act) error {
		a, err := more(ctx, act)
		if err != nil {
			return err
		}
		if !a.open() {
			return fault.Forbidden("identity.closed")
		}
		out, err = b.start(ctx, act, a, e)
		return err
	})
	return out, err
}

// start inserts the session: always a new token, whatever the browser brought along.
func (b *Block) start(ctx context.Context, act *audit.Act, a account, e *entry) (Started, error) {
	idle := b.c.CitizenIdle
	if a.Kind == KindOfficial {
		idle = b.c.OfficialIdle
		who, err := b.c.People.Actor(ctx, act, a.PersonID, uuid.Nil, act.At)
		if err != nil {
			return Started{}, gone(err, "account")
		}
		if who.Kind != actor.Official {
			return Started{}, fault.Forbidden("identity.no-post")
		}
	}
	c := clientOf(ctx)
	out := Started{Official: a.Kind == KindOfficial, Level: e.level}
	if e.shared {
		idle = b.c.SharedIdle
	} else {
		device, err := hashOf(c.Device)
		out.Device = c.Device
		if err != nil {
			out.Device, device = newToken()
		}
		for _, what := range []string{deviceKey(device), "network " + c.network()} {
			act.Queue(`INSERT INTO identity.known (account_id, what, seen_at) VALUES ($1, $2, $3)
				ON CONFLICT (account_id, what) DO UPDATE SET seen_at = excluded.seen_at`, a.ID, what, act.At)
		}
	}
	token, hash := newToken()
	out.Token = token
	id := uuid.Must(uuid.NewV7())
	act.Queue(`INSERT INTO identity.session (hash, id, account_id, method, level, idle, created_at, seen_at, ends_at, proven_at, network, agent, party)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $7, $9, $10, nullif($11, '00000000-0000-0000-0000-000000000000'::uuid))`,
		hash, id, a.ID, e.method, e.level, idle, act.At, act.At.Add(b.c.Longest), c.network(), AgentClass(c.Agent), e.party)
	act.About("identity.account", a.ID, a.PersonID, e.party)
	act.Note("method", e.method)
	act.Note("session", id)
	if e.level > 0 {
		act.Note("level", e.level)
	}
	act.NotePersonal("network", c.network())
	return out, nil
}

// live is a session with its account, as the look-up needs it.
type live struct {
	ID        uuid.UUID
	AccountID uuid.UUID
	PostID    *uuid.UUID
	Party     *uuid.UUID // in whose name a citizen acts; nil: her own
	Level     int
	Idle      time.Duration
	SeenAt    time.Time
	EndsAt    time.Time
	PersonID  uuid.UUID
	Kind      string
	Name      string
}

// errSession is told when a cookie opens nothing, or no longer.
var errSession = fault.SignIn("session")

// Session says who acts under a session cookie. It remembers the answer for half a minute, unless
// the session ends before; a sign-out on another machine is told through the database. A cookie
// that opens nothing is fault.SignIn.
func (b *Block) Session(ctx context.Context, token string) (actor.Actor, error) {
	hash, err := hashOf(token)
	if err != nil {
		return actor.Actor{}, errSession
	}
	now := b.c.Clock.Now()
	key := cacheKey(hash)
	if e, ok := b.cache.get(key, now); ok {
		return e.actor, b.touch(ctx, key, e, now)
	}
	mark := b.cache.mark()
	s, err := pg.One[live](b.c.Live.Query(ctx, `
		SELECT s.id, s.account_id, s.post_id, s.party, s.level, s.idle, s.seen_at, s.ends_at, a.person_id, a.kind, a.name
		FROM identity.session s JOIN identity.account a ON a.id = s.account_id
		WHERE s.hash = @hash AND s.seen_at + s.idle > @now AND s.ends_at > @now AND a.state = 'active'`,
		pgx.NamedArgs{"hash": hash, "now": now}))
	if fault.KindOf(err) == fault.KindNotFound {
		return actor.Actor{}, errSession
	} else if err != nil {
		return actor.Actor{}, fmt.Errorf("looking for a session: %w", err)
	}
	who, err := b.actorOf(ctx, s, now)
	if err != nil {
		return actor.Actor{}, err
	}
	e := cached{actor: who, account: s.AccountID, until: now.Add(cacheLife), seen: s.SeenAt, idle: s.Idle, ends: s.EndsAt}
	b.cache.put(key, e, mark)
	return who, b.touch(ctx, key, e, now)
}

// actorOf asks the directory what the person may do today. A citizen's session has no post even
// when the person holds one: officials sign in as officials.
func (b *Block) actorOf(ctx context.Context, s live, now time.Time) (actor.Actor, error) {
	post := uuid.Nil
	if s.PostID != nil {
		post = *s.PostID
	}
	who, err := b.c.People.Actor(ctx, b.c.DB, s.PersonID, post, now)
	if fault.KindOf(err) == fault.KindNotFound || err == nil && s.Kind == KindOfficial && who.Kind != actor.Official {
		return actor.Actor{}, errSession // left the service since
	} else if err != nil {
		return actor.Actor{}, fmt.Errorf("asking the directory for %s: %w", s.PersonID, err)
	}
	if s.Kind == KindCitizen {
		who = asCitizen(who)
		if s.Party != nil && b.acting != nil {
			who, err = b.inNameOf(ctx, b.c.DB, who, *s.Party, now)
			if err != nil && fault.KindOf(err) != fault.KindNotFound { // no longer: in her own name
				return actor.Actor{}, fmt.Errorf("asking in whose name %s may act: %w", s.PersonID, err)
			}
		}
	}
	who.Level, who.Session, who.Account, who.Idle = s.Level, s.ID, s.Name, s.Idle
	return who, nil
}

func asCitizen(who actor.Actor) actor.Actor {
	return actor.Actor{ID: who.ID, Kind: actor.Citizen, Name: who.Name}
}

// touch notes once a minute that the session is in use.
func (b *Block) touch(ctx context.Context, key cacheKey, e cached, now time.Time) error {
	if now.Sub(e.seen) < time.Minute {
		return nil
	}
	tag, err := b.c.Live.Exec(ctx, `UPDATE identity.session SET seen_at = $2 WHERE hash = $1`, key[:], now)
	if err != nil {
		return fmt.Errorf("touching a session: %w", err)
	}
	if tag.RowsAffected() == 0 {
		b.cache.drop(key)
		return errSession
	}
	b.cache.seen(key, now)
	return nil
}

// SessionInfo is one of a person's sessions, as the person sees it.
type SessionInfo struct {
	ID        uuid.UUID
	Method    string
	Network   string
	Agent     string
	CreatedAt time.Time
	SeenAt    time.Time
	Current   bool
}

// Sessions lists the actor's own open sessions, the latest used first.
func (b *Block) Sessions(ctx context.Context) ([]SessionInfo, error) {
	who := actor.From(ctx)
	return pg.All[SessionInfo](b.c.Live.Query(ctx, `
		SELECT s.id, s.method, s.network, s.agent, s.created_at, s.seen_at, s.id = @current AS current
		FROM identity.session s
		WHERE s.account_id = (SELECT account_id FROM identity.session WHERE id = @current)
		  AND s.seen_at + s.idle > @now AND s.ends_at > @now
		ORDER BY s.seen_at DESC, s.id LIMIT 100`, pgx.NamedArgs{"current": who.Session, "now": b.c.Clock.Now()}))
}

// SignOut ends the actor's session.
func (b *Block) SignOut(ctx context.Context) error { return b.EndSession(ctx, actor.From(ctx).Session) }

// EndSession ends one of the actor's own sessions; one that has ended already is no fault.
func (b *Block) EndSession(ctx context.Context, id uuid.UUID) error {
	return b.end(ctx, "identity.sign-out", `id = @id AND account_id = @account`, id)
}

// SignOutOthers ends all of the actor's sessions but this one.
func (b *Block) SignOutOthers(ctx context.Context) error {
	return b.end(ctx, "identity.sign-out.others", `id <> @current AND account_id = @account`, uuid.Nil)
}

func (b *Block) end(ctx context.Context, name, which string, id uuid.UUID) error {
	own, err := b.own(ctx)
	if fault.KindOf(err) == fault.KindSignIn {
		return nil
	} else if err != nil {
		return err
	}
	err = b.c.Book.Act(ctx, name, func(ctx context.Context, act *audit.Act) error {
		tag, err := act.Exec(ctx, `DELETE FROM identity.session WHERE `+which,
			pgx.NamedArgs{"id": id, "account": own.ID, "current": act.Actor.Session})
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errNothing
		}
		act.About("identity.account", own.ID, own.PersonID)
		act.Note("sessions", tag.RowsAffected())
		return tell(ctx, act, own.ID)
	})
	if errors.Is(err, errNothing) {
		err = nil
	}
	b.cache.forget(own.ID)
	return err
}

// errNothing rolls an act back that turned out to have nothing to do.
var errNothing = errors.New("nothing to do")

// own is the account of the actor's session.
func (b *Block) own(ctx context.Context) (account, error) {
	a, err := pg.One[account](b.c.Live.Query(ctx, `SELECT `+accountColumns+` FROM identity.account
		WHERE id = (SELECT account_id FROM identity.session WHERE id = $1)`, actor.From(ctx).Session))
	if fault.KindOf(err) == fault.KindNotFound {
		return a, errSession
	}
	return a, err
}

// endAll ends the sessions of an account inside an act, but for the one to keep.
func endAll(ctx context.Context, act *audit.Act, account, keep uuid.UUID) error {
	if _, err := act.Exec(ctx, `DELETE FROM identity.session WHERE account_id = $1 AND id <> $2`, account, keep); err != nil {
		return err
	}
	return tell(ctx, act, account)
}

// tell lets every process forget what it remembers of an account, when the act is done.
func tell(ctx context.Context, act *audit.Act, account uuid.UUID) error {
	_, err := act.Exec(ctx, `SELECT pg_notify($1, $2)`, NotifySessions, account.String())
	return err
}

// freshness is how long ago somebody who changes her keys may have proved to be there.
const freshness = 15 * time.Minute

// fresh refuses when the session is not young enough to change how one signs in: a machine left
// open must not be enough.
func (b *Block) fresh(ctx context.Context, r pg.Reader) error {
	proven, err := pg.Value[time.Time](r.Query(ctx, `SELECT proven_at FROM identity.session WHERE id = $1`, actor.From(ctx).Session))
	if fault.KindOf(err) == fault.KindNotFound {
		return errSession
	}
	if err == nil && b.c.Clock.Now().Sub(proven) > freshness {
		return fault.SignIn("identity.fresh")
	}
	return err
}

// ChoosePost makes the session act from another of the person's posts.
func (b *Block) ChoosePost(ctx context.Context, post uuid.UUID) error {
	own, err := b.own(ctx)
	if err != nil {
		return err
	}
	err = b.c.Book.Act(ctx, "identity.post.choose", func(ctx context.Context, act *audit.Act) error {
		who, err := b.c.People.Actor(ctx, act, own.PersonID, post, act.At)
		if err != nil {
			return err
		}
		if own.Kind != KindOfficial || who.PostID != post {
			return fault.Forbidden("identity.post")
		}
		act.About("directory.post", post, own.PersonID)
		if _, err := act.Exec(ctx, `UPDATE identity.session SET post_id = $2 WHERE id = $1`, act.Actor.Session, post); err != nil {
			return err
		}
		return tell(ctx, act, own.ID)
	})
	b.cache.forget(own.ID)
	return err
}
