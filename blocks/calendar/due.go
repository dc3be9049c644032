package calendar

import (
	"errors"
	"fmt"
	"time"

	"datmui/kit/clock"
)

// Due is until when an answer is owed.
type Due struct {
	Carry time.Time // the promise: the same time of day on the last day; zero while the clock is stopped
	EOD   time.Time // the legal maximum: close of business of that day; zero for hours or while stopped

	// Where an open pause has stopped the clock, how much working time was left to the promise
	// (clock minutes for a limit in clock hours); otherwise 0.
	Left int
	// Stopped says that an open pause has stopped the clock before the promise was broken.
	Stopped bool
}

// AfterPause says how the clock goes on when a pause ends.
type AfterPause string

// law: public-services.md 8.5 — RESUME by default; RESTART only where the procedure says so.
const (
	Resume  AfterPause = "resume"  // what was left when it stopped
	Restart AfterPause = "restart" // the whole limit again
)

// Pause is a stretch in which the clock stands: from the request to its answer.
type Pause struct {
	From time.Time
	To   time.Time // zero while nobody has answered
}

// Add is the due time of a dossier that was never paused.
func (c *Calendar) Add(received time.Time, l Limit) (Due, error) {
	return c.Deadline(received, l, Resume)
}

// Deadline is the due time of a dossier with its pauses, in order of time. A pause that began
// after a due time had passed does not move it: what is late stays late.
func (c *Calendar) Deadline(received time.Time, l Limit, after AfterPause, pauses ...Pause) (Due, error) {
	if err := l.check(); err != nil {
		return Due{}, err
	}
	if after != Resume && after != Restart {
		return Due{}, fmt.Errorf("after a pause the clock can resume or restart, not %q", after)
	}
	if err := checkPauses(received, pauses); err != nil {
		return Due{}, err
	}
	due, err := c.term(received, l)
	if err != nil {
		return Due{}, err
	}
	for _, p := range pauses {
		if due, err = c.pause(due, p, l, after); err != nil {
			return Due{}, err
		}
	}
	return due, nil
}

func checkPauses(received time.Time, pauses []Pause) error {
	last := received
	for i, p := range pauses {
		if p.From.Before(last) {
			return errors.New("a pause begins before the receipt or before the pause before it has ended")
		}
		if p.To.IsZero() {
			if i < len(pauses)-1 {
				return errors.New("only the last pause can be open")
			}
			return nil
		}
		if !p.To.After(p.From) {
			return errors.New("a pause ends before it has begun")
		}
		last = p.To
	}
	return nil
}

// term is the whole limit from a moment of receipt.
func (c *Calendar) term(received time.Time, l Limit) (Due, error) {
	p, err := c.place(received)
	if err != nil {
		return Due{}, err
	}
	if l.Unit == ClockHours {
		t := c.time(p).Add(time.Duration(l.N) * time.Hour)
		_, err := c.place(t)
		return Due{Carry: t}, err
	}
	if p, err = c.normal(p); err != nil {
		return Due{}, err
	}
	switch l.Unit {
	case WorkingHours:
		p, err = c.after(p, l.N*60)
		return Due{Carry: c.time(p)}, err
	case WorkingDays:
		n := int(c.rank[p.day]) + l.N
		q, err := c.opening(n)
		if err != nil {
			return Due{}, err
		}
		return c.carry(q.day, p.minute), nil
	case CalendarDays:
		if p.day+l.N >= len(c.spans) {
			return Due{}, RangeError{"the end of the term"}
		}
		q, err := c.opening(int(c.rank[p.day+l.N])) // forward off days off
		if err != nil {
			return Due{}, err
		}
		return c.carry(q.day, p.minute), nil
	default: // SameDay
		if p.minute >= sameDayUntil {
			if p, err = c.opening(int(c.rank[p.day+1])); err != nil {
				return Due{}, err
			}
		}
		t := c.time(c.closing(p.day))
		return Due{Carry: t, EOD: t}, nil
	}
}

