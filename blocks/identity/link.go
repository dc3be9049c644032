package identity

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// linkLife is how long a one-time link waits for its person.
const linkLife = 24 * time.Hour

// PathLink is where a one-time link leads; the token follows.
const PathLink = "/sign-in/link/"

// Link lets one person set a password, once.
type Link struct {
	Address string
	Name    string // sign-in name
	Expires time.Time
	Second  bool // the second factor is set up anew, too
}

// mayManage says whether the actor may look after the accounts of somebody with posts in these
// agencies: of all of them, because whoever has the account has every post.
func mayManage(a actor.Actor, person uuid.UUID, agencies []string) bool {
	if a.Kind == actor.System {
		return true
	}
	return a.ID != person && len(agencies) > 0 && !slices.ContainsFunc(agencies, func(id string) bool { return !a.May(directory.Manage, id) })
}

// manage checks the actor against the agencies where the person has a post.
func (b *Block) manage(ctx context.Context, a actor.Actor, person uuid.UUID) error {
	posts, err := b.c.People.PostsOf(ctx, person)
	if err != nil {
		return err
	}
	var agencies []string
	for _, p := range posts {
		if p.ValidTo == nil || p.ValidTo.After(b.c.Clock.Now()) {
			agencies = append(agencies, p.Agency)
		}
	}
	if !mayManage(a, person, agencies) {
		return fault.Forbidden("identity.manage")
	}
	return nil
}

// CreateIn is a new official's account.
type CreateIn struct {
	Person uuid.UUID `form:"person"`
	Name   string    `form:"name"`
}

// CheckName says whether a new account may have the sign-in name.
func (b *Block) CheckName(ctx context.Context, name string) error {
	name = cleanName(name)
	if !signName.MatchString(name) {
		return fault.Fields{"name": "sign-in-name"}
	}
	switch _, err := accountByName(ctx, b.c.Live, name); {
	case err == nil:
		return fault.Fields{"name": "taken"}
	case fault.KindOf(err) != fault.KindNotFound:
		return err
	}
	return nil
}

// CreateOfficial opens an account without a password for a person of an agency the actor manages.
// The person gets in by a one-time link.
func (b *Block) CreateOfficial(ctx context.Context, in CreateIn) (uuid.UUID, error) {
	name := cleanName(in.Name)
	if !signName.MatchString(name) {
		return uuid.Nil, fault.Fields{"name": "sign-in-name"}
	}
	id := uuid.Must(uuid.NewV7())
	err := b.c.Book.Act(ctx, "identity.account.create", func(ctx context.Context, act *audit.Act) error {
		if err := b.manage(ctx, act.Actor, in.Person); err != nil {
			return err
		}
		act.About("identity.account", id, in.Person)
		_, err := act.Exec(ctx, `INSERT INTO identity.account (id, person_id, kind, name, must_change, created_at) VALUES ($1, $2, 'official', $3, true, $4)`,
			id, in.Person, name, act.At)
		return err
	})
	if pg.IsUnique(err, "account_name_key") {
		return uuid.Nil, fault.Fields{"name": "taken"}
	}
	return id, err
}

// ResetLink makes a link and shows it: for the command line, whose user owns the machine anyway.
// second sets the second factor up anew as well, for a lost phone.
func (b *Block) ResetLink(ctx context.Context, name string, second bool) (Link, error) {
	if actor.From(ctx).Kind != actor.System {
		return Link{}, fault.Forbidden("identity.manage")
	}
	return b.makeLink(ctx, name, second, func(context.Context, *audit.Act, account, Link) error { return nil })
}

// SendLink makes a link and sends it to the person's own office address. The administrator who
// asks does not see it, so cannot use it.
func (b *Block) SendLink(ctx context.Context, name string, second bool) error {
	if b.c.Mailer == nil {
		return fault.Conflict("identity.no-letters")
	}
	_, err := b.makeLink(ctx, name, second, func(ctx context.Context, act *audit.Act, a account, l Link) error {
		p, err := directory.ReadPerson(ctx, act, a.PersonID)
		if err != nil {
			return err
		}
		if p.Email == "" {
			return fault.Conflict("identity.no-address")
		}
		act.Job(MailLink{Account: a.ID, Sealed: b.keys.close([]byte(l.Address), a.ID[:])}, nil)
		return nil
	})
	return err
}

