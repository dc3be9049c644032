package identity

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Administrator is somebody who looks after others' accounts.
type Administrator struct {
	Name     string // sign-in name
	Person   string
	Title    string
	Agency   string // id
	State    string
	Ready    bool       // has a password or a passkey
	LastSeen *time.Time // of an open session
}

// Administrators lists the accounts of people who manage bodies and people today: for the command
// line, whose user owns the machine.
func (b *Block) Administrators(ctx context.Context) ([]Administrator, error) {
	if actor.From(ctx).Kind != actor.System {
		return nil, fault.Forbidden("identity.manage")
	}
	return pg.All[Administrator](b.c.Live.Query(ctx, `
		SELECT DISTINCT ON (p.rank, a.name) a.name, o.name AS person, p.title, p.agency_id AS agency, a.state,
			a.password_hash IS NOT NULL OR EXISTS (SELECT FROM identity.passkey k WHERE k.account_id = a.id) AS ready,
			(SELECT max(s.seen_at) FROM identity.session s WHERE s.account_id = a.id
				AND s.seen_at + s.idle > @now AND s.ends_at > @now) AS last_seen
		FROM identity.account a
		JOIN directory.person o ON o.id = a.person_id
		JOIN directory.post p ON p.person_id = o.id AND p.valid_from <= @day AND (p.valid_to IS NULL OR p.valid_to > @day)
		JOIN directory.position_right r ON r.position = p.position AND r.right_key = @right
			AND r.valid_from <= @day AND (r.valid_to IS NULL OR r.valid_to > @day)
		WHERE a.kind = 'official'
		ORDER BY p.rank, a.name, p.agency_id`,
		pgx.NamedArgs{"now": b.c.Clock.Now(), "day": directory.Day(b.c.Clock.Now()), "right": directory.Manage}))
}
