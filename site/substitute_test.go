package site_test

import (
	"strings"
	"testing"
	"time"

	"datmui/apps/services"
	"datmui/blocks/directory"
	"datmui/blocks/worklist"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/testkit"
)

// While an officer is away her colleague finds her desk among his own, works her dossiers in her
// stead, and the slip says so; he never signs, and afterwards they are hers alone again.
func TestSubstituteWorksTheDesk(t *testing.T) {
	t.Parallel()
	p := open(t)
	id, holder := p.accepted(t), actor.From(p.as(t, "thuly.datmui"))
	consult := func() error {
		return p.Services.Consult(p.as(t, "kinhte.datmui"), services.ConsultIn{Dossier: id, Client: client(), Bodies: []string{"so-xay-dung"}, Question: "Gì?", Number: 1, Unit: "wd"})
	}
	testkit.WantError(t, consult(), fault.Forbidden("services.consult"))
	_, err := p.Directory.Delegate(p.ctx, directory.DelegateIn{Form: directory.Substitution, Post: holder.PostID, Taker: p.personOf(t, "coll"), From: "2026-11-23", Until: "2026-11-25", Document: "12/GNP"})
	must(t, err)
	desk, err := p.Worklist.Desk(p.as(t, "kinhte.datmui"), worklist.Filter{Whose: holder.ID.String()}, "")
	if err != nil || len(desk.Rows) != 1 || desk.Rows[0].For != holder.Name || desk.Rows[0].Code != p.state(t, id).Code {
		t.Errorf("the absent one's desk: %+v, %v", desk.Rows, err)
	}
	must(t, consult())
	must(t, p.Services.Ask(p.as(t, "kinhte.datmui"), services.AskIn{Dossier: id, Client: client(), Basis: "Luật", Items: []services.Item{{Key: "a", What: "A", How: "Nộp"}}}))
	rec, err := p.Services.Dossier(p.as(t, "thuly.datmui"), id)
	must(t, err)
	if last := rec.Slip[len(rec.Slip)-1]; !strings.Contains(last.ActorPost, "làm thay "+holder.Name) || *rec.Holder != holder.ID {
		t.Errorf("the slip says %q", last.ActorPost)
	}
	other := p.accepted(t)
	p.clock.Set(time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC))
	testkit.WantError(t, p.Services.Forward(p.as(t, "kinhte.datmui"), services.ForwardIn{Dossier: other, Client: client(), To: p.personOf(t, "coll")}), fault.NotFound("services.dossier"))
}

// Who opens a dossier that a colleague has open is told since when; it stops nobody, and ends with
// what the colleague does or after a while.
func TestSoftLock(t *testing.T) {
	t.Parallel()
	p := open(t)
	id := p.accepted(t)
	name := actor.From(p.as(t, "thuly.datmui")).Name
	officer, leader := p.browser(t, "thuly.datmui"), p.browser(t, "chutich.datmui")
	officer.get("/desk/dossiers/" + id.String())
	if strings.Contains(officer.body, "đang mở hồ sơ này") {
		t.Error("told of oneself")
	}
	p.clock.Advance(5 * time.Minute)
	leader.get("/desk/dossiers/" + id.String())
	leader.must(name + " đang mở hồ sơ này từ 8 giờ 06")
	leader.post("/desk/dossiers/"+id.String()+"/note", "client", client(), "text", "Xem lại giúp")
	must(t, p.Services.Ask(p.as(t, "thuly.datmui"), services.AskIn{Dossier: id, Client: client(), Basis: "Luật", Items: []services.Item{{Key: "a", What: "A", How: "Nộp"}}}))
	leader.get("/desk/dossiers/" + id.String())
	if strings.Contains(leader.body, "đang mở hồ sơ này") {
		t.Error("still open after the act")
	}
	p.clock.Advance(11 * time.Minute)
	officer.get("/desk/dossiers/" + id.String())
	if strings.Contains(officer.body, "đang mở hồ sơ này") {
		t.Error("still open long after")
	}
}
