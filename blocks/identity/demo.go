package identity

import (
	"context"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// DemoAccount is an account that anybody may enter in a demonstration.
type DemoAccount struct {
	Name    string
	Kind    string
	About   string // what it is good for, in Vietnamese
	AboutEn string // and in English
	Person  string // her name
	Post    string // title and agency of today; "" for citizens
}

// DemoAccounts lists the accounts a visitor should try. Outside a demonstration it is NotFound.
func (b *Block) DemoAccounts(ctx context.Context) ([]DemoAccount, error) {
	if !b.c.Demo {
		return nil, fault.NotFound("page")
	}
	type row struct {
		Name, Kind, About, AboutEn string
		PersonID                   uuid.UUID
	}
	rows, err := pg.All[row](b.c.DB.Query(ctx, `SELECT name, kind, about, about_en, person_id FROM identity.account
		WHERE about <> '' AND state = 'active' ORDER BY kind, created_at, id LIMIT 200`))
	if err != nil {
		return nil, err
	}
	out := make([]DemoAccount, 0, len(rows))
	for _, r := range rows {
		who, err := b.c.People.Actor(ctx, b.c.DB, r.PersonID, uuid.Nil, b.c.Clock.Now())
		if err != nil {
			return nil, err
		}
		d := DemoAccount{Name: r.Name, Kind: r.Kind, About: r.About, AboutEn: r.AboutEn, Person: who.Name}
		if r.Kind == KindOfficial && who.Kind == actor.Official {
			d.Post = who.Post + ", " + who.Agency
		}
		out = append(out, d)
	}
	return out, nil
}

// DemoSignIn enters an account by its name alone. Outside a demonstration it is NotFound.
func (b *Block) DemoSignIn(ctx context.Context, name string) (Started, error) {
	if !b.c.Demo {
		return Started{}, fault.NotFound("page")
	}
	a, err := accountByName(ctx, b.c.DB, cleanName(name))
	if err != nil {
		return Started{}, gone(err, "account")
	}
	e := &entry{method: byDemo}
	if a.Kind == KindCitizen {
		e.level = max(a.Level, 1)
	}
	return b.signIn(ctx, a.Kind, a.PersonID, e, func(ctx context.Context, act *audit.Act) (account, error) { return a, nil })
}
