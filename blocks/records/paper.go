package records

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// How a paper is signed.
const (
	Unsigned = "none"
	Signed   = "signed" // an electronic original with its signatures
	Copy     = "copy"   // a scan that an officer signed as true to the original
)

// Paper is one paper of one person.
type Paper struct {
	ID           uuid.UUID
	Owner        uuid.UUID
	Type         string // document-type code: KQ.G15.000038
	Name         string // as people call it
	Number       string // number and symbol
	Issuer       string
	IssuerAgency string
	IssuedOn     time.Time
	ValidUntil   *time.Time // last day; nil = no end
	Result       bool       // issued here; false: digitised from what was brought
	SourceKind   string     // the record it came from: services.dossier
	SourceID     string
	FileID       *uuid.UUID // nil: on paper only
	Signature    string
	Visibility   string // offices (the default), or owner: nobody else sees it
	RevokedAt    *time.Time
	RevokedWhy   string
	ReplacedBy   *uuid.UUID
	KeptAt       time.Time
}

// State is how a paper stands on a day.
type State string

const (
	Valid    State = "valid"
	Expired  State = "expired"
	Revoked  State = "revoked"
	Replaced State = "replaced"
)

// State says whether the paper counts at a moment. The last day of validity counts whole.
func (p Paper) State(at time.Time) State {
	switch {
	case p.RevokedAt != nil && !p.RevokedAt.After(at):
		return Revoked
	case p.ReplacedBy != nil:
		return Replaced
	case p.ValidUntil != nil && at.In(clock.Vietnam).Format(time.DateOnly) > p.ValidUntil.Format(time.DateOnly):
		return Expired
	}
	return Valid
}

// SoHoa is the code of a paper that is reused in a dossier.
// law: public-services.md 11 — 2 reused from another component in store, 3 reused from an earlier result.
func (p Paper) SoHoa() int {
	if p.Result {
		return 3
	}
	return 2
}

const paperColumns = `id, owner, type, name, number, issuer, issuer_agency, issued_on, valid_until, result, source_kind, source_id,
	file_id, signature, visibility, revoked_at, revoked_why, replaced_by, kept_at`

// Keep puts a paper among its owner's with the act. The same paper of the same source is kept
// once. replaces, where it is not zero, is the owner's paper that counts no longer.
func (b *Block) Keep(_ context.Context, act *audit.Act, p Paper, replaces uuid.UUID) (uuid.UUID, error) {
	if p.Owner == uuid.Nil || p.Type == "" || p.Name == "" || p.Issuer == "" || p.IssuedOn.IsZero() {
		return uuid.Nil, fmt.Errorf("records: a paper without owner, type, name, issuer or day: %+v", p)
	}
	if p.ID == uuid.Nil {
		p.ID = uuid.Must(uuid.NewV7())
	}
	if p.Signature == "" {
		p.Signature = Unsigned
	}
	if p.Visibility == "" {
		p.Visibility = "offices"
	}
	act.Queue(`INSERT INTO records.paper (id, owner, type, name, number, issuer, issuer_agency, issued_on, valid_until, result,
		source_kind, source_id, file_id, signature, visibility, kept_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT DO NOTHING`,
		p.ID, p.Owner, p.Type, p.Name, p.Number, p.Issuer, p.IssuerAgency, clock.DayOf(&p.IssuedOn), clock.DayOf(p.ValidUntil), p.Result,
		p.SourceKind, p.SourceID, p.FileID, p.Signature, p.Visibility, act.At)
	if replaces != uuid.Nil {
		act.Queue(`UPDATE records.paper SET replaced_by = $2 WHERE id = $1 AND owner = $3 AND replaced_by IS NULL
			AND EXISTS (SELECT FROM records.paper WHERE id = $2)`, replaces, p.ID, p.Owner)
	}
	return p.ID, nil
}

