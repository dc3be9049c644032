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

// stage is the province on which is measured; it is set up when the first measure needs it.
type stage struct {
	dir   string
	pairs int
	span  time.Duration // of one run
	most  int           // dossiers

	ready    bool
	db       *pg.DB
	site     *site.Site
	server   *http.Server
	url      string
	counters []directory.Agency // that receive, one or more for each unit
	citizens []citizen
	stop     context.CancelFunc
	sealing  sync.WaitGroup
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
	if s.ready {
		return nil
	}
	fmt.Fprintln(os.Stderr, "  building the province")
	if s.db, err = pg.Open(ctx, pg.Config{Dir: filepath.Join(s.dir, "pg")}); err != nil {
		return err
	}
	if err := site.Migrate(ctx, s.db); err != nil {
		return err
	}
	if _, err := pg.Claim(ctx, s.db.Owner, true); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.url = fmt.Sprintf("http://localhost:%d", listener.Addr().(*net.TCPAddr).Port)
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	system := actor.With(ctx, actor.ForSystem("bench"))
	if s.site, err = site.Build(system, s.db, site.Options{Data: filepath.Join(s.dir, "data"), Origin: s.url, Demo: true, Log: quiet, Program: "/bin/false"}); err != nil {
		return err
	}
	s.server = &http.Server{Handler: s.site.Handler()}
	go func() { _ = s.server.Serve(listener) }()
	if err := s.site.Seed(system); err != nil {
		return err
	}
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
	sealing, cancel := context.WithCancel(ctx)
	s.stop = cancel
	s.sealing.Go(func() { s.site.Book.SealLoop(sealing, quiet) })
	s.ready = true
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

// settle leaves the database as it is in daily use: analysed, checkpointed.
func (s *stage) settle(ctx context.Context) error {
	// The server is the bench's own: its superuser may checkpoint, the owner may analyse.
	for _, sql := range []string{"VACUUM (ANALYZE)"} {
		if _, err := s.db.Owner.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

func (s *stage) close() error {
	if s.stop != nil {
		s.stop()
		s.sealing.Wait()
	}
	if s.server != nil {
		_ = s.server.Close()
	}
	if s.site != nil {
		_ = s.site.Files.Close()
	}
	var err error
	if s.db != nil {
		err = s.db.Close()
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// address is how pgbench connects, in the role of the app.
func (s *stage) address() string {
	return strings.Replace(s.db.Address(), "user='"+pg.RoleOwner+"'", "user='"+pg.RoleApp+"'", 1)
}

// rate runs fn in 16 workers for the span and gives the number per second.
func (s *stage) rate(ctx context.Context, fn func(ctx context.Context, n int) error) (float64, error) {
	var done, next atomic.Int64
	var wg sync.WaitGroup
	failed := make(chan error, workers)
	start := time.Now()
	for range workers {
		wg.Go(func() {
			for time.Since(start) < s.span {
				if err := fn(ctx, int(next.Add(1))); err != nil {
					failed <- err
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	select {
	case err := <-failed:
		return 0, err
	default:
		return float64(done.Load()) / took.Seconds(), nil
	}
}
