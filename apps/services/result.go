package services

import (
	"cmp"
	"context"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/files"
	"datmui/blocks/letters"
	"datmui/blocks/records"
	"datmui/blocks/sign"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// keepFile files bytes that the system made.
func (m *Module) keepFile(ctx context.Context, act *audit.Act, d Dossier, role, name string, pdf []byte, pages int) (uuid.UUID, error) {
	f, err := m.files.Put(ctx, act, files.In{Data: pdf, Name: name, Subject: files.Subject{Kind: filesKind, ID: d.ID}, Role: role, Pages: pages, Persons: d.AuditPersons()})
	return f.ID, err
}

// seal puts the automatic service seal of a body on a form.
func (m *Module) seal(ctx context.Context, agency string, l letters.Letter) ([]byte, error) {
	body, superior, err := m.issuer(ctx, agency)
	if err != nil {
		return nil, err
	}
	by, err := m.sign.Auto(ctx, agency, body.Name)
	if err != nil {
		return nil, err
	}
	pdf, err := sign.Reserve(l)
	if err != nil {
		return nil, err
	}
	return m.sign.Stamp(ctx, pdf, by, superior)
}

// again is for acts that look before they begin: what they find wrong may be that the first send
// has already gone through. Then the second gets its answer, otherwise the fault.
func (m *Module) again(ctx context.Context, name, client string, in any, wrong error) error {
	if fault.KindOf(wrong) != fault.KindConflict {
		return wrong
	}
	return m.book.Act(ctx, name, func(context.Context, *audit.Act) error { return wrong }, audit.Once(client, in, nil))
}

// resultAt reads a result in one state with its bytes.
func (m *Module) resultAt(ctx context.Context, dossier uuid.UUID, state string) (Dossier, Outgoing, []byte, error) {
	d, err := pg.One[Dossier](m.db.Query(ctx, `SELECT `+dossierColumns+` FROM services.dossier WHERE id = $1`, dossier))
	if fault.KindOf(err) == fault.KindNotFound || err == nil && !d.mayBeSeenBy(actor.From(ctx)) {
		return d, Outgoing{}, nil, fault.NotFound("services.dossier")
	}
	if err != nil {
		return d, Outgoing{}, nil, err
	}
	out, err := pg.One[Outgoing](m.db.Query(ctx, `SELECT `+outgoingColumns+` FROM services.outgoing
		WHERE dossier_id = $1 AND kind = $2 AND state = $3`, dossier, OutgoingResult, state))
	if fault.KindOf(err) == fault.KindNotFound {
		return d, out, nil, fault.Conflict("services.on-other-desk")
	}
	if err != nil {
		return d, out, nil, err
	}
	list, err := m.files.List(ctx, m.db, files.Subject{Kind: filesKind, ID: dossier})
	if err != nil {
		return d, out, nil, err
	}
	for _, f := range list {
		if f.ID == *out.FileID {
			pdf, err := m.files.Bytes(ctx, f)
			return d, out, pdf, err
		}
	}
	return d, out, nil, fault.NotFound("file")
}

// advanceFile makes the newly signed file the paper's file; the file before stays for the record.
func (m *Module) advanceFile(ctx context.Context, act *audit.Act, d *Dossier, out Outgoing, from, to, number string, blob files.Blob) (uuid.UUID, error) {
	f, err := m.files.Put(ctx, act, files.In{Blob: blob, Name: fileName("result", d.Code), Subject: files.Subject{Kind: filesKind, ID: d.ID},
		Role: OutgoingResult, Persons: d.AuditPersons()})
	if err != nil {
		return uuid.Nil, err
	}
	tag, err := act.Exec(ctx, `UPDATE services.outgoing SET file_id = $2, state = $3, number = $4 WHERE id = $1 AND state = $5 AND file_id = $6`,
		out.ID, f.ID, to, number, from, out.FileID)
	if err == nil && tag.RowsAffected() == 0 {
		err = fault.Conflict("services.on-other-desk")
	}
	return f.ID, err
}

// keepRecord puts a granted result into the owner's store of results and papers.
// law: public-services.md 11 — stored paper record.
func (m *Module) keepRecord(ctx context.Context, act *audit.Act, d *Dossier, def Definition, body directory.Agency, file uuid.UUID) error {
	if *d.Outcome != "granted" {
		return nil
	}
	before, err := m.records.LastFrom(ctx, act, dossierKind, d.Code)
	if err != nil {
		return err
	}
	_, err = m.records.Keep(ctx, act, records.Paper{Owner: d.Owner, Type: cmp.Or(def.Result.Type, def.Code), Name: def.Result.Name, Number: *d.Number,
		Issuer: body.Name, IssuerAgency: body.ID, IssuedOn: act.At, ValidUntil: def.Result.validUntil(act.At), Result: true, SourceKind: dossierKind, SourceID: d.Code,
		FileID: &file, Signature: records.Signed}, before)
	return err
}
