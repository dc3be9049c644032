package main

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

// TestMain lets a test start this binary again as the program itself.
func TestMain(m *testing.M) {
	if os.Getenv("DATMUI_TEST_PROGRAM") != "" {
		os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func TestWrongCommandLinesAndSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "bad.toml", "lisen = '127.0.0.1:80'")
	write(t, "broken.toml", "listen = ")
	write(t, "origin.toml", "origin = 'camau.gov.vn'")
	write(t, "photos/ca-mau.jpg", "")
	write(t, "phrase", "a passphrase long enough\n")
	for name, tt := range map[string]struct {
		args   string
		env    string
		want   string
		status int
	}{
		"unknown command":       {"sevre", "", "unexpected argument sevre", 2},
		"unknown flag":          {"serve --lissten=x", "", "unknown flag --lissten", 2},
		"flag after the end":    {"serve -- --listen=x", "", "unexpected argument --listen=x", 2},
		"wrong address":         {"serve --listen=8080", "", `the setting DATMUI_LISTEN is "8080", but must be an address and a port, such as 127.0.0.1:8080`, 2},
		"wrong environment":     {"serve", "DATMUI_METRICS=localhost", `the setting DATMUI_METRICS is "localhost"`, 2},
		"wrong origin in file":  {"serve --config origin.toml", "", `the setting DATMUI_ORIGIN is "camau.gov.vn", but must be a scheme and a host, such as https://`, 2},
		"unknown key in file":   {"serve --config bad.toml", "", "the setting lisen in bad.toml is unknown; there are data, listen, origin, database_url", 2},
		"broken file":           {"serve", "DATMUI_CONFIG=broken.toml", "the setting DATMUI_CONFIG names broken.toml, which cannot be read", 2},
		"missing file":          {"serve --config none.toml", "", "none.toml, which cannot be read", 2},
		"wrong database":        {"serve --database-url=mysql://x:secret@y/z", "", "the setting DATMUI_DATABASE_URL cannot be read: it must look like postgres://user:password@host:5432/datmui", 2},
		"wrong level":           {"serve --log-level=loud", "", "must be debug, info, warn or error", 2},
		"demo for everybody":    {"demo --listen=0.0.0.0:8080", "", "in the demonstration anybody may sign in as anybody", 2},
		"figures of nothing":    {"figures --data=none", "", "no database was ever made there", 2},
		"audit of nothing":      {"audit verify --data=none", "", "no database was ever made there", 2},
		"backup of nothing":     {"backup --data=none --out=x --passphrase-file=phrase", "", "no database was ever made there", 2},
		"a scale of its own":    {"demo --scale=7", "", "must be 1, 10 or 100", 2},
		"gallery for everybody": {"gallery --addr=0.0.0.0:1", "", "on this machine only", 2},
		"a day to come":         {"demo --as-of=2999-01-01", "", "the demonstration knows the days from", 2},
		"foreign folder":        {"migrate --data=photos", "", "holds other things (ca-mau.jpg): choose an empty or new one in DATMUI_DATA", 1},
		"no folder":             {"migrate --data=bad.toml", "", "choose another in DATMUI_DATA", 1},
		"unknown shell":         {"completion tcsh", "", "must be one of", 2},
	} {
		t.Run(name, func(t *testing.T) {
			if name, value, ok := strings.Cut(tt.env, "="); ok {
				t.Setenv(name, value)
			}
			var out, said bytes.Buffer
			status := run(strings.Fields(tt.args), &out, &said)
			if _, err := os.Stat("none"); err == nil {
				t.Error("a command that looks has made a data folder")
			}
			if status != tt.status || !strings.Contains(said.String(), tt.want) || out.Len() > 0 {
				t.Errorf("status %d, want %d; it says %q and prints %q, want %q", status, tt.status, &said, &out, tt.want)
			}
			if strings.Contains(said.String(), "secret") {
				t.Errorf("it tells the password: %s", &said)
			}
		})
	}
}

func TestSettingsComeFromFlagThenEnvironmentThenFile(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "datmui.toml", "listen = '127.0.0.1:1'\norigin = 'https://file.example'\ndata = 'file'\n")
	t.Setenv("DATMUI_ORIGIN", "https://env.example/")
	t.Setenv("DATMUI_DATA", "env")
	var cli CLI
	parser, err := kong.New(&cli, kong.Resolvers(&fileSettings{}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"serve", "--data", "flag"}); err != nil {
		t.Fatal(err)
	}
	if got := []string{cli.Data, cli.Origin, cli.Listen, cli.LogLevel}; !slices.Equal(got, []string{"flag", "https://env.example", "127.0.0.1:1", "info"}) {
		t.Errorf("settings are %q", got)
	}
}

