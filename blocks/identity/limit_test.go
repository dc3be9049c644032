package identity

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"datmui/kit/fault"
	"datmui/kit/testkit"
)

func (w *world) guess(ctx context.Context, name string) error {
	_, err := w.Password(ctx, PasswordIn{Name: name, Password: "a guess that is wrong"})
	return err
}

var limited = fault.Limit("identity.too-often")

// Whoever guesses one account's password is stopped, and nobody else is.
func TestNobodyIsLockedOut(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, phone, first := w.enrolled("huylq") // at home, on a device that is known since
	device := first.Session.Device

	// from one network elsewhere
	for range pairBurst {
		testkit.WantError(t, w.guess(w.from(elsewhere, ""), "huylq"), errWrong)
	}
	testkit.WantError(t, w.guess(w.from(elsewhere, ""), "huylq"), limited)
	_, err := w.Password(w.from(elsewhere, ""), PasswordIn{Name: "huylq", Password: secret})
	testkit.WantError(t, err, limited) // even the right password: the guesser learns nothing
	testkit.WantError(t, w.guess(w.from(elsewhere, ""), "another"), errWrong)
	w.signedIn(w.from(home, ""), "huylq", phone)          // on a new device elsewhere
	w.signedIn(w.from(elsewhere, device), "huylq", phone) // from the guesser's own network

	// from many networks at once
	for i := range 60 {
		testkit.WantError(t, w.guess(w.from(fmt.Sprintf("192.0.%d.1", i), ""), "huylq"), errWrong)
	}
	w.signedIn(w.from("192.1.0.1", ""), "huylq", phone)

	// from the victim's own network
	for range pairBurst {
		testkit.WantError(t, w.guess(w.from(home, ""), "huylq"), errWrong)
	}
	testkit.WantError(t, w.guess(w.from(home, ""), "huylq"), limited)
	w.signedIn(w.from(home, device), "huylq", phone)

	// a stolen device cookie helps for one account alone, and is counted too
	testkit.WantError(t, w.guess(w.from(elsewhere, device), "huylq"), errWrong)
	for range deviceBurst - 1 {
		_ = w.guess(w.from(elsewhere, device), "huylq")
	}
	testkit.WantError(t, w.guess(w.from(elsewhere, device), "huylq"), limited)

	// time heals
	w.clock.Advance(pairLeak)
	testkit.WantError(t, w.guess(w.from(home, ""), "huylq"), errWrong)
	testkit.WantError(t, w.guess(w.from(home, ""), "huylq"), limited)
	w.must(w.Unlock(w.system(), "huylq"))
	testkit.WantError(t, w.guess(w.from(home, ""), "huylq"), errWrong)
}

// One network that tries many names is stopped; those who have signed in from it before are not.
func TestSpraying(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, phone, _ := w.enrolled("huylq")
	w.exec(`INSERT INTO identity.attempt (key, level, at) VALUES ($1, $2, $3)`, networkBucket("203.0.113.0/24").key, networkBurst-2, w.clock.Now())
	testkit.WantError(t, w.guess(w.from(home, ""), "name.1"), errWrong)
	testkit.WantError(t, w.guess(w.from(home, ""), "name.2"), errWrong)
	testkit.WantError(t, w.guess(w.from(home, ""), "name.3"), limited)
	w.signedIn(w.from(home, ""), "huylq", phone)
	testkit.WantError(t, w.guess(w.from(elsewhere, ""), "name.3"), errWrong)
}

// Guesses sent all at once are not more than those sent one by one.
func TestGuessesAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.enrolled("huylq")
	var judged, refused atomic.Int32
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			switch err := w.guess(w.from(elsewhere, ""), "huylq"); fault.KindOf(err) {
			case fault.KindLimit:
				refused.Add(1)
			default:
				judged.Add(1)
			}
		})
	}
	wg.Wait()
	if judged.Load() != pairBurst || refused.Load() != 40-pairBurst {
		t.Errorf("%d judged, %d refused", judged.Load(), refused.Load())
	}
}

