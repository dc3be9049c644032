//go:build e2e

package gallery

import (
	"cmp"
	"flag"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"datmui/kit/testkit/browser"
)

var shots = flag.String("shots", "", "folder to write a picture of every page to")

// Every page of the gallery is without findings of axe, without a word in the console (a broken
// content security policy speaks there) and without sideways scrolling, on a phone and on a desk,
// light and dark.
func TestPagesInABrowser(t *testing.T) {
	srv := httptest.NewServer(Handler())
	t.Cleanup(srv.Close)
	tab := browser.New(t).Tab(t, srv.URL)
	for _, p := range Pages() {
		for _, width := range []int64{390, 1440} {
			for _, theme := range []string{"light", "dark"} {
				name := fmt.Sprintf("%s-%d-%s", cmp.Or(strings.Trim(p.Path, "/"), "parts"), width, theme)
				t.Run(name, func(t *testing.T) { checkPage(t, tab, p.Path, name, width, theme) })
			}
		}
	}
	checkPage(t, tab, "/question", "question-320", 320, "light")
	checkPage(t, tab, "/desk", "desk-320", 320, "light")
	for _, path := range []string{"/home", "/status", "/desk", "/dossier"} {
		checkPage(t, tab, path+"?lang=en", strings.Trim(path, "/")+"-en-320", 320, "light")
	}
}

// checkPage looks at a page anew in a tab that all share: a new one compiles axe from nothing, which
// takes longer than all it then looks at.
func checkPage(t *testing.T, shared *browser.Tab, path, name string, width int64, theme string) {
	tab := shared.For(t)
	tab.Theme(theme)
	tab.Size(width, 900)
	quiet := tab.Words()
	tab.Go(path)
	if *shots != "" {
		tab.Shot(filepath.Join(*shots, name+".png"))
	}
	quiet(name)
	tab.Look(name)
}
