package pg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ServerConfig is what a private server needs.
type ServerConfig struct {
	Dir      string            // required: the folder that holds cluster, socket and log
	Settings map[string]string // server settings besides our own
	Log      *slog.Logger      // nil means silence
}

// Server is a private PostgreSQL that listens on a socket only its owner can reach: no port,
// no password. The process that holds the folder's lock owns the server and stops it; others
// are guests on it, and the next one takes over when the owner goes.
type Server struct {
	dir, data, run string
	settings       map[string]string
	log            *slog.Logger
	bin            binaries
	id             identity

	// Of StartServer, then of keep, then of Close; never of two at once.
	lock *os.File   // nil while we are a guest
	pid  int        // of the postmaster we own
	done chan error // closed when our child is gone; nil for an adopted one
	quit chan struct{}
	once sync.Once
	kept sync.WaitGroup
}

// StartServer starts the private server of a folder, making its cluster first where there is
// none, or joins the one that runs already.
func StartServer(ctx context.Context, c ServerConfig) (*Server, error) {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, data: filepath.Join(dir, "cluster"), settings: c.Settings, log: c.Log, quit: make(chan struct{})}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("the folder %s cannot be made (%w): choose another in DATMUI_DATA", dir, err)
	}
	major, owner, err := s.inspectCluster()
	if err != nil {
		return nil, err
	}
	if s.bin, err = findBinaries(major); err != nil {
		return nil, err
	}
	if s.id, err = identify(dir, s.bin.dir, owner); err != nil {
		return nil, err
	}
	if s.run, err = s.socketFolder(); err != nil {
		return nil, err
	}
	for {
		if s.lock, err = tryLock(filepath.Join(dir, "lock")); err != nil {
			return nil, err
		}
		if s.lock != nil {
			if err := s.raise(ctx); err != nil {
				s.lock.Close()
				return nil, err
			}
			break
		}
		if s.ping(ctx) == nil { // another process owns it, and may be at its first steps
			if err := s.ensureRoles(ctx); err != nil {
				return nil, err
			}
			break
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return nil, fmt.Errorf("waiting for the process that holds %s: %w", filepath.Join(dir, "lock"), err)
		}
	}
	s.kept.Add(1)
	go s.keep()
	return s, nil
}

// JoinServer uses a server that another process holds, and never takes it over.
func JoinServer(dir string) (*Server, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, data: filepath.Join(dir, "cluster"), log: slog.New(slog.DiscardHandler), quit: make(chan struct{})}
	_, owner, err := s.inspectCluster()
	if err != nil {
		return nil, err
	}
	if s.id.uid = os.Getuid(); s.id.uid == 0 && owner > 0 {
		s.id.uid = owner
	}
	s.run, err = s.socketFolder()
	return s, err
}

// DSN is the address of a database on this server for one of its roles.
func (s *Server) DSN(role, database string) string {
	quote := func(v string) string {
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "'"
	}
	return fmt.Sprintf("host=%s port=5432 user=%s dbname=%s sslmode=disable", quote(s.run), quote(role), quote(database))
}

// Major is the version of the server's programs.
func (s *Server) Major() int { return s.bin.major }

// Close stops the server if this process owns it. Closing again does nothing.
func (s *Server) Close() (err error) {
	s.once.Do(func() {
		close(s.quit)
		s.kept.Wait()
		if s.lock != nil {
			err = s.stop()
			s.lock.Close()
		}
	})
	return err
}

// keep raises the server again when it dies, and takes it over when its owner is gone.
func (s *Server) keep() {
	defer s.kept.Done()
	wait := time.Duration(0)
	for {
		select {
		case <-s.quit:
			return
		case <-time.After(wait):
		}
		wait = 250 * time.Millisecond
		if err := s.check(); err != nil {
			s.log.Error("the database server is down; trying again", "err", err)
			wait = 5 * time.Second
		}
	}
}

