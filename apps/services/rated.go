package services

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Quarter is three months of the calendar.
type Quarter struct{ Year, N int }

func quarterOf(t time.Time) Quarter {
	t = t.In(clock.Vietnam)
	return Quarter{t.Year(), (int(t.Month()) + 2) / 3}
}

// Before is the quarter before.
func (q Quarter) Before() Quarter {
	if q.N == 1 {
		return Quarter{q.Year - 1, 4}
	}
	return Quarter{q.Year, q.N - 1}
}

func (q Quarter) begin() time.Time {
	return time.Date(q.Year, time.Month(3*q.N-2), 1, 0, 0, 0, 0, clock.Vietnam)
}

func (q Quarter) String() string { return fmt.Sprintf("%d-%d", q.Year, q.N) }

// quartersShown is how many quarters are published, the newest that is over first.
const quartersShown = 4

// Quarters are those that can be asked for. One that still runs is not shown: from one day's figures
// to the next, a single new rating could be read.
func (m *Module) Quarters() []Quarter {
	out := make([]Quarter, 0, quartersShown)
	for q := quarterOf(m.clock.Now()).Before(); len(out) < quartersShown; q = q.Before() {
		out = append(out, q)
	}
	return out
}

// LeastRated is how few ratings of a body or a procedure are too few to be shown: who gave them could
// be guessed. No text known here sets it: the house does.
const LeastRated = 5

// RatedLine are the ratings of one body or procedure, or of all: how many, and which share was
// content or more, question by question.
type RatedLine struct {
	ID, Name string
	N        int
	Content  Shares
}

// Shares are parts of one, by question.
type Shares struct{ Score, Speed, Guidance, Manner float64 }

// Rated are the ratings of a quarter without the people: no comment, no dossier, no small group.
type Rated struct {
	Quarter    Quarter
	All        RatedLine
	Bodies     []RatedLine // those with most first
	Procedures []RatedLine
	Hidden     bool // some groups are too small to be shown
}

// Rated gives the figures of a quarter, by its name, to anybody; the newest that is over where none is named.
// law: public-services.md 10 — MDHL: ratings; 3 — Decree 224/2026 art. 19: satisfaction.
func (m *Module) Rated(ctx context.Context, quarter string) (Rated, error) {
	list := m.Quarters()
	i := slices.IndexFunc(list, func(q Quarter) bool { return q.String() == cmp.Or(quarter, list[0].String()) })
	if i < 0 {
		return Rated{}, fault.NotFound("page")
	}
	return m.rated.get(list[i], func() (Rated, error) { return m.countRated(ctx, list[i]) })
}

func (m *Module) countRated(ctx context.Context, q Quarter) (Rated, error) {
	out := Rated{Quarter: q}
	to := q.begin().AddDate(0, 3, 0)
	type row struct {
		Agency, Procedure *string
		Name              string
		N                 int
		Shares
	}
	rows, err := pg.All[row](m.db.Query(ctx, `SELECT x.agency, x.procedure, coalesce(p.name, '') AS name, x.n, x.score, x.speed, x.guidance, x.manner FROM (
			SELECT d.competent_agency AS agency, d.procedure, count(*)::int AS n, coalesce(avg((r.score > 2)::int), 0)::float8 AS score, coalesce(avg((r.speed > 2)::int), 0)::float8 AS speed,
				coalesce(avg((r.guidance > 2)::int), 0)::float8 AS guidance, coalesce(avg((r.manner > 2)::int), 0)::float8 AS manner
			FROM services.rating r JOIN services.dossier d ON d.id = r.dossier_id
			WHERE r.at >= @from AND r.at < @to AND r.speed IS NOT NULL GROUP BY GROUPING SETS ((d.competent_agency), (d.procedure), ())) x
		LEFT JOIN services.procedure p ON p.code = x.procedure ORDER BY x.n DESC, x.agency, x.procedure`, pgx.NamedArgs{"from": q.begin(), "to": to}))
	if err != nil {
		return out, fmt.Errorf("counting ratings: %w", err)
	}
	for _, r := range rows {
		line := RatedLine{Name: r.Name, N: r.N, Content: r.Shares}
		switch {
		case r.Agency != nil:
			line.ID = *r.Agency
			out.Bodies = append(out.Bodies, line)
		case r.Procedure != nil:
			line.ID = *r.Procedure
			out.Procedures = append(out.Procedures, line)
		default:
			out.All = line
		}
	}
	if out.All.N < LeastRated {
		return Rated{Quarter: q, Hidden: out.All.N > 0}, nil
	}
	var fewBodies, fewProcedures bool
	out.Bodies, fewBodies = largeEnough(out.Bodies)
	out.Procedures, fewProcedures = largeEnough(out.Procedures)
	out.Hidden = fewBodies || fewProcedures
	for i, b := range out.Bodies {
		if out.Bodies[i].Name, err = m.bodyName(ctx, b.ID, to, m.clock.Now()); err != nil {
			return out, err
		}
	}
	return out, nil
}

// largeEnough leaves out the groups that are too small, and of the others the smallest as long as what
// is left out in all is too small: it could be had by taking the rest from the sum.
func largeEnough(list []RatedLine) (shown []RatedLine, hidden bool) {
	slices.SortStableFunc(list, func(a, b RatedLine) int { return b.N - a.N })
	left := 0
	for len(list) > 0 {
		last := list[len(list)-1]
		if last.N >= LeastRated && (left == 0 || left >= LeastRated) {
			break
		}
		left += last.N
		list = list[:len(list)-1]
	}
	return list, left > 0
}
