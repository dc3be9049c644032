package services

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/letters"
	"datmui/blocks/numbering"
	"datmui/blocks/sign"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// NumberIn is the clerk's number, date and seal.
type NumberIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
}

// Number gives the signed result its number and date and the body's seal, and ends processing.
// law: public-services.md 6.2 — 4→9: result file signed, number issued by clerk.
func (m *Module) Number(ctx context.Context, in NumberIn) error {
	d, out, pdf, err := m.resultAt(ctx, in.Dossier, "signed")
	if err != nil {
		return m.again(ctx, "services.dossier.number", in.Client, in, err)
	}
	if !d.mayBeNumberedBy(actor.From(ctx)) {
		return fault.NotFound("services.dossier")
	}
	body, superior, err := m.issuer(ctx, d.CompetentAgency)
	if err != nil {
		return err
	}
	by, err := m.sign.Body(ctx, d.CompetentAgency, body.Name)
	if err != nil {
		return err
	}
	return m.book.Act(ctx, "services.dossier.number", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeNumberedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.Step != StepNumber {
			return fault.Conflict("services.on-other-desk")
		}
		// law: documents.md 2.1 — by year and body; below 10 with a leading zero
		n, err := numbering.Next(ctx, act, numbering.Series{Agency: d.CompetentAgency, Name: def.ResultSeries(), Period: numbering.Year(act.At)})
		if err != nil {
			return err
		}
		number := fmt.Sprintf("%02d", n)
		filled, err := sign.Fill(pdf, number, act.At)
		if err != nil {
			return fmt.Errorf("numbering the result of %s: %w", d.Code, err)
		}
		sealed, err := m.sign.Stamp(ctx, filled, by, superior)
		if err != nil {
			return fmt.Errorf("sealing the result of %s: %w", d.Code, err)
		}
		blob, err := m.files.Store(ctx, sealed)
		if err != nil {
			return err
		}
		full := number + "/" + def.Result.Symbol + "-" + abbreviation(body.Name)
		at := act.At
		d.Number, d.FinishedAt, d.Outcome = &full, &at, d.Proposed
		d.HolderAgency = d.ReceivingAgency
		if err := d.move(act, Finished, StepReturn, Move{Note: full, Timing: d.timing(at)}); err != nil {
			return err
		}
		d.save(act)
		file, err := m.advanceFile(ctx, act, &d, out, "signed", "issued", full, blob)
		if err != nil {
			return err
		}
		m.sign.Note(act, by, dossierKind, d.ID, letters.PlaceSeal, sealed)
		m.onDesk(act, &d)
		if err := m.keepRecord(ctx, act, &d, def, body, file); err != nil {
			return err
		}
		m.tellApplicant(ctx, act, &d, DecisionReady{Code: d.Code, Procedure: def.Name, Outcome: *d.Outcome, Path: pathOf(&d)})
		return nil
	}, audit.Once(in.Client, in, nil))
}
