package site

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"datmui/blocks/files/s3"
	"datmui/blocks/notify"
	"datmui/kit/clock"
	"datmui/kit/pg"
	"datmui/kit/trace"
)

// Options are the settings of one running site.
type Options struct {
	Data               string // folder of database, files and secrets
	Listen             string // address of the pages
	Origin             string // scheme and host people type
	DatabaseURL        string // "" means the private server in Data
	Metrics            string // address of /metrics; "" means none
	Demo               bool   // the demonstration province
	Log                *slog.Logger
	Clock              clock.Clock                                       // nil means the machine's clock
	Untimed            bool                                              // no timetable of jobs: for a clock that is set by hand
	Program            string                                            // this program, for the sandbox child; "" means the one that runs
	VNeID              string                                            // address of the VNeID provider; "" means that citizens cannot sign in
	National           string                                            // address of the National Public Service Portal's interface; "" means that nobody is told of dossiers
	NationalClient     string                                            // how that system calls this site; "" means datmui
	VNeIDClient        string                                            // this site at that provider; "" means datmui
	SMTP               notify.SMTP                                       // where e-mails go; no host means that none leaves. Its password lies with the secrets
	Mailer             notify.Mailer                                     // instead of SMTP, for tests
	Clamd              string                                            // address of a ClamAV daemon; "" means that files are not scanned
	Files              s3.Address                                        // bucket for files; zero means DATA/files. Its secret lies with the secrets
	Witnesses          []string                                          // addresses to which each head of the audit is posted; a demonstration has none
	AuditPersonalYears int                                               // after so many years personal details of audit entries are blanked; 0 means never
	Scale              int                                               // of the demonstration: multiplies citizens and dossiers
	Seed               int64                                             // of the demonstration
	AsOf               time.Time                                         // of the demonstration; zero means today
	Ready              func()                                            // called once when everything answers; may be nil
	Say                func(format string, args ...any)                  // tells a person on the terminal how far the start has come; nil means nobody
	Collector          string                                            // address of an OpenTelemetry collector (OTLP over HTTP); "" means that nothing is traced
	Trace              *trace.Tracer                                     // made of Collector by Run and Work; nil means none
	Observe            func(pattern string, status int, d time.Duration) // metrics of requests; nil means none
}

// Open opens the database of a site, starting the private server where no other runs it.
func Open(ctx context.Context, o Options) (*pg.DB, error) {
	if err := claimFolder(o.Data); err != nil {
		return nil, err
	}
	return pg.Open(ctx, pg.Config{URL: o.DatabaseURL, Dir: filepath.Join(o.Data, "pg"), Log: o.Log})
}

// Migrate brings the database up to date with every module.
func Migrate(ctx context.Context, db *pg.DB) error {
	switch n, err := pg.Unknown(ctx, db.Owner, migrations()...); {
	case err != nil:
		return err
	case n > 0:
		return fmt.Errorf("a newer version of the program has written this data (%d migrations are unknown here): start that version, or choose another folder in DATMUI_DATA", n)
	}
	return pg.Migrate(ctx, db.Owner, migrations()...)
}

// Pending counts the migrations that Migrate would run.
func Pending(ctx context.Context, db *pg.DB) (int, error) {
	return pg.Pending(ctx, db.Owner, migrations()...)
}

// packing is how eagerly garbage is collected while the program builds what it keeps, in per cent of
// that: so that it lies close together, and not where the waste of the start was.
const packing = 25

// Run serves a site until ctx ends, and stops everything it started.
func Run(ctx context.Context, o Options) (err error) {
	listener, err := listen("DATMUI_LISTEN", o.Listen) // first: a taken port is told before any work
	if err != nil {
		return err
	}
	defer listener.Close()
	if o.Demo {
		if err := freeVNeID(o); err != nil {
			return err
		}
	}
	var scraped net.Listener
	if o.Metrics != "" {
		if scraped, err = listen("DATMUI_METRICS", o.Metrics); err != nil {
			return err
		}
		defer scraped.Close()
	}

	collect := debug.SetGCPercent(packing)
	db, err := Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := Migrate(ctx, db); err != nil {
		return err
	}
	if _, err := pg.Claim(ctx, db.Owner, o.Demo); err != nil {
		return err
	}

	if o.Demo {
		stop, err := o.startVNeID(ctx, db)
		if err != nil {
			return err
		}
		defer stop()
		if stop, err = o.startNational(ctx); err != nil {
			return err
		}
		defer stop()
	}
	metrics := newMetrics()
	o.Observe = metrics.observe
	o.Trace = trace.New(o.Collector, o.Log)
	defer o.Trace.Close()
	s, err := Build(ctx, db, o)
	if err != nil {
		return err
	}
	defer s.Files.Close()
	ready := &atomic.Bool{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := db.Reader.Ping(r.Context()); err != nil || !ready.Load() {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.Handle("/", s.Handler())
	if scraped != nil {
		defer serveMetrics(scraped, db, metrics.requests)()
	}
	if err := s.Seed(ctx); err != nil {
		return err
	}
	debug.SetGCPercent(collect)
	if o.Demo {
		if err := s.loadDemo(ctx, o); err != nil {
			return err
		}
		if err := s.enrolDemo(ctx); err != nil {
			return err
		}
	}
	if err := s.Start(ctx); err != nil {
		return err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, s.Stop(end))
	}()
	if o.Demo {
		defer s.makePapers(ctx, o)()
	}
	ready.Store(true)
	if o.Ready != nil {
		o.Ready()
	}
	return serve(ctx, o, listener, mux)
}

// serve answers requests until ctx ends, then gives those under way ten seconds.
func serve(ctx context.Context, o Options, listener net.Listener, h http.Handler) error {
	// kit/web gives each body its time to come, and each piece of an answer that goes on its own
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn)}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	o.Log.Info("listening", "url", o.Origin, "address", listener.Addr().String())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	o.Log.Info("stopping")
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return server.Shutdown(end)
}

// serveMetrics answers Prometheus on an address of its own, away from the pages.
func serveMetrics(listener net.Listener, more ...prometheus.Collector) (stop func()) {
	mux := http.NewServeMux()
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(more...)
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute}
	go server.Serve(listener)
	return func() { server.Close() }
}

// metrics counts requests by route and how long they took.
type metrics struct{ requests *prometheus.HistogramVec }

func newMetrics() metrics {
	return metrics{prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "datmui_request_seconds", Help: "Requests by route and status.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}}, []string{"route", "status"})}
}

func (m metrics) observe(pattern string, status int, d time.Duration) {
	m.requests.WithLabelValues(pattern, strconv.Itoa(status)).Observe(d.Seconds())
}

func listen(setting, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("the address %s is taken by another program: stop that one, or choose another port in %s", address, setting)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen on %s: choose a port above 1023 in %s", address, setting)
	case err != nil:
		return nil, fmt.Errorf("the address %s in %s cannot be listened on: %w", address, setting, err)
	}
	return l, nil
}
