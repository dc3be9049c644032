package demo

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"datmui/apps/services"
	"datmui/blocks/calendar"
	"datmui/blocks/directory"
	"datmui/blocks/numbering"
)

// DossiersAtScale1 is how many dossiers were filed in the last twelve months.
const DossiersAtScale1 = 20_000

// year is the twelve months of dossiers before the as-of day.
type year struct {
	w        *World
	services *services.Module
	cal      *calendar.Calendar
	staff    *staff
	defs     map[string]services.Definition
	what     wheel // procedures
	where    wheel // communes
	units    map[string]directory.Unit
	people   map[string][]directory.Person // who files, by commune
	n        int

	end      time.Time // nothing is known from here on
	unsigned time.Time // from here on results may still wait for a signature
	piled    time.Time // from here on most of them do
	days     []calendar.Date
	upTo     []float64 // share of the filings up to and with each day
}

// mostApplicants bounds the people kept in memory at large scales.
const mostApplicants = 200_000

// year prepares the dossiers; without a day of two levels before the as-of day there are none.
func (w *World) year(m *services.Module, cal *calendar.Calendar, dossiers int) (*year, error) {
	y := &year{w: w, services: m, cal: cal, n: dossiers, staff: w.staff(), defs: map[string]services.Definition{}, units: map[string]directory.Unit{},
		people: map[string][]directory.Person{}, end: calendar.DateOf(w.AsOf).At(0)}
	from := w.AsOf.AddDate(-1, 0, 0)
	if from.Before(twoLevels) {
		from = twoLevels
	}
	if !from.Before(w.AsOf) {
		y.n = 0
		return y, nil
	}
	defs, err := services.Shipped()
	if err != nil {
		return nil, err
	}
	for _, d := range defs {
		y.defs[d.Code] = d
	}
	for _, f := range filed {
		if _, ok := y.defs[f.code]; !ok {
			return nil, fmt.Errorf("procedure %s is not shipped", f.code)
		}
		y.what.add(f.code, f.share)
	}
	r := w.draws(ofDossier, 1<<40)
	for _, u := range w.communes {
		share := 1 + 2*r.Float64()
		if u.Code == "32248" {
			share = 8 // Đất Mũi, where the demonstration's accounts are
		}
		y.units[u.Code] = u
		y.where.add(u.Code, share)
	}
	y.gather()
	y.plan(calendar.DateOf(from))
	return y, nil
}

