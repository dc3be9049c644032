package testkit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/kit/pg"
)

// The cluster of tests outlives a test binary, because `go test ./...` runs many. It is held
// by a keeper: this same binary started again, in the background, which stops the cluster
// when no test has used it for a while, or at once when told by SIGTERM (make test does).
const keeperEnv = "DATMUI_TEST_KEEPER"

const (
	idle     = 2 * time.Minute  // without tests
	idleKept = 30 * time.Minute // when a failed test left its database to be looked at
)

func init() {
	if dir := os.Getenv(keeperEnv); dir != "" {
		os.Unsetenv(keeperEnv)
		if err := keep(dir); err != nil {
			fmt.Fprintln(os.Stderr, "keeper:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

// settings make a cluster that may lose everything in a crash, quickly.
var settings = map[string]string{
	"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off",
	"wal_level": "minimal", "max_wal_senders": "0", "shared_buffers": "256MB", "max_connections": "500",
}

// join makes sure that a keeper holds the cluster of dir and joins it as a guest. The shared
// lock on the file users, never let go by this process, tells the keeper that tests run.
func join(ctx context.Context, dir string) (*pg.Server, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	users, err := os.OpenFile(filepath.Join(dir, "users"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(users.Fd()), syscall.LOCK_SH); err != nil { // waits while a keeper is stopping
		return nil, err
	}
	held = users
	starting, err := os.OpenFile(filepath.Join(dir, "starting"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	defer starting.Close()
	if err := syscall.Flock(int(starting.Fd()), syscall.LOCK_EX); err != nil {
		return nil, err
	}
	if !kept(dir) {
		if err := startKeeper(ctx, dir); err != nil {
			return nil, err
		}
	}
	return pg.JoinServer(dir)
}

var held *os.File // keeps the shared lock open until the process ends

func startKeeper(ctx context.Context, dir string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(dir, "keeper.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(exe)
	cmd.Dir = dir // the keeper outlives the test's folder
	cmd.Env = append(os.Environ(), keeperEnv+"="+dir)
	cmd.Stdout, cmd.Stderr = log, log // a pipe would make go test wait for us
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	gone := make(chan error, 1)
	go func() { gone <- cmd.Wait() }()
	for {
		if kept(dir) {
			return nil
		}
		select {
		case <-gone:
			said, _ := os.ReadFile(log.Name())
			return fmt.Errorf("the test cluster did not start: %s", said)
		case <-ctx.Done():
			return fmt.Errorf("the test cluster did not start: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// kept says whether a keeper runs whose cluster is ready.
func kept(dir string) bool { return keeper(dir) != 0 }

// keeper is the pid of the running keeper, or 0.
func keeper(dir string) int {
	b, err := os.ReadFile(filepath.Join(dir, "keeper.pid"))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(string(b))
	if err != nil {
		return 0
	}
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid)) // a reused pid is somebody else
	if err != nil || !bytes.Contains(env, []byte(keeperEnv+"="+dir)) {
		return 0
	}
	return pid
}

// keep is the keeper's life.
func keep(dir string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	server, err := pg.StartServer(ctx, pg.ServerConfig{Dir: dir, Settings: settings, Log: log})
	if err != nil {
		return err
	}
	defer server.Close()
	conn, err := pgx.Connect(ctx, server.DSN("postgres", "postgres"))
	if err != nil {
		return err
	}
	defer func() { conn.Close(context.Background()) }()
	if err := sweep(ctx, conn); err != nil {
		return err
	}
	pidFile := filepath.Join(dir, "keeper.pid")
	if err := os.WriteFile(pidFile+".new", []byte(strconv.Itoa(os.Getpid())), 0o644); err != nil {
		return err
	}
	if err := os.Rename(pidFile+".new", pidFile); err != nil {
		return err
	}
	defer os.Remove(pidFile)
	users, err := os.OpenFile(filepath.Join(dir, "users"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer users.Close()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
		looked, err := empty(ctx, conn)
		if err != nil && ctx.Err() == nil {
			return err
		}
		// Whoever wants to join waits for this lock, and finds us gone or running.
		err = syscall.Flock(int(users.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			last = time.Now()
			continue
		}
		limit := idle
		if looked {
			limit = idleKept
		}
		if time.Since(last) > limit {
			return nil
		}
		if err := syscall.Flock(int(users.Fd()), syscall.LOCK_UN); err != nil {
			return err
		}
	}
}

// sweep removes what an earlier keeper left: clones, and all but the newest templates.
func sweep(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `
		CREATE TABLE IF NOT EXISTS trash (name text PRIMARY KEY);
		CREATE TABLE IF NOT EXISTS kept (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
		DELETE FROM kept WHERE at < now() - interval '1 day';
		INSERT INTO trash
			SELECT datname FROM pg_database
			WHERE datname ~ '^(t|making|filled)_' AND datname NOT IN (SELECT name FROM kept)
			UNION ALL
			(SELECT datname FROM pg_database WHERE datname LIKE 'template\_%' ORDER BY oid DESC OFFSET 4)
		ON CONFLICT DO NOTHING`)
	return err
}

// empty drops the databases that tests threw away, and says whether one is kept for a look.
func empty(ctx context.Context, conn *pgx.Conn) (looked bool, err error) {
	names, err := pg.Values[string](conn.Query(ctx, `SELECT name FROM trash`))
	if err != nil {
		return false, err
	}
	for _, name := range names {
		if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
			return false, err
		}
		if _, err := conn.Exec(ctx, `DELETE FROM trash WHERE name = $1`, name); err != nil {
			return false, err
		}
	}
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM kept JOIN pg_database ON datname = name WHERE at > now() - interval '30 minutes')`).Scan(&looked)
	return looked, err
}

// StopCluster ends the keeper and with it the test cluster of this repository, if they run.
func StopCluster() error {
	root, err := Root()
	if err != nil {
		return err
	}
	dir := filepath.Join(root, ".cache", "testpg")
	pid := keeper(dir)
	if pid == 0 {
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return err
	}
	for range 400 {
		if keeper(dir) == 0 {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("the keeper of the test cluster (pid %d) does not stop", pid)
}
