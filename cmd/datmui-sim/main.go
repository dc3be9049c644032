// Command datmui-sim plays the other ends that a province talks to, each as a subcommand with the
// real protocol, for demonstrations and tests. It is never part of a real province.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"datmui/sim"
	"datmui/sim/dvcqg"
	"datmui/sim/vneid"
)

// CLI lists the players.
type CLI struct {
	VNeID    VNeIDCmd    `cmd:"" name:"vneid" help:"Play VNeID, the national electronic identity, as an OpenID provider."`
	National NationalCmd `cmd:"" help:"Play the National Public Service Portal: it is told of dossiers and can be made to fail."`
}

// VNeIDCmd plays VNeID until it is stopped.
type VNeIDCmd struct {
	Listen     string `default:"127.0.0.1:8081" placeholder:"ADDR" help:"Address to listen on (127.0.0.1:8081)."`
	Issuer     string `placeholder:"URL" help:"Address people and the client see (http:// and the listening address)."`
	Players    string `required:"" placeholder:"FILE" help:"JSON list of invented people: sub, personal_id, name, birth, level, about, listed."`
	Client     string `required:"" placeholder:"ID" help:"Id of the client that may ask."`
	SecretFile string `required:"" placeholder:"FILE" help:"File with the client's secret."`
	Redirect   string `required:"" placeholder:"URL" help:"The client's callback address."`
	SignedOut  string `placeholder:"URL" help:"Where people may be sent after signing out."`
	WithParent bool   `help:"End when standard input ends: when the program that started this one is gone."`
}

// NationalCmd plays the National Public Service Portal until it is stopped.
type NationalCmd struct {
	Listen      string `default:"127.0.0.1:8082" placeholder:"ADDR" help:"Address to listen on (127.0.0.1:8082)."`
	Client      string `required:"" placeholder:"ID" help:"Id of the province here, and of the portal there."`
	SecretFile  string `required:"" placeholder:"FILE" help:"File with the province's secret."`
	Province    string `placeholder:"URL" help:"Where the province hears states."`
	InboundFile string `placeholder:"FILE" help:"File with the portal's secret at the province."`
	WithParent  bool   `help:"End when standard input ends: when the program that started this one is gone."`
}

// Run serves the player.
func (c *NationalCmd) Run(ctx context.Context) error {
	secret, err := os.ReadFile(c.SecretFile)
	if err != nil {
		return err
	}
	var inbound []byte
	if c.InboundFile != "" {
		if inbound, err = os.ReadFile(c.InboundFile); err != nil {
			return err
		}
	}
	p, err := dvcqg.New(dvcqg.Config{Client: c.Client, Secret: strings.TrimSpace(string(secret)), Province: c.Province, Inbound: strings.TrimSpace(string(inbound))})
	if err != nil {
		return err
	}
	l, err := listen(c.Listen)
	if err != nil {
		return err
	}
	defer l.Close()
	ctx, gone := withParent(ctx, c.WithParent)
	defer gone()
	fmt.Fprintf(os.Stderr, "datmui-sim: playing the National Public Service Portal (it is NOT that portal) at http://%s\n", l.Addr())
	return serve(ctx, l, p.Handler())
}

func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("another program listens on %s: stop it, or choose another address with --listen", address)
	}
	return l, err
}

// withParent is a context that ends when standard input does, if that is asked for.
func withParent(ctx context.Context, yes bool) (context.Context, context.CancelFunc) {
	ctx, gone := context.WithCancel(ctx)
	if yes {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			gone()
		}()
	}
	return ctx, gone
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	var cli CLI
	c := kong.Parse(&cli, kong.Name("datmui-sim"),
		kong.Description("Plays the outside world for a demonstration of Đất Mũi. Nothing here is real."),
		kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)))
	if err := c.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "datmui-sim:", err)
		stop()
		os.Exit(1)
	}
}

// Run serves the player.
func (c *VNeIDCmd) Run(ctx context.Context) error {
	players, err := sim.LoadPlayers(c.Players)
	if err != nil {
		return fmt.Errorf("reading %s: %w", c.Players, err)
	}
	secret, err := os.ReadFile(c.SecretFile)
	if err != nil {
		return err
	}
	conf := vneid.Config{Issuer: c.Issuer, Client: c.Client, Secret: strings.TrimSpace(string(secret)),
		Redirect: []string{c.Redirect}, Players: players}
	if c.SignedOut != "" {
		conf.SignedOut = []string{c.SignedOut}
	}
	l, err := listen(c.Listen)
	if err != nil {
		return err
	}
	defer l.Close()
	if conf.Issuer == "" {
		conf.Issuer = "http://" + l.Addr().String()
	}
	h, err := vneid.Handler(conf)
	if err != nil {
		return err
	}
	ctx, gone := withParent(ctx, c.WithParent)
	defer gone()
	fmt.Fprintf(os.Stderr, "datmui-sim: playing VNeID (it is NOT VNeID) at %s for %d invented people\n", conf.Issuer, len(players))
	return serve(ctx, l, h)
}

func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}
	stopped := context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = srv.Shutdown(end)
	})
	defer stopped()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
