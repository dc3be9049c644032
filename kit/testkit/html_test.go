package testkit_test

import (
	"fmt"
	"strings"
	"testing"

	"datmui/kit/fault"
	"datmui/kit/testkit"
)

const page = `<!doctype html><title>Hồ sơ</title><style>p{}</style>
<main id="main" class="wide list">
  <h1>Hồ sơ <b>chờ</b>  tiếp nhận</h1><p>Một</p><p class="list-item">Hai</p>
  <form method="post" action="/desk/receive"><input name="code" value="H12"><button disabled>Gửi</button></form>
  <form action='/search'><input name="q" aria-label="Tìm hồ sơ"></form>
</main><script>var x = "no text"</script>`

func TestPagesAreRead(t *testing.T) {
	doc := testkit.HTML(t, page)
	for selector, want := range map[string]int{
		"main": 1, "form": 2, "form input": 2, "#main form[method=post] input": 1, "main.wide.list": 1,
		".list": 1, "p.list-item": 1, "[disabled]": 1, `form[action^="/desk"]`: 1, `[aria-label="Tìm hồ sơ"]`: 1,
		"main main": 0, ".item": 0, "[name=other]": 0, "*": 16, "button[disabled=x]": 0,
	} {
		if got := len(doc.Find(selector)); got != want {
			t.Errorf("%s finds %d, want %d", selector, got, want)
		}
		if got := doc.Has(selector); got != (want > 0) {
			t.Errorf("Has(%s) = %v", selector, got)
		}
	}
	if got := doc.Must("main").Text(); got != "Hồ sơ chờ tiếp nhận Một Hai Gửi" {
		t.Errorf("text is %q", got)
	}
	if got := doc.Must("form[method=post] input").Attr("value"); got != "H12" {
		t.Errorf("value is %q", got)
	}
	if got := testkit.HTML(t, strings.NewReader(page)).Must("title").Text(); got != "Hồ sơ" {
		t.Errorf("title is %q", got)
	}
	doc.Wants("Hồ sơ chờ tiếp nhận", "Một  Hai")
}

// probe is a test that may fail without failing ours.
type probe struct {
	testing.TB
	failed bool
}

func (p *probe) Helper()               {}
func (p *probe) Errorf(string, ...any) { p.failed = true }
func (p *probe) Fatalf(string, ...any) { p.failed = true; panic(p) }

func fails(t *testing.T, fn func(t testing.TB)) bool {
	t.Helper()
	p := &probe{TB: t}
	func() {
		defer func() {
			if r := recover(); r != nil && r != any(p) {
				panic(r)
			}
		}()
		fn(p)
	}()
	return p.failed
}

func TestWhatIsMissingOnAPageFails(t *testing.T) {
	for name, fn := range map[string]func(testing.TB){
		"element":  func(t testing.TB) { testkit.HTML(t, page).Must("table") },
		"text":     func(t testing.TB) { testkit.HTML(t, page).Wants("Ba") },
		"selector": func(t testing.TB) { testkit.HTML(t, page).Find("p > b") },
		"page":     func(t testing.TB) { testkit.HTML(t, 5) },
	} {
		if !fails(t, fn) {
			t.Errorf("a missing %s does not fail", name)
		}
	}
}

func TestWantError(t *testing.T) {
	conflict := fault.Conflict("dossier.state")
	for name, tt := range map[string]struct {
		err, want error
		fails     bool
	}{
		"none":            {nil, nil, false},
		"one too many":    {conflict, nil, true},
		"missing":         {nil, conflict, true},
		"wrapped":         {fmt.Errorf("deciding: %w", conflict), fault.Conflict("dossier.state"), false},
		"another":         {fault.NotFound("dossier"), conflict, true},
		"same fields":     {fmt.Errorf("in: %w", fault.Fields{"name": "required"}), fault.Fields{"name": "required"}, false},
		"another field":   {fault.Fields{"name": "required"}, fault.Fields{"code": "required"}, true},
		"one field more":  {fault.Fields{"name": "required", "code": "x"}, fault.Fields{"name": "required"}, true},
		"fields, no fail": {nil, fault.Fields{"name": "required"}, true},
	} {
		if got := fails(t, func(t testing.TB) { testkit.WantError(t, tt.err, tt.want) }); got != tt.fails {
			t.Errorf("%s: fails = %v, want %v", name, got, tt.fails)
		}
	}
}

func TestClockStandsInVietnam(t *testing.T) {
	c := testkit.Clock(t, "2026-09-07T09:15")
	if got := c.Now().Format("2006-01-02T15:04Z07:00"); got != "2026-09-07T02:15Z" {
		t.Errorf("the clock says %s", got)
	}
}
