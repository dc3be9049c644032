package services

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/letters"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// RegisterPage is a page of the register of a body.
type RegisterPage struct {
	Agency string // name
	Lines  []ExportLine
	Next   string
}

// Register is the register of dossiers (Form 07) of one body, in the order of filing.
// law: public-services.md 5 — Form 07: code, procedure, applicant, received, due, transferred, returned, signature.
func (m *Module) Register(ctx context.Context, in ListIn) (RegisterPage, error) {
	return m.registerLines(ctx, in, pageSize)
}

func (m *Module) registerLines(ctx context.Context, in ListIn, size int) (RegisterPage, error) {
	in = ListIn{Agency: in.Agency, Procedure: in.Procedure, From: in.From, To: in.To, After: in.After}
	var out RegisterPage
	if in.Agency == "" {
		return out, fault.Fields{"agency": "required"}
	}
	s, err := m.selecting(ctx, in)
	if err != nil {
		return out, err
	}
	s.descending = false
	at, id := s.start()
	if in.After != "" {
		at, id = ParseKey(in.After)
	}
	lines, err := pg.All[ExportLine](m.db.Query(ctx, s.sql(exportColumns), s.page(at, id, size+1)))
	if err != nil {
		return out, fmt.Errorf("reading the register of %s: %w", in.Agency, err)
	}
	if len(lines) > size {
		lines = lines[:size]
		out.Next = MakeKey(in.keyOf(lines[size-1].Line))
	}
	e := exporting{m: m, people: map[uuid.UUID]string{}, bodies: map[string]string{}}
	if err := e.name(ctx, lines); err != nil {
		return out, err
	}
	out.Lines = lines
	out.Agency, err = m.bodyName(ctx, in.Agency, m.clock.Now())
	return out, err
}

// mostRegistered is how many lines the register has on paper; more is for a spreadsheet.
const mostRegistered = 1000

// RegisterPDF sets the register of a body for some days on paper. Who took it away is written down.
func (m *Module) RegisterPDF(ctx context.Context, in ListIn) ([]byte, error) {
	in.After = ""
	page, err := m.registerLines(ctx, in, mostRegistered)
	if err != nil {
		return nil, err
	}
	if page.Next != "" {
		return nil, fault.Limit("services.register.most", "most", mostRegistered)
	}
	body, _, err := m.issuer(ctx, in.Agency)
	if err != nil {
		return nil, err
	}
	if err := m.book.NoteRead(ctx, "services.export.end", in.Agency, map[string]any{"filter": in.words(), "format": "pdf", "rows": len(page.Lines), "whole": true}); err != nil {
		return nil, err
	}
	now := m.clock.Now()
	short := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.In(clock.Vietnam).Format("02/01/2006")
	}
	cells := make([][]string, len(page.Lines))
	for i, l := range page.Lines {
		filed := l.FiledAt
		received := &filed
		if l.AcceptedAt != nil {
			received = l.AcceptedAt
		}
		cells[i] = []string{fmt.Sprint(i + 1), l.Code, l.Name, l.ApplicantName, short(received), short(l.DueAt), short(l.HandedAt), short(l.ReturnedAt), l.ReceivedBy}
	}
	p := letters.Paper{Issuer: body.Name, Title: "Sổ theo dõi hồ sơ", Subject: "Hồ sơ nộp " + spanWords(in), Date: now, Made: now, Form: "Mẫu 07 (Thông tư 03/2025/TT-VPCP)", Demo: m.demo, Size: 13,
		Body: []letters.Block{letters.Table([]letters.Column{{Title: "TT", Weight: 0.5, Align: "centre"}, {Title: "Mã hồ sơ", Weight: 1.5}, {Title: "Thủ tục", Weight: 2}, {Title: "Người nộp", Weight: 1.4},
			{Title: "Nhận", Weight: 1.1, Align: "centre"}, {Title: "Hẹn trả", Weight: 1.1, Align: "centre"}, {Title: "Chuyển", Weight: 1.1, Align: "centre"}, {Title: "Trả", Weight: 1.1, Align: "centre"}, {Title: "Ký nhận", Weight: 1.2}}, cells)}}
	l, err := letters.Render(p)
	return l.PDF, err
}

func spanWords(in ListIn) string {
	day := func(s string) string {
		t, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return s
		}
		return t.Format("02/01/2006")
	}
	switch {
	case in.From != "" && in.To != "":
		return "từ ngày " + day(in.From) + " đến ngày " + day(in.To)
	case in.From != "":
		return "từ ngày " + day(in.From)
	case in.To != "":
		return "đến ngày " + day(in.To)
	}
	return "từ khi mở sổ"
}
