package site

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"datmui/blocks/exchange/exchangepage"
	"datmui/blocks/identity/identitypage"
	"datmui/demo"
	"datmui/kit/actor"
	"datmui/kit/pg"
	"datmui/sim"
)

// vneidPort is the port next to the pages at which the demonstration's VNeID is played.
func vneidAddress(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", err
	}
	n, err := net.LookupPort("tcp", port)
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(host, fmt.Sprint(n+1)), nil
}

// freeVNeID makes sure that the player will get its port, before any work is done.
func freeVNeID(o Options) error {
	address, err := vneidAddress(o.Listen)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("the demonstration plays VNeID on %s, the port after that of the pages, and it cannot be had (%w): stop the program that has it, or choose another port in DATMUI_LISTEN", address, err)
	}
	return l.Close()
}

// startVNeID starts the program that plays VNeID, which ends with this one however it ends. The
// citizens' browser reaches it under the host of the origin.
func (o *Options) startVNeID(ctx context.Context, db *pg.DB) (stop func(), err error) {
	listen, err := vneidAddress(o.Listen)
	if err != nil {
		return nil, err
	}
	secrets, err := OpenSecrets(o.Data)
	if err != nil {
		return nil, err
	}
	origin, err := url.Parse(o.Origin)
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(listen)
	o.VNeIDClient = ClientID
	o.VNeID = "http://" + net.JoinHostPort(origin.Hostname(), port)
	players := filepath.Join(o.Data, "vneid-players.json")
	if err := o.savePlayers(ctx, db, players); err != nil {
		return nil, fmt.Errorf("writing the players of VNeID: %w", err)
	}
	program, err := simProgram()
	if err != nil {
		return nil, err
	}
	cmd, parent, err := sim.VNeID{Program: program, Listen: listen, Issuer: o.VNeID, Players: players, Client: ClientID,
		SecretFile: filepath.Join(secrets.dir, "vneid.secret"), Redirect: o.Origin + identitypage.PathCallback, SignedOut: o.Origin + "/"}.Command(ctx)
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the played VNeID: %w", err)
	}
	return func() {
		_ = parent.Close()
		_ = cmd.Wait()
	}, nil
}

// startNational starts the program that plays the National Public Service Portal, two ports after
// that of the pages, or where there is room. It ends with this one however it ends.
func (o *Options) startNational(ctx context.Context) (stop func(), err error) {
	secrets, err := OpenSecrets(o.Data)
	if err != nil {
		return nil, err
	}
	if _, _, err := secrets.national(true); err != nil {
		return nil, err
	}
	address, err := freeBeside(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("no port is free for the played National Public Service Portal: %w", err)
	}
	program, err := simProgram()
	if err != nil {
		return nil, err
	}
	cmd, parent, err := sim.National{Program: program, Listen: address, Client: ClientID, SecretFile: filepath.Join(secrets.dir, "national.secret"),
		Province: o.Origin + exchangepage.PathProvince, InboundFile: filepath.Join(secrets.dir, "national-inbound.secret")}.Command(ctx)
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the played National Public Service Portal: %w", err)
	}
	o.National, o.NationalClient = "http://"+address, ClientID
	return func() {
		_ = parent.Close()
		_ = cmd.Wait()
	}, nil
}

// freeBeside is an address two ports after a listening one if that is free, else any free port there.
func freeBeside(listening string) (string, error) {
	host, port, err := net.SplitHostPort(listening)
	if err != nil {
		return "", err
	}
	n, err := net.LookupPort("tcp", port)
	if err != nil {
		return "", err
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(n+2)))
	if err != nil {
		if l, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
			return "", err
		}
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// firstTold is how many open dossiers of the demonstration the portal is told of at the start.
const firstTold = 60

// enrolDemo has the portal told of the newest open dossiers, once.
func (s *Site) enrolDemo(ctx context.Context) error {
	codes, err := s.Services.NewestOpen(ctx, firstTold)
	if err != nil {
		return err
	}
	return s.Exchange.EnrolFirst(actor.With(ctx, actor.ForSystem("demo")), codes)
}

