package represent

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// SettleIn is what an officer found in the paper.
type SettleIn struct {
	Mandate uuid.UUID
	Holds   bool
	Why     string // needed where it does not hold
}

// Settle says inside another act whether a declared mandate holds. The caller has checked that the
// officer works on a dossier filed by it.
func (b *Block) Settle(ctx context.Context, act *audit.Act, in SettleIn) error {
	if act.Actor.Kind != actor.Official {
		return fault.Forbidden("represent.settle")
	}
	in.Why = strings.TrimSpace(in.Why)
	f := fault.Fields{}
	if !in.Holds {
		f.Text("why", in.Why, 2000)
	}
	if f.Any() {
		return f
	}
	m, err := pg.One[Mandate](act.Query(ctx, `SELECT `+columns+from+`WHERE m.id = $1 FOR UPDATE OF m`, in.Mandate))
	if fault.KindOf(err) == fault.KindNotFound {
		return fault.NotFound(Kind)
	} else if err != nil {
		return err
	}
	if m.State != Declared {
		return fault.Conflict("represent.settled")
	}
	if m.Person == act.Actor.ID { // nobody proves her own word
		return fault.Forbidden("represent.settle")
	}
	m.State = Refused
	if in.Holds {
		m.State = Held
		if err := b.confirm(ctx, act, m); err != nil {
			return err
		}
		if m.Number != "" {
			if err := b.c.Directory.GiveNumber(ctx, act, m.Party, m.Number); err != nil {
				return err
			}
		}
	}
	act.Note("represent.mandate", m.ID)
	act.Note("holds", in.Holds)
	who := actor.Titled(act.Actor.Name, act.Actor.Post)
	act.Queue(`UPDATE represent.mandate SET state = $2, settled_by = $3, settled_at = $4, why = $5 WHERE id = $1`, m.ID, m.State, who, act.At, in.Why)
	if err := b.c.Changed(ctx, act, m.Person); err != nil {
		return err
	}
	if in.Holds {
		return b.c.Notify.Send(ctx, act, m.Person, Confirmed{Name: m.PartyName, Path: PathActing})
	}
	return b.c.Notify.Send(ctx, act, m.Person, NotConfirmed{Name: m.PartyName, Why: in.Why, Path: PathActing})
}

// confirm marks a business as seen; two cannot have one tax code.
func (b *Block) confirm(ctx context.Context, act *audit.Act, m Mandate) error {
	if m.TaxCode == "" {
		return nil
	}
	other, err := pg.Value[bool](act.Query(ctx, `SELECT EXISTS (SELECT FROM represent.business WHERE tax_code = $1 AND confirmed AND id <> $2)`, m.TaxCode, m.Party))
	if err != nil {
		return err
	}
	if other {
		return fault.Conflict("represent.other-business", "number", m.TaxCode)
	}
	act.Queue(`UPDATE represent.business SET confirmed = true WHERE id = $1`, m.Party)
	return nil
}
