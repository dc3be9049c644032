package site_test

import (
	"testing"
	"time"

	"datmui/blocks/audit"
	"datmui/demo"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/testkit"
	"datmui/site"
)

// TestFigures: an empty province counts nothing; the demonstration province gives the chairman's
// figures of October 2023 and those of the law as it changed, from the same rows.
func TestFigures(t *testing.T) {
	t.Parallel()
	db := testkit.DB(t)
	noon := func(day string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15", day+" 12", clock.Vietnam)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	check := func(day string, communes, districts, agencies, officials int64) {
		t.Helper()
		got, err := site.Figures(t.Context(), db, noon(day))
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]int64{"units.communes": communes, "units.districts": districts, "agencies": agencies, "accounts.officials": officials} {
			if want >= 0 && got[name] != want {
				t.Errorf("%s on %s: %v, want %d", name, day, got[name], want)
			}
		}
	}
	check("2023-10-10", 0, 0, 0, 0)
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: clock.At(noon("2026-11-23"))})
	ctx := actor.With(t.Context(), actor.ForSystem("demo"))
	if _, err := demo.Province(ctx, demo.Config{Book: book, Seed: 1, AsOf: noon("2026-11-23")}); err != nil {
		t.Fatal(err)
	}
	check("2023-10-10", 101, 9, 1146, 11_000)
	check("2024-12-01", 100, 9, 1137, -1)
	check("2026-11-23", 64, 0, 1138, -1)
}
