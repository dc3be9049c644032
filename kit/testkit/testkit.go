package testkit

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datmui/kit/clock"
	"datmui/kit/fault"
)

// WantError checks err against what a table of cases asks for: nil, the same fault.Fields, or
// an error that is want.
func WantError(t testing.TB, err, want error) {
	t.Helper()
	if want == nil {
		if err != nil {
			t.Fatalf("unexpected error: %v", err)
		}
		return
	}
	if fields, ok := errors.AsType[fault.Fields](want); ok {
		got, _ := errors.AsType[fault.Fields](err)
		if diff := cmp.Diff(fields, got); diff != "" {
			t.Fatalf("error %v; fields (-want +got):\n%s", err, diff)
		}
		return
	}
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

// Clock stands at a moment given in Vietnam's time as "2006-01-02T15:04", until moved.
func Clock(t testing.TB, vietnam string) *clock.Fake {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02T15:04", vietnam, clock.Vietnam)
	if err != nil {
		t.Fatalf("testkit: %v", err)
	}
	return clock.At(at)
}

// Log writes to the test's output, which is shown when the test fails or under -v.
func Log(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey && len(groups) == 0 {
				return slog.Attr{} // go test tells the time
			}
			return a
		},
	}))
}

// squeeze joins the words of a text by single spaces, as a browser shows them.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
