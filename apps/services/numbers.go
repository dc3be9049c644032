package services

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/numbering"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Numbers is the register of a body's numbers in a year: how far each series has come, and which
// numbers stand for nothing and why. Each other number up to the last stands on a paper.
type Numbers struct {
	Agency  directory.Agency
	Reports []numbering.Report
}

// NumbersOf lists the registers of the bodies for which the actor numbers.
// law: documents.md 2.1 — numbers by year and body.
func (m *Module) NumbersOf(ctx context.Context, year int) ([]Numbers, error) {
	a := actor.From(ctx)
	if a.Kind != actor.Official || !a.MayAnywhere(RightNumber) {
		return nil, fault.Forbidden("services.number")
	}
	where, all := a.Where(RightNumber)
	if all {
		where = append(where, a.Office)
	}
	slices.Sort(where)
	where = slices.Compact(where)
	list, err := numbering.SeriesOf(ctx, m.db, where, year)
	if err != nil {
		return nil, err
	}
	var out []Numbers
	for _, id := range where {
		body, err := m.directory.Agency(ctx, id, m.clock.Now())
		if fault.KindOf(err) == fault.KindNotFound {
			continue // is no more: its successor numbers
		} else if err != nil {
			return nil, err
		}
		n := Numbers{Agency: body}
		for _, r := range list {
			if r.Agency == id {
				n.Reports = append(n.Reports, r)
			}
		}
		out = append(out, n)
	}
	return out, nil
}

// ResultSymbols are the symbols of results that are issued today: each is a series of its own.
func (m *Module) ResultSymbols(ctx context.Context) ([]string, error) {
	day := m.clock.Now().In(clock.Vietnam).Format(time.DateOnly)
	return pg.Values[string](m.db.Query(ctx, `SELECT DISTINCT v.definition->'result'->>'symbol' AS symbol
		FROM services.procedure p JOIN services.version v ON v.procedure = p.code
		WHERE (p.open OR p.authority = 'set') AND v.valid_from <= $1 AND (v.valid_to IS NULL OR v.valid_to > $1) AND v.definition->'result'->>'symbol' <> '' ORDER BY symbol`, day))
}

// BeginSeriesIn says that this year's numbers of a series go on after those of an earlier register.
type BeginSeriesIn struct {
	Client string `form:"client"`
	Agency string `form:"agency"`
	Symbol string `form:"symbol"`
	First  int    `form:"first"`
	Reason string `form:"reason"` // which register gave the numbers before
}

// BeginSeries lets a body's results go on at a number, because a register on paper or an earlier
// program gave those before it this year. They stand in the register as a gap with the reason. A
// series that runs already goes its own way.
func (m *Module) BeginSeries(ctx context.Context, in BeginSeriesIn) error {
	f := fault.Fields{}
	in.Reason = strings.TrimSpace(in.Reason)
	switch n := utf8.RuneCountInString(in.Reason); {
	case n == 0:
		f.Set("reason", "reason")
	case n > 300:
		f.Set("reason", "too-long:300")
	}
	if in.First < 2 {
		f.Set("first", "too-small:2")
	} else if in.First > 1_000_000 {
		f.Set("first", "too-large:1000000")
	}
	symbols, err := m.ResultSymbols(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(symbols, in.Symbol) {
		f.Set("symbol", "choose")
	}
	if in.Agency == "" {
		f.Set("agency", "choose")
	}
	if f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.series.begin", func(ctx context.Context, act *audit.Act) error {
		if act.Actor.Kind != actor.Official || !act.Actor.May(RightNumber, in.Agency) {
			return fault.Forbidden("services.number")
		}
		s := numbering.Series{Agency: in.Agency, Name: Definition{Result: ResultRule{Symbol: in.Symbol}}.ResultSeries(), Period: numbering.Year(act.At)}
		act.About("numbering.series", fmt.Sprintf("%s %s %d", in.Agency, in.Symbol, act.At.In(clock.Vietnam).Year()))
		act.Note("first", in.First)
		act.Note("reason", in.Reason)
		return numbering.Begin(ctx, act, s, in.First, in.Reason)
	}, audit.Once(in.Client, in, nil))
}
