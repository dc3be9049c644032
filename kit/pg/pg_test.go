package pg_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/uuid"

	"datmui/kit/pg"
)

// module is a made-up module with one migration.
func module(number, name, sql string) fs.FS {
	return fstest.MapFS{"migrations/" + number + "_" + name + ".sql": {Data: []byte("-- +goose Up\n" + sql)}}
}

func open(t *testing.T, dir string) *pg.DB {
	t.Helper()
	db, err := pg.Open(t.Context(), pg.Config{Dir: dir, Settings: map[string]string{"fsync": "off"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestMigrateGivesEachRoleItsRights(t *testing.T) {
	db := open(t, t.TempDir())
	ctx := t.Context()
	boats := module("20990101000000", "boats", `
		CREATE SCHEMA boats;
		CREATE TABLE boats.boat (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, plate text, mark uuid);
		CREATE TABLE boats.serial (id bigserial PRIMARY KEY);`)
	audit := module("20990102000000", "audit", `
		CREATE SCHEMA audit;
		CREATE TABLE audit.entry (id int);
		GRANT USAGE ON SCHEMA audit TO datmui_app;
		GRANT INSERT ON audit.entry TO datmui_app;`)
	for range 2 { // the second time changes nothing
		if err := pg.Migrate(ctx, db.Owner, boats, audit); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		by    string
		pool  pg.Execer
		sql   string
		allow bool
	}{
		{"app", db.App, `INSERT INTO boats.boat (plate) VALUES ('CM-99123-TS')`, true},
		{"app", db.App, `INSERT INTO boats.serial DEFAULT VALUES`, true},
		{"app", db.App, `UPDATE boats.boat SET plate = 'x'`, true},
		{"app", db.App, `TRUNCATE boats.boat`, false},
		{"app", db.App, `DROP TABLE boats.boat`, false},
		{"app", db.App, `CREATE TABLE boats.other ()`, false},
		{"app", db.App, `CREATE TABLE public.other ()`, false},
		{"app", db.App, `INSERT INTO audit.entry VALUES (1)`, true},
		{"app", db.App, `UPDATE audit.entry SET id = 2`, false},
		{"app", db.App, `DELETE FROM audit.entry`, false},
		{"app", db.App, `UPDATE public.instance SET demo = true`, false},
		{"app", db.App, `DELETE FROM public.goose_db_version`, false},
		{"app", db.App, `SELECT 1 FROM river_job`, true},
		{"reader", db.Reader, `SELECT * FROM boats.boat`, true},
		{"reader", db.Reader, `INSERT INTO boats.boat (plate) VALUES ('y')`, false},
		{"reader", db.Reader, `SET default_transaction_read_only = off; UPDATE boats.boat SET plate = 'z'`, false},
		{"reader", db.Reader, `SELECT nextval('boats.serial_id_seq')`, false},
		{"reader", db.Reader, `SET ROLE datmui_app`, false},
		{"owner", db.Owner, `CREATE TABLE boats.other ()`, true},
	} {
		_, err := tt.pool.Exec(ctx, tt.sql)
		if (err == nil) != tt.allow {
			t.Errorf("%s: %s: %v, want allowed = %v", tt.by, tt.sql, err, tt.allow)
		}
	}
	mark := uuid.Must(uuid.NewV7())
	back, err := pg.Value[uuid.UUID](db.App.Query(ctx, `UPDATE boats.boat SET mark = $1 WHERE mark IS NULL OR mark = ANY($2) RETURNING mark`, mark, []uuid.UUID{mark}))
	if err != nil || back != mark {
		t.Errorf("a uuid came back as %v, %v", back, err)
	}
}

func TestMigrationsAreRefused(t *testing.T) {
	db := open(t, t.TempDir())
	boats := module("20990101000000", "boats", `CREATE TABLE public.boats ();`)
	for name, tt := range map[string]struct {
		modules []fs.FS
		want    string
	}{
		"two of one number": {[]fs.FS{boats, module("20990101000000", "nets", "SELECT 1;")}, "20990101000000_boats.sql and 20990101000000_nets.sql bear the same number"},
		"a short number":    {[]fs.FS{module("2099", "boats", "SELECT 1;")}, "14 digits"},
		"broken":            {[]fs.FS{boats, module("20990103000000", "nets", "SELEC 1;")}, "migration 20990103000000_nets.sql"},
	} {
		if err := pg.Migrate(t.Context(), db.Owner, tt.modules...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	later := []fs.FS{boats, module("20990103000000", "nets", "SELECT 1;"), module("20990102000000", "ports", "SELECT 1;")}
	if n, err := pg.Pending(t.Context(), db.Owner, later...); n != 2 || err != nil {
		t.Errorf("%d are pending, want 2: %v", n, err)
	}
	if err := pg.Migrate(t.Context(), db.Owner, later...); err != nil {
		t.Fatal(err)
	}
	if n, err := pg.Pending(t.Context(), db.Owner, later...); n != 0 || err != nil {
		t.Errorf("%d are pending, want 0: %v", n, err)
	}
}
