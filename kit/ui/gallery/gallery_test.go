package gallery

import (
	"bytes"
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datmui/kit/lang"
	"datmui/kit/ui/htmlcheck"
)

var update = flag.Bool("update", false, "write the golden files")

// plain takes the content hashes out of asset names, so that a build changes nothing here.
var hashed = regexp.MustCompile(`/assets/(?:css/|js/)?([a-z]+)(?:-[0-9a-f]{12})?\.(css|js|svg)`)

func render(t *testing.T, p Page, tag lang.Tag) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Draw(p.frame(tag, p.Path)).Render(lang.With(context.Background(), tag), &b); err != nil {
		t.Fatal(err)
	}
	s := hashed.ReplaceAllString(b.String(), "/assets/$1.$2")
	s = strings.Replace(s, `<script src="/assets/htmx.js" defer></script>`, "", 1) // there only after a build
	return s
}

func name(p Page) string {
	if p.Path == "/" {
		return "parts"
	}
	return strings.Trim(p.Path, "/")
}

// The pages are as they were last looked at. A change of a component shows here line by line:
// look at it with "datmui gallery", then run this test with -update.
func TestGolden(t *testing.T) {
	for _, p := range Pages() {
		t.Run(name(p), func(t *testing.T) {
			got := strings.ReplaceAll(render(t, p, lang.Vietnamese), "><", ">\n<") + "\n"
			file := filepath.Join("testdata", name(p)+".html")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestPagesAreSound(t *testing.T) {
	for _, p := range Pages() {
		for _, tag := range lang.Tags {
			for _, fault := range htmlcheck.Page(render(t, p, tag)) {
				t.Errorf("%s, %s: %s", name(p), tag, fault)
			}
		}
	}
}

func TestTextsStandInBothLanguages(t *testing.T) {
	for _, m := range lang.Missing() {
		t.Error(m)
	}
}

var (
	icon  = regexp.MustCompile(`/assets/icons\.svg#([a-z]+)`)
	class = regexp.MustCompile(` class="([^"]+)"`)
)

func TestIconsExist(t *testing.T) {
	have := append(Icons(), "mangrove")
	if len(have) < 70 {
		t.Fatalf("found %d icons only", len(have))
	}
	for _, p := range Pages() {
		for _, m := range icon.FindAllStringSubmatch(render(t, p, lang.Vietnamese), -1) {
			if !slices.Contains(have, m[1]) {
				t.Errorf("%s: no icon %q", name(p), m[1])
			}
		}
	}
}

// Every class a component writes is known to the style sheet: a typing mistake shows here.
func TestClassesExist(t *testing.T) {
	var css bytes.Buffer
	files, err := filepath.Glob("../../../assets/css/*.css")
	if err != nil || len(files) == 0 {
		t.Fatalf("no style sheets: %v", err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		css.Write(b)
	}
	known := map[string]bool{"num": true} // a figure; the body's tabular figures are enough
	for _, m := range regexp.MustCompile(`\.([a-zA-Z][\w-]*)`).FindAllSubmatch(css.Bytes(), -1) {
		known[string(m[1])] = true
	}
	for _, p := range Pages() {
		for _, m := range class.FindAllStringSubmatch(render(t, p, lang.Vietnamese), -1) {
			for c := range strings.FieldsSeq(m[1]) {
				if !known[c] {
					t.Errorf("%s: class %q is not in the style sheet", name(p), c)
				}
			}
		}
	}
}

func TestHandler(t *testing.T) {
	for path, want := range map[string]int{"/": 200, "/desk": 200, "/desk?lang=en": 200, "/none": 404, "/assets/icons.svg": 200, "/assets/none.svg": 404} {
		w := httptest.NewRecorder()
		Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
		if strings.Contains(path, "lang=en") && !strings.Contains(w.Body.String(), `<html lang="en">`) {
			t.Errorf("%s is not in English", path)
		}
	}
}

func BenchmarkDesk(b *testing.B) {
	var out bytes.Buffer
	for _, p := range Pages() {
		if p.Path != "/desk" {
			continue
		}
		for b.Loop() {
			out.Reset()
			if err := p.Draw(p.frame(lang.Vietnamese, p.Path)).Render(context.Background(), &out); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(out.Len()), "bytes/page")
	}
}
