package law_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"datmui/law"
)

var (
	citation = regexp.MustCompile(`// law: (.*)`)
	place    = regexp.MustCompile(`^([a-z-]+\.md) (\d+(?:\.\d+)?)`)
	check    = regexp.MustCompile(`18\.2 ([AE]\d+)`)
)

// Every citation names a place that stands in the list.
func TestCitations(t *testing.T) {
	seen := 0
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "data" && !strings.Contains(path, "/") || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".sql") && !strings.HasSuffix(path, ".templ") || strings.HasPrefix(path, "law/") {
			return nil
		}
		b, err := os.ReadFile("../" + path)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(b), "\n") {
			m := citation.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			seen++
			p := place.FindStringSubmatch(m[1])
			if p == nil {
				t.Errorf("%s:%d cites %q, which names no file and section", path, i+1, m[1])
			} else if !law.Stands(p[1], p[2]) {
				t.Errorf("%s:%d cites %s %s, which does not stand in the list", path, i+1, p[1], p[2])
			}
			for _, c := range check.FindAllStringSubmatch(m[1], -1) {
				if len(c[1]) > 3 {
					t.Errorf("%s:%d cites the check %s, which does not exist", path, i+1, c[1])
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 50 {
		t.Errorf("only %d citations were found: does the test still look in the right place?", seen)
	}
}
