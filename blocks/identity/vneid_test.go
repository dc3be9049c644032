package identity

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/testkit"
)

// spoken is a national identity that says what the test wants; the real protocol is tried in the
// package openid.
type spoken struct {
	proofs map[string]Proof // by code
	away   bool
	asked  Ask
}

func (s *spoken) Begin(_ context.Context, ask Ask) (string, error) {
	if s.away {
		return "", errors.New("no route")
	}
	s.asked = ask
	return "https://vneid.test/?state=" + ask.State, nil
}

func (s *spoken) Finish(_ context.Context, code string, _ Ask) (Proof, error) {
	if s.away {
		return Proof{}, errors.New("no route")
	}
	p, ok := s.proofs[code]
	if !ok {
		return p, ErrRefused
	}
	return p, nil
}

var duyen = Proof{Subject: "p-1", TechID: "T-1", PersonalID: "096190001234", Name: "Nguyễn Mỹ Duyên", Birth: time.Date(1990, 2, 3, 0, 0, 0, 0, time.UTC), Level: 2}

func proofOf(change func(*Proof)) Proof {
	p := duyen
	change(&p)
	return p
}

func citizens(t *testing.T) (*world, *spoken) {
	s := &spoken{proofs: map[string]Proof{
		"duyen":   duyen,
		"level-1": proofOf(func(p *Proof) { p.Level = 1 }),
		"renewed": proofOf(func(p *Proof) { p.Subject, p.TechID = "p-9", "T-9" }),
		"namesake": proofOf(func(p *Proof) {
			p.Subject, p.Name, p.Birth = "p-3", "Trần Văn Đức", time.Date(1985, 11, 30, 0, 0, 0, 0, time.UTC)
		}),
	}}
	return setup(t, func(c *Config) { c.Provider = s }), s
}

// comes takes a citizen to the national identity and back.
func (w *world) comes(s *spoken, code string) Started {
	w.t.Helper()
	ctx := w.from(home, "")
	_, token, err := w.BeginVNeID(ctx, "/ho-so", false)
	w.must(err)
	started, next, err := w.FinishVNeID(ctx, CallbackIn{Token: token, State: s.asked.State, Code: code})
	w.must(err)
	if next != "/ho-so" {
		w.t.Errorf("goes on to %q", next)
	}
	return started
}

func TestCitizen(t *testing.T) {
	t.Parallel()
	w, s := citizens(t)
	first := actor.From(w.as(w.from(home, ""), w.comes(s, "duyen")))
	if first.Kind != actor.Citizen || first.Level != 2 || first.Name != duyen.Name || first.ID == uuid.Nil {
		t.Fatalf("%+v", first)
	}
	if n := w.count(`SELECT count(*)::int FROM directory.person WHERE personal_id = '096190001234' AND birth_date = '1990-02-03' AND id = $1`, first.ID); n != 1 {
		t.Error("she is not in the directory as VNeID described her")
	}
	if n := w.count(`SELECT count(*)::int FROM audit.entry WHERE name = 'identity.sign-in' AND actor_id = $1`, first.ID); n != 1 {
		t.Errorf("%d entries of the first sign-in", n)
	}
	if again := actor.From(w.as(w.from(home, ""), w.comes(s, "duyen"))); again.ID != first.ID || again.Account != first.Account {
		t.Errorf("came back as %+v", again)
	}
	// at level 1 she is the same person and may look up only; the last proof still counts
	low := w.comes(s, "level-1")
	if who := actor.From(w.as(w.from(home, ""), low)); who.ID != first.ID || who.Level != 1 {
		t.Errorf("%+v", who)
	}
	if n := w.count(`SELECT count(*)::int FROM identity.account WHERE subject = 'p-1' AND level = 2`); n != 1 {
		t.Error("the level of the last proof is lost")
	}
	// a new account at VNeID of the same person
	if who := actor.From(w.as(w.from(home, ""), w.comes(s, "renewed"))); who.ID != first.ID || who.Account == first.Account {
		t.Errorf("%+v", who)
	}
	// the same number, given to somebody else
	if who := actor.From(w.as(w.from(home, ""), w.comes(s, "namesake"))); who.ID == first.ID || who.Name != "Trần Văn Đức" {
		t.Errorf("%+v", who)
	}
}

// Somebody whom the counter entered before is the same person.
func TestCitizenKnownAtCounter(t *testing.T) {
	t.Parallel()
	w, s := citizens(t)
	id := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO directory.person (id, name, personal_id) VALUES ($1, 'NGUYỄN MỸ DUYÊN', '096190001234')`, id)
	if who := actor.From(w.as(w.from(home, ""), w.comes(s, "duyen"))); who.ID != id {
		t.Errorf("%+v", who)
	}
}

func TestCitizenTwiceAtOnce(t *testing.T) {
	t.Parallel()
	w, s := citizens(t)
	var wg sync.WaitGroup
	for range 8 {
		ctx := w.from(home, "")
		_, token, err := w.BeginVNeID(ctx, "/", false)
		w.must(err)
		state := s.asked.State
		wg.Go(func() {
			if _, _, err := w.FinishVNeID(ctx, CallbackIn{Token: token, State: state, Code: "duyen"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := w.count(`SELECT count(*)::int FROM directory.person WHERE personal_id = '096190001234'`); n != 1 {
		t.Errorf("%d persons", n)
	}
}

func TestCitizenRefused(t *testing.T) {
	t.Parallel()
	w, s := citizens(t)
	ctx := w.from(home, "")
	refused := fault.Conflict("identity.vneid-refused")
	for name, tt := range map[string]struct {
		change func(*CallbackIn)
		want   error
	}{
		"another state":   {func(c *CallbackIn) { c.State = "made-up" }, errStep},
		"no state":        {func(c *CallbackIn) { c.State = "" }, errStep},
		"another browser": {func(c *CallbackIn) { c.Token = strings.Repeat("A", 43) }, errStep},
		"made-up code":    {func(c *CallbackIn) { c.Code = "made-up" }, refused},
		"person refused":  {func(c *CallbackIn) { c.Error, c.Code = "access_denied", "" }, refused},
		"away":            {func(*CallbackIn) { s.away = true }, fault.Conflict("identity.provider-away")},
	} {
		s.away = false
		_, token, err := w.BeginVNeID(ctx, "/", false)
		w.must(err)
		in := CallbackIn{Token: token, State: s.asked.State, Code: "duyen"}
		tt.change(&in)
		_, _, err = w.FinishVNeID(ctx, in)
		t.Run(name, func(t *testing.T) { testkit.WantError(t, err, tt.want) })
		s.away = false
		// whatever happened, the same way back does not work a second time
		if in.Token == token {
			_, _, err = w.FinishVNeID(ctx, CallbackIn{Token: token, State: s.asked.State, Code: "duyen"})
			testkit.WantError(t, err, errStep)
		}
	}
	s.away = true
	_, _, err := w.BeginVNeID(ctx, "/", false)
	testkit.WantError(t, err, fault.Conflict("identity.provider-away"))
	w.conf.Provider = nil
	_, _, err = w.another().BeginVNeID(ctx, "/", false)
	testkit.WantError(t, err, fault.Conflict("identity.no-provider"))
}
