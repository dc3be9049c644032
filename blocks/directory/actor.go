package directory

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// desk is one post a person works from on a day: her own, or one she stands in for.
type desk struct {
	Person uuid.UUID
	Name   string
	ID     *uuid.UUID // of the post; nil when the person has no post
	Agency string     // id
	Body   string     // the agency's name
	Title  string
	Form   string     // "" for an own post, else how it was lent
	Giver  *uuid.UUID // whose post it is, where it was lent
	Away   string     // her name
	Grants []grant
}

// grant is what a desk allows within one reach.
type grant struct {
	Rights   []string `json:"rights"`
	Agencies []string `json:"agencies"`
}

// Actor is what a person may do on a day: the posts in force, and those lent to her by
// substitution or delegation. post chooses the post to act from; when it is zero or no longer
// hers, the highest own post is taken. A person without a post comes back as a citizen. It is one
// query, because every request of a session asks it. Account, Session and Level are the caller's.
func (b *Block) Actor(ctx context.Context, r pg.Reader, person, post uuid.UUID, at time.Time) (actor.Actor, error) {
	desks, err := pg.All[desk](r.Query(ctx, `
		WITH desk AS (
			SELECT p.id, p.agency_id, p.position, p.title, p.rank, '' AS form, '{}'::text[] AS only_rights, NULL::uuid AS giver, '' AS away
			FROM directory.post p
			WHERE p.person_id = @person AND p.valid_from <= @day AND (p.valid_to IS NULL OR p.valid_to > @day)
			UNION ALL
			SELECT p.id, p.agency_id, p.position, p.title, p.rank, d.form, d.rights, p.person_id, w.name
			FROM directory.delegation d
			JOIN directory.post p ON p.id = d.giver_post
			JOIN directory.person w ON w.id = p.person_id
			WHERE d.taker = @person AND (d.ended_at IS NULL OR d.ended_at > @at) AND d.valid_from <= @day AND d.valid_to > @day
			  AND p.valid_from <= @day AND (p.valid_to IS NULL OR p.valid_to > @day)
		)
		SELECT o.id AS person, o.name, d.id, coalesce(d.agency_id, '') AS agency, coalesce(v.name, '') AS body,
			coalesce(d.title, '') AS title, coalesce(d.form, '') AS form, d.giver, coalesce(d.away, '') AS away, g.grants
		FROM directory.person o
		LEFT JOIN desk d ON true
		LEFT JOIN directory.agency_version v ON v.agency_id = d.agency_id
			AND v.valid_from <= @day AND (v.valid_to IS NULL OR v.valid_to > @day)
		LEFT JOIN LATERAL (
			SELECT coalesce(json_agg(json_build_object('rights', s.rights, 'agencies', CASE s.reach
				WHEN 'all' THEN ARRAY['*']
				WHEN 'below' THEN directory.below(d.agency_id, @day)
				WHEN 'house' THEN directory.house(d.agency_id, @day)
				ELSE ARRAY[d.agency_id] END) ORDER BY s.reach), '[]') AS grants
			FROM (
				SELECT pr.reach, array_agg(pr.right_key ORDER BY pr.right_key) AS rights
				FROM directory.position_right pr
				JOIN directory.right_kind k ON k.key = pr.right_key
				WHERE pr.position = d.position AND pr.valid_from <= @day AND (pr.valid_to IS NULL OR pr.valid_to > @day)
				  AND (d.only_rights = '{}' OR pr.right_key = ANY(d.only_rights))
				  AND NOT (d.form = 'substitution' AND k.signs)
				GROUP BY pr.reach
			) s
		) g ON true
		WHERE o.id = @person
		ORDER BY d.form <> '', d.rank, d.id`,
		pgx.NamedArgs{"person": person, "day": Day(at), "at": at}))
	if err != nil {
		return actor.Actor{}, err
	}
	if len(desks) == 0 {
		return actor.Actor{}, fault.NotFound("person")
	}
	return actorAt(desks, post), nil
}

// actorAt joins the desks of one person; the first is the default.
func actorAt(desks []desk, post uuid.UUID) actor.Actor {
	a := actor.Actor{ID: desks[0].Person, Kind: actor.Citizen, Name: desks[0].Name}
	if desks[0].ID == nil {
		return a
	}
	a.Kind = actor.Official
	at := max(0, slices.IndexFunc(desks, func(d desk) bool { return *d.ID == post }))
	d := desks[at]
	a.PostID, a.Post, a.Office, a.Agency = *d.ID, d.Title, d.Agency, d.Body
	seen := map[actor.Grant]bool{}
	for _, d := range desks {
		if !slices.Contains(a.Offices, d.Agency) {
			a.Offices = append(a.Offices, d.Agency)
		}
		if d.Form == Substitution && d.Giver != nil {
			a.Absent = append(a.Absent, actor.Absent{ID: *d.Giver, Name: d.Away, Agency: d.Agency})
		}
		for _, g := range d.Grants {
			for _, right := range g.Rights {
				for _, agency := range g.Agencies {
					if one := (actor.Grant{Right: right, Agency: agency}); !seen[one] {
						seen[one] = true
						a.Grants = append(a.Grants, one)
					}
				}
			}
		}
	}
	return a
}

