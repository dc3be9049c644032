package identity

import (
	"context"
	"net/netip"
	"strings"
)

// Client is the machine at the other end, as far as the limits and the list of sessions need it.
type Client struct {
	Addr   netip.Addr
	Agent  string // its User-Agent header
	Device string // token of the device cookie; "" for a machine not seen before
}

type clientKey struct{}

// WithClient notes the machine at the other end.
func WithClient(ctx context.Context, c Client) context.Context {
	return context.WithValue(ctx, clientKey{}, c)
}

func clientOf(ctx context.Context) Client {
	c, _ := ctx.Value(clientKey{}).(Client)
	return c
}

// network is the neighbourhood of an address: what one subscriber or office usually holds.
func (c Client) network() string {
	a := c.Addr.Unmap()
	if !a.IsValid() {
		return "unknown"
	}
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, err := a.WithZone("").Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return p.String()
}

// AgentClass says in a few words which program and system an agent header names, enough for a
// person to recognise her own machine. It keeps nothing else.
func AgentClass(header string) string {
	pick := func(names ...[2]string) string {
		for _, n := range names {
			if strings.Contains(header, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	browser := pick([2]string{"Edg", "Edge"}, [2]string{"OPR/", "Opera"}, [2]string{"coc_coc", "Cốc Cốc"}, [2]string{"SamsungBrowser", "Samsung Internet"},
		[2]string{"Firefox/", "Firefox"}, [2]string{"FxiOS", "Firefox"}, [2]string{"CriOS", "Chrome"}, [2]string{"Chrom", "Chrome"}, [2]string{"Safari/", "Safari"})
	system := pick([2]string{"Android", "Android"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"Windows", "Windows"},
		[2]string{"Mac OS", "macOS"}, [2]string{"CrOS", "ChromeOS"}, [2]string{"Linux", "Linux"})
	switch {
	case browser == "":
		return system
	case system == "":
		return browser
	}
	return browser + " · " + system
}
