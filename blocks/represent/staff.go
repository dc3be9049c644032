package represent

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
)

// InviteIn asks somebody to act for the business in whose name the actor acts.
type InviteIn struct {
	Client string   `form:"client"`
	Number string   `form:"number"` // personal number
	Name   string   `form:"name"`   // both must be one person's
	Rights []string `form:"rights"` // none: she sees what she files herself, which needs File
	From   string   `form:"from"`   // 2026-11-23; "" is today
	Until  string   `form:"until"`  // last day; "" is no end
}

// span reads the days of a mandate.
func span(f fault.Fields, first, last string, now time.Time) (from time.Time, to *time.Time) {
	from = now.In(clock.Vietnam)
	if first = strings.TrimSpace(first); first != "" {
		d, err := time.ParseInLocation(time.DateOnly, first, clock.Vietnam)
		if err != nil {
			f.Set("from", "date")
		}
		from = d
	}
	if last = strings.TrimSpace(last); last != "" {
		d, err := time.ParseInLocation(time.DateOnly, last, clock.Vietnam)
		switch {
		case err != nil:
			f.Set("until", "date")
		case d.Format(time.DateOnly) < from.Format(time.DateOnly) || d.Format(time.DateOnly) < clock.Day(now):
			f.Set("until", "before")
		}
		d = d.AddDate(0, 0, 1)
		to = &d
	}
	return from, to
}

// checkRights notes rights that there are not, that are none, or that are above the giver's own.
func checkRights(f fault.Fields, rights []string, a actor.Actor) {
	switch {
	case len(rights) == 0:
		f.Set("rights", "choose")
	case !subset(rights, Rights):
		f.Set("rights", "invalid")
	case !subset(rights, rightsOf(a)): // nobody gives more than she has
		f.Set("rights", "above")
	}
}

// mayManage says whether the actor may look after the staff of whom she acts for.
func mayManage(a actor.Actor) bool {
	return a.Kind == actor.Citizen && a.Level >= 2 && a.For.ID != uuid.Nil && a.May(Manage, a.For.ID.String())
}

// Invite offers somebody rights for a business; they count when she takes them.
func (b *Block) Invite(ctx context.Context, in InviteIn) (uuid.UUID, error) {
	f := fault.Fields{}
	in.Name = directory.CleanName(in.Name)
	f.Text("name", in.Name, 200)
	f.Text("number", in.Number, 20)
	from, to := span(f, in.From, in.Until, b.c.Clock.Now())
	id := uuid.Must(uuid.NewV7())
	err := b.c.Book.Act(ctx, "represent.invite", func(ctx context.Context, act *audit.Act) error {
		if err := Again(ctx, act); err != nil {
			return err
		}
		if !mayManage(act.Actor) {
			return fault.Forbidden("represent.manage")
		}
		checkRights(f, in.Rights, act.Actor)
		if f.Any() {
			return f
		}
		p, err := directory.SamePerson(ctx, act, strings.TrimSpace(in.Number), in.Name)
		if err != nil {
			return err
		}
		switch p.ID {
		case uuid.Nil:
			return fault.Fields{"number": "unknown"}
		case act.Actor.ID, act.Actor.For.ID:
			return fault.Fields{"number": "self"}
		}
		m := Mandate{ID: id, Party: act.Actor.For.ID, PartyName: act.Actor.For.Name, Person: p.ID, PersonName: p.Name, Role: Staff,
			Rights: slices.Compact(slices.Sorted(slices.Values(in.Rights))), ValidFrom: from, ValidTo: to, State: Invited, Proof: Given}
		if err := b.insert(ctx, act, m); err != nil {
			return err
		}
		return b.c.Notify.Send(ctx, act, p.ID, Offered{Name: m.PartyName, By: act.Actor.Name, Path: PathActing})
	}, audit.Once(in.Client, in, &id))
	return id, err
}

// AnswerIn takes an invitation or declines it.
type AnswerIn struct {
	Client  string    `form:"client"`
	Mandate uuid.UUID `form:"mandate"`
	Yes     bool      `form:"yes"`
}

// Answer is the invited person's own word.
func (b *Block) Answer(ctx context.Context, in AnswerIn) error {
	return b.c.Book.Act(ctx, "represent.answer", func(ctx context.Context, act *audit.Act) error {
		m, err := lock(ctx, act, in.Mandate)
		if err != nil {
			return err
		}
		if m.Person != act.Actor.ID || act.Actor.Kind != actor.Citizen {
			return fault.NotFound(Kind)
		}
		if act.Actor.Level < 2 {
			return fault.Forbidden("level-2")
		}
		if m.State != Invited {
			return fault.Conflict("represent.settled")
		}
		state := Refused
		if in.Yes {
			state = Held
		}
		act.Note("yes", in.Yes)
		act.Queue(`UPDATE represent.mandate SET state = $2, settled_by = $3, settled_at = $4 WHERE id = $1`, m.ID, state, act.Actor.Name, act.At)
		return b.c.Changed(ctx, act, m.Person)
	}, audit.Once(in.Client, in, nil))
}

