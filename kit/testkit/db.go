// Package testkit is what tests share: a database for each test, a clock that stands still,
// a log that goes to the test, and a look at pages as a reader of them would have it.
package testkit

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"datmui/kit/pg"
)

// DB gives the test a database of its own with every module's migrations applied: a copy of a
// template that is made once for each state of the migrations. A failed test keeps its
// database and prints how to connect to it.
func DB(t testing.TB) *pg.DB {
	t.Helper()
	c, err := cluster()
	if err != nil {
		t.Fatalf("testkit: %v", err)
	}
	return c.copyOf(t, c.template)
}

// copyOf opens a copy of a database for the test.
func (c *running) copyOf(t testing.TB, template string) *pg.DB {
	t.Helper()
	name := "t_" + strings.ToLower(short(t.Name())) + "_" + strings.ToLower(rand.Text()[:8])
	if err := c.clone(t.Context(), name, template); err != nil {
		t.Fatalf("testkit: %v", err)
	}
	db, err := c.server.Open(t.Context(), pg.Config{Database: name, AppConns: 8, ReaderConns: 4, Log: Log(t)})
	if err != nil {
		t.Fatalf("testkit: %v", err)
	}
	t.Cleanup(func() {
		db.Close()
		table := "trash"
		if t.Failed() {
			table = "kept"
			t.Logf("this test's database is kept for half an hour: psql \"%s\"", db.Address())
		}
		// The keeper drops it: a drop takes longer than most tests.
		if _, err := c.admin.Exec(context.Background(), `INSERT INTO `+table+` (name) VALUES ($1)`, name); err != nil {
			t.Logf("testkit: leaving the database %s: %v", name, err)
		}
	})
	return db
}

// Filled is a database that is filled once in a test binary and copied for each test, where
// filling takes longer than most tests. Its zero value is ready.
type Filled struct {
	once sync.Once
	name string
	err  error
}

// DB gives the test a copy of the filled database. Whoever comes first fills it; fill leaves
// nothing behind that holds a connection.
func (f *Filled) DB(t testing.TB, fill func(context.Context, *pg.DB) error) *pg.DB {
	t.Helper()
	c, err := cluster()
	if err != nil {
		t.Fatalf("testkit: %v", err)
	}
	f.once.Do(func() { f.name, f.err = c.filled(Log(t), fill) })
	if f.err != nil {
		t.Fatalf("testkit: filling the database: %v", f.err)
	}
	return c.copyOf(t, f.name)
}

// filled makes a template of this process alone; the next keeper drops it.
func (c *running) filled(log *slog.Logger, fill func(context.Context, *pg.DB) error) (string, error) {
	name := "filled_" + strings.ToLower(rand.Text()[:12])
	if err := c.clone(context.Background(), name, c.template); err != nil {
		return "", err
	}
	db, err := c.server.Open(context.Background(), pg.Config{Database: name, AppConns: 8, ReaderConns: 4, Log: log})
	if err != nil {
		return "", err
	}
	defer db.Close()
	if err := fill(context.Background(), db); err != nil {
		return "", err
	}
	_, err = db.Owner.Exec(context.Background(), `ANALYZE`) // autovacuum is off
	return name, err
}

var unfit = regexp.MustCompile(`[^A-Za-z0-9]+`)

func short(name string) string {
	name = strings.Trim(unfit.ReplaceAllString(strings.TrimPrefix(name, "Test"), "_"), "_")
	return name[:min(len(name), 40)]
}

// running is this test binary's hold on the shared cluster.
type running struct {
	server   *pg.Server
	admin    *pgxpool.Pool
	template string
}

var cluster = sync.OnceValues(func() (*running, error) {
	root, err := Root()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(root, ".cache", "testpg")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	server, err := join(ctx, dir)
	if err != nil {
		return nil, err
	}
	admin, err := pgxpool.New(ctx, server.DSN("postgres", "postgres")+" pool_max_conns=4")
	if err != nil {
		return nil, err
	}
	c := &running{server: server, admin: admin}
	if c.template, err = c.prepare(ctx, root); err != nil {
		return nil, err
	}
	return c, nil
})

// templating is the key of the advisory lock under which templates are made and copied: one
// with a session on it cannot be copied.
const templating = 0x74657374

// prepare makes the template of the migrations as they are now, unless another test did.
func (c *running) prepare(ctx context.Context, root string) (string, error) {
	modules, sum, err := migrations(root)
	if err != nil {
		return "", err
	}
	name := "template_" + sum
	return name, c.locked(ctx, func(conn *pgxpool.Conn) error {
		var there bool
		err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&there)
		if err != nil || there {
			return err
		}
		half := "making_" + sum
		if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+half+" WITH (FORCE)"); err != nil {
			return err
		}
		db, err := c.server.Open(ctx, pg.Config{Database: half})
		if err != nil {
			return err
		}
		err = pg.Migrate(ctx, db.Owner, modules...)
		db.Close()
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "ALTER DATABASE "+half+" RENAME TO "+name)
		return err
	})
}

func (c *running) clone(ctx context.Context, name, template string) error {
	return c.locked(ctx, func(conn *pgxpool.Conn) error {
		_, err := conn.Exec(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy OWNER %s", name, template, pg.RoleOwner))
		return err
	})
}

func (c *running) locked(ctx context.Context, fn func(*pgxpool.Conn) error) error {
	conn, err := c.admin.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, templating); err != nil {
		return err
	}
	defer conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, templating)
	return fn(conn)
}

// Root is the folder of go.mod.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod above the test's folder")
		}
		dir = filepath.Dir(dir)
	}
}

// migrations finds the modules that have a migrations folder, without importing any, and
// sums up what lies there. kit/pg is left out: Migrate brings its own.
func migrations(root string) (modules []fs.FS, sum string, err error) {
	hash := sha256.New()
	var dirs []string
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch name := d.Name(); {
		case d.IsDir() && path != root && (name[0] == '.' || name == "node_modules" || name == "testdata" || name == "data"):
			return fs.SkipDir
		case !d.IsDir() && filepath.Ext(name) == ".sql" && filepath.Base(filepath.Dir(path)) == "migrations":
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(hash, "%s %d\n%s", name, len(text), text)
			if dir := filepath.Dir(filepath.Dir(path)); !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	for _, dir := range dirs {
		if dir != filepath.Join(root, "kit", "pg") {
			modules = append(modules, os.DirFS(dir))
		}
	}
	return modules, fmt.Sprintf("%x", hash.Sum(nil)[:6]), nil
}

// Conn is one connection of the app role for what a pool cannot show, such as two sessions
// that wait for each other. It is closed with the test.
func Conn(t testing.TB, db *pg.DB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.ConnectConfig(t.Context(), db.App.Config().ConnConfig)
	if err != nil {
		t.Fatalf("testkit: %v", err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}
