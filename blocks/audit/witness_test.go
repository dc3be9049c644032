package audit_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"datmui/blocks/audit"
)

// witness is a real server that keeps what is posted to it, each key once.
type witness struct {
	*httptest.Server
	mu     sync.Mutex
	keys   map[string]bool
	kept   []byte
	posts  int
	refuse bool // from now on
	mute   bool // keeps what it gets but fails to say so
}

func newWitness(t *testing.T) *witness {
	w := &witness{keys: map[string]bool{}}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.posts++
		body, err := io.ReadAll(r.Body)
		key := r.Header.Get("Idempotency-Key")
		if err != nil || r.Method != http.MethodPost || key == "" || w.refuse {
			http.Error(rw, "not now", http.StatusServiceUnavailable)
			return
		}
		if !w.keys[key] {
			w.keys[key] = true
			w.kept = append(w.kept, body...)
		}
		if w.mute {
			http.Error(rw, "lost", http.StatusBadGateway)
		}
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *witness) set(refuse, mute bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refuse, w.mute = refuse, mute
}

func (w *witness) has() (heads int, posts int, kept []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.keys), w.posts, w.kept
}

func (l log) witnessedBy(addresses ...string) *audit.Book {
	return audit.New(audit.Config{App: l.db.App, Reader: l.db.Reader, Signer: l.signer, Witnesses: addresses})
}

// What a witness keeps is enough to find a log rewritten with its own key; a witness that is away
// gets what it missed, in order and none twice, and holds up no other.
func TestWitnessesKeepEachHead(t *testing.T) {
	t.Parallel()
	l := sealed(t)
	far, near := newWitness(t), newWitness(t)
	book := l.witnessedBy(far.URL, near.URL)
	if err := book.ShowWitnesses(l.ctx); err != nil {
		t.Fatal(err)
	}
	if n, posts, _ := near.has(); n != 1 || posts != 1 {
		t.Fatalf("a new witness got %d heads in %d posts, want the newest one", n, posts)
	}
	if err := book.ShowWitnesses(l.ctx); err != nil {
		t.Fatal(err)
	}
	if _, posts, _ := near.has(); posts != 1 {
		t.Errorf("with nothing new there were %d posts", posts)
	}

	far.set(true, false)
	for i := range 3 {
		l.act(t, 100+i)
		l.sealAll(t, 1)
		if err := book.ShowWitnesses(l.ctx); err == nil || !strings.Contains(err.Error(), far.URL) || strings.Contains(err.Error(), near.URL) {
			t.Errorf("a witness that is away is told as %v", err)
		}
	}
	if n, _, _ := near.has(); n != 4 {
		t.Errorf("the other witness got %d heads meanwhile, want 4", n)
	}
	far.set(false, true) // it takes one head, and the answer is lost
	if err := book.ShowWitnesses(l.ctx); err == nil {
		t.Error("a lost answer passed for a confirmation")
	}
	far.set(false, false)
	if err := book.ShowWitnesses(l.ctx); err != nil {
		t.Fatal(err)
	}
	n, _, stored := far.has()
	if _, _, want := near.has(); n != 4 || string(stored) != string(want) {
		t.Errorf("the witness that was away holds %d heads:\n%s\nthe other\n%s", n, stored, want)
	}
	far2, err := book.Witnessed(l.ctx)
	if err != nil || len(far2) != 2 || far2[0].Size != 28 || far2[1].Size != 28 {
		t.Errorf("witnessed: %+v, %v", far2, err)
	}

	r, err := l.Verify(l.ctx, l.verifier, stored)
	if err != nil || !r.OK || r.Outside != 4 || r.Unknown != "" {
		t.Fatalf("against what the witness stored: %+v, %v", r, err)
	}
	l.asOwner(t, `DELETE FROM audit.entry WHERE id = 7`)
	l.asOwner(t, `TRUNCATE audit.leaf, audit.hash, audit.checkpoint`)
	log{Book: audit.New(audit.Config{App: l.db.App, Reader: l.db.Reader, Signer: l.signer}), ctx: l.ctx}.sealAll(t, 27)
	if r, err = l.Verify(l.ctx, l.verifier, stored); err != nil || r.OK || !strings.Contains(codes(r), "rewritten") {
		t.Errorf("a rewrite against what the witness stored: problems %q, %v", codes(r), err)
	}
}

// A witness that sends elsewhere is not followed.
func TestWitnessIsNotFollowedElsewhere(t *testing.T) {
	t.Parallel()
	l := sealed(t)
	other := newWitness(t)
	turn := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer turn.Close()
	if err := l.witnessedBy(turn.URL).ShowWitnesses(l.ctx); err == nil {
		t.Error("a redirect passed for a confirmation")
	}
	if _, posts, _ := other.has(); posts != 0 {
		t.Errorf("the head went elsewhere")
	}
}
