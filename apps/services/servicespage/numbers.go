package servicespage

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/numbering"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// PathNumbers is the register of a body's numbers.
const PathNumbers = "/desk/numbers"

// numbersView is the register of a year, and the form that lets a series go on.
type numbersView struct {
	year    int
	latest  int // this year
	bodies  []services.Numbers
	symbols []string
	in      services.BeginSeriesIn
	first   string // as it was typed
	faults  fault.Fields
}

func (p *Pages) numbersView(ctx context.Context, year int) (numbersView, error) {
	now := p.services.Now().In(clock.Vietnam).Year()
	if year < 2000 || year > now {
		year = now
	}
	v := numbersView{year: year, latest: now, in: services.BeginSeriesIn{Client: audit.NewClient()}}
	var err error
	if v.bodies, err = p.services.NumbersOf(ctx, year); err != nil {
		return v, err
	}
	v.symbols, err = p.services.ResultSymbols(ctx)
	return v, err
}

func (p *Pages) numbers(w http.ResponseWriter, r *http.Request) error {
	year, _ := strconv.Atoi(r.FormValue("year"))
	v, err := p.numbersView(r.Context(), year)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, numbersPage(p.official(r), v))
}

func (p *Pages) beginSeries(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[services.BeginSeriesIn](r)
	err := p.services.BeginSeries(r.Context(), in)
	f, ok := errors.AsType[fault.Fields](err)
	if !ok && err != nil {
		return err
	}
	if ok {
		v, err := p.numbersView(r.Context(), 0)
		if err != nil {
			return err
		}
		v.in, v.first, v.faults = in, r.FormValue("first"), f
		fr := p.official(r)
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, numbersPage(fr, v))
	}
	return web.SeeOther(w, r, PathNumbers, "services.numbers.begun")
}

// seriesName is what people call a series.
func seriesName(ctx context.Context, s numbering.Series) string {
	if symbol, ok := strings.CutPrefix(s.Name, "result."); ok {
		return lang.T(ctx, "services.numbers.result", "symbol", symbol)
	}
	if symbol, ok := strings.CutPrefix(s.Name, "receipt "); ok {
		return lang.T(ctx, "services.numbers.receipt", "symbol", symbol)
	}
	return s.Name
}

// gaps says which numbers of a series stand for nothing, and why.
func gaps(ctx context.Context, r numbering.Report) string {
	if len(r.Gaps) == 0 {
		return lang.T(ctx, "services.numbers.whole")
	}
	var out []string
	for _, g := range r.Gaps {
		key := "services.numbers.gap"
		if g.First == g.Last {
			key = "services.numbers.gap.one"
		}
		out = append(out, lang.T(ctx, key, "first", g.First, "last", g.Last, "reason", g.Reason))
	}
	return strings.Join(out, "; ")
}

func registerOf(ctx context.Context, n services.Numbers) ui.Table {
	t := ui.Table{Label: n.Agency.Name, Columns: []ui.Column{{Text: lang.T(ctx, "services.numbers.series")},
		{Text: lang.T(ctx, "services.numbers.last"), Num: true, Fold: lang.T(ctx, "services.numbers.last")},
		{Text: lang.T(ctx, "services.numbers.gaps"), Fold: lang.T(ctx, "services.numbers.gaps")}}}
	for _, r := range n.Reports {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: seriesName(ctx, r.Series)}, {Text: strconv.Itoa(r.Last)}, {Text: gaps(ctx, r)}}})
	}
	return t
}

// years are the years beside the one that is shown.
func (v numbersView) years() []string {
	out := []string{strconv.Itoa(v.year - 1)}
	if v.year < v.latest {
		out = append(out, strconv.Itoa(v.year+1))
	}
	return out
}

// none says whether no body gave a number in the year.
func (v numbersView) none() bool {
	return !slices.ContainsFunc(v.bodies, func(n services.Numbers) bool { return len(n.Reports) > 0 })
}

func (v numbersView) agencies(ctx context.Context) []ui.Option {
	out := []ui.Option{}
	for _, b := range v.bodies {
		out = append(out, ui.Option{Value: b.Agency.ID, Label: b.Agency.Name})
	}
	return out
}

func (v numbersView) symbolOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "services.numbers.symbol.choose")}}
	for _, s := range v.symbols {
		out = append(out, ui.Option{Value: s, Label: s})
	}
	return out
}
