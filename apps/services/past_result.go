package services

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"datmui/kit/actor"
	"datmui/kit/fault"
)

// Propose lays a result before the leader.
func (p *Past) Propose(who actor.Actor, at time.Time, outcome, reason, basis string) error {
	if err := p.begin("services.dossier.propose", who, at, p.Step == StepHandle && p.mayBeWorkedBy(who)); err != nil {
		return err
	}
	p.Proposed, p.Basis = &outcome, basis
	if err := p.step(Processing, StepSign, Move{Note: reason, Basis: basis}); err != nil {
		return err
	}
	p.put()
	return nil
}

// SendBack is the leader's "not like this".
func (p *Past) SendBack(who actor.Actor, at time.Time, reason string) error {
	if err := p.begin("services.dossier.send-back", who, at, p.Step == StepSign && p.mayBeDecidedBy(who)); err != nil {
		return err
	}
	p.Proposed, p.Basis = nil, ""
	if err := p.step(Processing, StepHandle, Move{Note: reason}); err != nil {
		return err
	}
	p.put()
	return nil
}

// Sign is the leader's signature.
func (p *Past) Sign(who actor.Actor, at time.Time) error {
	if err := p.begin("services.dossier.sign", who, at, p.Step == StepSign && p.mayBeDecidedBy(who)); err != nil {
		return err
	}
	p.DecidedBy, p.DecidedAt = &who.ID, &at
	if err := p.step(Processing, StepNumber, Move{}); err != nil {
		return err
	}
	p.put()
	return nil
}

// Number ends processing with the n-th number of the series ResultSeries.
func (p *Past) Number(who actor.Actor, at time.Time, n int) error {
	if err := p.begin("services.dossier.number", who, at, p.Step == StepNumber && p.mayBeNumberedBy(who)); err != nil {
		return err
	}
	full := fmt.Sprintf("%02d/%s-%s", n, p.def.Result.Symbol, abbreviation(p.bodies[p.CompetentAgency].Name))
	p.Dossier.Number, p.FinishedAt, p.Outcome = &full, &at, p.Proposed
	p.HolderAgency = p.ReceivingAgency
	if err := p.step(Finished, StepReturn, Move{Note: full, Timing: p.timing(at)}); err != nil {
		return err
	}
	p.put()
	return nil
}

// Return hands the result over at the desk.
func (p *Past) Return(who actor.Actor, at time.Time, receiver string) error {
	if err := p.begin("services.dossier.return", who, at, p.mayBeReturnedBy(who)); err != nil {
		return err
	}
	return p.handOver(at, receiver)
}

// Collect is the citizen's download.
func (p *Past) Collect(who actor.Actor, at time.Time) error {
	if err := p.begin("services.dossier.collect", who, at, p.isCitizens(who) && !p.def.AtReturn); err != nil {
		return err
	}
	return p.handOver(at, who.Name)
}

func (p *Past) handOver(at time.Time, receiver string) error {
	if p.owes() {
		return fault.Conflict("services.unpaid")
	}
	p.ReturnedAt, p.desk = &at, nil
	return p.step(Returned, StepEnd, Move{Note: receiver, Timing: p.timing(cmp.Or(*p.FinishedAt, at))})
}

// Rate is what who filed thinks of it; a low rating lies on the desk of who answers it.
func (p *Past) Rate(ctx context.Context, who actor.Actor, at time.Time, in RateIn) error {
	if err := in.check(); err != nil {
		return err
	}
	if err := p.begin("services.dossier.rate", who, at, p.isRaters(who)); err != nil {
		return err
	}
	p.UpdatedAt = p.slip[len(p.slip)-1].At // the dossier itself stays as it ended
	if err := p.mayRateNow(who, at); err != nil {
		return err
	}
	if p.rating != nil {
		return fault.Conflict("services.rated")
	}
	r, err := p.m.rating(ctx, p.Dossier, in, at)
	if err != nil {
		return err
	}
	if p.rating = &r; r.DueAt != nil {
		it := p.m.ratingOnDesk(&p.Dossier, r)
		it.ID, it.Started = p.ID, at
		p.desk = &it
	}
	return nil
}

// AnswerRating is what the body says to a low rating.
func (p *Past) AnswerRating(who actor.Actor, at time.Time, answer string) error {
	if err := p.begin("services.rating.answer", who, at, p.rating != nil && p.rating.Open() && p.rating.mayBeAnsweredBy(who)); err != nil {
		return err
	}
	p.UpdatedAt = p.slip[len(p.slip)-1].At
	p.rating.Answer, p.rating.AnsweredAt, p.rating.Answerer, p.desk = answer, &at, actor.Titled(who.Name, who.Post), nil
	p.answeredBy = &who.ID
	return nil
}
