package services

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/represent"
	"datmui/blocks/worklist"
)

// onDesk lays the dossier on the desk that must act next; while the citizen must act it stays with
// the office that asked, so that nobody forgets it.
func (m *Module) onDesk(act *audit.Act, d *Dossier) {
	if d.Term == nil {
		var err error
		if d.Term, err = termOf(context.Background(), act, d); err != nil {
			act.Fail(err)
		}
	}
	it := m.deskItem(d, act.Actor.Name, act.At)
	d.HolderAgency = it.Agency
	if err := worklist.Put(context.Background(), act, it); err != nil {
		act.Fail(err)
	}
}

// deskItem is what lies on the desk after an act.
func (m *Module) deskItem(d *Dossier, sender string, at time.Time) worklist.Item {
	it := worklist.Item{
		Kind: dossierKind, Subject: d.ID, What: d.Subject, Who: d.ApplicantName, Code: d.Code, Step: d.Step,
		Sender: sender, Href: deskPathOf(d), Agency: d.HolderAgency, Due: d.deskDue(at),
	}
	it.What = cmp.Or(m.nameOf(d), it.What)
	switch d.Step {
	case StepIntake:
		it.Agency, it.Right, it.Why = d.ReceivingAgency, RightReceive, "services.why.intake"
	case StepAssign:
		it.Agency, it.Right, it.Why = d.CompetentAgency, RightHandle, "services.why.assign"
	case StepHandle:
		it.Agency, it.Right, it.Why = d.CompetentAgency, RightHandle, "services.why.handle"
		if it.Person = orZero(d.Holder); d.Holder == nil { // who had it is no longer there
			it.Right, it.Why = RightDecide, "services.why.reassign"
		}
	case StepApprove:
		it.Agency, it.Right, it.Why = d.CompetentAgency, RightDecide, "services.why.approve"
	case StepSign:
		it.Agency, it.Right, it.Why = d.CompetentAgency, RightDecide, "services.why.sign"
	case StepNumber:
		it.Agency, it.Right, it.Why = d.CompetentAgency, RightNumber, "services.why.number"
	case StepReturn:
		it.Agency, it.Right, it.Why = d.ReceivingAgency, RightReturn, "services.why.return"
	case StepPost:
		it.Agency, it.Right, it.Why = d.ReceivingAgency, RightReturn, "services.why.post"
	case StepCitizen:
		it.Why = "services.why.citizen"
		if it.Agency, it.Right = d.ReceivingAgency, RightReceive; d.AcceptedAt != nil {
			it.Agency, it.Right, it.Person = d.CompetentAgency, RightHandle, orZero(d.Holder)
		}
		switch {
		case d.DecidedAt != nil: // signed: it waits with those who hand it over
			it.Agency, it.Right, it.Person = d.ReceivingAgency, RightReturn, uuid.Nil
		case d.Term != nil && d.Term.LapsedAt != nil: // to be stopped, or waited for
			it.Agency, it.Right, it.Person, it.Why = d.CompetentAgency, RightDecide, uuid.Nil, "services.why.unpaid"
		}
	}
	return it
}

func (m *Module) offDesk(act *audit.Act, d *Dossier) {
	worklist.Done(context.Background(), act, dossierKind, d.ID)
}

// collectChase is after how long the counter calls somebody who has not come for a result. The promise
// was kept or broken when the result was ready: from then on the desk waits for the citizen. No text
// known here sets it: the house does.
const collectChase = 30 * 24 * time.Hour

// deskDue is until when the desk owes its step.
func (d *Dossier) deskDue(now time.Time) time.Time {
	switch {
	case d.Step == StepPost:
		return now.Add(parcelChase)
	case d.Step == StepReturn:
		return now.Add(collectChase)
	case d.Term != nil:
		return d.Term.PayBy
	case d.AnswerDue != nil:
		return *d.AnswerDue
	case d.DueAt != nil:
		return *d.DueAt
	}
	return now.Add(30 * 24 * time.Hour) // asked before acceptance: no legal clock yet
}

func orZero(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

// nameOf is the procedure's name from memory; the definition of an open dossier has been read.
func (m *Module) nameOf(d *Dossier) string {
	def, err := m.Definition(context.Background(), d.Procedure, d.Version)
	if err != nil {
		return ""
	}
	if d.Subject == "" {
		return def.Name
	}
	return def.Name + ": " + d.Subject
}

// pathOf is where the applicant, or who filed in her name, sees the dossier.
func pathOf(d *Dossier) string { return pathFor(d, "/dossiers/"+d.ID.String()) }

// pathFor leads them to one of the applicant's pages.
func pathFor(d *Dossier, own string) string {
	if d.Filer != nil {
		return represent.PathFor(d.Applicant, own)
	}
	return own
}

func deskPathOf(d *Dossier) string { return "/desk/dossiers/" + d.ID.String() }
