package calendar

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"datmui/kit/clock"
)

// slow is the obvious way: it walks minute by minute and asks of each whether anybody works.
type slow struct {
	week Week
	days map[Date]Day
}

func (s slow) spans(d Date) Spans {
	if x, ok := s.days[d]; ok {
		if x.Off() {
			return nil
		}
		return s.week[x.For.Weekday()]
	}
	return s.week[d.Weekday()]
}

func (s slow) works(t time.Time) bool {
	t = t.In(clock.Vietnam)
	m := t.Hour()*60 + t.Minute()
	for _, x := range s.spans(DateOf(t)) {
		if x.From <= m && m < x.To {
			return true
		}
	}
	return false
}

func (s slow) normal(t time.Time) time.Time {
	for !s.works(t) {
		t = t.Add(time.Minute)
	}
	return t
}

func (s slow) between(a, b time.Time) (n int) {
	for ; a.Before(b); a = a.Add(time.Minute) {
		if s.works(a) {
			n++
		}
	}
	return n
}

func (s slow) after(t time.Time, n int) time.Time {
	for t = s.normal(t); n > 0; t = t.Add(time.Minute) {
		if s.works(t) {
			n--
		}
	}
	return t
}

func (s slow) nextDay(d Date) Date {
	for d++; len(s.spans(d)) == 0; d++ {
	}
	return d
}

func (s slow) close(d Date) time.Time {
	x := s.spans(d)
	return d.At(x[len(x)-1].To)
}

func (s slow) onDay(d Date, clockTime time.Time) Due {
	t := clockTime.In(clock.Vietnam)
	carry := d.At(t.Hour()*60 + t.Minute())
	for !s.works(carry) && carry.Before(s.close(d)) {
		carry = carry.Add(time.Minute)
	}
	if carry.After(s.close(d)) {
		carry = s.close(d)
	}
	return Due{Carry: carry, EOD: s.close(d)}
}

func (s slow) term(received time.Time, l Limit) Due {
	if l.Unit == ClockHours {
		return Due{Carry: received.Add(time.Duration(l.N) * time.Hour)}
	}
	t := s.normal(received)
	d := DateOf(t)
	switch l.Unit {
	case WorkingHours:
		return Due{Carry: s.after(t, l.N*60)}
	case WorkingDays:
		for range l.N {
			d = s.nextDay(d)
		}
		return s.onDay(d, t)
	case CalendarDays:
		for d += Date(l.N); len(s.spans(d)) == 0; d++ {
		}
		return s.onDay(d, t)
	}
	if t.Hour() >= 15 {
		d = s.nextDay(d)
	}
	return Due{Carry: s.close(d), EOD: s.close(d)}
}

func (s slow) deadline(received time.Time, l Limit, after AfterPause, pauses []Pause) Due {
	due := s.term(received, l)
	for _, p := range pauses {
		move := func(t time.Time) time.Time {
			if t.IsZero() || p.From.After(t) {
				return t
			}
			if l.Unit == ClockHours {
				return p.To.Add(t.Sub(p.From))
			}
			t = s.after(p.To, s.between(p.From, t))
			if l.Unit == WorkingDays || l.Unit == CalendarDays {
				t = s.normal(t)
			}
			return t
		}
		again := Due{Carry: move(due.Carry), EOD: move(due.EOD)}
		if after == Restart {
			whole := s.term(p.To, l)
			if !p.From.After(due.Carry) {
				again.Carry = whole.Carry
			}
			if !due.EOD.IsZero() && !p.From.After(due.EOD) {
				again.EOD = whole.EOD
			}
		}
		due = again
	}
	return due
}

