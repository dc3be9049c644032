package numbering_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/numbering"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

type bench struct {
	*pg.DB
	book  *audit.Book
	clock *clock.Fake
}

func setup(t *testing.T) bench {
	t.Helper()
	db := testkit.DB(t)
	c := testkit.Clock(t, "2026-11-23T09:00")
	return bench{db, audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: c}), c}
}

func (b bench) act(t *testing.T, fn func(ctx context.Context, act *audit.Act) error) error {
	return b.book.Act(actor.With(t.Context(), actor.ForSystem("test")), "numbering.test", fn)
}

var outgoing = numbering.Series{Agency: "ubnd-tinh", Name: "outgoing", Period: numbering.Year(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))}

func TestParallelNumbersAreNeverGivenTwice(t *testing.T) {
	b := setup(t)
	const count = 200
	var mu sync.Mutex
	var got []int
	var wg sync.WaitGroup
	for i := range count {
		wg.Go(func() {
			var n int
			err := b.act(t, func(ctx context.Context, act *audit.Act) error {
				var err error
				if n, err = numbering.Next(ctx, act, outgoing); err != nil {
					return err
				}
				if i%4 == 0 {
					return errors.New("this act fails")
				}
				return nil
			})
			if i%4 == 0 {
				return
			}
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			got = append(got, n)
			mu.Unlock()
		})
	}
	wg.Wait()
	slices.Sort(got)
	for i, n := range got {
		if n != i+1 {
			t.Fatalf("number %d stands at place %d: a number was given twice or lost to a rollback", n, i+1)
		}
	}
	if len(got) != count*3/4 {
		t.Errorf("%d numbers given", len(got))
	}
}

// Worked checks A1, A2 and A3 of the law's table.
func TestDailyCodes(t *testing.T) {
	b := setup(t)
	next := func(unit string) (code string) {
		if err := b.act(t, func(ctx context.Context, act *audit.Act) (err error) {
			code, err = numbering.NextCode(ctx, act, unit, "dossier")
			return err
		}); err != nil {
			t.Error(err)
		}
		return code
	}
	var one, two string // A1: the same second, the same unit
	var wg sync.WaitGroup
	wg.Go(func() { one = next("H12.05") })
	wg.Go(func() { two = next("H12.05") })
	wg.Wait()
	both := []string{one, two}
	slices.Sort(both)
	if want := []string{"H12.05-261123-0001", "H12.05-261123-0002"}; !slices.Equal(both, want) {
		t.Errorf("A1: %q, want %q", both, want)
	}
	if got := next("H12.06"); got != "H12.06-261123-0001" { // A2: another unit
		t.Errorf("A2: %s", got)
	}
	b.clock.Set(time.Date(2026, 11, 23, 16, 59, 59, 0, time.UTC))
	if got := next("H12.05"); got != "H12.05-261123-0003" {
		t.Errorf("a second before midnight: %s", got)
	}
	b.clock.Set(time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)) // midnight in Vietnam
	if got := next("H12.05"); got != "H12.05-261124-0001" {
		t.Errorf("A1, next day: %s", got)
	}
	b.clock.Set(time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)) // A3: 06:30 on 23 November
	if got := next("H12.07"); got != "H12.07-261123-0001" {
		t.Errorf("A3: %s", got)
	}
}

func TestCodesWidenBeyond9999(t *testing.T) {
	b := setup(t)
	day := numbering.Series{Agency: "H12.05", Name: "dossier", Period: numbering.Day(b.clock.Now())}
	if err := b.book.Batch(t.Context(), "numbering.load", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		return 1, numbering.Continue(ctx, tx, day, 9998)
	}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"H12.05-261123-9999", "H12.05-261123-10000", "H12.05-261123-10001"} {
		var got string
		if err := b.act(t, func(ctx context.Context, act *audit.Act) error {
			// as a service would: the code is made inside the statement that needs it
			return act.QueryRow(ctx, `SELECT numbering.daily_code('H12.05', 'dossier', $1)`, act.At).Scan(&got)
		}); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
		c, ok := numbering.ParseCode(got)
		if !ok || c.String() != got {
			t.Errorf("%s reads back as %+v, %v", got, c, ok)
		}
	}
	// a load that comes late never turns a series back
	if err := b.book.Batch(t.Context(), "numbering.load", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		return 1, numbering.Continue(ctx, tx, day, 5)
	}); err != nil {
		t.Fatal(err)
	}
	if r, err := report(t, b.Reader, day, 2026); err != nil || r.Last != 10001 {
		t.Errorf("after a late load: %+v, %v", r, err)
	}
}

// report is that of one series.
func report(t *testing.T, db pg.Reader, s numbering.Series, year int) (numbering.Report, error) {
	t.Helper()
	list, err := numbering.SeriesOf(t.Context(), db, []string{s.Agency}, year)
	i := slices.IndexFunc(list, func(r numbering.Report) bool { return r.Series == s })
	if err == nil && i < 0 {
		err = fault.NotFound("series")
	}
	if err != nil {
		return numbering.Report{}, err
	}
	return list[i], nil
}

