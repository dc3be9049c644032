package services

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/numbering"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

// LookupIn asks after a dossier without an account: its code and one personal fact.
type LookupIn struct {
	Code string `form:"code"`
	Fact string `form:"fact"` // personal number or phone of applicant or owner
}

// Status is what a stranger with the code and a personal fact is shown: no name, no paper.
type Status struct {
	Code       string
	Procedure  string
	NameEN     string
	State      State
	FiledAt    time.Time
	DueAt      *time.Time
	Office     string // agency id on whose desk it lies
	OfficeName string `db:"-"`
	EndedAt    *time.Time
}

// NameIn is the procedure's name in a language.
func (s Status) NameIn(t lang.Tag) string { return in(t, s.Procedure, s.NameEN) }

// Lookup answers without telling a wrong code from a wrong fact.
// law: public-services.md 7 — search by code plus one personal fact; 18.2 A29.
func (m *Module) Lookup(ctx context.Context, in LookupIn) (Status, error) {
	f := fault.Fields{}
	code := strings.ToUpper(strings.TrimSpace(in.Code))
	if _, ok := numbering.ParseCode(code); !ok {
		f.Set("code", "invalid")
	}
	fact := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, in.Fact)
	if len(fact) < 9 || len(fact) > 12 {
		f.Set("fact", "required")
	}
	if f.Any() {
		return Status{}, f
	}
	type row struct {
		Status
		ID     uuid.UUID
		Person uuid.UUID
	}
	r, err := pg.One[row](m.db.Query(ctx, `SELECT d.id, d.applicant AS person, d.code, p.name AS procedure, p.name_en, d.state, d.filed_at, d.due_at,
			d.holder_agency AS office, coalesce(d.returned_at, d.finished_at) AS ended_at
		FROM services.dossier d JOIN services.procedure p ON p.code = d.procedure
		WHERE d.code = @code AND (regexp_replace(d.applicant_phone, '^\+?84', '0') = @fact
			OR EXISTS (SELECT FROM directory.person n WHERE n.id IN (d.applicant, d.owner) AND (n.personal_id = @fact OR n.phone = @fact)))`,
		pgx.NamedArgs{"code": code, "fact": fact}))
	if fault.KindOf(err) == fault.KindNotFound {
		return Status{}, fault.Fields{"": "services.lookup-nothing"}
	}
	if err != nil {
		return Status{}, err
	}
	// written before it is shown: the citizen sees that somebody asked with her number
	if err := m.book.NoteRead(ctx, "services.dossier.lookup", r.Code, nil, r.Person); err != nil {
		return Status{}, err
	}
	body, err := m.directory.Agency(ctx, r.Office, m.clock.Now())
	if err != nil && fault.KindOf(err) != fault.KindNotFound {
		return Status{}, err
	}
	r.OfficeName = cmp.Or(body.Name, r.Office)
	return r.Status, nil
}
