package site_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// schemas that are no module's: the instance's own marks, the demonstration's notes.
var schemasBeside = []string{"public", "river", "demo"}

// level is a schema's place in the stack; apps stand beside each other above all blocks.
func level(schema string) int {
	if i := slices.Index(blocks, schema); i >= 0 {
		return i
	}
	if slices.Contains(apps, schema) {
		return len(blocks)
	}
	return -1
}

// mayPointTo says whether a table of one schema may have a foreign key into another.
func mayPointTo(from, to string) bool {
	return from == to || level(from) >= 0 && level(to) >= 0 && level(to) < level(from) ||
		from == "demo" && level(to) >= 0
}

// Foreign keys point into the own schema or down the stack; every table has a primary key and
// belongs to a module.
func TestSchema(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from, to string
		may      bool
	}{{"services", "directory", true}, {"services", "services", true}, {"directory", "services", false}, {"identity", "directory", true},
		{"directory", "identity", false}, {"services", "feedback", false}, {"unheard", "directory", false}} {
		if mayPointTo(tt.from, tt.to) != tt.may {
			t.Errorf("%s → %s: %v, want %v", tt.from, tt.to, !tt.may, tt.may)
		}
	}
	db := testkit.DB(t)
	type key struct{ Name, From, Table, To string }
	keys, err := pg.All[key](db.Reader.Query(t.Context(), `
		SELECT con.conname AS name, ns.nspname AS "from", src.relname AS "table", nt.nspname AS "to"
		FROM pg_constraint con
		JOIN pg_class src ON src.oid = con.conrelid JOIN pg_namespace ns ON ns.oid = src.relnamespace
		JOIN pg_class dst ON dst.oid = con.confrelid JOIN pg_namespace nt ON nt.oid = dst.relnamespace
		WHERE con.contype = 'f'`))
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) < 20 {
		t.Errorf("only %d foreign keys were found", len(keys))
	}
	for _, k := range keys {
		if !mayPointTo(k.From, k.To) {
			t.Errorf("%s.%s: %s points from %s to %s", k.From, k.Table, k.Name, k.From, k.To)
		}
	}
	type table struct {
		Schema, Name string
		Key          bool
	}
	tables, err := pg.All[table](db.Reader.Query(t.Context(), `
		SELECT n.nspname AS schema, c.relname AS name,
		       EXISTS (SELECT FROM pg_constraint p WHERE p.conrelid = c.oid AND p.contype = 'p') AS key
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'`))
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) < 40 {
		t.Errorf("only %d tables were found", len(tables))
	}
	for _, tb := range tables {
		if !tb.Key {
			t.Errorf("%s.%s has no primary key", tb.Schema, tb.Name)
		}
		if level(tb.Schema) < 0 && !slices.Contains(schemasBeside, tb.Schema) {
			t.Errorf("%s.%s belongs to no module", tb.Schema, tb.Name)
		}
	}
}

