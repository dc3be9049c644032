package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/clock"
	"datmui/kit/pg"
)

func (l log) at(day time.Time, years int) *audit.Book {
	return audit.New(audit.Config{App: l.db.App, Reader: l.db.Reader, Signer: l.signer, Clock: clock.At(day), PersonalYears: years})
}

func (l log) count(t *testing.T, sql string) int64 {
	t.Helper()
	n, err := pg.Value[int64](l.db.Owner.Query(l.ctx, sql))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Personal details go after the set time, none before; the log still verifies, and what people
// read says so. Old entries that a load brings in later go too.
func TestPersonalDetailsAreBlanked(t *testing.T) {
	t.Parallel()
	l := sealed(t) // 25 acts of 23/11/2026
	day := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 3, 0, 0, 0, time.UTC) }
	const left = `SELECT count(*) FROM audit.entry WHERE name = 'test.act' AND personal IS NOT NULL`
	for _, step := range []struct {
		at    time.Time
		years int
		want  int64 // entries of the test that keep their details
	}{
		{day(2090, 1, 1), 0, 25},
		{day(2031, 11, 22), 5, 25},
		{day(2031, 11, 24), 5, 0},
		{day(2031, 11, 24), 5, 0},
	} {
		if err := l.at(step.at, step.years).Expire(l.ctx); err != nil {
			t.Fatal(err)
		}
		if n := l.count(t, left); n != step.want {
			t.Fatalf("on %s with %d years %d entries keep their details, want %d", step.at.Format(time.DateOnly), step.years, n, step.want)
		}
	}
	if n := l.count(t, `SELECT count(*) FROM audit.entry WHERE name = 'audit.personal.blank'`); n != 1 {
		t.Errorf("%d entries tell of the blanking, want one for the one run that found something", n)
	}
	l.act(t, 99) // stands for a load: its day is 2026
	if err := l.at(day(2031, 11, 25), 5).Expire(l.ctx); err != nil {
		t.Fatal(err)
	}
	if n := l.count(t, left); n != 1 {
		t.Fatalf("a daily run reads only what came due since the last; %d entries keep their details", n)
	}
	if err := l.at(day(2031, 12, 26), 5).Expire(l.ctx); err != nil {
		t.Fatal(err)
	}
	if n := l.count(t, left); n != 0 {
		t.Errorf("the monthly run left %d", n)
	}
	l.sealAll(t, 3)
	r, err := l.Verify(l.ctx, l.verifier, l.kept(t))
	if err != nil || !r.OK || r.Blanked != 26 {
		t.Errorf("after blanking: %+v, %v", r, err)
	}
	list, err := l.AccessesOf(l.ctx, l.person, audit.AccessFilter{})
	if err != nil || len(list) != 26 || list[0].Actor != "" || list[0].Agency != "" {
		t.Errorf("%d accesses, %+v, %v", len(list), list[:min(1, len(list))], err)
	}
}

// Answers to second sends are kept for 90 days.
func TestOnceIsForgotten(t *testing.T) {
	t.Parallel()
	l := sealed(t)
	start := time.Date(2026, 11, 23, 1, 6, 0, 0, time.UTC)
	send := func(at time.Time, client string) (out string) {
		t.Helper()
		err := l.at(at, 0).Act(l.ctx, "test.once", func(ctx context.Context, act *audit.Act) error {
			out = uuid.NewString()
			return nil
		}, audit.Once(client, nil, &out))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	old, young := send(start, "client-old"), send(start.AddDate(0, 0, 60), "client-young")
	day89, day91 := start.AddDate(0, 0, 89), start.AddDate(0, 0, 91)
	for _, at := range []time.Time{day89, day89} {
		if err := l.at(at, 0).Expire(l.ctx); err != nil {
			t.Fatal(err)
		}
	}
	if got := send(day89, "client-old"); got != old {
		t.Error("the answer of 89 days ago is forgotten")
	}
	for _, at := range []time.Time{day91, day91} {
		if err := l.at(at, 0).Expire(l.ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n := l.count(t, `SELECT count(*) FROM audit.once`); n != 1 || send(day91, "client-young") != young {
		t.Errorf("%d answers are kept, want the young one", n)
	}
	if n := l.count(t, `SELECT count(*) FROM audit.entry WHERE name = 'audit.once.expire'`); n != 1 {
		t.Errorf("%d entries tell of it, want 1", n)
	}
}