// savePlayers writes who is played: once, for making the whole province again takes half a second.
func (o *Options) savePlayers(ctx context.Context, db *pg.DB, path string) error {
	_, loaded, err := demo.Loaded(ctx, db.Reader, max(o.Scale, 1))
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err == nil && loaded {
		return nil
	}
	world, err := demo.Build(demo.Config{Seed: o.Seed, AsOf: o.AsOf, Scale: o.Scale})
	if err != nil {
		return err
	}
	return sim.SavePlayers(path, demo.Players(world))
}

// simProgram finds bin/datmui-sim beside this program.
func simProgram() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(exe); err == nil {
		exe = real
	}
	path := filepath.Join(filepath.Dir(exe), "datmui-sim")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if path, err = exec.LookPath("datmui-sim"); err != nil {
		return "", fmt.Errorf("the program datmui-sim, which plays VNeID in the demonstration, is not beside %s: run `make build`", exe)
	}
	return path, nil
}

// loadDemo makes the demonstration province the first time, with true progress.
func (s *Site) loadDemo(ctx context.Context, o Options) error {
	start := time.Now()
	say := o.Say
	if say == nil {
		say = func(string, ...any) {}
	}
	c := s.demoConfig(o)
	if o.DatabaseURL == "" {
		if err := s.spaceForDemo(ctx, o); err != nil {
			return err
		}
	}
	c.Progress = func(step string, done, total int) {
		say("%-14s %d/%d  (%.0f s)", step, done, total, time.Since(start).Seconds())
	}
	if err := demo.Load(actor.With(ctx, actor.ForSystem("demo")), c); err != nil {
		return fmt.Errorf("making the demonstration province: %w", err)
	}
	return nil
}

// demoSpace is what the demonstration takes on the disk, in megabytes: files and people, 20,000
// dossiers per scale, and the log of the database.
func demoSpace(scale int) int64 { return 700 + 340*int64(scale) + min(512*int64(scale), 2048) }

// spaceForDemo refuses to begin what the disk cannot hold. What has been loaded counts.
func (s *Site) spaceForDemo(ctx context.Context, o Options) error {
	scale, loaded, err := demo.Loaded(ctx, s.db.Reader, max(o.Scale, 1))
	if err != nil || loaded {
		return err
	}
	var st syscall.Statfs_t
	if err := syscall.Statfs(o.Data, &st); err != nil {
		return nil // no figure is no reason to refuse
	}
	have, err := pg.Value[int64](s.db.Reader.Query(ctx, `SELECT pg_database_size(current_database()) >> 20`))
	if err != nil {
		return err
	}
	need, free := demoSpace(scale)-have, int64(st.Bavail*uint64(st.Bsize)>>20)
	if free < need {
		return fmt.Errorf("the demonstration at scale %d needs another %d MB on the disk of %s and %d MB are free: free some space, choose another folder in DATMUI_DATA or a smaller --scale", scale, need, o.Data, free)
	}
	return nil
}

func (s *Site) demoConfig(o Options) demo.LoadConfig {
	return demo.LoadConfig{Book: s.Book, DB: s.db.Reader, Directory: s.Directory, Calendar: s.Calendar, Services: s.Services, Sign: s.Sign, Forms: s.Forms, Represent: s.Represent, Files: s.Files, Partners: s.Partners,
		Seed: o.Seed, AsOf: o.AsOf, Scale: max(o.Scale, 1)}
}

// makePapers has the loaded dossiers' papers made beside the pages, which are open already. The
// function it returns waits until that has ended; ctx ends it earlier, and the next start goes on.
func (s *Site) makePapers(ctx context.Context, o Options) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		start := time.Now()
		ctx := actor.With(ctx, actor.ForSystem("demo"))
		for _, more := range []func(context.Context, demo.LoadConfig) error{demo.LinkedSets, demo.Families, demo.Partners, demo.Papers} {
			if err := more(ctx, s.demoConfig(o)); err != nil {
				if ctx.Err() == nil {
					s.log.ErrorContext(ctx, "the papers of the demonstration could not all be made; the next start goes on", "err", err)
				}
				return
			}
		}
		s.log.Info("the papers of the demonstration are made", "seconds", int(time.Since(start).Seconds()))
	}()
	return func() { <-done }
}
