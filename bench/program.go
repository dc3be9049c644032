package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const program = "bin/datmui"

// running is the program with its demonstration, started as a person starts it.
type running struct {
	cmd *exec.Cmd
	url string
	log string // file of what it says

	gone chan struct{} // closed when it has ended, with err
	err  error
}

// start runs the program on a demonstration in a folder and gives the time until it is ready.
func start(ctx context.Context, dir string, patience time.Duration) (*running, time.Duration, error) {
	path, err := filepath.Abs(program)
	if err != nil {
		return nil, 0, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, 0, fmt.Errorf("%s is not there: run `make build`", program)
	}
	port, err := twoPorts()
	if err != nil {
		return nil, 0, err
	}
	r := &running{cmd: exec.CommandContext(ctx, path, "demo"), url: fmt.Sprintf("http://localhost:%d", port), log: filepath.Join(dir, "program.log")}
	log, err := os.OpenFile(r.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, 0, err
	}
	defer log.Close()
	r.cmd.Env = append(os.Environ(), "DATMUI_DATA="+filepath.Join(dir, "data"), fmt.Sprintf("DATMUI_LISTEN=127.0.0.1:%d", port), "DATMUI_ORIGIN="+r.url, "DATMUI_LOG=json")
	r.cmd.Stdout, r.cmd.Stderr = log, log
	r.cmd.Cancel = func() error { return r.cmd.Process.Signal(os.Interrupt) }
	r.cmd.WaitDelay = 30 * time.Second
	began := time.Now()
	if err := r.cmd.Start(); err != nil {
		return nil, 0, err
	}
	r.gone = make(chan struct{})
	go func() {
		r.err = r.cmd.Wait()
		close(r.gone)
	}()
	for {
		res, err := http.Get(r.url + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return r, time.Since(began), nil
			}
		}
		select {
		case <-r.gone:
			return nil, 0, fmt.Errorf("%s ended: %w: %s", program, r.err, r.said())
		case <-time.After(2 * time.Millisecond):
		}
		if time.Since(began) > patience {
			return nil, 0, errors.Join(fmt.Errorf("%s was not ready within %.0f s: %s", program, patience.Seconds(), r.said()), r.stop())
		}
	}
}

// twoPorts finds a free port with a free one after it, where VNeID is played.
func twoPorts() (int, error) {
	for range 50 {
		a, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 0, err
		}
		port := a.Addr().(*net.TCPAddr).Port
		b, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+1))
		_ = a.Close()
		if err == nil {
			return port, b.Close()
		}
	}
	return 0, errors.New("no two free ports were found")
}

// said is the end of what the program said.
func (r *running) said() string {
	raw, err := os.ReadFile(r.log)
	if err != nil {
		return err.Error()
	}
	return tail(string(raw))
}

func (r *running) stop() error {
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	<-r.gone
	return r.err
}

var inStatus = map[string]*regexp.Regexp{"now": regexp.MustCompile(`VmRSS:\s+(\d+) kB`), "peak": regexp.MustCompile(`VmHWM:\s+(\d+) kB`)}

// memory is the program's own resident memory in MB, now or at its peak; children are others.
func (r *running) memory(when string) (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	m := inStatus[when].FindSubmatch(raw)
	if m == nil {
		return 0, errors.New("the system does not tell")
	}
	kb, err := strconv.ParseFloat(string(m[1]), 64)
	return kb / 1024, err
}

