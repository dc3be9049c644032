package site_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"datmui/apps/services"
	"datmui/kit/fault"
	"datmui/kit/testkit"
)

// finished brings a proposed dossier to its result.
func (p *province) finished(t *testing.T, id uuid.UUID) {
	t.Helper()
	must(t, p.Services.Sign(p.as(t, "chutich.datmui"), services.SignIn{Dossier: id, Client: client(), PIN: pin}))
	must(t, p.Services.Number(p.as(t, "vanthu.datmui"), services.NumberIn{Dossier: id, Client: client()}))
}

// law: public-services.md 8.4 — early, on time, late; paused is not late. Every figure opens the
// rows it counted: as many, and no others.
func TestEveryFigureOpensItsRows(t *testing.T) {
	t.Parallel()
	p := open(t)
	early, onTime, late := p.proposed(t), p.proposed(t), p.proposed(t) // each promised for the 27th, 8:06
	paused, _, soon := p.accepted(t), p.submit(t, "congdan"), p.accepted(t)
	must(t, p.Services.Ask(p.as(t, "chutich.datmui"), services.AskIn{Dossier: paused, Client: client(), Basis: "Luật", Items: []services.Item{{Key: "a", What: "A", How: "Nộp"}}}))
	p.clock.Set(time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC))
	p.finished(t, early)
	p.clock.Set(time.Date(2026, 11, 27, 1, 6, 30, 0, time.UTC)) // within the minute
	p.finished(t, onTime)
	p.clock.Set(time.Date(2026, 11, 27, 1, 7, 0, 0, time.UTC))
	p.finished(t, late)
	_ = soon // by now late

	leader, officer := p.as(t, "chutich.datmui"), p.personOf(t, "hold")
	all, err := p.Services.Tallied(leader, services.ListIn{})
	must(t, err)
	want := services.Tally{Received: 6, Early: 1, OnTime: 1, Late: 1, Open: 3, OpenLate: 1, Paused: 1}
	got := all.All
	if got.Median <= 3*24*time.Hour || got.Median >= 5*24*time.Hour {
		t.Errorf("the median is %s", got.Median)
	}
	if got.Median = 0; got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if len(all.Procedures) != 1 || len(all.Bodies) != 1 || len(all.Officers) != 2 { // one with nobody
		t.Errorf("%+v", all)
	}
	own, err := p.Services.Tallied(p.as(t, "thuly.datmui"), services.ListIn{Holder: officer})
	must(t, err)
	for _, tt := range []struct {
		who  string
		of   services.Tallies
		name string
	}{{"chutich.datmui", all, "all"}, {"thuly.datmui", own, "the officer's own"}} {
		for _, figure := range []string{services.FigureReceived, services.FigureEarly, services.FigureOnTime, services.FigureLate, services.FigureOpen,
			services.FigureOpenLate, services.FigureSoon, services.FigurePaused} {
			page, err := p.Services.List(p.as(t, tt.who), tt.of.In.Rows(figure))
			if err != nil || len(page.Lines) != tt.of.All.Count(figure) {
				t.Errorf("%s, %s: %d rows for the figure %d, %v", tt.name, figure, len(page.Lines), tt.of.All.Count(figure), err)
			}
		}
	}
	nobody := all.In
	nobody.Holder = services.NoHolder
	if page, err := p.Services.List(leader, nobody.Rows(services.FigureOpen)); err != nil || len(page.Lines) != 1 {
		t.Errorf("with nobody: %d, %v", len(page.Lines), err)
	}
	lines, err := p.Services.List(leader, all.In.Rows(services.FigureLate))
	if err != nil || len(lines.Lines) != 1 || lines.Lines[0].ID != late {
		t.Errorf("the late one: %+v, %v", lines.Lines, err)
	}
	_, err = p.Services.Tallied(leader, services.ListIn{From: "2024-01-01", To: "2026-01-01"})
	testkit.WantError(t, err, fault.Fields{"from": "too-long"})
	_, err = p.Services.Tallied(p.as(t, "thanhtra"), services.ListIn{})
	testkit.WantError(t, err, fault.Forbidden("services.list"))

	page := p.browser(t, "chutich.datmui")
	page.get("/desk/figures?from=2026-11-01&to=2026-11-30")
	page.must("Xong trễ hạn")
	page.must("by=finished&amp;decided=1&amp;from=2026-11-01&amp;timing=late&amp;to=2026-11-30")
	page.get("/desk/dossiers?by=finished&decided=1&from=2026-11-01&timing=late&to=2026-11-30")
	page.must(p.state(t, late).Code)
}

// law: public-services.md 5 — Form 07: code, procedure, applicant, received, due, transferred, returned, signature.
func TestRegister(t *testing.T) {
	t.Parallel()
	p := open(t)
	id := p.proposed(t)
	p.clock.Advance(time.Hour)
	p.finished(t, id)
	must(t, p.Services.SetFee(p.as(t, "canbo.datmui"), services.SetFeeIn{Dossier: id, Client: client(), Basis: "Miễn"}))
	must(t, p.Services.Return(p.as(t, "canbo.datmui"), services.ReturnIn{Dossier: id, Client: client(), Receiver: "Nguyễn Thị Mai", Identity: "căn cước 096196000123"}))
	p.clock.Advance(24 * time.Hour)
	second := p.submit(t, "congdan").ID
	in := services.ListIn{Agency: "tt-pvhcc-xa-dat-mui-2025"}
	page, err := p.Services.Register(p.as(t, "canbo.datmui"), in)
	must(t, err)
	if len(page.Lines) != 2 || page.Lines[0].ID != id || page.Lines[1].ID != second {
		t.Fatalf("%+v", page.Lines)
	}
	l := page.Lines[0]
	if l.AcceptedAt == nil || l.HandedAt == nil || l.ReturnedAt == nil || l.ReceivedBy != "Nguyễn Thị Mai" || l.HolderName == "" || l.Receiving == l.Competent {
		t.Errorf("%+v", l)
	}
	in.From, in.To = "2026-11-23", "2026-11-23"
	if page, err := p.Services.Register(p.as(t, "canbo.datmui"), in); err != nil || len(page.Lines) != 1 {
		t.Errorf("one day: %+v, %v", page.Lines, err)
	}
	b := p.browser(t, "canbo.datmui")
	if got := b.get("/desk/register?agency=tt-pvhcc-xa-dat-mui-2025"); got != http.StatusOK {
		t.Fatalf("%d", got)
	}
	b.must("Mẫu 07")
	b.must(l.Code)
	if strings.Contains(b.body, "096196000123") {
		t.Error("the register shows a personal number")
	}
	pdf, err := p.Services.RegisterPDF(p.as(t, "canbo.datmui"), in)
	must(t, err)
	if n, err := api.PageCount(bytes.NewReader(pdf), model.NewDefaultConfiguration()); err != nil || n != 1 {
		t.Errorf("%d pages, %v", n, err)
	}
	_, err = p.Services.Register(p.as(t, "so.xaydung"), in)
	testkit.WantError(t, err, fault.NotFound("agency"))
}