func TestHelpAndCompletion(t *testing.T) {
	var out bytes.Buffer
	if status := run([]string{"--help"}, &out, &out); status != 0 || !strings.Contains(out.String(), "doctor") || strings.Contains(out.String(), "complete ") {
		t.Errorf("status %d; help is\n%s", status, &out)
	}
	for line, want := range map[string]string{
		"datmui ser":             "serve",
		"datmui --data x doc":    "doctor",
		"datmui demo --any":      "--anyone",
		"datmui serve --log-":    "--log-level",
		"datmui completion --an": "",
	} {
		t.Setenv("COMP_LINE", line)
		out.Reset()
		if status := run([]string{"complete", "datmui", "x", "y"}, &out, &out); status != 0 || strings.TrimSpace(out.String()) != want {
			t.Errorf("%q is completed by %q, want %q (status %d)", line, &out, want, status)
		}
	}
}

func TestDemoRunsIsKilledAndRunsAgain(t *testing.T) {
	sims := t.TempDir() // the demonstration looks for datmui-sim on the PATH too
	if out, err := exec.Command("go", "build", "-o", sims, "datmui/cmd/datmui-sim").CombinedOutput(); err != nil {
		t.Fatalf("building datmui-sim: %v: %s", err, out)
	}
	t.Setenv("PATH", sims+string(os.PathListSeparator)+os.Getenv("PATH"))
	data, address := t.TempDir(), freeAddress(t)
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT} {
		p := start(t, "demo", "--data", data, "--listen", address)
		p.waitReady(t, address)

		second := start(t, "demo", "--data", data, "--listen", address)
		if status := second.wait(); status != 1 || !strings.Contains(second.said.String(), "is taken by another program") {
			t.Errorf("on a taken port: status %d, %s", status, &second.said)
		}
		doctor := start(t, "doctor", "--data", data)
		if status := doctor.wait(); status != 0 {
			t.Errorf("beside a running server doctor ends with %d: %s", status, &doctor.said)
		}
		p.cmd.Process.Signal(signal)
		if status := p.wait(); signal != syscall.SIGKILL && status != 0 {
			t.Errorf("after %v the status is %d: %s", signal, status, &p.said)
		}
	}
	real := start(t, "serve", "--data", data, "--listen", address)
	if status := real.wait(); status != 1 || !strings.Contains(real.said.String(), "this database is a demonstration") {
		t.Errorf("serve on a demonstration: status %d, %s", status, &real.said)
	}
	if _, err := os.Stat(filepath.Join(data, "pg", "cluster", "postmaster.pid")); err == nil {
		t.Error("a database server was left behind")
	}
}

func TestCtrlCWhileStarting(t *testing.T) {
	data := t.TempDir()
	write(t, filepath.Join(data, "datmui-data.txt"), "")
	write(t, filepath.Join(data, "pg", "lock"), "")
	lock, err := os.Open(filepath.Join(data, "pg", "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil { // whoever comes waits for us
		t.Fatal(err)
	}
	p := start(t, "migrate", "--data", data)
	for range 1200 {
		if _, err := os.Stat(filepath.Join(data, "pg", "run")); err == nil { // the last thing before it waits
			break
		}
		time.Sleep(25 * time.Millisecond)
	}
	p.cmd.Process.Signal(os.Interrupt)
	if status := p.wait(); status != 130 || !strings.Contains(p.said.String(), "datmui: stopped") {
		t.Errorf("status %d: %s", status, &p.said)
	}
}

type process struct {
	cmd  *exec.Cmd
	said bytes.Buffer
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0], args...)}
	p.cmd.Env = append(os.Environ(), "DATMUI_TEST_PROGRAM=1")
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill() })
	return p
}

func (p *process) wait() int {
	p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) waitReady(t *testing.T, address string) {
	t.Helper()
	for range 1200 {
		if r, err := http.Get("http://" + address + "/readyz"); err == nil {

			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}

		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("it does not become ready: %s", &p.said)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
