package identity

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/testkit"
)

func (w *world) ended(token string) {
	w.t.Helper()
	if who, err := w.Session(w.t.Context(), token); fault.KindOf(err) != fault.KindSignIn {
		w.t.Errorf("the session still opens: %+v %v", who, err)
	}
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, phone, first := w.enrolled("huylq")
	ctx := w.from(home, "")
	second := w.signedIn(ctx, "huylq", phone)
	third := w.signedIn(ctx, "huylq", phone)
	if first.Session.Token == second.Token || second.Token == third.Token {
		t.Fatal("tokens repeat")
	}
	me := w.as(ctx, first.Session)
	list, err := w.Sessions(me)
	w.must(err)
	if len(list) != 3 || !slices.ContainsFunc(list, func(s SessionInfo) bool {
		return s.Current && s.ID == actor.From(me).Session && s.Agent == "Chrome · Linux" && s.Network == "203.0.113.0/24"
	}) {
		t.Fatalf("%+v", list)
	}
	w.as(ctx, third) // remembered now
	i := slices.IndexFunc(list, func(s SessionInfo) bool { return s.ID == actor.From(w.as(ctx, third)).Session })
	w.must(w.EndSession(me, list[i].ID))
	w.ended(third.Token)
	w.must(w.EndSession(me, list[i].ID)) // a second time does nothing
	w.as(ctx, second)
	w.must(w.SignOutOthers(me))
	w.ended(second.Token)
	w.as(ctx, first.Session)
	w.must(w.SignOut(me))
	w.ended(first.Session.Token)
	w.must(w.SignOut(me))
	w.ended("")
	w.ended("no token at all")
	w.ended(strings.Repeat("A", 43))
}

func TestOnlyOwnSessionsEnd(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, _, mine := w.enrolled("huylq")
	_, _, other := w.enrolled("lanpt")
	ctx := w.from(home, "")
	w.must(w.EndSession(w.as(ctx, mine.Session), actor.From(w.as(ctx, other.Session)).Session))
	w.as(ctx, other.Session)
	w.clock.Advance(cacheLife + time.Second)
	w.as(ctx, other.Session)
}

func TestSessionTimes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, phone, _ := w.enrolled("huylq")
	ctx := w.from(home, "")

	idle := w.signedIn(ctx, "huylq", phone)
	w.clock.Advance(w.c.OfficialIdle - 2*time.Minute)
	w.as(ctx, idle)
	w.clock.Advance(w.c.OfficialIdle - 2*time.Minute)
	w.as(ctx, idle) // use keeps it open
	w.clock.Advance(w.c.OfficialIdle + 2*time.Minute)
	w.ended(idle.Token)

	long := w.signedIn(ctx, "huylq", phone)
	for range int(w.c.Longest/time.Hour) - 1 {
		w.clock.Advance(time.Hour)
		w.as(ctx, long)
	}
	w.clock.Advance(time.Hour)
	w.ended(long.Token)

	next, err := w.Password(ctx, PasswordIn{Name: "huylq", Password: secret, Shared: true})
	w.must(err)
	done, err := w.Code(ctx, CodeIn{Token: next.Token, Code: w.code(phone)})
	w.must(err)
	if done.Session.Device != "" {
		t.Error("a shared machine is remembered")
	}
	w.clock.Advance(w.c.SharedIdle + 2*time.Minute)
	w.ended(done.Session.Token)

	w.clock.Advance(keptLife)
	w.must(w.Sweep(t.Context()))
	if n := w.count(`SELECT count(*)::int FROM identity.session`); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

// What one process ends, another forgets at once, long before its memory runs out.
func TestOtherProcess(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, _, first := w.enrolled("huylq")
	other := w.another()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); other.Run(ctx) }()
	defer func() { stop(); <-done }()
	somebody := uuid.New()
	other.cache.put(cacheKey{1}, cached{account: somebody, until: w.clock.Now().Add(time.Hour)}, other.cache.mark())
	testWait(t, "nobody listens", func() bool {
		w.exec(`SELECT pg_notify($1, $2)`, NotifySessions, somebody.String())
		other.cache.mu.Lock()
		defer other.cache.mu.Unlock()
		_, there := other.cache.m[cacheKey{1}]
		return !there
	})
	if _, err := other.Session(t.Context(), first.Session.Token); err != nil {
		t.Fatal(err)
	}
	w.must(w.SignOut(w.as(w.from(home, ""), first.Session)))
	testWait(t, "the other process still lets the session in", func() bool {
		_, err := other.Session(t.Context(), first.Session.Token)
		return fault.KindOf(err) == fault.KindSignIn
	})
}

