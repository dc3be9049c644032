package directory

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/pg"
)

// The positions that come with the program; a province may add its own as data.
const (
	Leader           = "leader"
	Deputy           = "deputy"
	DivisionHead     = "division-head"
	CaseOfficer      = "case-officer"
	ReceivingOfficer = "receiving-officer"
	Clerk            = "clerk"
	Cashier          = "cashier"
	Inspector        = "inspector"
	Staff            = "staff"
	AgencyAdmin      = "agency-admin"
	ProvinceAdmin    = "province-admin"
)

// Position is a kind of post.
type Position struct {
	Key    string
	Rank   int // 1 is the highest
	NameVi string
	NameEn string
}

// Positions lists all positions by rank.
func (b *Block) Positions(ctx context.Context) ([]Position, error) {
	return pg.All[Position](b.db.Query(ctx, `SELECT key, rank, name_vi, name_en FROM directory.position ORDER BY rank, key`))
}

// Post is a person in a position of an agency.
type Post struct {
	ID        uuid.UUID
	Person    uuid.UUID
	Name      string // of the person
	Agency    string // id
	Body      string // name of the agency on the asked day
	Position  string // key
	Title     string // as printed: "Phó Chủ tịch"
	Rank      int
	ValidFrom time.Time
	ValidTo   *time.Time // first day it no longer holds; nil while open
	Basis     string     // number and date of the decision
	Reason    string     // why it ended
}

const postColumns = `p.id, p.person_id AS person, o.name, p.agency_id AS agency, coalesce(v.name, p.agency_id) AS body, p.position, p.title, p.rank,
	p.valid_from, p.valid_to, p.basis, p.reason`

// Post is one post, whenever it held.
func (b *Block) Post(ctx context.Context, id uuid.UUID) (Post, error) {
	return postIn(ctx, b.db, id, "")
}

// postIn reads a post, with lock (such as "FOR UPDATE OF p") inside an act.
func postIn(ctx context.Context, r pg.Reader, id uuid.UUID, lock string) (Post, error) {
	return pg.One[Post](r.Query(ctx, `
		SELECT `+postColumns+`
		FROM directory.post p
		JOIN directory.person o ON o.id = p.person_id
		LEFT JOIN LATERAL (SELECT name FROM directory.agency_version v WHERE v.agency_id = p.agency_id
			ORDER BY v.valid_from DESC LIMIT 1) v ON true
		WHERE p.id = @id `+lock, pgx.NamedArgs{"id": id}))
}

// PostsOf lists every post a person has had, the latest first. The name of the agency is the one
// it had when the post began.
func (b *Block) PostsOf(ctx context.Context, person uuid.UUID) ([]Post, error) {
	return postsOf(ctx, b.db, person)
}

func postsOf(ctx context.Context, r pg.Reader, person uuid.UUID) ([]Post, error) {
	return pg.All[Post](r.Query(ctx, `
		SELECT `+postColumns+`
		FROM directory.post p
		JOIN directory.person o ON o.id = p.person_id
		LEFT JOIN directory.agency_version v ON v.agency_id = p.agency_id
			AND v.valid_from <= p.valid_from AND (v.valid_to IS NULL OR v.valid_to > p.valid_from)
		WHERE p.person_id = @person
		ORDER BY p.valid_from DESC, p.rank, p.id`,
		pgx.NamedArgs{"person": person}))
}

// PostsAt lists the posts in force in an agency on a day, the highest first, then by tên.
func (b *Block) PostsAt(ctx context.Context, agency string, at time.Time) ([]Post, error) {
	return pg.All[Post](b.db.Query(ctx, `
		SELECT `+postColumns+`
		FROM directory.post p
		JOIN directory.person o ON o.id = p.person_id
		LEFT JOIN directory.agency_version v ON v.agency_id = p.agency_id
			AND v.valid_from <= @day AND (v.valid_to IS NULL OR v.valid_to > @day)
		WHERE p.agency_id = @agency AND p.valid_from <= @day AND (p.valid_to IS NULL OR p.valid_to > @day)
		ORDER BY p.rank, directory.name_key(o.name), p.id`,
		pgx.NamedArgs{"agency": agency, "day": Day(at)}))
}

