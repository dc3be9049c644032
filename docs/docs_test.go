// Package docs_test holds the documentation to what it says.
package docs_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"datmui/kit/testkit"
)

// fileBlock is a file that a page shows: its name in code, then what stands in it.
var fileBlock = regexp.MustCompile("(?m)^`([^`\n]+)`\n```\\w+\n((?s:.*?))^```$")

// TestAddingAModule writes the module of adding-a-module.md as the page says, wires it in as it
// says, and has everything compiled and tried: beside the tree, not in it.
func TestAddingAModule(t *testing.T) {
	root, err := testkit.Root()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("adding-a-module.md")
	if err != nil {
		t.Fatal(err)
	}
	// Its own root: testkit looks for migrations below the next go.mod.
	dir, overlay := t.TempDir(), map[string]string{}
	for _, m := range fileBlock.FindAllStringSubmatch(string(page), -1) {
		write(t, filepath.Join(dir, m[1]), m[2])
	}
	write(t, filepath.Join(dir, "site", "site.go"), wired(t, root))
	generate := exec.Command("go", "tool", "templ", "generate", "-path", dir)
	generate.Dir = root
	run(t, generate)
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			overlay[filepath.Join(root, strings.TrimPrefix(path, dir))] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	plan := filepath.Join(t.TempDir(), "overlay.json")
	write(t, plan, string(text))

	go_ := func(args ...string) {
		cmd := exec.Command("go", args...)
		cmd.Dir = root
		run(t, cmd)
	}
	go_("build", "-overlay", plan, "./apps/polls/...", "./site")
	binary := filepath.Join(t.TempDir(), "polls.test")
	go_("test", "-c", "-vet=off", "-overlay", plan, "-o", binary, "./apps/polls")

	copyMigrations(t, root, dir)
	write(t, filepath.Join(dir, "go.mod"), "module datmui\n")
	t.Cleanup(func() {
		t.Chdir(dir) // the cluster that the module's test has started below its own root
		if err := testkit.StopCluster(); err != nil {
			t.Error(err)
		}
	})
	try := exec.Command(binary, "-test.v")
	try.Dir = filepath.Join(dir, "apps", "polls")
	if out := run(t, try); !strings.Contains(out, "--- PASS: TestAsk") {
		t.Errorf("the test of the page was not run: %s", out)
	}
}

// wired is site.go with the three lines that the page says.
func wired(t *testing.T, root string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, "site", "site.go"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	lines := map[string]string{
		"demo.Migrations}":             "demo.Migrations, polls.Migrations}",
		"type Site struct {\n":         "type Site struct {\n\tPolls *polls.Module\n",
		"\tset := jobs.NewSet()\n":     "\ts.Polls = polls.New(polls.Config{DB: db.Reader, Book: s.Book})\n\tset := jobs.NewSet()\n",
		"\t\tauditpage.New(":           "\t\tpollspage.New(s.Polls).Routes(),\n\t\tauditpage.New(",
		"\t\"datmui/apps/services\"\n": "\t\"datmui/apps/polls\"\n\t\"datmui/apps/polls/pollspage\"\n\t\"datmui/apps/services\"\n",
	}
	for old, is := range lines {
		if !strings.Contains(text, old) {
			t.Fatalf("site.go has no place %q", old)
		}
		text = strings.Replace(text, old, is, 1)
	}
	return text
}

func copyMigrations(t *testing.T, root, to string) {
	t.Helper()
	files, err := exec.Command("git", "-C", root, "ls-files", "*/migrations/*.sql").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(string(files)) {
		b, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(to, name), string(b))
	}
}

func run(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
