package services

import (
	"context"

	"datmui/kit/actor"
)

// TakeHome are the papers that the citizen goes home with from the counter: Form 01 and, of a set, the
// one receipt of the whole; before anything was accepted the notice that the dossier has arrived.
// law: public-services.md 5 — form 01: receipt and appointment.
func (r Record) TakeHome() []Outgoing {
	var whole, form, notice []Outgoing
	for _, o := range r.Outgoing { // the oldest first: of a form that was made anew the last one counts
		switch {
		case o.State == "replaced":
		case o.Kind == OutgoingForm01:
			form = []Outgoing{o}
		case o.Kind == OutgoingReceipt && r.InSet != nil:
			whole = []Outgoing{o}
		case o.Kind == OutgoingReceipt:
			notice = []Outgoing{o}
		}
	}
	if len(whole)+len(form) == 0 {
		return notice
	}
	return append(whole, form...)
}

// MayHandOut says whether the actor is at the counter that gives the citizen her receipt.
func (m *Module) MayHandOut(ctx context.Context, rec Record) bool {
	return rec.mayBeReceivedBy(actor.From(ctx)) && len(rec.TakeHome()) > 0
}
