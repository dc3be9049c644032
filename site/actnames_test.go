package site_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"datmui/kit/lang"
	_ "datmui/site" // brings in all texts
)

// actName is what names of acts look like: module, noun, verb.
var actName = regexp.MustCompile(`^(demo|` + strings.Join(slices.Concat(blocks, apps), "|") + `)(\.[a-z-]+)+$`)

// Every act that the log can hold has a name in words, in both languages: people read there who
// did what with their records.
func TestActsHaveNames(t *testing.T) {
	acts := entries(t)
	for name, path := range acts {
		for _, tag := range lang.Tags {
			if ctx := lang.With(t.Context(), tag); !lang.Has(ctx, "act."+name) {
				t.Errorf("%s: the act %s has no text act.%s in %s", path, name, name, tag)
			}
		}
	}
	if len(acts) < 80 {
		t.Errorf("only %d acts were found: the test no longer sees how acts are named", len(acts))
	}
}

// entries are the names of all entries that the code writes into the log, each with a file that does.
func entries(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, root := range []string{"../blocks", "../apps", "../demo", "."} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || !writesEntry(call) {
					return true
				}
				for _, arg := range call.Args {
					lit, ok := arg.(*ast.BasicLit)
					if !ok || lit.Kind != token.STRING {
						continue
					}
					name, _ := strconv.Unquote(lit.Value)
					if !actName.MatchString(name) {
						continue
					}
					found[name] = path
					break
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// writesEntry says whether a call names what an entry of the log will be called.
func writesEntry(call *ast.CallExpr) bool {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		name = f.Sel.Name
	case *ast.Ident:
		name = f.Name
	}
	switch name {
	case "Act", "Batch", "Read", "NoteRead", "inspect", "begin", "setState", "end", "act", "onDossier", "change", "move":
		return true
	}
	return false
}
