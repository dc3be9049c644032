package services

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// filings fills the tables with dossiers of a hundred communes and a department that both receives
// and decides: office-1 has a third of all. One in four is of a Nguyễn; every thousandth of office-1
// is of Lư Mộc Miên.
func filings(t *testing.T, db *pg.DB, rows int) *Module {
	t.Helper()
	ctx := context.Background()
	for _, sql := range []string{
		`INSERT INTO services.procedure (code, name, name_en, level, field, open) VALUES ('1.000001', 'Thử', 'Trial', 'commune', 'x', true)`,
		`INSERT INTO services.version (procedure, version, valid_from, definition) VALUES ('1.000001', 1, '2025-01-01', '{}')`,
		fmt.Sprintf(`BEGIN;
		CREATE TEMP TABLE filing ON COMMIT DROP AS SELECT n, md5('d' || n)::uuid AS id, '2026-01-01'::timestamptz + n * interval '10 minutes' AS at,
			CASE n %% 3 WHEN 0 THEN 'office-1' WHEN 1 THEN 'department' ELSE 'office-' || (2 + n * 7919 %% 99) END AS body FROM generate_series(1, %d) n;
		INSERT INTO services.move (dossier_id, n, to_state, act, at) SELECT id, 1, CASE WHEN n %% 20 = 0 THEN 1 ELSE 2 END, 'test', at FROM filing;
		INSERT INTO services.dossier (id, code, procedure, version, state, moves, channel, receiving_agency, competent_agency, holder_agency, applicant, owner,
			applicant_name, owner_name, answers, filed_at, accepted_at, due_at, updated_at)
		SELECT id, 'H12.1-260101-' || lpad(n::text, 7, '0'), '1.000001', 1, CASE WHEN n %% 20 = 0 THEN 1 ELSE 2 END, 1, 1,
			CASE body WHEN 'department' THEN body ELSE 'counter-' || body END, body, body, id, id, name, name, '{}', at, at, at, at
		FROM filing, LATERAL (SELECT CASE WHEN n %% 3000 = 0 THEN 'Lư Mộc Miên' WHEN n %% 4 = 0 THEN 'Nguyễn Văn Đ' || n %% 50 ELSE 'Trần Thị Đ' || n %% 50 END AS name) x;
		COMMIT`, rows),
		`VACUUM (ANALYZE) services.dossier`,
	} {
		if _, err := db.Owner.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	return &Module{db: db.Reader, clock: clock.At(time.Date(2026, 9, 15, 0, 0, 0, 0, time.UTC)), directory: directory.New(directory.Config{DB: db.Reader})}
}

func official(offices ...string) context.Context {
	a := actor.Actor{ID: uuid.New(), Kind: actor.Official, Office: offices[0], Offices: offices}
	for _, o := range offices {
		right := RightHandle
		if strings.HasPrefix(o, "counter-") {
			right = RightReceive
		}
		a.Grants = append(a.Grants, actor.Grant{Right: right, Agency: o})
	}
	return actor.With(context.Background(), a)
}

func TestSearchFindsInTheOfficesOfWhoAsks(t *testing.T) {
	const rows = 30_000
	m := filings(t, testkit.DB(t), rows)
	codes := func(ctx context.Context, words string) []string {
		t.Helper()
		lines, err := m.Search(ctx, words)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, l := range lines {
			out = append(out, strings.TrimLeft(l.Code[len("H12.1-260101-"):], "0"))
		}
		return out
	}
	// what a slow and obvious reading of all rows finds
	want := func(keep func(n int) bool) []string {
		var out []string
		for n := rows; n > 0 && len(out) < found; n-- {
			if keep(n) {
				out = append(out, fmt.Sprint(n))
			}
		}
		return out
	}
	nguyen := func(n int) bool { return n%3000 != 0 && n%4 == 0 }
	first, department := official("office-1"), official("department")
	for name, tt := range map[string]struct {
		ctx   context.Context
		words string
		keep  func(n int) bool
	}{
		"a rare name":                     {first, "Lư Mộc Miên", func(n int) bool { return n%3000 == 0 }},
		"without marks, in another order": {first, "mien lu", func(n int) bool { return n%3000 == 0 }},
		"an unfinished word":              {first, "lu mo", func(n int) bool { return n%3000 == 0 }},
		"not in another office":           {department, "lu moc mien", func(int) bool { return false }},
		"a common word":                   {first, "nguyen", func(n int) bool { return n%3 == 0 && nguyen(n) }},
		"received and decided: once":      {department, "nguyen van", func(n int) bool { return n%3 == 1 && nguyen(n) }},
		"two offices":                     {official("office-1", "department"), "nguyen van d8", func(n int) bool { return n%3 != 2 && nguyen(n) && n%50 == 8 }},
		"the counter that received":       {official("counter-office-1"), "mien", func(n int) bool { return n%3000 == 0 }},
		"who only handles there": {actor.With(t.Context(), actor.Actor{ID: uuid.New(), Kind: actor.Official, Office: "counter-office-1", Offices: []string{"counter-office-1"},
			Grants: []actor.Grant{{Right: RightHandle, Agency: "counter-office-1"}}}), "mien", func(int) bool { return false }},
		"the end of a code":           {department, "260101-0000031", func(n int) bool { return n == 31 }},
		"the beginning of a word":     {first, "ng", func(n int) bool { return n%3 == 0 && nguyen(n) }},
		"a beginning that is rare":    {first, "lư", func(n int) bool { return n%3000 == 0 }},
		"signs of a query's language": {first, "') | ('", func(int) bool { return false }},
		"an office without anything":  {official("office-x"), "nguyen", func(int) bool { return false }},
	} {
		t.Run(name, func(t *testing.T) {
			if got, want := codes(tt.ctx, tt.words), want(tt.keep); !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// What is called so comes before what only begins so; a syllable that cannot go on is none's beginning.
func TestSearchWholeWordsFirst(t *testing.T) {
	db := testkit.DB(t)
	m := filings(t, db, 300)
	name := func(n int, name string) {
		if _, err := db.Owner.Exec(t.Context(), `UPDATE services.dossier SET applicant_name = $2, owner_name = $2 WHERE id = md5('d' || $1::int)::uuid`, n, name); err != nil {
			t.Fatal(err)
		}
	}
	name(3, "Lý Thị Tra")
	name(6, "Lý Thị Trang")
	name(9, "Lý Thị Quí")
	name(12, "Lý Thị Quính")
	name(15, "Lý Phươngx")
	name(18, "Lý Gia Dũng")
	name(21, "Lý Gia Hân")
	for words, want := range map[string]int{"ly thi tra": 1, "ly thi tr": 2, "ly thi trang": 1, "ly thi qui": 1, "ly thi qu": 2, "ly thi quin": 1,
		"ly gia du": 1, "du ly gia": 0, "ly gia duo": 0, "ly phuong": 0, "ly phuon": 1, "phươngx": 1} {
		if lines, err := m.Search(official("office-1"), words); err != nil || len(lines) != want {
			t.Errorf("%q finds %d, want %d: %v", words, len(lines), want, err)
		}
	}
}

func TestListPages(t *testing.T) {
	m := filings(t, testkit.DB(t), 3000)
	for name, tt := range map[string]struct {
		offices []string
		state   State
		want    int
	}{"all of a department, each once": {[]string{"department"}, None, 1000}, "one state": {[]string{"department"}, Registered, 50},
		"what a counter received": {[]string{"counter-office-1"}, None, 1000}, "several offices": {[]string{"nothing-here", "office-1", "counter-office-1", "department"}, None, 2000}} {
		t.Run(name, func(t *testing.T) {
			var seen []string
			for key := ""; ; {
				page, err := m.List(official(tt.offices...), ListIn{State: tt.state, After: key})
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range page.Lines {
					seen = append(seen, l.Code)
				}
				if key = page.Next; key == "" {
					break
				}
			}
			if len(seen) != tt.want || !slices.IsSortedFunc(seen, func(a, b string) int { return strings.Compare(b, a) }) || len(slices.Compact(seen)) != tt.want {
				t.Errorf("%d lines, want %d, each once and the newest first", len(seen), tt.want)
			}
		})
	}
}

// The work of a list and of a search hangs on what is shown and not on what the province has filed.
func TestPlansReadOnlyTheOffice(t *testing.T) {
	db := testkit.DB(t)
	m := filings(t, db, 30_000)
	list := func(in ListIn) (string, pgx.NamedArgs) {
		s, err := m.selecting(official("department"), in)
		if err != nil {
			t.Fatal(err)
		}
		s.args["counters"] = []string{"department"}
		at, id := s.start()
		return s.sql(lineColumns), s.page(at, id, pageSize+1)
	}
	asked := map[string]ListIn{"list": {}, "list a state": {State: Registered}, "what is late": {Term: TermLate}, "what was finished in a month": {By: ByFinished, From: "2026-03-01", To: "2026-03-31"},
		"what was filed in a month": {From: "2026-03-01", To: "2026-03-31"}}
	search := func(words string) pgx.NamedArgs {
		offices := []string{"office-1"}
		in := monthsOf(words, offices, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 8, 31, 0, 0, 0, 0, time.UTC))
		in.offices, in.counters = offices, offices
		return in.unfinished().args(recent)
	}
	type plan struct {
		sql  string
		args pgx.NamedArgs
		want []string
	}
	lists := map[string]plan{}
	for name, want := range map[string][]string{"list": {"dossier_office_filed", "dossier_received_filed"}, "list a state": {"dossier_office ", "dossier_received "},
		"what is late": {"dossier_office ", "dossier_received "}, "what was finished in a month": {"dossier_finished", "dossier_received_finished"},
		"what was filed in a month": {"dossier_office_filed", "dossier_received_filed"}} {
		sql, args := list(asked[name])
		lists[name] = plan{sql, args, want}
	}
	all := map[string]plan{
		"a rare beginning": {searchSQL, search("lu moc mie"), []string{"dossier_search"}},
		"a rare name":      {searchSQL, search("lu moc mien"), []string{"dossier_search"}},
		"common words":     {searchSQL, search("nguyen van"), []string{"dossier_search"}},
		"the newest":       {recentSQL, search("nguyen van"), []string{"dossier_office_filed", "dossier_received_filed"}},
		"who has dossiers": {seatsSQL, pgx.NamedArgs{}, []string{"dossier_holder"}},
		"bodies long over": {strandedSQL(overSQL), pgx.NamedArgs{"old": []string{"office-5", "office-x"}, "after": uuid.Nil, "most": carriedAtOnce}, []string{"BitmapOr", "dossier_office", "dossier_received"}},
	}
	maps.Copy(all, lists)
	for name, tt := range all {
		t.Run(name, func(t *testing.T) {
			lines, err := pg.Values[string](db.Reader.Query(t.Context(), "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) "+tt.sql, tt.args))
			if err != nil {
				t.Fatal(err)
			}
			plan := strings.Join(lines, "\n")
			t.Log(plan)
			for _, index := range tt.want {
				if !strings.Contains(plan+" ", index) {
					t.Errorf("want the index %s", index)
				}
			}
			if strings.Contains(plan, "Seq Scan on dossier") {
				t.Errorf("the whole table is read:\n%s", plan)
			}
		})
	}
}
