package services

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"

	"github.com/google/uuid"

	"datmui/blocks/calendar"
	"datmui/blocks/files"
	"datmui/blocks/letters"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// printRows makes one file of the control slips or the receipts of some rows: control slips as one
// PDF, receipts as they were signed, in a ZIP. Who prints has opened each dossier.
func (m *Module) printRows(ctx context.Context, b Bulk, rows []bulkRow, whys []string) (*files.In, error) {
	var slips []letters.Paper
	var pack bytes.Buffer
	z, persons := zip.NewWriter(&pack), []uuid.UUID{}
	for i, row := range rows {
		rec, err := m.Dossier(ctx, row.DossierID)
		if err == nil {
			if b.Act == BulkSlips {
				var slip letters.Paper
				if slip, err = m.slip(ctx, rec); err == nil {
					slips = append(slips, slip)
				}
			} else {
				var pdf []byte
				if pdf, err = m.receiptPDF(ctx, rec); err == nil {
					err = addToZip(z, fileName(OutgoingForm01, rec.Code), pdf)
				}
			}
			persons = append(persons, rec.AuditPersons()...)
		}
		if whys[i], err = whyFailed(err); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	part := rows[0].N/bulkAtOnce + 1
	in := files.In{Subject: files.Subject{Kind: bulkKind, ID: b.ID}, Role: b.Act, Persons: persons}
	if b.Act == BulkReceipts {
		if pack.Len() <= emptyZip {
			return nil, nil
		}
		in.Data, in.Name, in.MIME = pack.Bytes(), fmt.Sprintf("Mau-01-%d.zip", part), "application/zip"
		return &in, nil
	}
	if len(slips) == 0 {
		return nil, nil
	}
	bound, err := letters.Bind(slips...)
	if err != nil {
		return nil, fmt.Errorf("binding %d control slips: %w", len(slips), err)
	}
	in.Data, in.Name = bound.PDF, fmt.Sprintf("Mau-06-%d.pdf", part)
	return &in, nil
}

// emptyZip is the length of a ZIP with nothing in it.
const emptyZip = 22

func addToZip(z *zip.Writer, name string, data []byte) error {
	w, err := z.Create(name)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// receiptPDF is Form 01 of a dossier as it was signed.
func (m *Module) receiptPDF(ctx context.Context, rec Record) ([]byte, error) {
	for i := len(rec.Outgoing) - 1; i >= 0; i-- {
		if o := rec.Outgoing[i]; o.Kind == OutgoingForm01 && o.FileID != nil {
			return m.files.Bytes(ctx, rec.Contents[*o.FileID])
		}
	}
	return nil, fault.NotFound("services.receipt")
}

// slip is the control slip of a dossier as it stands now.
// law: public-services.md 5 — Form 06: every hand-over with giver, taker, time, early/on-time/late, note.
func (m *Module) slip(ctx context.Context, rec Record) (letters.Paper, error) {
	now := m.clock.Now()
	h, err := m.head(ctx, rec.Dossier, rec.Def, rec.CompetentAgency, Outgoing{At: now})
	if err != nil {
		return letters.Paper{}, err
	}
	h.VerifyURL = "" // it is no issued paper, but a look at the slip of this moment
	slip := letters.ControlSlip{Head: h, ReceivedAt: rec.FiledAt}
	if rec.AcceptedAt != nil {
		slip.ReceivedAt = *rec.AcceptedAt
	}
	if rec.DueAt != nil {
		slip.DueAt = *rec.DueAt
	}
	for _, mv := range rec.Slip {
		slip.Steps = append(slip.Steps, letters.Step{From: actor.Titled(mv.ActorName, mv.ActorPost), To: takerOf(rec, mv), At: mv.At, Result: timingWords[mv.Timing], Note: mv.Note})
	}
	return slip.Paper(), nil
}

var timingWords = map[string]string{string(calendar.Early): "Trước hạn", string(calendar.OnTime): "Đúng hạn", string(calendar.Late): "Trễ hạn"}

func takerOf(rec Record, mv Move) string {
	if mv.ToName != "" {
		return mv.ToName
	}
	if name := rec.Bodies[mv.ToAgency]; name != "" {
		return name
	}
	return mv.ToAgency
}

// SlipPDF is the control slip of one dossier, to print.
func (m *Module) SlipPDF(ctx context.Context, id uuid.UUID) (code string, pdf []byte, err error) {
	rec, err := m.Dossier(ctx, id)
	if err != nil {
		return "", nil, err
	}
	if actor.From(ctx).Kind != actor.Official {
		return "", nil, fault.NotFound("services.dossier")
	}
	slip, err := m.slip(ctx, rec)
	if err != nil {
		return "", nil, err
	}
	l, err := letters.Render(slip)
	return rec.Code, l.PDF, err
}

// Printed lists the files that an order made.
func (m *Module) Printed(ctx context.Context, id uuid.UUID) ([]files.File, error) {
	if _, err := m.BulkOf(ctx, id); err != nil {
		return nil, err
	}
	return m.files.List(ctx, m.db, files.Subject{Kind: bulkKind, ID: id})
}
