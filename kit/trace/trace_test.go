package trace_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"datmui/kit/trace"
	"datmui/kit/web"
)

// collector takes OTLP over HTTP and nothing else.
type collector struct {
	mu    sync.Mutex
	spans []span
	raw   strings.Builder
}

type attribute struct {
	Key   string `json:"key"`
	Value struct {
		StringValue *string `json:"stringValue"`
		IntValue    *string `json:"intValue"`
	} `json:"value"`
}

type span struct {
	TraceID    string      `json:"traceId"`
	SpanID     string      `json:"spanId"`
	Parent     string      `json:"parentSpanId"`
	Name       string      `json:"name"`
	Kind       int         `json:"kind"`
	Start      string      `json:"startTimeUnixNano"`
	End        string      `json:"endTimeUnixNano"`
	Attributes []attribute `json:"attributes"`
	Status     struct {
		Code int `json:"code"`
	} `json:"status"`
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var m struct {
		ResourceSpans []struct {
			Resource struct {
				Attributes []attribute `json:"attributes"`
			} `json:"resource"`
			ScopeSpans []struct {
				Scope struct {
					Name string `json:"name"`
				} `json:"scope"`
				Spans []span `json:"spans"`
			} `json:"scopeSpans"`
		} `json:"resourceSpans"`
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/json" || d.Decode(&m) != nil {
		http.Error(w, "no OTLP", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw.Write(body)
	for _, rs := range m.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			c.spans = append(c.spans, ss.Spans...)
		}
	}
}

func (c *collector) named(t *testing.T, name string) span {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no span %q among %d", name, len(c.spans))
	return span{}
}

// A request and what it did are one trace; nothing of a person is in it.
func TestARequestIsTold(t *testing.T) {
	c := &collector{}
	server := httptest.NewServer(c)
	defer server.Close()
	tracer := trace.New(server.URL+"/", slog.New(slog.DiscardHandler))
	s := web.NewServer(web.Config{Log: slog.New(slog.DiscardHandler), Trace: tracer})
	s.Add(web.Route{Pattern: "GET /people/{number}", Who: web.Public, Handle: func(w http.ResponseWriter, r *http.Request) error {
		ctx, outer := trace.Start(r.Context(), "test.outer", trace.Internal)
		_, inner := trace.Start(ctx, "test.inner", trace.Internal)
		inner.End(true)
		outer.End(false)
		return nil
	}})
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/people/096196000123?name=Nguyen", nil))
	s.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/none/096196000123", nil))
	tracer.Close()

	request, outer, inner := c.named(t, "GET /people/{number}"), c.named(t, "test.outer"), c.named(t, "test.inner")
	if request.Parent != "" || outer.Parent != request.SpanID || inner.Parent != outer.SpanID || outer.TraceID != request.TraceID || inner.TraceID != request.TraceID {
		t.Errorf("not one trace: %+v %+v %+v", request, outer, inner)
	}
	if len(request.TraceID) != 32 || len(request.SpanID) != 16 || request.Kind != trace.Server || len(request.Start) != 19 || request.End < request.Start {
		t.Errorf("%+v", request)
	}
	if inner.Status.Code != 2 || outer.Status.Code != 0 || request.Status.Code != 0 {
		t.Errorf("failed: request %d, outer %d, inner %d; only the inner did", request.Status.Code, outer.Status.Code, inner.Status.Code)
	}
	values := map[string]string{}
	for _, a := range request.Attributes {
		if a.Value.StringValue != nil {
			values[a.Key] = *a.Value.StringValue
		} else {
			values[a.Key] = *a.Value.IntValue
		}
	}
	if values["http.response.status_code"] != "200" || values["http.route"] != "GET /people/{number}" || values["datmui.request"] != w.Header().Get("X-Request-Id") {
		t.Errorf("attributes %v", values)
	}
	if lost := c.named(t, "no route"); lost.TraceID == request.TraceID {
		t.Error("two requests share a trace")
	}
	if said := c.raw.String(); strings.Contains(said, "096196000123") || strings.Contains(said, "Nguyen") || strings.Contains(said, "none") {
		t.Errorf("something of a person was told: %s", said)
	}
}

// Without a collector nothing is begun; with one that is away nobody waits.
func TestNoCollector(t *testing.T) {
	var none *trace.Tracer
	if got := trace.New("", nil); got != none {
		t.Error("no address makes a tracer")
	}
	ctx, s := trace.Start(none.Into(t.Context()), "x", trace.Internal)
	if s != nil || ctx != t.Context() {
		t.Error("something is traced without a tracer")
	}
	s.Name("y")
	s.Text("a", "b")
	s.Number("c", 1)
	s.End(true)
	none.Close()

	away := httptest.NewServer(http.NotFoundHandler())
	tracer := trace.New(away.URL, slog.New(slog.DiscardHandler))
	away.Close()
	for range 10_000 { // more than may wait
		_, s := trace.Start(tracer.Into(context.Background()), "x", trace.Internal)
		s.End(false)
	}
	tracer.Close()
}

func TestCheck(t *testing.T) {
	for address, good := range map[string]bool{"http://127.0.0.1:4318": true, "https://otel.example/base": true, "127.0.0.1:4317": false, "grpc://x": false,
		"http://me:secret@x": false, "": false} {
		if err := trace.Check(address); (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		}
	}
}
