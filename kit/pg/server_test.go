package pg

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the tests start this binary again as a program that uses the database.
func TestMain(m *testing.M) {
	if dir := os.Getenv("DATMUI_TEST_PROGRAM"); dir != "" {
		program(dir)
	}
	os.Exit(m.Run())
}

// program opens the database, commits one row more each time, and waits to be killed.
func program(dir string) {
	ctx := context.Background()
	db, err := Open(ctx, Config{Dir: dir})
	if err == nil {
		_, err = db.Owner.Exec(ctx, `CREATE TABLE IF NOT EXISTS public.kept (n int GENERATED ALWAYS AS IDENTITY)`)
	}
	if err == nil {
		_, err = db.Owner.Exec(ctx, `INSERT INTO public.kept DEFAULT VALUES`)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	select {}
}

// startProgram starts program and returns when it has committed.
func startProgram(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "DATMUI_TEST_PROGRAM="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the program says %q, %v", line, err)
	}
	return cmd
}

func postmaster(t *testing.T, dir string) int {
	t.Helper()
	s := &Server{data: filepath.Join(dir, "cluster")}
	return s.running()
}

func waitUntil(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 1200 {
		if holds() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("in vain waited until %s", what)
}

func openDir(t *testing.T, dir string) *DB {
	t.Helper()
	db, err := Open(t.Context(), Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestKilledProgramLosesNothingAndLeavesNoServer(t *testing.T) {
	for name, kill := range map[string]func(program, postmaster int){
		"the program":                func(p, _ int) { syscall.Kill(p, syscall.SIGKILL) },
		"the program and its server": func(p, s int) { syscall.Kill(s, syscall.SIGKILL); syscall.Kill(p, syscall.SIGKILL) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for round := 1; round <= 3; round++ {
				p := startProgram(t, dir)
				server := postmaster(t, dir)
				kill(p.Process.Pid, server)
				p.Wait()
				if round == 3 {
					waitUntil(t, "the server is gone", func() bool { return !alive(server, filepath.Join(dir, "cluster")) })
				}
			}
			n, err := Value[int](openDir(t, dir).Owner.Query(t.Context(), `SELECT count(*) FROM public.kept`))
			if err != nil || n != 3 {
				t.Errorf("%d rows are left of 3: %v", n, err)
			}
		})
	}
}

func TestGuestTakesOverFromItsHost(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	host := openDir(t, dir)
	guest := openDir(t, dir)
	if _, err := guest.Owner.Exec(t.Context(), `CREATE TABLE public.seen ()`); err != nil {
		t.Fatal(err)
	}
	first := postmaster(t, dir)
	if err := host.Close(); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the guest has a server of its own", func() bool {
		_, err := guest.Owner.Exec(t.Context(), `SELECT * FROM public.seen`)
		return err == nil
	})
	second := postmaster(t, dir)
	if second == 0 || second == first {
		t.Errorf("the server's pid was %d and is %d", first, second)
	}
	if err := guest.Close(); err != nil {
		t.Fatal(err)
	}
	if pid := postmaster(t, dir); pid != 0 {
		t.Errorf("the server still runs as %d", pid)
	}
}

func TestServerThatDiesIsStartedAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openDir(t, dir)
	if err := syscall.Kill(postmaster(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if n, err := Value[int](openDir(t, dir).Reader.Query(t.Context(), `SELECT 1`)); err != nil || n != 1 {
		t.Errorf("who comes while it is down does not wait: %v", err)
	}
	waitUntil(t, "the database answers again", func() bool { return db.Reader.Ping(t.Context()) == nil })
}

func TestRunningServerIsAdopted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := StartServer(t.Context(), ServerConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	pid := postmaster(t, dir)
	close(s.quit) // let go of the lock, but not of the server
	s.kept.Wait()
	s.lock.Close()
	db := openDir(t, dir)
	if now := postmaster(t, dir); now != pid {
		t.Errorf("the server was %d and is %d: another was started", pid, now)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the adopted server is gone", func() bool { return postmaster(t, dir) == 0 })
}

func TestPidOfSomebodyElseIsNoServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	openDir(t, dir).Close()
	stale := fmt.Sprintf("%d\n%s\n", os.Getpid(), filepath.Join(dir, "cluster"))
	if err := os.WriteFile(filepath.Join(dir, "cluster", "postmaster.pid"), []byte(stale), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "cluster", "postmaster.pid"), 0o666); err != nil {
		t.Fatal(err)
	}
	openDir(t, dir)
}

func TestHalfMadeClusterIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "cluster.new", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	openDir(t, dir)
}

