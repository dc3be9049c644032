package htmlcheck

import (
	"slices"
	"testing"
)

func TestFragment(t *testing.T) {
	for name, tt := range map[string]struct {
		in   string
		want []string
	}{
		"nothing wrong":       {`<h2 id="a">A</h2><br><label for="b">B</label><input id="b" name="b"><a href="#a">up</a>`, nil},
		"not closed":          {`<p><b>x</b>`, []string{"not closed: [p]"}},
		"closed crosswise":    {`<p><b>x</p></b>`, []string{"</p> closes [p b]", "</b> closes []"}},
		"id twice":            {`<p id="a"></p><p id="a"></p>`, []string{`id "a" stands twice`}},
		"inline style":        {`<p style="color:red"></p>`, []string{"<p> has an inline style"}},
		"inline handler":      {`<p onclick="x()"></p>`, []string{"<p> has an inline onclick"}},
		"inline script":       {`<script>x()</script>`, []string{"an inline script"}},
		"script of a file":    {`<script src="/a.js"></script>`, nil},
		"link to nowhere":     {`<a href="#x">x</a>`, []string{"a link leads to #x, which is not there"}},
		"described nowhere":   {`<p aria-describedby="x y" id="y"></p>`, []string{"aria-describedby leads to #x, which is not there"}},
		"no label":            {`<input name="q">`, []string{`the control "q" has no label`}},
		"label around":        {`<label>Q <input name="q"></label>`, nil},
		"hidden needs none":   {`<input type="hidden" name="q">`, nil},
		"heading jumped":      {`<h2></h2><h4></h4>`, []string{"<h4> follows <h2>"}},
		"heading goes up":     {`<h2></h2><h3></h3><h2></h2>`, nil},
		"image without alt":   {`<img src="/a.png">`, []string{"an image without alt"}},
		"attribute twice":     {`<p class="a" class="b"></p>`, []string{`class twice in <p class="a" class="b">`}},
		"svg with self-close": {`<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Fragment(tt.in); !slices.Equal(got, tt.want) {
				t.Errorf("%s\n got %q\nwant %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestPage(t *testing.T) {
	good := `<!doctype html><html lang="vi"><head><title>A</title></head><body><main><h1>A</h1></main></body></html>`
	if got := Page(good); got != nil {
		t.Errorf("a good page: %q", got)
	}
	want := []string{"html has no lang", "the title is empty", "2 h1, want one", "0 main, want one"}
	if got := Page(`<html><body><svg><title>x</title></svg><h1>A</h1><h1>B</h1></body></html>`); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Whatever comes in, the check ends and says the same twice.
func FuzzFragment(f *testing.F) {
	f.Add(`<p id=a><b>x</p>`)
	f.Add(`<input name="q"><label for=`)
	f.Add(`<!doctype html><svg/><script>`)
	f.Fuzz(func(t *testing.T, s string) {
		if a, b := Fragment(s), Fragment(s); !slices.Equal(a, b) {
			t.Errorf("%q then %q", a, b)
		}
	})
}
