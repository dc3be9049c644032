package records

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Consent is what a person allowed.
type Consent struct {
	ID          uuid.UUID
	Person      uuid.UUID
	Purpose     string
	Agency      string // who may use her papers
	AgencyName  string
	Paper       *uuid.UUID // nil: any of her papers
	GivenAt     time.Time
	Until       time.Time
	GivenTo     *uuid.UUID // the officer who took it down at the counter
	WithdrawnAt *time.Time
}

// Holds says whether the consent counts at a moment.
func (c Consent) Holds(at time.Time) bool { return c.WithdrawnAt == nil && at.Before(c.Until) }

// ConsentIn is what a person says when she consents, or an officer takes down before her.
type ConsentIn struct {
	Client     string    `form:"client"`
	Person     uuid.UUID `form:"person"` // zero: the actor herself
	Purpose    string    `form:"purpose"`
	Agency     string    `form:"agency"`
	AgencyName string
	Paper      uuid.UUID `form:"paper"` // zero: any of her papers
	Days       int       `form:"days"`  // how long it holds, 1 to 365
}

// GiveConsent lets an agency use a person's papers for one purpose until a day. She gives it
// herself, from level 2, or an officer of that agency takes it down while she stands before him.
// Withdrawing asks for no level.
func (b *Block) GiveConsent(ctx context.Context, in ConsentIn) (uuid.UUID, error) {
	if f := in.check(); f.Any() {
		return uuid.Nil, f
	}
	var id uuid.UUID
	err := b.book.Act(ctx, "records.consent.give", func(ctx context.Context, act *audit.Act) (err error) {
		if id, err = b.consent(ctx, act, in); err == nil {
			act.About("records.consent", id, in.personOr(act.Actor))
		}
		return err
	}, audit.Once(in.Client, in, &id))
	return id, err
}

// TakeConsent is GiveConsent inside another act: an officer takes down what is then used at once.
func (b *Block) TakeConsent(ctx context.Context, act *audit.Act, in ConsentIn) (uuid.UUID, error) {
	if f := in.check(); f.Any() {
		return uuid.Nil, f
	}
	id, err := b.consent(ctx, act, in)
	if err == nil {
		act.Note("records.consent", id)
	}
	return id, err
}

func (in *ConsentIn) check() fault.Fields {
	f := fault.Fields{}
	in.Purpose = strings.TrimSpace(in.Purpose)
	switch n := utf8.RuneCountInString(in.Purpose); {
	case n == 0:
		f.Set("purpose", "reason")
	case n > 300:
		f.Set("purpose", "too-long:300")
	}
	if in.Agency == "" {
		f.Set("agency", "choose")
	}
	if in.Days < 1 {
		f.Set("days", "too-small:1")
	} else if in.Days > 365 {
		f.Set("days", "too-large:365")
	}
	return f
}

func (in ConsentIn) personOr(a actor.Actor) uuid.UUID {
	if in.Person == uuid.Nil {
		return a.ID
	}
	return in.Person
}

