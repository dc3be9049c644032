package calendar

import (
	"fmt"
	"testing"
	"time"

	"datmui/kit/clock"
)

func at(t testing.TB, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	v, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Vietnam)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func shipped(t testing.TB) *Calendar {
	t.Helper()
	c, err := Build(Rules{Days: Shipped()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// law: public-services.md 18.1 — the worked examples by number. Where the table gives no EOD
// after a pause (E17, E21) it is the one that its rule gives.
func TestWorkedDeadlines(t *testing.T) {
	c := shipped(t)
	for _, tt := range []struct {
		id, received, limit string
		pause               string
		after               AfterPause
		carry, eod          string
	}{
		{"E1", "2026-09-07 09:15", "3wd", "", "", "2026-09-10 09:15", "2026-09-10 17:00"},
		{"E2", "2026-09-11 16:30", "1wd", "", "", "2026-09-14 16:30", "2026-09-14 17:00"},
		{"E3", "2026-09-11 17:20", "3wd", "", "", "2026-09-17 07:00", "2026-09-17 17:00"},
		{"E4", "2026-09-15 11:40", "4wh", "", "", "2026-09-15 17:00", ""},
		{"E5", "2026-11-19 15:00", "8wh", "", "", "2026-11-20 15:00", ""},
		{"E6", "2026-11-23 10:00", "2wd", "", "", "2026-11-26 10:00", "2026-11-26 17:00"},
		{"E7", "2026-08-28 08:00", "3wd", "", "", "2026-09-07 08:00", "2026-09-07 17:00"},
		{"E8", "2026-08-20 14:00", "2wd", "", "", "2026-08-22 14:00", "2026-08-22 17:00"},
		{"E9", "2026-02-12 09:00", "5wd", "", "", "2026-02-26 09:00", "2026-02-26 17:00"},
		{"E10", "2026-04-24 10:00", "3wd", "", "", "2026-05-04 10:00", "2026-05-04 17:00"},
		{"E11", "2026-11-25 14:59", "same-day", "", "", "2026-11-25 17:00", "2026-11-25 17:00"},
		{"E12", "2026-11-27 15:05", "same-day", "", "", "2026-11-30 17:00", "2026-11-30 17:00"},
		{"E13", "2026-11-23 15:30", "same-day", "", "", "2026-11-25 17:00", "2026-11-25 17:00"},
		{"E14", "2026-08-17 10:00", "15cd", "", "", "2026-09-03 10:00", "2026-09-03 17:00"},
		{"E15 before", "2026-10-05 08:00", "7wd", "", "", "2026-10-14 08:00", "2026-10-14 17:00"},
		{"E15", "2026-10-05 08:00", "7wd", "2026-10-08 10:00/2026-10-20 15:00", Resume, "2026-10-26 13:00", "2026-10-27 10:00"},
		{"E16", "2026-10-05 08:00", "7wd", "2026-10-08 10:00/2026-10-20 15:00", Restart, "2026-10-29 15:00", "2026-10-29 17:00"},
		{"E17 before", "2026-11-02 07:30", "10wd", "", "", "2026-11-16 07:30", "2026-11-16 17:00"},
		{"E17", "2026-11-02 07:30", "10wd", "2026-11-12 09:00/2026-11-20 14:00", Resume, "2026-11-25 10:30", "2026-11-26 10:00"},
		{"E18", "2026-09-11 16:00", "2wh", "", "", "2026-09-14 08:00", ""},
		{"E19", "2026-11-21 20:00", "8wh", "", "", "2026-11-23 17:00", ""},
		{"E20", "2026-10-02 09:00", "15cd", "", "", "2026-10-19 09:00", "2026-10-19 17:00"},
		{"E21 before", "2026-11-16 13:30", "5wd", "", "", "2026-11-23 13:30", "2026-11-23 17:00"},
		{"E21", "2026-11-16 13:30", "5wd", "2026-11-20 17:40/2026-11-23 16:00", Resume, "2026-11-25 10:30", "2026-11-25 16:00"},
		{"E22", "2026-01-08 10:00", "2wd", "", "", "2026-01-10 10:00", "2026-01-10 17:00"},
		{"A32 dispatch", "2026-09-07 16:00", "2h", "", "", "2026-09-07 18:00", ""},
		{"A33 dispatch", "2026-09-12 09:00", "12h", "", "", "2026-09-12 21:00", ""},
		{"A33 answer", "2026-09-12 09:00", "24h", "", "", "2026-09-13 09:00", ""},
	} {
		t.Run(tt.id, func(t *testing.T) {
			l, err := ParseLimit(tt.limit)
			if err != nil {
				t.Fatal(err)
			}
			var pauses []Pause
			if tt.pause != "" {
				pauses = []Pause{{at(t, tt.pause[:16]), at(t, tt.pause[17:])}}
			}
			if tt.after == "" {
				tt.after = Resume
			}
			got, err := c.Deadline(at(t, tt.received), l, tt.after, pauses...)
			if err != nil {
				t.Fatal(err)
			}
			if want := (Due{Carry: at(t, tt.carry), EOD: at(t, tt.eod)}); got != want {
				t.Errorf("due %v / %v, want %v / %v", got.Carry, got.EOD, want.Carry, want.EOD)
			}
		})
	}
}

func TestWithoutTheSwap(t *testing.T) { // E8, second half
	var days []Day
	for _, d := range Shipped() {
		if d.Kind != SwapWork {
			days = append(days, d)
		}
	}
	c, err := Build(Rules{Days: days})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Add(at(t, "2026-08-20 14:00"), Limit{2, WorkingDays})
	if err != nil || got.Carry != at(t, "2026-08-24 14:00") {
		t.Errorf("due %v, %v", got, err)
	}
}

func TestWorkLeftAtAPause(t *testing.T) {
	c := shipped(t)
	for _, tt := range []struct {
		from, due string
		minutes   int
	}{
		{"2026-10-08 10:00", "2026-10-14 08:00", 30 * 60},    // E15
		{"2026-10-08 10:00", "2026-10-14 17:00", 37 * 60},    // E15 by EOD
		{"2026-11-12 09:00", "2026-11-16 07:30", 14*60 + 30}, // E17
		{"2026-11-20 17:40", "2026-11-23 13:30", 4*60 + 30},  // E21
		{"2026-11-23 13:30", "2026-11-20 17:40", 0},          // backwards
		{"2026-11-24 08:00", "2026-11-24 16:00", 0},          // a holiday
		{"2026-08-22 06:00", "2026-08-22 20:00", 8 * 60},     // a Saturday worked in exchange
		{"2000-01-01 00:00", "2000-01-10 00:00", 5 * 8 * 60}, // only the ordinary week is known
	} {
		got, err := c.WorkingBetween(at(t, tt.from), at(t, tt.due))
		if err != nil || got != tt.minutes {
			t.Errorf("%s to %s: %d minutes (%v), want %d", tt.from, tt.due, got, err, tt.minutes)
		}
	}
}

// Wherever a pause begins before the promise, as much working time is left after it as was before
// it: within the limit, where it moves the first promise too, and within the days of an extension.
func TestPromiseKeepsWhatWasLeft(t *testing.T) {
	c := shipped(t)
	term := Term{Received: at(t, "2026-11-16 08:06"), Limit: Limit{3, WorkingDays}, Extended: 4}
	firstBefore, before, err := c.Promise(term)
	if err != nil {
		t.Fatal(err)
	}
	for from, moves := range map[string]bool{"2026-11-17 09:30": true, "2026-11-20 10:00": false, "2026-11-21 12:00": false} {
		p := Pause{at(t, from), at(t, "2027-01-12 20:00")}
		paused := term
		paused.Pauses = []Pause{p}
		first, due, err := c.Promise(paused)
		if err != nil {
			t.Fatal(err)
		}
		if first.Carry.After(firstBefore.Carry) != moves {
			t.Errorf("from %s: the first promise is %s, it was %s", from, first.Carry, firstBefore.Carry)
		}
		left, err := c.WorkingBetween(p.From, before.Carry)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.WorkingBetween(p.To, due.Carry); err != nil || got != left || left == 0 {
			t.Errorf("from %s: %d working minutes are left, want %d (%v)", from, got, left, err)
		}
	}
}

func TestPauses(t *testing.T) {
	c := shipped(t)
	received, limit := at(t, "2026-10-05 08:00"), Limit{7, WorkingDays} // due Wed 14 October 08:00 / 17:00
	p := func(from, to string) Pause { return Pause{at(t, from), at(t, to)} }
	for name, tt := range map[string]struct {
		pauses     []Pause
		after      AfterPause
		carry, eod string
		left       int
		fails      bool
	}{
		"two pauses add up": {pauses: []Pause{p("2026-10-08 10:00", "2026-10-09 10:00"), p("2026-10-12 08:00", "2026-10-13 08:00")},
			carry: "2026-10-16 08:00", eod: "2026-10-19 07:00"},
		"late when paused stays late": {pauses: []Pause{p("2026-10-15 10:00", "2026-10-20 15:00")},
			carry: "2026-10-14 08:00", eod: "2026-10-14 17:00"},
		"late when paused stays late, restarting": {pauses: []Pause{p("2026-10-15 10:00", "2026-10-20 15:00")}, after: Restart,
			carry: "2026-10-14 08:00", eod: "2026-10-14 17:00"},
		"promise broken, legal maximum not": {pauses: []Pause{p("2026-10-14 10:00", "2026-10-15 10:00")},
			carry: "2026-10-14 08:00", eod: "2026-10-16 07:00"},
		"paused in the minute it was due": {pauses: []Pause{p("2026-10-14 08:00", "2026-10-20 17:30")},
			carry: "2026-10-21 07:00", eod: "2026-10-21 16:00"},
		"open":             {pauses: []Pause{p("2026-10-08 10:00", "")}, left: 30 * 60},
		"open after late":  {pauses: []Pause{p("2026-10-19 10:00", "")}, carry: "2026-10-14 08:00", eod: "2026-10-14 17:00"},
		"ends before":      {pauses: []Pause{p("2026-10-08 10:00", "2026-10-08 09:00")}, fails: true},
		"before receipt":   {pauses: []Pause{p("2026-10-05 07:59", "2026-10-08 09:00")}, fails: true},
		"overlapping":      {pauses: []Pause{p("2026-10-06 10:00", "2026-10-08 09:00"), p("2026-10-07 10:00", "2026-10-09 09:00")}, fails: true},
		"open in between":  {pauses: []Pause{p("2026-10-06 10:00", ""), p("2026-10-07 10:00", "2026-10-09 09:00")}, fails: true},
		"unknown way on":   {after: "reverse", fails: true},
		"nothing to pause": {carry: "2026-10-14 08:00", eod: "2026-10-14 17:00"},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.after == "" {
				tt.after = Resume
			}
			got, err := c.Deadline(received, limit, tt.after, tt.pauses...)
			if tt.fails != (err != nil) {
				t.Fatalf("error %v", err)
			}
			if want := (Due{at(t, tt.carry), at(t, tt.eod), tt.left, tt.left > 0}); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestHoursByWeekday(t *testing.T) {
	week := Weekdays(Spans{{450, 690}, {810, 990}}) // 07:30-11:30, 13:30-16:30
	week[time.Friday] = Spans{{450, 690}}
	week[time.Saturday] = Spans{{480, 660}}
	c, err := Build(Rules{Hours: []Hours{{From: NewDate(2026, time.October, 1), Week: week}, {Week: Usual}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ received, limit, carry, eod string }{
		{"2026-10-08 16:00", "1wd", "2026-10-09 11:30", "2026-10-09 11:30"},      // never beyond the shorter day
		{"2026-10-07 11:30", "1wd", "2026-10-08 13:30", "2026-10-08 16:30"},      // lunch begins: afternoon
		{"2026-10-08 16:00", "2wd", "2026-10-10 11:00", "2026-10-10 11:00"},      // Saturday counts here
		{"2026-10-09 09:30", "3wh", "2026-10-10 09:00", ""},                      // Friday has two hours left
		{"2026-09-30 16:30", "1wd", "2026-10-01 16:30", "2026-10-01 16:30"},      // the new hours begin
		{"2026-10-09 10:00", "same-day", "2026-10-09 11:30", "2026-10-09 11:30"}, // closes at noon
		{"2026-10-09 12:00", "same-day", "2026-10-10 11:00", "2026-10-10 11:00"},
	} {
		l, _ := ParseLimit(tt.limit)
		got, err := c.Add(at(t, tt.received), l)
		if want := (Due{Carry: at(t, tt.carry), EOD: at(t, tt.eod)}); err != nil || got != want {
			t.Errorf("%s + %s = %v (%v), want %v", tt.received, tt.limit, got, err, want)
		}
	}
}

func TestTimingOf(t *testing.T) {
	due := at(t, "2026-09-10 09:15")
	for finished, want := range map[string]Timing{
		"2026-09-09 17:00": Early, "2026-09-10 00:00": OnTime, "2026-09-10 09:15": OnTime,
		"2026-09-10 09:16": Late, "2026-09-11 07:00": Late,
	} {
		if got := TimingOf(due, at(t, finished)); got != want {
			t.Errorf("finished %s: %s, want %s", finished, got, want)
		}
	}
	if got := TimingOf(due, due.Add(59*time.Second)); got != OnTime {
		t.Errorf("within the minute: %s", got)
	}
}

func TestOutsideTheYears(t *testing.T) {
	c := shipped(t)
	for _, tt := range []struct {
		received time.Time
		limit    Limit
	}{
		{time.Date(1999, 12, 31, 23, 0, 0, 0, clock.Vietnam), Limit{1, WorkingDays}},
		{time.Date(292277026596, 1, 1, 0, 0, 0, 0, time.UTC), Limit{1, WorkingDays}},
		{at(t, "2059-12-31 16:00"), Limit{1, WorkingDays}},
		{at(t, "2059-12-31 16:00"), Limit{9, WorkingHours}},
		{at(t, "2059-12-30 16:00"), Limit{48, ClockHours}},
		{at(t, "2059-12-30 16:00"), Limit{2, CalendarDays}},
		{at(t, "2059-12-31 17:00"), Limit{Unit: SameDay}},
		{at(t, "2026-01-05 08:00"), Limit{0, WorkingDays}},
		{at(t, "2026-01-05 08:00"), Limit{-1, WorkingHours}},
		{at(t, "2026-01-05 08:00"), Limit{3, "weeks"}},
	} {
		if got, err := c.Add(tt.received, tt.limit); err == nil {
			t.Errorf("%s + %v = %v, want an error", tt.received, tt.limit, got)
		}
	}
}

func BenchmarkDeadline(b *testing.B) {
	c := shipped(b)
	received, pause := at(b, "2026-10-05 08:00"), Pause{at(b, "2026-10-08 10:00"), at(b, "2026-10-20 15:00")}
	for b.Loop() {
		if _, err := c.Deadline(received, Limit{700, WorkingDays}, Resume, pause); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleCalendar_Add() {
	c, _ := Build(Rules{Days: Shipped()})
	due, _ := c.Add(time.Date(2026, 9, 7, 9, 15, 0, 0, clock.Vietnam), Limit{3, WorkingDays})
	fmt.Println(due.Carry.Format(time.RFC3339), due.EOD.Format(time.RFC3339))
	// Output: 2026-09-10T09:15:00+07:00 2026-09-10T17:00:00+07:00
}
