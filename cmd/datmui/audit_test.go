package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/testkit"
	"datmui/site"
)

// The log is verified beside a running server: as it is, and with its tail cut off.
func TestAuditVerify(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	o := site.Options{Data: data, Log: testkit.Log(t)}
	db, err := site.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	verify := func(args ...string) (rep audit.Report, said string, status int) {
		t.Helper()
		var out, errs bytes.Buffer
		status = run(append([]string{"audit", "verify", "--data", data, "--json"}, args...), &out, &errs)
		if status < 2 && out.Len() > 0 {
			if err := json.Unmarshal(out.Bytes(), &rep); err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
		}
		return rep, errs.String(), status
	}
	if _, said, status := verify(); status != 1 || !strings.Contains(said, "datmui migrate") {
		t.Errorf("without migrations: %d %s", status, said)
	}
	if err := site.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	secrets, err := site.OpenSecrets(data)
	if err != nil {
		t.Fatal(err)
	}
	keep := t.TempDir()
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader, Signer: secrets.Signer, Keep: keep})
	ctx := actor.With(t.Context(), actor.ForSystem("test"))
	for range 5 {
		if err := book.Act(ctx, "test.act", func(context.Context, *audit.Act) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := book.Seal(ctx); n != 5 || err != nil {
		t.Fatal(n, err)
	}
	heads, err := filepath.Glob(filepath.Join(keep, "*.txt"))
	if err != nil || len(heads) != 1 {
		t.Fatal(heads, err)
	}
	if rep, said, status := verify(); status != 0 || !rep.OK || rep.Sealed != 5 || rep.Unknown == "" {
		t.Errorf("%d %+v %s", status, rep, said)
	}
	if rep, said, status := verify("--checkpoint", heads[0]); status != 0 || rep.Outside != 1 || rep.Unknown != "" {
		t.Errorf("%d %+v %s", status, rep, said)
	}
	if _, err := db.Owner.Exec(ctx, `
		ALTER TABLE audit.leaf DISABLE TRIGGER USER; ALTER TABLE audit.checkpoint DISABLE TRIGGER USER; ALTER TABLE audit.entry DISABLE TRIGGER USER;
		DELETE FROM audit.leaf; DELETE FROM audit.entry; DELETE FROM audit.checkpoint`); err != nil {
		t.Fatal(err)
	}
	if rep, _, status := verify("--checkpoint", heads[0]); status != 1 || rep.OK || rep.Problems[0].Code != "truncated" {
		t.Errorf("%d %+v", status, rep)
	}
	empty := filepath.Join(keep, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	prose := filepath.Join(keep, "prose")
	if err := os.WriteFile(prose, []byte("dear reader,\n\nno head is here\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{empty, prose, filepath.Join(keep, "missing")} {
		if _, said, status := verify("--checkpoint", file); status != 2 || !strings.Contains(said, "checkpoint") {
			t.Errorf("%s: %d %s", file, status, said)
		}
	}
}
