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
	b := browser.New(t)
	for _, p := range Pages() {
		for _, width := range []int64{390, 1440} {
			for _, theme := range []string{"light", "dark"} {
				name := fmt.Sprintf("%s-%d-%s", cmp.Or(strings.Trim(p.Path, "/"), "parts"), width, theme)
				t.Run(name, func(t *testing.T) { checkPage(t, b, srv.URL, p.Path, name, width, theme) })
			}
		}
	}
	checkPage(t, b, srv.URL, "/question", "question-320", 320, "light")
	checkPage(t, b, srv.URL, "/desk", "desk-320", 320, "light")
	for _, path := range []string{"/home", "/status", "/desk", "/dossier"} {
		checkPage(t, b, srv.URL, path+"?lang=en", strings.Trim(path, "/")+"-en-320", 320, "light")
	}
}

func checkPage(t *testing.T, b *browser.Browser, url, path, name string, width int64, theme string) {
	tab := b.Tab(t, url)
	defer tab.Close()
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
