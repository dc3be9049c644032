package services

import (
	"cmp"
	"context"
	"errors"
	"time"

	"datmui/kit/actor"
	"datmui/kit/fault"
)

// Take puts the dossier on the officer's own desk.
func (p *Past) Take(who actor.Actor, at time.Time) error {
	if err := p.begin("services.dossier.take", who, at, p.State == Accepted && p.mayBeHandledBy(who)); err != nil {
		return err
	}
	p.HolderAgency, p.Holder = p.CompetentAgency, &who.ID
	if err := p.step(Processing, StepHandle, Move{ToName: who.Name}); err != nil {
		return err
	}
	p.put()
	return nil
}

// Forward hands the dossier to a colleague.
func (p *Past) Forward(who actor.Actor, at time.Time, to actor.Actor, note string) error {
	may := p.Step == StepHandle && (p.mayBeWorkedBy(who) || p.mayBeDecidedBy(who)) && p.mayBeHandledBy(to)
	if err := p.begin("services.dossier.forward", who, at, may); err != nil {
		return err
	}
	p.Holder = &to.ID
	if err := p.step(Processing, StepHandle, Move{ToName: to.Name, Note: note}); err != nil {
		return err
	}
	p.put()
	return nil
}

// Ask asks once for all that is missing.
func (p *Past) Ask(ctx context.Context, who actor.Actor, at time.Time, items []Item, basis string) error {
	stage, may := "processing", p.Step == StepHandle && p.mayBeWorkedBy(who)
	if p.State == Registered {
		stage, may = "intake", p.mayBeReceivedBy(who)
	}
	if err := p.begin("services.dossier.ask", who, at, may && p.StageRequests == 0); err != nil {
		return err
	}
	by, err := p.m.supplyBy(ctx, p.Dossier, p.def, at)
	if err != nil {
		return err
	}
	q := Request{ID: p.id(2 + byte(len(p.asked))), DossierID: p.ID, Stage: stage, State: "asked", Items: items, Basis: basis, AskedBy: who.ID, AskedAt: at, SupplyBy: by}
	switch {
	case p.mayBeDecidedBy(who):
		q.ApprovedBy = &who.ID
	case stage == "processing":
		q.State = "proposed"
	}
	p.asked = append(p.asked, q)
	if q.State == "asked" {
		return p.askNow(q, at)
	}
	if err := p.step(Processing, StepApprove, Move{Note: summary(items), Basis: basis}); err != nil {
		return err
	}
	p.put()
	return nil
}

func (p *Past) askNow(q Request, at time.Time) error {
	p.StageRequests++
	p.AnswerDue = nil
	p.pause(at)
	if err := p.step(AwaitingSupplement, StepCitizen, Move{Note: summary(q.Items), Basis: q.Basis}); err != nil {
		return err
	}
	p.put()
	p.issue(OutgoingForm02, map[string]any{"request": q.ID})
	return nil
}

// ApproveAsk is the head's yes to the request of a case officer.
func (p *Past) ApproveAsk(ctx context.Context, who actor.Actor, at time.Time) error {
	if err := p.begin("services.dossier.approve-ask", who, at, p.Step == StepApprove && p.mayBeDecidedBy(who)); err != nil {
		return err
	}
	q := &p.asked[len(p.asked)-1]
	by, err := p.m.supplyBy(ctx, p.Dossier, p.def, at)
	if err != nil {
		return err
	}
	q.State, q.ApprovedBy, q.AskedAt, q.SupplyBy = "asked", &who.ID, at, by
	return p.askNow(*q, at)
}

// Supplement gives all that was asked for, on paper.
func (p *Past) Supplement(ctx context.Context, who actor.Actor, at time.Time) error {
	if err := p.begin("services.dossier.supplement", who, at, p.isCitizens(who) || p.mayBeReceivedBy(who)); err != nil {
		return err
	}
	q := p.open()
	if p.State != AwaitingSupplement || q == nil {
		return fault.Conflict("services.nothing-asked")
	}
	q.AnsweredAt = &at
	for i := range q.Items {
		q.Items[i].Answered = true
	}
	to, step := Processing, StepHandle
	if q.Stage == "intake" {
		to, step = Registered, StepIntake
		if err := p.m.answerDue(ctx, &p.Dossier, at); err != nil {
			return err
		}
	} else if err := p.m.resume(ctx, &p.Dossier, p.def, at); err != nil {
		return err
	}
	if err := p.step(to, step, Move{}); err != nil {
		return err
	}
	p.put()
	return nil
}

