package directory

import (
	"context"
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

// Forms in which a post's powers are lent.
// law: documents.md 2.3 — KT., Q., TL. and TUQ. are printed before the signer's title.
const (
	Substitution = "substitution" // another works the desk; never signs
	TUQ          = "TUQ"          // special delegation in writing, limited in time and content
	TL           = "TL"           // by order: the head of a subordinate unit
	KT           = "KT"           // a deputy for the head
	Q            = "Q"            // acting head
)

// Forms lists them in the order of the form.
var Forms = []string{Substitution, KT, TL, TUQ, Q}

// Delegation lends the powers of one post to another person for some days.
type Delegation struct {
	ID        uuid.UUID
	Form      string
	GiverPost uuid.UUID
	Giver     string // name
	Taker     uuid.UUID
	TakerName string
	Title     string // of the giver's post
	Agency    string // id of the giver's post
	Body      string
	Rights    []string // empty: all of the post
	ValidFrom time.Time
	ValidTo   time.Time // first day it no longer holds
	Document  string
	Note      string
}

// DelegationsOf lists what a person has given or taken and what is not over on the day.
func (b *Block) DelegationsOf(ctx context.Context, person uuid.UUID, at time.Time) ([]Delegation, error) {
	return pg.All[Delegation](b.db.Query(ctx, `
		SELECT d.id, d.form, d.giver_post, g.name AS giver, d.taker, t.name AS taker_name, p.title, p.agency_id AS agency,
			coalesce(v.name, p.agency_id) AS body, d.rights, d.valid_from, d.valid_to, d.document, d.note
		FROM directory.delegation d
		JOIN directory.post p ON p.id = d.giver_post
		JOIN directory.person g ON g.id = p.person_id
		JOIN directory.person t ON t.id = d.taker
		LEFT JOIN directory.agency_version v ON v.agency_id = p.agency_id
			AND v.valid_from <= @day AND (v.valid_to IS NULL OR v.valid_to > @day)
		WHERE (p.person_id = @person OR d.taker = @person) AND d.ended_at IS NULL AND d.valid_to > @day
		ORDER BY d.valid_from, d.id`,
		pgx.NamedArgs{"person": person, "day": Day(at)}))
}

// DelegateIn lends a post.
type DelegateIn struct {
	Client   string    `form:"client"`
	Form     string    `form:"form"`
	Post     uuid.UUID `form:"post"`  // the giver's
	Taker    uuid.UUID `form:"taker"` // the person
	Rights   []string  `form:"rights"`
	From     string    `form:"from"`
	Until    string    `form:"until"` // last day
	Document string    `form:"document"`
	Note     string    `form:"note"`
}

func (in DelegateIn) check() (fault.Fields, time.Time, time.Time) {
	f := fault.Fields{}
	if !slices.Contains(Forms, in.Form) {
		f.Set("form", "unknown")
	}
	if in.Post == uuid.Nil {
		f.Set("post", "required")
	}
	if in.Taker == uuid.Nil {
		f.Set("taker", "required")
	}
	from, until := requiredDay(f, "from", in.From), requiredDay(f, "until", in.Until)
	if !f.Any() && until.Before(from) {
		f.Set("until", "before-start")
	}
	// law: documents.md 2.3 — in writing, limited in time and content.
	required(f, "document", in.Document)
	limited(f, "document", in.Document, 200)
	limited(f, "note", in.Note, 500)
	if in.Form == TUQ && len(in.Rights) == 0 {
		f.Set("rights", "required")
	}
	if !f.Any() && until.After(from.AddDate(1, 0, 0)) {
		f.Set("until", "directory.too-long-lent")
	}
	return f, from, until.AddDate(0, 0, 1)
}

// Delegate lends the powers of a post. The holder may, and who manages the agency; but only
// powers of the post itself: what one holds by delegation cannot be lent on.
func (b *Block) Delegate(ctx context.Context, in DelegateIn) (uuid.UUID, error) {
	f, from, to := in.check()
	if f.Any() {
		return uuid.Nil, f
	}
	var id uuid.UUID
	err := b.book.Act(ctx, "directory.delegate", func(ctx context.Context, act *audit.Act) error {
		p, err := postIn(ctx, act, in.Post, "FOR SHARE OF p")
		if err != nil {
			return err
		}
		powers, err := powersOf(ctx, act, p.Position, from)
		if err != nil {
			return err
		}
		if err := mayDelegate(act.Actor, p, in, powers); err != nil {
			return err
		}
		if p.ValidTo != nil && to.After(*p.ValidTo) {
			return fault.Fields{"until": "directory.post-ended"}
		}
		if err := checkTaker(ctx, act, in, p, from); err != nil {
			return err
		}
		id = uuid.Must(uuid.NewV7())
		rights := in.Rights
		if rights == nil {
			rights = []string{}
		}
		act.About("directory.delegation", id, p.Person, in.Taker)
		act.Note("form", in.Form)
		_, err = act.Exec(ctx, `
			INSERT INTO directory.delegation (id, form, giver_post, taker, rights, valid_from, valid_to, document, note, made_by, made_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			id, in.Form, p.ID, in.Taker, rights, from, to, strings.TrimSpace(in.Document), strings.TrimSpace(in.Note), act.Actor.ID, act.At)
		return err
	}, onceIf(in.Client, in, &id)...)
	return id, err
}

// mayDelegate judges who lends what to whom; pure.
func mayDelegate(a actor.Actor, p Post, in DelegateIn, powers []power) error {
	if in.Taker == p.Person {
		return fault.Fields{"taker": "directory.self"}
	}
	if a.ID != p.Person {
		// Who manages the agency may arrange it for the holder, never in her own favour.
		lent := powers
		if len(in.Rights) > 0 {
			lent = slices.DeleteFunc(slices.Clone(powers), func(w power) bool { return !slices.Contains(in.Rights, w.RightKey) })
		}
		if err := mayGrant(a, in.Taker, p.Agency, lent); err != nil {
			return err
		}
	}
	for _, r := range in.Rights {
		if !slices.ContainsFunc(powers, func(w power) bool { return w.RightKey == r }) {
			return fault.Fields{"rights": "directory.not-of-post"}
		}
	}
	return nil
}

// checkTaker holds the taker to the form: KT is for deputies of the same body, TL for heads of
// bodies under it, the rest for any official.
func checkTaker(ctx context.Context, r pg.Reader, in DelegateIn, p Post, from time.Time) error {
	fit, err := pg.Value[bool](r.Query(ctx, `
		SELECT EXISTS (SELECT FROM directory.post t
			WHERE t.person_id = @taker AND t.valid_from <= @day AND (t.valid_to IS NULL OR t.valid_to > @day)
			  AND CASE @form WHEN 'KT' THEN t.agency_id = @agency AND t.position = 'deputy'
			      WHEN 'TL' THEN t.agency_id = ANY(directory.below(@agency, @day)) AND (t.position = 'division-head' OR t.position = 'leader' AND t.agency_id <> @agency)
			      ELSE true END)`,
		pgx.NamedArgs{"taker": in.Taker, "day": from, "form": in.Form, "agency": p.Agency}))
	if err != nil {
		return err
	}
	if !fit {
		return fault.Fields{"taker": "directory.taker-unfit"}
	}
	return nil
}

// EndDelegation takes back what was lent, at once.
func (b *Block) EndDelegation(ctx context.Context, id uuid.UUID) error {
	return b.book.Act(ctx, "directory.delegation.end", func(ctx context.Context, act *audit.Act) error {
		d, err := pg.One[struct {
			PostID   uuid.UUID
			PersonID uuid.UUID
			Taker    uuid.UUID
			AgencyID string
			Ended    bool
		}](act.Query(ctx, `
			SELECT p.id AS post_id, p.person_id, d.taker, p.agency_id, d.ended_at IS NOT NULL AS ended
			FROM directory.delegation d JOIN directory.post p ON p.id = d.giver_post
			WHERE d.id = @id FOR UPDATE OF d`, pgx.NamedArgs{"id": id}))
		if err != nil {
			return err
		}
		if act.Actor.ID != d.PersonID && !mayManage(act.Actor, d.AgencyID) {
			return fault.Forbidden("directory.manage")
		}
		if d.Ended {
			return fault.Conflict("directory.delegation-ended")
		}
		act.About("directory.delegation", id, d.PersonID, d.Taker)
		_, err = act.Exec(ctx, `UPDATE directory.delegation SET ended_at = $2 WHERE id = $1`, id, act.At)
		return err
	})
}
