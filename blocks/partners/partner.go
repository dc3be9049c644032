package partners

import (
	"cmp"
	"context"
	"fmt"
	"net/mail"
	"net/url"
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

// Partner is another system.
type Partner struct {
	ID         uuid.UUID
	Name       string
	Contact    string
	Back       string
	Scopes     []string
	PerMinute  int
	EnrolledAt time.Time
	ClosedAt   *time.Time
}

const partnerColumns = "id, name, contact, back, scopes, per_minute, enrolled_at, closed_at"

// EnrolIn describes a partner.
type EnrolIn struct {
	Client    string   `form:"client"`
	Name      string   `form:"name"`
	Contact   string   `form:"contact"`
	Back      string   `form:"back"`
	Scopes    []string `form:"scopes"`
	PerMinute int      `form:"per_minute"`
}

func (in *EnrolIn) check(local bool) fault.Fields {
	f := fault.Fields{}
	in.Name, in.Contact, in.Back = strings.TrimSpace(in.Name), strings.TrimSpace(in.Contact), strings.TrimSpace(in.Back)
	f.Text("name", in.Name, 200)
	if a, err := mail.ParseAddress(in.Contact); err != nil || a.Address != in.Contact || len(in.Contact) > 200 {
		f.Set("contact", "email")
	}
	if in.Back != "" && !isAddress(in.Back, local) {
		f.Set("back", "address")
	}
	slices.Sort(in.Scopes)
	in.Scopes = slices.Compact(in.Scopes)
	if len(in.Scopes) == 0 {
		f.Set("scopes", "choose")
	}
	for _, s := range in.Scopes {
		if !slices.Contains(Scopes, s) {
			f.Set("scopes", "invalid")
		}
	}
	if in.PerMinute < 1 {
		f.Set("per_minute", "too-small:1")
	} else if in.PerMinute > 6000 {
		f.Set("per_minute", "too-large:6000")
	}
	return f
}

// isAddress says whether an address of another system may be called: by TLS, with a host, and
// nothing secret in it.
func isAddress(s string, local bool) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= 500 && u.Host != "" && u.User == nil && u.Fragment == "" &&
		(u.Scheme == "https" || local && u.Scheme == "http")
}

