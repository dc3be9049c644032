package represent

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/directory/idnumber"
	"datmui/blocks/files"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// DeclareIn says that one acts for a child, a ward or a business.
type DeclareIn struct {
	Client string    `form:"client"`
	Role   string    `form:"role"`   // parent, guardian or head
	Name   string    `form:"name"`   // of the child, the ward or the business
	Number string    `form:"number"` // personal number, where there is one; tax code of a business
	Birth  string    `form:"birth"`  // 2016-05-04; not of a business
	Paper  uuid.UUID `form:"paper"`  // birth certificate, guardianship, business registration; needed where no record is found
}

// check puts the input into the form in which it is kept and says what is wrong with it.
func (in *DeclareIn) check(now time.Time) (birth time.Time, f fault.Fields) {
	f = fault.Fields{}
	in.Name = directory.CleanName(in.Name)
	f.Text("name", in.Name, 200)
	switch in.Role {
	case Parent, Guardian:
		var err error
		if birth, err = time.ParseInLocation(time.DateOnly, strings.TrimSpace(in.Birth), clock.Vietnam); err != nil {
			f.Set("birth", "date")
		} else if birth.After(now) {
			f.Set("birth", "past")
		}
		if in.Number = strings.TrimSpace(in.Number); in.Number != "" {
			in.number(f, idnumber.Personal, idnumber.Hints{Birth: birth.Year(), Now: now})
		}
	case Head:
		in.number(f, idnumber.Tax, idnumber.Hints{})
	default:
		f.Set("role", "choose")
	}
	return birth, f
}

func (in *DeclareIn) number(f fault.Fields, kind idnumber.Kind, h idnumber.Hints) {
	r := idnumber.Check(kind, in.Number, h)
	if r.Verdict == idnumber.Invalid {
		f.Set("number", "invalid")
		return
	}
	in.Number = r.Normalised
}

// Declare says that the actor may act for somebody. What the state has recorded proves it at once;
// else the paper is kept, and the officer who takes in the first dossier looks at it.
// law: public-services.md 2 — fact 9: data the state already holds must be pulled.
func (b *Block) Declare(ctx context.Context, in DeclareIn) (uuid.UUID, error) {
	birth, f := in.check(b.c.Clock.Now())
	if f.Any() {
		return uuid.Nil, f
	}
	var party uuid.UUID
	err := b.c.Book.Act(ctx, "represent.declare", func(ctx context.Context, act *audit.Act) (err error) {
		if err := ownName(act.Actor); err != nil {
			return err
		}
		m := Mandate{ID: uuid.Must(uuid.NewV7()), PartyName: in.Name, Person: act.Actor.ID, PersonName: act.Actor.Name, Role: in.Role,
			ValidFrom: act.At.In(clock.Vietnam), State: Declared, Proof: ByPaper}
		if in.Role == Head {
			m.Rights = Rights
			if m.Party, err = b.business(ctx, act, in); err != nil {
				return err
			}
		} else {
			m.Rights = []string{File, Pay, SeeAll, Collect}
			if m.ValidTo = b.ofAge(in.Role, birth, act.At); m.ValidTo != nil && !m.ValidTo.After(m.ValidFrom) {
				return fault.Fields{"birth": "of-age"}
			}
			claim := Claim{Person: m.Person, Role: m.Role, Name: m.PartyName, Birth: birth}
			if claim.Known, err = dependant(ctx, act, in, birth); err != nil {
				return err
			}
			if m.Party = claim.Known; m.Party == uuid.Nil {
				m.Number = in.Number
				if m.Party, err = b.c.Directory.Register(ctx, act, directory.PersonIn{Name: in.Name, BirthDate: birth.Format(time.DateOnly)}); err != nil {
					return err
				}
			}
			if err := b.prove(ctx, act, &m, claim); err != nil {
				return err
			}
		}
		if m.State == Declared && in.Paper == uuid.Nil {
			return fault.Fields{"paper": "paper"}
		}
		if err := b.insert(ctx, act, m); err != nil {
			return err
		}
		party = m.Party
		if in.Paper != uuid.Nil {
			err := b.c.Files.Attach(ctx, act, files.Subject{Kind: Kind, ID: m.ID}, m.AuditPersons(), files.Attachment{ID: in.Paper, Role: "proof"})
			if fs, ok := err.(fault.Fields); ok {
				return fault.Fields{"paper": fs["file"]}
			} else if err != nil {
				return err
			}
		}
		if in.Role != Head {
			return b.c.Notify.Send(ctx, act, m.Party, Said{Name: m.PersonName, Path: PathActing})
		}
		head, err := b.Told(ctx, act, m.Party, uuid.Nil) // a business reads nothing itself
		if err != nil || head == m.Party {
			return err
		}
		return b.c.Notify.Send(ctx, act, head, SaidOf{Name: m.PersonName, Of: m.PartyName, Path: PathActing})
	}, audit.Once(in.Client, in, &party))
	return party, err
}

