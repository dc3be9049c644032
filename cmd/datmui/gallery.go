package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"datmui/kit/ui/gallery"
)

// GalleryCmd shows every component and every page with sample data, for those who draw.
type GalleryCmd struct {
	Addr string `help:"Address to listen on; only this machine can reach it." default:"127.0.0.1:8091"`
}

// Run serves the gallery until it is interrupted.
func (c *GalleryCmd) Run(ctx context.Context, out io.Writer) error {
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return settingError{"--addr", fmt.Sprintf("is %q, but must be an address and a port, such as 127.0.0.1:8091", c.Addr)}
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return settingError{"--addr", fmt.Sprintf("is %q, but the gallery is not protected and listens on this machine only", c.Addr)}
	}
	l, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	fmt.Fprintf(out, "http://%s/\n", l.Addr())
	srv := &http.Server{Handler: gallery.Handler(), ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = srv.Close() })()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
