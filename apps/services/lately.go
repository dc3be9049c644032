package services

import (
	"sync"
	"time"
)

// latelyLife is how old an answer of lately may be: what is published, closed or merged counts
// after it on every node.
const latelyLife = 5 * time.Second

// lately keeps answers to questions that every filing asks and that change a few times a year. When
// one has grown old, one of those who ask looks and the others wait for what it finds: a hundred that
// ask at once are one question. The zero value is ready; it is safe for several at once.
type lately[K comparable, V any] struct {
	mu   sync.Mutex
	kept map[K]*answered[V]
}

type answered[V any] struct {
	mu    sync.Mutex
	value V
	at    time.Time // zero before the first answer
}

// get is the answer to key, from what is kept or by asking. A fault is not kept.
func (r *lately[K, V]) get(key K, ask func() (V, error)) (V, error) {
	a := r.place(key)
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if !a.at.IsZero() && now.Sub(a.at).Abs() < latelyLife {
		return a.value, nil
	}
	v, err := ask()
	if err != nil {
		return v, err
	}
	a.value, a.at = v, now
	return v, nil
}

func (r *lately[K, V]) place(key K) *answered[V] {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.kept[key]
	if a == nil {
		if r.kept == nil || len(r.kept) > 10_000 { // days go by: a map grown large is begun anew
			r.kept = map[K]*answered[V]{}
		}
		a = &answered[V]{}
		r.kept[key] = a
	}
	return a
}

// forget lets the next question be asked anew: something was just published here.
func (r *lately[K, V]) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = nil
}
