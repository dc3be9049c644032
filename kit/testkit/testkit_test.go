package testkit_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"datmui/kit/pg"
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
			folded, err := pg.Value[string](db.Reader.Query(t.Context(), `SELECT public.vn_fold('Nguyễn Văn Đậu')`))
			if err != nil || folded != "nguyen van dau" {
				t.Errorf("vn_fold: %q, %v", folded, err)
			}
		})
	}
}

// TestDatabases runs in a process of its own: it passes or fails as the environment says.
func TestDatabases(t *testing.T) {
	verdict := os.Getenv("DATMUI_TEST_VERDICT")
	db := testkit.DB(t)
	name, err := pg.Value[string](db.Reader.Query(t.Context(), `SELECT current_database()::text`))
	if err != nil {
		t.Fatal(err)
	}
	if verdict == "" {
		return
	}
	t.Logf("name=%s.", name)
	if verdict == "fail" {
		t.Error("as wanted")
	}
}

func TestOnlyAFailedTestKeepsItsDatabase(t *testing.T) {
	look := testkit.DB(t)
	for verdict, kept := range map[string]bool{"pass": false, "fail": true} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestDatabases$", "-test.v")
		cmd.Env = append(os.Environ(), "DATMUI_TEST_VERDICT="+verdict)
		out, err := cmd.CombinedOutput()
		if (err == nil) != (verdict == "pass") {
			t.Fatalf("%s: %v\n%s", verdict, err, out)
		}
		_, name, _ := strings.Cut(string(out), "name=")
		name, _, _ = strings.Cut(name, ".")
		if got := strings.Contains(string(out), "dbname='"+name+"'"); got != kept {
			t.Errorf("%s: it says how to connect = %v:\n%s", verdict, got, out)
		}
		there := func() bool {
			n, err := pg.Value[int](look.Reader.Query(t.Context(), `SELECT count(*) FROM pg_database WHERE datname = $1`, name))
			return err == nil && n == 1
		}
		for range 400 { // the keeper drops at its leisure
			if there() == kept {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if there() != kept {
			t.Errorf("%s: the database %s is there = %v", verdict, name, !kept)
		}
		if kept {
			if _, err := look.Owner.Exec(t.Context(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
				t.Error(err)
			}
		}
	}
}
