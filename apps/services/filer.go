package services

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/blocks/notify"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Filing says who filed in the applicant's name and by what.
type Filing struct {
	Person  uuid.UUID
	Name    string
	Mandate represent.Mandate
}

// roleProof is the paper by which somebody says that she may act for the applicant.
const roleProof = "represent"

// filedBy keeps who files in the applicant's name. While nobody has looked at the paper of the
// mandate, it comes with the dossier for the officer who takes it in.
// law: public-services.md 4 — applicant (người nộp) ≠ dossier owner (chủ hồ sơ).
func (m *Module) filedBy(ctx context.Context, act *audit.Act, d *Dossier) error {
	a := act.Actor
	if a.For.ID == uuid.Nil {
		return nil
	}
	mandate, err := represent.Open(ctx, act, a.ID, a.For.ID)
	if err != nil {
		return err
	}
	d.Filer = &a.ID
	act.Queue(`INSERT INTO services.filer (dossier_id, party, person, name, mandate, filed_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		d.ID, a.For.ID, a.ID, a.Name, mandate.ID, d.FiledAt)
	if mandate.State != represent.Declared {
		return nil
	}
	proofs, err := m.files.List(ctx, act, files.Subject{Kind: represent.Kind, ID: mandate.ID})
	if err != nil {
		return err
	}
	for _, f := range proofs {
		if _, err := m.files.Put(ctx, act, files.In{Blob: f.Blob(), Name: f.Name, MIME: f.MIME, Pages: f.Pages,
			Subject: files.Subject{Kind: filesKind, ID: d.ID}, Role: roleProof, Persons: d.AuditPersons()}); err != nil {
			return err
		}
	}
	return nil
}

// filingOf reads who filed a dossier in the applicant's name; nil where she did herself.
func filingOf(ctx context.Context, r pg.Reader, d Dossier) (*Filing, error) {
	if d.Filer == nil {
		return nil, nil
	}
	row, err := pg.One[struct {
		Person  uuid.UUID
		Name    string
		Mandate uuid.UUID
	}](r.Query(ctx, `SELECT person, name, mandate FROM services.filer WHERE dossier_id = $1`, d.ID))
	if err != nil {
		return nil, err
	}
	mandate, err := represent.ByID(ctx, r, row.Mandate)
	return &Filing{row.Person, row.Name, mandate}, err
}

// Proof is the paper of the relation that came with the dossier; false where none did.
func (r Record) Proof() (files.File, bool) {
	for _, f := range r.Contents {
		if f.Role == roleProof {
			return f, true
		}
	}
	return files.File{}, false
}

// MayCheckRelation says whether the reader decides on a relation that was only declared.
func (r Record) MayCheckRelation(a actor.Actor) bool {
	return r.ByFiler != nil && r.ByFiler.Mandate.State == represent.Declared && r.mayBeReceivedBy(a)
}

// relationSeen refuses to accept what was filed by a relation that nobody has looked at, or that does
// not hold: the clock would run for somebody who may have no say.
func (m *Module) relationSeen(ctx context.Context, act *audit.Act, d *Dossier) error {
	f, err := filingOf(ctx, act, *d)
	if err != nil || f == nil {
		return err
	}
	switch f.Mandate.State {
	case represent.Declared:
		return fault.Conflict("services.relation-unseen")
	case represent.Refused:
		return fault.Conflict("services.relation-refused")
	}
	return nil
}

// ActRelation is the officer's act on the page of a dossier.
const ActRelation = "relation"

// RelationIn is what the officer found in the paper of the relation.
type RelationIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Holds   string    `form:"holds"` // yes or no
	Why     string    `form:"why"`   // needed where it does not hold
}

// CheckRelation says whether the one who filed may act for the applicant, by the paper that came along.
func (m *Module) CheckRelation(ctx context.Context, in RelationIn) error {
	if in.Holds != "yes" && in.Holds != "no" {
		return fault.Fields{"holds": "choose"}
	}
	return m.book.Act(ctx, "services.dossier.relation", func(ctx context.Context, act *audit.Act) error {
		d, err := lock(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeReceivedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		f, err := filingOf(ctx, act, d)
		if err != nil {
			return err
		}
		if f == nil {
			return fault.Conflict("services.no-relation")
		}
		return m.represent.Settle(ctx, act, represent.SettleIn{Mandate: f.Mandate.ID, Holds: in.Holds == "yes", Why: in.Why})
	}, audit.Once(in.Client, in, nil))
}

// tellApplicant sends a notice about a dossier to the applicant, or to who filed in her name as long
// as she may act.
func (m *Module) tellApplicant(ctx context.Context, act *audit.Act, d *Dossier, n notify.Notice) {
	to := d.Applicant
	if d.Filer != nil {
		var err error
		if to, err = m.represent.Told(ctx, act, d.Applicant, *d.Filer); err != nil {
			act.Fail(err)
			return
		}
	}
	m.tell(ctx, act, to, n)
}

// filedInName lists what the actor herself filed in the name in which she acts.
func (m *Module) filedInName(ctx context.Context, a actor.Actor, at time.Time, id uuid.UUID) (Page, error) {
	rows, err := pg.All[Line](m.db.Query(ctx, `SELECT `+lineColumns+` FROM (
			SELECT dossier_id FROM services.filer WHERE party = @party AND person = @person AND (filed_at, dossier_id) < (@at, @id)
			ORDER BY filed_at DESC, dossier_id DESC LIMIT @limit) own
		JOIN services.dossier d ON d.id = own.dossier_id JOIN services.procedure p ON p.code = d.procedure
		ORDER BY d.filed_at DESC, d.id DESC`, pgx.NamedArgs{"party": a.For.ID, "person": a.ID, "at": at, "id": id, "limit": pageSize + 1}))
	return paged(rows, err)
}

// birthCertificate is the type of result by which a birth is registered.
// law: public-services.md 12 — row 1: Giấy khai sinh KQ.G15.000031.
const birthCertificate = "KQ.G15.000031"

// bornHere looks for a birth that the province has registered with this parent, as evidence that she
// acts for the child. Two children can share a name and a birth date: of somebody whom the directory
// has already, the record must be that person's own.
// law: public-services.md 2 — fact 9: data the state already holds must be pulled, not asked for again.
func (m *Module) bornHere(ctx context.Context, r pg.Reader, c represent.Claim) (string, error) {
	if c.Role != represent.Parent {
		return "", nil
	}
	found, err := pg.Values[string](r.Query(ctx, `SELECT d.code FROM services.dossier d
		JOIN directory.person me ON me.id = d.applicant
		JOIN services.version v ON v.procedure = d.procedure AND v.version = d.version
		WHERE d.applicant = @person AND d.state IN (9, 10) AND d.outcome = 'granted' AND v.definition->'result'->>'type' = @certificate
		  AND public.vn_fold(concat_ws(' ', d.answers->>'child_surname', nullif(d.answers->>'child_middle', ''), d.answers->>'child_given')) = public.vn_fold(@name)
		  AND d.answers->>'child_birth_date' = @birth AND (@new OR d.owner = @known)
		  AND me.personal_id IN (d.answers->>'mother_id', d.answers->>'father_id')
		ORDER BY d.filed_at DESC LIMIT 1`,
		pgx.NamedArgs{"person": c.Person, "certificate": birthCertificate, "name": c.Name, "birth": c.Birth.Format(time.DateOnly),
			"new": c.Known == uuid.Nil, "known": c.Known}))
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}
