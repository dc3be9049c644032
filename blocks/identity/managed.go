package identity

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Managed is an official whose account the actor looks after.
type Managed struct {
	Person  uuid.UUID
	Name    string
	Title   string
	Body    string // name of the agency
	Account string // sign-in name; "" when there is none yet
	State   string
	Ready   bool // has chosen a password
	Second  bool // has set up six-digit codes or a passkey
}

// ManagedAccounts lists officials of the bodies the actor manages by a part of the name, or by the
// whole sign-in name; at most fifty, so a longer list asks for more of the name.
func (b *Block) ManagedAccounts(ctx context.Context, text string) ([]Managed, error) {
	agencies, all := actor.From(ctx).Where(directory.Manage)
	if !all && len(agencies) == 0 {
		return nil, fault.Forbidden("identity.manage")
	}
	text = strings.ToValidUTF8(strings.ReplaceAll(strings.TrimSpace(text), "\x00", ""), "")
	return pg.All[Managed](b.c.DB.Query(ctx, `
		SELECT o.id AS person, o.name, p.title, v.name AS body, coalesce(a.name, '') AS account, coalesce(a.state, '') AS state,
			a.password_hash IS NOT NULL AS ready,
			a.totp_secret IS NOT NULL OR EXISTS (SELECT FROM identity.passkey k WHERE k.account_id = a.id) AS second
		FROM directory.post p
		JOIN directory.person o ON o.id = p.person_id
		JOIN directory.agency_version v ON v.agency_id = p.agency_id AND v.valid_from <= @day AND (v.valid_to IS NULL OR v.valid_to > @day)
		LEFT JOIN identity.account a ON a.person_id = o.id AND a.kind = 'official'
		WHERE (@all OR p.agency_id = ANY(@agencies)) AND p.valid_from <= @day AND (p.valid_to IS NULL OR p.valid_to > @day)
		  AND (@text = '' OR strpos(o.name_fold, public.vn_fold(@text)) > 0 OR a.name = lower(@text))
		ORDER BY directory.name_key(o.name), o.id, p.rank LIMIT 50`,
		pgx.NamedArgs{"day": directory.Day(b.c.Clock.Now()), "all": all, "agencies": agencies, "text": text}))
}
