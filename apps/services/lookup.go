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
	Parts      []Status `db:"-"` // of an inter-linked set, whose own code was asked for: the dossiers, which have the states
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
	r, err := pg.One[statusRow](m.db.Query(ctx, `SELECT `+statusColumns+`
		FROM services.dossier d JOIN services.procedure p ON p.code = d.procedure
		WHERE d.code = @code AND (regexp_replace(d.applicant_phone, '^\+?84', '0') = @fact
			OR EXISTS (SELECT FROM directory.person n WHERE n.id IN (d.applicant, d.owner) AND (n.personal_id = @fact OR n.phone = @fact)))`,
		pgx.NamedArgs{"code": code, "fact": fact}))
	if fault.KindOf(err) == fault.KindNotFound {
		return m.lookupSet(ctx, code, fact)
	}
	if err != nil {
		return Status{}, err
	}
	// written before it is shown: the citizen sees that somebody asked with her number
	if err := m.book.NoteRead(ctx, "services.dossier.lookup", r.Code, nil, r.Person); err != nil {
		return Status{}, err
	}
	return r.Status, m.nameOffice(ctx, &r.Status)
}

// statusRow is a status and whose it is.
type statusRow struct {
	Status
	Person uuid.UUID
}

const statusColumns = `d.applicant AS person, d.code, p.name AS procedure, p.name_en, d.state, d.filed_at, d.due_at,
	d.holder_agency AS office, coalesce(d.returned_at, d.finished_at) AS ended_at`

func (m *Module) nameOffice(ctx context.Context, s *Status) error {
	body, err := m.directory.Agency(ctx, s.Office, m.clock.Now())
	if err != nil && fault.KindOf(err) != fault.KindNotFound {
		return err
	}
	s.OfficeName = cmp.Or(body.Name, s.Office)
	return nil
}

// lookupSet answers for the code of an inter-linked set, which is no dossier's, with how its dossiers stand.
// law: public-services.md 11 — inter-linked: each dossier has its own code, agency, state and clock.
func (m *Module) lookupSet(ctx context.Context, code, fact string) (Status, error) {
	type set struct {
		ID                uuid.UUID
		Procedure, NameEN string
		FiledAt           time.Time
	}
	s, err := pg.One[set](m.db.Query(ctx, `SELECT s.id, p.name AS procedure, p.name_en, s.filed_at
		FROM services.linked_set s JOIN services.procedure p ON p.code = s.procedure JOIN directory.person n ON n.id = s.applicant
		WHERE s.code = $1 AND (n.personal_id = $2 OR n.phone = $2)`, code, fact))
	if fault.KindOf(err) == fault.KindNotFound {
		return Status{}, fault.Fields{"": "services.lookup-nothing"}
	} else if err != nil {
		return Status{}, err
	}
	rows, err := pg.All[statusRow](m.db.Query(ctx, `SELECT `+statusColumns+`
		FROM services.linked_part l JOIN services.dossier d ON d.id = l.dossier_id JOIN services.procedure p ON p.code = d.procedure
		WHERE l.set_id = $1 ORDER BY l.n`, s.ID))
	if err != nil {
		return Status{}, err
	}
	out := Status{Code: code, Procedure: s.Procedure, NameEN: s.NameEN, FiledAt: s.FiledAt}
	for _, r := range rows {
		if err := m.book.NoteRead(ctx, "services.dossier.lookup", r.Code, nil, r.Person); err != nil {
			return Status{}, err
		}
		if err := m.nameOffice(ctx, &r.Status); err != nil {
			return Status{}, err
		}
		out.Parts = append(out.Parts, r.Status)
	}
	return out, nil
}
