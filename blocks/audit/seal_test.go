package audit_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// log is a sealed log of 25 acts, with a checkpoint kept outside after every fifth.
type log struct {
	*audit.Book
	db       *pg.DB
	ctx      context.Context
	verifier note.Verifier
	signer   note.Signer
	keep     string
	person   uuid.UUID
}

func sealed(t *testing.T) log {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, "datmui-test")
	if err != nil {
		t.Fatal(err)
	}
	l := log{db: testkit.DB(t), keep: t.TempDir(), person: uuid.Must(uuid.NewV7())}
	if l.signer, err = note.NewSigner(skey); err != nil {
		t.Fatal(err)
	}
	if l.verifier, err = note.NewVerifier(vkey); err != nil {
		t.Fatal(err)
	}
	l.Book = audit.New(audit.Config{App: l.db.App, Reader: l.db.Reader, Signer: l.signer, Keep: l.keep,
		Clock: clock.At(time.Date(2026, 11, 23, 1, 6, 0, 0, time.UTC))})
	l.ctx = actor.With(t.Context(), actor.Actor{ID: uuid.Must(uuid.NewV7()), Kind: actor.Official, Name: "Võ Minh Khang", Agency: "UBND xã Đất Mũi"})
	for i := range 25 {
		l.act(t, i)
		if i%5 == 4 {
			l.sealAll(t, 5)
		}
	}
	return l
}

