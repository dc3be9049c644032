package main

import (
	"context"
	"fmt"
	"net"

	"datmui/site"
)

// DemoCmd runs the demonstration province. Everybody may sign in there as anybody, so it
// listens to this machine only unless told otherwise.
type DemoCmd struct {
	Anyone bool `help:"Listen on an address that others can reach: they may sign in as anybody."`
}

func (c *DemoCmd) Run(ctx context.Context, s *Settings) error {
	if host, _, _ := net.SplitHostPort(s.Listen); !c.Anyone && !loopback(host) {
		return settingError{"DATMUI_LISTEN", fmt.Sprintf("is %q, but in the demonstration anybody may sign in as anybody: use 127.0.0.1:8080, or say --anyone", s.Listen)}
	}
	o := s.options()
	o.Demo = true
	return site.Run(ctx, o)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
