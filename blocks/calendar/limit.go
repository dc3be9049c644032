package calendar

import (
	"fmt"
	"strconv"
	"strings"
)

// Unit is what a time limit is counted in.
type Unit string

// The units. law: public-services.md 8.1 — "ngày" without "làm việc" is a calendar day.
const (
	WorkingDays  Unit = "wd"
	CalendarDays Unit = "cd"
	WorkingHours Unit = "wh"
	ClockHours   Unit = "h"
	SameDay      Unit = "same-day" // law: public-services.md 8.2 — before 15:00 the same day, else the next
)

// Limit is a time limit as a procedure states it.
type Limit struct {
	N    int // 0 for SameDay
	Unit Unit
}

// longest keeps a slip of the keyboard from becoming a term of decades.
var longest = map[Unit]int{WorkingDays: 2500, CalendarDays: 3650, WorkingHours: 20000, ClockHours: 87600}

// ParseLimit reads 3wd, 15cd, 8wh, 12h or same-day.
func ParseLimit(s string) (Limit, error) {
	if s == string(SameDay) {
		return Limit{Unit: SameDay}, nil
	}
	num := strings.TrimRight(s, "wdch")
	l := Limit{Unit: Unit(s[len(num):])}
	most, ok := longest[l.Unit]
	if ok {
		var err error
		l.N, err = strconv.Atoi(num)
		ok = err == nil && l.N > 0 && strconv.Itoa(l.N) == num
	}
	if !ok {
		return Limit{}, fmt.Errorf("%q is no limit like 3wd, 15cd, 8wh, 12h or same-day", s)
	}
	if l.N > most {
		return Limit{}, fmt.Errorf("%s is longer than the longest limit, %d%s", s, most, l.Unit)
	}
	return l, nil
}

// String writes the limit as ParseLimit reads it.
func (l Limit) String() string {
	if l.Unit == SameDay {
		return string(SameDay)
	}
	return strconv.Itoa(l.N) + string(l.Unit)
}

func (l Limit) check() error {
	_, err := ParseLimit(l.String())
	return err
}

// MarshalText lets a limit stand in JSON and in a column as its short form.
func (l Limit) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads the short form.
func (l *Limit) UnmarshalText(b []byte) (err error) {
	*l, err = ParseLimit(string(b))
	return err
}
