package sign_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/letters"
	"datmui/blocks/sign"
	"datmui/blocks/sign/verify"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

type bench struct {
	*testing.T
	db    *pg.DB
	block *sign.Block
	clock *clock.Fake
	trust string
	dir   string
}

func setup(t *testing.T) *bench {
	b := &bench{T: t, db: testkit.DB(t), clock: testkit.Clock(t, "2026-11-23T08:00"), trust: filepath.Join(t.TempDir(), "trust"), dir: t.TempDir()}
	b.block = b.open()
	return b
}

func (b *bench) open() *sign.Block {
	b.Helper()
	book := audit.New(audit.Config{App: b.db.App, Reader: b.db.Reader, Clock: b.clock})
	block, err := sign.New(sign.Config{DB: b.db.Reader, Book: book, Clock: b.clock, Master: make([]byte, 32), Dir: b.dir, Trust: b.trust})
	if err != nil {
		b.Fatal(err)
	}
	return block
}

var admin = actor.Actor{ID: uuid.New(), Kind: actor.Official, Name: "Lâm Quốc Huy", Grants: []actor.Grant{{Right: "admin.instance", Agency: "*"}}}

func leader() actor.Actor {
	return actor.Actor{ID: uuid.New(), Kind: actor.Official, Name: "Huỳnh Tấn Lộc", Session: uuid.New()}
}

func (b *bench) issue(h sign.Holder) uuid.UUID {
	b.Helper()
	id, err := b.block.Issue(actor.With(b.Context(), admin), h)
	if err != nil {
		b.Fatal(err)
	}
	return id
}

func (b *bench) person(a actor.Actor, agency, pin string) uuid.UUID {
	b.Helper()
	return b.issue(sign.Holder{Role: sign.Person, Person: a.ID, Agency: agency, Name: a.Name, Title: "Phó Chủ tịch", Org: "UBND xã Đất Mũi", PIN: pin})
}

