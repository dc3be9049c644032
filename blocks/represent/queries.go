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
	return of(ctx, b.c.DB, actor.From(ctx).ID, uuid.Nil, most)
}

// of reads the mandates for a party after one of them, the newest first.
func of(ctx context.Context, r pg.Reader, party, after uuid.UUID, limit int) ([]Mandate, error) {
	return pg.All[Mandate](r.Query(ctx, `SELECT `+columns+from+`WHERE m.party = $1
		AND ($2 = '00000000-0000-0000-0000-000000000000'::uuid OR (m.said_at, m.id) < (SELECT said_at, id FROM represent.mandate WHERE id = $2 AND party = $1))
		ORDER BY m.said_at DESC, m.id DESC LIMIT $3`, party, after, limit))
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

// staffPage is how many of the staff a page shows.
const staffPage = 30

// StaffOf lists who acts for whom the actor acts for, the newest first, after one of them; next is the
// last of the page where there are more. Only who looks after the staff may look.
func (b *Block) StaffOf(ctx context.Context, after uuid.UUID) (list []Mandate, next uuid.UUID, err error) {
	a := actor.From(ctx)
	if !mayManage(a) {
		return nil, next, fault.Forbidden("represent.manage")
	}
	list, err = audit.Read(ctx, b.c.Book, "represent.staff", a.For.ID, func(r pg.Reader) (people, error) {
		list, err := of(ctx, r, a.For.ID, after, staffPage+1)
		if len(list) > staffPage {
			list, next = list[:staffPage], list[staffPage-1].ID
		}
		return people(list), err
	})
	return list, next, err
}

// Offer is the mandate by which the actor could act for a party now; fault.NotFound without one.
func (b *Block) Offer(ctx context.Context, party uuid.UUID) (Mandate, error) {
	m, err := Open(ctx, b.c.DB, actor.From(ctx).ID, party)
	if err == nil && !m.Counts(b.c.Clock.Now()) {
		err = fault.NotFound(Kind)
	}
	return m, err
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