// ChangeIn gives a member of the staff other rights, or another end.
type ChangeIn struct {
	Client  string    `form:"client"`
	Mandate uuid.UUID `form:"mandate"`
	Rights  []string  `form:"rights"`
	Until   string    `form:"until"` // last day; "" is no end
}

// Change sets the rights of one of the staff anew. Nobody changes her own, the head's, or those of
// somebody who has more than she.
func (b *Block) Change(ctx context.Context, in ChangeIn) error {
	return b.c.Book.Act(ctx, "represent.change", func(ctx context.Context, act *audit.Act) error {
		m, err := b.managed(ctx, act, in.Mandate)
		if err != nil {
			return err
		}
		f := fault.Fields{}
		checkRights(f, in.Rights, act.Actor)
		_, to := span(f, m.ValidFrom.Format(time.DateOnly), in.Until, act.At)
		if f.Any() {
			return f
		}
		act.Note("before", m.Rights)
		act.Note("rights", in.Rights)
		act.Queue(`UPDATE represent.mandate SET rights = $2, valid_to = $3 WHERE id = $1`, m.ID, slices.Compact(slices.Sorted(slices.Values(in.Rights))), clock.DayOf(to))
		if err := b.c.Changed(ctx, act, m.Person); err != nil {
			return err
		}
		return b.c.Notify.Send(ctx, act, m.Person, Changed{Name: m.PartyName, By: act.Actor.Name, Path: PathActing})
	}, audit.Once(in.Client, in, nil))
}

// managed is an open mandate of the staff of whom the actor acts for, if she may change it.
func (b *Block) managed(ctx context.Context, act *audit.Act, id uuid.UUID) (Mandate, error) {
	if err := Again(ctx, act); err != nil {
		return Mandate{}, err
	}
	m, err := lock(ctx, act, id)
	if err != nil {
		return m, err
	}
	if !mayManage(act.Actor) || m.Party != act.Actor.For.ID {
		return m, fault.NotFound(Kind)
	}
	if m.Role != Staff || m.Person == act.Actor.ID || !subset(m.Rights, rightsOf(act.Actor)) {
		return m, fault.Forbidden("represent.above")
	}
	if m.State != Held && m.State != Invited {
		return m, fault.Conflict("represent.settled")
	}
	return m, nil
}

// EndIn ends a mandate at once.
type EndIn struct {
	Client  string    `form:"client"`
	Mandate uuid.UUID `form:"mandate"`
}

// outranks says whether the actor, who leads by the organisation's account at the national identity, may
// end what another leads by: a paper that somebody looked at once.
func (b *Block) outranks(ctx context.Context, act *audit.Act, m Mandate) error {
	if err := Again(ctx, act); err != nil {
		return err
	}
	if !mayManage(act.Actor) || m.Party != act.Actor.For.ID {
		return fault.NotFound(Kind)
	}
	own, err := Open(ctx, act, act.Actor.ID, m.Party)
	if err != nil {
		return err
	}
	if !own.Outranks(m) {
		return fault.Forbidden("represent.above")
	}
	if m.State != Held && m.State != Declared {
		return fault.Conflict("represent.settled")
	}
	return nil
}

// End ends a mandate: one's own of whatever kind, or that of one of the staff one looks after; who leads
// by the organisation's account ends that of another head. One
// whose paper nobody has looked at was never proved: it is refused, with what was filed by it.
func (b *Block) End(ctx context.Context, in EndIn) error {
	return b.c.Book.Act(ctx, "represent.end", func(ctx context.Context, act *audit.Act) error {
		m, err := lock(ctx, act, in.Mandate)
		if err != nil {
			return err
		}
		if m.Person != act.Actor.ID || act.Actor.Kind != actor.Citizen {
			if m.Role == Head {
				err = b.outranks(ctx, act, m)
			} else {
				m, err = b.managed(ctx, act, in.Mandate)
			}
			if err != nil {
				return err
			}
		} else if m.State == Refused || m.State == Ended {
			return fault.Conflict("represent.settled")
		}
		who, state := act.Actor.Name, Ended
		if m.State == Declared {
			state = Refused
		}
		act.Queue(`UPDATE represent.mandate SET state = $4, settled_by = $2, settled_at = $3 WHERE id = $1`, m.ID, who, act.At, state)
		if err := b.c.Changed(ctx, act, m.Person); err != nil {
			return err
		}
		if m.Person == act.Actor.ID {
			return nil
		}
		return b.c.Notify.Send(ctx, act, m.Person, Over{Name: m.PartyName, By: who, Path: PathActing})
	}, audit.Once(in.Client, in, nil))
}
