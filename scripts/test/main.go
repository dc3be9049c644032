// Command test runs everything that must hold: templates are generated, code is formatted and
// vetted, every test passes, every fuzz target stands its seeds and some seconds more. It
// prints what fails and ends with one line of counts. Exit status: 0 when nothing failed, 130
// when it was stopped before its end.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"datmui/kit/testkit"
)

var (
	only     = flag.String("only", "", "run one part: checks, tests or fuzz")
	fuzztime = flag.Duration("fuzztime", 5*time.Second, "how long each fuzz target runs")
)

// tags bring in the journeys in a real browser, which plain `go test ./...` leaves out.
const tags = "e2e"

// count is what the closing line tells.
type count struct{ passed, failed int }

func (c *count) note(what string, err error) {
	if err == nil {
		c.passed++
		return
	}
	c.failed++
	fmt.Printf("--- FAIL: %s\n%s\n", what, err)
}

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c count
	if *only == "" || *only == "checks" {
		checks(ctx, &c)
	}
	if *only == "" || *only == "tests" {
		tests(ctx, &c)
	}
	if *only == "" || *only == "fuzz" {
		fuzz(ctx, &c)
	}
	if err := testkit.StopCluster(); err != nil {
		c.note("stopping the test database", err)
	}
	fmt.Printf("%d passed, %d failed\n", c.passed, c.failed)
	if c.failed > 0 || c.passed == 0 && ctx.Err() == nil {
		os.Exit(1)
	}
	if ctx.Err() != nil {
		os.Exit(130)
	}
}

// run runs a command and returns what it said if it fails.
func run(ctx context.Context, name string, args ...string) (string, error) {
	out, err := command(ctx, name, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s%w", out, err)
	}
	return string(out), nil
}

// command makes a command that ends with ours, by a request before force.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	return cmd
}

func checks(ctx context.Context, c *count) {
	fmt.Println("==> checking templates, format and vet")
	c.note("templ generate", templates(ctx))

	out, err := run(ctx, "gofmt", append([]string{"-l"}, folders()...)...)
	if err == nil && strings.TrimSpace(out) != "" {
		err = fmt.Errorf("not formatted:\n%s", out)
	}
	c.note("gofmt", err)

	_, err = run(ctx, "go", "vet", "-tags", tags, "./...")
	c.note("go vet", err)
}

// folders are those of our own code: not what npm fetched.
func folders() []string {
	var dirs []string
	entries, _ := os.ReadDir(".")
	for _, e := range entries {
		if name := e.Name(); e.IsDir() && name[0] != '.' && name != "node_modules" && name != "data" && name != "bin" {
			dirs = append(dirs, name)
		}
	}
	return dirs
}

// named is what the generated code says of its source: relative to where templ was started,
// so a template made in its own folder and one made from the root differ by no more than this.
var named = regexp.MustCompile("FileName: `[^`]*/")

// templates makes the code of all templates and compares it with what is there.
func templates(ctx context.Context) error {
	before, err := generated()
	if err != nil {
		return err
	}
	if _, err := run(ctx, "go", "tool", "templ", "generate", "-log-level", "error"); err != nil {
		return err
	}
	after, err := generated()
	if err != nil {
		return err
	}
	var stale []string
	for _, path := range slices.Sorted(maps.Keys(after)) {
		was, is := before[path], after[path]
		if was == is {
			continue
		}
		if named.ReplaceAllString(was, "FileName: `") != named.ReplaceAllString(is, "FileName: `") {
			stale = append(stale, path)
		} else if err := os.WriteFile(path, []byte(was), 0o644); err != nil {
			return err
		}
	}
	if len(stale) > 0 {
		return fmt.Errorf("the Go code of these templates was out of date; it has been made again, commit it:\n%s", strings.Join(stale, "\n"))
	}
	return nil
}

// generated reads the committed code of all templates.
func generated() (map[string]string, error) {
	texts := map[string]string{}
	return texts, walk("_templ.go", func(path string) error {
		b, err := os.ReadFile(path)
		texts[path] = string(b)
		return err
	})
}