// Authority says in which form a person may use a right of an agency on a day: "" from an own
// post, else the form of the delegation (TUQ, TL, KT, Q) and its id. Without either it is Forbidden.
// law: documents.md 2.3 — refuse a TUQ or TL signature outside its delegation.
func (b *Block) Authority(ctx context.Context, r pg.Reader, person uuid.UUID, right, agency string, at time.Time) (Authority, error) {
	found, err := pg.All[Authority](r.Query(ctx, `
		SELECT form, post, delegation, document FROM (
			SELECT '' AS form, p.id AS post, NULL::uuid AS delegation, '' AS document, p.position, p.agency_id, '{}'::text[] AS only_rights, p.rank
			FROM directory.post p
			WHERE p.person_id = @person AND p.valid_from <= @day AND (p.valid_to IS NULL OR p.valid_to > @day)
			UNION ALL
			SELECT d.form, p.id, d.id, d.document, p.position, p.agency_id, d.rights, p.rank
			FROM directory.delegation d JOIN directory.post p ON p.id = d.giver_post
			WHERE d.taker = @person AND d.form <> 'substitution' AND (d.ended_at IS NULL OR d.ended_at > @at)
			  AND d.valid_from <= @day AND d.valid_to > @day
			  AND p.valid_from <= @day AND (p.valid_to IS NULL OR p.valid_to > @day)
		) d
		JOIN directory.position_right pr ON pr.position = d.position AND pr.right_key = @right
			AND pr.valid_from <= @day AND (pr.valid_to IS NULL OR pr.valid_to > @day)
		WHERE (d.only_rights = '{}' OR @right = ANY(d.only_rights))
		  AND CASE pr.reach WHEN 'all' THEN true
			WHEN 'below' THEN d.agency_id = ANY(directory.above(@agency, @day))
			WHEN 'house' THEN d.agency_id = ANY(directory.house(@agency, @day))
			ELSE d.agency_id = @agency END
		ORDER BY form <> '', rank LIMIT 1`,
		pgx.NamedArgs{"person": person, "right": right, "agency": agency, "day": Day(at), "at": at}))
	if err != nil {
		return Authority{}, err
	}
	if len(found) == 0 {
		return Authority{}, fault.Forbidden(right)
	}
	return found[0], nil
}

// Authority is the post a right is used from, and how it came to the person.
type Authority struct {
	Form       string // "" own right, TUQ, TL, KT or Q
	Post       uuid.UUID
	Delegation *uuid.UUID
	Document   string // of the delegation
}

// Loan is a power that somebody may use in the place of another, and how it is written.
type Loan struct {
	Form          string // TUQ, TL, KT or Q
	Person        uuid.UUID
	Name          string
	Title         string // of the person's own highest post
	GiverTitle    string
	GiverPosition string // key
	Document      string
}

// Loans lists who may use a right of an agency on a day from a post there that is lent to them,
// except in substitution: a substitute works the desk and signs nothing.
// law: documents.md 2.3 — giver, taker, form, scope, from–to, legal document.
func (b *Block) Loans(ctx context.Context, r pg.Reader, agency, right string, at time.Time) ([]Loan, error) {
	return pg.All[Loan](r.Query(ctx, `
		SELECT d.form, d.taker AS person, t.name, coalesce(own.title, '') AS title, p.title AS giver_title, p.position AS giver_position, d.document
		FROM directory.delegation d
		JOIN directory.post p ON p.id = d.giver_post AND p.valid_from <= @day AND (p.valid_to IS NULL OR p.valid_to > @day)
		JOIN directory.person t ON t.id = d.taker
		JOIN directory.position_right pr ON pr.position = p.position AND pr.right_key = @right
			AND pr.valid_from <= @day AND (pr.valid_to IS NULL OR pr.valid_to > @day)
		LEFT JOIN LATERAL (SELECT o.title FROM directory.post o
			WHERE o.person_id = d.taker AND o.valid_from <= @day AND (o.valid_to IS NULL OR o.valid_to > @day)
			ORDER BY o.rank, o.id LIMIT 1) own ON true
		WHERE p.agency_id = @agency AND d.form <> 'substitution' AND (d.ended_at IS NULL OR d.ended_at > @at)
		  AND d.valid_from <= @day AND d.valid_to > @day AND (d.rights = '{}' OR @right = ANY(d.rights))
		ORDER BY p.rank, d.form, directory.name_key(t.name), d.id`,
		pgx.NamedArgs{"agency": agency, "right": right, "day": Day(at), "at": at}))
}