// Revoke says that a paper counts no longer, and why.
func (b *Block) Revoke(ctx context.Context, act *audit.Act, paper uuid.UUID, why string) error {
	why = strings.TrimSpace(why)
	if why == "" {
		return fault.Fields{"reason": "required"}
	}
	tag, err := act.Exec(ctx, `UPDATE records.paper SET revoked_at = $2, revoked_why = $3 WHERE id = $1 AND revoked_at IS NULL`, paper, act.At, why)
	if err != nil {
		return fmt.Errorf("revoking a paper: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return fault.NotFound("records.paper")
	}
	return nil
}

// RevokeFrom says that the papers which came from a record count no longer, and why; there may be none.
func (b *Block) RevokeFrom(act *audit.Act, kind, id, why string) {
	act.Queue(`UPDATE records.paper SET revoked_at = $3, revoked_why = $4 WHERE source_id = $1 AND source_kind = $2 AND revoked_at IS NULL`,
		id, kind, act.At, why)
}

// LastFrom is the paper that came from a record last and that none has replaced yet; zero for none.
func (b *Block) LastFrom(ctx context.Context, act *audit.Act, kind, id string) (uuid.UUID, error) {
	list, err := pg.Values[uuid.UUID](act.Query(ctx, `SELECT id FROM records.paper
		WHERE source_id = $1 AND source_kind = $2 AND replaced_by IS NULL ORDER BY kept_at DESC LIMIT 1`, id, kind))
	if err != nil || len(list) == 0 {
		return uuid.Nil, err
	}
	return list[0], nil
}

// Mine lists the actor's own papers, or those of whom she acts for, the newest first; up to 500.
func (b *Block) Mine(ctx context.Context) ([]Paper, error) {
	if !seesAll(actor.From(ctx)) {
		return nil, nil
	}
	list, err := pg.All[Paper](b.db.Query(ctx, `SELECT `+paperColumns+` FROM records.paper
		WHERE owner = $1 ORDER BY issued_on DESC, id DESC LIMIT 500`, actor.From(ctx).Party()))
	if err != nil {
		return nil, fmt.Errorf("listing papers: %w", err)
	}
	return list, nil
}

// PerPage is how many papers or consents a page of them shows.
const PerPage = 30

// Shelf is a page of Mine, after one of the papers, with the one after which the next page goes on;
// uuid.Nil is no paper.
func (b *Block) Shelf(ctx context.Context, after uuid.UUID) (list []Paper, next uuid.UUID, err error) {
	if !seesAll(actor.From(ctx)) {
		return nil, next, nil
	}
	list, err = pg.All[Paper](b.db.Query(ctx, `SELECT `+paperColumns+` FROM records.paper
		WHERE owner = @owner AND (@first OR (issued_on, id) < (SELECT issued_on, id FROM records.paper WHERE id = @after AND owner = @owner))
		ORDER BY issued_on DESC, id DESC LIMIT @n`,
		pgx.NamedArgs{"owner": actor.From(ctx).Party(), "first": after == uuid.Nil, "after": after, "n": PerPage + 1}))
	if err != nil {
		return nil, next, fmt.Errorf("listing papers: %w", err)
	}
	if len(list) > PerPage {
		list, next = list[:PerPage], list[PerPage-1].ID
	}
	return list, next, nil
}

// papers are somebody's, for the access entry.
type papers struct {
	owner uuid.UUID
	list  []Paper
}

func (p papers) AuditPersons() []uuid.UUID { return []uuid.UUID{p.owner} }

// PapersOf lists a citizen's papers for an official who says what for. That he looked is written
// down first, and she sees it. Papers that are for the owner alone are not among them.
func (b *Block) PapersOf(ctx context.Context, owner uuid.UUID, purpose string) ([]Paper, error) {
	who := actor.From(ctx)
	if who.Party() == owner {
		return b.Mine(ctx)
	}
	if !b.mayLookAt(who) {
		return nil, fault.Forbidden("records.look")
	}
	if strings.TrimSpace(purpose) == "" {
		return nil, fault.Fields{"purpose": "reason"}
	}
	found, err := audit.Read(audit.WithPurpose(ctx, purpose), b.book, "records.papers", owner, func(r pg.Reader) (papers, error) {
		list, err := pg.All[Paper](r.Query(ctx, `SELECT `+paperColumns+` FROM records.paper
			WHERE owner = @owner AND visibility = 'offices' ORDER BY issued_on DESC, id DESC LIMIT 500`, pgx.NamedArgs{"owner": owner}))
		return papers{owner, list}, err
	})
	return found.list, err
}