func (l log) act(t *testing.T, i int) {
	t.Helper()
	err := l.Act(l.ctx, "test.act", func(ctx context.Context, act *audit.Act) error {
		act.About("test.thing", i, l.person)
		act.NotePersonal("what", "giấy tờ của một người")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sealAll seals until want entries are sealed: transaction ids belong to the whole cluster, so a
// transaction of a neighbouring test may hold sealing back for a moment.
func (l log) sealAll(t *testing.T, want int64) {
	t.Helper()
	var got int64
	for deadline := time.Now().Add(time.Minute); got < want && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		n, err := l.Seal(l.ctx)
		if err != nil {
			t.Fatal(err)
		}
		got += n
	}
	if got != want {
		t.Fatalf("sealed %d, want %d", got, want)
	}
}

func (l log) kept(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(l.keep, "checkpoints-2026-11-23.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// asOwner does what only somebody with the owner's role could: guards off, SQL, guards on.
func (l log) asOwner(t *testing.T, sql string, args ...any) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), l.db.Owner, func(tx pgx.Tx) error {
		for _, table := range []string{"entry", "leaf", "hash", "checkpoint"} {
			if _, err := tx.Exec(t.Context(), "ALTER TABLE audit."+table+" DISABLE TRIGGER USER"); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(t.Context(), sql, args...); err != nil {
			return err
		}
		for _, table := range []string{"entry", "leaf", "hash", "checkpoint"} {
			if _, err := tx.Exec(t.Context(), "ALTER TABLE audit."+table+" ENABLE TRIGGER USER"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func codes(r audit.Report) string {
	var out []string
	for _, p := range r.Problems {
		out = append(out, p.Code)
	}
	return strings.Join(out, " ")
}

func TestUntouchedLogVerifies(t *testing.T) {
	t.Parallel()
	l := sealed(t)
	r, err := l.Verify(l.ctx, l.verifier)
	if err != nil || !r.OK || r.Sealed != 25 || r.Heads < 5 || r.Unknown == "" {
		t.Fatalf("%+v, %v", r, err)
	}
	r, err = l.Verify(l.ctx, l.verifier, l.kept(t))
	if err != nil || !r.OK || r.Outside != r.Heads || r.Unknown != "" {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestTamperingIsCaught(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		sql     string
		want    string // a code that must be among the problems
		outside bool   // is only caught with a checkpoint from outside
	}{
		"body changed": {`UPDATE audit.entry SET body = replace(body, 'test.thing', 'test.other') WHERE id = 7`, "changed", false},
		"body and leaf changed": {`UPDATE audit.entry SET body = replace(body, 'test.thing', 'test.other'),
			subject_kind = 'test.other', leaf = sha256(salt || convert_to(replace(body, 'test.thing', 'test.other'), 'UTF8')) WHERE id = 7`, "rewritten", false},
		"column changed":   {`UPDATE audit.entry SET actor_id = gen_random_uuid() WHERE id = 7`, "columns-changed", false},
		"persons emptied":  {`UPDATE audit.entry SET persons = '{}' WHERE id = 7`, "columns-changed", false},
		"personal changed": {`UPDATE audit.entry SET personal = '{"name":"ai khác"}' WHERE id = 7`, "personal-changed", false},
		"entry deleted":    {`DELETE FROM audit.entry WHERE id = 7`, "removed", false},
		"entry and place":  {`WITH gone AS (DELETE FROM audit.leaf WHERE entry = 7) DELETE FROM audit.entry WHERE id = 7`, "removed", false},
		"place removed":    {`DELETE FROM audit.leaf WHERE entry = 25`, "inserted", false},
		"two swapped":      {`UPDATE audit.leaf SET entry = -entry WHERE entry IN (7, 8); UPDATE audit.leaf SET entry = CASE entry WHEN -7 THEN 8 ELSE 7 END WHERE entry < 0`, "rewritten", false},
		"slipped in": {`INSERT INTO audit.entry (xid, kind, name, at, actor_kind, visible_from, salt, body, leaf)
			SELECT '4'::xid8, kind, name, at, actor_kind, visible_from, salt, body, leaf FROM audit.entry WHERE id = 7`, "inserted", false},
		"truncated": {`WITH a AS (DELETE FROM audit.leaf WHERE seq >= 20), b AS (DELETE FROM audit.checkpoint WHERE size > 20)
			DELETE FROM audit.entry WHERE id > 20`, "truncated", true},
		"all removed": {`TRUNCATE audit.entry, audit.leaf, audit.hash, audit.checkpoint`, "truncated", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := sealed(t)
			for _, sql := range strings.Split(tt.sql, "; ") {
				l.asOwner(t, sql)
			}
			r, err := l.Verify(l.ctx, l.verifier)
			if err != nil {
				t.Fatal(err)
			}
			if tt.outside && !r.OK {
				t.Errorf("without an outside checkpoint this cannot be seen, yet: %s", codes(r))
			}
			if tt.outside {
				if r, err = l.Verify(l.ctx, l.verifier, l.kept(t)); err != nil {
					t.Fatal(err)
				}
			}
			if r.OK || !strings.Contains(codes(r), tt.want) {
				t.Errorf("problems %q, want %q", codes(r), tt.want)
			}
		})
	}
}

// Somebody with the owner's role and the key builds the whole log anew without one entry: only a
// checkpoint from outside can tell.
func TestRewriteWithTheKeyIsCaughtFromOutside(t *testing.T) {
	t.Parallel()
	l := sealed(t)
	outside := l.kept(t)
	l.asOwner(t, `DELETE FROM audit.entry WHERE id = 7`)
	l.asOwner(t, `TRUNCATE audit.leaf, audit.hash, audit.checkpoint`)
	forger := audit.New(audit.Config{App: l.db.App, Reader: l.db.Reader, Signer: l.signer})
	log{Book: forger, ctx: l.ctx}.sealAll(t, 24)
	if r, err := l.Verify(l.ctx, l.verifier); err != nil || !r.OK || r.Unknown == "" {
		t.Errorf("a clean rewrite looks whole from inside, and the report must say what it cannot know: %+v, %v", r, err)
	}
	r, err := l.Verify(l.ctx, l.verifier, outside)
	if err != nil || r.OK || !strings.Contains(codes(r), "rewritten") {
		t.Errorf("problems %q, %v; want rewritten", codes(r), err)
	}
}

func TestForgedCheckpoint(t *testing.T) {
	t.Parallel()
	l := sealed(t)
	forged := strings.Replace(string(l.kept(t)), "\n5\n", "\n6\n", 1)
	if r, err := l.Verify(l.ctx, l.verifier, []byte(forged)); err != nil || !strings.Contains(codes(r), "forged-checkpoint") {
		t.Errorf("problems %q, %v", codes(r), err)
	}
}

func TestRolesAndGuards(t *testing.T) {
	t.Parallel()
	l := sealed(t)
	for _, sql := range []string{
		`UPDATE audit.entry SET body = '' WHERE id = 1`,
		`UPDATE audit.entry SET personal = 'x' WHERE id = 1`,
		`DELETE FROM audit.entry WHERE id = 1`,
		`TRUNCATE audit.entry`,
		`UPDATE audit.leaf SET entry = 99 WHERE seq = 1`,
		`DELETE FROM audit.checkpoint`,
	} {
		if _, err := l.db.App.Exec(l.ctx, sql); err == nil {
			t.Errorf("the app role could: %s", sql)
		}
		if _, err := l.db.Owner.Exec(l.ctx, sql); err == nil {
			t.Errorf("the owner could, with the guards on: %s", sql)
		}
	}
	for _, sql := range []string{`INSERT INTO audit.leaf VALUES (99, 99)`, `SELECT * FROM audit.once`, `UPDATE audit.entry SET personal = NULL`} {
		if _, err := l.db.Reader.Exec(l.ctx, sql); err == nil {
			t.Errorf("the reader role could: %s", sql)
		}
	}
	// retention may blank the personal part, once, and the log still verifies
	if _, err := l.db.App.Exec(l.ctx, `UPDATE audit.entry SET personal = NULL WHERE id = 3`); err != nil {
		t.Fatal(err)
	}
	if r, err := l.Verify(l.ctx, l.verifier); err != nil || !r.OK || r.Blanked != 1 {
		t.Errorf("after blanking: %+v, %v", r, err)
	}
}

// An entry whose transaction ends late is not jumped over.
func TestLateCommitIsSealedLater(t *testing.T) {
	t.Parallel()
	l := sealed(t)
	begun, goOn, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- l.Batch(l.ctx, "test.slow", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
			_, err := tx.Exec(ctx, `SELECT pg_current_xact_id()`)
			close(begun)
			<-goOn
			return 0, err
		})
	}()
	<-begun
	l.act(t, 100)
	if n, err := l.Seal(l.ctx); err != nil || n != 0 {
		t.Errorf("sealed %d, %v while an older transaction was open; want 0", n, err)
	}
	close(goOn)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	l.sealAll(t, 2)
	if r, err := l.Verify(l.ctx, l.verifier, l.kept(t)); err != nil || !r.OK {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestReceiptProvesAnEntry(t *testing.T) {
	t.Parallel()
	l := sealed(t)
	list, err := l.AccessesOf(l.ctx, l.person, audit.AccessFilter{})
	if err != nil || len(list) != 25 || list[0].Actor != "Võ Minh Khang" {
		t.Fatalf("%d accesses, %v", len(list), err)
	}
	for _, a := range list {
		leaf, err := hex.DecodeString(a.Leaf)
		if err != nil {
			t.Fatal(err)
		}
		p, err := l.Receipt(l.ctx, leaf)
		if err != nil || !p.Sealed {
			t.Fatalf("%+v, %v", p, err)
		}
		if err := p.Check(); err != nil {
			t.Errorf("the proof of place %d fails: %v", p.Seq, err)
		}
		p.Seq++
		if p.Check() == nil {
			t.Errorf("the proof holds for another place too")
		}
	}
}

func TestNewFloorAfterRestore(t *testing.T) {
	t.Parallel()
	l := sealed(t)
	// in a new cluster transaction ids start anew: what was restored has ids from the future
	l.asOwner(t, `UPDATE audit.entry SET xid = (xid::text::bigint + 1000000000)::text::xid8`)
	if err := l.NewFloor(l.ctx, l.db.App); err != nil {
		t.Fatal(err)
	}
	l.act(t, 200)
	l.sealAll(t, 1)
	if r, err := l.Verify(l.ctx, l.verifier, l.kept(t)); err != nil || !r.OK || r.Sealed != 26 {
		t.Errorf("%+v, %v", r, err)
	}
}

func FuzzSplitHeads(f *testing.F) {
	f.Add([]byte("datmui\n5\nabc\n\n— datmui sig\n\ndatmui\n6\nabc\n\n— datmui sig\n"))
	f.Add([]byte("— \n—\n\n\n— x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		total := 0
		for _, s := range audit.SplitHeads(b) {
			total += len(s)
		}
		if total > len(b) {
			t.Errorf("%d bytes out of %d", total, len(b))
		}
	})
}
