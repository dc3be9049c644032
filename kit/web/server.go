// Package web is the edge: routes with a gate each, forms in, pages out, one error table, and the
// protections every request passes. It knows no subject.
package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"datmui/kit/fault"
	"datmui/kit/trace"
	"datmui/kit/ui"
)

// Config is what a Server needs.
type Config struct {
	Log     *slog.Logger
	Origin  string                                                    // scheme and host of this site, for cross-origin checks
	Session func(http.Handler) http.Handler                           // puts the actor and the language into the context
	Frame   func(*http.Request) ui.Frame                              // what pages show around their content
	Observe func(pattern string, status int, d time.Duration)         // metrics; nil means none
	Trace   *trace.Tracer                                             // spans of requests; nil means none
	Keeper  Keeper                                                    // keeps forms of people whose session has ended; nil keeps none
	Tag     func(ctx context.Context, request string) context.Context // notes the request number for other packages
}

// Server answers requests.
type Server struct {
	c      Config
	mux    *http.ServeMux
	routes []Route

	finders []Finder
}

// NewServer returns a server without routes.
func NewServer(c Config) *Server {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Server{c: c, mux: http.NewServeMux()}
}

// Add registers routes; two of the same pattern panic at start.
func (s *Server) Add(routes ...Route) {
	for _, rt := range routes {
		s.routes = append(s.routes, rt)
		limit := rt.Limit
		if limit == 0 {
			limit = 1 << 20
		}
		h := s.guard(rt)
		s.mux.HandleFunc(rt.Pattern, func(w http.ResponseWriter, r *http.Request) {
			if rec, ok := r.Context().Value(recorderKey{}).(*recorder); ok {
				rec.pattern = rt.Pattern
			}
			r.Body = http.MaxBytesReader(w, r.Body, limit)
			if r.ContentLength != 0 { // a body that trickles in holds nobody up for ever
				_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(BodyTime(limit)))
			}
			if err := h(w, r); err != nil {
				s.Fail(w, r, err)
			}
		})
	}
}

// slowest is how slowly a body may come, in bytes a second, after a while for the first of it. A
// telephone at the edge of the forest is faster.
var slowest, bodyWait = int64(8 << 10), time.Minute

// BodyTime is how long a body of so many bytes may take to come.
func BodyTime(limit int64) time.Duration {
	return bodyWait + time.Duration(limit/slowest)*time.Second
}

// writeTime is how long each piece of an answer may take; an answer that goes on moving may take
// as long as it needs.
const writeTime = time.Minute

// Mount registers a plain handler that needs no gate (assets).
func (s *Server) Mount(pattern string, h http.Handler) {
	s.routes = append(s.routes, Route{Pattern: pattern, Who: Public})
	s.mux.Handle(pattern, h)
}

// Routes lists what was added, for the authorisation matrix.
func (s *Server) Routes() []Route { return s.routes }

// Handler is the whole chain.
func (s *Server) Handler() http.Handler {
	var h http.Handler = http.HandlerFunc(s.dispatch)
	if s.c.Session != nil {
		h = s.c.Session(h)
	}
	cop := http.NewCrossOriginProtection()
	if s.c.Origin != "" {
		_ = cop.AddTrustedOrigin(s.c.Origin)
	}
	cop.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Fail(w, r, fault.Forbidden("cross-origin"))
	}))
	return s.outer(headers(chosen(framed(s.c.Frame, cop.Handler(h)))))
}

// dispatch answers unknown addresses with a page of our own.
func (s *Server) dispatch(w http.ResponseWriter, r *http.Request) {
	if !isText(r.URL.Path) {
		s.Fail(w, r, fault.NotFound("page"))
		return
	}
	if _, pattern := s.mux.Handler(r); pattern == "" {
		rec := &dropped{h: http.Header{}}
		s.mux.ServeHTTP(rec, r) // says 405 with Allow where the path exists for other methods
		if rec.status != http.StatusMethodNotAllowed {
			s.Fail(w, r, fault.NotFound("page"))
			return
		}
		w.Header()["Allow"] = rec.h["Allow"]
		s.show(w, r, Fault{Status: http.StatusMethodNotAllowed, Kind: "method", Request: RequestID(r.Context())})
		return
	}
	s.mux.ServeHTTP(w, r)
}

// dropped takes the mux's own plain answer, so that a page can stand in its place.
type dropped struct {
	h      http.Header
	status int
}

func (d *dropped) Header() http.Header         { return d.h }
func (d *dropped) WriteHeader(status int)      { d.status = status }
func (d *dropped) Write(b []byte) (int, error) { return len(b), nil }

// secure says whether the person came over https, also by a web server in front of this one.
func secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "+
			"object-src 'none'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
		if secure(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

type requestKey struct{}

// RequestID is the number of the request, shown on fault pages and written in every log line.
func RequestID(ctx context.Context) string {
	s, _ := ctx.Value(requestKey{}).(string)
	return s
}

// outer numbers, times, logs and catches panics.
func (s *Server) outer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id := strings.ToLower(rand.Text()[:12])
		ctx := context.WithValue(r.Context(), requestKey{}, id)
		if s.c.Tag != nil {
			ctx = s.c.Tag(ctx, id)
		}
		ctx, span := trace.Start(s.c.Trace.Into(ctx), "", trace.Server)
		r = r.WithContext(ctx)
		w.Header().Set("X-Request-Id", id)
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		r = r.WithContext(context.WithValue(r.Context(), recorderKey{}, rec))
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				s.c.Log.ErrorContext(ctx, "panic", "request", id, "panic", p, "stack", string(debug.Stack()))
				if !rec.wrote {
					s.show(rec, r, Fault{Status: http.StatusInternalServerError, Kind: "internal", Request: id})
				}
			}
			span.Name(cmp.Or(rec.pattern, "no route")) // never the path: that may hold a code
			span.Text("http.route", rec.pattern)
			span.Number("http.response.status_code", int64(rec.status))
			span.Text("datmui.request", id)
			span.End(rec.status >= http.StatusInternalServerError)
			d := time.Since(start)
			if s.c.Observe != nil {
				s.c.Observe(rec.pattern, rec.status, d)
			}
			s.c.Log.DebugContext(ctx, "request", "request", id, "method", r.Method, "path", logged(r), "status", rec.status, "ms", d.Milliseconds())
		}()
		next.ServeHTTP(rec, r)
	})
}

// logged is the path as the log may have it: without its query, which may hold a personal number,
// and as its pattern where it holds a token, which lets whoever has it in.
func logged(r *http.Request) string {
	if rec, ok := r.Context().Value(recorderKey{}).(*recorder); ok && strings.Contains(rec.pattern, "{token}") {
		_, path, _ := strings.Cut(rec.pattern, " ")
		return path
	}
	return r.URL.Path
}

type recorderKey struct{}

type recorder struct {
	http.ResponseWriter
	pattern string // of the route that answered, for the metrics
	status  int
	wrote   bool
}

func (r *recorder) WriteHeader(status int) {
	if !r.wrote {
		r.status, r.wrote = status, true
		r.goOn()
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.wrote = true
	r.goOn()
	return r.ResponseWriter.Write(b)
}

// goOn gives the next piece of the answer its time.
func (r *recorder) goOn() {
	_ = http.NewResponseController(r.ResponseWriter).SetWriteDeadline(time.Now().Add(writeTime))
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
