package site_test

import (
	"testing"
	"time"

	"datmui/kit/testkit"
	"datmui/site"
)

// TestFigures: an empty province counts nothing, and counts each thing.
func TestFigures(t *testing.T) {
	t.Parallel()
	got, err := site.Figures(t.Context(), testkit.DB(t), time.Date(2023, 10, 10, 5, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"units.communes", "units.districts", "agencies", "accounts.officials"} {
		if n, ok := got[name].(int64); !ok || n != 0 {
			t.Errorf("%s: %v", name, got[name])
		}
	}
}
