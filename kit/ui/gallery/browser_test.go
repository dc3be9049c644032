//go:build e2e

package gallery

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cd "github.com/chromedp/chromedp"
)

var shots = flag.String("shots", "", "folder to write a picture of every page to")

// browser starts one browser for the test. The first call needs a context without a time limit.
func browser(t *testing.T) context.Context {
	t.Helper()
	opts := append(cd.DefaultExecAllocatorOptions[:], cd.DisableGPU,
		cd.Flag("disable-quic", true), cd.Flag("disable-background-networking", true),
		cd.Flag("disable-component-update", true), cd.Flag("disable-sync", true))
	if os.Getuid() == 0 {
		opts = append(opts, cd.NoSandbox)
	}
	alloc, stop := cd.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, cancel := cd.NewContext(alloc)
	t.Cleanup(cancel)
	if err := cd.Do(ctx, cd.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// axe is a test-only asset that "npm ci" brings.
func axe(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.FromSlash("../../../node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatalf("axe-core is missing, run npm ci: %v", err)
	}
	return string(b)
}

type finding struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

const runAxe = `axe.run(document, {runOnly: {type: "tag", values: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}})
	.then(r => r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 4).map(n => n.html.slice(0, 160) + " — " + (n.failureSummary ?? "").replace(/\s+/g, " ").slice(0, 200))})))`

// Every page of the gallery is without findings of axe, without a word in the console (a broken
// content security policy speaks there) and without sideways scrolling, on a phone and on a desk,
// light and dark.
func TestPagesInABrowser(t *testing.T) {
	srv := httptest.NewServer(Handler())
	t.Cleanup(srv.Close)
	ctx, script := browser(t), axe(t)
	for _, p := range Pages() {
		for _, width := range []int64{390, 1440} {
			for _, theme := range []string{"light", "dark"} {
				name := fmt.Sprintf("%s-%d-%s", cmp.Or(strings.Trim(p.Path, "/"), "parts"), width, theme)
				t.Run(name, func(t *testing.T) { checkPage(t, ctx, srv.URL+p.Path, script, name, width, theme) })
			}
		}
	}
	checkPage(t, ctx, srv.URL+"/question", script, "question-320", 320, "light")
	checkPage(t, ctx, srv.URL+"/desk", script, "desk-320", 320, "light")
	for _, path := range []string{"/home", "/status", "/desk", "/dossier"} {
		checkPage(t, ctx, srv.URL+path+"?lang=en", script, strings.Trim(path, "/")+"-en-320", 320, "light")
	}
}

func checkPage(t *testing.T, parent context.Context, url, script, name string, width int64, theme string) {
	tab, cancel := cd.NewContext(parent)
	defer cancel()
	if err := cd.Do(tab, cd.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(tab, 30*time.Second)
	defer stop()
	words, quiet := context.WithCancel(ctx)
	console := cd.Console(words)
	_, err := cd.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := cd.Do(ctx, cd.EmulateViewport(width, 900), cd.Navigate(url)); err != nil {
		t.Fatal(err)
	}
	if *shots != "" {
		b, err := cd.Run(ctx, cd.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*shots, name+".png"), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wide, err := cd.Run(ctx, cd.Evaluate[int64](`document.documentElement.scrollWidth`))
	if err != nil {
		t.Fatal(err)
	}
	if wide > width {
		t.Errorf("%s scrolls sideways: %d of %d px", name, wide, width)
	}
	quiet()
	for m, err := range console {
		if err != nil {
			break
		}
		if m.Type != "info" { // what the browser itself tells, such as that focus was taken already
			t.Errorf("%s: console: %s", name, m)
		}
	}
	if err := cd.Do(ctx, cd.Func(func(ctx context.Context, _ *cd.Target) error {
		_, err := cd.Run(ctx, cd.Evaluate[bool](script+"; true"))
		return err
	})); err != nil {
		t.Fatal(err)
	}
	found, err := cd.Run(ctx, cd.Evaluate[[]finding](runAxe, cd.EvalAwaitPromise, cd.EvalAsValue))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Errorf("%s: axe %s: %s\n\t%s", name, f.ID, f.Help, strings.Join(f.Nodes, "\n\t"))
	}
}