// sameDayUntil is the hour from which a same-day procedure may end on the next working day.
// law: public-services.md 8.2 — accepted before 15:00.
const sameDayUntil = 15 * 60

// carry promises the time of day on a working day, pushed into its hours: at lunch to the
// afternoon, after close to the close, so that the promise never passes the legal maximum.
func (c *Calendar) carry(day, minute int) Due {
	shut := c.closing(day)
	at := shut
	for _, s := range c.open(day) {
		if minute < s.To {
			at = place{day, max(minute, s.From)}
			break
		}
	}
	return Due{Carry: c.time(at), EOD: c.time(shut)}
}

func (c *Calendar) pause(due Due, p Pause, l Limit, after AfterPause) (Due, error) {
	if p.To.IsZero() {
		return c.stop(due, p.From, l)
	}
	var again Due
	var err error
	if after == Restart {
		if again, err = c.term(p.To, l); err != nil {
			return Due{}, err
		}
	} else {
		if again.Carry, err = c.resume(due.Carry, p, l); err != nil {
			return Due{}, err
		}
		if !due.EOD.IsZero() {
			if again.EOD, err = c.resume(due.EOD, p, l); err != nil {
				return Due{}, err
			}
		}
	}
	from := p.From.Truncate(time.Minute)
	if from.After(due.Carry) {
		again.Carry = due.Carry
	}
	if from.After(due.EOD) {
		again.EOD = due.EOD
	}
	return again, nil
}

// resume adds what was left when the pause began to the moment when it ended.
func (c *Calendar) resume(due time.Time, p Pause, l Limit) (time.Time, error) {
	if l.Unit == ClockHours {
		from, to := p.From.Truncate(time.Minute), p.To.Truncate(time.Minute)
		t := to.Add(max(0, due.Sub(from))).In(clock.Vietnam)
		_, err := c.place(t)
		return t, err
	}
	left, err := c.WorkingBetween(p.From, due)
	if err != nil {
		return time.Time{}, err
	}
	at, err := c.place(p.To)
	if err != nil {
		return time.Time{}, err
	}
	if at, err = c.after(at, left); err != nil {
		return time.Time{}, err
	}
	// law: public-services.md 8.2 — day limits that land on closing or lunch after a resume move
	// to the next opening; hours stay, and so does a same-day term, which ends at a closing.
	if l.Unit == WorkingDays || l.Unit == CalendarDays {
		if at, err = c.normal(at); err != nil {
			return time.Time{}, err
		}
	}
	return c.time(at), nil
}

// stop is what is known while the clock stands.
func (c *Calendar) stop(due Due, from time.Time, l Limit) (Due, error) {
	from = from.Truncate(time.Minute)
	if from.After(due.Carry) {
		if from.After(due.EOD) {
			return due, nil
		}
		return Due{Carry: due.Carry}, nil
	}
	left := int(due.Carry.Sub(from) / time.Minute)
	if l.Unit != ClockHours {
		var err error
		if left, err = c.WorkingBetween(from, due.Carry); err != nil {
			return Due{}, err
		}
	}
	return Due{Stopped: true, Left: left}, nil
}

// Timing says how a finished dossier stands to its due time.
type Timing string

// law: public-services.md 8.4 — early is before the due day, on time is on that day up to the
// due time, late is after it.
const (
	Early  Timing = "early"
	OnTime Timing = "on-time"
	Late   Timing = "late"
)

// TimingOf judges a finish against a due time; use the promise or the legal maximum as due,
// and the same one everywhere. Seconds do not count: the promise is made to the minute.
func TimingOf(due, finished time.Time) Timing {
	finished = finished.Truncate(time.Minute)
	switch {
	case finished.After(due):
		return Late
	case DateOf(finished) < DateOf(due):
		return Early
	default:
		return OnTime
	}
}
