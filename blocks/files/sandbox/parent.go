package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"datmui/blocks/files"
)

// Config says how children are started. Zero values are usable.
type Config struct {
	Exe   string   // program to start; "" means this one
	Args  []string // its arguments; nil means "sandbox"
	Cache string   // folder in which the compiled PDFium is kept; "" compiles it for each file, which takes seconds
	Most  int      // children at a time; 0 means two
}

// Sandbox starts a child for each file to look into.
type Sandbox struct {
	exe   string
	args  []string
	cache string
	turns chan struct{}
	time  time.Duration
}

var _ files.Looker = (*Sandbox)(nil)

// New finds the program and makes the folder for its cache.
func New(c Config) (*Sandbox, error) {
	if c.Exe == "" {
		exe, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("finding this program: %w", err)
		}
		c.Exe = exe
	}
	if c.Args == nil {
		c.Args = []string{"sandbox"}
	}
	if c.Cache != "" {
		if err := os.MkdirAll(c.Cache, 0o700); err != nil {
			return nil, fmt.Errorf("making the folder for the compiled PDFium: %w", err)
		}
	}
	return &Sandbox{exe: c.Exe, args: c.Args, cache: c.Cache, turns: make(chan struct{}, max(c.Most, 2)), time: maxTime}, nil
}

// Look checks a PDF or a picture, counts its pages, says which may be hard to read and makes a thumbnail.
func (s *Sandbox) Look(ctx context.Context, mime string, r io.Reader) (files.Look, error) {
	a, thumb, err := s.run(ctx, task{Do: "look", MIME: mime}, r)
	return files.Look{Pages: a.Pages, Thumb: thumb, Flaws: a.Flaws}, err
}

// Page draws one page, from 1, as PNG of the given width in pixels.
func (s *Sandbox) Page(ctx context.Context, mime string, r io.Reader, page, width int) ([]byte, error) {
	_, png, err := s.run(ctx, task{Do: "page", MIME: mime, Page: page, Width: width}, r)
	return png, err
}

// Warm compiles PDFium into the cache, so that the first file need not wait for it.
func (s *Sandbox) Warm(ctx context.Context) error {
	_, _, err := s.run(ctx, task{Do: "warm"}, bytes.NewReader(nil))
	return err
}

// run asks one child one thing.
func (s *Sandbox) run(ctx context.Context, t task, r io.Reader) (answer, []byte, error) {
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	case <-ctx.Done():
		return answer{}, nil, ctx.Err()
	}
	data, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err != nil {
		return answer{}, nil, err
	}
	if len(data) > maxInput {
		return answer{}, nil, fmt.Errorf("%w: larger than %d MiB", files.ErrBroken, maxInput>>20)
	}
	t.Cache = s.cache

	limit := s.time
	if t.Do == "warm" {
		limit = 5 * s.time
	}
	inner, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(inner, s.exe, s.args...)
	cmd.Env = []string{"GODEBUG=", "LC_ALL=C.UTF-8"} // no setting and no secret of ours
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	var in, out, said bytes.Buffer
	if err := writeFrame(&in, t, data); err != nil {
		return answer{}, nil, err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &capped{&out, maxOutput + 128<<10}, &capped{&said, 4 << 10}

	// Pdeathsig goes with the thread that forks: keep it while the child lives.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return answer{}, nil, fmt.Errorf("starting the sandbox: %w", err)
	}
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return answer{}, nil, ctx.Err()
	case inner.Err() != nil:
		return answer{}, nil, fmt.Errorf("the sandbox gave no answer in %v", limit)
	case err != nil:
		return answer{}, nil, fmt.Errorf("%w: the sandbox died of it (%v) %.200q", files.ErrBroken, err, said.String())
	}
	var a answer
	picture, err := readFrame(&out, &a, maxOutput)
	switch {
	case err != nil:
		return answer{}, nil, fmt.Errorf("reading the sandbox's answer: %w %.200q", err, said.String())
	case a.Fault != "":
		return answer{}, nil, errors.New("sandbox: " + a.Fault)
	case a.Broken != "":
		return answer{}, nil, fmt.Errorf("%w: %s", files.ErrBroken, a.Broken)
	}
	if len(picture) == 0 {
		picture = nil
	}
	return a, picture, nil
}

// capped takes so many bytes and fails on more.
type capped struct {
	to   *bytes.Buffer
	most int
}

func (c *capped) Write(p []byte) (int, error) {
	if c.to.Len()+len(p) > c.most {
		return 0, errors.New("sandbox: too much said")
	}
	return c.to.Write(p)
}
