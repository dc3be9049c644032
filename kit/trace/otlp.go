package trace

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Tracer sends spans to a collector as OTLP over HTTP, in its JSON form. A collector that is slow or
// away costs spans, never a request.
type Tracer struct {
	url    string
	log    *slog.Logger
	client *http.Client
	queue  chan *Span
	end    chan struct{}
	done   chan struct{}
	once   sync.Once
}

const (
	waiting  = 4096 // spans that may wait; what comes on top is dropped
	together = 512  // spans in one message
	pause    = 2 * time.Second
)

// Check says whether an address can be that of a collector.
func Check(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery+u.Fragment != "" {
		return fmt.Errorf("is %q, but must be the address of an OpenTelemetry collector over HTTP, such as http://127.0.0.1:4318", endpoint)
	}
	return nil
}

// New starts sending to the collector at endpoint, under which /v1/traces lies; "" is no tracer.
func New(endpoint string, log *slog.Logger) *Tracer {
	if endpoint == "" {
		return nil
	}
	t := &Tracer{url: strings.TrimSuffix(endpoint, "/") + "/v1/traces", log: log, client: &http.Client{Timeout: 10 * time.Second},
		queue: make(chan *Span, waiting), end: make(chan struct{}), done: make(chan struct{})}
	go t.run()
	return t
}

func (t *Tracer) take(s *Span) {
	select {
	case t.queue <- s:
	default:
	}
}

// Close sends what waits and ends.
func (t *Tracer) Close() {
	if t != nil {
		t.once.Do(func() { close(t.end) })
		<-t.done
	}
}

func (t *Tracer) run() {
	defer close(t.done)
	tick := time.NewTicker(pause)
	defer tick.Stop()
	var batch []*Span
	away := false
	flush := func() {
		if len(batch) == 0 {
			return
		}
		err := t.send(batch)
		if err != nil && !away { // once, until it answers again
			t.log.Warn("the OpenTelemetry collector does not take spans", "err", err)
		}
		away, batch = err != nil, nil
	}
	for {
		select {
		case s := <-t.queue:
			if batch = append(batch, s); len(batch) == together {
				flush()
			}
		case <-tick.C:
			flush()
		case <-t.end:
			for len(t.queue) > 0 {
				batch = append(batch, <-t.queue)
			}
			flush()
			return
		}
	}
}

func (t *Tracer) send(batch []*Span) error {
	body, err := json.Marshal(message(batch))
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, t.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := t.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("it answered %s", resp.Status)
	}
	return nil
}

type object = map[string]any

// message is an ExportTraceServiceRequest: ids in hex, 64-bit numbers as text.
func message(batch []*Span) object {
	spans := make([]object, len(batch))
	for i, s := range batch {
		span := object{"traceId": hex.EncodeToString(s.trace[:]), "spanId": hex.EncodeToString(s.id[:]), "name": s.name, "kind": s.kind,
			"startTimeUnixNano": strconv.FormatInt(s.start.UnixNano(), 10), "endTimeUnixNano": strconv.FormatInt(s.end.UnixNano(), 10)}
		if s.parent != [8]byte{} {
			span["parentSpanId"] = hex.EncodeToString(s.parent[:])
		}
		if s.failed {
			span["status"] = object{"code": 2}
		}
		attributes := make([]object, len(s.values))
		for j, v := range s.values {
			kind := object{"stringValue": v.text}
			if v.isN {
				kind = object{"intValue": strconv.FormatInt(v.n, 10)}
			}
			attributes[j] = object{"key": v.key, "value": kind}
		}
		span["attributes"] = attributes
		spans[i] = span
	}
	name := object{"key": "service.name", "value": object{"stringValue": "datmui"}}
	return object{"resourceSpans": []object{{"resource": object{"attributes": []object{name}},
		"scopeSpans": []object{{"scope": object{"name": "datmui"}, "spans": spans}}}}}
}
