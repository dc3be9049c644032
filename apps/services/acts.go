package services

import (
	"context"
	"slices"

	"datmui/kit/actor"
)

// Acts a page may offer on a dossier; each is the last word of its act's name.
const (
	ActAccept   = "accept"
	ActAsk      = "ask"
	ActRefuse   = "refuse"
	ActSetFee   = "set-fee"
	ActAskFee   = "ask-fee"
	ActCash     = "cash"
	ActTake     = "take"
	ActPropose  = "propose"
	ActAssign   = "assign"
	ActForward  = "forward"
	ActSign     = "sign"
	ActSendBack = "send-back"
	ActApprove  = "approve-ask"
	ActScan     = "scan"
	ActNote     = "note"
	ActNumber   = "number"
	ActReturn   = "return"

	ActAuthority = "authority"
	ActOriginals = "originals"
	ActPost      = "post"
	ActDelivered = "delivered"
	ActCameBack  = "came-back"

	ActExtend = "extend"
	ActStop   = "stop"
	ActResume = "resume"
	ActReopen = "reopen"
)

// ActsFor lists what the official may lawfully do with the dossier now, the next act first. It
// only spares people a refusal: every act checks for itself.
func (d Dossier) ActsFor(a actor.Actor, def Definition) []string {
	var out []string
	add := func(ok bool, acts ...string) {
		if ok {
			out = append(out, acts...)
		}
	}
	receives, decides := d.mayBeReceivedBy(a), d.mayBeDecidedBy(a)
	unpaid := d.FeeState == "due" && (def.FeeMode == "prepaid" || d.State == AwaitingPayment || d.State == Finished)
	add(d.FeeState == "unknown" && !d.State.Terminal() && (receives || d.mayBePaidTo(a)), ActSetFee)
	add(unpaid && !d.State.Terminal() && d.mayBePaidTo(a), ActCash)
	switch d.State {
	case Registered:
		if d.Step == StepWaits { // the set carries it on
			break
		}
		add(receives && def.FeeMode == "prepaid" && d.FeeState == "due", ActAskFee)
		add(receives && !(def.FeeMode == "prepaid" && d.owes()), ActAccept)
		add(receives, ActAsk, ActRefuse)
	case AwaitingSupplement:
		add(receives && d.AcceptedAt == nil, ActAccept)
	case Accepted:
		add(d.mayBeHandledBy(a), ActTake)
		add(decides, ActAssign)
		add(decides && d.Extensions == 0, ActExtend)
	case Processing:
		switch d.Step {
		case StepHandle:
			add(d.mayBeWorkedBy(a), ActPropose, ActAsk)
			add(d.mayBeWorkedBy(a) || decides, ActForward)
			add(d.mayBeWorkedBy(a) && d.FeeState == "due", ActAskFee)
		case StepApprove:
			add(decides, ActApprove, ActSendBack)
		case StepSign:
			add(decides, ActSign, ActSendBack)
		case StepNumber:
			add(d.mayBeNumberedBy(a), ActNumber)
		}
		add(decides && d.Extensions == 0, ActExtend)
		add(decides && d.DecidedAt == nil, ActStop)
	case AwaitingPayment:
		add(decides && d.DecidedAt == nil && d.Term != nil && d.Term.LapsedAt != nil, ActStop)
	case Finished:
		if d.Step == StepPost {
			add(d.mayBeReturnedBy(a), ActDelivered, ActCameBack)
			break
		}
		ways := []string{ActReturn, ActPost}
		if d.ReturnWay == "post" {
			ways = []string{ActPost, ActReturn}
		}
		add(d.mayBeReturnedBy(a) && !d.owes(), ways...)
		add(decides, ActReopen)
	case Stopped:
		add(decides && d.AcceptedAt != nil, ActResume)
	}
	return out
}

// ActsFor lists what the actor may lawfully do with a record now, the next act first.
func (m *Module) ActsFor(ctx context.Context, rec Record) []string {
	acts := rec.ActsFor(actor.From(ctx), rec.Def)
	if a := actor.From(ctx); rec.ActsForAnother() && rec.awaitsIntake() && rec.mayBeReceivedBy(a) {
		i := slices.Index(acts, ActAccept)
		switch missing := rec.Authority == nil || rec.Authority.over(m.clock.Now()); {
		case i < 0:
			acts = append(acts, ActAuthority)
		case missing:
			acts[i] = ActAuthority
		default: // a better one may be recorded until it is accepted
			acts = slices.Insert(acts, i+1, ActAuthority)
		}
	}
	if i := slices.IndexFunc(acts, leaves); i >= 0 && len(rec.OriginalsOwed()) > 0 {
		acts = slices.Insert(slices.DeleteFunc(acts, leaves), i, ActOriginals)
	}
	return acts
}

// leaves says whether an act lets the result out of the house.
func leaves(act string) bool { return act == ActReturn || act == ActPost }
