package site_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/apps/services/silence"
	"datmui/blocks/worklist"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// owing files what is paid before it is accepted and asks for the money.
func (p *province) owing(t *testing.T) uuid.UUID {
	t.Helper()
	out, err := p.Services.Submit(p.as(t, "congdan"), services.SubmitIn{Client: client(), Procedure: "2.000815", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Answers: copies()})
	must(t, err)
	must(t, p.Services.AskFee(p.as(t, "canbo.datmui"), services.AskFeeIn{Dossier: out.ID, Client: client()}))
	return out.ID
}

// told counts the notices of a kind that somebody got about money.
func (p *province) told(t *testing.T, kind string) int {
	t.Helper()
	n, err := pg.Value[int](p.db.Reader.Query(t.Context(), `SELECT count(*)::int FROM notify.notice WHERE kind = $1`, kind))
	must(t, err)
	return n
}

// A fee that stops the clock has a last day, which the payer is told and reminded of. When it has
// passed the dossier lies before who may stop it; nothing is stopped before or by itself.
// law: public-services.md 6.2 — 4→6: deadline known; 6→8: officer, not paid by deadline.
func TestFeeNotPaidInTime(t *testing.T) {
	t.Parallel()
	p := open(t)
	id, other := p.owing(t), p.owing(t)
	chair := p.as(t, "chutich.datmui")
	stop := services.StopIn{Dossier: id, Client: client(), Reason: "Không nộp phí trong thời hạn", Basis: "Yêu cầu nộp phí"}
	unpaid := func() int {
		t.Helper()
		page, err := p.Worklist.Desk(chair, worklist.Filter{Whys: []string{"services.why.unpaid"}}, "")
		must(t, err)
		return len(page.Rows)
	}
	term := *p.state(t, id).Term
	if n := p.told(t, "services.payment-due"); n != 2 {
		t.Fatalf("%d were told until when to pay, want 2", n)
	}
	chase := func() {
		t.Helper()
		must(t, p.Services.ChaseFees(p.ctx))
		must(t, p.Services.ChaseFees(p.ctx)) // running twice does nothing more
	}
	chase()
	if err := p.Services.Stop(chair, stop); !errors.Is(err, fault.Conflict("services.pay-term")) {
		t.Errorf("stopped before the day: %v", err)
	}
	p.clock.Advance(term.PayBy.Sub(p.clock.Now()) - time.Hour)
	chase()
	if n := p.told(t, "services.payment-due"); n != 4 {
		t.Errorf("%d reminders and requests, want 4", n)
	}
	if n := unpaid(); n != 0 {
		t.Errorf("%d lie before the chair before the day has passed", n)
	}
	p.clock.Advance(2 * time.Hour)
	if n := p.look(t)[silence.RulePassed].Found; n != 2 {
		t.Errorf("the watchdog finds %d days that passed unnoticed, want 2", n)
	}
	chase()
	if n := p.look(t)[silence.RulePassed].Found; n != 0 {
		t.Errorf("the watchdog still finds %d", n)
	}
	if n := p.told(t, "services.payment-late"); n != 2 {
		t.Errorf("%d were told that the day has passed, want 2", n)
	}
	if n := unpaid(); n != 2 {
		t.Errorf("%d lie before the chair, want 2", n)
	}
	citizen := p.browser(t, "congdan")
	citizen.get("/dossiers/" + id.String())
	citizen.must("Đã quá hạn thanh toán")

	must(t, p.Services.Stop(chair, stop))
	if d := p.state(t, id); d.State != services.Stopped || d.Term != nil {
		t.Errorf("after the stop: state %d, term %v", d.State, d.Term)
	}
	must(t, p.Services.Cash(p.as(t, "thuquy.datmui"), services.CashIn{Dossier: other, Client: client(), Method: "cash"})) // late, yet not stopped
	if d := p.state(t, other); d.State != services.Registered {
		t.Errorf("paid late: state %d", d.State)
	}
	if n := unpaid(); n != 0 {
		t.Errorf("%d still lie before the chair", n)
	}
	if n, err := pg.Value[int](p.db.Reader.Query(t.Context(), `SELECT count(*)::int FROM services.payment_term WHERE ended_at IS NULL`)); err != nil || n != 0 {
		t.Errorf("%d terms still run: %v", n, err)
	}
}

// A result that is signed waits for its fee with who hands it over; nobody is told that it may be stopped.
// law: public-services.md 6.2 — 6→8: never after the result is signed.
func TestSignedResultWaitsForItsFee(t *testing.T) {
	t.Parallel()
	p := open(t)
	counter := p.as(t, "canbo.datmui")
	id := p.proposed(t)
	p.finished(t, id)
	must(t, p.Services.SetFee(counter, services.SetFeeIn{Dossier: id, Client: client(), Amount: 20_000, Basis: "Nghị quyết"}))
	must(t, p.Services.AskFee(counter, services.AskFeeIn{Dossier: id, Client: client()}))
	term := *p.state(t, id).Term
	p.clock.Advance(term.PayBy.Sub(p.clock.Now()) + time.Hour)
	must(t, p.Services.ChaseFees(p.ctx))
	if holds, late := p.told(t, "services.payment-holds"), p.told(t, "services.payment-late"); holds != 1 || late != 0 {
		t.Errorf("%d were told that the result waits, %d that it may be stopped", holds, late)
	}
	if why := p.deskOf(t, "canbo.datmui", id); why != "services.why.citizen" {
		t.Errorf("on the desk of the counter: %q", why)
	}
	citizen := p.browser(t, "congdan")
	citizen.get("/dossiers/" + id.String())
	citizen.must("được trả khi bạn thanh toán")
	must(t, p.Services.Cash(p.as(t, "thuquy.datmui"), services.CashIn{Dossier: id, Client: client(), Method: "cash"}))
	if d := p.state(t, id); d.State != services.Finished || d.Step != services.StepReturn {
		t.Errorf("paid: state %d, step %q", d.State, d.Step)
	}
}

// A term of a day or two brings no second notice right after the first.
func TestShortTermIsToldOnce(t *testing.T) {
	t.Parallel()
	p := open(t)
	id := p.owing(t)
	p.owner(t, `UPDATE services.payment_term SET pay_by = asked_at + interval '30 hours' WHERE dossier_id = $1`, id)
	p.clock.Advance(time.Hour)
	must(t, p.Services.ChaseFees(p.ctx))
	if n := p.told(t, "services.payment-due"); n != 1 {
		t.Errorf("told %d times within an hour", n)
	}
	p.clock.Advance(25 * time.Hour)
	must(t, p.Services.ChaseFees(p.ctx))
	if n := p.told(t, "services.payment-due"); n != 2 {
		t.Errorf("told %d times on the last day, want 2", n)
	}
}
