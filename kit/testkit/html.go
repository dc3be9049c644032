package testkit

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Doc is a parsed page.
type Doc struct {
	*Node
}

// Node is an element of a page. The nil Node is one that was not found: asking it for
// anything fails the test.
type Node struct {
	t testing.TB
	n *html.Node
}

// HTML parses a page given as string, []byte or io.Reader.
func HTML(t testing.TB, body any) *Doc {
	t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case string:
		r = strings.NewReader(b)
	case []byte:
		r = strings.NewReader(string(b))
	case io.Reader:
		r = b
	default:
		t.Fatalf("testkit: %T is no page", body)
	}
	n, err := html.Parse(r)
	if err != nil {
		t.Fatalf("testkit: page: %v", err)
	}
	return &Doc{&Node{t, n}}
}

// Find returns the elements below n that match, in the order of the page. The selector is
// the simple part of CSS: tag, #id, .class, [name], [name=value], [name^=value], combined
// and with blanks for "somewhere below", such as `form[action="/desk"] input.wide`.
func (n *Node) Find(selector string) []*Node {
	n.t.Helper()
	steps := parseSelector(n.t, selector)
	found := []*html.Node{n.n}
	for _, step := range steps {
		var next []*html.Node
		seen := map[*html.Node]bool{}
		for _, from := range found {
			for d := range from.Descendants() {
				if d.Type == html.ElementNode && !seen[d] && step.matches(d) {
					seen[d] = true
					next = append(next, d)
				}
			}
		}
		found = next
	}
	nodes := make([]*Node, len(found))
	for i, f := range found {
		nodes[i] = &Node{n.t, f}
	}
	return nodes
}

// Must returns the first match and fails the test when there is none.
func (n *Node) Must(selector string) *Node {
	n.t.Helper()
	found := n.Find(selector)
	if len(found) == 0 {
		n.t.Fatalf("the page has no %s; it reads:\n%s", selector, n.Text())
	}
	return found[0]
}

// Has says whether anything matches.
func (n *Node) Has(selector string) bool {
	n.t.Helper()
	return len(n.Find(selector)) > 0
}

// Text is all text below the node, its words joined by single spaces; scripts and styles
// are no text.
func (n *Node) Text() string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(x *html.Node) {
		switch {
		case x.Type == html.TextNode:
			b.WriteString(x.Data)
		case x.Type == html.ElementNode && (x.Data == "script" || x.Data == "style"):
			return
		case x.Type == html.ElementNode && !inline[x.Data]:
			b.WriteByte(' ')
		}
		for c := range x.ChildNodes() {
			walk(c)
		}
		if x.Type == html.ElementNode && !inline[x.Data] {
			b.WriteByte(' ')
		}
	}
	walk(n.n)
	return squeeze(b.String())
}

var inline = map[string]bool{"a": true, "abbr": true, "b": true, "bdi": true, "code": true, "em": true,
	"i": true, "kbd": true, "mark": true, "small": true, "span": true, "strong": true, "sub": true, "sup": true, "time": true, "u": true}

// Attr is the value of an attribute, "" when it is missing.
func (n *Node) Attr(name string) string {
	v, _ := attr(n.n, name)
	return v
}

// Wants fails the test for every text the node does not show.
func (n *Node) Wants(texts ...string) {
	n.t.Helper()
	all := n.Text()
	for _, text := range texts {
		if !strings.Contains(all, squeeze(text)) {
			n.t.Errorf("the page does not say %q; it reads:\n%s", text, all)
		}
	}
}

type step struct {
	tag   string
	conds []cond
}

type cond struct{ name, op, value string }

func (s step) matches(n *html.Node) bool {
	if s.tag != "" && n.Data != s.tag {
		return false
	}
	for _, c := range s.conds {
		v, ok := attr(n, c.name)
		switch {
		case !ok,
			c.op == "=" && v != c.value,
			c.op == "^=" && !strings.HasPrefix(v, c.value),
			c.op == "~=" && !word(v, c.value):
			return false
		}
	}
	return true
}

func word(list, w string) bool {
	for f := range strings.FieldsSeq(list) {
		if f == w {
			return true
		}
	}
	return false
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

var (
	partRE = regexp.MustCompile(`^(?:\*|([a-z][a-z0-9-]*)|#([\w-]+)|\.([\w-]+)|\[([\w:-]+)(?:(\^?=)(?:"([^"]*)"|'([^']*)'|([^\]"']*)))?\])`)
)

func parseSelector(t testing.TB, selector string) []step {
	t.Helper()
	var steps []step
	rest := strings.TrimSpace(selector)
	for rest != "" {
		var s step
		began := rest
		for rest != "" && rest[0] != ' ' {
			m := partRE.FindStringSubmatch(rest)
			if m == nil {
				t.Fatalf("testkit: cannot read the selector %q at %q", selector, rest)
			}
			switch {
			case m[1] != "":
				s.tag = m[1]
			case m[2] != "":
				s.conds = append(s.conds, cond{"id", "=", m[2]})
			case m[3] != "":
				s.conds = append(s.conds, cond{"class", "~=", m[3]})
			case m[4] != "":
				s.conds = append(s.conds, cond{m[4], m[5], m[6] + m[7] + m[8]})
			}
			rest = rest[len(m[0]):]
		}
		if began == rest {
			t.Fatalf("testkit: cannot read the selector %q", selector)
		}
		steps = append(steps, s)
		rest = strings.TrimLeft(rest, " ")
	}
	return steps
}
