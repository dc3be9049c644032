package testkit_test

import (
	"testing"

	"datmui/kit/testkit"
)

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	for _, name := range []string{"one", "two", "three"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := testkit.DB(t)
			if _, err := db.Owner.Exec(t.Context(), `CREATE TABLE public.mine (name text)`); err != nil {
				t.Fatal(err)
			}
			var folded string
			if err := db.Reader.QueryRow(t.Context(), `SELECT public.vn_fold('Nguyễn Văn Đậu')`).Scan(&folded); err != nil {
				t.Fatal(err)
			}
			if folded != "nguyen van dau" {
				t.Errorf("vn_fold: %q", folded)
			}
		})
	}
}
