// Package facts tells other modules what has happened. A fact is a past-tense struct owned by its
// teller and carries ids. It travels as one job per listener, added in the teller's transaction;
// listeners may hear it twice and must not mind.
package facts

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/riverqueue/river"

	"datmui/kit/jobs"
)

// Act is the part of an open act that telling needs.
type Act interface {
	Job(args river.JobArgs, opts *river.InsertOpts)
}

// Delivery is the job that brings one fact to one listener.
type Delivery struct {
	Listener string          `json:"listener"`
	Fact     string          `json:"fact"`
	Body     json.RawMessage `json:"body"`
}

// Kind names the job.
func (Delivery) Kind() string { return "fact" }

// Bus knows who listens to what. It is filled while the site is built and only read afterwards.
type Bus struct {
	listeners map[string][]string
	handlers  map[string]func(context.Context, json.RawMessage) error
}

// NewBus returns a bus whose deliveries are worked by the jobs of s.
func NewBus(s *jobs.Set) *Bus {
	b := &Bus{listeners: map[string][]string{}, handlers: map[string]func(context.Context, json.RawMessage) error{}}
	jobs.On(s, func(ctx context.Context, d Delivery) error {
		h, ok := b.handlers[d.Listener+" "+d.Fact]
		if !ok {
			return fmt.Errorf("nobody called %q listens to %s", d.Listener, d.Fact)
		}
		return h(ctx, d.Body)
	})
	return b
}

// On registers a listener by a name that stays the same over releases.
func On[T any](b *Bus, listener string, fn func(context.Context, T) error) {
	name := nameOf(reflect.TypeFor[T]())
	b.listeners[name] = append(b.listeners[name], listener)
	b.handlers[listener+" "+name] = func(ctx context.Context, raw json.RawMessage) error {
		var f T
		if err := json.Unmarshal(raw, &f); err != nil {
			return fmt.Errorf("reading the fact %s: %w", name, err)
		}
		return fn(ctx, f)
	}
}

// Tell adds one delivery for each listener to the act.
func Tell(b *Bus, act Act, fact any) error {
	name := nameOf(reflect.TypeOf(fact))
	if len(b.listeners[name]) == 0 {
		return nil
	}
	raw, err := json.Marshal(fact)
	if err != nil {
		return fmt.Errorf("writing the fact %s: %w", name, err)
	}
	for _, l := range b.listeners[name] {
		act.Job(Delivery{Listener: l, Fact: name, Body: raw}, nil)
	}
	return nil
}

func nameOf(t reflect.Type) string { return t.String() }
