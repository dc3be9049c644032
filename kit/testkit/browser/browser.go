// Package browser drives a real Chromium in tests: tabs that are used by mouse or by keyboard, and
// the judgements every page is held to. Who imports it carries the build tag e2e.
package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	cd "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Browser is a running Chromium.
type Browser struct {
	ctx  context.Context
	stop func()
}

// Open starts a browser; Close ends it. Tests of one package share one.
func Open() (*Browser, error) {
	opts := append(cd.DefaultExecAllocatorOptions[:], cd.DisableGPU,
		cd.Flag("disable-quic", true), cd.Flag("disable-background-networking", true),
		cd.Flag("disable-component-update", true), cd.Flag("disable-sync", true), cd.Flag("lang", "vi"))
	if os.Getuid() == 0 {
		opts = append(opts, cd.NoSandbox)
	}
	alloc, stop := cd.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := cd.NewContext(alloc)
	b := &Browser{ctx, func() { cancel(); stop() }}
	// The first call needs a context without a time limit.
	if err := cd.Do(ctx, cd.Navigate("about:blank")); err != nil {
		b.Close()
		return nil, fmt.Errorf("starting the browser: %w", err)
	}
	return b, nil
}

// Close ends the browser.
func (b *Browser) Close() { b.stop() }

// New starts a browser for one test.
func New(t testing.TB) *Browser {
	t.Helper()
	b, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// Tab is one person's window, with cookies of its own.
type Tab struct {
	T   testing.TB
	Ctx context.Context
	URL string // what paths begin with

	width int64
	net   traffic
	still bool // scripts are off
	close func()
}

// Patience is how long a tab waits for what must come.
const Patience = 30 * time.Second

// Tab opens a window with cookies of its own; paths lead to the site at url.
func (b *Browser) Tab(t testing.TB, url string) *Tab {
	t.Helper()
	ctx, cancel := cd.NewContext(b.ctx, cd.WithNewBrowserContext())
	t.Cleanup(cancel)
	tab := &Tab{T: t, Ctx: ctx, URL: url, close: cancel}
	tab.must(cd.Do(ctx, cd.Navigate("about:blank")))
	tab.listen()
	tab.Size(1366, 768)
	return tab
}

// Beside opens another window of the same browser: it has the same cookies.
func (b *Tab) Beside() *Tab {
	b.T.Helper()
	ctx, cancel := cd.NewContext(b.Ctx)
	b.T.Cleanup(cancel)
	tab := &Tab{T: b.T, Ctx: ctx, URL: b.URL, close: cancel}
	tab.must(cd.Do(ctx, cd.Navigate("about:blank")))
	tab.listen()
	tab.Size(1366, 768)
	return tab
}

// For is the same window in the hands of another test.
func (b *Tab) For(t testing.TB) *Tab {
	b.T = t
	return b
}

// Close closes the window before its test ends.
func (b *Tab) Close() { b.close() }

func (b *Tab) must(err error) {
	b.T.Helper()
	if err != nil {
		b.T.Fatal(err)
	}
}

// Size gives the window a width and a height in CSS pixels.
func (b *Tab) Size(width, height int64) {
	b.T.Helper()
	b.width = width
	b.must(cd.Do(b.Ctx, cd.EmulateViewport(width, height)))
}

// Theme is "light" or "dark".
func (b *Tab) Theme(theme string) {
	b.T.Helper()
	_, err := cd.Call(b.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	b.must(err)
}

// Scripts turns the scripts of pages on or off.
func (b *Tab) Scripts(on bool) {
	b.T.Helper()
	b.still = !on
	_, err := cd.Call(b.Ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
	b.must(err)
}

// Network cuts the tab off from the network, or gives it back.
func (b *Tab) Network(on bool) {
	b.T.Helper()
	_, err := cd.Call(b.Ctx, conditions, conditionsOf{Offline: !on, Download: -1, Upload: -1})
	b.must(err)
}

// conditions is the command that also tells the page that it is offline; its successor does not, and
// browsers of today do not all know it.
var conditions = cdp.Command[conditionsOf, struct{}]{Method: "Network.emulateNetworkConditions"}

type conditionsOf struct {
	Offline  bool    `json:"offline"`
	Latency  float64 `json:"latency"`
	Download float64 `json:"downloadThroughput"` // bytes a second; -1 for no limit
	Upload   float64 `json:"uploadThroughput"`
}

// Hurry lets waits of a minute and more be over at once, in the pages opened from now on.
func (b *Tab) Hurry() {
	b.T.Helper()
	b.Early(`{ const wait = window.setTimeout; window.setTimeout = (f, ms, ...more) => wait(f, ms >= 60000 ? 300 : ms, ...more) }`)
}

// Early runs a script in each page opened from now on, before the page's own.
func (b *Tab) Early(script string) {
	b.T.Helper()
	_, err := cd.Call(b.Ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	b.must(err)
}

// Go opens a path of the site.
func (b *Tab) Go(path string) {
	b.T.Helper()
	ctx, stop := context.WithTimeout(b.Ctx, Patience)
	defer stop()
	if err := cd.Do(ctx, cd.Navigate(b.URL+path)); err != nil {
		b.T.Fatalf("opening %s: %v", path, err)
	}
}

// Back is the browser's own back button. The page may come from the browser's memory, as it was left.
func (b *Tab) Back() {
	b.T.Helper()
	here := Eval[string](b, `location.href`)
	past, err := cd.Run(b.Ctx, cd.NavigationEntries())
	b.must(err)
	if past.CurrentIndex == 0 {
		b.T.Fatalf("there is nothing before %s", here)
	}
	_, err = cd.Call(b.Ctx, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: past.Entries[past.CurrentIndex-1].ID})
	b.must(err)
	b.Until(fmt.Sprintf(`location.href !== %q && document.readyState === "complete"`, here))
	b.Do(`delete document.documentElement.dataset.before`)
}

// Eval asks the page.
func Eval[T any](b *Tab, code string) T {
	b.T.Helper()
	v, err := cd.Run(b.Ctx, cd.Evaluate[T](code))
	if err != nil {
		b.T.Fatalf("%s: %v", code, err)
	}
	return v
}

// Do runs code in the page.
func (b *Tab) Do(code string) {
	b.T.Helper()
	Eval[bool](b, code+"; true")
}

// Until waits for a condition of the page.
func (b *Tab) Until(condition string) {
	b.T.Helper()
	var last error
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		ok, err := cd.Run(b.Ctx, cd.Evaluate[bool](condition))
		if err == nil && ok {
			return
		}
		last = err
	}
	b.T.Fatalf("never became true: %s (%v)\n%s", condition, last, b.Says())
}

// Leaves does something that leads to another page, and waits until that is there.
func (b *Tab) Leaves(what string, do func()) {
	b.T.Helper()
	b.Do(`document.documentElement.dataset.before = "1"`)
	do()
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		there, err := cd.Run(b.Ctx, cd.Evaluate[bool](`!document.documentElement.dataset.before && document.readyState === "complete"`))
		if err == nil && there {
			return
		}
	}
	picture := filepath.Join(os.TempDir(), fmt.Sprintf("datmui-%d.png", time.Now().UnixNano()))
	b.Shot(picture)
	b.T.Fatalf("%s leads nowhere (%s)\n%s", what, picture, b.Says())
}

// Path is the path and query of the page shown.
func (b *Tab) Path() string { return Eval[string](b, `location.pathname + location.search`) }

// Says is what a person reads on the page.
func (b *Tab) Says() string {
	s, _ := cd.Run(b.Ctx, cd.Evaluate[string](`location.href + ", the focus on " + document.activeElement?.outerHTML.slice(0, 150) + "\n" + document.body.innerText.replace(/\n+/g, "\n").slice(0, 2000)`))
	return s
}

// Must fails the test unless the page says the text.
func (b *Tab) Must(text string) {
	b.T.Helper()
	if !b.Has(text) {
		b.T.Errorf("the page does not say %q: %s", text, b.Says())
	}
}

// Has tells whether the page says the text.
func (b *Tab) Has(text string) bool {
	return Eval[bool](b, fmt.Sprintf(`document.body.innerText.includes(%q)`, text))
}

// There tells whether something visible matches the selector.
func (b *Tab) There(selector string) bool {
	return Eval[bool](b, fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.checkVisibility())`, selector))
}

// Click presses the mouse on the first match that is visible, once it stands still.
func (b *Tab) Click(selector string) {
	b.T.Helper()
	where, last := fmt.Sprintf(`JSON.stringify(document.querySelector(%q)?.getBoundingClientRect() ?? "")`, selector), ""
	for range 20 {
		now := Eval[string](b, where)
		if now == last {
			break
		}
		last = now
		time.Sleep(30 * time.Millisecond)
	}
	ctx, stop := context.WithTimeout(b.Ctx, Patience)
	defer stop()
	if err := cd.Do(ctx, cd.Click(cd.CSS(selector), cd.NodeVisible)); err != nil {
		b.T.Fatalf("clicking %s: %v\n%s", selector, err, b.Says())
	}
}

// Key presses keys as they come.
func (b *Tab) Key(keys string, with ...cd.Modifier) {
	b.T.Helper()
	b.must(cd.Do(b.Ctx, cd.KeyEvent(keys, cd.KeyModifiers(with...))))
}

// Stroke presses a key that means something, as a keyboard does: no character follows into what
// has the focus then.
func (b *Tab) Stroke(key string) {
	b.T.Helper()
	p := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: key}
	if key == "Enter" {
		p.Code, p.WindowsVirtualKeyCode = "Enter", 13
	}
	_, err := cd.Call(b.Ctx, input.DispatchKeyEvent, p)
	b.must(err)
	p.Type = input.DispatchKeyEventTypeKeyUp
	_, err = cd.Call(b.Ctx, input.DispatchKeyEvent, p)
	b.must(err)
}

// Type replaces what stands in the field that has the focus.
func (b *Tab) Type(text string) {
	b.T.Helper()
	b.Key("a", kb.ModifierCtrl)
	b.Key(kb.Backspace)
	b.Key(text)
}

// Focused tells whether the element with the focus matches the selector.
func (b *Tab) Focused(selector string) bool {
	return Eval[bool](b, fmt.Sprintf(`!!document.activeElement?.matches(%q)`, selector))
}

// seen says what is wrong with where the focus is: out of the window, or without a mark.
const seen = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) return "";
	const box = (e.matches("input[type=radio], input[type=checkbox]") ? e.closest("label") ?? e : e).getBoundingClientRect();
	const name = e.outerHTML.slice(0, 120);
	if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth || !box.width) return "the focus is out of sight: " + name;
	const style = getComputedStyle(e), by = e.parentElement ? getComputedStyle(e.parentElement) : style;
	if (style.outlineStyle === "none" && style.boxShadow === "none" && by.outlineStyle === "none" && by.boxShadow === "none") return "the focus is not marked: " + name;
	return "";
})()`

// TabTo moves the focus by the Tab key until it is on a match; every stop must be in sight and marked.
func (b *Tab) TabTo(selector string) {
	b.T.Helper()
	var way []string
	for range 250 {
		if b.Focused(selector) {
			return
		}
		b.Key(kb.Tab)
		if wrong := Eval[string](b, seen); wrong != "" {
			b.T.Errorf("%s: %s", b.Path(), wrong)
		}
		way = append(way, Eval[string](b, `document.activeElement?.tagName + "#" + document.activeElement?.id`))
	}
	b.T.Fatalf("Tab never comes to %s but to %s\n%s", selector, strings.Join(way, " "), b.Says())
}

// Choose gives files to a file field, as its dialogue would.
func (b *Tab) Choose(selector string, files ...string) {
	b.T.Helper()
	b.must(cd.Do(b.Ctx, cd.SetUploadFiles(cd.CSS(selector), files)))
}

// Dialogue opens the dialogue of a file field by do, and chooses files in it.
func (b *Tab) Dialogue(do func(), files ...string) {
	b.T.Helper()
	_, err := cd.Call(b.Ctx, page.SetInterceptFileChooserDialog, page.SetInterceptFileChooserDialogParams{Enabled: true})
	b.must(err)
	ctx, stop := context.WithTimeout(b.Ctx, Patience)
	defer stop()
	opened := make(chan *page.EventFileChooserOpened, 1)
	var once sync.Once
	b.must(cd.Listen(ctx, func(ev any) {
		if e, ok := ev.(*page.EventFileChooserOpened); ok {
			once.Do(func() { opened <- e })
		}
	}))
	do()
	select {
	case e := <-opened:
		_, err = cd.Call(b.Ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: files, BackendNodeID: e.BackendNodeID})
		b.must(err)
	case <-ctx.Done():
		b.T.Fatalf("no dialogue for files opened\n%s", b.Says())
	}
	_, err = cd.Call(b.Ctx, page.SetInterceptFileChooserDialog, page.SetInterceptFileChooserDialogParams{Enabled: false})
	b.must(err)
}

// Shot takes a picture of the whole page.
func (b *Tab) Shot(path string) {
	b.T.Helper()
	png, err := cd.Run(b.Ctx, cd.FullScreenshot(100))
	b.must(err)
	b.must(os.WriteFile(path, png, 0o644))
}

// Small takes a small picture of the window alone, as WebP.
func (b *Tab) Small(path string) {
	b.T.Helper()
	quality := int64(72)
	r, err := cd.Call(b.Ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp, Quality: &quality})
	b.must(err)
	b.must(os.WriteFile(path, r.Data, 0o644))
}
