// Package clock tells the time, and lets a test or a demonstration tell another.
package clock

import (
	"sync"
	"time"
	_ "time/tzdata" // Asia/Ho_Chi_Minh must be there on every machine
)

// Clock tells the time now, in UTC.
type Clock interface{ Now() time.Time }

// Vietnam is the zone in which people here read a clock.
var Vietnam = mustLoad("Asia/Ho_Chi_Minh")

func mustLoad(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return l
}

// Day is the day of a moment in Vietnam, as in 2026-11-28.
func Day(t time.Time) string { return t.In(Vietnam).Format(time.DateOnly) }

// DayOf is Day of a moment that may be missing.
func DayOf(t *time.Time) *string {
	if t == nil {
		return nil
	}
	s := Day(*t)
	return &s
}

// Later is the later of two moments.
func Later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// System is the machine's clock.
type System struct{}

func (System) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Fake stands still until moved. It is safe for concurrent use.
type Fake struct {
	mu sync.Mutex
	t  time.Time
}

// At returns a clock that stands at t.
func At(t time.Time) *Fake { return &Fake{t: t.UTC()} }

func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.t
}

// Set moves the clock to t.
func (f *Fake) Set(t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.t = t.UTC()
}

// Advance moves the clock on by d.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.t = f.t.Add(d)
}
