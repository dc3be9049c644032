package servicespage

import (
	"net/url"
	"testing"
)

// FuzzFilter: any address is a filter that writes itself the same way again.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{"state=4&term=late", "holder=ffffffff-ffff-ffff-ffff-ffffffffffff&decided=1", "from=2026-11-01&to=x", "state=-9&agency=%00", "%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := url.ParseQuery(s)
		if err != nil {
			return
		}
		in := readFilter(q)
		again, err := url.ParseQuery(encodeFilter(in))
		if err != nil {
			t.Fatal(err)
		}
		if in.After = ""; readFilter(again) != in {
			t.Errorf("%q is %+v, and that %+v", s, in, readFilter(again))
		}
	})
}

// FuzzNumber: what an editor types as a number is one within reason, or refused.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"", "1.000.000", "7 000", "-1", "1e9", "٣", "99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n := (typed{url.Values{"n": {s}}}).number("n"); n < -1 || n > 1_000_000_000 {
			t.Errorf("%q is %d", s, n)
		}
	})
}