// demonstration is a folder with a demonstration whose papers are all made, which takes minutes.
func (s *stage) demonstration(ctx context.Context) (string, error) {
	dir := filepath.Join(s.dir, "demo")
	if s.keep != "" {
		dir = filepath.Join(s.keep, "demo")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	made := filepath.Join(dir, "made")
	if _, err := os.Stat(made); err == nil {
		return dir, nil
	}
	fmt.Fprintln(os.Stderr, "    making a demonstration with its papers")
	r, took, err := start(ctx, dir, 15*time.Minute)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(os.Stderr, "    ready for the first time after %.0f s; waiting for the papers\n", took.Seconds())
	for began := time.Now(); ; time.Sleep(time.Second) {
		raw, err := os.ReadFile(r.log)
		if err != nil {
			return "", errors.Join(err, r.stop())
		}
		if bytes.Contains(raw, []byte("the papers of the demonstration are made")) {
			break
		}
		if time.Since(began) > 30*time.Minute || ctx.Err() != nil {
			return "", errors.Join(errors.New("the papers of the demonstration were not made within half an hour"), r.stop())
		}
	}
	return dir, errors.Join(r.stop(), os.WriteFile(made, nil, 0o644))
}

// startsAndMemory starts the program on a demonstration again and again, looks at its memory when
// it has done nothing yet, and at its peak under load.
func startsAndMemory(ctx context.Context, s *stage) []Result {
	fail := func(err error) []Result {
		return append(append(failed("start_warm", "s", err), failed("memory_idle", "MB", err)...), failed("memory_load", "MB", err)...)
	}
	dir, err := s.demonstration(ctx)
	if err != nil {
		return fail(err)
	}
	var starts, idle, peak []float64
	for range max(s.pairs, 5) {
		r, took, err := start(ctx, dir, time.Minute)
		if err != nil {
			return fail(err)
		}
		starts = append(starts, took.Seconds())
		time.Sleep(s.span) // what runs at the start has ended
		mb, err := r.memory("now")
		idle = append(idle, mb)
		fmt.Fprintf(os.Stderr, "    ready after %.2f s, %.0f MB when idle", took.Seconds(), mb)
		if err == nil {
			err = s.load(ctx, r)
		}
		if err == nil {
			mb, err = r.memory("peak")
			peak = append(peak, mb)
			fmt.Fprintf(os.Stderr, ", %.0f MB at most under load\n", mb)
		}
		if err = errors.Join(err, r.stop()); err != nil {
			return fail(err)
		}
	}
	note := fmt.Sprintf("median of %d starts", len(starts))
	return []Result{
		alone("start_warm", median(starts), "s", note+" of bin/datmui demo on a demonstration that is there, until /readyz answers; PostgreSQL starts with it"),
		alone("memory_idle", median(idle), "MB", note+fmt.Sprintf(", resident %.0f s after it is ready; PostgreSQL and sandbox children apart", s.span.Seconds())),
		alone("memory_load", median(peak), "MB", note+", highest resident memory since the start; 16 connections read pages as citizens and officials, sign in with passwords, and have PDFs verified"),
	}
}

// load reads and writes on 16 connections for the span.
func (s *stage) load(ctx context.Context, r *running) error {
	o, err := newOffice()
	if err != nil {
		return err
	}
	pdf, err := o.sign(ctx)
	if err != nil {
		return err
	}
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	part, err := m.CreateFormFile("file", "letter.pdf")
	if err != nil {
		return err
	}
	_, _ = part.Write(pdf)
	_ = m.Close()
	people := map[string]*http.Client{}
	for _, account := range []string{"congdan", "canbo.datmui", "chutich.datmui"} {
		c := client()
		if c.Jar, err = cookiejar.New(nil); err != nil {
			return err
		}
		defer c.CloseIdleConnections()
		people[account] = c
		if err := r.ask(ctx, c, "/demo/sign-in", "application/x-www-form-urlencoded", strings.NewReader(url.Values{"account": {account}}.Encode())); err != nil {
			return err
		}
	}
	reads := []struct{ account, path string }{{"congdan", "/"}, {"congdan", "/services"}, {"congdan", "/services/" + procedure}, {"congdan", "/dossiers"},
		{"congdan", "/notices"}, {"canbo.datmui", "/desk"}, {"canbo.datmui", "/desk/dossiers"}, {"canbo.datmui", "/desk/dossiers?q=nguyen"}, {"chutich.datmui", "/desk"},
		{"congdan", "/calendar"}}
	_, err = s.rate(ctx, func(ctx context.Context, n int) error {
		switch {
		case n%20 == 0:
			return r.ask(ctx, people["congdan"], "/verify", m.FormDataContentType(), bytes.NewReader(form.Bytes()))
		case n%200 == 7: // nobody has this name: it takes as long as a right one, and the network may fail so often
			in := url.Values{"name": {fmt.Sprintf("nobody.%d", n)}, "password": {"no password of anybody"}}
			return r.ask(ctx, people["congdan"], "/sign-in", "application/x-www-form-urlencoded", strings.NewReader(in.Encode()))
		}
		to := reads[n%len(reads)]
		return r.ask(ctx, people[to.account], to.path, "", nil)
	})
	return err
}

// ask sends a request, a GET without a body, and takes every answer but a fault of the program.
func (r *running) ask(ctx context.Context, c *http.Client, path, kind string, body io.Reader) error {
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, r.url+path, body)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Origin", r.url)
	}
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if s := res.StatusCode; s >= 400 && s != http.StatusUnprocessableEntity && s != http.StatusTooManyRequests {
		return fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	return nil
}
