// Package law lists the sections of the notes on law and practice that code cites as
//
//	// law: public-services.md 6.2 — the clause in one line
//
// so that no comment cites what does not stand anywhere. The notes themselves name for each fact
// the legal text it comes from and how sure it is.
package law

import (
	_ "embed"
	"strings"
)

//go:embed sections.tsv
var sections string

// Section is a place that may be cited.
type Section struct{ File, Number, Title string }

// Sections lists all places that may be cited.
func Sections() []Section {
	var out []Section
	for line := range strings.Lines(sections) {
		f := strings.SplitN(strings.TrimSpace(line), "\t", 3)
		out = append(out, Section{f[0], f[1], f[2]})
	}
	return out
}

// Stands says whether a file and section may be cited.
func Stands(file, number string) bool {
	for _, s := range Sections() {
		if s.File == file && s.Number == number {
			return true
		}
	}
	return false
}
