// Package trace tells an OpenTelemetry collector what a request, an act or a job did and how long
// it took, when there is one. Without one it costs a look into the context. Names and attributes
// are of the program's own words: nothing in them comes from a person.
package trace

import (
	"context"
	"crypto/rand"
	"time"
)

// Kinds of a span, as OTLP numbers them.
const (
	Internal = 1
	Server   = 2
	Consumer = 5 // a job
)

// Span is one stretch of work. Its methods may be called on nil.
type Span struct {
	to     *Tracer
	trace  [16]byte
	id     [8]byte
	parent [8]byte // zero for the first of its trace
	name   string
	kind   int
	start  time.Time
	end    time.Time
	failed bool
	values []value
}

type value struct {
	key  string
	text string
	n    int64
	isN  bool
}

type (
	tracerKey struct{}
	spanKey   struct{}
)

// Into lets what runs under ctx be traced; a nil tracer changes nothing.
func (t *Tracer) Into(ctx context.Context) context.Context {
	if t == nil {
		return ctx
	}
	return context.WithValue(ctx, tracerKey{}, t)
}

// Start begins a span below the one of ctx. It is nil when nothing is traced.
func Start(ctx context.Context, name string, kind int) (context.Context, *Span) {
	t, ok := ctx.Value(tracerKey{}).(*Tracer)
	if !ok {
		return ctx, nil
	}
	s := &Span{to: t, name: name, kind: kind, start: time.Now()}
	_, _ = rand.Read(s.id[:]) // never fails since Go 1.24
	if above, ok := ctx.Value(spanKey{}).(*Span); ok {
		s.trace, s.parent = above.trace, above.id
	} else {
		_, _ = rand.Read(s.trace[:])
	}
	return context.WithValue(ctx, spanKey{}, s), s
}

// Name gives a span the name that was not known at its start.
func (s *Span) Name(name string) {
	if s != nil {
		s.name = name
	}
}

// Text adds an attribute. It must not come from a person: a route, never a path.
func (s *Span) Text(key, text string) {
	if s != nil {
		s.values = append(s.values, value{key: key, text: text})
	}
}

// Number adds an attribute.
func (s *Span) Number(key string, n int64) {
	if s != nil {
		s.values = append(s.values, value{key: key, n: n, isN: true})
	}
}

// End hands the span over; failed says whether the work came to nothing.
func (s *Span) End(failed bool) {
	if s != nil {
		s.end, s.failed = time.Now(), failed
		s.to.take(s)
	}
}
