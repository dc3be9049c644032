package demo_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/demo"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

func day(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s+" 12:00", clock.Vietnam)
	if err != nil {
		panic(err)
	}
	return t
}

// load makes a province in a database of its own.
func load(t *testing.T, seed int64, asOf string) (*pg.DB, *demo.World) {
	t.Helper()
	db := testkit.DB(t)
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: clock.At(day(asOf))})
	ctx := actor.With(t.Context(), actor.ForSystem("demo"))
	w, err := demo.Province(ctx, demo.Config{Book: book, Seed: seed, AsOf: day(asOf)})
	if err != nil {
		t.Fatal(err)
	}
	return db, w
}

// TestProvince: the figures of three days, each counted from rows.
func TestProvince(t *testing.T) {
	t.Parallel()
	db, w := load(t, 1, "2026-11-23")
	for at, want := range map[string]map[string]any{
		"2023-10-09": {"units.communes": int64(101), "units.districts": int64(9), "agencies": int64(1146), "accounts.officials": int64(11000)},
		"2023-10-10": {"units.communes": int64(101), "units.districts": int64(9), "agencies": int64(1146), "accounts.officials": int64(11000)},
		"2024-11-30": {"units.communes": int64(101), "units.districts": int64(9), "agencies": int64(1146)},
		"2024-12-01": {"units.communes": int64(100), "units.districts": int64(9), "agencies": int64(1137)},
		"2025-06-30": {"units.communes": int64(100), "units.districts": int64(9), "agencies": int64(1137)},
		"2025-07-01": {"units.communes": int64(64), "units.districts": int64(0), "agencies": int64(1138)},
		"2026-11-23": {"units.communes": int64(64), "units.districts": int64(0), "agencies": int64(1138), "citizens": int64(demo.CitizensAtScale1)},
	} {
		got, err := directory.Figures(t.Context(), db.Reader, day(at))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %v", at, got)
		maps.DeleteFunc(got, func(k string, _ any) bool { _, asked := want[k]; return !asked })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", at, diff)
		}
	}
	for what, sql := range map[string]string{
		"bodies without a head, a deputy or a clerk": `
			SELECT count(*) FROM unnest(ARRAY['2023-10-10', '2024-12-01', '2025-07-01', '2026-11-23']::date[]) d (day)
			JOIN directory.agency_version v ON v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
			CROSS JOIN unnest(ARRAY['leader', 'deputy', 'clerk']) k
			WHERE NOT EXISTS (SELECT FROM directory.post p WHERE p.agency_id = v.agency_id AND p.position = k AND p.valid_from <= day AND (p.valid_to IS NULL OR p.valid_to > day))`,
		"bodies with two heads": `
			SELECT count(*) FROM (SELECT agency_id FROM directory.post, unnest(ARRAY['2023-10-10', '2024-12-01', '2025-07-01', '2026-11-23']::date[]) d (day)
			WHERE position = 'leader' AND valid_from <= day AND (valid_to IS NULL OR valid_to > day) GROUP BY day, agency_id HAVING count(*) > 1) x`,
		"communes without a counter, a cashier or a case officer": `
			SELECT count(*) FROM unnest(ARRAY['2023-10-10', '2026-11-23']::date[]) d (day)
			JOIN directory.unit u ON u.level = 'commune' AND u.valid_from <= day AND (u.valid_to IS NULL OR u.valid_to > day)
			CROSS JOIN unnest(ARRAY['receiving-officer', 'cashier', 'case-officer', 'agency-admin']) k
			WHERE NOT EXISTS (SELECT FROM directory.post p JOIN directory.agency_version v ON v.agency_id = p.agency_id AND v.unit_code = u.code
				WHERE p.position = k AND p.valid_from <= day AND (p.valid_to IS NULL OR p.valid_to > day)
				  AND v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day))`,
		"posts in bodies that were not there": `
			SELECT count(*) FROM directory.post p WHERE NOT EXISTS (SELECT FROM directory.agency_version v
			WHERE v.agency_id = p.agency_id AND v.valid_from <= p.valid_from AND (v.valid_to IS NULL OR v.valid_to > p.valid_from))`,
		"open posts in bodies that ended": `
			SELECT count(*) FROM directory.post p WHERE p.valid_to IS NULL AND NOT EXISTS (SELECT FROM directory.agency_version v
			WHERE v.agency_id = p.agency_id AND v.valid_to IS NULL)`,
		"people in two posts at once": `
			SELECT count(*) FROM directory.post a JOIN directory.post b ON b.person_id = a.person_id AND b.id > a.id
			WHERE a.valid_from < coalesce(b.valid_to, 'infinity') AND b.valid_from < coalesce(a.valid_to, 'infinity')`,
		"anything of tomorrow": `
			SELECT (SELECT count(*) FROM directory.post WHERE valid_from > '2026-11-23' OR valid_to > '2026-11-23')
			     + (SELECT count(*) FROM directory.person WHERE birth_date > '2026-11-23' OR created_at > '2026-11-24')`,
		"overlapping states": `
			SELECT (SELECT count(*) FROM directory.unit a JOIN directory.unit b ON a.code = b.code AND a.valid_from < b.valid_from AND coalesce(a.valid_to, 'infinity') > b.valid_from)
			     + (SELECT count(*) FROM directory.agency_version a JOIN directory.agency_version b ON a.agency_id = b.agency_id AND a.valid_from < b.valid_from AND coalesce(a.valid_to, 'infinity') > b.valid_from)`,
		"parents that were not there": `
			SELECT count(*) FROM directory.agency_version c WHERE c.parent IS NOT NULL AND NOT EXISTS (SELECT FROM directory.agency_version v
			WHERE v.agency_id = c.parent AND v.valid_from <= c.valid_from AND (v.valid_to IS NULL OR v.valid_to > c.valid_from))`,
		"numbers given twice":         `SELECT count(*) FROM (SELECT 1 FROM directory.person WHERE personal_id IS NOT NULL GROUP BY personal_id HAVING count(*) > 1) x`,
		"phones given twice":          `SELECT count(*) FROM (SELECT 1 FROM directory.person WHERE phone IS NOT NULL GROUP BY phone HAVING count(*) > 1) x`,
		"phones that might ring":      `SELECT count(*) FROM directory.person WHERE phone !~ '^050[0-9]{7}$'`,
		"addresses that might arrive": `SELECT count(*) FROM directory.person WHERE email !~ '[.]example$'`,
		"numbers that contradict birth and sex": `
			SELECT count(*) FROM directory.person WHERE personal_id IS NOT NULL AND substr(personal_id, 4, 3) <>
			((extract(year FROM birth_date)::int / 100 - 19) * 2 + (sex = 'female')::int)::text || to_char(birth_date, 'YY')`,
		"old communes of the province that lead nowhere": `
			SELECT count(*) FROM directory.unit u WHERE u.level = 'commune' AND u.valid_to IS NOT NULL
			AND NOT EXISTS (SELECT FROM directory.unit_successor s WHERE s.old_code = u.code AND s.day = u.valid_to)`,
		"people of the successor's predecessors who vanished": `
			SELECT (count(*) = 0)::int FROM directory.post a JOIN directory.post b ON b.person_id = a.person_id AND b.valid_from = '2025-07-01' AND b.agency_id = 'ubnd-xa-dat-mui-2025'
			WHERE a.valid_to = '2025-07-01' AND a.agency_id IN ('ubnd-xa-dat-mui', 'ubnd-xa-tan-an')`,
		"communes of Bạc Liêu without officials": `
			SELECT (count(DISTINCT v.unit_code) <> 25)::int FROM directory.post p JOIN directory.agency_version v ON v.agency_id = p.agency_id
			WHERE p.basis = 'chuyển tiếp từ tỉnh Bạc Liêu' AND p.valid_to IS NULL AND v.valid_to IS NULL`,
	} {
		n, err := pg.Value[int64](db.Owner.Query(t.Context(), sql, pgx.NamedArgs{}))
		if err != nil {
			t.Errorf("%s: %v", what, err)
		} else if n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
	accounts(t, db, w)
}

