package services

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/apps/services/find"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

// Standing is what can be done here with a procedure.
type Standing string

// The standings, as filters name them.
const (
	StandsOpen        Standing = "open"        // filed and worked here
	StandsMinistry    Standing = "ministry"    // filed and worked in a ministry's system
	StandsKnown       Standing = "known"       // it is defined here or confirmed, but cannot be filed yet
	StandsUnconfirmed Standing = "unconfirmed" // nobody has confirmed what is published about it
)

// Standings lists them all.
var Standings = []Standing{StandsOpen, StandsMinistry, StandsKnown, StandsUnconfirmed}

// standing is the standing of p on @day, in SQL. A procedure is open when it has a complete version in
// force and the province works it; one that lacks a value is shown as information.
const standing = `CASE
	WHEN p.authority = 'ministry' THEN 'ministry'
	WHEN p.authority = 'province' AND p.open AND EXISTS (SELECT FROM services.version v
		WHERE v.procedure = p.code AND v.complete AND v.valid_from <= @day AND (v.valid_to IS NULL OR v.valid_to > @day)) THEN 'open'
	WHEN p.confirmed_at IS NOT NULL OR EXISTS (SELECT FROM services.version v WHERE v.procedure = p.code) THEN 'known'
	ELSE 'unconfirmed' END`

const procedureColumns = `p.code, p.name, p.name_en, p.level, p.field, p.authority, ` + standing + ` AS standing`

// Procedure is one line of the catalogue.
type Procedure struct {
	Code      string
	Name      string
	NameEN    string // "" where nobody has put it into English
	Level     string // commune, province, ministry, other; several are joined by +
	Field     string
	Authority string
	Standing  Standing
}

// NameIn is the procedure's name in a language.
func (p Procedure) NameIn(t lang.Tag) string { return in(t, p.Name, p.NameEN) }

// Levels are the levels at which it is worked.
func (p Procedure) Levels() []string { return strings.Split(p.Level, "+") }

func (m *Module) today() string { return m.clock.Now().In(clock.Vietnam).Format(time.DateOnly) }

// Procedure is one procedure of the catalogue, whatever its standing.
func (m *Module) Procedure(ctx context.Context, code string) (Procedure, error) {
	p, err := pg.One[Procedure](m.db.Query(ctx, `SELECT `+procedureColumns+` FROM services.procedure p WHERE p.code = @code AND p.authority <> 'set'`,
		pgx.NamedArgs{"code": code, "day": m.today()}))
	if fault.KindOf(err) == fault.KindNotFound {
		return p, fault.NotFound("services.procedure")
	}
	return p, err
}

// Defined is the newest definition of a procedure that the province works and that cannot be filed yet;
// false where there is none.
func (m *Module) Defined(ctx context.Context, pr Procedure) (Definition, bool, error) {
	if pr.Authority != OfProvince {
		return Definition{}, false, nil
	}
	v, err := pg.Value[int](m.db.Query(ctx, `SELECT coalesce(max(version), 0) FROM services.version WHERE procedure = $1`, pr.Code))
	if err != nil || v == 0 {
		return Definition{}, false, err
	}
	d, err := m.Definition(ctx, pr.Code, v)
	return d, err == nil, err
}

// OpenProcedures are those that can be filed here today, by field and name.
func (m *Module) OpenProcedures(ctx context.Context) ([]Procedure, error) {
	day := m.today()
	return m.opens.get(day, func() ([]Procedure, error) {
		return pg.All[Procedure](m.db.Query(ctx, `SELECT * FROM (SELECT `+procedureColumns+` FROM services.procedure p WHERE p.open) p
			WHERE standing = 'open' ORDER BY field COLLATE "vi-x-icu", name COLLATE "vi-x-icu", code`, pgx.NamedArgs{"day": day}))
	})
}

// BrowseIn is what the catalogue is narrowed to; zero is all of it.
type BrowseIn struct {
	Words    string   `form:"q"` // everyday words: the best first
	Field    string   `form:"field"`
	Level    string   `form:"level"`
	Standing Standing `form:"standing"`
	After    string   `form:"after"` // code of the last row of the page before
}

// ProcedurePage is a page of the catalogue.
type ProcedurePage struct {
	List []Procedure
	Next string // for BrowseIn.After; "" on the last page
}

// catalogueRows is a page of the catalogue.
const catalogueRows = 30

// Browse is a page of the catalogue: by field and name, or, where words are given, by how well they fit.
func (m *Module) Browse(ctx context.Context, in BrowseIn) (ProcedurePage, error) {
	if strings.TrimSpace(in.Words) != "" {
		return m.browseFound(ctx, in)
	}
	list, err := pg.All[Procedure](m.db.Query(ctx, `SELECT `+procedureColumns+` FROM services.procedure p
		WHERE p.authority <> 'set' AND (@field = '' OR p.field = @field) AND (@level = '' OR @level = ANY(string_to_array(p.level, '+')))
			AND (@standing = '' OR `+standing+` = @standing)
			AND (@after = '' OR (p.field COLLATE "vi-x-icu", left(p.name, 200) COLLATE "vi-x-icu", p.code) >
				(SELECT a.field COLLATE "vi-x-icu", left(a.name, 200) COLLATE "vi-x-icu", a.code FROM services.procedure a WHERE a.code = @after))
		ORDER BY p.field COLLATE "vi-x-icu", left(p.name, 200) COLLATE "vi-x-icu", p.code LIMIT @most`,
		pgx.NamedArgs{"day": m.today(), "field": in.Field, "level": in.Level, "standing": in.Standing, "after": in.After, "most": catalogueRows + 1}))
	if err != nil {
		return ProcedurePage{}, err
	}
	return pageOf(list), nil
}

