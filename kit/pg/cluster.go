package pg

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// inspectCluster reads version and owner of an existing cluster: 0 and -1 when there is none.
func (s *Server) inspectCluster() (major, owner int, err error) {
	entries, err := os.ReadDir(s.data)
	if errors.Is(err, os.ErrNotExist) {
		return 0, -1, nil
	}
	if errors.Is(err, os.ErrPermission) {
		return 0, 0, fmt.Errorf("the database in %s belongs to another user: run as that user, or choose another folder in DATMUI_DATA", s.dir)
	}
	if err != nil {
		return 0, 0, err
	}
	version, err := os.ReadFile(filepath.Join(s.data, "PG_VERSION"))
	if err != nil || len(entries) == 0 {
		return 0, 0, fmt.Errorf("the folder %s holds no database of this program: choose another in DATMUI_DATA", s.data)
	}
	if major, err = strconv.Atoi(strings.TrimSpace(string(version))); err != nil {
		return 0, 0, fmt.Errorf("the database in %s is of an unknown version %q", s.data, version)
	}
	fi, err := os.Stat(s.data)
	if err != nil {
		return 0, 0, err
	}
	return major, int(fi.Sys().(*syscall.Stat_t).Uid), nil
}

// initdb makes the cluster where there is none. It works in a folder beside and renames it
// at the end: a crash half-way leaves nothing that looks like a cluster.
func (s *Server) initdb(ctx context.Context) error {
	if _, err := os.Stat(s.data); err == nil {
		return nil
	}
	if err := s.enoughSpace(512 << 20); err != nil {
		return err
	}
	s.log.Info("making the database cluster", "folder", s.data, "postgresql", s.bin.major)
	fresh := s.data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return err
	}
	if err := s.id.own(fresh); err != nil {
		return err
	}
	args := []string{"-D", fresh, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
		"--auth-local=peer", "--auth-host=reject", "--data-checksums", "--no-sync", "--no-instructions"}
	if s.bin.major >= 17 {
		args = append(args, "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin.dir, "initdb"), args...)
	cmd.Dir = "/" // our own folder may be closed to the child
	cmd.Env = childEnv()
	cmd.SysProcAttr = s.id.attr()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	done, err := start(cmd)
	if err != nil {
		return s.cannotRun(err)
	}
	if err := <-done; err != nil {
		os.RemoveAll(fresh)
		return fmt.Errorf("the database cluster could not be made: %s", lastLine(said.String(), err.Error()))
	}
	syscall.Sync() // initdb ran without syncing each file
	return os.Rename(fresh, s.data)
}

// writeAccess says who may come in: the user who runs the program, as any of our roles.
func (s *Server) writeAccess() error {
	var ident strings.Builder
	names := map[string]bool{"root": true, s.id.name: true}
	for name := range names {
		for _, role := range []string{"postgres", RoleOwner, RoleApp, RoleReader} {
			fmt.Fprintf(&ident, "datmui %s %s\n", strconv.Quote(name), role)
		}
	}
	for name, text := range map[string]string{
		"pg_hba.conf":   "local all all peer map=datmui\n",
		"pg_ident.conf": ident.String(),
	} {
		path := filepath.Join(s.data, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
		if err := s.id.own(path); err != nil {
			return err
		}
	}
	return nil
}

// defaults are our settings for a server that shares the machine with the program.
func (s *Server) defaults() map[string]string {
	memory := int64(2 << 30)
	var info syscall.Sysinfo_t
	if syscall.Sysinfo(&info) == nil {
		memory = int64(info.Totalram) * int64(info.Unit)
	}
	mb := func(n int64) string { return strconv.FormatInt(n>>20, 10) + "MB" }
	return map[string]string{
		"listen_addresses":                    "",
		"unix_socket_directories":             s.run,
		"port":                                "5432", // names the socket file only
		"max_connections":                     "100",
		"shared_buffers":                      mb(min(max(memory/16, 128<<20), 4<<30)),
		"effective_cache_size":                mb(memory / 2),
		"work_mem":                            "16MB",
		"maintenance_work_mem":                "128MB",
		"max_wal_size":                        "2GB",
		"checkpoint_timeout":                  "15min",
		"wal_compression":                     "on",
		"random_page_cost":                    "1.1",
		"jit":                                 "off",
		"huge_pages":                          "off",
		"timezone":                            "UTC",
		"log_timezone":                        "UTC",
		"log_line_prefix":                     "%m [%p] %q%u@%d ",
		"idle_in_transaction_session_timeout": "60s",
	}
}

// socketFolder is where the socket lies. A socket's path may have 107 bytes only, so below
// a long path it moves to the machine's temporary folder under a name made from the path.
func (s *Server) socketFolder() (string, error) {
	run := filepath.Join(s.dir, "run")
	if len(run)+len("/.s.PGSQL.5432") > 100 {
		run = filepath.Join(os.TempDir(), fmt.Sprintf("datmui-%x", sha256.Sum256([]byte(s.dir)))[:23])
	}
	if err := os.Mkdir(run, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	fi, err := os.Lstat(run)
	if err != nil {
		return "", err
	}
	// The temporary folder is everybody's: what lies there under our name must be ours.
	uid := int(fi.Sys().(*syscall.Stat_t).Uid)
	if !fi.IsDir() || uid != os.Getuid() && uid != s.id.uid {
		return "", fmt.Errorf("the socket folder %s belongs to somebody else (uid %d): remove it", run, uid)
	}
	if os.Getuid() == 0 || uid == os.Getuid() {
		if err := os.Chmod(run, 0o700); err != nil {
			return "", err
		}
	}
	return run, s.id.own(run)
}

func (s *Server) enoughSpace(need uint64) error {
	var st syscall.Statfs_t
	if err := syscall.Statfs(s.dir, &st); err != nil {
		return nil // no figure is no reason to refuse
	}
	if free := st.Bavail * uint64(st.Bsize); free < need {
		return fmt.Errorf("the disk of %s is full: %d MB are free and the database needs %d MB; free some space or choose another folder in DATMUI_DATA",
			s.dir, free>>20, need>>20)
	}
	return nil
}

func (s *Server) cannotRun(err error) error {
	if s.id.passes && errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("the user %s may not enter %s: choose a folder in DATMUI_DATA that others may enter, or run as an ordinary user", s.id.name, s.dir)
	}
	return fmt.Errorf("PostgreSQL could not be run: %w", err)
}

func (s *Server) logPath() string { return filepath.Join(s.dir, "postgres.log") }

// openLog opens the server's own log; the one before is kept when it has grown large.
func (s *Server) openLog() (*os.File, error) {
	if fi, err := os.Stat(s.logPath()); err == nil && fi.Size() > 16<<20 {
		if err := os.Rename(s.logPath(), s.logPath()+".1"); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(s.logPath(), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return f, s.id.own(s.logPath())
}

// lastWords are the fatal lines the server wrote after the given offset of its log.
func (s *Server) lastWords(after int64) string {
	b, err := os.ReadFile(s.logPath())
	if err != nil || int64(len(b)) <= after {
		return "it said nothing"
	}
	for line := range strings.Lines(string(b[after:])) {
		for _, mark := range []string{"FATAL:  ", "PANIC:  "} {
			if _, text, ok := strings.Cut(line, mark); ok {
				return strings.TrimSpace(text)
			}
		}
	}
	return lastLine(string(b[after:]), "it said nothing")
}

func lastLine(said, otherwise string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if _, text, ok := strings.Cut(lines[i], "error: "); ok {
			return text
		}
	}
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return last
	}
	return otherwise
}

// childEnv keeps what a caller's environment may say to PostgreSQL away from our server.
func childEnv() []string {
	env := []string{"LC_ALL=C.UTF-8", "TZ=UTC"}
	for _, name := range []string{"PATH", "TMPDIR", "LD_LIBRARY_PATH"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}
