package site_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/directory"
	"datmui/blocks/pay"
	"datmui/blocks/worklist"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// whole is a dossier with its slip, for judgeDesk.
func (p *province) whole(t *testing.T, id uuid.UUID) record {
	t.Helper()
	rec, err := p.Services.Dossier(p.as(t, "congdan"), id)
	must(t, err)
	return record{Record: rec, p: p, now: p.clock.Now()}
}

// deskOf is why a dossier lies on somebody's desk, "" when it does not.
func (p *province) deskOf(t *testing.T, account string, id uuid.UUID) string {
	t.Helper()
	page, err := p.Worklist.Desk(p.as(t, account), worklist.Filter{}, "")
	must(t, err)
	for _, row := range page.Rows {
		if row.Subject == id {
			return row.Why
		}
	}
	return ""
}

func (p *province) carried(t *testing.T) int64 {
	t.Helper()
	n, err := pg.Value[int64](p.db.Reader.Query(t.Context(), `SELECT count(*) FROM audit.entry WHERE name = 'services.dossier.carry'`))
	must(t, err)
	return n
}

// Two communes become one while dossiers are in flight: on the day each lies on a desk of the
// successor where somebody sits and can be ended there; what had ended stays with who decided it and
// may be looked up by the successor.
// law: public-services.md 2 — fact 3; 6.2 — 4→4: reassign, slip line.
func TestMergedBodyCarriesItsDossiers(t *testing.T) {
	t.Parallel()
	p := open(t)
	must(t, p.Jobs.Stop(t.Context())) // what they do is done by hand, once
	const old, next = "ubnd-xa-dat-mui-2025", "ubnd-xa-phan-ngoc-hien-2025"
	ended := p.submit(t, "congdan").ID
	must(t, p.Services.Refuse(p.as(t, "canbo.datmui"), services.RefuseIn{Dossier: ended, Client: client(), Reason: "Không thuộc thẩm quyền", Basis: "Luật Hộ tịch"}))
	filed, held, asked, drafted, signed := p.submit(t, "congdan").ID, p.accepted(t), p.accepted(t), p.proposed(t), p.proposed(t)
	must(t, p.Services.Ask(p.as(t, "chutich.datmui"), services.AskIn{Dossier: asked, Client: client(), Basis: "Luật Hộ tịch", Items: []services.Item{{Key: "a", What: "Giấy A", How: "Nộp"}}}))
	must(t, p.Services.Sign(p.as(t, "chutich.datmui"), services.SignIn{Dossier: signed, Client: client(), PIN: pin}))
	prepaid, err := p.Services.Submit(p.as(t, "congdan"), services.SubmitIn{Client: client(), Procedure: "2.000815", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Answers: copies()})
	must(t, err)
	promised := *p.state(t, held).DueAt

	for _, body := range []string{"vp-hdnd-ubnd-xa-", "phong-kinh-te-xa-", "phong-vhxh-xa-", "tt-pvhcc-xa-", "ubnd-xa-"} {
		must(t, p.Directory.Merge(p.as(t, "quantri"), directory.MergeIn{Client: client(), From: []string{body + "dat-mui-2025"}, Into: body + "phan-ngoc-hien-2025", On: "2026-11-26", Basis: "9/NQ"}))
	}
	must(t, p.Services.Carry(p.ctx))
	if n := p.carried(t); n != 0 {
		t.Errorf("%d dossiers were carried before the day", n)
	}
	p.clock.Set(time.Date(2026, 11, 26, 1, 6, 0, 0, time.UTC))
	must(t, p.Services.Carry(p.ctx))
	open := []uuid.UUID{filed, held, asked, drafted, signed, prepaid.ID}
	for _, id := range open {
		now := p.whole(t, id)
		if now.CompetentAgency != next || now.ReceivingAgency != "tt-pvhcc-xa-phan-ngoc-hien-2025" || !strings.HasPrefix(now.Code, "H12.94.04-") {
			t.Errorf("%s is with %s, received by %s", now.Code, now.CompetentAgency, now.ReceivingAgency)
		}
		p.judgeDesk(t, "the merger", now)
	}
	n := p.carried(t)
	must(t, p.Services.Carry(p.ctx))
	if again := p.carried(t); n != int64(len(open)) || again != n {
		t.Errorf("%d dossiers were carried, %d after a second run; %d were in flight", n, again, len(open))
	}
	if d := p.state(t, held); !d.DueAt.Equal(promised) {
		t.Errorf("promised for %s, it was %s", d.DueAt, promised)
	}
	// What was drafted or signed for a body that is over is drafted anew.
	for _, id := range []uuid.UUID{drafted, signed} {
		if d := p.state(t, id); d.Step != services.StepHandle || d.DecidedAt != nil || d.Proposed != nil {
			t.Errorf("step %q, decided %v", d.Step, d.DecidedAt)
		}
	}
	if last := p.whole(t, signed).Slip; last[len(last)-1].Act != "services.dossier.carry" || last[len(last)-1].ToAgency != next {
		t.Errorf("the slip says %+v", last[len(last)-1])
	}

	// The successor goes on with each: takes the money, accepts, hears the supplement, signs, numbers, returns.
	bills, err := p.Pay.OpenBills(p.as(t, "thuquy.datmui"), uuid.Nil, 10)
	must(t, err)
	if !slices.ContainsFunc(bills, func(b pay.Bill) bool { return b.SubjectID == prepaid.ID }) {
		t.Error("the bill is on no cashier's list")
	}
	must(t, p.Services.Cash(p.as(t, "thuquy.datmui"), services.CashIn{Dossier: prepaid.ID, Client: client(), Method: "cash"}))
	must(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: prepaid.ID, Client: client()}))
	must(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: filed, Client: client()}))
	must(t, p.Services.Supplement(p.as(t, "congdan"), services.SupplementIn{Dossier: asked, Client: client(), Answers: map[string]string{"a": "đây"}}))
	p.judgeDesk(t, "the supplement", p.whole(t, asked))
	deputy := actor.From(p.as(t, "chutich.datmui")) // the head of a body that is over is a deputy in the successor
	must(t, p.Services.Propose(p.as(t, "thuly.datmui"), services.ProposeIn{Dossier: signed, Client: client(), Outcome: "refused", Reason: "Chưa đủ điều kiện", Basis: "Luật Hộ tịch", Signer: deputy.ID}))
	must(t, p.Services.Sign(p.as(t, "chutich.datmui"), services.SignIn{Dossier: signed, Client: client(), PIN: pin}))
	must(t, p.Services.Number(p.as(t, "vanthu.datmui"), services.NumberIn{Dossier: signed, Client: client()}))
	citizen := p.browser(t, "congdan")
	citizen.get("/dossiers/" + signed.String())
	citizen.must("Phan Ngọc Hiển")
	rec, err := p.Services.Dossier(p.as(t, "congdan"), signed)
	must(t, err)
	for _, o := range rec.Outgoing {
		if o.Kind != services.OutgoingResult || o.State != "issued" {
			continue
		}
		citizen.get("/files/" + o.FileID.String())
		pdf := []byte(citizen.body)
		judge(t, p, pdf, 2)
		if text := strings.Join(strings.Fields(pdfText(t, pdf)), " "); !strings.Contains(text, "KT. CHỦ TỊCH") || !strings.Contains(text, "XÃ PHAN NGỌC HIỂN") {
			t.Errorf("the result is not the successor's:\n%s", text)
		}
	}
	must(t, p.Services.SetFee(p.as(t, "canbo.datmui"), services.SetFeeIn{Dossier: signed, Client: client(), Basis: "Miễn"}))
	must(t, p.Services.Collect(p.as(t, "congdan"), services.CollectIn{Dossier: signed, Client: client()}))

	// What had ended stays with who decided it; the successor sees it, others still do not.
	leader := p.as(t, "chutich.datmui")
	rec, err = p.Services.Dossier(leader, ended)
	must(t, err)
	if rec.CompetentAgency != old || rec.Bodies[old] != "Ủy ban nhân dân xã Đất Mũi" {
		t.Errorf("decided by %s, called %q", rec.CompetentAgency, rec.Bodies[old])
	}
	if _, err := p.Services.Dossier(p.as(t, "so.xaydung"), ended); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("another body sees it: %v", err)
	}
	page, err := p.Services.List(leader, services.ListIn{State: services.Refused})
	must(t, err)
	if !slices.ContainsFunc(page.Lines, func(l services.Line) bool { return l.ID == ended }) {
		t.Error("the list of the successor does not have it")
	}
	for _, words := range []string{rec.Code, rec.ApplicantName} {
		lines, err := p.Services.Search(leader, words)
		must(t, err)
		if !slices.ContainsFunc(lines, func(l services.Line) bool { return l.ID == ended }) {
			t.Errorf("the successor does not find it by %q", words)
		}
	}
	if n, err := p.Services.CheckTerms(p.ctx); err != nil {
		t.Errorf("of %d promises: %v", n, err)
	}
}

