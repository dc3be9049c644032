package site_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"datmui/kit/testkit"
)

// blocks in stack order: each may use those before it, none those after it. A new block is added
// where it belongs.
var blocks = []string{"audit", "directory", "calendar", "notify", "identity", "files", "represent", "numbering", "letters", "forms",
	"worklist", "sign", "records", "pay", "partners", "booking", "exchange", "indicators"}

// apps of the province: each may use every block and no other app.
var apps = []string{"services", "documents", "feedback", "health", "market", "tourism", "groups", "events", "campaigns",
	"indices", "datahub", "portal"}

// mayImport is the table of the house: who may import whom, both as paths below the module. It
// says why not, or "" where it may.
func mayImport(from, to string) string {
	room, name := rooms(from)
	toRoom, toName := rooms(to)
	switch toRoom {
	case "assets", "law": // data, no code of a layer
		return ""
	case "kit":
		return ""
	}
	switch room {
	case "kit":
		return "kit knows no subject: it imports kit and assets only"
	case "sim":
		if toRoom == "sim" {
			return ""
		}
		return "sim is the outside world: it imports kit only"
	case "block":
		switch {
		case toRoom != "block":
			return "a block knows no use case: it imports kit and lower blocks only"
		case name != toName && slices.Index(blocks, toName) > slices.Index(blocks, name):
			return "the stack goes downward: " + name + " is below " + toName
		}
		return ""
	case "app":
		switch {
		case toRoom == "app" && name != toName:
			return "an app never imports another app: what one needs of the other is a seam of the site"
		case toRoom != "app" && toRoom != "block":
			return "an app is built from kit and blocks"
		}
		return ""
	case "demo":
		if toRoom == "site" || toRoom == "cmd" {
			return "the demonstration province is loaded by the site, it does not know it"
		}
		return ""
	case "site":
		if toRoom == "cmd" {
			return "commands call the site"
		}
		return ""
	case "examples":
		return "an example speaks to the API alone"
	case "cmd", "bench", "e2e":
		return ""
	case "assets", "law", "scripts":
		return "imports kit only"
	}
	return "is in a folder the table does not know"
}

// rooms says in which part of the house a package lies, and of which block or app it is a room.
func rooms(pkg string) (room, name string) {
	parts := strings.Split(pkg, "/")
	switch parts[0] {
	case "blocks", "apps":
		return strings.TrimSuffix(parts[0], "s"), parts[1]
	}
	return parts[0], ""
}

// The table itself, by example: a test of imports that allows everything would be worth nothing.
func TestTableOfImports(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		may      bool
	}{
		{"kit/web", "kit/fault", true},
		{"kit/ui", "assets", true},
		{"kit/web", "blocks/audit", false},
		{"blocks/audit", "kit/pg", true},
		{"blocks/identity", "blocks/notify", true},
		{"blocks/notify", "blocks/identity", false},
		{"blocks/directory/directorypage", "blocks/audit", true},
		{"blocks/directory/directorypage", "blocks/identity/identitypage", false},
		{"blocks/sign/cms", "blocks/sign/pdf", true},
		{"blocks/pay", "apps/services", false},
		{"blocks/pay", "site", false},
		{"apps/services", "blocks/pay", true},
		{"apps/services/servicespage", "apps/services", true},
		{"apps/portal/portalpage", "apps/services", false},
		{"apps/services", "site", false},
		{"apps/services", "demo", false},
		{"sim/vneid", "kit/clock", true},
		{"sim/vneid", "blocks/identity", false},
		{"site", "apps/services", true},
		{"demo", "apps/services", true},
		{"demo", "site", false},
		{"newfolder", "blocks/audit", false},
	} {
		if why := mayImport(tt.from, tt.to); (why == "") != tt.may {
			t.Errorf("%s → %s: allowed %v, want %v (%s)", tt.from, tt.to, why == "", tt.may, why)
		}
	}
}

// outside lists what rooms may not take from outside the module, and why.
func outside(from, to string) string {
	room, name := rooms(from)
	last := path.Base(from)
	page := strings.HasSuffix(last, "page") || strings.HasSuffix(last, "api")
	switch {
	case page && (strings.HasPrefix(to, "github.com/jackc/pgx") || to == "database/sql" || to == "datmui/kit/pg"):
		return "pages are given the module, never the database"
	case room == "app" && !page && to == "net/http":
		return "acts know no HTTP"
	case room == "block" && !page && from == "blocks/"+name && to == "net/http" && !slices.Contains(speakHTTP, name):
		return "what a block does knows no HTTP: its pages or a room of its own do"
	}
	return ""
}

// speakHTTP are the blocks whose subject is HTTP itself.
var speakHTTP = []string{"identity"}

func TestImports(t *testing.T) {
	root, err := testkit.Root()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); file != root && (n[0] == '.' || n == "node_modules" || n == "testdata" || n == "data" || n == "bin") {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		from := path.Dir(rel)
		seen[from] = true
		for _, spec := range parsed.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := outside(from, to); why != "" {
				t.Errorf("%s imports %s: %s", rel, to, why)
			}
			if inner, ok := strings.CutPrefix(to, "datmui/"); ok {
				if why := mayImport(from, inner); why != "" {
					t.Errorf("%s imports %s: %s", rel, to, why)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, must := range []string{"kit/web", "blocks/audit", "apps/services/servicespage", "site", "sim/vneid"} {
		if !seen[must] {
			t.Errorf("%s was not looked at", must)
		}
	}
	for pkg := range seen {
		switch room, name := rooms(pkg); {
		case room == "block" && !slices.Contains(blocks, name):
			t.Errorf("the block %s has no place in the stack yet", name)
		case room == "app" && !slices.Contains(apps, name):
			t.Errorf("the app %s is not listed yet", name)
		}
	}
}

// Forms are read one way: kit/web reads them, and blocks/files/filespage where files go on as they
// come; both make what people typed Text. Nobody else takes a body apart.
func TestFormsAreReadOneWay(t *testing.T) {
	for _, root := range []string{"../blocks", "../apps", "."} {
		err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || strings.HasSuffix(p, "filespage/form.go") {
				return err
			}
			raw, err := os.ReadFile(p)
			for _, call := range []string{".ParseMultipartForm(", ".MultipartReader("} {
				if strings.Contains(string(raw), call) {
					t.Errorf("%s reads a form itself (%s...): web.Multipart does", p, call)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