// accounts: every demo account acts as it says.
func accounts(t *testing.T, db *pg.DB, w *demo.World) {
	t.Helper()
	d := directory.New(directory.Config{DB: db.Reader, Clock: clock.At(day("2026-11-23"))})
	may := map[string][2]string{
		"canbo.datmui":   {"services.receive", "ubnd-xa-dat-mui-2025"},
		"thuly.datmui":   {"services.handle", "ubnd-xa-dat-mui-2025"},
		"chutich.datmui": {"services.decide", "ubnd-xa-dat-mui-2025"},
		"vanthu.datmui":  {"services.number", "ubnd-xa-dat-mui-2025"},
		"thuquy.datmui":  {"services.cash", "ubnd-xa-dat-mui-2025"},
		"giamdoc.datmui": {"services.supervise", "tt-pvhcc-xa-dat-mui-2025"},
		"quantri.datmui": {"directory.manage", "tt-pvhcc-xa-dat-mui-2025"},
		"canbo.tinh":     {"services.receive", "tt-pvhcc-tinh"},
		"so.nongnghiep":  {"services.handle", "so-nong-nghiep-va-moi-truong"},
		"giamdoc.tuphap": {"services.decide", "so-tu-phap"},
		"quantri":        {"admin.instance", "anything"},
		"thanhtra":       {"audit.inspect", "anything"},
	}
	seen := map[uuid.UUID]string{}
	for _, a := range w.Accounts {
		if other, twice := seen[a.PersonID]; twice {
			t.Errorf("%s and %s are one person", a.Account, other)
		}
		seen[a.PersonID] = a.Account
		who, err := d.Actor(t.Context(), db.Reader, a.PersonID, a.Post, day("2026-11-23"))
		if err != nil {
			t.Errorf("%s: %v", a.Account, err)
			continue
		}
		if who.PostID != a.Post || who.Office != a.Agency {
			t.Errorf("%s acts from %s in %s", a.Account, who.PostID, who.Office)
		}
		if g, ok := may[a.Account]; ok {
			delete(may, a.Account)
			if !who.May(g[0], g[1]) {
				t.Errorf("%s may not %v", a.Account, g)
			}
		}
	}
	if len(may) > 0 {
		t.Errorf("no such account: %v", may)
	}
}

