package audit_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/testkit"
	"datmui/kit/trace"
)

func open(t *testing.T) (*audit.Book, context.Context) {
	t.Helper()
	db := testkit.DB(t)
	b := audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: clock.At(time.Date(2026, 11, 23, 1, 6, 0, 0, time.UTC))})
	return b, actor.With(t.Context(), actor.Actor{ID: uuid.Must(uuid.NewV7()), Kind: actor.Official, Name: "Phạm Ngọc Hân"})
}

func TestOnce(t *testing.T) {
	t.Parallel()
	b, ctx := open(t)
	type in struct{ N int }
	send := func(client string, n int) (string, error) {
		var out string
		err := b.Act(ctx, "test.once", func(ctx context.Context, act *audit.Act) error {
			out = uuid.NewString()
			act.Queue(`SELECT 1`)
			return nil
		}, audit.Once(client, in{n}, &out))
		return out, err
	}
	first, err := send("client-0001", 1)
	if err != nil {
		t.Fatal(err)
	}
	again, err := send("client-0001", 1)
	if err != nil || again != first {
		t.Errorf("a second send answered %q, %v; want the first answer %q", again, err, first)
	}
	if _, err := send("client-0001", 2); !errors.Is(err, fault.Conflict("once.other-input")) {
		t.Errorf("the same client id with other input: %v, want a conflict", err)
	}
	if other, err := send("client-0002", 1); err != nil || other == first {
		t.Errorf("another client id answered %q, %v", other, err)
	}
}

// An act is a span of the request or job it belongs to, by its name, with whether it came to nothing.
func TestActIsTraced(t *testing.T) {
	t.Parallel()
	b, ctx := open(t)
	var mu sync.Mutex
	said := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		said += string(body)
	}))
	defer server.Close()
	tracer := trace.New(server.URL, testkit.Log(t))
	for _, err := range []error{nil, fault.Forbidden("test")} {
		if got := b.Act(tracer.Into(ctx), "test.traced", func(ctx context.Context, act *audit.Act) error { return err }); !errors.Is(got, err) {
			t.Fatal(got)
		}
	}
	tracer.Close()
	if strings.Count(said, `"name":"test.traced"`) != 2 || strings.Count(said, `"status":{"code":2}`) != 1 || strings.Contains(said, "Phạm Ngọc Hân") {
		t.Errorf("told: %s", said)
	}
}
