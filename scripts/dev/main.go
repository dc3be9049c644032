// Command dev runs the demonstration province and, whenever a source file changes, makes the
// templates and assets again, builds, and starts the new program in the place of the old one.
// While the code does not compile, the old program keeps running.
package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var program *exec.Cmd
	for seen := newest(); ; {
		if build(ctx, seen.asset, seen.templ) {
			seen.asset, seen.templ = false, false
			halt(program)
			program = exec.Command("bin/datmui", append([]string{"demo"}, os.Args[1:]...)...)
			program.Stdout, program.Stderr = os.Stdout, os.Stderr
			program.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
			if err := program.Start(); err != nil {
				fmt.Fprintln(os.Stderr, "dev:", err)
				program = nil
			}
		}
		for {
			select {
			case <-ctx.Done():
				halt(program)
				return
			case <-time.After(400 * time.Millisecond):
			}
			if now := newest(); now.at.After(seen.at) {
				seen = stamps{at: now.at, asset: seen.asset || now.assetAt.After(seen.assetAt), templ: seen.templ || now.templAt.After(seen.templAt), assetAt: now.assetAt, templAt: now.templAt}
				break
			}
		}
	}
}

// stamps are the times of the newest source of each kind.
type stamps struct {
	at, assetAt, templAt time.Time
	asset, templ         bool // changed since the last build that went well
}

func newest() (s stamps) {
	_ = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // a file that an editor has just replaced
		}
		name := d.Name()
		if d.IsDir() {
			if path != "." && name[0] == '.' || name == "node_modules" || name == "data" || name == "bin" || path == "assets/dist" {
				return fs.SkipDir
			}
			return nil
		}
		var into *time.Time
		switch filepath.Ext(name) {
		case ".css", ".js", ".mjs", ".svg":
			into = &s.assetAt
		case ".templ":
			into = &s.templAt
		case ".go", ".sql", ".toml", ".csv":
			if into = &s.at; strings.HasSuffix(name, "_templ.go") {
				return nil
			}
		default:
			return nil
		}
		if info, err := d.Info(); err == nil && info.ModTime().After(*into) {
			*into = info.ModTime()
		}
		return nil
	})
	for _, t := range []time.Time{s.assetAt, s.templAt} {
		if t.After(s.at) {
			s.at = t
		}
	}
	return s
}

func build(ctx context.Context, assets, templates bool) bool {
	// The flags are those of scripts/build.sh, so that both share what is compiled.
	steps := [][]string{{"go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", "bin/datmui", "./cmd/datmui"}}
	if templates {
		steps = append([][]string{{"go", "tool", "templ", "generate"}}, steps...)
	}
	if assets {
		steps = append([][]string{{"node", "assets/build.mjs"}}, steps...)
	}
	began := time.Now()
	for _, step := range steps {
		cmd := exec.CommandContext(ctx, step[0], step[1:]...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%s\n==> %s: %v\n", out, strings.Join(step, " "), err)
			return false
		}
	}
	fmt.Fprintf(os.Stderr, "==> built in %s\n", time.Since(began).Round(10*time.Millisecond))
	return true
}

func halt(program *exec.Cmd) {
	if program != nil {
		_ = program.Process.Signal(os.Interrupt)
		_ = program.Wait()
	}
}
