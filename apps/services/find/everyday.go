package find

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// everydayTxt says how people call what the catalogue calls otherwise; how to write it is said at
// its top.
//
//go:embed everyday.txt
var everydayTxt string

// everyday is that file, read.
type everyday struct {
	filler  map[string]bool       // words that say nothing about what is looked for
	means   map[string][][]string // first word → what is said, the longest first; each in pairs with stands
	stands  map[string][]string   // what is said → what the catalogue says
	phrases map[string][]string   // code → what people type for it
}

var codeLine = regexp.MustCompile(`^\d\.\d{6}$`)

// readEveryday reads the file, or says which line is wrong.
func readEveryday(text string) (everyday, error) {
	e := everyday{filler: map[string]bool{}, means: map[string][][]string{}, stands: map[string][]string{}, phrases: map[string][]string{}}
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		head, tail, ok := strings.Cut(line, ":")
		head, tail = strings.TrimSpace(head), strings.TrimSpace(tail)
		switch {
		case ok && head == "filler":
			for _, w := range plains(tail) {
				e.filler[w] = true
			}
		case ok && codeLine.MatchString(head):
			for p := range strings.SplitSeq(tail, ";") {
				if p = strings.TrimSpace(p); p == "" {
					return e, fmt.Errorf("line %d: an empty phrase", n+1)
				}
				e.phrases[head] = append(e.phrases[head], p)
			}
		default:
			said, means, ok := strings.Cut(line, "=")
			to := plains(means)
			if !ok || len(to) == 0 {
				return e, fmt.Errorf("line %d is neither “filler:”, “code: phrases” nor “said = meant”", n+1)
			}
			for s := range strings.SplitSeq(said, ";") {
				from := plains(s)
				if len(from) == 0 {
					return e, fmt.Errorf("line %d: an empty phrase", n+1)
				}
				key := strings.Join(from, " ")
				if _, twice := e.stands[key]; twice {
					return e, fmt.Errorf("line %d: %q has a meaning already", n+1, key)
				}
				e.stands[key] = to
				e.means[from[0]] = append(e.means[from[0]], from)
			}
		}
	}
	for _, list := range e.means {
		slices.SortStableFunc(list, func(a, b []string) int { return len(b) - len(a) })
	}
	return e, nil
}

// inCatalogue puts what is said into the words of the catalogue, the longest phrase first; said is
// nil where there is nothing to put.
func (e *everyday) inCatalogue(said []string) (out []string, changed bool) {
	for i := 0; i < len(said); {
		n := 0
		for _, from := range e.means[said[i]] {
			if len(from) <= len(said)-i && slices.Equal(from, said[i:i+len(from)]) {
				n = len(from)
				break
			}
		}
		if n == 0 {
			out = append(out, said[i])
			i++
			continue
		}
		out = append(out, e.stands[strings.Join(said[i:i+n], " ")]...)
		i += n
		changed = true
	}
	return out, changed
}
