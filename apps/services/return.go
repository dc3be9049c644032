package services

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// ReturnIn hands the result over.
type ReturnIn struct {
	Dossier  uuid.UUID `form:"id"`
	Client   string    `form:"client"`
	Way      string    `form:"way"`      // desk or post; "" means desk
	Receiver string    `form:"receiver"` // name of the person at the desk; or the number of the postal item
	Identity string    `form:"identity"` // how the receiver was recognised: the paper shown; by post it may be left out
	Handed   bool      `form:"handed"`   // the originals that are needed were handed in
}

// Return ends a dossier at the desk with the record of who took the result.
// law: public-services.md 6.2 — 9→10: receiver identity or postal proof; hand-over record.
func (m *Module) Return(ctx context.Context, in ReturnIn) error {
	f := fault.Fields{}
	if strings.TrimSpace(in.Receiver) == "" {
		f.Set("receiver", "required")
	}
	if in.Way != "" && in.Way != "desk" && in.Way != "post" {
		f.Set("way", "required")
	}
	if strings.TrimSpace(in.Identity) == "" && in.Way != "post" {
		f.Set("identity", "required")
	}
	if len(in.Receiver)+len(in.Identity) > 500 {
		f.Set("receiver", "too-long")
	}
	if f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.dossier.return", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeReturnedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		// law: public-services.md 4 — land: the originals must be handed in when the result is collected.
		if def.AtReturn && !in.Handed {
			return fault.Fields{"handed": "required"}
		}
		proof := strings.TrimSuffix(in.Receiver+" — "+in.Identity, " — ")
		if in.Way == "post" {
			proof = "Bưu gửi " + proof
		}
		return m.handOver(ctx, act, &d, def, proof)
	}, audit.Once(in.Client, in, nil))
}

// CollectIn is the citizen's download of a result that is returned online.
type CollectIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
}

// Collect hands the electronic result over to the signed-in citizen.
// law: public-services.md 6.2 — 9→10: return desk or portal.
func (m *Module) Collect(ctx context.Context, in CollectIn) error {
	return m.book.Act(ctx, "services.dossier.collect", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.isCitizens(act.Actor) || act.Actor.Kind != actor.Citizen {
			return fault.NotFound("services.dossier")
		}
		if act.Actor.Level < 2 { // the portal's word for who took the result
			return fault.Forbidden("level-2")
		}
		if d.State == Returned { // a second download changes nothing
			return nil
		}
		if def.AtReturn {
			return fault.Conflict("services.collect-at-counter")
		}
		return m.handOver(ctx, act, &d, def, act.Actor.Name)
	}, audit.Once(in.Client, in, nil))
}

func (m *Module) handOver(ctx context.Context, act *audit.Act, d *Dossier, def Definition, receiver string) error {
	if d.owes() {
		return fault.Conflict("services.unpaid")
	}
	at := act.At
	d.ReturnedAt = &at
	if err := d.move(act, Returned, StepEnd, Move{Note: receiver, Timing: d.timing(*orNow(d.FinishedAt, &at))}); err != nil {
		return err
	}
	d.save(act)
	m.offDesk(act, d)
	m.tell(ctx, act, d.Applicant, ReturnedNotice{Code: d.Code, Procedure: def.Name, Path: pathOf(d)})
	return nil
}

func orNow[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

// RateIn is what the citizen thought of it.
type RateIn struct {
	Dossier uuid.UUID `form:"id"`
	Score   int       `form:"score"` // 4 very content … 1 not content
	Comment string    `form:"comment"`
}

// Rate keeps one rating of an ended dossier; a later one takes its place.
// law: public-services.md 15 — rating scale of four.
func (m *Module) Rate(ctx context.Context, in RateIn) error {
	if in.Score < 1 || in.Score > 4 {
		return fault.Fields{"score": "required"}
	}
	if len(in.Comment) > 2000 {
		return fault.Fields{"comment": "too-long"}
	}
	// law: public-services.md 18.2 A36 — who is not content is asked why.
	if in.Score == 1 && strings.TrimSpace(in.Comment) == "" {
		return fault.Fields{"comment": "why"}
	}
	return m.book.Act(ctx, "services.dossier.rate", func(ctx context.Context, act *audit.Act) error {
		d, err := lock(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.isCitizens(act.Actor) || act.Actor.Kind != actor.Citizen {
			return fault.NotFound("services.dossier")
		}
		if act.Actor.Level < 2 { // what counts in the figures is said by who has proved who she is
			return fault.Forbidden("level-2")
		}
		if d.State != Returned && d.State != Finished && d.State != Refused {
			return fault.Conflict("services.rate-later")
		}
		act.Queue(`INSERT INTO services.rating (dossier_id, person, score, comment, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (dossier_id) DO UPDATE SET score = excluded.score, comment = excluded.comment, at = excluded.at`,
			d.ID, act.Actor.ID, in.Score, strings.TrimSpace(in.Comment), act.At)
		return nil
	})
}