// sums are checksums over all rows of the directory.
func sums(t *testing.T, db *pg.DB) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range []string{"unit", "unit_successor", "agency", "agency_version", "agency_successor", "person", "post"} {
		sum, err := pg.Value[string](db.Owner.Query(t.Context(), `SELECT md5(string_agg(t::text, E'\n' ORDER BY t::text COLLATE "C")) FROM directory.`+name+` t`))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = sum
	}
	return out
}

// TestSameRows: the same seed and as-of day give the same rows; another seed other people.
func TestSameRows(t *testing.T) {
	t.Parallel()
	one, _ := load(t, 7, "2026-11-23")
	two, _ := load(t, 7, "2026-11-23")
	first := sums(t, one)
	if diff := cmp.Diff(first, sums(t, two)); diff != "" {
		t.Errorf("the same seed: %s", diff)
	}
	three, _ := load(t, 8, "2026-11-23")
	other := sums(t, three)
	if other["person"] == first["person"] || other["unit"] != first["unit"] {
		t.Error("another seed makes other people in the same units")
	}
}

// TestAsOf: on an earlier day the province knows nothing of what came after, and what it knows of
// officials is the same.
func TestAsOf(t *testing.T) {
	t.Parallel()
	db, w := load(t, 1, "2023-10-10")
	got, err := directory.Figures(t.Context(), db.Reader, day("2030-01-01"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"units.communes": int64(101), "units.districts": int64(9), "agencies": int64(1146), "accounts.officials": int64(11000), "citizens": int64(demo.CitizensAtScale1)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	later, err := demo.Build(demo.Config{Seed: 1, AsOf: day("2026-11-23")})
	if err != nil {
		t.Fatal(err)
	}
	known := map[uuid.UUID]directory.Post{}
	for _, p := range later.Posts {
		known[p.ID] = p
	}
	for _, p := range w.Posts {
		l, ok := known[p.ID]
		if !ok || l.Person != p.Person || l.Name != p.Name || !l.ValidFrom.Equal(p.ValidFrom) || l.Agency != p.Agency {
			t.Fatalf("post %+v became %+v", p, l)
		}
	}
	if _, err := demo.Build(demo.Config{AsOf: day("2020-01-01")}); err == nil || !strings.Contains(err.Error(), "2023-01-01") {
		t.Errorf("too early: %v", err)
	}
}