// a small world: some weeks of 2026 with hours and days that somebody might publish.
func drawWorld(t *rapid.T) (slow, *Calendar) {
	s := slow{days: map[Date]Day{}}
	for w := range 7 {
		from := rapid.IntRange(5, 9).Draw(t, "opens") * 60
		noon := rapid.IntRange(10, 12).Draw(t, "noon") * 60
		switch rapid.IntRange(0, 4).Draw(t, "shape") {
		case 0: // closed, but never the whole week
			if w == int(time.Wednesday) {
				s.week[w] = Spans{{from, noon}}
			}
		case 1:
			s.week[w] = Spans{{from, noon}}
		case 2:
			s.week[w] = Spans{{noon + 1, 24 * 60}}
		default:
			s.week[w] = Spans{{from, noon - 15}, {noon + 45, noon + 240}}
		}
	}
	start := NewDate(2026, time.January, 25)
	var days []Day
	for i := range 60 {
		d := start + Date(i)
		switch {
		case rapid.IntRange(0, 5).Draw(t, "day") > 0:
			continue
		case d.Weekday() == time.Saturday || d.Weekday() == time.Sunday:
			days = append(days, Day{Date: d, Kind: SwapWork, For: d + Date(rapid.IntRange(1, 9).Draw(t, "for"))})
		default:
			days = append(days, Day{Date: d, Kind: Statutory})
		}
		s.days[d] = days[len(days)-1]
	}
	c, err := Build(Rules{Hours: []Hours{{Week: s.week}}, Days: days})
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func drawTime(t *rapid.T, name string) time.Time {
	return NewDate(2026, time.January, 27).At(rapid.IntRange(0, 50*1440).Draw(t, name))
}

func TestAgainstTheSlowWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, c := drawWorld(t)
		a, b := drawTime(t, "a"), drawTime(t, "b")
		if got, err := c.Normalise(a); err != nil || !got.Equal(s.normal(a)) {
			t.Fatalf("normalise %s: %s (%v), want %s", a, got, err, s.normal(a))
		}
		if got, err := c.WorkingBetween(a, b); err != nil || got != s.between(a, b) {
			t.Fatalf("between %s and %s: %d (%v), want %d", a, b, got, err, s.between(a, b))
		}
		if c.Open(a) != s.works(a) {
			t.Fatalf("open at %s: %v", a, c.Open(a))
		}
		l := rapid.SampledFrom([]Limit{{1, WorkingDays}, {3, WorkingDays}, {12, WorkingDays}, {1, CalendarDays}, {15, CalendarDays},
			{1, WorkingHours}, {8, WorkingHours}, {33, WorkingHours}, {12, ClockHours}, {0, SameDay}}).Draw(t, "limit")
		after := rapid.SampledFrom([]AfterPause{Resume, Restart}).Draw(t, "after")
		var pauses []Pause
		for last := a; len(pauses) < rapid.IntRange(0, 3).Draw(t, "pauses"); {
			p := Pause{From: last.Add(time.Duration(rapid.IntRange(0, 4000).Draw(t, "run")) * time.Minute)}
			p.To = p.From.Add(time.Duration(rapid.IntRange(1, 4000).Draw(t, "stand")) * time.Minute)
			pauses, last = append(pauses, p), p.To
		}
		got, err := c.Deadline(a, l, after, pauses...)
		want := s.deadline(a, l, after, pauses)
		if err != nil || !got.Carry.Equal(want.Carry) || !got.EOD.Equal(want.EOD) {
			t.Fatalf("%s + %s, %s %v: got %v (%v), want %v", a, l, after, pauses, got, err, want)
		}
	})
}

// What must hold whatever the calendar: promises are kept in working time, never pass the legal
// maximum, and never come earlier for a later receipt. (In calendar days the later of two receipts
// may be promised an earlier hour of the same day, when both terms roll off the same days off.)
func TestPropertiesOfDueTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, c := drawWorld(t)
		a := drawTime(t, "a")
		b := a.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "later")) * time.Minute)
		l := Limit{rapid.IntRange(1, 30).Draw(t, "n"), rapid.SampledFrom([]Unit{WorkingDays, CalendarDays, WorkingHours}).Draw(t, "unit")}
		one, err1 := c.Add(a, l)
		two, err2 := c.Add(b, l)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if l.Unit == CalendarDays {
			one.Carry, two.Carry = DateOf(one.Carry).At(0), DateOf(two.Carry).At(0)
		}
		if two.Carry.Before(one.Carry) || two.EOD.Before(one.EOD) {
			t.Fatalf("%s from %s is %v, from the later %s it is %v", l, a, one, b, two)
		}
		if !one.EOD.IsZero() && one.Carry.After(one.EOD) {
			t.Fatalf("the promise %s passes the legal maximum %s", one.Carry, one.EOD)
		}
		if l.Unit == WorkingHours {
			if n, _ := c.WorkingBetween(a, one.Carry); n != l.N*60 {
				t.Fatalf("%d minutes of work in %s", n, l)
			}
		}
	})
}

func FuzzParseLimit(f *testing.F) {
	for _, s := range []string{"3wd", "15cd", "8wh", "12h", "same-day", "", "wd", "0wd", "-1h", "+3wd", "03wd", "99999999999999999999h", "3 wd", "3dw"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := ParseLimit(s)
		if err == nil && l.String() != s {
			t.Errorf("%q is read as %s", s, l)
		}
	})
}

func FuzzParseSpans(f *testing.F) {
	for _, s := range []string{"07:00-11:00,13:00-17:00", "", "00:00-24:00", "24:00-25:00", "07:00-07:00", "07:00-11:00,11:00-12:00", "7:00-8:00", "07:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		spans, err := ParseSpans(s)
		if err != nil {
			return
		}
		again, err := ParseSpans(spans.String())
		if err != nil || again.String() != spans.String() || again.Minutes() > 1440 {
			t.Errorf("%q is read as %s, and that as %s (%v)", s, spans, again, err)
		}
	})
}

func FuzzReadDays(f *testing.F) {
	f.Add(holidaysCSV[:1200])
	f.Add(strings.Join(columns, ",") + "\n2026-11-24,Tue,2026,culture,a,b,statutory,true,2026-10-16,,announced,,\n")
	f.Add(strings.Join(columns, ",") + "\n2026-11-24,Tue,2026,culture,a,b,swap_work,false,2026-10-16,2026-11-21,announced,,\n")
	f.Fuzz(func(t *testing.T, s string) {
		days, err := ReadDays(strings.NewReader(s))
		if err != nil {
			return
		}
		if _, err := Build(Rules{Days: days}); err != nil {
			t.Errorf("days that were read make no calendar: %v", err)
		}
	})
}
