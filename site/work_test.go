package site_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"datmui/kit/pg"
	"datmui/kit/testkit"
	"datmui/site"
)

// Jobs are worked without pages, on what is already a province; a new database is refused.
func TestWork(t *testing.T) {
	t.Parallel()
	o := site.Options{Data: filepath.Join(t.TempDir(), "data"), Origin: "http://localhost:8080", Log: testkit.Log(t), Program: "/bin/false"}
	db, err := site.Open(t.Context(), o) // the private server stays up for the questions below
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := site.Work(t.Context(), o); err == nil || !strings.Contains(err.Error(), "datmui serve") {
		t.Errorf("work on a new database: %v", err)
	}
	if _, err := pg.Claim(t.Context(), db.Owner, false); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- site.Work(ctx, o) }()
	for worked := false; !worked; { // the hourly sweep runs at the start
		select {
		case err := <-done:
			t.Fatalf("work ended by itself: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
		if worked, err = pg.Value[bool](db.Owner.Query(t.Context(),
			`SELECT EXISTS (SELECT FROM river_job WHERE kind = 'files.sweep' AND state = 'completed')`)); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("work ended with %v", err)
	}
	// data of a newer program is left alone
	if _, err := db.Owner.Exec(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (29990101000000, true)`); err != nil {
		t.Fatal(err)
	}
	if err := site.Migrate(t.Context(), db); err == nil || !strings.Contains(err.Error(), "a newer version of the program") {
		t.Errorf("on newer data: %v", err)
	}
}