// Enrol takes up a partner.
func (b *Block) Enrol(ctx context.Context, in EnrolIn) (uuid.UUID, error) {
	var id uuid.UUID
	if !mayManage(actor.From(ctx)) {
		return id, fault.Forbidden("partners.manage")
	}
	if err := in.check(b.local).Err(); err != nil {
		return id, err
	}
	err := b.book.Act(ctx, "partners.enrol", func(ctx context.Context, act *audit.Act) error {
		id = uuid.Must(uuid.NewV7())
		act.About("partners.partner", id)
		act.Note("name", in.Name)
		act.Note("scopes", in.Scopes)
		act.Queue(`INSERT INTO partners.partner (id, name, contact, back, scopes, per_minute, enrolled_at, enrolled_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			id, in.Name, in.Contact, in.Back, in.Scopes, in.PerMinute, act.At, act.Actor.ID)
		return nil
	}, audit.Once(in.Client, in, &id))
	return id, err
}

// Close ends a partner: its keys open nothing from now on.
func (b *Block) Close(ctx context.Context, id uuid.UUID) error {
	return b.book.Act(ctx, "partners.close", func(ctx context.Context, act *audit.Act) error {
		if !mayManage(act.Actor) {
			return fault.Forbidden("partners.manage")
		}
		tag, err := act.Exec(ctx, `UPDATE partners.partner SET closed_at = coalesce(closed_at, $2) WHERE id = $1`, id, act.At)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.NotFound("partners.partner")
		}
		act.About("partners.partner", id)
		return nil
	})
}

func mayManage(a actor.Actor) bool { return a.Holds(RightManage) }

// perPage is how many lines a page of any list here shows.
const perPage = 50

// List gives the partners by name, a page after the last name and id shown.
func (b *Block) List(ctx context.Context, afterName string, after uuid.UUID) (list []Partner, more bool, err error) {
	if !mayManage(actor.From(ctx)) {
		return nil, false, fault.Forbidden("partners.manage")
	}
	list, err = pg.All[Partner](b.db.Query(ctx, `SELECT `+partnerColumns+` FROM partners.partner WHERE (name, id) > (@name, @id) ORDER BY name, id LIMIT @n`,
		pgx.NamedArgs{"name": afterName, "id": after, "n": perPage + 1}))
	if err != nil {
		return nil, false, fmt.Errorf("listing the partners: %w", err)
	}
	return list[:min(len(list), perPage)], len(list) > perPage, nil
}

// Partner is one partner, for who manages them.
func (b *Block) Partner(ctx context.Context, id uuid.UUID) (Partner, error) {
	if !mayManage(actor.From(ctx)) {
		return Partner{}, fault.Forbidden("partners.manage")
	}
	return b.partner(ctx, b.db, id)
}

func (b *Block) partner(ctx context.Context, r pg.Reader, id uuid.UUID) (Partner, error) {
	p, err := pg.One[Partner](r.Query(ctx, `SELECT `+partnerColumns+` FROM partners.partner WHERE id = $1`, id))
	if fault.KindOf(err) == fault.KindNotFound {
		return p, fault.NotFound("partners.partner")
	}
	return p, err
}

// Key is a secret of a partner, without the secret.
type Key struct {
	ID        uuid.UUID
	Name      string
	Tail      string
	MadeAt    time.Time
	ExpiresAt time.Time
	RevokedAt *time.Time
	UsedOn    *time.Time
}

// Holds says whether the key opens anything at a moment.
func (k Key) Holds(at time.Time) bool { return k.RevokedAt == nil && at.Before(k.ExpiresAt) }

// Keys lists the keys of a partner, the newest first, a page after one of them; uuid.Nil is the
// first page.
func (b *Block) Keys(ctx context.Context, partner, after uuid.UUID) (list []Key, more bool, err error) {
	if !mayManage(actor.From(ctx)) {
		return nil, false, fault.Forbidden("partners.manage")
	}
	list, err = pg.All[Key](b.db.Query(ctx, `SELECT id, name, tail, made_at, expires_at, revoked_at, used_on FROM partners.key
		WHERE partner = @partner AND (@first OR id < @after) ORDER BY id DESC LIMIT @n`,
		pgx.NamedArgs{"partner": partner, "first": after == uuid.Nil, "after": after, "n": perPage + 1}))
	if err != nil {
		return nil, false, fmt.Errorf("listing keys: %w", err)
	}
	return list[:min(len(list), perPage)], len(list) > perPage, nil
}

// KeyIn asks for a key.
type KeyIn struct {
	Client  string `form:"client"`
	Partner uuid.UUID
	Name    string `form:"name"`
	Days    int    `form:"days"` // how long it opens, 1 to 730
}

// MakeKey makes a key and gives it back, once: nobody can read it again. Sent twice it makes one, and
// the second send is a Conflict, for the key cannot be shown any more.
func (b *Block) MakeKey(ctx context.Context, in KeyIn) (string, error) {
	f := fault.Fields{}
	in.Name = strings.TrimSpace(in.Name)
	f.Text("name", in.Name, 100)
	if in.Days < 1 || in.Days > 730 {
		f.Set("days", "choose")
	}
	if f.Any() {
		return "", f
	}
	secret, hash := newSecret("dmk_")
	id := uuid.Must(uuid.NewV7())
	made := id
	err := b.book.Act(ctx, "partners.key.make", func(ctx context.Context, act *audit.Act) error {
		if !mayManage(act.Actor) {
			return fault.Forbidden("partners.manage")
		}
		p, err := b.partner(ctx, act, in.Partner)
		if err != nil {
			return err
		}
		if p.ClosedAt != nil {
			return fault.Conflict("partners.closed")
		}
		act.About("partners.key", id)
		act.Note("partner", p.ID)
		act.Queue(`INSERT INTO partners.key (id, partner, name, hash, tail, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			id, p.ID, in.Name, hash, secret[len(secret)-4:], act.At, act.At.AddDate(0, 0, in.Days))
		return nil
	}, audit.Once(in.Client, in, &made))
	return secret, shownOnce(err, made == id)
}

// shownOnce is a Conflict where a secret was made by an earlier send of the same form.
func shownOnce(err error, first bool) error {
	if err == nil && !first {
		return fault.Conflict("partners.shown")
	}
	return err
}

// RevokeKey ends a key at once.
func (b *Block) RevokeKey(ctx context.Context, key uuid.UUID) error {
	return b.book.Act(ctx, "partners.key.revoke", func(ctx context.Context, act *audit.Act) error {
		if !mayManage(act.Actor) {
			return fault.Forbidden("partners.manage")
		}
		tag, err := act.Exec(ctx, `UPDATE partners.key SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1`, key, act.At)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.NotFound("partners.key")
		}
		act.About("partners.key", key)
		return nil
	})
}

// byName orders scopes as the pages show them.
func byName(a, b string) int { return cmp.Compare(slices.Index(Scopes, a), slices.Index(Scopes, b)) }