func pageOf(list []Procedure) ProcedurePage {
	if len(list) <= catalogueRows {
		return ProcedurePage{List: list}
	}
	list = list[:catalogueRows]
	return ProcedurePage{List: list, Next: list[catalogueRows-1].Code}
}

// browseFound is a page of what fits the words.
func (m *Module) browseFound(ctx context.Context, in BrowseIn) (ProcedurePage, error) {
	found, err := m.FindProcedures(ctx, in.Words, mostFound)
	if err != nil || len(found) == 0 {
		return ProcedurePage{}, err
	}
	codes := make([]string, len(found))
	for i, e := range found {
		codes[i] = e.Code
	}
	rows, err := pg.All[Procedure](m.db.Query(ctx, `SELECT `+procedureColumns+` FROM services.procedure p WHERE p.code = ANY(@codes)`,
		pgx.NamedArgs{"codes": codes, "day": m.today()}))
	if err != nil {
		return ProcedurePage{}, err
	}
	by := make(map[string]Procedure, len(rows))
	for _, p := range rows {
		by[p.Code] = p
	}
	list := []Procedure{}
	begun := in.After == "" || !slices.Contains(codes, in.After)
	for _, c := range codes {
		p, ok := by[c]
		if begun && ok && (in.Field == "" || p.Field == in.Field) && (in.Level == "" || slices.Contains(p.Levels(), in.Level)) && (in.Standing == "" || p.Standing == in.Standing) {
			list = append(list, p)
		}
		begun = begun || c == in.After
		if len(list) > catalogueRows {
			break
		}
	}
	return pageOf(list), nil
}

// mostFound is how far a search goes: who has not found it by then types something else.
const mostFound = 300

// FindProcedures finds procedures by everyday words, the best first: the one ranking of the page, the
// JSON answer and the command line.
func (m *Module) FindProcedures(ctx context.Context, words string, most int) ([]find.Entry, error) {
	x, err := m.index(ctx)
	if err != nil {
		return nil, err
	}
	return x.Search(words, most), nil
}

// changed lets a change of the catalogue count here at once, and on other nodes a moment later.
func (m *Module) changed() {
	m.cat.current.forget()
	m.catalogueSum.forget()
	m.opens.forget()
}

// index is the catalogue ready for searching. It is made anew when the catalogue has changed.
func (m *Module) index(ctx context.Context) (*find.Index, error) {
	day := m.today()
	sum, err := m.catalogueSum.get(day, func() (string, error) {
		return pg.Value[string](m.db.Query(ctx, `SELECT coalesce(md5(string_agg(concat_ws('|', p.code, p.name, p.name_en, p.words, `+standing+`), E'\n' ORDER BY p.code)), '')
			FROM services.procedure p WHERE p.authority <> 'set'`, pgx.NamedArgs{"day": day}))
	})
	if err != nil {
		return nil, err
	}
	m.found.Lock()
	defer m.found.Unlock()
	if m.found.index != nil && m.found.sum == sum {
		return m.found.index, nil
	}
	type row struct {
		Code, Name, NameEN, Words string
		Standing                  Standing
	}
	rows, err := pg.All[row](m.db.Query(ctx, `SELECT p.code, p.name, p.name_en, p.words, `+standing+` AS standing FROM services.procedure p WHERE p.authority <> 'set' ORDER BY p.code`, pgx.NamedArgs{"day": day}))
	if err != nil {
		return nil, err
	}
	entries := make([]find.Entry, len(rows))
	for i, r := range rows {
		entries[i] = find.Entry{Code: r.Code, Title: r.Name, TitleEN: r.NameEN, Words: r.Words, Open: r.Standing == StandsOpen}
	}
	x, err := find.New(entries)
	if err != nil {
		return nil, err
	}
	m.found.index, m.found.sum = x, sum
	return x, nil
}

// FieldCount is a field of law with the number of its procedures.
type FieldCount struct {
	Field string
	N     int
}

// ProcedureFields lists the fields of the catalogue by name.
func (m *Module) ProcedureFields(ctx context.Context) ([]FieldCount, error) {
	return m.fields.get(struct{}{}, func() ([]FieldCount, error) {
		return pg.All[FieldCount](m.db.Query(ctx, `SELECT field, count(*)::int AS n FROM services.procedure WHERE authority <> 'set' GROUP BY field ORDER BY field COLLATE "vi-x-icu"`))
	})
}

// StandingCount is a standing with the number of procedures that have it.
type StandingCount struct {
	Standing Standing
	N        int
}

// ProcedureStandings counts the catalogue by standing.
func (m *Module) ProcedureStandings(ctx context.Context) ([]StandingCount, error) {
	day := m.today()
	return m.standings.get(day, func() ([]StandingCount, error) {
		return pg.All[StandingCount](m.db.Query(ctx, `SELECT standing, count(*)::int AS n FROM (SELECT `+standing+` AS standing FROM services.procedure p WHERE p.authority <> 'set') s GROUP BY standing`,
			pgx.NamedArgs{"day": day}))
	})
}