func (s *Server) check() error {
	if s.lock != nil && alive(s.pid, s.data) {
		return nil
	}
	if s.lock == nil {
		lock, err := tryLock(filepath.Join(s.dir, "lock"))
		if lock == nil {
			return err
		}
		s.lock = lock
		s.log.Info("taking over the database server")
	} else {
		s.log.Error("the database server has died; starting it again", "log", s.logPath())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	go func() {
		select {
		case <-s.quit:
			cancel()
		case <-ctx.Done():
		}
	}()
	return s.raise(ctx)
}

// raise adopts the server that runs in our folder, or starts one. We hold the lock.
func (s *Server) raise(ctx context.Context) error {
	if err := s.initdb(ctx); err != nil {
		return err
	}
	for {
		pid := s.running()
		if pid == 0 {
			break
		}
		if s.ping(ctx) == nil {
			s.pid, s.done = pid, nil
			s.log.Debug("adopted the database server", "pid", pid)
			// whoever watched over the program that is gone may be ending its server just now
			if err := s.ensureRoles(ctx); !comingUp(err) {
				return err
			}
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return fmt.Errorf("the database server of pid %d does not answer: %w", pid, err)
		}
	}
	// Both we and the postmaster may have been killed: its orphans hold the shared memory
	// for a moment longer.
	for began := time.Now(); ; {
		err := s.launch(ctx)
		if err == nil {
			return s.ensureRoles(ctx)
		}
		retry := strings.Contains(err.Error(), "pre-existing shared memory block") ||
			strings.Contains(err.Error(), "lock file") && strings.Contains(err.Error(), "already exists")
		if !retry || time.Since(began) > 10*time.Second {
			return err
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

func (s *Server) launch(ctx context.Context) error {
	if err := s.enoughSpace(64 << 20); err != nil {
		return err
	}
	if err := s.writeAccess(); err != nil {
		return err
	}
	logFile, err := s.openLog()
	if err != nil {
		return err
	}
	defer logFile.Close()
	before, _ := logFile.Seek(0, io.SeekEnd)

	args := []string{"-D", s.data}
	settings := s.defaults()
	maps.Copy(settings, s.settings)
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	cmd := exec.Command(filepath.Join(s.bin.dir, "postgres"), args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = "/", logFile, logFile // our own folder may be closed to the child
	cmd.Env = childEnv()
	cmd.SysProcAttr = s.id.attr()
	done, err := start(cmd)
	if err != nil {
		return s.cannotRun(err)
	}
	s.pid, s.done = cmd.Process.Pid, done
	for {
		select {
		case <-done:
			return fmt.Errorf("PostgreSQL did not start: %s (see %s)", s.lastWords(before), s.logPath())
		default:
		}
		if s.ping(ctx) == nil {
			return nil
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return errors.Join(fmt.Errorf("PostgreSQL did not start in time: %w", err), s.stop())
		}
	}
}

// stop ends the postmaster we own: fast shutdown, and by force after half a minute.
func (s *Server) stop() error {
	if !alive(s.pid, s.data) {
		return nil
	}
	for _, try := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, 30 * time.Second}, {syscall.SIGQUIT, 10 * time.Second}} {
		if err := syscall.Kill(s.pid, try.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stopping PostgreSQL (pid %d): %w", s.pid, err)
		}
		for end := time.Now().Add(try.wait); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			if s.gone() {
				return nil
			}
		}
	}
	return fmt.Errorf("PostgreSQL (pid %d) does not stop", s.pid)
}

func (s *Server) gone() bool {
	if s.done == nil { // adopted: not our child, so there is nothing to wait for
		return !alive(s.pid, s.data)
	}
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// running is the pid of a live postmaster of our cluster, or 0. The number in the file may
// be stale and belong to somebody else by now, hence the look at the command line.
func (s *Server) running() int {
	b, err := os.ReadFile(filepath.Join(s.data, "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, _ := strconv.Atoi(strings.TrimSpace(first))
	if !alive(pid, s.data) {
		return 0
	}
	return pid
}

// alive says whether pid is a postmaster on the folder data.
func alive(pid int, data string) bool {
	if pid <= 0 {
		return false
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // empty for a zombie
	return err == nil && slices.Contains(strings.Split(string(b), "\x00"), data)
}

func (s *Server) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.DSN("postgres", "postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// tryLock takes the lock of the file, or returns nil when another process holds it.
func tryLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("the lock of the data folder: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, fmt.Errorf("locking %s: %w", path, err)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
