package services

import (
	"context"
	"time"

	"datmui/blocks/pay"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// SetFee enters the amount that the schedule does not know.
func (p *Past) SetFee(who actor.Actor, at time.Time, amount int64, basis string) error {
	if err := p.begin("services.dossier.set-fee", who, at, p.mayBeReceivedBy(who) || p.mayBePaidTo(who)); err != nil {
		return err
	}
	if p.FeeState != "unknown" || p.State.Terminal() {
		return fault.Conflict("services.fee-known")
	}
	p.note("amount", amount)
	p.note("basis", basis)
	p.Fee, p.FeeState = &amount, "due"
	if amount == 0 {
		p.FeeState = "waived"
		return nil
	}
	p.ask([]pay.FeeLine{{Name: pay.Text{Vi: p.def.Name, En: p.def.NameEN}, Type: "charge", Quantity: 1, Unit: amount, Amount: amount}}, amount, false, at)
	return nil
}

// AskFee waits for the fee with the clock stopped.
func (p *Past) AskFee(who actor.Actor, at time.Time) error {
	may := p.mayBeReceivedBy(who)
	switch p.State {
	case Processing:
		may = p.mayBeWorkedBy(who) && p.Step == StepHandle
	case Finished:
		may = p.mayBePaidTo(who) || p.mayBeReturnedBy(who)
	}
	if err := p.begin("services.dossier.ask-fee", who, at, may && p.FeeState == "due"); err != nil {
		return err
	}
	if p.State == Processing {
		p.pause(at)
	}
	p.AnswerDue = nil
	if err := p.step(AwaitingPayment, StepCitizen, Move{}); err != nil {
		return err
	}
	by, err := p.m.payBy(context.Background(), p.Dossier, p.def, at)
	if err != nil {
		return err
	}
	p.Term = &PayTerm{N: p.Moves, AskedAt: at, PayBy: by}
	p.terms = append(p.terms, *p.Term)
	p.put()
	return nil
}

// Pay is the cashier's word that the fee is there; n is the number of the receipt in its series.
func (p *Past) Pay(ctx context.Context, who actor.Actor, at time.Time, way pay.Way, reference string, n int) error {
	if p.bill == nil || !p.bill.Open() {
		return fault.Conflict("services.no-fee-due")
	}
	if err := p.begin("pay.payment.confirm", who, at, p.mayBePaidTo(who)); err != nil {
		return err
	}
	e := &p.entries[len(p.entries)-1]
	e.Persons = append(p.bill.AuditPersons(), e.Persons...)
	p.note("amount", p.bill.Amount)
	p.note("way", way)
	pm, r := p.m.pay.Past(p.bill, p.id(1), who, at, way, reference, n)
	p.payment, p.receipt = &pm, &r
	p.FeeState = "paid"
	defer func() { p.issue(OutgoingPayment, map[string]any{"receipt": r.String()}) }()
	if p.State != AwaitingPayment {
		return nil
	}
	from := *p.slip[len(p.slip)-1].FromState
	var err error
	switch from {
	case Registered:
		err = p.m.answerDue(ctx, &p.Dossier, at)
	case Processing:
		err = p.m.resume(ctx, &p.Dossier, p.def, at)
	}
	if err != nil {
		return err
	}
	if err := p.step(from, map[State]string{Registered: StepIntake, Processing: StepHandle, Finished: StepReturn}[from], Move{Note: r.String()}); err != nil {
		return err
	}
	p.put()
	return nil
}

// voidBill takes back what was asked for and not paid.
func (p *Past) voidBill(at time.Time, why string) {
	if p.bill != nil && p.bill.State == pay.Pending {
		p.bill.State, p.bill.SettledAt, p.bill.Note = pay.Void, &at, why
	}
}

// Receipt is the receipt of the payment, nil without one.
func (p *Past) Receipt() *pay.Receipt { return p.receipt }
