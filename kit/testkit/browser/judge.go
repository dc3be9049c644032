package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	cd "github.com/chromedp/chromedp"

	"datmui/kit/testkit"
)

// finding is what axe holds against a page.
type finding struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

const runAxe = `axe.run(document, {runOnly: {type: "tag", values: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}, resultTypes: ["violations"]})
	.then(r => r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 4).map(n => n.html.slice(0, 160) + " — " + (n.failureSummary ?? "").replace(/\s+/g, " ").slice(0, 200))})))`

// script is axe, a test-only asset that "npm ci" brings.
var script = sync.OnceValues(func() (string, error) {
	root, err := testkit.Root()
	if err != nil {
		return "", err
	}
	b, err := os.ReadFile(filepath.Join(root, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		return "", fmt.Errorf("axe-core is missing, run npm ci: %w", err)
	}
	return string(b), nil
})

// Look judges the page as it stands: axe finds nothing, and it does not scroll sideways. Name is
// what the page is called in a failure.
func (b *Tab) Look(name string) {
	b.T.Helper()
	if wide := Eval[int64](b, `document.documentElement.scrollWidth`); wide > b.width {
		b.T.Errorf("%s scrolls sideways at %d px: it is %d wide, by %s", name, b.width, wide,
			Eval[string](b, `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 4).map(e => e.outerHTML.slice(0, 120)).join(" | ")`))
	}
	if b.still { // axe itself is a script
		b.Scripts(true)
		defer b.Scripts(false)
	}
	axe, err := script()
	b.must(err)
	if !Eval[bool](b, `typeof axe === "object"`) {
		b.Do(axe)
	}
	ctx, stop := context.WithTimeout(b.Ctx, Patience)
	defer stop()
	found, err := cd.Run(ctx, cd.Evaluate[[]finding](runAxe, cd.EvalAwaitPromise, cd.EvalAsValue))
	if err != nil {
		b.T.Fatalf("%s: axe: %v", name, err)
	}
	for _, f := range found {
		b.T.Errorf("%s at %d px: axe %s: %s\n\t%s", name, b.width, f.ID, f.Help, strings.Join(f.Nodes, "\n\t"))
	}
}

// Words listens to the console; what comes back is called when the page was used, and fails the
// test for every word: a broken content security policy speaks there.
func (b *Tab) Words() (quiet func(name string)) {
	listening, stop := context.WithCancel(b.Ctx)
	console := cd.Console(listening)
	return func(name string) {
		b.T.Helper()
		stop()
		for m, err := range console {
			if err != nil {
				break
			}
			if m.Type == cd.ConsoleInfo || expected(m) {
				continue // what the browser itself tells, such as that focus was taken already
			}
			b.T.Errorf("%s: console: %s", name, m)
		}
	}
}

// expected is what the browser says of every page that is no success: a refused form, or what is
// not for the reader. What a page loads must be there.
func expected(m cd.ConsoleMessage) bool {
	return m.Source == "network" && !strings.Contains(m.URL, "/assets/") &&
		(strings.Contains(m.Text, "422") || strings.Contains(m.Text, "409") || strings.Contains(m.Text, "403"))
}

// Weight is what a page cost on its first load, compressed, all files.
type Weight struct {
	Bytes, Script int64
	Requests      int
	Fonts         int
	Files         []string // each with its bytes
}

// traffic counts what a tab loads.
type traffic struct {
	mu    sync.Mutex
	kinds map[network.RequestID]*network.EventResponseReceived
	frame cdp.FrameID  // of the tab itself
	page  cdp.LoaderID // of the page in the tab: what the one before still loads does not count
	sum   Weight
}

func (b *Tab) listen() {
	n := &b.net
	n.kinds = map[network.RequestID]*network.EventResponseReceived{}
	b.must(cd.Listen(b.Ctx, func(ev any) {
		n.mu.Lock()
		defer n.mu.Unlock()
		switch e := ev.(type) {
		case *network.EventResponseReceived:
			n.kinds[e.RequestID] = e
			if e.Type == network.ResourceTypeDocument && (n.frame == "" || n.frame == e.FrameID) {
				n.frame, n.page = e.FrameID, e.LoaderID
			}
		case *network.EventLoadingFinished:
			r := n.kinds[e.RequestID]
			// what a script fetches for later, such as forms for a cut of the network, is not waited for
			if r == nil || r.LoaderID != n.page || r.Type == network.ResourceTypeFetch || !strings.HasPrefix(r.Response.URL, "http") {
				return
			}
			size := int64(e.EncodedDataLength)
			n.sum.Bytes += size
			n.sum.Requests++
			switch r.Type {
			case network.ResourceTypeScript:
				n.sum.Script += size
			case network.ResourceTypeFont:
				n.sum.Fonts++
			}
			n.sum.Files = append(n.sum.Files, fmt.Sprintf("%s %d", r.Response.URL[strings.LastIndexByte(r.Response.URL, '/'):], size))
		}
	}))
}

// Weigh opens a path as for the first time and tells what that cost.
func (b *Tab) Weigh(path string) Weight {
	b.T.Helper()
	_, err := cd.Call(b.Ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	b.must(err)
	_, err = cd.Call(b.Ctx, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
	b.must(err)
	b.net.mu.Lock()
	b.net.sum = Weight{}
	clear(b.net.kinds)
	b.net.mu.Unlock()
	b.Go(path)
	b.Until(`document.readyState === "complete"`)
	b.net.mu.Lock()
	defer b.net.mu.Unlock()
	out := b.net.sum
	out.Files = slices.Clone(out.Files)
	return out
}