// Each role tries what it may not: the reader to write anything, the app to change what the audit
// log says or how tables look.
func TestRolesTryTheForbidden(t *testing.T) {
	t.Parallel()
	db := testkit.DB(t)
	type table struct{ Schema, Name, Column string }
	tables, err := pg.All[table](db.Reader.Query(t.Context(), `
		SELECT n.nspname AS schema, c.relname AS name, min(a.attname) AS "column"
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
		GROUP BY 1, 2`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tb := range tables {
		name, column := pgx.Identifier{tb.Schema, tb.Name}.Sanitize(), pgx.Identifier{tb.Column}.Sanitize()
		change := []string{
			"INSERT INTO " + name + " DEFAULT VALUES",
			fmt.Sprintf("UPDATE %s SET %s = %s WHERE false", name, column, column),
			"DELETE FROM " + name + " WHERE false",
			"TRUNCATE " + name,
			"DROP TABLE " + name,
		}
		for _, sql := range change {
			refused(t, "reader", db.Reader, sql)
		}
		for _, sql := range change[3:] {
			refused(t, "app", db.App, sql)
		}
		refused(t, "app", db.App, "ALTER TABLE "+name+" DISABLE TRIGGER ALL")
	}
	for _, sql := range []string{
		"DELETE FROM audit.entry WHERE false",
		"DELETE FROM audit.leaf WHERE false",
		"DELETE FROM audit.hash WHERE false",
		"DELETE FROM audit.checkpoint WHERE false",
		"DELETE FROM audit.witnessed WHERE false",
		"DELETE FROM audit.blanked WHERE false",
		"UPDATE audit.witnessed SET at = at WHERE false",
		"UPDATE audit.blanked SET entries = entries WHERE false",
		"UPDATE audit.once SET at = at WHERE false",
		"UPDATE audit.leaf SET entry = entry WHERE false",
		"UPDATE audit.hash SET hash = hash WHERE false",
		"UPDATE audit.checkpoint SET size = size WHERE false",
		"UPDATE public.instance SET demo = demo WHERE false",
		"SET ROLE datmui_owner",
		"CREATE TABLE public.mine (id int)",
		"CREATE SCHEMA mine",
	} {
		refused(t, "app", db.App, sql)
		refused(t, "reader", db.Reader, sql)
	}
	columns, err := pg.Values[string](db.Reader.Query(t.Context(), `
		SELECT attname::text FROM pg_attribute WHERE attrelid = 'audit.entry'::regclass AND attnum > 0 AND NOT attisdropped`))
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range columns {
		sql := fmt.Sprintf("UPDATE audit.entry SET %[1]s = %[1]s WHERE false", pgx.Identifier{column}.Sanitize())
		if column != "personal" { // which retention blanks while the leaf stays
			refused(t, "app", db.App, sql)
		} else if _, err := db.App.Exec(t.Context(), sql); err != nil {
			t.Errorf("app cannot blank what is personal: %v", err)
		}
	}
	for role, pool := range map[string]*pgxpool.Pool{"app": db.App, "reader": db.Reader} {
		var super, create, others bool
		err := pool.QueryRow(t.Context(), `SELECT rolsuper, rolcreatedb OR rolcreaterole OR rolbypassrls,
			EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid) FROM pg_roles r WHERE rolname = current_user`).Scan(&super, &create, &others)
		if err != nil || super || create || others {
			t.Errorf("%s: superuser %v, may create %v, member of others %v, %v", role, super, create, others, err)
		}
	}
}

// refused wants PostgreSQL itself to say no, for want of the right and for nothing else. The reader
// tries it in a transaction that may write: it is not the session's habit that guards the rows.
func refused(t *testing.T, role string, pool *pgxpool.Pool, sql string) {
	t.Helper()
	tx, err := pool.BeginTx(t.Context(), pgx.TxOptions{AccessMode: pgx.ReadWrite})
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	_, err = tx.Exec(t.Context(), sql)
	if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.Code != "42501" { // insufficient privilege
		t.Errorf("%s: %s is answered by %v", role, strings.TrimSpace(sql), err)
	}
}

// While the guards of the audit stand, not even the owner changes a row that is there.
func TestAuditIsAppendOnlyForTheOwner(t *testing.T) {
	t.Parallel()
	db := testkit.DB(t)
	const hash = `decode(repeat('00', 32), 'hex')`
	for table, values := range map[string]string{
		"entry": `(kind, name, at, actor_kind, visible_from, salt, body, personal, leaf)
			VALUES ('act', 'test', now(), 'system', now(), decode(repeat('00', 16), 'hex'), '{}', '{}', ` + hash + `)`,
		"leaf": `VALUES (0, 1)`, "hash": `VALUES (0, ` + hash + `)`,
		"checkpoint": `(size, at, root, note, horizon) VALUES (1, now(), ` + hash + `, '', '1')`,
		"witnessed":  `VALUES ('https://witness.example', 1, now())`, "blanked": `VALUES (now(), true, 0, now())`,
	} {
		if _, err := db.App.Exec(t.Context(), "INSERT INTO audit."+table+" "+values); err != nil {
			t.Fatal(table, err)
		}
		column := map[string]string{"entry": "body", "leaf": "entry", "hash": "hash", "checkpoint": "note", "witnessed": "at", "blanked": "entries"}[table]
		for _, sql := range []string{fmt.Sprintf("UPDATE audit.%s SET %s = %s", table, column, column), "DELETE FROM audit." + table, "TRUNCATE audit." + table} {
			refused(t, "owner", db.Owner, sql)
		}
	}
	tables, err := pg.Values[string](db.Owner.Query(t.Context(), `SELECT tablename::text FROM pg_tables WHERE schemaname = 'audit' ORDER BY 1`))
	if want := []string{"blanked", "checkpoint", "entry", "hash", "leaf", "once", "witnessed"}; err != nil || !slices.Equal(tables, want) {
		t.Errorf("the audit has the tables %v, and this test knows %v: %v", tables, want, err)
	}
}