func (p *Past) open() *Request {
	if n := len(p.asked); n > 0 && p.asked[n-1].State == "asked" && p.asked[n-1].AnsweredAt == nil {
		return &p.asked[n-1]
	}
	return nil
}

// Withdraw ends the dossier at the applicant's wish.
func (p *Past) Withdraw(who actor.Actor, at time.Time, reason string) error {
	if err := p.begin("services.dossier.withdraw", who, at, p.isCitizens(who) && who.Level >= 2 && p.DecidedAt == nil); err != nil {
		return err
	}
	if p.PausedAt != nil {
		p.Pauses[len(p.Pauses)-1].To, p.PausedAt = at, nil
	}
	p.AnswerDue, p.desk = nil, nil
	if q := p.open(); q != nil {
		q.AnsweredAt = &at
	}
	p.voidBill(at, "withdrawn")
	return p.step(Withdrawn, StepEnd, Move{Note: reason})
}

// Stop ends processing by the signer's decision.
func (p *Past) Stop(who actor.Actor, at time.Time, reason, basis string) error {
	may := p.mayBeDecidedBy(who) && p.DecidedAt == nil && (p.State == Processing || p.State == AwaitingPayment && p.Term.mayEnd(at))
	if err := p.begin("services.dossier.stop", who, at, may); err != nil {
		return err
	}
	return p.stopped(at, reason, basis)
}

// Expire stops a dossier whose supplement was not given in time.
func (p *Past) Expire(at time.Time) error {
	q := p.open()
	if q == nil || at.Before(q.SupplyBy) {
		return errors.New("loading: nothing has expired")
	}
	if err := p.begin("services.dossier.expire", actor.ForSystem(ExpireSupplements{}.Kind()), at, true); err != nil {
		return err
	}
	return p.stopped(at, "Quá thời hạn bổ sung: "+summary(q.Items), cmp.Or(q.Basis, "—"))
}

func (p *Past) stopped(at time.Time, reason, basis string) error {
	p.pause(at)
	p.Basis, p.desk = basis, nil
	if q := p.open(); q != nil {
		q.AnsweredAt = &at
	}
	if err := p.step(Stopped, StepEnd, Move{Note: reason, Basis: basis}); err != nil {
		return err
	}
	p.issue(OutgoingForm05, map[string]any{"reason": reason, "basis": basis})
	return nil
}

// Resume lets a stopped dossier go on.
func (p *Past) Resume(ctx context.Context, who actor.Actor, at time.Time, reason, basis string) error {
	if err := p.begin("services.dossier.resume", who, at, p.mayBeDecidedBy(who) && p.AcceptedAt != nil); err != nil {
		return err
	}
	if err := p.m.resume(ctx, &p.Dossier, p.def, at); err != nil {
		return err
	}
	p.Basis = ""
	if err := p.step(Processing, StepHandle, Move{Note: reason, Basis: basis}); err != nil {
		return err
	}
	p.put()
	return nil
}

// Extend puts the promise off, once and before it is broken.
func (p *Past) Extend(ctx context.Context, who actor.Actor, at time.Time, days int, reason string) error {
	may := p.mayBeDecidedBy(who) && (p.State == Processing || p.State == Accepted) && p.Extensions == 0 && !p.Late(at)
	if err := p.begin("services.dossier.extend", who, at, may); err != nil {
		return err
	}
	p.Extensions, p.ExtendedDays = 1, days
	before := *p.DueAt
	if err := p.m.prolong(ctx, &p.Dossier); err != nil {
		return err
	}
	p.put()
	p.issue(OutgoingForm04, map[string]any{"reason": reason, "before": before.UTC(), "after": p.DueAt.UTC()})
	return nil
}
