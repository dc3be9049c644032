package letters

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"

	"datmui/kit/fault"
)

// Template is a paper with gaps: "{name}" in a text stands for the value of the field name.
// A new procedure brings a template, no code.
type Template struct {
	Procedure  string   `toml:"procedure"`  // code of the procedure whose result this is
	Recipients []string `toml:"recipients"` // "Nơi nhận", without dash and semicolon
	Title      string   `toml:"title"`
	Subject    string   `toml:"subject"`
	Symbol     string   `toml:"symbol"` // usual symbol after the number; the caller may set another
	Size       float64  `toml:"size"`
	Fields     []Field  `toml:"fields"`
	Lists      []Field  `toml:"lists"` // tables: rows of cells
	Body       []Block  `toml:"body"`
}

// Field is one value a template takes.
type Field struct {
	Key      string `toml:"key"`
	Label    string `toml:"label"` // for the person who fills it in
	Required bool   `toml:"required"`
}

//go:embed results/*.toml
var resultFiles embed.FS

var results = sync.OnceValue(func() map[string]Template {
	out := map[string]Template{}
	entries, err := resultFiles.ReadDir("results")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		text, err := resultFiles.ReadFile("results/" + e.Name())
		if err != nil {
			panic(err)
		}
		t, err := ParseTemplate(text)
		if err != nil {
			panic(fmt.Sprintf("letters: %s: %v", e.Name(), err)) // compiled in and tested
		}
		out[t.Procedure] = t
	}
	return out
})

// Result returns the template of a procedure's result.
func Result(procedure string) (Template, bool) {
	t, ok := results()[procedure]
	return t, ok
}

// Procedures lists the procedures whose results have a template.
func Procedures() []string {
	var out []string
	for p := range results() {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

var gap = regexp.MustCompile(`\{([a-z0-9_]+)\}`)

// ParseTemplate reads a template and refuses one that asks for a value it does not declare.
func ParseTemplate(text []byte) (Template, error) {
	var t Template
	meta, err := toml.Decode(string(text), &t)
	if err != nil {
		return Template{}, fmt.Errorf("reading a template: %w", err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return Template{}, fmt.Errorf("a template does not know %q", extra[0])
	}
	for key := range t.keys() {
		if !slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Key == key }) {
			return Template{}, fmt.Errorf("a template uses {%s} but declares no such field", key)
		}
	}
	for _, b := range t.Body {
		if b.From != "" && !slices.ContainsFunc(t.Lists, func(f Field) bool { return f.Key == b.From }) {
			return Template{}, fmt.Errorf("a template uses the list %q but declares no such list", b.From)
		}
	}
	return t, nil
}

// keys collects every value the texts of the template name.
func (t Template) keys() map[string]bool {
	out := map[string]bool{}
	see := func(texts ...string) {
		for _, text := range texts {
			for _, m := range gap.FindAllStringSubmatch(text, -1) {
				out[m[1]] = true
			}
		}
	}
	named := func(key string) {
		if key != "" {
			out[key] = true
		}
	}
	see(t.Title, t.Subject, t.Symbol)
	see(t.Recipients...)
	for _, b := range t.Body {
		see(b.Label, b.Text)
		named(b.When)
		for _, r := range b.Rows {
			see(r.Label, r.Value)
			named(r.When)
		}
		for _, cells := range b.Cells {
			see(cells...)
		}
	}
	return out
}

// Fill puts values into the gaps. A required value that is missing is a fault.Fields; any
// other that is missing shows as "…", or leaves out the row or block whose When names it.
// The caller adds issuer, number, signer and code.
func (t Template) Fill(values map[string]string, lists map[string][][]string) (Paper, error) {
	missing := fault.Fields{}
	for _, f := range t.Fields {
		if f.Required && tidy(values[f.Key]) == "" {
			missing.Set(f.Key, "required")
		}
	}
	for _, f := range t.Lists {
		if f.Required && len(lists[f.Key]) == 0 {
			missing.Set(f.Key, "required")
		}
	}
	if missing.Any() {
		return Paper{}, missing
	}
	put := func(text string) string {
		return gap.ReplaceAllStringFunc(text, func(m string) string {
			if v := values[m[1:len(m)-1]]; strings.TrimSpace(v) != "" {
				return v
			}
			return "…"
		})
	}
	var to []string
	for _, r := range t.Recipients {
		to = append(to, put(r))
	}
	p := Paper{Recipients: to, Title: put(t.Title), Subject: put(t.Subject), Symbol: put(t.Symbol), Size: t.Size}
	for _, b := range t.Body {
		if b.When != "" && tidy(values[b.When]) == "" {
			continue
		}
		b.Label, b.Text = put(b.Label), put(b.Text)
		b.Rows = fillRows(b.Rows, values, put)
		if b.From != "" {
			b.Cells = lists[b.From]
		}
		p.Body = append(p.Body, b)
	}
	return p, nil
}

func fillRows(rows []Row, values map[string]string, put func(string) string) []Row {
	var out []Row
	for _, r := range rows {
		if r.When != "" && tidy(values[r.When]) == "" {
			continue
		}
		r.Label, r.Value = put(r.Label), put(r.Value)
		out = append(out, r)
	}
	return out
}
