// Package assets holds the style sheet, the scripts and the icons, and serves them. What
// build.mjs made is served under names with a content hash, compressed beforehand, for good.
// Without a build the sources are served as they are: everything works, only larger.
package assets

import (
	"bytes"
	"embed"
	"encoding/json"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed all:dist css js icons.svg icon.svg
var files embed.FS

// Root is the path under which the site must mount Handler.
const Root = "/assets/"

// Store knows the files of one build.
type Store struct {
	fsys     fs.FS
	manifest map[string]string // name → file in dist; empty without a build
	sources  map[string]string // name → source file
}

// Sources are the files as they were written, for tests and the gallery.
var Sources fs.FS = files

// Built is what this program carries.
var Built = Open(files)

// Open reads a folder with dist, css, js and the icons.
func Open(fsys fs.FS) *Store {
	s := &Store{fsys: fsys, manifest: map[string]string{}, sources: map[string]string{}}
	if b, err := fs.ReadFile(fsys, "dist/manifest.json"); err == nil {
		if err := json.Unmarshal(b, &s.manifest); err != nil {
			panic("assets: manifest.json: " + err.Error())
		}
	}
	for _, pattern := range []string{"css/*.css", "js/*.js", "*.svg"} {
		found, _ := fs.Glob(fsys, pattern) // the patterns are constant and right
		for _, f := range found {
			s.sources[path.Base(f)] = f
		}
	}
	return s
}

// URL returns the address of an asset by its plain name: "app.css", "app.js", "icons.svg".
func URL(name string) string { return Built.URL(name) }

// Handler serves what URL names.
func Handler() http.Handler { return Built }

// URL returns the address of an asset by its plain name.
func (s *Store) URL(name string) string {
	if f, ok := s.manifest[name]; ok {
		return Root + f
	}
	if f, ok := s.sources[name]; ok {
		return Root + f
	}
	return Root + name
}

// Has says whether there is such an asset; htmx is there only after a build.
func (s *Store) Has(name string) bool { return s.manifest[name] != "" || s.sources[name] != "" }

// IsBuilt says whether build.mjs has run.
func (s *Store) IsBuilt() bool { return len(s.manifest) > 0 }

func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, Root)
	if !ok || !fs.ValidPath(name) || name == "manifest.json" {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	file, hashed := "dist/"+name, true
	if _, err := fs.Stat(s.fsys, file); err != nil || strings.HasPrefix(name, ".") {
		file, hashed = name, false
		if s.sources[path.Base(name)] != name {
			http.NotFound(w, r)
			return
		}
	}
	h.Set("Content-Type", kind(name))
	h.Set("Cache-Control", "no-cache")
	if hashed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Vary", "Accept-Encoding")
		for _, e := range []struct{ ending, name string }{{".br", "br"}, {".gz", "gzip"}} {
			if b, err := fs.ReadFile(s.fsys, file+e.ending); err == nil && accepts(r, e.name) {
				h.Set("Content-Encoding", e.name)
				h.Set("Content-Length", strconv.Itoa(len(b)))
				if r.Method != http.MethodHead {
					_, _ = w.Write(b) // the reader has gone; nothing to tell anybody
				}
				return
			}
		}
	}
	b, err := fs.ReadFile(s.fsys, file)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
}

func kind(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// accepts reads Accept-Encoding; a coding refused by ";q=0" is not accepted.
func accepts(r *http.Request, coding string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(name) == coding {
			q := strings.TrimSpace(params)
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
