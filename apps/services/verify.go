package services

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/files"
	"datmui/blocks/sign/verify"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Issued is what anyone with the code printed on a paper is told: which paper it is, who issued it,
// and whether its signatures stand. No name, no content.
type Issued struct {
	Kind      string // form-01 … result
	Number    string
	Procedure string
	Issuer    string
	At        time.Time
	Replaced  bool
	SHA256    string // of the file as issued: whoever holds a copy can compare
	Report    verify.Report
}

var verifyCode = regexp.MustCompile(`^[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}$`)

// ByCode finds an issued paper by the code printed on it.
func (m *Module) ByCode(ctx context.Context, code string) (Issued, error) {
	code = strings.ToUpper(strings.TrimSpace(code))
	if !verifyCode.MatchString(code) {
		return Issued{}, fault.NotFound("services.code")
	}
	type row struct {
		DossierID uuid.UUID
		FileID    *uuid.UUID
		Kind      string
		Number    string
		State     string
		At        time.Time
		Name      string
		Agency    string
	}
	r, err := pg.One[row](m.db.Query(ctx, `SELECT o.dossier_id, o.file_id, o.kind, o.number, o.state, o.at, p.name,
			CASE WHEN o.kind IN ('result', 'form-04', 'form-05') THEN d.competent_agency ELSE d.receiving_agency END AS agency
		FROM services.outgoing o JOIN services.dossier d ON d.id = o.dossier_id JOIN services.procedure p ON p.code = d.procedure
		WHERE o.verify = $1 AND o.state IN ('issued', 'replaced') AND o.file_id IS NOT NULL`, code))
	if fault.KindOf(err) == fault.KindNotFound {
		return Issued{}, fault.NotFound("services.code")
	}
	if err != nil {
		return Issued{}, err
	}
	body, err := m.directory.Agency(ctx, r.Agency, r.At)
	if err != nil && fault.KindOf(err) != fault.KindNotFound {
		return Issued{}, err
	}
	out := Issued{Kind: r.Kind, Number: r.Number, Procedure: r.Name, Issuer: body.Name, At: r.At, Replaced: r.State == "replaced"}
	list, err := m.files.List(ctx, m.db, files.Subject{Kind: filesKind, ID: r.DossierID})
	if err != nil {
		return out, err
	}
	for _, f := range list {
		if f.ID != *r.FileID {
			continue
		}
		data, err := m.files.Bytes(ctx, f)
		if err != nil {
			return out, err
		}
		out.SHA256 = f.SHA256
		out.Report, err = m.sign.Judge(ctx, data)
		return out, err
	}
	return out, fault.NotFound("services.code")
}
