package services

import (
	"sync"
	"time"
)

// latelyLife is how old an answer of lately may be: what is published, closed or merged counts
// after it on every node.
const latelyLife = 5 * time.Second

// lately keeps answers to questions that every filing asks and that change a few times a year. The
// zero value is ready; it is safe for several at once.
type lately[K comparable, V any] struct {
	mu   sync.RWMutex
	kept map[K]answered[V]
}

type answered[V any] struct {
	value V
	at    time.Time
}

// get is the answer to key, from what is kept or by asking. A fault is not kept.
func (r *lately[K, V]) get(key K, ask func() (V, error)) (V, error) {
	now := time.Now()
	r.mu.RLock()
	a, ok := r.kept[key]
	r.mu.RUnlock()
	if ok && now.Sub(a.at).Abs() < latelyLife {
		return a.value, nil
	}
	v, err := ask()
	if err != nil {
		return v, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil || len(r.kept) > 10_000 { // days go by: a map grown large is begun anew
		r.kept = map[K]answered[V]{}
	}
	r.kept[key] = answered[V]{v, now}
	return v, nil
}

// forget lets the next question be asked anew: something was just published here.
func (r *lately[K, V]) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = nil
}
