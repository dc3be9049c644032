package worklist

import (
	"context"
	"crypto/md5"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// province fills the table as a province would: one item in twenty is open, spread over 1,000
// offices with five rights and eight people each; the first office has far more than its share.
func province(t testing.TB, db *pg.DB, rows int) {
	t.Helper()
	ctx := context.Background()
	_, err := db.Owner.Exec(ctx, `
		INSERT INTO worklist.item (id, kind, subject, agency, person, right_key, what, who, code, why, href, started_at, due_at, done_at)
		SELECT md5('i' || n)::uuid, (ARRAY['services.dossier', 'documents.document', 'feedback.report'])[1 + n % 3], md5('s' || n)::uuid,
			'agency-' || a, CASE WHEN n / 20 % 3 = 0 THEN md5('p' || a || '-' || n / 60 % 8)::uuid END, 'services.right-' || n / 20 % 5,
			'Xác nhận tình trạng hôn nhân số ' || n, 'Dương Khánh Vy', 'H12.' || a || '-261118-' || n,
			'services.why.' || n % 4, '/dossiers/' || n, now(), now() + (n % 600 - 100) * interval '1 hour',
			CASE WHEN n % 20 > 0 THEN now() END
		FROM (SELECT n, CASE WHEN n / 20 % 40 = 0 THEN 1 ELSE 1 + n / 20 * 7919 % 1000 END AS a FROM generate_series(1, $1::bigint) AS n) AS x`, rows)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Owner.Exec(ctx, `VACUUM (ANALYZE) worklist.item`); err != nil {
		t.Fatal(err)
	}
}

// worker is an official of the n-th office.
func worker(n int) actor.Actor {
	office := fmt.Sprintf("agency-%d", n)
	a := actor.Actor{ID: md5.Sum(fmt.Appendf(nil, "p%d-0", n)), Kind: actor.Official, Office: office, Offices: []string{office}}
	for r := range 5 {
		a.Grants = append(a.Grants, actor.Grant{Right: fmt.Sprintf("services.right-%d", r), Agency: office})
	}
	return a
}

// The work of a desk must hang on its page and not on what the province has piled up.
func TestPlansReadOnlyTheDesk(t *testing.T) {
	db := testkit.DB(t)
	province(t, db, 100_000)
	now := time.Now()
	b := New(Config{DB: db.Reader})
	_, desks, _, err := b.desks(worker(1), Filter{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	at, err := b.borders(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	from, to := at.span("")
	for name, tt := range map[string]struct {
		sql  string
		args pgx.NamedArgs
		want string
	}{
		"list": {listSQL("desk"), pgx.NamedArgs{"desks": desks, "kinds": []string{}, "whys": []string{}, "words": []string{},
			"after": from, "past": uuid.Nil, "to": to, "limit": 51}, "Index Scan using item_desk"},
		"list of an agency": {listSQL("agency"), pgx.NamedArgs{"desks": []string{"agency-1"}, "kinds": []string{}, "whys": []string{}, "words": []string{},
			"after": from, "past": uuid.Nil, "to": to, "limit": 51}, "Index Scan using item_agency"},
		"counts": {countSQL("desk"), pgx.NamedArgs{"desks": desks, "borders": at[:], "cap": Cap + 1}, "Index Only Scan using item_desk"},
	} {
		t.Run(name, func(t *testing.T) {
			lines, err := pg.Values[string](db.Reader.Query(t.Context(), "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) "+tt.sql, tt.args))
			if err != nil {
				t.Fatal(err)
			}
			plan := strings.Join(lines, "\n")
			t.Log(plan)
			if !strings.Contains(plan, tt.want) || strings.Contains(plan, "Seq Scan") {
				t.Errorf("want %s and no Seq Scan:\n%s", tt.want, plan)
			}
		})
	}
}

// BenchmarkDesk reports the 95th percentile of whole desks at two sizes:
// go test -run - -bench Desk -benchtime 400x ./blocks/worklist
func BenchmarkDesk(b *testing.B) {
	for _, rows := range []int{200_000, 2_000_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			db := testkit.DB(b)
			province(b, db, rows)
			list := New(Config{DB: db.Reader, Book: audit.New(audit.Config{App: db.App, Reader: db.Reader}), Clock: clock.System{}})
			var took []time.Duration
			b.ResetTimer()
			for b.Loop() {
				ctx := actor.With(b.Context(), worker(1+rand.IntN(1000)))
				start := time.Now()
				if _, err := list.Desk(ctx, Filter{}, ""); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			ctx, big := actor.With(b.Context(), worker(1)), []time.Duration{}
			for range 20 {
				start := time.Now()
				if _, err := list.Desk(ctx, Filter{}, ""); err != nil {
					b.Fatal(err)
				}
				big = append(big, time.Since(start))
			}
			slices.Sort(big)
			b.ReportMetric(float64(big[len(big)/2].Microseconds())/1000, "fullest-p50-ms")
		})
	}
}
