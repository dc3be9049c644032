package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/blocks/files/s3"
	"datmui/blocks/files/s3/s3test"
	"datmui/kit/actor"
	"datmui/kit/pg"
	"datmui/kit/testkit"
	"datmui/site"
)

func try(args ...string) (said string, status int) {
	var out bytes.Buffer
	status = run(args, &out, &out)
	return out.String(), status
}

// checksums of every table and every file of a place.
func checksums(t *testing.T, db *pg.DB, data string) map[string]string {
	t.Helper()
	sums := map[string]string{}
	names, err := pg.Values[string](db.Owner.Query(t.Context(), `
		SELECT format('%I.%I', n.nspname, relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
		WHERE relkind = 'r' AND relpersistence = 'p' AND n.nspname !~ '^pg_|^information_schema$'`))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		sum, err := pg.Value[string](db.Owner.Query(t.Context(),
			`SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\n' ORDER BY t::text)), '') FROM `+name+` t`))
		if err != nil {
			t.Fatal(name, err)
		}
		sums[name] = sum
	}
	for _, folder := range []string{"files", "checkpoints", "secrets", "trust"} {
		root := filepath.Join(data, folder)
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			rel, _ := filepath.Rel(data, path)
			sums[rel] = fmt.Sprintf("%x", sha256.Sum256(b))
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return sums
}

