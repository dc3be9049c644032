package directory

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/kit/pg"
)

// Branch says which part of the political system an agency belongs to.
type Branch string

// The four branches.
const (
	Party      Branch = "party"
	Government Branch = "government"
	Front      Branch = "front"
	Mass       Branch = "mass"
)

// Branches lists the four in their usual order.
var Branches = []Branch{Party, Government, Front, Mass}

// Agency is a body as it stood in some span of time.
type Agency struct {
	ID         string
	Name       string
	NameEn     string
	Branch     Branch
	Level      string // province, district or commune
	Kind       string // "people's committee", "specialised agency", "public-service centre" …
	Parent     string // id; "" for a top body
	UnitCode   string
	Identifier string // electronic identifier such as H12.05; "" where none is known
	Basis      string // how the row is known
	Note       string
	ValidFrom  time.Time
	ValidTo    *time.Time // first day it no longer holds; nil while in force
}

const agencyColumns = `v.agency_id AS id, v.name, v.name_en, v.branch, v.level, v.kind, coalesce(v.parent, '') AS parent,
	v.unit_code, coalesce(v.identifier, '') AS identifier, v.basis, v.note, v.valid_from, v.valid_to`

// AgencyFilter narrows a list of agencies; zero fields do not.
type AgencyFilter struct {
	Branch Branch
	Level  string
	Kind   string
	Unit   string // code
	Parent string // id: its direct children
	Text   string // words of the name, any diacritics
	Limit  int    // 0 means 2,000
}

// Agencies lists the agencies in force on a day: by level, branch and name.
func (b *Block) Agencies(ctx context.Context, f AgencyFilter, at time.Time) ([]Agency, error) {
	if f.Limit <= 0 {
		f.Limit = 2000
	}
	return pg.All[Agency](b.db.Query(ctx, `
		SELECT `+agencyColumns+`
		FROM directory.agency_version v
		WHERE v.valid_from <= @day AND (v.valid_to IS NULL OR v.valid_to > @day)
		  AND (@branch = '' OR v.branch = @branch) AND (@level = '' OR v.level = @level)
		  AND (@kind = '' OR v.kind = @kind) AND (@unit = '' OR v.unit_code = @unit)
		  AND (@parent = '' OR v.parent = @parent)
		  AND (@text = '' OR NOT EXISTS (SELECT FROM unnest(string_to_array(public.vn_fold(@text), ' ')) w
		                                 WHERE position(w IN v.name_fold) = 0))
		ORDER BY array_position(ARRAY['province', 'district', 'commune'], v.level),
		         array_position(ARRAY['party', 'government', 'front', 'mass'], v.branch),
		         v.name COLLATE "vi-x-icu", v.agency_id
		LIMIT @limit`,
		pgx.NamedArgs{"day": Day(at), "branch": f.Branch, "level": f.Level, "kind": f.Kind, "unit": f.Unit,
			"parent": f.Parent, "text": f.Text, "limit": f.Limit}))
}

// Agency is the body as it stood on a day.
func (b *Block) Agency(ctx context.Context, id string, at time.Time) (Agency, error) {
	return agencyOn(ctx, b.db, id, Day(at))
}

func agencyOn(ctx context.Context, r pg.Reader, id string, day time.Time) (Agency, error) {
	return pg.One[Agency](r.Query(ctx, `
		SELECT `+agencyColumns+`
		FROM directory.agency_version v
		WHERE v.agency_id = @id AND v.valid_from <= @day AND (v.valid_to IS NULL OR v.valid_to > @day)`,
		pgx.NamedArgs{"id": id, "day": day}))
}

// AgencyVersions lists every state of the body, oldest first; none for an unknown id.
func (b *Block) AgencyVersions(ctx context.Context, id string) ([]Agency, error) {
	return pg.All[Agency](b.db.Query(ctx, `
		SELECT `+agencyColumns+`
		FROM directory.agency_version v WHERE v.agency_id = @id ORDER BY v.valid_from`,
		pgx.NamedArgs{"id": id}))
}

// Node is an agency with the bodies under it.
type Node struct {
	Agency
	Children []*Node
}

// Tree is the whole of the bodies in force on a day, as a forest of top bodies. With a unit, only
// that unit's bodies: those whose parent lies elsewhere are then its tops.
func (b *Block) Tree(ctx context.Context, unit string, at time.Time) ([]*Node, error) {
	all, err := b.Agencies(ctx, AgencyFilter{Unit: unit, Limit: 100_000}, at)
	if err != nil {
		return nil, err
	}
	nodes := make(map[string]*Node, len(all))
	for _, a := range all {
		nodes[a.ID] = &Node{Agency: a}
	}
	var tops []*Node
	for _, a := range all {
		if p, ok := nodes[a.Parent]; ok {
			p.Children = append(p.Children, nodes[a.ID])
		} else {
			tops = append(tops, nodes[a.ID])
		}
	}
	return tops, nil
}

// Succession tells that one body took over from another on a day.
type Succession struct {
	OldID, OldName string
	NewID, NewName string
	Day            time.Time
	Basis          string
}

// Lineage lists what the body took over and what took it over, oldest first.
func (b *Block) Lineage(ctx context.Context, id string) ([]Succession, error) {
	return pg.All[Succession](b.db.Query(ctx, `
		SELECT s.old_id, o.name AS old_name, s.new_id, n.name AS new_name, s.day, s.basis
		FROM directory.agency_successor s
		JOIN LATERAL (SELECT v.name FROM directory.agency_version v
			WHERE v.agency_id = s.old_id AND v.valid_from < s.day ORDER BY v.valid_from DESC LIMIT 1) o ON true
		JOIN LATERAL (SELECT v.name FROM directory.agency_version v
			WHERE v.agency_id = s.new_id AND v.valid_from <= s.day ORDER BY v.valid_from DESC LIMIT 1) n ON true
		WHERE s.old_id = @id OR s.new_id = @id
		ORDER BY s.day, s.old_id, s.new_id`,
		pgx.NamedArgs{"id": id}))
}

// House lists the agencies that act as one authority with the given one on a day: in a commune
// the people's committee with its offices and divisions, elsewhere the agency alone.
func (b *Block) House(ctx context.Context, id string, at time.Time) ([]string, error) {
	return pg.Value[[]string](b.db.Query(ctx, `SELECT directory.house(@id, @day)`,
		pgx.NamedArgs{"id": id, "day": Day(at)}))
}
