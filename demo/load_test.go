package demo_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"datmui/apps/services"
	"datmui/apps/services/silence"
	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/directory"
	"datmui/blocks/files"
	"datmui/blocks/forms"
	"datmui/blocks/notify"
	"datmui/blocks/partners"
	"datmui/blocks/pay"
	"datmui/blocks/records"
	"datmui/blocks/represent"
	"datmui/blocks/sign"
	"datmui/blocks/worklist"
	"datmui/demo"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// world is a database with the parts that load a demonstration into it.
type world struct {
	db       *pg.DB
	book     *audit.Book
	verifier note.Verifier
	config   demo.LoadConfig
	forms    *forms.Block
	dir      *directory.Block
}

// communes tells forms of the units in force.
type communes struct{ db *pg.DB }

func (c communes) UnitName(code string) (string, bool) {
	name, err := pg.Value[string](c.db.Reader.Query(context.Background(), `SELECT name FROM directory.unit WHERE code = $1 AND valid_to IS NULL AND level = 'commune'`, code))
	return name, err == nil
}

func (communes) Former(string) []forms.FormerUnit { return nil }

func (c communes) UnitList() []forms.UnitOption { return nil }

// prepare builds the blocks over a database of the test's own; nothing is loaded yet.
func prepare(t testing.TB, dossiers, scale int, withKeys bool) *world {
	t.Helper()
	db := testkit.DB(t)
	ctx := actor.With(t.Context(), actor.ForSystem("test"))
	now := clock.At(day("2026-11-23"))
	skey, vkey, err := note.GenerateKey(rand.Reader, "datmui-test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{db: db}
	if w.verifier, err = note.NewVerifier(vkey); err != nil {
		t.Fatal(err)
	}
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: now, Signer: signer})
	w.book = book
	w.dir = directory.New(directory.Config{DB: db.Reader, Book: book, Clock: now})
	cal := calendar.New(calendar.Config{DB: db.Reader, Book: book, Clock: now})
	if w.forms, err = forms.New(forms.Config{DB: db.Reader, Book: book, Clock: now, Units: communes{db}, Shipped: []fs.FS{services.FormDefinitions()}}); err != nil {
		t.Fatal(err)
	}
	store, err := files.New(ctx, files.Config{DB: db.Reader, Book: book, Clock: now, Store: t.TempDir(), Temp: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	signing, err := sign.New(sign.Config{DB: db.Reader, Book: book, Clock: now, Master: make([]byte, 32), Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	talks, err := partners.New(partners.Config{DB: db.Reader, Book: book, Clock: now, Master: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	notices := notify.New(notify.Config{DB: db.Reader, Book: book, Clock: now})
	m := services.New(services.Config{DB: db.Reader, Book: book, Clock: now, Directory: w.dir, Calendar: cal, Forms: w.forms,
		Worklist: worklist.New(worklist.Config{DB: db.Reader, Book: book, Clock: now}), Notify: notices,
		Represent: represent.New(represent.Config{DB: db.Reader, Book: book, Clock: now, Directory: w.dir, Files: store, Notify: notices}),
		Files:     store, Pay: pay.New(pay.Config{DB: db.Reader, Book: book, Clock: now}), Records: records.New(records.Config{DB: db.Reader, Book: book, Clock: now}),
		Sign: signing, Partners: talks, Origin: "http://localhost:8080", Demo: true})
	for _, seed := range []func(context.Context) error{cal.Seed, w.forms.Seed, m.Seed} {
		if err := seed(ctx); err != nil {
			t.Fatal(err)
		}
	}
	w.config = demo.LoadConfig{Book: book, Seed: 1, AsOf: day("2026-11-23"), Scale: scale, DB: db.Reader,
		Directory: w.dir, Services: m, Calendar: cal, Forms: w.forms, Dossiers: dossiers}
	if withKeys {
		w.config.Sign = signing
	}
	return w
}

func (w *world) load(t testing.TB) {
	t.Helper()
	if err := demo.Load(t.Context(), w.config); err != nil {
		t.Fatal(err)
	}
}

// TestDossiers holds the bulk loader to the rules of the acts and to the same audit.
func TestDossiers(t *testing.T) {
	t.Parallel()
	w := prepare(t, 1500, 1, false)
	w.load(t)
	w.load(t) // complete: nothing comes twice
	ctx := t.Context()
	count := func(sql string, args ...any) int64 {
		t.Helper()
		n, err := pg.Value[int64](w.db.Owner.Query(ctx, sql, args...))
		if err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
		return n
	}
	if n := count(`SELECT count(*) FROM services.dossier`); n != 1500 {
		t.Errorf("%d dossiers, want 1500", n)
	}
	if n := count(`SELECT count(DISTINCT state) FROM services.dossier`); n != 10 {
		t.Errorf("%d of the ten states occur", n)
	}
	if n := count(`SELECT count(DISTINCT procedure) FROM services.dossier`); n != 12 {
		t.Errorf("%d of the twelve procedures occur", n)
	}
	for what, sql := range map[string]string{
		"moves without their entry": `SELECT count(*) FROM services.move m JOIN services.dossier d ON d.id = m.dossier_id WHERE NOT EXISTS (
			SELECT FROM audit.entry e WHERE e.subject_id = d.code AND e.name = m.act AND e.at = m.at AND e.actor_id IS NOT DISTINCT FROM m.actor
			AND (e.body::jsonb->'detail'->>'to')::int = m.to_state AND d.applicant = ANY(e.persons))`,
		"entries of acts without a dossier": `SELECT count(*) FROM audit.entry e WHERE e.kind = 'act' AND NOT EXISTS (SELECT FROM services.dossier d WHERE d.code = e.subject_id)`,
		"open dossiers on no desk, or ended ones on a desk": `SELECT count(*) FROM services.dossier d WHERE (d.state IN (1, 2, 4, 5, 6, 9)) <>
			EXISTS (SELECT FROM worklist.item i WHERE i.subject = d.id AND i.kind = 'services.dossier' AND i.done_at IS NULL AND i.step = d.step)`,
		"desks at which nobody sits": `SELECT count(*) FROM worklist.item i WHERE i.person IS NULL AND NOT EXISTS (
			SELECT FROM directory.post p JOIN directory.position_right r ON r.position = p.position AND r.right_key = i.right_key
			WHERE p.valid_to IS NULL AND (p.agency_id = i.agency OR p.agency_id = ANY(directory.house(i.agency, '2026-11-23'))))`,
		"codes that are not numbered without a hole": `SELECT count(*) FROM numbering.series s WHERE s.name = 'dossier' AND s.last <>
			(SELECT count(*) FROM services.dossier d WHERE d.code LIKE s.agency || '-' || to_char(s.period::date, 'YYMMDD') || '-%')`,
		"codes out of the order of filing": `SELECT count(*) FROM services.dossier a JOIN services.dossier b ON left(a.code, -4) = left(b.code, -4)
			AND a.code < b.code AND a.filed_at > b.filed_at`,
		"result numbers given twice": `SELECT count(*) FROM (SELECT FROM services.dossier WHERE number IS NOT NULL
			GROUP BY competent_agency, number, extract(year FROM finished_at AT TIME ZONE 'Asia/Ho_Chi_Minh') HAVING count(*) > 1) x`,
		"receipts that are not numbered without a hole": `SELECT count(*) FROM numbering.series s WHERE s.name LIKE 'receipt %' AND s.last <>
			(SELECT count(*) FROM pay.receipt r WHERE r.agency = s.agency AND 'receipt ' || r.series = s.name)`,
		"paid dossiers without money": `SELECT count(*) FROM services.dossier d WHERE (d.fee_state = 'paid') <> EXISTS (
			SELECT FROM pay.bill b JOIN pay.payment p ON p.bill_id = b.id JOIN pay.receipt r ON r.payment_id = p.id
			WHERE b.subject_id = d.id AND b.state = 'paid' AND b.amount = d.fee AND p.amount = d.fee)`,
		"returned without payment":                   `SELECT count(*) FROM services.dossier WHERE state = 10 AND fee_state IN ('due', 'unknown')`,
		"acts outside the twelve months":             `SELECT count(*) FROM services.move WHERE at < '2025-11-23 00:00+07' OR at >= '2026-11-23 00:00+07'`,
		"officials who did not hold the post":        `SELECT count(*) FROM services.move m WHERE m.agency <> '' AND NOT EXISTS (SELECT FROM directory.post p WHERE p.person_id = m.actor AND p.agency_id = m.agency AND p.valid_from <= (m.at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AND (p.valid_to IS NULL OR p.valid_to > (m.at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date))`,
		"applicants who are nobody":                  `SELECT count(*) FROM services.dossier d WHERE NOT EXISTS (SELECT FROM directory.person p WHERE p.id = d.applicant AND p.name = d.applicant_name)`,
		"finished dossiers that claim to have files": `SELECT count(*) FROM services.dossier WHERE files <> (state IN (1, 2, 4, 5, 6))`,
		"dossiers in flight without their papers":    `SELECT count(*) FROM services.dossier d WHERE files AND accepted_at IS NOT NULL AND NOT EXISTS (SELECT FROM services.outgoing o WHERE o.dossier_id = d.id AND o.kind = 'form-01' AND o.state = 'waiting')`,
		"signed results that have no number":         `SELECT count(*) FROM services.dossier WHERE step = 'number'`,
		"pauses that do not end":                     `SELECT count(*) FROM services.dossier d WHERE (paused_at IS NOT NULL) <> (jsonb_array_length(pauses) > 0 AND NOT (pauses->-1) ? 'to') AND accepted_at IS NOT NULL`,
		"ratings without their entry": `SELECT count(*) FROM services.rating r JOIN services.dossier d ON d.id = r.dossier_id WHERE d.applicant <> r.person OR NOT EXISTS (
			SELECT FROM audit.entry e WHERE e.subject_id = d.code AND e.name = 'services.dossier.rate' AND e.at = r.at AND e.actor_id = r.person)`,
		"ratings before the end or after their days": `SELECT count(*) FROM services.rating r JOIN services.dossier d ON d.id = r.dossier_id
			WHERE d.state NOT IN (3, 10) OR r.at < d.updated_at OR r.at > d.updated_at + interval '30 days'`,
		"low ratings without a reason or a time for the answer": `SELECT count(*) FROM services.rating WHERE (least(score, speed, guidance, manner) = 1) <> (due_at IS NOT NULL) OR due_at IS NOT NULL AND comment = ''`,
		"low ratings that nobody has answered nor on a desk": `SELECT count(*) FROM services.rating r WHERE due_at IS NOT NULL AND (answered_at IS NULL) <> EXISTS (
			SELECT FROM worklist.item i WHERE i.subject = r.dossier_id AND i.kind = 'services.rating' AND i.done_at IS NULL AND i.agency = r.agency AND i.due_at = r.due_at)`,
		"answers by those who may not": `SELECT count(*) FROM services.rating r WHERE answered_by IS NOT NULL AND NOT EXISTS (SELECT FROM directory.post p JOIN directory.position_right pr
			ON pr.position = p.position AND pr.right_key = 'services.supervise' WHERE p.person_id = r.answered_by AND (p.agency_id = r.agency OR p.agency_id = ANY(directory.house(r.agency, '2026-11-23'))))`,
		"few low ratings that were answered (1 = bad)": `SELECT (count(*) < 3)::int FROM services.rating WHERE answered_at IS NOT NULL`,
		"requests left open":                           `SELECT count(*) FROM services.request q JOIN services.dossier d ON d.id = q.dossier_id WHERE (q.answered_at IS NULL) AND d.state NOT IN (5, 8)`,
	} {
		if n := count(sql); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
	w.checkAuthority(t)
	w.checkTerms(t)
	w.checkDesks(t)
	w.checkForms(t)
	w.checkFigures(t)
	w.checkSilence(t)
	if _, err := w.book.Seal(ctx); err != nil {
		t.Fatal(err)
	}
	report, err := w.book.Verify(ctx, w.verifier)
	if err != nil || !report.OK {
		t.Errorf("the audit does not verify: %v %+v", err, report)
	}
}

// checkSilence has the watchdog look: nothing in the demonstration province is forgotten.
func (w *world) checkSilence(t *testing.T) {
	m := silence.New(silence.Config{DB: w.db.Reader, Book: w.book, Clock: w.book.Clock(), Directory: w.dir,
		Worklist: worklist.New(worklist.Config{DB: w.db.Reader, Book: w.book, Clock: w.book.Clock()})})
	if err := m.Look(actor.With(t.Context(), actor.ForSystem("test"))); err != nil {
		t.Fatal(err)
	}
	s, err := m.State(t.Context())
	if err != nil || !s.Green() {
		t.Errorf("the watchdog is red: %+v, %v", s.Runs, err)
	}
	if n := s.Runs[0].Rules[silence.RuleDesk].Checked; n < 50 {
		t.Errorf("only %d open dossiers were checked", n)
	}
}

// checkAuthority asks the directory whether each official might do what the slip says she did.
func (w *world) checkAuthority(t *testing.T) {
	rights := map[string]string{"services.dossier.accept": services.RightReceive, "services.dossier.intake": services.RightReceive,
		"services.dossier.refuse": services.RightReceive, "services.dossier.take": services.RightHandle, "services.dossier.propose": services.RightHandle,
		"services.dossier.sign": services.RightDecide, "services.dossier.send-back": services.RightDecide,
		"services.dossier.stop": services.RightDecide, "services.dossier.resume": services.RightDecide, "services.dossier.number": services.RightNumber,
		"services.dossier.return": services.RightReturn}
	type done struct {
		Act   string
		Actor uuid.UUID
		Body  string
		At    time.Time
	}
	rows, err := pg.All[done](w.db.Reader.Query(t.Context(), `SELECT m.act, m.actor, CASE WHEN m.act ~ '(accept|intake|refuse|return)$' THEN d.receiving_agency ELSE d.competent_agency END AS body, min(m.at) AS at
		FROM services.move m JOIN services.dossier d ON d.id = m.dossier_id WHERE m.agency <> '' GROUP BY 1, 2, 3`))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		right, ok := rights[r.Act]
		if !ok {
			continue
		}
		if _, err := w.dir.Authority(t.Context(), w.db.Reader, r.Actor, right, r.Body, r.At); err != nil {
			t.Errorf("%s by %s at %s on %s: %v", r.Act, r.Actor, r.Body, r.At, err)
		}
	}
	if len(rows) < 300 {
		t.Errorf("only %d acts were judged", len(rows))
	}
}

// checkTerms works every promise out again from what is stored.
func (w *world) checkTerms(t *testing.T) {
	n, err := w.config.Services.CheckTerms(t.Context())
	if err != nil {
		t.Error(err)
	}
	if n < 1000 {
		t.Errorf("only %d promises were worked out again", n)
	}
}

// checkDesks finds no open dossier with an officer or a body that is no longer there.
func (w *world) checkDesks(t *testing.T) {
	if err := w.config.Services.Carry(actor.With(t.Context(), actor.ForSystem("test"))); err != nil {
		t.Error(err)
	}
	n, err := pg.Value[int](w.db.Reader.Query(t.Context(), `SELECT count(*)::int FROM audit.entry WHERE name = 'services.dossier.carry'`))
	if err != nil || n > 0 {
		t.Errorf("%d dossiers lay on nobody's desk, %v", n, err)
	}
}

// checkForms holds the answers to the forms.
func (w *world) checkForms(t *testing.T) {
	type filled struct {
		Procedure string
		Answers   forms.Answers
	}
	rows, err := pg.All[filled](w.db.Reader.Query(t.Context(), `SELECT procedure, answers FROM services.dossier`))
	if err != nil {
		t.Fatal(err)
	}
	defs, err := services.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	form := map[string]*forms.Form{}
	for _, d := range defs {
		if form[d.Code], err = w.forms.Current(d.Form); err != nil {
			t.Fatal(err)
		}
	}
	said := map[string]bool{}
	for _, r := range rows {
		got, faults := form[r.Procedure].Check(r.Answers)
		if key := fmt.Sprint(r.Procedure, faults); faults.Any() && !said[key] {
			said[key] = true
			t.Errorf("%s: %v", r.Procedure, faults)
		} else if diff := cmp.Diff(r.Answers, got, cmp.Comparer(forms.Answers.Equal)); diff != "" && !said[r.Procedure] {
			said[r.Procedure] = true
			t.Errorf("%s is not as the form keeps it: %s", r.Procedure, diff)
		}
	}
}

// checkFigures compares the figures of services with rows counted another way.
func (w *world) checkFigures(t *testing.T) {
	got, err := services.Figures(t.Context(), w.db.Reader, day("2026-11-23"))
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		State int
		N     int64
	}
	rows, err := pg.All[row](w.db.Reader.Query(t.Context(), `SELECT state, count(*) AS n FROM services.dossier GROUP BY state`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{}
	for _, r := range rows {
		want[fmt.Sprint(r.State)] = r.N
	}
	if diff := cmp.Diff(want, got["dossiers.by_state"]); diff != "" {
		t.Error(diff)
	}
	defs, err := services.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	open, listed := 0, 0
	for _, d := range defs {
		if len(d.Code) > 8 { // only ever worked as part of a set
			continue
		}
		listed++
		if len(d.Missing(pay.Shipped())) == 0 {
			open++
		}
	}
	if got["procedures"] != int64(listed) || got["procedures.open"] != int64(open) || open < 30 {
		t.Errorf("%d shipped, %d open: %v", listed, open, got)
	}
	t.Log(got)
	before, err := services.Figures(t.Context(), w.db.Reader, day("2025-06-01"))
	if err != nil || len(before["dossiers.by_state"].(map[string]int64)) != 0 || before["procedures.open"] != int64(0) {
		t.Errorf("before the two levels: %v %v", before, err)
	}
}

// TestPapers makes the files of a small province in flight, by acts of today.
func TestPapers(t *testing.T) {
	t.Parallel()
	w := prepare(t, 300, 1, true)
	w.load(t)
	begun := time.Now()
	for range 2 { // the second time there is nothing left
		if err := demo.Papers(t.Context(), w.config); err != nil {
			t.Fatal(err)
		}
	}
	t.Log(time.Since(begun))
	for what, sql := range map[string]string{
		"papers still waiting":              `SELECT count(*) FROM services.outgoing WHERE state = 'waiting'`,
		"papers without a file":             `SELECT count(*) FROM services.outgoing o WHERE NOT EXISTS (SELECT FROM files.file f WHERE f.id = o.file_id)`,
		"leaders' desks without a draft":    `SELECT count(*) FROM services.dossier d WHERE step = 'sign' AND NOT EXISTS (SELECT FROM services.outgoing o WHERE o.dossier_id = d.id AND o.kind = 'result' AND o.state = 'draft')`,
		"issued results of another day":     `SELECT count(*) FROM services.dossier d JOIN services.outgoing o ON o.dossier_id = d.id AND o.kind = 'result' AND o.state = 'issued' WHERE d.decided_at < '2026-11-23' OR d.state <> 9`,
		"results signed by nobody's key":    `SELECT count(*) FROM services.outgoing o WHERE kind = 'result' AND state = 'issued' AND 2 > (SELECT count(*) FROM sign.signature s WHERE s.subject_id = o.dossier_id)`,
		"no result signed at all (1 = bad)": `SELECT (count(*) = 0)::int FROM services.outgoing WHERE kind = 'result' AND state = 'issued'`,
	} {
		n, err := pg.Value[int64](w.db.Owner.Query(t.Context(), sql))
		if err != nil || n != 0 {
			t.Errorf("%s: %d %v", what, n, err)
		}
	}
}

// BenchmarkLoad loads a whole province when asked: DATMUI_LOAD is the scale.
func BenchmarkLoad(b *testing.B) {
	scale := 1
	if s := os.Getenv("DATMUI_LOAD"); s != "" {
		fmt.Sscan(s, &scale)
	}
	for b.Loop() {
		w := prepare(b, 0, scale, true)
		begun, last := time.Now(), ""
		w.config.Progress = func(step string, done, total int) {
			if step != last || done == total {
				fmt.Fprintf(os.Stderr, "%8s %s %d of %d\n", time.Since(begun).Round(time.Millisecond), step, done, total)
			}
			last = step
		}
		w.load(b)
		fmt.Fprintf(os.Stderr, "%8s loaded\n", time.Since(begun).Round(time.Millisecond))
		n, err := w.book.Seal(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(os.Stderr, "%8s sealed %d entries\n", time.Since(begun).Round(time.Millisecond), n)
	}
}

// TestSameDossiers: the same seed and as-of day give the same dossiers with all that belongs to them.
// Only what nobody may guess is made by chance: the codes on papers and the salts of the audit.
func TestSameDossiers(t *testing.T) {
	t.Parallel()
	sum := func() map[string]string {
		w := prepare(t, 400, 1, false)
		w.load(t)
		out := map[string]string{}
		for name, sql := range map[string]string{
			"dossier":  `SELECT d::text FROM services.dossier d`,
			"move":     `SELECT m::text FROM services.move m`,
			"request":  `SELECT q::text FROM services.request q`,
			"paper":    `SELECT p::text FROM services.paper p`,
			"outgoing": `SELECT (to_jsonb(o) - 'verify')::text FROM services.outgoing o`,
			"rating":   `SELECT r::text FROM services.rating r`,
			"desk":     `SELECT i::text FROM worklist.item i`,
			"bill":     `SELECT b::text FROM pay.bill b`,
			"payment":  `SELECT p::text FROM pay.payment p`,
			"receipt":  `SELECT r::text FROM pay.receipt r`,
			"series":   `SELECT s::text FROM numbering.series s`,
			"audit":    `SELECT ROW(e.name, e.at, e.actor_id, e.subject_id, e.persons, e.body::jsonb->'detail')::text FROM audit.entry e WHERE kind = 'act'`,
		} {
			rows, err := pg.Value[string](w.db.Owner.Query(t.Context(), `SELECT count(*) || ' ' || md5(string_agg(x, E'\n' ORDER BY x COLLATE "C")) FROM (`+sql+`) q (x)`))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out[name] = rows
		}
		return out
	}
	first := sum()
	t.Log(first)
	if diff := cmp.Diff(first, sum()); diff != "" {
		t.Error(diff)
	}
}
