package services

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/letters"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// SignIn is the leader's signature, on one dossier or many with one PIN.
type SignIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	PIN     string    `form:"pin" json:"-"` // never kept: not in the once row either
}

// Sign puts the leader's signature on the drafted result. The state stays "in processing" until
// the clerk has numbered it.
// law: documents.md 4.2 — the clerk's number comes after the authorised person has signed.
func (m *Module) Sign(ctx context.Context, in SignIn) error {
	d, out, pdf, err := m.resultAt(ctx, in.Dossier, "draft")
	if err != nil {
		return m.again(ctx, "services.dossier.sign", in.Client, in, err)
	}
	a := actor.From(ctx)
	if !d.mayBeDecidedBy(a) {
		return fault.NotFound("services.dossier")
	}
	if d.Step != StepSign {
		return m.again(ctx, "services.dossier.sign", in.Client, in, fault.Conflict("services.on-other-desk"))
	}
	var data formData
	if err := json.Unmarshal(out.Data, &data); err != nil {
		return err
	}
	if data.Signer != a.ID {
		return fault.Conflict("services.other-signer")
	}
	key, err := m.sign.Personal(ctx, d.CompetentAgency, in.PIN)
	if err != nil {
		return err
	}
	signed, err := m.sign.Sign(ctx, pdf, key, "")
	if err != nil {
		return fmt.Errorf("signing the result of %s: %w", d.Code, err)
	}
	blob, err := m.files.Store(ctx, signed)
	if err != nil {
		return err
	}
	return m.book.Act(ctx, "services.dossier.sign", func(ctx context.Context, act *audit.Act) error {
		d, err := lock(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeDecidedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.Step != StepSign {
			return fault.Conflict("services.on-other-desk")
		}
		// law: documents.md 2.3 — a TUQ or TL signature outside its delegation is refused; what the session
		// knows may be minutes old, so the directory is asked in the act.
		by, err := m.directory.Authority(ctx, act, act.Actor.ID, RightDecide, d.CompetentAgency, act.At)
		if fault.KindOf(err) == fault.KindForbidden {
			return fault.NotFound("services.dossier")
		}
		if err != nil {
			return err
		}
		if by.Delegation != nil {
			act.Note("form", by.Form)
			act.Note("delegation", by.Document)
		}
		at := act.At
		d.DecidedBy, d.DecidedAt = &act.Actor.ID, &at
		if err := d.move(act, Processing, StepNumber, Move{}); err != nil {
			return err
		}
		d.save(act)
		if _, err := m.advanceFile(ctx, act, &d, out, "draft", "signed", "", blob); err != nil {
			return err
		}
		m.sign.Note(act, key, dossierKind, d.ID, letters.PlaceSignature, signed)
		m.onDesk(act, &d)
		return nil
	}, audit.Once(in.Client, in, nil))
}
