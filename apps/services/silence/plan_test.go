package silence

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/worklist"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// province fills the tables with dossiers of a hundred bodies, one in twenty open and on a desk.
func province(t testing.TB, db *pg.DB, rows int) *Module {
	t.Helper()
	for _, sql := range []string{
		`INSERT INTO services.procedure (code, name, name_en, level, field, open) VALUES ('1.000001', 'Thử', 'Trial', 'commune', 'x', true)`,
		`INSERT INTO services.version (procedure, version, valid_from, definition) VALUES ('1.000001', 1, '2025-01-01', '{}')`,
		fmt.Sprintf(`BEGIN;
		CREATE TEMP TABLE filing ON COMMIT DROP AS SELECT n, md5('d' || n)::uuid AS id, '2026-11-20'::timestamptz - n * interval '20 seconds' AS at,
			'body-' || (n / 20) %% 100 AS body, CASE n %% 20 WHEN 0 THEN 2 ELSE 7 END AS state FROM generate_series(1, %d) n;
		INSERT INTO services.move (dossier_id, n, to_state, act, at) SELECT id, 1, 2, 'test', at FROM filing;
		INSERT INTO services.move (dossier_id, n, prev, from_state, to_state, act, at) SELECT id, 2, 1, 2, 7, 'test', at FROM filing WHERE state = 7;
		INSERT INTO services.dossier (id, code, procedure, version, state, moves, step, channel, receiving_agency, competent_agency, holder_agency, applicant, owner,
			applicant_name, owner_name, answers, filed_at, accepted_at, due_at, updated_at)
		SELECT id, 'H12.1-260101-' || lpad(n::text, 7, '0'), '1.000001', 1, state, CASE state WHEN 7 THEN 2 ELSE 1 END, CASE state WHEN 2 THEN 'assign' ELSE '' END, 1,
			body, body, body, id, id, 'A', 'A', '{}', at, at, at, at FROM filing;
		INSERT INTO worklist.item (id, kind, subject, agency, right_key, what, why, step, href, started_at, due_at)
		SELECT id, 'services.dossier', id, body, 'services.handle', 'A', 'w', 'assign', '/x', at, at FROM filing WHERE state = 2;
		COMMIT`, rows),
		`VACUUM (ANALYZE) services.dossier, worklist.item`,
	} {
		if _, err := db.Owner.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader})
	return New(Config{DB: db.Reader, Book: book, Clock: clock.System{}, Directory: directory.New(directory.Config{DB: db.Reader, Book: book}),
		Worklist: worklist.New(worklist.Config{DB: db.Reader, Book: book})})
}

// What is open is found along indexes, however many dossiers there ever were.
func TestPlans(t *testing.T) {
	t.Parallel()
	db := testkit.DB(t)
	m := province(t, db, 40_000)
	args := placesArgs(m.clock.Now())
	args["body"] = "body-7"
	for name, tt := range map[string]struct {
		sql  string
		want []string
	}{
		"open":   {openSQL, []string{"dossier_office", "item_open"}},
		"ended":  {endedSQL, []string{"dossier_office"}},
		"ghosts": {ghostSQL, []string{"item_agency"}},
		"bodies": {bodiesSQL, []string{"Index Only Scan using dossier_office"}},
	} {
		t.Run(name, func(t *testing.T) {
			lines, err := pg.Values[string](db.Reader.Query(t.Context(), "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) "+tt.sql, args))
			if err != nil {
				t.Fatal(err)
			}
			plan := strings.Join(lines, "\n")
			t.Log(plan)
			for _, index := range tt.want {
				if !strings.Contains(plan, index) {
					t.Errorf("want the index %s", index)
				}
			}
			if strings.Contains(plan, "Seq Scan on dossier") || strings.Contains(plan, "Seq Scan on item") {
				t.Errorf("a whole table is read:\n%s", plan)
			}
		})
	}
	n := 0
	bodies, err := pg.Values[string](db.Reader.Query(t.Context(), bodiesSQL))
	if err != nil || len(bodies) != 100 {
		t.Fatalf("%d bodies, %v", len(bodies), err)
	}
	for _, b := range bodies {
		args["body"] = b
		p, err := pg.One[part](db.Reader.Query(t.Context(), openSQL, args))
		if err != nil || len(p.Found) > 0 {
			t.Fatalf("%s: %+v, %v", b, p, err)
		}
		n += p.Checked
	}
	if n != 2000 {
		t.Errorf("%d open dossiers were checked, there are 2000", n)
	}
}

// BenchmarkLook reports how long a whole look takes:
// go test -run - -bench Look -benchtime 5x ./apps/services/silence
func BenchmarkLook(b *testing.B) {
	db := testkit.DB(b)
	m := province(b, db, 2_000_000)
	ctx := actor.With(b.Context(), actor.ForSystem("bench"))
	b.ResetTimer()
	for b.Loop() {
		if err := m.Look(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
