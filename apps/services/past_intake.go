package services

import (
	"context"
	"fmt"
	"time"

	"datmui/blocks/calendar"
	"datmui/blocks/pay"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// first files the dossier: fee, papers, procedure.
func (p *Past) first(name string, who actor.Actor, at time.Time, may bool) error {
	if p.State != None {
		return fmt.Errorf("loading %s: it is filed already", p.Code)
	}
	if err := p.begin(name, who, at, may); err != nil {
		return err
	}
	p.FiledAt = at
	p.note("procedure", fmt.Sprintf("%s v%d", p.Procedure, p.Version))
	for i := range p.papers {
		p.papers[i].AddedAt = at
	}
	if p.def.FeeMode == "none" {
		return nil
	}
	fee, err := p.m.Fee(p.Procedure, p.def, p.Channel, p.Answers, calendar.DateOf(at))
	if err != nil {
		return err
	}
	switch {
	case !fee.Known:
		p.FeeState = "unknown"
	case fee.Amount == 0:
		p.Fee = &fee.Amount
	default:
		p.Fee, p.FeeState = &fee.Amount, "due"
		p.ask(fee.Lines, fee.Amount, fee.Refund == "never", at)
	}
	return nil
}

func (p *Past) ask(lines []pay.FeeLine, amount int64, final bool, at time.Time) {
	p.bill = &pay.Bill{ID: p.id(1), SubjectKind: dossierKind, SubjectID: p.ID, Agency: p.ReceivingAgency, Procedure: p.Procedure, Reference: p.Code,
		PayerID: &p.Applicant, Payer: p.ApplicantName, Mode: pay.Mode(p.def.FeeMode), Lines: lines, Amount: amount, State: pay.Pending,
		Refundable: !final, AskedAt: at}
}

func (p *Past) mayFile(who actor.Actor) bool {
	if who.Kind == actor.Citizen {
		return who.ID == p.Applicant && who.Level >= 2 && p.Channel == Online
	}
	return p.mayBeReceivedBy(who)
}

// Submit is the filing.
func (p *Past) Submit(ctx context.Context, who actor.Actor, at time.Time) error {
	if err := p.first("services.dossier.submit", who, at, p.mayFile(who)); err != nil {
		return err
	}
	if err := p.m.answerDue(ctx, &p.Dossier, at); err != nil {
		return err
	}
	if err := p.step(Registered, StepIntake, Move{}); err != nil {
		return err
	}
	p.put()
	p.issue(OutgoingReceipt, nil)
	return nil
}

// Intake is filing and acceptance at the counter; a prepaid fee keeps the dossier at Registered.
func (p *Past) Intake(ctx context.Context, who actor.Actor, at time.Time) error {
	if err := p.first("services.dossier.intake", who, at, p.mayBeReceivedBy(who)); err != nil {
		return err
	}
	if p.def.FeeMode == "prepaid" && p.owes() {
		if err := p.m.answerDue(ctx, &p.Dossier, at); err != nil {
			return err
		}
		if err := p.step(Registered, StepIntake, Move{}); err != nil {
			return err
		}
		p.put()
		p.issue(OutgoingReceipt, nil)
		return nil
	}
	return p.accepted(ctx, at)
}

// Accept starts the clock.
func (p *Past) Accept(ctx context.Context, who actor.Actor, at time.Time) error {
	if err := p.begin("services.dossier.accept", who, at, p.mayBeReceivedBy(who)); err != nil {
		return err
	}
	if p.State == AwaitingSupplement && p.AcceptedAt != nil {
		return illegal(p.State, Accepted)
	}
	if p.def.FeeMode == "prepaid" && p.owes() {
		return fault.Conflict("services.unpaid")
	}
	return p.accepted(ctx, at)
}

func (p *Past) accepted(ctx context.Context, at time.Time) error {
	p.AcceptedAt, p.AnswerDue, p.Pauses, p.StageRequests = &at, nil, []Pause{}, 0
	if err := p.m.term(ctx, &p.Dossier, p.def); err != nil {
		return err
	}
	p.HolderAgency, p.Holder = p.CompetentAgency, nil
	if err := p.step(Accepted, StepAssign, Move{}); err != nil {
		return err
	}
	p.put()
	p.issue(OutgoingForm01, nil)
	return nil
}

// Refuse turns the dossier away at the counter.
func (p *Past) Refuse(who actor.Actor, at time.Time, reason, basis string) error {
	if err := p.begin("services.dossier.refuse", who, at, p.mayBeReceivedBy(who)); err != nil {
		return err
	}
	p.Basis, p.AnswerDue, p.desk = basis, nil, nil
	if err := p.step(Refused, StepEnd, Move{Note: reason, Basis: basis}); err != nil {
		return err
	}
	p.voidBill(at, "refused")
	p.issue(OutgoingForm03, map[string]any{"reason": reason, "basis": basis})
	return nil
}
