package calendar

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"datmui/kit/clock"
)

// Date is a civil day of the local calendar: the number of days since 1970-01-01. Zero means none.
type Date int32

// DateOf is the day on which t falls in Vietnam.
func DateOf(t time.Time) Date {
	y, m, d := t.In(clock.Vietnam).Date()
	return NewDate(y, m, d)
}

// NewDate is the day of a year, month and day; days beyond the month's end run on.
func NewDate(y int, m time.Month, d int) Date {
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDate reads 2026-11-24.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("%q is no date like 2026-11-24", s)
	}
	return NewDate(t.Date()), nil
}

// UTC is midnight of the day in UTC, for printing and storing.
func (d Date) UTC() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// At is the moment on this day in Vietnam, minutes after midnight.
func (d Date) At(minute int) time.Time {
	y, m, day := d.UTC().Date()
	return time.Date(y, m, day, 0, minute, 0, 0, clock.Vietnam)
}

// Year is the civil year of the day.
func (d Date) Year() int { return d.UTC().Year() }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.UTC().Weekday() }

// String writes 2026-11-24.
func (d Date) String() string { return d.UTC().Format(time.DateOnly) }

// ScanDate reads a date column; NULL becomes zero.
func (d *Date) ScanDate(v pgtype.Date) error {
	if !v.Valid {
		*d = 0
		return nil
	}
	*d = NewDate(v.Time.Date())
	return nil
}

// DateValue writes a date column; zero becomes NULL.
func (d Date) DateValue() (pgtype.Date, error) {
	return pgtype.Date{Time: d.UTC(), Valid: d != 0}, nil
}
