package services

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"datmui/apps/services/national"
	"datmui/kit/pg"
)

// The systems by which a procedure is worked.
// law: public-services.md 2 — per procedure, the authoritative system: province, ministry or national.
const (
	OfProvince = "province" // here
	OfMinistry = "ministry" // a ministry's own: the province receives what is synced
	OfNational = "national" // the national portal's list is all that is known
	OfSet      = "set"      // here, and only as a part of an inter-linked set: not in the catalogue
)

// publishedRow is a row of the national list as the tables take it in.
type publishedRow struct {
	Code       string            `json:"code"`
	Name       string            `json:"name"`
	NameEN     string            `json:"name_en"`
	Level      string            `json:"level"`
	Field      string            `json:"field"`
	Authority  string            `json:"authority"`
	Ministry   string            `json:"ministry"`
	Levels     []string          `json:"levels"`
	Applicants []string          `json:"applicants"`
	Decision   string            `json:"decision"`
	Limits     map[string]string `json:"limits"`
	Fees       map[string]string `json:"fees"`
	Results    []string          `json:"results"`
	Basis      []string          `json:"basis"`
}

type doubtRow struct {
	Code string        `json:"code"`
	Kind national.Kind `json:"kind"`
	Part string        `json:"part"`
	Raw  string        `json:"raw"`
}

// seedNational brings in the rows of the national list that are not there yet, each with its doubts.
// What is there stays: an official may have settled it.
func seedNational(ctx context.Context, tx pgx.Tx) (int64, error) {
	there, err := pg.Values[string](tx.Query(ctx, `SELECT procedure FROM services.published`))
	if err != nil || len(there) == national.Rows {
		return 0, err
	}
	have := make(map[string]bool, len(there))
	for _, c := range there {
		have[c] = true
	}
	var rows []publishedRow
	var doubts []doubtRow
	for _, r := range national.List() {
		if have[r.Code] {
			continue
		}
		p := publishedRow{Code: r.Code, Name: r.Name, Level: strings.Join(r.Levels, "+"), Field: r.Field, Authority: OfNational, Ministry: r.Ministry, Levels: list(r.Levels),
			Applicants: list(r.Applicants), Decision: r.Decision, Limits: r.Limits, Fees: r.Fees, Results: list(r.Results), Basis: list(r.Basis)}
		if en, ok := national.Ministry(r.Code); ok {
			p.NameEN, p.Authority = en, OfMinistry
		}
		rows = append(rows, p)
		for _, d := range national.Doubts()[r.Code] {
			doubts = append(doubts, doubtRow{r.Code, d.Kind, d.Part, d.Raw})
		}
	}
	if len(rows) == 0 {
		return 0, nil
	}
	if _, err := tx.Exec(ctx, `INSERT INTO services.procedure (code, name, name_en, level, field, authority, open)
		SELECT code, name, name_en, level, field, authority, false
		FROM jsonb_to_recordset($1) AS r (code text, name text, name_en text, level text, field text, authority text)
		ON CONFLICT DO NOTHING`, rows); err != nil {
		return 0, err
	}
	tag, err := tx.Exec(ctx, `INSERT INTO services.published (procedure, name, ministry, levels, applicants, decision, limits, fees, results, basis)
		SELECT code, name, ministry, levels, applicants, decision, limits, fees, results, basis
		FROM jsonb_to_recordset($1) AS r (code text, name text, ministry text, levels text[], applicants text[], decision text, limits jsonb, fees jsonb, results text[], basis text[])`, rows)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO services.doubt (procedure, kind, part, raw)
		SELECT code, kind, part, raw FROM jsonb_to_recordset($1) AS r (code text, kind text, part text, raw text)`, doubts)
	return tag.RowsAffected(), err
}

// list is never null in JSON.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