func testWait(t *testing.T, what string, until func() bool) {
	t.Helper()
	for range 500 {
		if until() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal(what)
}

// A post that ends takes its rights away within the half minute of the memory, and with the last
// post the session.
func TestPostEnds(t *testing.T) {
	t.Parallel()
	w := setup(t)
	person, _, first := w.enrolled("huylq")
	ctx := w.from(home, "")
	extra, err := w.dir.Appoint(w.system(), directory.AppointIn{Person: person, Agency: "ubnd-tinh", Position: directory.Clerk, From: "2021-01-01"})
	w.must(err)
	me := w.as(ctx, first.Session)
	w.must(w.ChoosePost(me, extra))
	if who := actor.From(w.as(ctx, first.Session)); who.PostID != extra || who.Office != "ubnd-tinh" {
		t.Errorf("%+v", who)
	}
	testkit.WantError(t, w.ChoosePost(me, uuid.New()), fault.Forbidden("identity.post"))
	own, err := w.Own(w.as(ctx, first.Session))
	w.must(err)
	if len(own.Posts) != 2 || !own.HasPassword || !own.HasTotp || own.Recovery != 10 || len(own.Sessions) != 1 {
		t.Errorf("%+v", own)
	}
	w.exec(`UPDATE directory.post SET valid_to = '2026-11-23' WHERE person_id = $1`, person)
	w.clock.Advance(cacheLife + time.Second)
	w.ended(first.Session.Token)
	_, err = w.DemoSignIn(ctx, "huylq")
	testkit.WantError(t, err, fault.NotFound("page"))
}

// Somebody who is an official too comes as a citizen without any right of the office.
func TestOfficialAsCitizen(t *testing.T) {
	t.Parallel()
	w := setup(t, func(c *Config) { c.Demo = true })
	person := w.official("huylq", "ubnd-xa", directory.CaseOfficer)
	w.exec(`INSERT INTO identity.account (id, person_id, kind, name, level, created_at) VALUES ($1, $2, 'citizen', 'huy.rieng', 2, now())`, uuid.New(), person)
	s, err := w.DemoSignIn(w.from(home, ""), "huy.rieng")
	w.must(err)
	who := actor.From(w.as(w.from(home, ""), s))
	if who.Kind != actor.Citizen || len(who.Grants) > 0 || who.Office != "" || len(who.Offices) > 0 || who.PostID != uuid.Nil || who.Level != 2 || who.ID != person {
		t.Errorf("%+v", who)
	}
}

func TestFresh(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, phone, first := w.enrolled("huylq")
	ctx := w.from(home, "")
	me := w.as(ctx, first.Session)
	codes, err := w.NewRecovery(me)
	w.must(err)
	if len(codes) != 10 || slices.Equal(codes, first.Recovery) {
		t.Errorf("%v", codes)
	}
	shown, token, err := w.BeginTotp(me)
	w.must(err)
	fresh := strings.ReplaceAll(shown.Secret, " ", "")
	_, err = w.FinishTotp(me, CodeIn{Token: token, Code: w.code(phone)})
	testkit.WantError(t, err, fault.Fields{"code": "code-wrong"})
	_, err = w.FinishTotp(me, CodeIn{Token: token, Code: w.code(fresh)})
	w.must(err)
	w.clock.Advance(time.Minute)
	w.signedIn(ctx, "huylq", fresh)
	w.clock.Advance(freshness)
	me = w.as(ctx, first.Session)
	old := fault.SignIn("identity.fresh")
	_, err = w.NewRecovery(me)
	testkit.WantError(t, err, old)
	_, _, err = w.BeginTotp(me)
	testkit.WantError(t, err, old)
	_, _, err = w.BeginAdd(me)
	testkit.WantError(t, err, old)
	testkit.WantError(t, w.RemovePasskey(me, []byte("x")), old)
}
