package directory

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// The rights that this block checks.
const (
	Manage = "directory.manage" // change bodies, people and posts
	Find   = "directory.find"   // look people up and open their records; each time is written to the log
)

// mayFind says whether the actor may look people up at all.
func mayFind(a actor.Actor) bool { return a.Kind == actor.System || a.MayAnywhere(Find) }

// mayManage says whether the actor may change people and posts of the agency.
func mayManage(a actor.Actor, agency string) bool {
	return a.Kind == actor.System || a.May(Manage, agency)
}

// mayManageAll says whether the actor may change units, bodies and records that belong to no agency.
func mayManageAll(a actor.Actor) bool { return mayManage(a, "*") }

// power is one right of a position, as far as granting it is concerned.
type power struct {
	RightKey string
	Reach    string
	Governs  bool
}

// mayGrant says whether the actor may put the person into a position with these powers.
// Nobody grants rights above their own, and nobody grants anything to themselves: the rights that
// govern others must be held at the same reach; the rest need only the management of the agency.
func mayGrant(a actor.Actor, person uuid.UUID, agency string, powers []power) error {
	if !mayManage(a, agency) {
		return fault.Forbidden("directory.manage")
	}
	if a.Kind == actor.System {
		return nil
	}
	if a.ID == person {
		return fault.Forbidden("directory.self")
	}
	for _, p := range powers {
		where := agency
		if p.Reach == "all" {
			where = "*"
		}
		if p.Governs && !a.May(p.RightKey, where) {
			return fault.Forbidden("directory.above")
		}
	}
	return nil
}

func powersOf(ctx context.Context, r pg.Reader, position string, day time.Time) ([]power, error) {
	return pg.All[power](r.Query(ctx, `
		SELECT pr.right_key, pr.reach, k.governs
		FROM directory.position_right pr JOIN directory.right_kind k ON k.key = pr.right_key
		WHERE pr.position = @position AND (pr.valid_to IS NULL OR pr.valid_to > @day)`,
		pgx.NamedArgs{"position": position, "day": day}))
}

// checkGrant reads the powers of the position and asks mayGrant.
func checkGrant(ctx context.Context, r pg.Reader, a actor.Actor, person uuid.UUID, agency, position string, day time.Time) error {
	powers, err := powersOf(ctx, r, position, day)
	if err != nil {
		return err
	}
	return mayGrant(a, person, agency, powers)
}
