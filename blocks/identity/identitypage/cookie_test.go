package identitypage_test

import (
	"net/netip"
	"testing"

	"datmui/blocks/identity/identitypage"
)

func TestThroughProxies(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	for _, tt := range []struct {
		at, forwarded, want string
		proxies             []netip.Prefix
	}{
		{"203.0.113.7", "198.51.100.1", "203.0.113.7", nil},
		{"203.0.113.7", "198.51.100.1", "203.0.113.7", trusted},
		{"127.0.0.1", "198.51.100.1", "198.51.100.1", trusted},
		{"127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1", trusted},
		{"127.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1", trusted},
		{"127.0.0.1", "", "127.0.0.1", trusted},
		{"127.0.0.1", "nonsense", "127.0.0.1", trusted},
		{"127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1", trusted},
	} {
		got := identitypage.Through(netip.MustParseAddr(tt.at), []string{tt.forwarded}, tt.proxies)
		if got != netip.MustParseAddr(tt.want) {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}

func FuzzThrough(f *testing.F) {
	f.Add("1.1.1.1, 198.51.100.1, 10.0.0.2")
	f.Add(",,fe80::1%eth0,")
	trusted := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	f.Fuzz(func(t *testing.T, s string) {
		got := identitypage.Through(netip.MustParseAddr("127.0.0.1"), []string{s}, trusted)
		if !got.IsValid() || got.Zone() != "" || got.Is4In6() {
			t.Errorf("%q gave %s", s, got)
		}
		if identitypage.Through(netip.MustParseAddr("203.0.113.7"), []string{s}, trusted) != netip.MustParseAddr("203.0.113.7") {
			t.Errorf("a stranger was believed: %q", s)
		}
	})
}