// A case officer leaves, and another is moved: what they had goes back to the head, who gives it to
// somebody else, at whatever step it was. Who has left does nothing any more.
// law: public-services.md 17 — never routed: show holder and next step.
func TestLeaverLeavesNoDossierBehind(t *testing.T) {
	t.Parallel()
	p := open(t)
	held, asked, drafted, signed := p.accepted(t), p.accepted(t), p.proposed(t), p.proposed(t)
	must(t, p.Services.Ask(p.as(t, "chutich.datmui"), services.AskIn{Dossier: asked, Client: client(), Basis: "Luật Hộ tịch", Items: []services.Item{{Key: "a", What: "Giấy A", How: "Nộp"}}}))
	must(t, p.Services.Sign(p.as(t, "chutich.datmui"), services.SignIn{Dossier: signed, Client: client(), PIN: pin}))
	leaver := actor.From(p.as(t, "thuly.datmui"))
	page := p.browser(t, "thuly.datmui")
	must(t, p.Directory.Leave(p.as(t, "quantri.datmui"), directory.LeaveIn{Person: leaver.ID, On: "2026-11-26", Reason: "nghỉ hưu"}))
	p.clock.Set(time.Date(2026, 11, 25, 16, 59, 0, 0, time.UTC)) // one minute before midnight in Vietnam
	must(t, p.Services.Carry(p.ctx))
	if n := p.carried(t); n != 0 || p.deskOf(t, "thuly.datmui", held) == "" {
		t.Errorf("%d dossiers were carried on her last day", n)
	}
	p.clock.Set(time.Date(2026, 11, 25, 17, 0, 0, 0, time.UTC))
	if status := page.get("/desk"); status == 200 && strings.Contains(page.body, p.state(t, held).Code) {
		t.Error("who has left still reads her desk")
	}
	err := p.Services.Propose(p.as(t, "thuly.datmui"), services.ProposeIn{Dossier: held, Client: client(), Outcome: "refused", Reason: "x", Basis: "y"})
	if k := fault.KindOf(err); k != fault.KindNotFound && k != fault.KindForbidden {
		t.Errorf("who has left still works: %v", err)
	}
	for range 2 {
		must(t, p.Services.Carry(p.ctx))
		if n := p.carried(t); n != 4 {
			t.Errorf("%d dossiers were carried, 4 were hers", n)
		}
	}
	for _, id := range []uuid.UUID{held, asked, drafted, signed} {
		p.judgeDesk(t, "her leaving", p.whole(t, id))
	}
	if why := p.deskOf(t, "chutich.datmui", held); why != "services.why.reassign" {
		t.Errorf("on the head's desk it is %q", why)
	}
	if d := p.state(t, signed); d.Step != services.StepNumber || d.DecidedAt == nil {
		t.Errorf("what the head has signed stays signed: step %q", d.Step)
	}
	must(t, p.Services.Supplement(p.as(t, "congdan"), services.SupplementIn{Dossier: asked, Client: client(), Answers: map[string]string{"a": "đây"}}))
	must(t, p.Services.SendBack(p.as(t, "chutich.datmui"), services.SendBackIn{Dossier: drafted, Client: client(), Reason: "Xem lại"}))
	colleague := actor.From(p.as(t, "kinhte.datmui"))
	for _, id := range []uuid.UUID{held, asked, drafted} {
		if why := p.deskOf(t, "chutich.datmui", id); why != "services.why.reassign" {
			t.Errorf("on the head's desk it is %q", why)
		}
		head := p.browser(t, "chutich.datmui")
		head.get("/desk/dossiers/" + id.String())
		head.must("Chuyển cho đồng nghiệp")
		must(t, p.Services.Forward(p.as(t, "chutich.datmui"), services.ForwardIn{Dossier: id, Client: client(), To: colleague.ID}))
		if why := p.deskOf(t, "kinhte.datmui", id); why != "services.why.handle" {
			t.Errorf("on the colleague's desk it is %q", why)
		}
	}
	must(t, p.Services.Propose(p.as(t, "kinhte.datmui"), services.ProposeIn{Dossier: held, Client: client(), Outcome: "refused", Reason: "Chưa đủ điều kiện", Basis: "Luật Hộ tịch"}))
}