func walk(suffix string, visit func(path string) error) error {
	for _, dir := range folders() {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(path, suffix) {
				err = visit(path)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// event is one line of go test -json.
type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

func tests(ctx context.Context, c *count) {
	fmt.Println("==> testing")
	// The longest first: nothing is left that waits for one alone. All is vetted already.
	cmd := command(ctx, "go", "test", "-json", "-vet=off", "-tags", tags, "-timeout", "35m", "./e2e", "./site", "./...")
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		c.note("go test", err)
		return
	}
	failed := c.failed
	follow(pipe, c)
	if err := cmd.Wait(); err != nil && c.failed == failed {
		c.note("go test ./...", err)
	}
}

// follow counts the tests of a run and prints its packages, and the words of those that fail.
func follow(r io.Reader, c *count) {
	said := map[string]*strings.Builder{}
	hadFailure := map[string]bool{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Println(lines.Text())
			continue
		}
		key := e.Package + e.ImportPath + "\x00" + e.Test
		switch e.Action {
		case "output", "build-output":
			if said[key] == nil {
				said[key] = &strings.Builder{}
			}
			if !strings.HasPrefix(e.Output, "=== ") {
				said[key].WriteString(e.Output)
			}
		case "pass":
			if e.Test != "" {
				c.passed++
			} else {
				fmt.Printf("ok  \t%s\t%.1fs\n", e.Package, e.Elapsed)
			}
			delete(said, key)
		case "skip":
			if e.Test != "" { // not passed: say so
				say(said[key])
			}
		case "build-fail": // its package fails next
			say(said[key])
		case "fail":
			if e.Test != "" || !hadFailure[e.Package] { // a package without a failed test did not build, or panicked
				c.failed++
				say(said[key])
			}
			hadFailure[e.Package] = true
			if e.Test == "" {
				fmt.Printf("FAIL\t%s\t%.1fs\n", e.Package, e.Elapsed)
			}
		}
	}
}

func say(b *strings.Builder) {
	if b != nil {
		fmt.Print(b)
	}
}

var fuzzFunc = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(\w+ \*testing\.F\)`)

func fuzz(ctx context.Context, c *count) {
	targets := map[string][]string{}
	err := walk("_test.go", func(path string) error {
		b, err := os.ReadFile(path)
		for _, m := range fuzzFunc.FindAllStringSubmatch(string(b), -1) {
			dir := "./" + filepath.Dir(path)
			targets[dir] = append(targets[dir], m[1])
		}
		return err
	})
	if err != nil {
		c.note("looking for fuzz targets", err)
		return
	}
	all := 0
	for _, names := range targets {
		all += len(names)
	}
	cache, err := run(ctx, "go", "env", "GOCACHE")
	if err != nil {
		c.note("go env", err)
		return
	}
	bin, err := os.MkdirTemp("", "datmui-fuzz")
	if err != nil {
		c.note("a place for the fuzz programs", err)
		return
	}
	defer os.RemoveAll(bin)
	fmt.Printf("==> fuzzing %d targets for %s each\n", all, *fuzztime)
	var (
		mu   sync.Mutex
		done int
	)
	note := func(what string, err error) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() != nil && (err == nil || !found(err.Error())) {
			return // stopped before its end
		}
		fmt.Println("==> fuzzed", what)
		c.note(what, err)
		done++
	}
	// As many packages at once as there are processors, each target on one of them.
	dirs := make(chan string)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for dir := range dirs {
				f := fuzzer{dir: dir, program: filepath.Join(bin, strings.ReplaceAll(dir, "/", "_")), cache: filepath.Join(strings.TrimSpace(cache), "fuzz", "datmui", dir)}
				_, err := run(ctx, "go", append(guided(*fuzztime), "-o", f.program, dir)...)
				for _, name := range targets[dir] {
					failed := err
					if failed == nil {
						failed = f.fuzz(ctx, name)
					}
					note(dir+" "+name, failed)
				}
				_ = os.Remove(f.program)
			}
		})
	}
	for _, dir := range slices.Sorted(maps.Keys(targets)) {
		dirs <- dir
	}
	close(dirs)
	wg.Wait()
	if ctx.Err() != nil {
		fmt.Printf("==> stopped: %d of %d targets were fuzzed\n", done, all)
	}
}

// guided builds a test program that tells the fuzzer which way an input took: through our own code, and
// on long runs through all that it is built with. To compile the library for seconds of fuzzing takes
// longer than the fuzzing.
func guided(long time.Duration) []string {
	args := []string{"test", "-c", "-vet=off", "-ldflags=-s -w"}
	if long < time.Minute {
		return append(args, "-gcflags=datmui/...=-d=libfuzzer") // what -fuzz adds for every package
	}
	return append(args, "-fuzz", ".")
}

// fuzzer is the test program of a package, built for fuzzing.
type fuzzer struct{ dir, program, cache string }

// fuzz runs a target for the time, counted from its first word, and then asks it to stop. -test.fuzztime
// would do that too, but now and then it calls its own end a failure (golang/go#75804).
func (f fuzzer) fuzz(ctx context.Context, name string) error {
	cmd := command(ctx, f.program, "-test.run", "^$", "-test.fuzz", "^"+name+"$", "-test.parallel", "1", "-test.fuzzcachedir", f.cache)
	cmd.Dir = f.dir // where the seeds lie, and where a find is written
	said := &words{first: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	first, over := said.first, (<-chan time.Time)(nil)
	for {
		select {
		case <-first:
			first, over = nil, time.After(*fuzztime)
		case <-over:
			over = nil
			_ = cmd.Process.Signal(os.Interrupt)
		case err := <-ended:
			if err != nil {
				return fmt.Errorf("%s%w", said.all.Bytes(), err)
			}
			return nil
		}
	}
}

// words keeps what a fuzzer says and tells of the first report, which it makes once it can be asked to stop.
type words struct {
	all   bytes.Buffer
	first chan struct{}
	told  bool
}

func (w *words) Write(p []byte) (int, error) {
	n, err := w.all.Write(p)
	if !w.told && bytes.Contains(w.all.Bytes(), []byte("fuzz: elapsed:")) {
		w.told = true
		close(w.first)
	}
	return n, err
}

// found says whether fuzzing wrote down an input that fails.
func found(said string) bool { return strings.Contains(said, "Failing input written") }
