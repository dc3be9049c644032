package partners

import (
	"net/url"
	"testing"
)

// FuzzAddress: an address that is taken leads by TLS to a host and holds nothing secret.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"https://kt.example.vn/xong", "http://kt.example.vn", "https://a:b@c", "https://", "https://x#y", "//x", "javascript:alert(1)", "https://[::1]:8/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !isAddress(s, false) {
			return
		}
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" || len(s) > 500 {
			t.Errorf("%q is taken", s)
		}
	})
}
