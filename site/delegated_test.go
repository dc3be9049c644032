package site_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/directory"
	"datmui/blocks/sign"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// The chairman delegates his signature to an officer for some days: she can be chosen, signs with the
// form in front of her title, and not a moment before, after, or once it was taken back: also not the
// rest of a batch that she has begun.
// law: documents.md 2.3 — refuse a TUQ or TL signature outside its delegation.
func TestDelegatedSignature(t *testing.T) {
	t.Parallel()
	p := open(t)
	chair, officer := actor.From(p.as(t, "chutich.datmui")), actor.From(p.as(t, "kinhte.datmui"))
	_, err := p.Sign.Issue(p.ctx, sign.Holder{Role: sign.Person, Person: officer.ID, Agency: "ubnd-xa-dat-mui-2025", Name: officer.Name, Org: "Ủy ban nhân dân xã Đất Mũi", PIN: pin})
	must(t, err)
	propose := func(id uuid.UUID) error {
		return p.Services.Propose(p.as(t, "thuly.datmui"), services.ProposeIn{Dossier: id, Client: client(), Outcome: "refused", Reason: "Chưa đủ điều kiện", Basis: "Luật Hộ tịch", Signer: officer.ID})
	}
	one, two, three := p.accepted(t), p.accepted(t), p.accepted(t)
	if err := propose(one); err == nil || !strings.Contains(err.Error(), "signer") {
		t.Errorf("chosen before anything is delegated: %v", err)
	}
	_, err = p.Directory.Delegate(p.as(t, "chutich.datmui"), directory.DelegateIn{Client: client(), Form: directory.TUQ, Post: chair.PostID, Taker: officer.ID,
		Rights: []string{services.RightDecide}, From: "2026-11-25", Until: "2026-11-25", Document: "GUQ 9/2026"})
	must(t, err)
	if err := propose(one); err == nil {
		t.Error("chosen before the first day")
	}
	p.clock.Set(time.Date(2026, 11, 24, 17, 0, 0, 0, time.UTC)) // midnight in Vietnam
	page := p.browser(t, "thuly.datmui")
	page.get("/desk/dossiers/" + one.String())
	page.must("TUQ. ")
	for _, id := range []uuid.UUID{one, two, three} {
		must(t, propose(id))
	}
	signing := p.as(t, "kinhte.datmui") // what her session knows of her, all day long
	signs := func(id uuid.UUID) error {
		return p.Services.Sign(signing, services.SignIn{Dossier: id, Client: client(), PIN: pin})
	}
	must(t, signs(one))
	must(t, p.Services.Number(p.as(t, "vanthu.datmui"), services.NumberIn{Dossier: one, Client: client()}))
	rec, err := p.Services.Dossier(p.as(t, "congdan"), one)
	must(t, err)
	for _, o := range rec.Outgoing {
		if o.Kind != services.OutgoingResult || o.State != "issued" {
			continue
		}
		citizen := p.browser(t, "congdan")
		citizen.get("/files/" + o.FileID.String())
		pdf := []byte(citizen.body)
		judge(t, p, pdf, 2)
		if text := pdfText(t, pdf); !strings.Contains(text, "TUQ. CHỦ TỊCH") || strings.Contains(text, "TM. ỦY BAN") || !strings.Contains(text, officer.Name) {
			t.Errorf("the signature is headed otherwise:\n%s", text)
		}
	}
	p.clock.Set(time.Date(2026, 11, 25, 16, 59, 0, 0, time.UTC)) // the last minute of the day
	must(t, signs(two))
	p.clock.Set(time.Date(2026, 11, 25, 17, 0, 0, 0, time.UTC))
	if err := signs(three); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("signed after the last day: %v", err)
	}
	if d := p.state(t, three); d.Step != services.StepSign || d.DecidedAt != nil {
		t.Errorf("step %q", d.Step)
	}

	// Taken back while she signs: what she has signed stands, the rest does not get signed.
	must(t, p.Services.SendBack(p.as(t, "chutich.datmui"), services.SendBackIn{Dossier: three, Client: client(), Reason: "Hết hạn ủy quyền"}))
	lent, err := p.Directory.Delegate(p.as(t, "chutich.datmui"), directory.DelegateIn{Client: client(), Form: directory.TUQ, Post: chair.PostID, Taker: officer.ID,
		Rights: []string{services.RightDecide}, From: "2026-11-26", Until: "2026-11-30", Document: "GUQ 10/2026"})
	must(t, err)
	four := p.accepted(t)
	must(t, propose(three))
	must(t, propose(four))
	signing = p.as(t, "kinhte.datmui")
	must(t, signs(three))
	must(t, p.Directory.EndDelegation(p.as(t, "chutich.datmui"), lent))
	p.clock.Advance(time.Second)
	if err := signs(four); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("signed after it was taken back: %v", err)
	}
	if a, b := p.state(t, three), p.state(t, four); a.Step != services.StepNumber || b.Step != services.StepSign {
		t.Errorf("steps %q and %q", a.Step, b.Step)
	}
}
