package partners

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Authorisation is what one person lets one partner do for her.
type Authorisation struct {
	ID          uuid.UUID
	Partner     uuid.UUID
	Name        string // of the partner
	Scopes      []string
	GivenAt     time.Time
	Until       time.Time
	WithdrawnAt *time.Time
}

// Holds says whether it counts at a moment.
func (a Authorisation) Holds(at time.Time) bool { return a.WithdrawnAt == nil && at.Before(a.Until) }

// Offer is what a person is asked: who the partner is and what it may ask for at all. A partner that
// has closed asks for nothing.
func (b *Block) Offer(ctx context.Context, partner uuid.UUID) (Partner, error) {
	p, err := b.partner(ctx, b.db, partner)
	if err == nil && p.ClosedAt != nil {
		return p, fault.NotFound("partners.partner")
	}
	slices.SortFunc(p.Scopes, byName)
	return p, err
}

// AuthoriseIn is a person's yes.
type AuthoriseIn struct {
	Client  string `form:"client"`
	Partner uuid.UUID
	Scopes  []string `form:"scopes"`
	Days    int      `form:"days"` // how long it holds, 1 to 365
}

// Authorise lets a partner act for the person who asks, and gives the code by which the partner
// shows it, once. A person below level 2 cannot: what she may not file herself nobody files for her.
// law: public-services.md 13 — VNeID needs level 2 to file; 4 — the applicant may be represented.
func (b *Block) Authorise(ctx context.Context, in AuthoriseIn) (string, error) {
	code, hash := newSecret("dma_")
	id := uuid.Must(uuid.NewV7())
	made := id
	err := b.book.Act(ctx, "partners.authorise", func(ctx context.Context, act *audit.Act) error {
		if act.Actor.Kind != actor.Citizen || act.Actor.Level < 2 {
			return fault.Forbidden("level-2")
		}
		if act.Actor.For.ID != uuid.Nil { // a partner acts for the person: she does not speak for another here
			return fault.Conflict("represent.own-name")
		}
		p, err := b.partner(ctx, act, in.Partner)
		if err != nil {
			return err
		}
		if p.ClosedAt != nil {
			return fault.NotFound("partners.partner")
		}
		f := fault.Fields{}
		if len(in.Scopes) == 0 {
			f.Set("scopes", "choose")
		}
		for _, s := range in.Scopes {
			if !slices.Contains(p.Scopes, s) {
				f.Set("scopes", "invalid")
			}
		}
		if in.Days < 1 || in.Days > 365 {
			f.Set("days", "choose")
		}
		if f.Any() {
			return f
		}
		act.About("partners.authorisation", id, act.Actor.ID)
		act.Note("partner", p.Name)
		act.Note("scopes", in.Scopes)
		act.Queue(`INSERT INTO partners.authorisation (id, partner, person, scopes, hash, given_at, until) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			id, p.ID, act.Actor.ID, in.Scopes, hash, act.At, act.At.AddDate(0, 0, in.Days))
		return nil
	}, audit.Once(in.Client, in, &made))
	return code, shownOnce(err, made == id)
}

// Withdraw ends an authorisation at once; it asks for no reason and no level.
func (b *Block) Withdraw(ctx context.Context, id uuid.UUID) error {
	return b.book.Act(ctx, "partners.withdraw", func(ctx context.Context, act *audit.Act) error {
		if act.Actor.ID == uuid.Nil || act.Actor.Kind == actor.Partner {
			return fault.Forbidden("partners.withdraw")
		}
		tag, err := act.Exec(ctx, `UPDATE partners.authorisation SET withdrawn_at = coalesce(withdrawn_at, $3) WHERE id = $1 AND person = $2`, id, act.Actor.ID, act.At)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.NotFound("partners.authorisation")
		}
		act.About("partners.authorisation", id, act.Actor.ID)
		return nil
	})
}

// Mine lists what the person who asks has let partners do, the newest first, a page after one of
// them; uuid.Nil is the first page.
func (b *Block) Mine(ctx context.Context, after uuid.UUID) (list []Authorisation, more bool, err error) {
	list, err = pg.All[Authorisation](b.db.Query(ctx, `SELECT a.id, a.partner, p.name, a.scopes, a.given_at, a.until, a.withdrawn_at
		FROM partners.authorisation a JOIN partners.partner p ON p.id = a.partner WHERE a.person = @person AND (@first OR a.id < @after) ORDER BY a.id DESC LIMIT @n`,
		pgx.NamedArgs{"person": actor.From(ctx).ID, "first": after == uuid.Nil, "after": after, "n": perPage + 1}))
	if err != nil {
		return nil, false, fmt.Errorf("listing authorisations: %w", err)
	}
	list, more = list[:min(len(list), perPage)], len(list) > perPage
	for i := range list {
		slices.SortFunc(list[i].Scopes, byName)
	}
	return list, more, nil
}

// Matter is something that a partner began for a person.
type Matter struct {
	Kind    string
	Subject uuid.UUID
	Code    string
	BegunAt time.Time
	Told    int
}

// Began notes within the act that begins it that a partner did.
func (b *Block) Began(act *audit.Act, kind string, subject uuid.UUID, code string) {
	act.Note("authorisation", act.Actor.Session)
	act.Queue(`INSERT INTO partners.matter (kind, subject, code, partner, authorisation, begun_at)
		SELECT $1, $2, $3, a.partner, a.id, $5 FROM partners.authorisation a WHERE a.id = $4`, kind, subject, code, act.Actor.Session, act.At)
}

// Begun lists what the calling partner began, the newest first, those before a place.
func (b *Block) Begun(ctx context.Context, kind string, before time.Time, after uuid.UUID, n int) ([]Matter, error) {
	me := actor.From(ctx)
	if me.Kind != actor.Partner {
		return nil, fault.Forbidden("partners.matter")
	}
	return pg.All[Matter](b.db.Query(ctx, `SELECT kind, subject, code, begun_at, told FROM partners.matter
		WHERE partner = @partner AND kind = @kind AND (begun_at, subject) < (@before, @after) ORDER BY begun_at DESC, subject DESC LIMIT @n`,
		pgx.NamedArgs{"partner": me.Session, "kind": kind, "before": before, "after": after, "n": n}))
}

// Matter finds what the calling partner began under a code, and the actor that may look after it.
// What another began is NotFound; where the person has withdrawn, it is Forbidden.
func (b *Block) Matter(ctx context.Context, kind, code string) (uuid.UUID, actor.Actor, error) {
	me := actor.From(ctx)
	type found struct{ Subject, Authorisation uuid.UUID }
	m, err := pg.One[found](b.db.Query(ctx, `SELECT subject, authorisation FROM partners.matter WHERE partner = $1 AND kind = $2 AND code = $3`, me.Session, kind, code))
	if fault.KindOf(err) == fault.KindNotFound || me.Kind != actor.Partner {
		return uuid.Nil, actor.Actor{}, fault.NotFound("partners.matter")
	}
	if err != nil {
		return uuid.Nil, actor.Actor{}, err
	}
	a, err := b.behalf(ctx, `id = @by`, m.Authorisation, m.Subject.String())
	return m.Subject, a, err
}
