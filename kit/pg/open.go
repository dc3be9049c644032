package pg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Config says which database to open: one's own by URL, or a private one in a folder.
type Config struct {
	URL         string            // a PostgreSQL of one's own; "" means a private server in Dir
	Dir         string            // folder of the private server, such as data/pg
	Database    string            // database of the private server; "" means datmui
	AppConns    int               // largest size of the app pool; 0 means 16
	ReaderConns int               // largest size of the reader pool; 0 means 8
	Settings    map[string]string // settings of the private server besides our own
	Log         *slog.Logger      // nil means silence
}

// DB is an open database: one pool for each role.
type DB struct {
	Owner  *pgxpool.Pool // for Migrate only; connects when first used
	App    *pgxpool.Pool // changes rows: handed to audit.Book and to River, to nobody else
	Reader *pgxpool.Pool // can only SELECT: what modules get as pg.Reader

	address string
	server  *Server
}

// Open opens the database, starting the private server where no URL is given. It does not
// migrate. Close stops what Open started.
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.URL != "" {
		if _, err := pgx.ParseConfig(c.URL); err != nil {
			return nil, fmt.Errorf("DATMUI_DATABASE_URL must look like postgres://user:password@host:5432/datmui: %w", err)
		}
		if err := prepareOwn(ctx, c.URL); err != nil {
			return nil, err
		}
		return connect(ctx, c, c.URL, func(role string) string { return c.URL })
	}
	server, err := StartServer(ctx, ServerConfig{Dir: c.Dir, Settings: c.Settings, Log: c.Log})
	if err != nil {
		return nil, err
	}
	db, err := server.Open(ctx, c)
	if err != nil {
		server.Close()
		return nil, err
	}
	db.server = server
	return db, nil
}

// Open opens a database of this server, making it first where it is missing. Closing it
// leaves the server running. A server that is being started again is waited for.
func (s *Server) Open(ctx context.Context, c Config) (*DB, error) {
	for began := time.Now(); ; {
		db, err := s.open(ctx, c)
		if !comingUp(err) || time.Since(began) > 30*time.Second {
			return db, err
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

func (s *Server) open(ctx context.Context, c Config) (*DB, error) {
	c.URL = ""
	name := cmp.Or(c.Database, "datmui")
	if err := s.CreateDatabase(ctx, name); err != nil {
		return nil, fmt.Errorf("making the database %s: %w", name, err)
	}
	return connect(ctx, c, s.DSN(RoleOwner, name), func(role string) string { return s.DSN(role, name) })
}

// comingUp says whether a server refused because it stops, recovers or is not there yet.
func comingUp(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "57P01" || e.Code == "57P02" || e.Code == "57P03" // admin_shutdown, crash_shutdown, cannot_connect_now
	}
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ECONNRESET)
}

func connect(ctx context.Context, c Config, address string, dsn func(role string) string) (*DB, error) {
	db := &DB{address: address}
	for _, p := range []struct {
		pool     **pgxpool.Pool
		role     string
		conns    int
		settings map[string]string
	}{
		{&db.Owner, RoleOwner, 4, nil},
		{&db.App, RoleApp, cmp.Or(c.AppConns, 16), map[string]string{"lock_timeout": "10s"}},
		{&db.Reader, RoleReader, cmp.Or(c.ReaderConns, 8), map[string]string{
			"statement_timeout": "30s", "default_transaction_read_only": "on"}},
	} {
		pc, err := pgxpool.ParseConfig(dsn(p.role))
		if err != nil {
			db.Close()
			return nil, err
		}
		run := pc.ConnConfig.RuntimeParams
		run["application_name"] = "datmui"
		run["timezone"] = "UTC"
		for name, value := range p.settings {
			run[name] = value
		}
		if c.URL != "" {
			run["role"] = p.role // one login, three roles
		}
		pc.MaxConns = int32(p.conns)
		pc.MaxConnIdleTime = 5 * time.Minute
		pc.AfterConnect = types
		if *p.pool, err = pgxpool.NewWithConfig(ctx, pc); err != nil {
			db.Close()
			return nil, err
		}
	}
	if err := db.Reader.Ping(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("the database does not answer: %w", err)
	}
	return db, nil
}

// types makes times come back in UTC instead of the machine's zone, and ids go out as bytes.
func types(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().TryWrapEncodePlanFuncs = append([]pgtype.TryWrapEncodePlanFunc{wrapUUID}, conn.TypeMap().TryWrapEncodePlanFuncs...)
	conn.TypeMap().RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
	return nil
}

// Address is how to connect by hand, as the owner.
func (db *DB) Address() string { return db.address }

// Close closes the pools, and stops the private server if Open started it.
func (db *DB) Close() error {
	for _, pool := range []*pgxpool.Pool{db.Owner, db.App, db.Reader} {
		if pool != nil {
			pool.Close()
		}
	}
	if db.server != nil {
		return db.server.Close()
	}
	return nil
}