// decidingBodies are the bodies that procedures name; the others are decided by the communes.
func decidingBodies() []string {
	var out []string
	defs, err := services.Shipped()
	if err != nil {
		panic(err) // they are part of the program
	}
	for _, d := range defs {
		if id, ok := strings.CutPrefix(d.Competent, "agency:"); ok && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// gather keeps the citizens who may file: grown-ups with a number and a telephone.
func (y *year) gather() {
	kept := 0
	for p := range y.w.Citizens() {
		if p.PersonalID == "" || p.Phone == "" || p.BirthDate.After(y.w.AsOf.AddDate(-19, 0, 0)) {
			continue
		}
		y.people[p.ResidenceUnit] = append(y.people[p.ResidenceUnit], p)
		if kept++; kept == mostApplicants {
			return
		}
	}
}

// person draws who files; now and then it is one of those a visitor can sign in as.
func (y *year) person(r *rand.Rand, unit string, n int) directory.Person {
	own, u := 0.006, r.Float64()
	if n > y.n-y.n/25 {
		own = 0.08
	}
	if unit == "32248" && u < own/float64(y.w.scale) {
		return y.w.neighbour[r.IntN(len(y.w.neighbour))]
	}
	list := y.people[unit]
	return list[r.IntN(len(list))]
}

// plan shares the filings among the days: few on days off, more on Mondays and of late.
func (y *year) plan(from calendar.Date) {
	last := calendar.DateOf(y.end)
	sum, working := 0.0, 0
	for d := last - 1; d >= from; d-- {
		share := 0.07
		if len(y.cal.On(d)) > 0 {
			working++
			share = 1
			if d.Weekday() == time.Monday {
				share = 1.25
			}
			if working <= 15 {
				share *= 2.2
			}
			switch working {
			case 3:
				y.piled = d.At(0)
			case 8:
				y.unsigned = d.At(0)
			}
		}
		y.days, y.upTo = append(y.days, d), append(y.upTo, share)
	}
	slices.Reverse(y.days)
	slices.Reverse(y.upTo)
	for i, s := range y.upTo {
		sum += s
		y.upTo[i] = sum
	}
	for i := range y.upTo {
		y.upTo[i] /= sum
	}
}

// hours say which part of a day's filings has come by which minute of the day.
var hours = []struct {
	upTo     float64
	from, to int
}{{0.02, 330, 420}, {0.52, 420, 650}, {0.56, 660, 780}, {0.93, 780, 1010}, {1, 1020, 1350}}

// filed is when the n-th dossier was filed. It grows with n, so codes and ids are in order of time.
func (y *year) filed(n int) time.Time {
	u := (float64(n) + y.w.draws(ofFiling, uint64(n)).Float64()) / float64(y.n)
	i, _ := slices.BinarySearch(y.upTo, u)
	i = min(i, len(y.days)-1)
	before := 0.0
	if i > 0 {
		before = y.upTo[i-1]
	}
	part := (u - before) / (y.upTo[i] - before)
	from, to, low, high := 360, 1320, 0.0, 1.0
	if len(y.cal.On(y.days[i])) > 0 {
		for _, h := range hours {
			if high = h.upTo; part <= high {
				from, to = h.from, h.to
				break
			}
			low = high
		}
	}
	seconds := (part - low) / (high - low) * float64(to-from) * 60
	return y.days[i].At(from).Add(time.Duration(seconds) * time.Second)
}

// work is a moment so many working minutes after another.
func (y *year) work(from time.Time, minutes int) (time.Time, error) {
	t, err := y.cal.Normalise(from.Add(time.Duration(minutes%60) * time.Minute))
	if err != nil || minutes < 60 {
		return t, err
	}
	due, err := y.cal.Add(t, calendar.Limit{N: minutes / 60, Unit: calendar.WorkingHours})
	return due.Carry, err
}

func (y *year) code(counter string, at time.Time, n int32) string {
	return numbering.Code{Prefix: y.staff.bodies[counter].Identifier, Day: at, Number: int(n)}.String()
}

// each tells the histories from one to another on both cores, in any order.
func (y *year) each(ctx context.Context, from, to int, g []given, fn func(n int, p *services.Past)) error {
	const step = 500
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for low := from; low < to; low += step {
		group.Go(func() error {
			for n := low; n < min(low+step, to); n++ {
				var nums given
				if g != nil {
					nums = g[n]
				}
				p, err := y.tell(ctx, n, nums)
				if err != nil {
					return err
				}
				fn(n, p)
			}
			return ctx.Err()
		})
	}
	return group.Wait()
}

// count walks over all histories and gives each its numbers in the order of time: the code at its
// counter, the number of its result at the body that decides, its receipt at the one that is paid.
func (y *year) count(ctx context.Context, tell func(done int)) ([]given, map[numbering.Series]int, error) {
	type event struct {
		at time.Time
		n  int32
	}
	g := make([]given, y.n)
	days, results, receipts := map[numbering.Series][]event{}, map[numbering.Series][]event{}, map[numbering.Series][]event{}
	var mu sync.Mutex
	done := 0
	err := y.each(ctx, 0, y.n, nil, func(n int, p *services.Past) {
		mu.Lock()
		defer mu.Unlock()
		if done++; done%10_000 == 0 {
			tell(done)
		}
		counter := y.staff.bodies[p.ReceivingAgency].Identifier
		add := func(m map[numbering.Series][]event, s numbering.Series, at time.Time) {
			m[s] = append(m[s], event{at, int32(n)})
		}
		add(days, numbering.Series{Agency: counter, Name: "dossier", Period: numbering.Day(p.FiledAt)}, p.FiledAt)
		if p.FinishedAt != nil {
			add(results, numbering.Series{Agency: p.CompetentAgency, Name: y.defs[p.Procedure].ResultSeries(), Period: numbering.Year(*p.FinishedAt)}, *p.FinishedAt)
		}
		if r := p.Receipt(); r != nil {
			add(receipts, numbering.Series{Agency: r.Agency, Name: "receipt " + r.Series, Period: numbering.Year(r.IssuedAt)}, r.IssuedAt)
		}
	})
	last := map[numbering.Series]int{}
	for _, kind := range []struct {
		events map[numbering.Series][]event
		at     func(*given) *int32
	}{{days, func(x *given) *int32 { return &x.code }}, {results, func(x *given) *int32 { return &x.result }}, {receipts, func(x *given) *int32 { return &x.receipt }}} {
		for s, list := range kind.events {
			slices.SortFunc(list, func(a, b event) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.n, b.n)) })
			for i, e := range list {
				*kind.at(&g[e.n]) = int32(i + 1)
			}
			last[s] = len(list)
		}
	}
	return g, last, err
}

// perBatch is how many dossiers are loaded in one transaction.
const perBatch = 10_000

// loadDossiers writes all dossiers, two batches at a time; batches that are marked are there already.
func (y *year) loadDossiers(ctx context.Context, b *batches) error {
	if y.n == 0 {
		return b.step(ctx, "dossiers", func(context.Context, pgx.Tx) (int64, error) { return 0, nil })
	}
	if b.done["dossiers"] {
		return nil
	}
	b.tell("histories", 0, y.n)
	g, last, err := y.count(ctx, func(done int) { b.tell("histories", done, y.n) })
	if err != nil {
		return err
	}
	var mu sync.Mutex
	written := 0
	group, in := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for low := 0; low < y.n; low += perBatch {
		group.Go(func() error {
			name, high := fmt.Sprintf("dossiers from %d", low), min(low+perBatch, y.n)
			wrote := func() {
				mu.Lock()
				defer mu.Unlock()
				written += high - low
				b.tell("dossiers", written, y.n)
			}
			if b.done[name] {
				wrote()
				return nil
			}
			pasts := make([]*services.Past, high-low) // told before the transaction, which must not lie idle
			if err := y.each(in, low, high, g, func(n int, p *services.Past) { pasts[n-low] = p }); err != nil {
				return err
			}
			err := b.step(in, name, func(ctx context.Context, tx pgx.Tx) (int64, error) {
				return y.services.Load(ctx, tx, pasts)
			})
			if err == nil {
				wrote()
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return b.step(ctx, "dossiers", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		for s, n := range last {
			if err := numbering.Continue(ctx, tx, s, n); err != nil {
				return 0, err
			}
		}
		return int64(len(last)), nil
	})
}
