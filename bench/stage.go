package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/directory"
	"datmui/blocks/identity"
	"datmui/demo"
	"datmui/kit/actor"
	"datmui/kit/pg"
	"datmui/site"
)

// stage is where is measured: the settings of the run, and the province without dossiers, which is
// set up when the first measure needs it. Larger ones are in large.go.
type stage struct {
	dir   string
	keep  string // folder of the loaded provinces, kept for the next run; "" means that they go with dir
	pairs int
	span  time.Duration // of one run
	most  int           // dossiers

	*house
	counters []directory.Agency // that receive, one or more for each unit
	citizens []citizen
	larger   map[int]*large // by dossiers
}

// house is the program over a database of its own.
type house struct {
	db      *pg.DB
	site    *site.Site
	server  *http.Server
	url     string
	stop    context.CancelFunc
	sealing sync.WaitGroup
}

// build opens the program in a folder, in process, with its pages on a port of this machine.
func build(ctx context.Context, dir string) (h *house, err error) {
	h = &house{}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if h.db, err = pg.Open(ctx, pg.Config{Dir: filepath.Join(dir, "pg")}); err != nil {
		return h, err
	}
	if err := site.Migrate(ctx, h.db); err != nil {
		return h, err
	}
	if _, err := pg.Claim(ctx, h.db.Owner, true); err != nil {
		return h, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return h, err
	}
	h.url = fmt.Sprintf("http://localhost:%d", listener.Addr().(*net.TCPAddr).Port)
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	if h.site, err = site.Build(ctx, h.db, site.Options{Data: filepath.Join(dir, "data"), Origin: h.url, Demo: true, Log: quiet, Program: "/bin/false"}); err != nil {
		return h, errors.Join(err, listener.Close())
	}
	h.server = &http.Server{Handler: h.site.Handler()}
	go func() { _ = h.server.Serve(listener) }()
	if err := h.site.Seed(ctx); err != nil {
		return h, err
	}
	sealing, cancel := context.WithCancel(ctx)
	h.stop = cancel
	h.sealing.Go(func() { h.site.Book.SealLoop(sealing, quiet) })
	return h, nil
}

func (h *house) close() error {
	if h.stop != nil {
		h.stop()
		h.sealing.Wait()
	}
	if h.server != nil {
		_ = h.server.Close()
	}
	if h.site != nil {
		_ = h.site.Files.Close()
	}
	if h.db != nil {
		return h.db.Close()
	}
	return nil
}

// settle leaves the database as it is in daily use: analysed, its dead rows taken away.
func (h *house) settle(ctx context.Context) error {
	if _, err := h.db.Owner.Exec(ctx, "VACUUM (ANALYZE)"); err != nil {
		return fmt.Errorf("analysing: %w", err)
	}
	return nil
}

// citizen is somebody with an open session.
type citizen struct {
	id    uuid.UUID
	token string
}

const workers = 16

const people = 1000

// open builds the province: real units and bodies, officials, citizens, a thousand of them signed in.
func (s *stage) open(ctx context.Context) (err error) {
	if s.house != nil {
		return nil
	}
	fmt.Fprintln(os.Stderr, "  building the province")
	system := actor.With(ctx, actor.ForSystem("bench"))
	h, err := build(system, s.dir)
	if err != nil {
		return err
	}
	s.house = h
	if _, err := demo.Province(system, demo.Config{Book: s.site.Book, Seed: 1}); err != nil {
		return err
	}
	now := time.Now()
	all, err := s.site.Directory.Agencies(ctx, directory.AgencyFilter{Kind: "public-service centre"}, now)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Identifier != "" && a.Level == "commune" {
			s.counters = append(s.counters, a)
		}
	}
	if len(s.counters) == 0 {
		return errors.New("the province has no counters")
	}
	if err := s.signInCitizens(system); err != nil {
		return err
	}
	return s.settle(ctx)
}

// signInCitizens makes citizens whose ids pgbench can compute too, with a session each.
func (s *stage) signInCitizens(ctx context.Context) error {
	if _, err := s.db.Owner.Exec(ctx, `INSERT INTO directory.person (id, name, personal_id, birth_date, phone, residence_unit, residence, citizen)
		SELECT md5('bench-' || n)::uuid, 'Nguyễn Thị Bé ' || n, '096190' || lpad(n::text, 6, '0'), '1990-01-01', '09' || lpad(n::text, 8, '0'),
			'32248', 'Ấp Mũi', true FROM generate_series(1, $1::int) n`, people); err != nil {
		return fmt.Errorf("making citizens: %w", err)
	}
	ids, err := pg.Values[uuid.UUID](s.db.Owner.Query(ctx, `SELECT md5('bench-' || n)::uuid FROM generate_series(1, $1::int) n`, people))
	if err != nil {
		return err
	}
	var accounts []identity.NewAccount
	for i, id := range ids {
		accounts = append(accounts, identity.NewAccount{Person: id, Kind: identity.KindCitizen, Name: fmt.Sprintf("bench.%d", i), Level: 2, At: time.Now()})
	}
	if err := s.site.Book.Batch(ctx, "bench.accounts", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		return identity.CreateAccounts(ctx, tx, accounts)
	}); err != nil {
		return err
	}
	for i, id := range ids {
		in, err := s.site.Identity.DemoSignIn(ctx, fmt.Sprintf("bench.%d", i))
		if err != nil {
			return err
		}
		s.citizens = append(s.citizens, citizen{id, in.Token})
	}
	return nil
}

func (s *stage) close() error {
	var errs []error
	if s.house != nil {
		errs = append(errs, s.house.close())
	}
	for _, l := range s.larger {
		errs = append(errs, l.close())
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}

// address is how pgbench connects, in the role of the app.
func (s *stage) address() string {
	return strings.Replace(s.db.Address(), "user='"+pg.RoleOwner+"'", "user='"+pg.RoleApp+"'", 1)
}

// rate runs fn in 16 workers for the span and gives the number per second.
func (s *stage) rate(ctx context.Context, fn func(ctx context.Context, n int) error) (float64, error) {
	start, next := time.Now(), atomic.Int64{}
	done, err := crew(func() (bool, error) {
		if time.Since(start) >= s.span {
			return false, nil
		}
		return true, fn(ctx, int(next.Add(1)))
	})
	return float64(done) / time.Since(start).Seconds(), err
}

// each runs fn for 0 to n-1 in 16 workers.
func each(n int, fn func(n int) error) error {
	var next atomic.Int64
	_, err := crew(func() (bool, error) {
		if i := int(next.Add(1)) - 1; i < n {
			return true, fn(i)
		}
		return false, nil
	})
	return err
}

// crew has 16 workers run fn until it says that there is no more; it counts the runs.
func crew(fn func() (more bool, err error)) (int64, error) {
	var done atomic.Int64
	var wg sync.WaitGroup
	failed := make(chan error, workers)
	for range workers {
		wg.Go(func() {
			for {
				more, err := fn()
				if err != nil {
					failed <- err
				}
				if err != nil || !more {
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failed:
		return 0, err
	default:
		return done.Load(), nil
	}
}