func TestFoldersThatAreHardToServe(t *testing.T) {
	for name, sub := range map[string]string{
		"a path too long for a socket": strings.Repeat("rừng-đước/", 12),
		"a name to be quoted":          "Cà Mau's \\ data",
		"below a closed folder":        "closed/data",
		"below an open folder":         "open/data",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			top := t.TempDir()
			dir := filepath.Join(top, sub)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			// As root, the server's user postgres may or may not walk in by itself.
			mode := os.FileMode(0o755)
			if name == "below a closed folder" {
				mode = 0o700
			}
			for _, above := range []string{filepath.Dir(dir), top, filepath.Dir(top)} {
				if err := os.Chmod(above, mode); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				db := openDir(t, dir)
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestWhatCannotBeServedIsToldInOneSentence(t *testing.T) {
	t.Parallel()
	foreign := t.TempDir()
	if err := os.MkdirAll(filepath.Join(foreign, "cluster", "photos"), 0o755); err != nil {
		t.Fatal(err)
	}
	old := t.TempDir()
	if err := os.Mkdir(filepath.Join(old, "cluster"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(old, "cluster", "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		c    Config
		want string
	}{
		"foreign folder":  {Config{Dir: foreign}, "holds no database of this program: choose another in DATMUI_DATA"},
		"another version": {Config{Dir: old}, "the data was made by PostgreSQL 9, but"},
		"no folder":       {Config{Dir: filepath.Join(file, "pg")}, "cannot be made"},
		"no address":      {Config{URL: "postgres://%%"}, "DATMUI_DATABASE_URL must look like postgres://user:password@host:5432/datmui"},
		"nobody there":    {Config{URL: "postgres://x@127.0.0.1:1/datmui"}, "DATMUI_DATABASE_URL: the server does not let us in"},
	} {
		db, err := Open(t.Context(), tt.c)
		if err == nil {
			db.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	if err := (&Server{dir: old}).enoughSpace(1 << 60); err == nil || !strings.Contains(err.Error(), "is full") {
		t.Errorf("full disk: %v", err)
	}
}

func TestBinariesAreLookedForWhereTheyMayBe(t *testing.T) {
	found, err := findBinaries(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", "")
	t.Setenv("DATMUI_PG_BIN", found.dir)
	if again, err := findBinaries(found.major); err != nil || again != found {
		t.Errorf("by DATMUI_PG_BIN: %v, %v", again, err)
	}
	if _, err := findBinaries(found.major + 1); err == nil || !strings.Contains(err.Error(), strconv.Itoa(found.major+1)) {
		t.Errorf("another version: %v", err)
	}
	t.Setenv("DATMUI_PG_BIN", t.TempDir())
	if _, err := findBinaries(0); err == nil || !strings.Contains(err.Error(), "DATMUI_PG_BIN must be a folder with postgres and initdb") {
		t.Errorf("a folder without programs: %v", err)
	}
	t.Setenv("DATMUI_PG_BIN", "")
	t.Chdir(t.TempDir())
	places = nil
	defer func() { places = distributions }()
	if _, err := findBinaries(0); !errors.Is(err, ErrNoServer) {
		t.Errorf("nothing installed: %v", err)
	}
}

func TestServerOfOnesOwn(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server, err := StartServer(ctx, ServerConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if err := server.CreateDatabase(ctx, "own"); err != nil {
		t.Fatal(err)
	}
	db, err := Open(ctx, Config{URL: server.DSN("postgres", "own")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := Migrate(ctx, db.Owner); err != nil {
		t.Fatal(err)
	}
	for want, pool := range map[string]Reader{RoleOwner: db.Owner, RoleApp: db.App, RoleReader: db.Reader} {
		if role, err := Value[string](pool.Query(ctx, `SELECT current_user::text`)); role != want || err != nil {
			t.Errorf("the role is %s, want %s: %v", role, want, err)
		}
	}
	if _, err := db.Reader.Exec(ctx, `SET default_transaction_read_only = off; INSERT INTO public.instance (demo) VALUES (true)`); err == nil {
		t.Error("the reader may write")
	}
	if _, err := Open(ctx, Config{URL: server.DSN(RoleReader, "own")}); err == nil || !strings.Contains(err.Error(), `GRANT datmui_owner TO "datmui_reader"`) {
		t.Errorf("a login without rights: %v", err)
	}
}

func TestClaim(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := openDir(t, t.TempDir())
	if err := Migrate(ctx, db.Owner); err != nil {
		t.Fatal(err)
	}
	first, err := Claim(ctx, db.Owner, true)
	if err != nil || !first.Demo {
		t.Fatalf("%+v, %v", first, err)
	}
	if again, err := Claim(ctx, db.Owner, true); err != nil || again != first {
		t.Errorf("%+v, %v, want the same again", again, err)
	}
	if _, err := Claim(ctx, db.Owner, false); err == nil {
		t.Error("a demonstration was taken for a real province")
	}
}
