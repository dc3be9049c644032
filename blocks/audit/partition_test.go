package audit_test

import (
	"testing"

	"datmui/kit/pg"
)

// partitioned turns the table of entries into one cut by ranges of its key, as docs/adr/0012 says:
// what is there becomes the first part, and the next year's begins at a number above it.
const partitioned = `
	ALTER TABLE audit.entry ALTER COLUMN id DROP IDENTITY;
	CREATE SEQUENCE audit.entry_next;
	SELECT setval('audit.entry_next', 1000);
	ALTER TABLE audit.entry RENAME TO entry_first;
	CREATE TABLE audit.entry (LIKE audit.entry_first INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES) PARTITION BY RANGE (id);
	ALTER TABLE audit.entry ALTER COLUMN id SET DEFAULT nextval('audit.entry_next');
	ALTER SEQUENCE audit.entry_next OWNED BY audit.entry.id;
	ALTER TABLE audit.entry ATTACH PARTITION audit.entry_first FOR VALUES FROM (MINVALUE) TO (1000);
	CREATE TABLE audit.entry_second PARTITION OF audit.entry FOR VALUES FROM (1000) TO (MAXVALUE);
	CREATE TRIGGER no_delete_all BEFORE DELETE ON audit.entry FOR EACH ROW EXECUTE FUNCTION audit.append_only();
	CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit.entry EXECUTE FUNCTION audit.append_only();
	CREATE TRIGGER blank_only_all BEFORE UPDATE ON audit.entry FOR EACH ROW EXECUTE FUNCTION audit.blank_only();
	GRANT USAGE ON SEQUENCE audit.entry_next TO datmui_app;
	GRANT SELECT, INSERT ON audit.entry TO datmui_app;
	GRANT UPDATE (personal) ON audit.entry TO datmui_app;
	GRANT SELECT ON audit.entry TO datmui_reader;`

// Nothing in keys, indexes or references stands in the way of cutting the log by year: after it the
// log is written, sealed, read and verified as before, and its guards stand.
func TestEntriesCanBePartitioned(t *testing.T) {
	t.Parallel()
	l := sealed(t)
	if n, err := pg.Value[int64](l.db.Owner.Query(l.ctx, `SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND confrelid = 'audit.entry'::regclass`)); err != nil || n != 0 {
		t.Fatalf("%d foreign keys point at the entries, %v", n, err)
	}
	if _, err := l.db.Owner.Exec(l.ctx, partitioned); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		l.act(t, 50+i)
	}
	l.sealAll(t, 5)
	if n := l.count(t, `SELECT count(*) FROM audit.entry_second`); n != 5 {
		t.Errorf("%d of the 5 new entries lie in the new part", n)
	}
	r, err := l.Verify(l.ctx, l.verifier, l.kept(t))
	if err != nil || !r.OK || r.Sealed != 30 || r.Unsealed != 0 {
		t.Errorf("verified: %+v, %v", r, err)
	}
	for _, sql := range []string{`DELETE FROM audit.entry`, `TRUNCATE audit.entry`, `UPDATE audit.entry SET body = ''`} {
		if _, err := l.db.Owner.Exec(l.ctx, sql); err == nil {
			t.Errorf("the owner could: %s", sql)
		}
	}
	if _, err := l.db.App.Exec(l.ctx, `UPDATE audit.entry SET personal = NULL WHERE id > 1000`); err != nil {
		t.Error(err)
	}
	if r, err := l.Verify(l.ctx, l.verifier, l.kept(t)); err != nil || !r.OK || r.Blanked != 5 {
		t.Errorf("after blanking: %+v, %v", r, err)
	}
}
