package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"time"

	"datmui/kit/clock"
)

// The days a Calendar can speak about.
var (
	first = NewDate(2000, time.January, 1)
	end   = NewDate(2060, time.January, 1) // the first day outside
)

// Rules is the dated data a Calendar is made of.
type Rules struct {
	Hours []Hours // none means Usual
	Days  []Day
}

// Calendar answers every question about working time in steps that do not grow with the time
// asked about. It is a value that never changes: safe to share.
type Calendar struct {
	weeks   []Week   // of the hours, in order of time
	spans   []dayRef // per day since first: which spans hold
	minutes []int32  // per day: working minutes before it
	rank    []int32  // per day: working days before it
	working []int32  // the working days
	days    []Day    // the exceptions, by date
	years   map[int]bool
}

// dayRef points to a week and a weekday in it; week -1 is a day off.
type dayRef struct{ week, weekday int16 }

// Build makes a Calendar, or says what is wrong with the data.
func Build(r Rules) (*Calendar, error) {
	hours := sortHours(r.Hours)
	if len(hours) == 0 {
		hours = []Hours{{Week: Usual}}
	}
	c := &Calendar{years: map[int]bool{}, days: slices.Clone(r.Days)}
	for _, h := range hours {
		for _, s := range h.Week {
			if err := s.check(); err != nil {
				return nil, err
			}
		}
		c.weeks = append(c.weeks, h.Week)
	}
	slices.SortFunc(c.days, func(a, b Day) int { return cmp.Compare(a.Date, b.Date) })
	for i, d := range c.days {
		if err := d.check(); err != nil {
			return nil, err
		}
		if i > 0 && c.days[i-1].Date == d.Date {
			return nil, fmt.Errorf("%s stands twice", d.Date)
		}
		c.years[d.Date.Year()] = true
	}
	c.fill(hours)
	if len(c.working) == 0 {
		return nil, fmt.Errorf("the hours never open")
	}
	return c, nil
}

func (c *Calendar) fill(hours []Hours) {
	n := int(end - first)
	c.spans, c.minutes, c.rank = make([]dayRef, n), make([]int32, n+1), make([]int32, n+1)
	h, x := 0, 0
	for i := range n {
		d := first + Date(i)
		for h+1 < len(hours) && hours[h+1].From <= d {
			h++
		}
		ref := dayRef{int16(h), int16(d.Weekday())}
		if x < len(c.days) && c.days[x].Date == d {
			if day := c.days[x]; day.Off() {
				ref.week = -1
			} else {
				ref.weekday = int16(day.For.Weekday())
			}
			x++
		}
		c.spans[i] = ref
		m := c.open(i).Minutes()
		if m > 0 {
			c.working = append(c.working, int32(i))
		}
		c.minutes[i+1], c.rank[i+1] = c.minutes[i]+int32(m), int32(len(c.working))
	}
}

func (c *Calendar) open(i int) Spans {
	ref := c.spans[i]
	if ref.week < 0 {
		return nil
	}
	return c.weeks[ref.week][ref.weekday]
}

// Days are the exceptions of a year, by date.
func (c *Calendar) Days(year int) []Day {
	var out []Day
	for _, d := range c.days {
		if d.Date.Year() == year {
			out = append(out, d)
		}
	}
	return out
}

// Knows says whether the days of the year have been entered; in other years only the ordinary
// week is known.
func (c *Calendar) Knows(year int) bool { return c.years[year] }

// On is the opening of a day; none means that nobody works.
func (c *Calendar) On(d Date) Spans {
	if d < first || d >= end {
		return nil
	}
	return slices.Clone(c.open(int(d - first)))
}

// Open says whether work is going on at the moment t.
func (c *Calendar) Open(t time.Time) bool {
	p, err := c.place(t)
	return err == nil && slices.ContainsFunc(c.open(p.day), func(s Span) bool { return s.From <= p.minute && p.minute < s.To })
}

// Normalise moves a moment outside working time to the next opening; t within it stays.
// law: public-services.md 8.2 — before opening, at lunch, after close, on a day off.
func (c *Calendar) Normalise(t time.Time) (time.Time, error) {
	p, err := c.place(t)
	if err != nil {
		return time.Time{}, err
	}
	if p, err = c.normal(p); err != nil {
		return time.Time{}, err
	}
	return c.time(p), nil
}

// WorkingBetween is how much working time lies between a and b; none when b is not after a.
func (c *Calendar) WorkingBetween(a, b time.Time) (minutes int, err error) {
	p, err := c.place(a)
	if err != nil {
		return 0, err
	}
	q, err := c.place(b)
	if err != nil {
		return 0, err
	}
	return max(0, c.since(q)-c.since(p)), nil
}

// place is a moment as day and minute; seconds are dropped, for promises are made to the minute.
type place struct{ day, minute int }

// RangeError says that a moment lies outside the years a calendar can speak about.
type RangeError struct{ At string }

func (e RangeError) Error() string {
	return fmt.Sprintf("%s lies outside the calendar (%s to %s)", e.At, first, end-1)
}

func (c *Calendar) place(t time.Time) (place, error) {
	t = t.In(clock.Vietnam)
	d := DateOf(t)
	if t.Year() < 1970 || t.Year() > 2100 || d < first || d >= end {
		return place{}, RangeError{t.Format(time.DateOnly)}
	}
	return place{int(d - first), t.Hour()*60 + t.Minute()}, nil
}

func (c *Calendar) time(p place) time.Time { return (first + Date(p.day)).At(p.minute) }

// since counts the working minutes from the first day to p.
func (c *Calendar) since(p place) int {
	n := int(c.minutes[p.day])
	for _, s := range c.open(p.day) {
		n += max(0, min(p.minute, s.To)-s.From)
	}
	return n
}

func (c *Calendar) normal(p place) (place, error) {
	for _, s := range c.open(p.day) {
		if p.minute < s.To {
			return place{p.day, max(p.minute, s.From)}, nil
		}
	}
	return c.opening(int(c.rank[p.day+1]))
}

// opening is the start of the n-th working day, counted from 0.
func (c *Calendar) opening(n int) (place, error) {
	if n >= len(c.working) {
		return place{}, RangeError{"the end of the term"}
	}
	day := int(c.working[n])
	return place{day, c.open(day)[0].From}, nil
}

// closing is the end of work on the day.
func (c *Calendar) closing(day int) place {
	s := c.open(day)
	return place{day, s[len(s)-1].To}
}

// after is n working minutes after p; landing on a closing stays there, n = 0 opens.
func (c *Calendar) after(p place, n int) (place, error) {
	p, err := c.normal(p)
	if err != nil || n <= 0 {
		return p, err
	}
	target := c.since(p) + n
	if target > int(c.minutes[len(c.minutes)-1]) {
		return place{}, RangeError{"the end of the term"}
	}
	i := sort.Search(len(c.working), func(i int) bool { return int(c.minutes[c.working[i]+1]) >= target })
	day := int(c.working[i])
	left := target - int(c.minutes[day])
	for _, s := range c.open(day) {
		if w := s.To - s.From; left > w {
			left -= w
			continue
		}
		return place{day, s.From + left}, nil
	}
	panic("calendar: the sums of the day do not add up")
}
