package assets

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := fs.ReadFile(Sources, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var (
	block = regexp.MustCompile(`(?s)([^{}]+)\{([^{}]*)\}`)
	token = regexp.MustCompile(`--([\w-]+):\s*(#[0-9a-f]{3,6})\b`)
)

// themes reads the colour tokens: light, dark by the system's wish, and dark by data-theme.
func themes(t *testing.T) (light, system, forced map[string]string) {
	t.Helper()
	colours := func(s string) map[string]string {
		out := map[string]string{}
		for _, m := range token.FindAllStringSubmatch(s, -1) {
			out[m[1]] = m[2]
		}
		return out
	}
	for _, m := range block.FindAllStringSubmatch(read(t, "css/tokens.css"), -1) {
		c := colours(m[2])
		switch {
		case strings.Contains(m[1], `[data-theme="light"]`):
			light = c
		case strings.Contains(m[1], ":root:not([data-theme])"):
			system = c
		case strings.Contains(m[1], `[data-theme="dark"]`):
			forced = c
		}
	}
	if len(light) < 30 || len(system) < 30 {
		t.Fatalf("found %d light and %d dark colours; the tokens are written in a way this test does not read", len(light), len(system))
	}
	return light, system, forced
}

// luminance is that of WCAG 2: relative, from 0 to 1.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	hex = strings.TrimPrefix(hex, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	part := func(v uint64) float64 {
		c := float64(v&255) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(n>>16) + 0.7152*part(n>>8) + 0.0722*part(n)
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func TestContrastItselfIsRight(t *testing.T) {
	if got := contrast(t, "#000", "#fff"); got != 21 {
		t.Errorf("black on white is %.2f, want 21", got)
	}
	if got := contrast(t, "#777777", "#ffffff"); math.Abs(got-4.48) > 0.01 {
		t.Errorf("#777 on white is %.2f, want 4.48", got)
	}
}

// Words are readable on every ground they stand on, and the edges of controls are seen.
func TestContrast(t *testing.T) {
	light, dark, forced := themes(t)
	for name, theme := range map[string]map[string]string{"light": light, "dark": dark, "dark by data-theme": forced} {
		text := map[string][]string{
			"ink": {"paper", "card", "sunk", "act-soft", "sea-soft", "soon-soft", "fault-soft"}, "ink-2": {"paper", "card", "sunk"},
			"sea-ink": {"sea", "sea-2"}, "sea-ink-2": {"sea", "sea-2"}, "sea-text": {"paper", "card", "sunk", "sea-soft"},
			"act-ink": {"act", "act-2"}, "act-text": {"paper", "card", "sunk", "act-soft"},
			"fault-text": {"paper", "card", "fault-soft"}, "soon-text": {"paper", "card", "soon-soft"},
			"sheet-ink": {"sheet"},
		}
		for fore, grounds := range text {
			for _, ground := range grounds {
				need(t, name, theme, fore, ground, 4.5)
			}
		}
		for fore, grounds := range map[string][]string{"edge": {"paper", "card", "sunk"}, "focus": {"paper", "card", "sunk"}, "act": {"paper", "card"}, "fault": {"paper", "card"}} {
			for _, ground := range grounds {
				need(t, name, theme, fore, ground, 3)
			}
		}
	}
}

func need(t *testing.T, name string, theme map[string]string, fore, ground string, least float64) {
	t.Helper()
	f, g := theme[fore], theme[ground]
	if fore == "sheet-ink" { // ink on a drawn page is the same in both themes
		light, _, _ := themes(t)
		f = light[fore]
	}
	if f == "" || g == "" {
		t.Errorf("%s: --%s or --%s is gone", name, fore, ground)
		return
	}
	if got := contrast(t, f, g); got < least {
		t.Errorf("%s: --%s on --%s is %.2f:1, want %.1f:1", name, fore, ground, got, least)
	}
}

// Dark by the system and dark by data-theme are written twice, since CSS has no way to share them.
func TestBothDarkThemesAreEqual(t *testing.T) {
	_, system, forced := themes(t)
	for k, v := range system {
		if forced[k] != v {
			t.Errorf("--%s is %s by the system and %q by data-theme", k, v, forced[k])
		}
	}
	if len(system) != len(forced) {
		t.Errorf("%d colours by the system, %d by data-theme", len(system), len(forced))
	}
}

func zipped(t *testing.T, b []byte) int {
	t.Helper()
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

// The budgets hold for what is served: the build where there is one, else the sources.
func TestBudgets(t *testing.T) {
	size := func(names ...string) (sum int) {
		for _, name := range names {
			file := Built.sources[name]
			if Built.IsBuilt() {
				file = "dist/" + Built.manifest[name]
			}
			if name == "app.css" && !Built.IsBuilt() {
				for _, m := range regexp.MustCompile(`"\./(\w+\.css)"`).FindAllStringSubmatch(read(t, "css/app.css"), -1) {
					sum += zipped(t, []byte(read(t, "css/"+m[1])))
				}
				continue
			}
			b, err := fs.ReadFile(files, file)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			sum += zipped(t, b)
		}
		return sum
	}
	citizen, official := []string{"app.js"}, []string{"app.js", "desk.js", "passkey.js"}
	if Built.IsBuilt() {
		official = append(official, "htmx.js")
	} else {
		parts := []string{"say.js", "guard.js", "autosave.js", "upload.js"} // app.js imports them
		citizen, official = append(citizen, parts...), append(official, parts...)
	}
	for name, tt := range map[string]struct{ got, most int }{
		"style sheet":          {size("app.css"), 20 << 10},
		"scripts of citizens":  {size(citizen...), 20 << 10},
		"scripts of officials": {size(official...), 80 << 10},
		"icons":                {size("icons.svg"), 6 << 10},
	} {
		if tt.got > tt.most || tt.got == 0 {
			t.Errorf("%s: %d bytes compressed, at most %d", name, tt.got, tt.most)
		}
	}
}

// Nothing in the style sheet or the icons may need a place elsewhere or an inline style.
func TestNothingComesFromElsewhere(t *testing.T) {
	for name, file := range Built.sources {
		s := strings.ReplaceAll(read(t, file), "http://www.w3.org/2000/svg", "")
		if strings.Contains(s, "://") || strings.Contains(s, "url(") {
			t.Errorf("%s loads something from elsewhere", name)
		}
		if strings.HasSuffix(name, ".svg") && strings.Contains(s, "style=") {
			t.Errorf("%s has an inline style", name)
		}
	}
}

func built() *Store {
	return Open(fstest.MapFS{
		"dist/manifest.json":           {Data: []byte(`{"app.css":"app-0123456789ab.css"}`)},
		"dist/app-0123456789ab.css":    {Data: []byte("body{}")},
		"dist/app-0123456789ab.css.br": {Data: []byte("B")},
		"dist/app-0123456789ab.css.gz": {Data: []byte("G")},
		"dist/.keep":                   {},
		"css/app.css":                  {Data: []byte("body { }")},
		"js/desk.js":                   {Data: []byte("// keys")},
		"icon.svg":                     {Data: []byte("<svg/>")},
	})
}

func TestURL(t *testing.T) {
	s := built()
	for name, want := range map[string]string{
		"app.css": "/assets/app-0123456789ab.css", "desk.js": "/assets/js/desk.js", "icon.svg": "/assets/icon.svg", "none.js": "/assets/none.js",
	} {
		if got := s.URL(name); got != want {
			t.Errorf("URL(%s) = %s, want %s", name, got, want)
		}
	}
	if !s.Has("app.css") || !s.Has("desk.js") || s.Has("htmx.js") {
		t.Error("Has is wrong about what is there")
	}
}

func TestHandler(t *testing.T) {
	for name, tt := range map[string]struct {
		path, accept   string
		status         int
		body, encoding string
		cache          string
	}{
		"brotli":              {"/assets/app-0123456789ab.css", "gzip, deflate, br", 200, "B", "br", "public, max-age=31536000, immutable"},
		"gzip":                {"/assets/app-0123456789ab.css", "gzip", 200, "G", "gzip", "public, max-age=31536000, immutable"},
		"brotli refused":      {"/assets/app-0123456789ab.css", "br;q=0, gzip;q=0.5", 200, "G", "gzip", "public, max-age=31536000, immutable"},
		"as it is":            {"/assets/app-0123456789ab.css", "", 200, "body{}", "", "public, max-age=31536000, immutable"},
		"a source":            {"/assets/js/desk.js", "br", 200, "// keys", "", "no-cache"},
		"an old build":        {"/assets/app-000000000000.css", "", 404, "", "", ""},
		"the manifest":        {"/assets/manifest.json", "", 404, "", "", ""},
		"the keep file":       {"/assets/.keep", "", 404, "", "", ""},
		"out of the folder":   {"/assets/../assets.go", "", 404, "", "", ""},
		"a folder":            {"/assets/css", "", 404, "", "", ""},
		"below another place": {"/other/js/desk.js", "", 404, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "http://x/", nil)
			r.URL.Path = tt.path
			r.Header.Set("Accept-Encoding", tt.accept)
			w := httptest.NewRecorder()
			built().ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Fatalf("status %d, want %d", w.Code, tt.status)
			}
			if tt.status != 200 {
				return
			}
			if w.Body.String() != tt.body || w.Header().Get("Content-Encoding") != tt.encoding || w.Header().Get("Cache-Control") != tt.cache {
				t.Errorf("got %q, %q, %q", w.Body, w.Header().Get("Content-Encoding"), w.Header().Get("Cache-Control"))
			}
		})
	}
}
