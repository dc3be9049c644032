package calendar

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kind says why a day differs from its weekday.
type Kind string

// The kinds of days.
const (
	Statutory    Kind = "statutory"    // a holiday by law
	Compensatory Kind = "compensatory" // off for a holiday that fell on the weekend
	SwapOff      Kind = "swap_off"     // off in exchange for another day worked
	SwapWork     Kind = "swap_work"    // worked in exchange, with the hours of the day it stands for
)

// Kinds lists the kinds in the order in which they are offered.
var Kinds = []Kind{Statutory, Compensatory, SwapOff, SwapWork}

// Day is one dated exception from the ordinary week.
type Day struct {
	Date    Date
	Holiday string // what it is for: new-year tet hung-kings reunification labour national culture, or other
	Kind    Kind
	For     Date   // the day it stands for; zero for a statutory day
	Status  string // announced, or computed when no announcement was there yet
	Basis   string // where it is written
	Note    string
}

// Off says whether nobody works on the day.
func (d Day) Off() bool { return d.Kind != SwapWork }

func (d Day) check() error {
	if !slices.Contains(Kinds, d.Kind) {
		return fmt.Errorf("%s: unknown kind %q", d.Date, d.Kind)
	}
	if d.Date < first || d.Date >= end {
		return fmt.Errorf("%s: outside %s to %s", d.Date, first, end-1)
	}
	if d.Kind != Statutory && d.For == 0 {
		return fmt.Errorf("%s: a %s day must say which day it stands for", d.Date, d.Kind)
	}
	if d.Kind == SwapWork && d.Date.Weekday() != time.Saturday && d.Date.Weekday() != time.Sunday {
		return fmt.Errorf("%s: only a day of the weekend can be worked in exchange", d.Date)
	}
	return nil
}

//go:embed data/holidays.csv
var holidaysCSV string

// Shipped are the days of 2020 to 2027 that come with the program.
var Shipped = sync.OnceValue(func() []Day {
	days, err := ReadDays(strings.NewReader(holidaysCSV))
	if err != nil {
		panic("calendar: the shipped holidays: " + err.Error())
	}
	return days
})

var columns = []string{"date", "weekday", "year", "holiday", "name_vi", "name_en", "kind", "day_off",
	"lunar_date", "for_date", "status", "basis", "note"}

// ReadDays reads a file of days in the form of data/holidays.csv. The columns weekday, day_off
// and lunar_date are worked out anew and must agree: a slip in any of them is caught.
func ReadDays(r io.Reader) ([]Day, error) {
	c := csv.NewReader(r)
	c.FieldsPerRecord = len(columns)
	head, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	if !slices.Equal(head, columns) {
		return nil, fmt.Errorf("the header must be %s", strings.Join(columns, ","))
	}
	var out []Day
	seen := map[Date]bool{}
	for {
		rec, err := c.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		d, err := readDay(rec)
		if err == nil && seen[d.Date] {
			err = fmt.Errorf("%s stands twice", d.Date)
		}
		if err != nil {
			line, _ := c.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		seen[d.Date] = true
		out = append(out, d)
	}
}

func readDay(rec []string) (Day, error) {
	date, err := ParseDate(rec[0])
	if err != nil {
		return Day{}, err
	}
	d := Day{Date: date, Holiday: rec[3], Kind: Kind(rec[6]), Status: rec[10], Basis: rec[11], Note: rec[12]}
	if rec[9] != "" {
		if d.For, err = ParseDate(rec[9]); err != nil {
			return Day{}, err
		}
	}
	if err := d.check(); err != nil {
		return Day{}, err
	}
	if want := date.Weekday().String()[:3]; rec[1] != want {
		return Day{}, fmt.Errorf("%s is a %s, not a %s", date, want, rec[1])
	}
	if want := fmt.Sprint(d.Off()); rec[7] != want {
		return Day{}, fmt.Errorf("%s: day_off must be %s for kind %s", date, want, d.Kind)
	}
	if want := Hanoi.Lunar(date).ISO(); rec[8] != want {
		return Day{}, fmt.Errorf("%s is lunar %s, not %s", date, want, rec[8])
	}
	return d, nil
}