// Wrong codes are counted for the account, because only who knows the password gets there; the
// person's own device counts by itself.
func TestCodesAreCounted(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, phone, first := w.enrolled("huylq")
	wrong := 0
	for i := 0; ; i++ {
		ctx := w.from(fmt.Sprintf("192.0.%d.1", i), "")
		next, err := w.Password(ctx, PasswordIn{Name: "huylq", Password: secret})
		w.must(err)
		_, err = w.Code(ctx, CodeIn{Token: next.Token, Code: "000000"})
		if fault.KindOf(err) == fault.KindLimit {
			break
		}
		if wrong++; wrong > secondBurst {
			t.Fatalf("%d wrong codes were judged", wrong)
		}
	}
	if wrong != secondBurst {
		t.Errorf("stopped after %d", wrong)
	}
	w.signedIn(w.from(elsewhere, first.Session.Device), "huylq", phone)
}

// most runs n turns at once and says how many ran at the same time.
func most(t *testing.T, h *hasher, n int, known func(i int) bool) int32 {
	t.Helper()
	var now, top atomic.Int32
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			err := h.turn(t.Context(), known(i), func() error {
				n := now.Add(1)
				for m := top.Load(); n > m && !top.CompareAndSwap(m, n); m = top.Load() {
				}
				time.Sleep(2 * time.Millisecond)
				now.Add(-1)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	return top.Load()
}

func TestHasher(t *testing.T) {
	t.Parallel()
	h := newHasher()
	if n := most(t, h, 60, func(i int) bool { return i%2 == 0 }); n != atOnce {
		t.Errorf("%d at once", n)
	}
	if n := most(t, h, 60, func(int) bool { return false }); n != atOnce-1 {
		t.Errorf("%d strangers at once", n)
	}

	// strangers hold all they may: whoever is known passes, whoever goes away frees the place
	hold, held := make(chan struct{}), make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for range atOnce - 1 {
		wg.Go(func() {
			_ = h.turn(t.Context(), false, func() error { held <- struct{}{}; <-hold; return nil })
		})
	}
	for range atOnce - 1 {
		<-held
	}
	passed := false
	if err := h.turn(t.Context(), true, func() error { passed = true; return nil }); err != nil || !passed {
		t.Error("a known machine waits behind strangers", err)
	}
	ctx, gone := context.WithCancel(t.Context())
	gone()
	if err := h.turn(ctx, false, func() error { t.Error("ran"); return nil }); err != context.Canceled {
		t.Error(err)
	}
	if len(h.queue) != atOnce-1 {
		t.Errorf("%d in the queue", len(h.queue))
	}
	for range waiting - atOnce + 1 {
		h.queue <- struct{}{}
	}
	testkit.WantError(t, h.turn(t.Context(), false, func() error { return nil }), fault.Limit("identity.busy"))
	if err := h.turn(t.Context(), true, func() error { return nil }); err != nil {
		t.Error("a full queue of strangers stops a known machine", err)
	}
	close(hold)
	wg.Wait()
}

// An unknown name costs the same hash as a known one; that is what makes the times alike.
func TestUnknownCostsTheSame(t *testing.T) {
	t.Parallel()
	h := newHasher()
	if ok, err := h.check(t.Context(), false, "nobody has this password", nil); ok || err != nil {
		t.Errorf("the dummy's own password: %v %v", ok, err)
	}
	hash, err := h.make(t.Context(), false, secret)
	if err != nil {
		t.Fatal(err)
	}
	const params = "$argon2id$v=19$m=19456,t=2,p=1$"
	if hash[:len(params)] != params || h.dummy[:len(params)] != params {
		t.Errorf("%s %s", hash, h.dummy)
	}
}

func TestNetwork(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.77": "203.0.113.0/24", "::ffff:203.0.113.77": "203.0.113.0/24", "2001:ee0:4f5a::1": "2001:ee0:4f5a::/48",
		"fe80::1%eth0": "fe80::/48", "127.0.0.1": "127.0.0.0/24",
	} {
		if got := (Client{Addr: netip.MustParseAddr(in)}).network(); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if got := (Client{}).network(); got != "unknown" {
		t.Error(got)
	}
}
