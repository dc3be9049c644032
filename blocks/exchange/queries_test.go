package exchange

import (
	"testing"
	"time"
)

// FuzzReadKey: any key of a page is a place or the first page.
func FuzzReadKey(f *testing.F) {
	f.Add(time.Unix(1764000000, 0).UTC().Format(time.RFC3339Nano) + " H12.94.04-261123-0009")
	f.Add("")
	f.Add(" ")
	f.Fuzz(func(t *testing.T, key string) {
		at, code := readKey(key)
		if y := at.Year(); y < 0 || y > 9999 || at.IsZero() && code != "" && len(code) >= len(key) {
			t.Errorf("%q is %s %q", key, at, code)
		}
	})
}