// A small province goes through a backup into an empty place: every table and file is the same,
// the audit verifies and sealing goes on, also with what no seal covered yet.
func TestBackupAndRestore(t *testing.T) {
	dir := t.TempDir()
	data, fresh, file := filepath.Join(dir, "data"), filepath.Join(dir, "fresh"), filepath.Join(dir, "b.age")
	phrase := filepath.Join(dir, "phrase")
	if err := os.WriteFile(phrase, []byte("con tôm ôm cây đước\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := site.Options{Data: data, Origin: "http://localhost:8080", Demo: true, Log: testkit.Log(t), Program: "/bin/false"}
	db, err := site.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := site.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if said, status := try("backup", "--data", data, "--out", file, "--passphrase-file", phrase); status != 1 || !strings.Contains(said, "new and holds nothing") {
		t.Errorf("backup of a new database: %d %s", status, said)
	}
	if _, err := pg.Claim(t.Context(), db.Owner, true); err != nil {
		t.Fatal(err)
	}
	ctx := actor.With(t.Context(), actor.ForSystem("test"))
	s, err := site.Build(ctx, db, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Files.Close()
	if err := s.Seed(ctx); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"%PDF-1.4 một", "%PDF-1.4 hai"} {
		if _, err := s.Files.Store(ctx, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	// an entry that no seal can cover while an older transaction is under way
	older, err := db.App.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer older.Rollback(ctx)
	if _, err := older.Exec(ctx, `SELECT pg_current_xact_id()`); err != nil {
		t.Fatal(err)
	}
	late := func(n int) {
		t.Helper()
		for range n {
			if err := s.Book.Act(ctx, "test.late", func(context.Context, *audit.Act) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	late(3)
	if said, status := try("backup", "--data", data, "--out", file, "--passphrase-file", phrase, "--with-secrets"); status != 0 {
		t.Fatalf("backup: %d %s", status, said)
	}
	want := checksums(t, db, data)
	if said, status := try("restore", file, "--data", data, "--passphrase-file", phrase); status != 1 || !strings.Contains(said, "holds records already") {
		t.Errorf("restore over records: %d %s", status, said)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(dir, "short.age")
	if err := os.WriteFile(short, b[:len(b)-1000], 0o600); err != nil {
		t.Fatal(err)
	}
	if said, status := try("restore", short, "--data", fresh, "--passphrase-file", phrase); status != 1 || !strings.Contains(said, "failed to decrypt") {
		t.Errorf("restore of half a backup: %d %s", status, said)
	}
	if said, status := try("restore", file, "--data", fresh, "--passphrase-file", phrase); status != 0 {
		t.Fatalf("restore: %d %s", status, said)
	}

	o.Data = fresh
	to, err := site.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	got := checksums(t, to, fresh)
	// the floor is a new row, and what was not sealed stands above it under new numbers
	for _, name := range []string{"audit.checkpoint", "audit.entry"} {
		delete(want, name)
		delete(got, name)
	}
	if len(want) < 60 || want["services.procedure"] == "" {
		t.Errorf("only %d tables and files were compared", len(want))
	}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s: %q, want %q", name, got[name], want[name])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d tables and files, want %d", len(got), len(want))
	}
	const entries = `SELECT md5(string_agg(encode(leaf, 'hex') || body || coalesce(personal, ''), '' ORDER BY leaf)) FROM audit.entry`
	if err := same(ctx, db, to, entries); err != nil {
		t.Error(err)
	}
	if err := same(ctx, db, to, `SELECT string_agg(conname || pg_get_constraintdef(oid), ',' ORDER BY conname, conrelid::regclass::text) FROM pg_constraint WHERE contype = 'f'`); err != nil {
		t.Error(err)
	}
	if err := same(ctx, db, to, `SELECT string_agg(tgrelid::regclass || tgname || tgenabled::text, ',' ORDER BY tgrelid::regclass::text, tgname) FROM pg_trigger WHERE NOT tgisinternal`); err != nil {
		t.Error(err)
	}
	if said, status := try("audit", "verify", "--data", fresh); status != 0 || !strings.Contains(said, "3 wait to be") {
		t.Errorf("audit after restore: %d %s", status, said)
	}
	r, err := site.Build(ctx, to, o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Files.Close()
	if n, err := r.Book.Seal(ctx); n != 3 || err != nil {
		t.Errorf("sealing what waited: %d, %v", n, err)
	}
	if said, status := try("audit", "verify", "--data", fresh); status != 0 || !strings.Contains(said, " 0 wait to be") {
		t.Errorf("audit after sealing on: %d %s", status, said)
	}
}

// A backup of a province whose files lie in a bucket goes into another bucket, and into a folder.
func TestBackupOfABucket(t *testing.T) {
	dir := t.TempDir()
	data, file, phrase := filepath.Join(dir, "data"), filepath.Join(dir, "b.age"), filepath.Join(dir, "phrase")
	if err := os.WriteFile(phrase, []byte("con tôm ôm cây đước\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	one, two := s3test.Serve(t, 0), s3test.Serve(t, 0)
	address := func(a s3.Address) string { return fmt.Sprintf("s3://%s@%s/%s?tls=none", a.Key, a.Host, a.Bucket) }
	o := site.Options{Data: data, Origin: "http://localhost:8080", Log: testkit.Log(t), Program: "/bin/false", Files: one}
	db, err := site.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := site.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if _, err := pg.Claim(t.Context(), db.Owner, false); err != nil {
		t.Fatal(err)
	}
	if _, err := site.Build(t.Context(), db, o); err == nil || !strings.Contains(err.Error(), "s3.secret") {
		t.Fatalf("without the secret of the key: %v", err)
	}
	if err := os.WriteFile(filepath.Join(data, "secrets", "s3.secret"), []byte(one.Secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, status := try("doctor", "--data", data, "--files", address(one)); !strings.Contains(said, "written and read") {
		t.Errorf("doctor: %d %s", status, said)
	}
	s, err := site.Build(t.Context(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Files.Close()
	want := map[string]string{}
	for _, text := range []string{"%PDF-1.4 một", "%PDF-1.4 hai", strings.Repeat("%PDF-1.4 dài ", 1<<18)} {
		b, err := s.Files.Store(t.Context(), []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		h := b.Hash.String()
		want["sha256/"+h[:2]+"/"+h[2:4]+"/"+h] = h
	}
	if said, status := try("backup", "--data", data, "--files", address(one), "--out", file, "--passphrase-file", phrase, "--with-secrets"); status != 0 {
		t.Fatalf("backup: %d %s", status, said)
	}
	for name, place := range map[string]struct {
		args   []string
		bucket s3.Address
	}{"bucket": {[]string{"--files", address(two)}, two}, "folder": {nil, s3.Address{}}} {
		fresh := filepath.Join(dir, name)
		if said, status := try(append([]string{"restore", file, "--data", fresh, "--passphrase-file", phrase}, place.args...)...); status != 0 {
			t.Fatalf("restore into a %s: %d %s", name, status, said)
		}
		c, err := files.OpenCarrier(t.Context(), filepath.Join(fresh, "files"), place.bucket)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		err = c.Each(t.Context(), func(f files.Item) error {
			sum := sha256.New()
			_, err := io.Copy(sum, f)
			got[f.Name] = fmt.Sprintf("%x", sum.Sum(nil))
			return err
		})
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("restored into a %s: %v, want %v, %v", name, got, want, err)
		}
		c.Close()
	}
}

func same(ctx context.Context, a, b *pg.DB, sql string) error {
	var got [2]string
	for i, db := range []*pg.DB{a, b} {
		if err := db.Owner.QueryRow(ctx, sql).Scan(&got[i]); err != nil && err != pgx.ErrNoRows {
			return err
		}
	}
	if got[0] != got[1] || got[0] == "" {
		return fmt.Errorf("%s differs:\n%.300s\n%.300s", sql, got[0], got[1])
	}
	return nil
}
