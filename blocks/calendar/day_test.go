package calendar

import (
	"strings"
	"testing"
)

// What the rule proposes for 2027 are the days that were shipped for 2027 by hand.
func TestProposalIsTheShippedYear(t *testing.T) {
	var want []Day
	for _, d := range Shipped() {
		if d.Date.Year() == 2027 {
			want = append(want, d)
		}
	}
	got := Propose(2027)
	if len(got) != len(want) {
		t.Fatalf("%d days proposed, %d shipped", len(got), len(want))
	}
	for i, d := range got {
		if w := want[i]; d.Date != w.Date || d.Holiday != w.Holiday || d.Kind != w.Kind || d.For != w.For {
			t.Errorf("proposed %v, shipped %v", d, w)
		}
	}
}

// In announced years every proposed day but those around Tết, which are split by announcement,
// and the neighbour of 2 September, is a day that was really off.
func TestProposalsHoldInAnnouncedYears(t *testing.T) {
	c := shipped(t)
	for year := 2021; year <= 2026; year++ {
		for _, d := range Propose(year) {
			if d.Holiday == "tet" || d.Holiday == "national" {
				continue
			}
			if len(c.On(d.Date)) > 0 {
				t.Errorf("%s (%s, %s) was a working day", d.Date, d.Holiday, d.Kind)
			}
		}
	}
}

func TestReadDaysRefuses(t *testing.T) {
	head := strings.Join(columns, ",") + "\n"
	good := "2026-11-24,Tue,2026,culture,a,b,statutory,true,2026-10-16,,announced,,\n"
	if days, err := ReadDays(strings.NewReader(head + good)); err != nil || len(days) != 1 {
		t.Fatalf("%v, %v", days, err)
	}
	for name, tt := range map[string]struct{ file, says string }{
		"no header":      {good, "header"},
		"empty":          {"", "header"},
		"twice":          {head + good + good, "line 3"},
		"wrong weekday":  {head + strings.Replace(good, "Tue", "Wed", 1), "is a Tue"},
		"wrong lunar":    {head + strings.Replace(good, "2026-10-16", "2026-10-15", 1), "lunar 2026-10-16"},
		"wrong day_off":  {head + strings.Replace(good, "true", "false", 1), "day_off"},
		"unknown kind":   {head + strings.Replace(good, "statutory", "sometimes", 1), "unknown kind"},
		"no such day":    {head + strings.Replace(good, "2026-11-24", "2026-11-31", 1), "no date"},
		"far away":       {head + strings.Replace(good, "2026-11-24", "2126-11-24", 1), "outside"},
		"swap for what":  {head + strings.Replace(good, "statutory", "swap_off", 1), "stands for"},
		"a column short": {head + "2026-11-24,Tue\n", "fields"},
	} {
		if _, err := ReadDays(strings.NewReader(tt.file)); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBuildRefuses(t *testing.T) {
	for name, r := range map[string]Rules{
		"hours that overlap": {Hours: []Hours{{Week: Weekdays(Spans{{60, 120}, {90, 180}})}}},
		"never open":         {Hours: []Hours{{Week: Week{}}}},
		"a day twice":        {Days: []Day{Shipped()[0], Shipped()[0]}},
		"a weekday swapped":  {Days: []Day{{Date: Shipped()[0].Date, Kind: SwapWork, For: Shipped()[1].Date}}},
	} {
		if _, err := Build(r); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