func paper(t testing.TB) []byte {
	t.Helper()
	l, err := letters.Render(letters.Paper{Superior: "UBND tỉnh Cà Mau", Issuer: "Ủy ban nhân dân xã Đất Mũi", Symbol: "XN-UBND", Place: "Đất Mũi",
		Title: "Giấy xác nhận", Body: []letters.Block{letters.Para("Xác nhận tình trạng hôn nhân.")},
		Signer: letters.Signer{Authority: []string{"KT. Chủ tịch"}, Position: "Phó Chủ tịch", Name: "Huỳnh Tấn Lộc"}, Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	data, err := sign.Reserve(l)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestResult takes a paper the whole way: leader, number and date, seal, trust list, verdict.
func TestResult(t *testing.T) {
	b := setup(t)
	a := leader()
	ctx := actor.With(t.Context(), a)
	b.person(a, "xa-dat-mui", "135790")
	by, err := b.block.Personal(ctx, "xa-dat-mui", "135790")
	if err != nil {
		t.Fatal(err)
	}
	data, err := b.block.Sign(ctx, paper(t), by, "")
	if err != nil {
		t.Fatal(err)
	}
	if data, err = sign.Fill(data, "187", b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	body, err := b.block.Body(ctx, "xa-dat-mui", "Ủy ban nhân dân xã Đất Mũi")
	if err != nil {
		t.Fatal(err)
	}
	if data, err = b.block.Stamp(ctx, data, body, "Tỉnh Cà Mau"); err != nil {
		t.Fatal(err)
	}
	if err := b.block.PublishTrust(ctx); err != nil {
		t.Fatal(err)
	}
	trust, err := verify.LoadTrust(b.trust)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(time.Minute)
	rep := verify.Bytes(ctx, data, verify.Options{Trust: trust, Now: b.clock.Now()})
	if rep.Verdict != verify.Valid || len(rep.Signatures) != 2 || !rep.Signatures[0].Timestamped || rep.Signatures[0].ChangesAfter != verify.Permitted {
		t.Fatalf("%+v", rep)
	}
	// a certificate that is replaced is revoked, but what it signed before stays
	b.person(a, "xa-dat-mui", "246801")
	if err := b.block.PublishTrust(ctx); err != nil {
		t.Fatal(err)
	}
	if trust, err = verify.LoadTrust(b.trust); err != nil {
		t.Fatal(err)
	}
	if rep := verify.Bytes(ctx, data, verify.Options{Trust: trust, Now: b.clock.Now()}); rep.Verdict != verify.Valid {
		t.Fatalf("after revocation: %+v", rep)
	}
	b.clock.Advance(time.Minute)
	late, err := b.block.Sign(ctx, paper(t), by, "") // the old key, still in somebody's memory
	if err != nil {
		t.Fatal(err)
	}
	if rep := verify.Bytes(ctx, late, verify.Options{Trust: trust, Now: b.clock.Now()}); rep.Verdict != verify.Invalid || rep.Signatures[0].Reasons[0] != verify.Revoked {
		t.Fatalf("signed after revocation: %+v", rep)
	}
}

func TestPIN(t *testing.T) {
	b := setup(t)
	a := leader()
	ctx := actor.With(t.Context(), a)
	b.person(a, "one", "135790")
	b.person(a, "two", "975310")
	open := func(agency, pin string, want error) sign.Signer {
		t.Helper()
		s, err := b.block.Personal(ctx, agency, pin)
		testkit.WantError(t, err, want)
		return s
	}
	open("one", "", fault.Fields{"pin": "required"})
	one := open("one", "135790", nil)
	if s := open("one", "", nil); s.Certificate != one.Certificate {
		t.Error("another key without a PIN")
	}
	open("two", "", fault.Fields{"pin": "required"}) // open for one body only
	open("two", "135790", fault.Fields{"pin": "wrong"})
	b.clock.Advance(16 * time.Minute)
	open("one", "", fault.Fields{"pin": "required"}) // fifteen minutes are over
	other := actor.With(t.Context(), leader())
	if _, err := b.block.Personal(other, "one", "135790"); !errors.Is(err, fault.Conflict("sign.no-certificate")) {
		t.Errorf("another person opens the key: %v", err)
	}
	// many at once use up the tries as one after the other would
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { _, _ = b.block.Personal(ctx, "one", "000000") })
	}
	wg.Wait()
	open("one", "135790", fault.Limit("sign.pin-wait"))
	wrong, err := pg.Value[int](b.db.Reader.Query(ctx, `SELECT wrong FROM sign.pin WHERE certificate = $1`, one.Certificate))
	if err != nil || wrong != 3 {
		t.Errorf("%d wrong PINs were let through (%v)", wrong, err)
	}
	b.clock.Advance(2 * time.Minute)
	open("one", "135790", nil)
	// a new certificate closes the old key in every session
	b.person(a, "one", "112233")
	open("one", "", fault.Fields{"pin": "required"})
}

func TestOnlyAdministratorsIssue(t *testing.T) {
	b := setup(t)
	a := leader()
	_, err := b.block.Issue(actor.With(t.Context(), a), sign.Holder{Role: sign.Person, Person: a.ID, Agency: "one", Name: a.Name, PIN: "135790"})
	testkit.WantError(t, err, fault.Forbidden("sign.issue"))
	_, err = b.block.Issue(actor.With(t.Context(), admin), sign.Holder{Role: sign.Person, Person: a.ID, Agency: "one", Name: a.Name, PIN: "1"})
	testkit.WantError(t, err, fault.Fields{"pin": "pin-length"})
}

// TestKeysAreLocked looks into the database: no row gives a key without the master key, and no
// person's key without her PIN.
func TestKeysAreLocked(t *testing.T) {
	b := setup(t)
	a := leader()
	ctx := actor.With(t.Context(), a)
	b.person(a, "one", "135790")
	if _, err := b.block.Auto(ctx, "one", "Sở Tư pháp"); err != nil {
		t.Fatal(err)
	}
	book := audit.New(audit.Config{App: b.db.App, Reader: b.db.Reader, Clock: b.clock})
	foreign, err := sign.New(sign.Config{DB: b.db.Reader, Book: book, Clock: b.clock, Master: append(make([]byte, 31), 1), Dir: b.dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := foreign.Auto(ctx, "one", "Sở Tư pháp"); err == nil {
		t.Error("another master key opens a service seal")
	}
	if _, err := foreign.Personal(ctx, "one", "135790"); err == nil {
		t.Error("another master key opens a person's key")
	}
	// the same folder and master key: the same authority and the same keys after a restart
	again := b.open()
	if !again.Authority().Root.Equal(b.block.Authority().Root) {
		t.Error("a restart made another root")
	}
	if _, err := again.Personal(ctx, "one", "135790"); err != nil {
		t.Error(err)
	}
	for _, f := range []string{"root.pem", "issuing.pem", "tsa.pem"} {
		fi, err := os.Stat(filepath.Join(b.dir, f))
		if err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f, fi, err)
		}
	}
}
