package records

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// ReuseIn says which paper is used, for what and by which right.
type ReuseIn struct {
	Paper     uuid.UUID
	Purpose   string
	Consent   uuid.UUID // zero: the owner uses her own paper
	Agency    string    // for whom an official acts
	AboutKind string    // the record in which it is used
	AboutID   string
}

// Reuse uses a stored paper instead of asking for it again, and logs it where the owner sees it.
// A paper past its validity, revoked or replaced is refused with the reason (nothing is written);
// so is a use without the owner's consent to this agency.
// law: public-services.md 18.2 A27 — a stored paper past its validity is refused with reason.
func (b *Block) Reuse(ctx context.Context, act *audit.Act, in ReuseIn) (Paper, error) {
	in.Purpose = strings.TrimSpace(in.Purpose)
	if in.Purpose == "" {
		return Paper{}, fault.Fields{"purpose": "reason"}
	}
	// The row is locked so that a revocation of the same moment comes before or after, not between.
	p, err := pg.One[Paper](act.Query(ctx, `SELECT `+paperColumns+` FROM records.paper WHERE id = $1 FOR SHARE`, in.Paper))
	if fault.KindOf(err) == fault.KindNotFound {
		return Paper{}, fault.NotFound("records.paper")
	} else if err != nil {
		return Paper{}, fmt.Errorf("opening a paper: %w", err)
	}
	own := act.Actor.Party() == p.Owner && act.Actor.SignedIn() && seesAll(act.Actor)
	if !own && (!b.mayUseFor(act.Actor, in.Agency) || p.Visibility == "owner") {
		return Paper{}, fault.NotFound("records.paper") // that it exists is already private
	}
	switch p.State(act.At) {
	case Expired:
		return Paper{}, fault.Conflict("records.expired", "name", p.Name, "until", p.ValidUntil.Format("2/1/2006"))
	case Revoked:
		return Paper{}, fault.Conflict("records.revoked", "name", p.Name)
	case Replaced:
		return Paper{}, fault.Conflict("records.replaced", "name", p.Name)
	}
	var consent *uuid.UUID
	if !own {
		c, err := pg.One[Consent](act.Query(ctx, `SELECT `+consentColumns+` FROM records.consent WHERE id = $1 FOR SHARE`, in.Consent))
		if err != nil && fault.KindOf(err) != fault.KindNotFound {
			return Paper{}, fmt.Errorf("opening a consent: %w", err)
		}
		if err != nil || c.Person != p.Owner || c.Agency != in.Agency || !c.Holds(act.At) || c.Paper != nil && *c.Paper != p.ID {
			return Paper{}, fault.Conflict("records.no-consent", "name", p.Name)
		}
		consent = &c.ID
	}
	act.Note("records.reuse", p.ID)
	act.Queue(`INSERT INTO records.reuse (id, paper, owner, by, by_name, agency, agency_name, purpose, about_kind, about_id, consent, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		uuid.Must(uuid.NewV7()), p.ID, p.Owner, act.Actor.ID, act.Actor.Name, in.Agency, act.Actor.Agency, in.Purpose,
		in.AboutKind, in.AboutID, consent, act.At)
	return p, nil
}

// Use is one line of the log of reuse, as the owner sees it.
type Use struct {
	ID         uuid.UUID
	Paper      uuid.UUID
	Name       string // of the paper
	Number     string
	ByName     string
	AgencyName string
	Own        bool // the owner herself
	Purpose    string
	AboutKind  string
	AboutID    string
	At         time.Time
}

// Uses lists who used the papers of the actor, or of whom she acts for, the newest first, 50 a page,
// older than the one given.
func (b *Block) Uses(ctx context.Context, before uuid.UUID) ([]Use, error) {
	if !seesAll(actor.From(ctx)) {
		return nil, nil
	}
	list, err := pg.All[Use](b.db.Query(ctx, `SELECT r.id, r.paper, p.name, p.number, r.by_name, r.agency_name,
		r.by IS NOT DISTINCT FROM r.owner AS own, r.purpose, r.about_kind, r.about_id, r.at
		FROM records.reuse r JOIN records.paper p ON p.id = r.paper
		WHERE r.owner = $1 AND ($2 OR r.id < $3) ORDER BY r.id DESC LIMIT 50`, actor.From(ctx).Party(), before == uuid.Nil, before))
	if err != nil {
		return nil, fmt.Errorf("listing uses: %w", err)
	}
	return list, nil
}
