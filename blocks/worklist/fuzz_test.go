package worklist

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// FuzzReadKey: a key of a page that is read is a place in the list, written as it was read.
func FuzzReadKey(f *testing.F) {
	id := uuid.MustParse("00f9cebb-0320-7512-8640-dda427e24501")
	for _, s := range []string{"", writeKey(time.Unix(1764000000, 1000), id), "MDAwMC0wMS0wMVQwMDowMDowMCsyMzo1OSA", "////"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		due, id, err := readKey(s)
		if err != nil {
			return
		}
		if again, same, err := readKey(writeKey(due, id)); err != nil || !again.Equal(due) || same != id {
			t.Errorf("%q became %s %s, and that %s %s (%v)", s, due, id, again, same, err)
		}
	})
}

// FuzzWords: whatever is typed is at most eight patterns that match it and nothing wider.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"nguyễn mai", "100%", `a\_b`, "\u0301", strings.Repeat("a ", 50)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list := words(s)
		if len(list) > 8 {
			t.Errorf("%q became %d words", s, len(list))
		}
		for _, w := range list {
			inner := strings.NewReplacer(`\\`, "", `\%`, "", `\_`, "").Replace(strings.TrimSuffix(strings.TrimPrefix(w, "%"), "%"))
			if len(w) < 2 || strings.ContainsAny(inner, `%_\`) {
				t.Errorf("%q became the pattern %q", s, w)
			}
		}
	})
}
