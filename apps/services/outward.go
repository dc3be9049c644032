package services

import (
	"context"
	"fmt"

	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Outward reads a dossier whole for the system that tells others of it. It is no page: only the
// program itself may ask, and what it sends is in the log.
func (m *Module) Outward(ctx context.Context, code string) (Record, error) {
	if actor.From(ctx).Kind != actor.System {
		return Record{}, fault.Forbidden("services.outward")
	}
	d, err := pg.One[Dossier](m.db.Query(ctx, `SELECT `+dossierColumns+` FROM services.dossier WHERE code = $1`, code))
	if fault.KindOf(err) == fault.KindNotFound {
		return Record{}, fault.NotFound("services.dossier")
	} else if err != nil {
		return Record{}, err
	}
	rec := Record{Dossier: d}
	if rec.Def, err = m.Definition(ctx, d.Procedure, d.Version); err != nil {
		return rec, err
	}
	if err := rec.readSlip(ctx, m.db); err != nil {
		return rec, err
	}
	list, err := m.files.List(ctx, m.db, files.Subject{Kind: filesKind, ID: d.ID})
	if err != nil {
		return rec, fmt.Errorf("the files of %s: %w", code, err)
	}
	rec.Contents = contentsOf(list)
	rec.Bills, err = m.pay.BillsOf(ctx, m.db, d.ID)
	return rec, err
}

// OutwardState is the state of a dossier within an act, with what a desk must know of it.
func (m *Module) OutwardState(ctx context.Context, act *audit.Act, code string) (Dossier, error) {
	d, err := pg.One[Dossier](act.Query(ctx, `SELECT `+dossierColumns+` FROM services.dossier WHERE code = $1`, code))
	if fault.KindOf(err) == fault.KindNotFound {
		return d, fault.NotFound("services.dossier")
	}
	return d, err
}

// NameOf is the procedure's name with the line that tells this dossier from others.
func (m *Module) NameOf(d Dossier) string { return m.nameOf(&d) }

// Bytes is the content of a filed paper, for the system that tells others of it.
func (m *Module) Bytes(ctx context.Context, f files.File) ([]byte, error) {
	if actor.From(ctx).Kind != actor.System {
		return nil, fault.Forbidden("services.outward")
	}
	return m.files.Bytes(ctx, f)
}

// NewestOpen lists the codes of the newest open dossiers.
func (m *Module) NewestOpen(ctx context.Context, most int) ([]string, error) {
	return pg.Values[string](m.db.Query(ctx, `SELECT code FROM services.dossier WHERE state IN (1, 2, 4, 5, 6, 9) ORDER BY filed_at DESC, id DESC LIMIT $1`, most))
}
