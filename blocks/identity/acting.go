package identity

import (
	"context"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Acting says in whose name a person may act when she has chosen a party, and what she may do
// there; fault.NotFound when she may not.
type Acting func(ctx context.Context, r pg.Reader, person, party uuid.UUID, at time.Time) (actor.Party, []actor.Grant, error)

// Vouched notes inside the act of a sign-in that the national identity vouches for the actor as the head
// of an organisation, and gives the organisation as a party.
type Vouched func(ctx context.Context, act *audit.Act, taxCode, name string) (party uuid.UUID, err error)

// UseActing tells the block who knows for whom citizens act. Without it everybody acts for herself.
func (b *Block) UseActing(a Acting, v Vouched) { b.acting, b.vouched = a, v }

// inNameOf is the actor in the name of a party; with fault.NotFound it is the actor as she was.
func (b *Block) inNameOf(ctx context.Context, r pg.Reader, who actor.Actor, party uuid.UUID, at time.Time) (actor.Actor, error) {
	p, grants, err := b.acting(ctx, r, who.ID, party, at)
	if err != nil {
		return who, err
	}
	who.For, who.Grants, who.Post = p, grants, "thay mặt "+p.Name
	return who, nil
}

// ChooseParty makes the session act in the name of somebody else, or in the person's own again when
// party is zero.
func (b *Block) ChooseParty(ctx context.Context, party uuid.UUID) error {
	own, err := b.own(ctx)
	if err != nil {
		return err
	}
	err = b.c.Book.Act(ctx, "identity.party.choose", func(ctx context.Context, act *audit.Act) error {
		if own.Kind != KindCitizen || b.acting == nil {
			return fault.Forbidden("identity.party")
		}
		var to *uuid.UUID
		act.About("directory.person", own.PersonID, own.PersonID)
		if party != uuid.Nil {
			if _, err := b.inNameOf(ctx, act, actor.Actor{ID: own.PersonID}, party, act.At); fault.KindOf(err) == fault.KindNotFound {
				return fault.Forbidden("identity.party")
			} else if err != nil {
				return err
			}
			to = &party
			act.About("directory.person", party, own.PersonID, party)
		}
		if _, err := act.Exec(ctx, `UPDATE identity.session SET party = $2 WHERE id = $1`, act.Actor.Session, to); err != nil {
			return err
		}
		return tell(ctx, act, own.ID)
	})
	b.cache.forget(own.ID)
	return err
}

// RightsChanged lets every process read the sessions of a person anew, when the act is done.
func RightsChanged(ctx context.Context, act *audit.Act, person uuid.UUID) error {
	_, err := act.Exec(ctx, `SELECT pg_notify($1, id::text) FROM identity.account WHERE person_id = $2 AND kind = 'citizen'`, NotifySessions, person)
	return err
}