// consent writes a consent down, if the actor may.
func (b *Block) consent(ctx context.Context, act *audit.Act, in ConsentIn) (uuid.UUID, error) {
	person, to := in.personOr(act.Actor), (*uuid.UUID)(nil)
	switch {
	case !act.Actor.SignedIn():
		return uuid.Nil, fault.SignIn("records.consent")
	case act.Actor.ID == uuid.Nil: // the program has no papers, and speaks for nobody
		return uuid.Nil, fault.Forbidden("records.consent")
	case act.Actor.Kind == actor.Citizen && act.Actor.Level < 2: // below it one may look up, not act
		return uuid.Nil, fault.Forbidden("level-2")
	case act.Actor.For.ID != uuid.Nil: // her own papers are not what the page shows
		return uuid.Nil, fault.Conflict("represent.own-name")
	case person == act.Actor.ID:
	case b.mayUseFor(act.Actor, in.Agency):
		to = &act.Actor.ID
	default:
		return uuid.Nil, fault.Forbidden("records.consent")
	}
	var paper *uuid.UUID
	if in.Paper != uuid.Nil {
		paper = &in.Paper
		mine, err := pg.Value[bool](act.Query(ctx, `SELECT EXISTS (SELECT FROM records.paper WHERE id = $1 AND owner = $2)`, in.Paper, person))
		if err != nil {
			return uuid.Nil, err
		}
		if !mine {
			return uuid.Nil, fault.NotFound("records.paper")
		}
	}
	id := uuid.Must(uuid.NewV7())
	_, err := act.Exec(ctx, `INSERT INTO records.consent (id, person, purpose, agency, agency_name, paper, given_at, until, given_to)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, person, in.Purpose, in.Agency, in.AgencyName, paper, act.At, act.At.AddDate(0, 0, in.Days), to)
	return id, err
}

// Withdraw ends a consent at once. It is the person's own act and asks for no reason.
// law: public-services.md 11, Law 91/2025 — as easy to withdraw as to give.
func (b *Block) Withdraw(ctx context.Context, consent uuid.UUID) error {
	return b.book.Act(ctx, "records.consent.withdraw", func(ctx context.Context, act *audit.Act) error {
		if act.Actor.For.ID != uuid.Nil {
			return fault.Conflict("represent.own-name")
		}
		tag, err := act.Exec(ctx, `UPDATE records.consent SET withdrawn_at = coalesce(withdrawn_at, $3) WHERE id = $1 AND person = $2`,
			consent, act.Actor.ID, act.At)
		if err != nil {
			return fmt.Errorf("withdrawing a consent: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return fault.NotFound("records.consent")
		}
		act.About("records.consent", consent, act.Actor.ID)
		return nil
	})
}

const consentColumns = `id, person, purpose, agency, agency_name, paper, given_at, until, given_to, withdrawn_at`

// Consents lists what the actor, or whom she acts for, has allowed, the newest first, a page after one
// of them, with the one after which the next page goes on; uuid.Nil is none. Those that ended are
// among them.
func (b *Block) Consents(ctx context.Context, after uuid.UUID) (list []Consent, next uuid.UUID, err error) {
	if !seesAll(actor.From(ctx)) {
		return nil, next, nil
	}
	list, err = pg.All[Consent](b.db.Query(ctx, `SELECT `+consentColumns+` FROM records.consent
		WHERE person = @person AND (@first OR (given_at, id) < (SELECT given_at, id FROM records.consent WHERE id = @after AND person = @person))
		ORDER BY given_at DESC, id DESC LIMIT @n`,
		pgx.NamedArgs{"person": actor.From(ctx).Party(), "first": after == uuid.Nil, "after": after, "n": PerPage + 1}))
	if err != nil {
		return nil, next, fmt.Errorf("listing consents: %w", err)
	}
	if len(list) > PerPage {
		list, next = list[:PerPage], list[PerPage-1].ID
	}
	return list, next, nil
}

// ConsentFor finds a consent of a person under which an agency may use a paper now, the one that
// holds longest; fault.NotFound when there is none.
func (b *Block) ConsentFor(ctx context.Context, person uuid.UUID, agency string, paper uuid.UUID) (Consent, error) {
	c, err := pg.One[Consent](b.db.Query(ctx, `SELECT `+consentColumns+` FROM records.consent
		WHERE person = @person AND agency = @agency AND withdrawn_at IS NULL AND until > @now AND (paper IS NULL OR paper = @paper)
		ORDER BY until DESC LIMIT 1`, pgx.NamedArgs{"person": person, "agency": agency, "paper": paper, "now": b.clock.Now()}))
	if fault.KindOf(err) == fault.KindNotFound {
		return Consent{}, fault.NotFound("records.consent")
	}
	return c, err
}