func TestGapsAreExplained(t *testing.T) {
	b := setup(t)
	if err := b.act(t, func(ctx context.Context, act *audit.Act) error {
		first, err := numbering.Take(ctx, act, outgoing, 5)
		if first != 1 {
			t.Errorf("first of five: %d", first)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	void := func(s numbering.Series, n int, reason string) error {
		return b.act(t, func(ctx context.Context, act *audit.Act) error { return numbering.Void(ctx, act, s, n, reason) })
	}
	other := outgoing
	other.Agency = "so-tai-chinh"
	for name, tt := range map[string]struct {
		series numbering.Series
		n      int
		reason string
		want   error
	}{
		"without a reason":      {outgoing, 3, "  ", fault.Fields{"reason": "required"}},
		"not yet given":         {outgoing, 6, "văn bản không ban hành", fault.NotFound("number")},
		"no number":             {outgoing, 0, "văn bản không ban hành", fault.NotFound("number")},
		"series without number": {other, 1, "văn bản không ban hành", fault.NotFound("number")},
	} {
		t.Run(name, func(t *testing.T) { testkit.WantError(t, void(tt.series, tt.n, tt.reason), tt.want) })
	}
	if err := void(outgoing, 3, "văn bản không ban hành"); err != nil {
		t.Fatal(err)
	}
	testkit.WantError(t, void(outgoing, 3, "lần nữa"), fault.Conflict("numbering.void"))

	begin := func(reason string) error {
		return b.act(t, func(ctx context.Context, act *audit.Act) error {
			return numbering.Begin(ctx, act, other, 413, reason)
		})
	}
	testkit.WantError(t, begin(""), fault.Fields{"reason": "required"})
	if err := begin("412 số đầu ở sổ giấy"); err != nil {
		t.Fatal(err)
	}
	testkit.WantError(t, begin("lần nữa"), fault.Conflict("numbering.running"))
	testkit.WantError(t, void(other, 7, "ở sổ giấy"), fault.Conflict("numbering.void"))

	var next int
	if err := b.act(t, func(ctx context.Context, act *audit.Act) (err error) {
		next, err = numbering.Next(ctx, act, other)
		return err
	}); err != nil || next != 413 {
		t.Errorf("first number after the paper register: %d, %v", next, err)
	}
	for _, tt := range []struct {
		series numbering.Series
		want   string
	}{
		{outgoing, "5: 3-3 văn bản không ban hành; "},
		{other, "413: 1-412 412 số đầu ở sổ giấy; "},
	} {
		r, err := report(t, b.Reader, tt.series, 2026)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("%d: ", r.Last)
		for _, g := range r.Gaps {
			got += fmt.Sprintf("%d-%d %s; ", g.First, g.Last, g.Reason)
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.series, got, tt.want)
		}
	}
}

func TestTermsRunAcrossTheYear(t *testing.T) {
	b := setup(t)
	party := numbering.Series{Agency: "tinh-uy", Name: "QĐ", Period: numbering.Term(2025, 2030)}
	for i, at := range []string{"2026-12-31T23:59", "2027-01-01T00:01"} {
		b.clock.Set(testkit.Clock(t, at).Now())
		if err := b.act(t, func(ctx context.Context, act *audit.Act) error {
			n, err := numbering.Next(ctx, act, party)
			if n != i+1 {
				t.Errorf("%s: %d", at, n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	for year, want := range map[int]int{2024: 0, 2025: 1, 2027: 1, 2030: 1, 2031: 0} {
		list, err := numbering.SeriesOf(t.Context(), b.Reader, []string{"tinh-uy"}, year)
		if err != nil || len(list) != want {
			t.Errorf("series of %d: %v, %v", year, list, err)
		}
	}
}

func TestParseCode(t *testing.T) {
	for s, want := range map[string]bool{
		"H12.05-261123-0001":         true,
		"H12-261123-0001":            true,
		"H12.05.13.02-261123-0001":   true,
		"000.00.01.H12-250612-0007":  true,
		"H12.05-261123-12345":        true,
		"H12.05-261123-001":          false,
		"H12.05-261123-00001":        false, // widened codes have no leading nought
		"H12.05-261123-0000":         false,
		"H12.05-261131-0001":         false, // no such day
		"H15.50.05.13-261008-097512": false, // a ministry's tail: kept, not read
		"G09.20-20261123-0000001":    false, // a ministry's: kept, not read
		"h12.05-261123-0001":         false,
		"":                           false,
	} {
		c, ok := numbering.ParseCode(s)
		if ok != want {
			t.Errorf("%s: %v", s, ok)
		}
		if ok && c.String() != s {
			t.Errorf("%s became %s", s, c)
		}
	}
}

func FuzzParseCode(f *testing.F) {
	for _, s := range []string{"H12.05-261123-0001", "000.00.01.H12-250612-0007", "H12-000229-99999", "H12.05-991231-0001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if c, ok := numbering.ParseCode(s); ok && c.String() != s {
			t.Errorf("%q became %q", s, c)
		}
	})
}
