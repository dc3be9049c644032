package calendar

import (
	"slices"
	"time"
)

// fixed holidays by the civil calendar, with the first year in which they were given.
var fixed = []struct {
	holiday string
	month   time.Month
	day     int
	since   Date
}{
	{"new-year", time.January, 1, 0},
	{"reunification", time.April, 30, 0},
	{"labour", time.May, 1, 0},
	{"national", time.September, 2, 0},
	{"culture", time.November, 24, NewDate(2026, time.July, 1)},
}

const ruleOfLaw = "rule of Labour Code 2019 art. 111-112"

// Propose works out the days of a year that the law gives without an announcement: the holidays
// and the days given for those that fall on the weekend. Which days around Tết and which day
// beside 2 September are taken is announced each year; here two before and three from the new
// year, and the neighbour that makes the longer rest. Nothing of it counts until an authorised
// person has published the year.
// law: public-services.md 9 — Labour Code 2019 art. 111(3), 112; Resolution 28/2026/QH16.
func Propose(year int) []Day {
	var out []Day
	add := func(holiday string, kind Kind, d, standsFor Date) {
		out = append(out, Day{Date: d, Holiday: holiday, Kind: kind, For: standsFor, Status: "computed", Basis: ruleOfLaw})
	}
	for _, f := range fixed {
		if d := NewDate(year, f.month, f.day); d >= f.since {
			add(f.holiday, Statutory, d, 0)
		}
	}
	if year >= 2021 { // the second day of National Day came with the Code of 2019
		second := NewDate(year, time.September, 2)
		if w := second.Weekday(); w == time.Sunday || w == time.Tuesday || w == time.Wednesday {
			add("national", Statutory, second-1, 0)
		} else {
			add("national", Statutory, second+1, 0)
		}
	}
	for d := Hanoi.Tet(year) - 2; d < Hanoi.Tet(year)+3; d++ {
		add("tet", Statutory, d, 0)
	}
	add("hung-kings", Statutory, Hanoi.HungKings(year), 0)
	byDate := func(a, b Day) int { return int(a.Date - b.Date) }
	slices.SortFunc(out, byDate)

	taken := map[Date]bool{}
	for _, d := range out {
		taken[d.Date] = true
	}
	for _, d := range out[:len(out):len(out)] {
		if w := d.Date.Weekday(); w != time.Saturday && w != time.Sunday {
			continue
		}
		given := d.Date + 1
		for taken[given] || given.Weekday() == time.Saturday || given.Weekday() == time.Sunday {
			given++
		}
		taken[given] = true
		add(d.Holiday, Compensatory, given, d.Date)
	}
	slices.SortFunc(out, byDate)
	return out
}