// Receivers lists who may use a right in an agency on a day from an own post: those to whom a
// dossier or document can be handed. It takes a reader so that an act can ask inside itself.
func (b *Block) Receivers(ctx context.Context, r pg.Reader, agency, right string, at time.Time) ([]Post, error) {
	return pg.All[Post](r.Query(ctx, `
		WITH around AS MATERIALIZED (
			SELECT directory.house(@agency, @day) AS house, directory.above(@agency, @day) AS above
		)
		SELECT `+postColumns+`
		FROM around a
		JOIN directory.post p ON p.agency_id = ANY(a.house || a.above)
		JOIN directory.position_right pr ON pr.position = p.position AND pr.right_key = @right
			AND pr.valid_from <= @day AND (pr.valid_to IS NULL OR pr.valid_to > @day)
		JOIN directory.person o ON o.id = p.person_id
		LEFT JOIN directory.agency_version v ON v.agency_id = p.agency_id
			AND v.valid_from <= @day AND (v.valid_to IS NULL OR v.valid_to > @day)
		WHERE p.valid_from <= @day AND (p.valid_to IS NULL OR p.valid_to > @day)
		  AND CASE pr.reach WHEN 'all' THEN true
			WHEN 'below' THEN p.agency_id = ANY(a.above)
			WHEN 'house' THEN p.agency_id = ANY(a.house)
			ELSE p.agency_id = @agency END
		ORDER BY p.agency_id <> @agency, p.rank, directory.name_key(o.name), p.id`,
		pgx.NamedArgs{"agency": agency, "right": right, "day": Day(at)}))
}

// Profile is what colleagues see of an official.
type Profile struct {
	ID          uuid.UUID
	Name        string
	Email       string
	Posts       []Post
	Delegations []Delegation // given and taken, not yet over
}

// Profile opens the office side of a person: no personal number, phone or home.
func (b *Block) Profile(ctx context.Context, person uuid.UUID, at time.Time) (Profile, error) {
	p, err := pg.One[struct {
		ID    uuid.UUID
		Name  string
		Email string
	}](b.db.Query(ctx, `SELECT id, name, coalesce(email, '') AS email FROM directory.person WHERE id = @id AND official`,
		pgx.NamedArgs{"id": person}))
	if err != nil {
		return Profile{}, err
	}
	out := Profile{ID: p.ID, Name: p.Name, Email: p.Email}
	if out.Posts, err = b.PostsOf(ctx, person); err != nil {
		return Profile{}, err
	}
	out.Delegations, err = b.DelegationsOf(ctx, person, at)
	return out, err
}

// Name is a person's name alone, as every list of colleagues shows it. Who is no official has a
// name only for those who may look people up.
func (b *Block) Name(ctx context.Context, person uuid.UUID) (string, error) {
	return pg.Value[string](b.db.Query(ctx, `SELECT name FROM directory.person WHERE id = @id AND (official OR @find)`,
		pgx.NamedArgs{"id": person, "find": mayFind(actor.From(ctx))}))
}

// Names are what some persons are called, of those whom Name would tell.
func (b *Block) Names(ctx context.Context, persons []uuid.UUID) (map[uuid.UUID]string, error) {
	type named struct {
		ID   uuid.UUID
		Name string
	}
	list, err := pg.All[named](b.db.Query(ctx, `SELECT id, name FROM directory.person WHERE id = ANY(@ids) AND (official OR @find)`,
		pgx.NamedArgs{"ids": persons, "find": mayFind(actor.From(ctx))}))
	if err != nil {
		return nil, fmt.Errorf("naming %d persons: %w", len(persons), err)
	}
	out := make(map[uuid.UUID]string, len(list))
	for _, n := range list {
		out[n.ID] = n.Name
	}
	return out, nil
}

// Right is what a position allows, in words.
type Right struct {
	Key    string
	NameVi string
	NameEn string
}

// RightsOf lists what a position allows on a day.
func (b *Block) RightsOf(ctx context.Context, position string, at time.Time) ([]Right, error) {
	return pg.All[Right](b.db.Query(ctx, `
		SELECT k.key, k.name_vi, k.name_en
		FROM directory.position_right pr JOIN directory.right_kind k ON k.key = pr.right_key
		WHERE pr.position = @position AND pr.valid_from <= @day AND (pr.valid_to IS NULL OR pr.valid_to > @day)
		ORDER BY k.key`, pgx.NamedArgs{"position": position, "day": Day(at)}))
}