func (b *Block) makeLink(ctx context.Context, name string, second bool, send func(context.Context, *audit.Act, account, Link) error) (Link, error) {
	var l Link
	err := b.c.Book.Act(ctx, "identity.link.make", func(ctx context.Context, act *audit.Act) error {
		a, err := accountByName(ctx, act, cleanName(name))
		if err != nil {
			return gone(err, "account")
		}
		if a.Kind != KindOfficial {
			return fault.Conflict("identity.link-citizen")
		}
		if err := b.manage(ctx, act.Actor, a.PersonID); err != nil {
			return err
		}
		if !a.open() {
			return fault.Conflict("identity.closed")
		}
		token, hash := newToken()
		l = Link{Address: b.c.Origin + PathLink + token, Name: a.Name, Expires: act.At.Add(linkLife), Second: second}
		var by *uuid.UUID
		if act.Actor.ID != uuid.Nil {
			by = &act.Actor.ID
		}
		// an older link that was not used is worth nothing any more
		if _, err := act.Exec(ctx, `DELETE FROM identity.link WHERE account_id = $1 AND used_at IS NULL`, a.ID); err != nil {
			return err
		}
		if _, err := act.Exec(ctx, `INSERT INTO identity.link (hash, account_id, second, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			hash, a.ID, second, by, act.At, l.Expires); err != nil {
			return err
		}
		act.About("identity.account", a.ID, a.PersonID)
		act.Note("second", second)
		return send(ctx, act, a, l)
	})
	return l, err
}

// errLink is told for a link that is unknown, used or too old.
var errLink = fault.NotFound("identity.link")

// OpenLink begins the steps of a one-time link. Opening uses nothing up, because mail programs
// open links too; setting the password does.
func (b *Block) OpenLink(ctx context.Context, token string) (Next, error) {
	hash, err := hashOf(token)
	if err != nil {
		return Next{}, errLink
	}
	id, err := pg.Value[uuid.UUID](b.c.DB.Query(ctx, `SELECT account_id FROM identity.link WHERE hash = @hash AND used_at IS NULL AND expires_at > @now`,
		pgx.NamedArgs{"hash": hash, "now": b.c.Clock.Now()}))
	if err != nil {
		return Next{}, gone(err, "identity.link")
	}
	a, err := accountByID(ctx, b.c.DB, id, "")
	if err != nil {
		return Next{}, err
	}
	if !a.open() {
		return Next{}, errLink
	}
	return b.next(ctx, a, steps{Link: hash, Basis: basis(a)})
}

// spendLink uses a link up inside the act that sets the password.
func spendLink(ctx context.Context, act *audit.Act, a account, hash []byte) error {
	second, err := pg.Value[bool](act.Query(ctx, `UPDATE identity.link SET used_at = $3
		WHERE hash = $1 AND account_id = $2 AND used_at IS NULL AND expires_at > $3 RETURNING second`, hash, a.ID, act.At))
	if err != nil {
		return gone(err, "identity.link")
	}
	act.Note("link", true)
	if !second {
		return nil
	}
	act.Note("second", "forgotten")
	for _, sql := range []string{
		`UPDATE identity.account SET totp_secret = NULL WHERE id = $1`,
		`DELETE FROM identity.recovery WHERE account_id = $1`,
		`DELETE FROM identity.passkey WHERE account_id = $1`,
	} {
		if _, err := act.Exec(ctx, sql, a.ID); err != nil {
			return err
		}
	}
	return nil
}

// Close ends an account and all its sessions; Reopen lets it in again.
func (b *Block) Close(ctx context.Context, name string) error {
	return b.setState(ctx, "identity.account.close", name, "closed")
}

// Reopen lets a closed account in again.
func (b *Block) Reopen(ctx context.Context, name string) error {
	return b.setState(ctx, "identity.account.reopen", name, "active")
}

func (b *Block) setState(ctx context.Context, act, name, state string) error {
	var id uuid.UUID
	err := b.c.Book.Act(ctx, act, func(ctx context.Context, act *audit.Act) error {
		a, err := accountByName(ctx, act, cleanName(name))
		if err != nil {
			return gone(err, "account")
		}
		if err := b.manage(ctx, act.Actor, a.PersonID); err != nil {
			return err
		}
		id = a.ID
		act.About("identity.account", a.ID, a.PersonID)
		if _, err := act.Exec(ctx, `UPDATE identity.account SET state = $2 WHERE id = $1`, a.ID, state); err != nil {
			return err
		}
		act.Queue(`DELETE FROM identity.kept WHERE account_id = $1`, a.ID)
		return endAll(ctx, act, a.ID, uuid.Nil)
	})
	b.cache.forget(id)
	return err
}
