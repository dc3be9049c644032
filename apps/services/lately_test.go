package services

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

// Many who ask at once are one question; a fault is nobody's answer but of the one who met it.
func TestLately(t *testing.T) {
	t.Parallel()
	var r lately[string, int]
	var asked atomic.Int32
	if _, err := r.get("a", func() (int, error) { return 1, errors.New("no") }); err == nil {
		t.Error("a fault was no fault")
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if v, err := r.get("a", func() (int, error) { return int(asked.Add(1)) + 6, nil }); v != 7 || err != nil {
				t.Errorf("%d, %v", v, err)
			}
		})
	}
	all.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	r.forget()
	if v, _ := r.get("a", func() (int, error) { return 8, nil }); v != 8 {
		t.Errorf("after it was forgotten: %d", v)
	}
}