// ownName refuses whoever may not bind herself: below level 2, or while acting for another.
func ownName(a actor.Actor) error {
	switch {
	case a.Kind != actor.Citizen:
		return fault.Forbidden("represent.citizens")
	case a.Level < 2:
		return fault.Forbidden("level-2")
	case a.For.ID != uuid.Nil:
		return fault.Conflict("represent.own-name")
	}
	return nil
}

// ofAge is the day on which a child acts for itself; nil for a ward who is of age already.
func (b *Block) ofAge(role string, birth, now time.Time) *time.Time {
	to := birth.AddDate(b.c.Majority, 0, 0)
	if role == Guardian && !to.After(now) {
		return nil
	}
	return &to
}

// dependant is the person of the directory who has number, name and birth date; nobody where one of
// them is another's: a number alone proves nothing, and nothing of what is there is shown.
func dependant(ctx context.Context, act *audit.Act, in DeclareIn, birth time.Time) (uuid.UUID, error) {
	if in.Number == "" {
		return uuid.Nil, nil
	}
	p, err := directory.SamePerson(ctx, act, in.Number, in.Name)
	if err != nil {
		return uuid.Nil, err
	}
	if p.ID == act.Actor.ID {
		return uuid.Nil, fault.Fields{"number": "self"}
	}
	if p.BirthDate != nil && p.BirthDate.Format(time.DateOnly) != birth.Format(time.DateOnly) {
		return uuid.Nil, nil
	}
	return p.ID, nil
}

// business is the one with a tax code that an officer has confirmed, or a new one.
func (b *Block) business(ctx context.Context, act *audit.Act, in DeclareIn) (uuid.UUID, error) {
	known, err := pg.Values[uuid.UUID](act.Query(ctx, `SELECT b.id FROM represent.business b JOIN directory.person p ON p.id = b.id
		WHERE b.tax_code = $1 AND b.confirmed AND p.name_fold = public.vn_fold($2)`, in.Number, in.Name))
	if err != nil || len(known) > 0 {
		return append(known, uuid.Nil)[0], err
	}
	id, err := b.c.Directory.RegisterOrganisation(ctx, act, in.Name)
	if err != nil {
		return id, err
	}
	_, err = act.Exec(ctx, `INSERT INTO represent.business (id, tax_code, at) VALUES ($1, $2, $3)`, id, in.Number, act.At)
	return id, err
}

// prove looks for the claim in what the state has recorded.
func (b *Block) prove(ctx context.Context, act *audit.Act, m *Mandate, claim Claim) error {
	for _, look := range b.evidence {
		record, err := look(ctx, act, claim)
		if err != nil {
			return err
		}
		if record != "" {
			m.State, m.Proof, m.ProofRef, m.SettledAt = Held, ByRegister, record, &act.At
			return nil
		}
	}
	return nil
}
