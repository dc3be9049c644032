package services

import (
	"github.com/google/uuid"

	"datmui/blocks/partners"
	"datmui/blocks/represent"
	"datmui/kit/actor"
)

// Rights that posts may carry here; blocks/directory only stores the words.
const (
	RightReceive   = "services.receive"   // accept, ask, refuse at the counter
	RightHandle    = "services.handle"    // take, ask, propose
	RightDecide    = "services.decide"    // approve, refuse, sign, stop, resume, extend
	RightNumber    = "services.number"    // number and seal
	RightReturn    = "services.return"    // hand over
	RightCash      = "services.cash"      // confirm payments
	RightSupervise = "services.supervise" // see all of the body's dossiers
)

// isCitizens says whether the dossier is the citizen's own: she filed it or it is her matter. A
// partner sees what it filed for her as long as she lets it. Who acts for a child or a business sees
// theirs in their name only, never among her own.
func (d Dossier) isCitizens(a actor.Actor) bool {
	party := a.Party()
	mine := party != uuid.Nil && (party == d.Applicant || party == d.Owner)
	if !a.MayFor(represent.SeeAll) { // what others filed in that name is not hers to see
		mine = mine && d.Filer != nil && *d.Filer == a.ID
	}
	return mine && (a.Kind == actor.Citizen || a.Kind == actor.Partner && a.May(partners.ScopeStatus, d.ID.String()))
}

// mayBeChangedFor: the citizen herself, or a partner that may file for her.
func (d Dossier) mayBeChangedFor(a actor.Actor) bool {
	return d.isCitizens(a) && a.MayFor(represent.File) && (a.Kind == actor.Citizen || a.May(partners.ScopeFile, d.ID.String()))
}

// mayBeSeenBy: the people concerned; officials of the bodies that receive and decide with a right
// that needs it, and who supervises either.
func (d Dossier) mayBeSeenBy(a actor.Actor) bool {
	if d.isCitizens(a) {
		return true
	}
	if a.Kind != actor.Official {
		return false
	}
	for _, right := range []string{RightReceive, RightReturn, RightCash, RightSupervise} {
		if a.May(right, d.ReceivingAgency) || a.May(right, d.CompetentAgency) {
			return true
		}
	}
	for _, right := range []string{RightHandle, RightDecide, RightNumber} {
		if a.May(right, d.CompetentAgency) {
			return true
		}
	}
	return d.Holder != nil && *d.Holder == a.ID
}

func (d Dossier) mayBeReceivedBy(a actor.Actor) bool {
	return a.Kind == actor.Official && a.May(RightReceive, d.ReceivingAgency)
}

func (d Dossier) mayBeHandledBy(a actor.Actor) bool {
	return a.Kind == actor.Official && a.May(RightHandle, d.CompetentAgency)
}

// mayBeScannedBy: the counter that received it, and who has it on the desk.
func (d Dossier) mayBeScannedBy(a actor.Actor) bool {
	return d.mayBeReceivedBy(a) || d.mayBeWorkedBy(a)
}

// mayBeWorkedBy: the one who holds it, and who works her desk while she is away; others of the office
// must take it first.
func (d Dossier) mayBeWorkedBy(a actor.Actor) bool {
	if !d.mayBeHandledBy(a) || d.Holder == nil {
		return false
	}
	_, standsIn := a.StandsIn(*d.Holder)
	return *d.Holder == a.ID || standsIn
}

func (d Dossier) mayBeDecidedBy(a actor.Actor) bool {
	return a.Kind == actor.Official && a.May(RightDecide, d.CompetentAgency)
}

func (d Dossier) mayBeNumberedBy(a actor.Actor) bool {
	return a.Kind == actor.Official && a.May(RightNumber, d.CompetentAgency)
}

func (d Dossier) mayBeReturnedBy(a actor.Actor) bool {
	return a.Kind == actor.Official && a.May(RightReturn, d.ReceivingAgency)
}

// mayBePaidFor: the citizen herself, who pays for her, or a partner that may.
func (d Dossier) mayBePaidFor(a actor.Actor) bool {
	return d.isCitizens(a) && a.MayFor(represent.Pay) && (a.Kind == actor.Citizen || a.May(partners.ScopePay, d.ID.String()))
}

// mayBePaidTo: a cashier, but nobody confirms her own money.
func (d Dossier) mayBePaidTo(a actor.Actor) bool {
	return a.ID != d.Applicant && (d.Filer == nil || *d.Filer != a.ID) && a.Kind == actor.Official && (a.May(RightCash, d.ReceivingAgency) || a.May(RightCash, d.CompetentAgency))
}
