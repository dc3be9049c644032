// Package htmlcheck finds what is wrong with a page before a browser or a screen reader does. It
// is for tests of pages.
package htmlcheck

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

var void = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// Page checks a whole page: Fragment's rules, a language, a title, exactly one h1 and one main.
func Page(page string) []string {
	c := check(page)
	if c.lang == "" {
		c.say("html has no lang")
	}
	if strings.TrimSpace(c.title) == "" {
		c.say("the title is empty")
	}
	if c.count["h1"] != 1 {
		c.say("%d h1, want one", c.count["h1"])
	}
	if c.count["main"] != 1 {
		c.say("%d main, want one", c.count["main"])
	}
	return c.found
}

// Fragment checks a part of a page: every element is closed, no id stands twice, every label,
// aria-labelledby, aria-describedby and link within the page leads somewhere, every control has a
// name, no inline style or script (the content security policy forbids them), and no heading
// level is jumped over.
func Fragment(part string) []string { return check(part).found }

type checker struct {
	found []string
	ids   map[string]bool
	wants []want
	count map[string]int
	lang  string
	title string

	open     []string
	controls []control
	labels   map[string]bool
	heading  int
}

type want struct{ id, by string }

type control struct {
	name   string
	id     string
	inside bool // in a label
}

func (c *checker) say(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

func check(s string) *checker {
	c := &checker{ids: map[string]bool{}, count: map[string]int{}, labels: map[string]bool{}}
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				c.say("cannot be read: %v", z.Err())
			}
			c.end()
			return c
		case html.StartTagToken:
			c.twice(string(z.Raw())) // the tokenizer drops the second of two equal attributes
			t := z.Token()
			c.start(t)
			if !slices.Contains(void, t.Data) {
				c.open = append(c.open, t.Data)
			}
		case html.SelfClosingTagToken:
			c.start(z.Token())
		case html.EndTagToken:
			c.close(z.Token().Data)
		case html.TextToken:
			if len(c.open) > 1 && c.open[len(c.open)-1] == "title" && c.open[len(c.open)-2] == "head" {
				c.title += z.Token().Data
			}
		}
	}
}

var attribute = regexp.MustCompile(`\s([a-zA-Z][\w:.-]*)(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?`)

func (c *checker) twice(tag string) {
	seen := map[string]bool{}
	for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
		key := strings.ToLower(m[1])
		if seen[key] {
			c.say("%s twice in %s", key, tag)
		}
		seen[key] = true
	}
}

func (c *checker) close(name string) {
	if len(c.open) == 0 || c.open[len(c.open)-1] != name {
		c.say("</%s> closes %v", name, c.open)
		if i := slices.Index(c.open, name); i >= 0 {
			c.open = c.open[:i]
		}
		return
	}
	c.open = c.open[:len(c.open)-1]
}

func (c *checker) start(t html.Token) {
	c.count[t.Data]++
	a := map[string]string{}
	for _, x := range t.Attr {
		a[x.Key] = x.Val
		if x.Key == "style" || strings.HasPrefix(x.Key, "on") {
			c.say("<%s> has an inline %s", t.Data, x.Key)
		}
	}
	if id, ok := a["id"]; ok {
		if id == "" || strings.ContainsAny(id, " \t\n") {
			c.say("<%s> has the bad id %q", t.Data, id)
		}
		if c.ids[id] {
			c.say("id %q stands twice", id)
		}
		c.ids[id] = true
	}
	for _, key := range []string{"aria-labelledby", "aria-describedby", "aria-controls", "popovertarget", "form", "list"} {
		for id := range strings.FieldsSeq(a[key]) {
			c.wants = append(c.wants, want{id, key})
		}
	}
	c.element(t.Data, a)
}

func (c *checker) element(name string, a map[string]string) {
	switch name {
	case "html":
		c.lang = a["lang"]
	case "style":
		c.say("a style element")
	case "script":
		if a["src"] == "" {
			c.say("an inline script")
		}
	case "img":
		if _, ok := a["alt"]; !ok {
			c.say("an image without alt")
		}
	case "a":
		if id, ok := strings.CutPrefix(a["href"], "#"); ok && id != "" {
			c.wants = append(c.wants, want{id, "a link"})
		}
	case "label":
		if a["for"] != "" {
			c.labels[a["for"]] = true
			c.wants = append(c.wants, want{a["for"], "a label"})
		}
	case "input", "select", "textarea":
		if a["type"] != "hidden" && a["aria-label"] == "" && a["aria-labelledby"] == "" {
			c.controls = append(c.controls, control{name: a["name"], id: a["id"], inside: slices.Contains(c.open, "label")})
		}
	case "h1", "h2", "h3", "h4", "h5", "h6":
		level := int(name[1] - '0')
		if c.heading > 0 && level > c.heading+1 {
			c.say("<%s> follows <h%d>", name, c.heading)
		}
		c.heading = level
	}
}

func (c *checker) end() {
	if len(c.open) > 0 {
		c.say("not closed: %v", c.open)
	}
	for _, w := range c.wants {
		if !c.ids[w.id] {
			c.say("%s leads to #%s, which is not there", w.by, w.id)
		}
	}
	for _, x := range c.controls {
		if !x.inside && !c.labels[x.id] {
			c.say("the control %q has no label", x.name)
		}
	}
}
