package represent

import (
	"context"
	"fmt"
	"net/url"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// most is how many mandates a page lists: nobody has more, but for those that ended.
const most = 200

// Mine lists what the actor may do for others and is offered, then what ended, the newest first.
func (b *Block) Mine(ctx context.Context) ([]Mandate, error) {
	list, err := pg.All[Mandate](b.c.DB.Query(ctx, `SELECT `+columns+from+`WHERE m.person = $1
		ORDER BY m.state IN ('refused', 'ended'), m.said_at DESC, m.id DESC LIMIT $2`, actor.From(ctx).ID, most))
	if err != nil {
		return nil, fmt.Errorf("listing mandates: %w", err)
	}
	return list, nil
}

// About lists who acts for the actor herself.
func (b *Block) About(ctx context.Context) ([]Mandate, error) {
	return b.of(ctx, b.c.DB, actor.From(ctx).ID)
}

func (b *Block) of(ctx context.Context, r pg.Reader, party uuid.UUID) ([]Mandate, error) {
	return pg.All[Mandate](r.Query(ctx, `SELECT `+columns+from+`WHERE m.party = $1 ORDER BY m.said_at DESC, m.id DESC LIMIT $2`, party, most))
}

// people are the mandates of a party, for the access entry.
type people []Mandate

func (p people) AuditPersons() []uuid.UUID {
	out := make([]uuid.UUID, len(p))
	for i, m := range p {
		out[i] = m.Person
	}
	return out
}

// StaffOf lists who acts for whom the actor acts for; only who looks after the staff may look.
func (b *Block) StaffOf(ctx context.Context) ([]Mandate, error) {
	a := actor.From(ctx)
	if !mayManage(a) {
		return nil, fault.Forbidden("represent.manage")
	}
	return audit.Read(ctx, b.c.Book, "represent.staff", a.For.ID, func(r pg.Reader) (people, error) {
		list, err := b.of(ctx, r, a.For.ID)
		return people(list), err
	})
}

// Open is the mandate by which a person acts for a party now, for what is made by it.
func Open(ctx context.Context, r pg.Reader, person, party uuid.UUID) (Mandate, error) {
	m, err := pg.One[Mandate](r.Query(ctx, `SELECT `+columns+from+`WHERE m.person = $1 AND m.party = $2 AND m.state IN ('declared', 'held')`, person, party))
	if fault.KindOf(err) == fault.KindNotFound {
		return m, fault.NotFound(Kind)
	}
	return m, err
}

// ByID is one mandate, for a record that was made by it; the caller accounts for it.
func ByID(ctx context.Context, r pg.Reader, id uuid.UUID) (Mandate, error) {
	m, err := pg.One[Mandate](r.Query(ctx, `SELECT `+columns+from+`WHERE m.id = $1`, id))
	if fault.KindOf(err) == fault.KindNotFound {
		return m, fault.NotFound(Kind)
	}
	return m, err
}

// Told is who hears of a party's matter that somebody has filed: she, as long as she may act; else
// who leads the business or has the child; at last the party itself.
func (b *Block) Told(ctx context.Context, r pg.Reader, party, filer uuid.UUID) (uuid.UUID, error) {
	list, err := pg.All[Mandate](r.Query(ctx, `SELECT `+columns+from+`WHERE m.party = $1 AND m.state IN ('declared', 'held')
		AND (m.person = $2 OR m.state = 'held' AND m.role <> 'staff') ORDER BY m.person <> $2, m.said_at, m.id LIMIT $3`, party, filer, most))
	if err != nil {
		return uuid.Nil, err
	}
	for _, m := range list {
		if m.Counts(b.c.Clock.Now()) {
			return m.Person, nil
		}
	}
	return party, nil
}

// PathFor leads to a page in the name of a party: whoever acts in another name is asked first.
func PathFor(party uuid.UUID, next string) string {
	return PathActing + "/for/" + party.String() + "?next=" + url.QueryEscape(next)
}
