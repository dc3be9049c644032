package calendar

import (
	"slices"
	"testing"
	"time"
)

// law: public-services.md 9 — the vectors.
func TestTetAndHungKings(t *testing.T) {
	for year, want := range map[int]string{
		1985: "1985-01-21", 2007: "2007-02-17", 2020: "2020-01-25", 2021: "2021-02-12", 2022: "2022-02-01",
		2023: "2023-01-22", 2024: "2024-02-10", 2025: "2025-01-29", 2026: "2026-02-17", 2027: "2027-02-06",
		2028: "2028-01-26", 2029: "2029-02-13", 2030: "2030-02-02", 2031: "2031-01-23", 2032: "2032-02-11",
		2033: "2033-01-31", 2034: "2034-02-19", 2035: "2035-02-08",
	} {
		if got := Hanoi.Tet(year).String(); got != want {
			t.Errorf("Tết %d is %s, want %s", year, got, want)
		}
	}
	for year, want := range map[int]string{
		2022: "2022-04-10", 2023: "2023-04-29", 2024: "2024-04-18", 2025: "2025-04-07", 2026: "2026-04-26",
		2027: "2027-04-16", 2028: "2028-04-04", 2029: "2029-04-23", 2030: "2030-04-12",
	} {
		if got := Hanoi.HungKings(year).String(); got != want {
			t.Errorf("Hùng Kings %d is %s, want %s", year, got, want)
		}
	}
}

func TestA28(t *testing.T) {
	if got := Hanoi.Tet(2030).String(); got != "2030-02-02" {
		t.Errorf("Tết 2030 at UTC+7 is %s", got)
	}
	if got := Beijing.Tet(2030).String(); got != "2030-02-03" {
		t.Errorf("Tết 2030 at UTC+8 is %s", got)
	}
	d := Hanoi.HungKings(2026)
	if d.String() != "2026-04-26" || d.Weekday() != time.Sunday {
		t.Errorf("Hùng Kings 2026 is %s, a %s", d, d.Weekday())
	}
	i := slices.IndexFunc(Propose(2026), func(x Day) bool { return x.Kind == Compensatory && x.For == d })
	if i < 0 || Propose(2026)[i].Date.String() != "2026-04-27" {
		t.Error("no day is given for Hùng Kings 2026 on Monday 27 April")
	}
}

func TestLeapMonth(t *testing.T) {
	for year, want := range map[int]int{2020: 4, 2021: 0, 2022: 0, 2023: 2, 2024: 0, 2025: 6, 2026: 0, 2028: 5, 2031: 3, 2033: 11} {
		if got := Hanoi.LeapMonth(year); got != want {
			t.Errorf("leap month of %d is %d, want %d", year, got, want)
		}
	}
	// 1984 to 1985: Vietnam and China had different leap months, and a new year a month apart.
	if v, c := Hanoi.Tet(1985), Beijing.Tet(1985); v.String() != "1985-01-21" || c.String() != "1985-02-20" {
		t.Errorf("Tết 1985 %s, in China %s", v, c)
	}
}

// Every day of three centuries has a successor: the next day of the month, or the first of the
// next month, of the same month again as leap month, or of the new year.
func TestLunarDaysFollowEachOther(t *testing.T) {
	a := Hanoi.Lunar(NewDate(FirstLunarYear, 1, 1))
	for d := NewDate(FirstLunarYear, 1, 2); d.Year() <= LastLunarYear; d++ {
		b := Hanoi.Lunar(d)
		same := a.Year == b.Year && a.Month == b.Month && a.Leap == b.Leap && b.Day == a.Day+1
		first := b.Day == 1 && (a.Day == 29 || a.Day == 30)
		leap := first && b.Leap && !a.Leap && a.Month == b.Month && a.Year == b.Year
		next := first && !b.Leap && b.Month == a.Month+1 && a.Year == b.Year
		tet := first && !b.Leap && b.Month == 1 && a.Month == 12 && b.Year == a.Year+1
		if !same && !leap && !next && !tet {
			t.Fatalf("%s is %s, the day before was %s", d, b.ISO(), a.ISO())
		}
		if !b.Leap && Hanoi.Civil(b.Year, b.Month, b.Day) != d {
			t.Fatalf("%s is %s, and back it is %s", d, b.ISO(), Hanoi.Civil(b.Year, b.Month, b.Day))
		}
		a = b
	}
}
