//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/partners"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/pg"
	"datmui/kit/testkit"
	"datmui/kit/testkit/browser"
)

// roles are the accounts by whose eyes the pages are looked at; "" is a stranger.
var roles = []string{"", "congdan", "canbo.datmui", "thuly.datmui", "chutich.datmui", "vanthu.datmui", "thuquy.datmui", "quantri.datmui", "quantri", "thanhtra", "so.xaydung"}

// visit is a page to look at in the browser.
type visit struct {
	role, route, path string
	status            int
	html              string
}

// survey walks the site: it begins with every route that needs no id, follows the links it finds,
// and so comes to every page with real rows.
type survey struct {
	*province
	t      *testing.T
	mux    *http.ServeMux // which route a path belongs to
	came   map[string]bool
	shapes map[string]map[string]bool // what the pages of a route and a kind of reader were made of
	visits []visit
}

// none are the GET routes without a page of their own, and why.
var none = map[string]string{
	"GET /sign-in/vneid":                 "leads to the national identity",
	"GET /sign-in/vneid/callback":        "comes from the national identity",
	"GET /sign-in/step":                  "exists in the middle of a sign-in; the pages of identity are looked at in their own tests",
	"GET /apply/{draft}/go":              "leads to the next question",
	"GET /sign-in/link/{token}":          "leads to a new password once; looked at in identity's own tests",
	"GET /pki/ocsp/{request}":            "answers a program",
	"GET /pki/{file}":                    "answers a program",
	"GET /services/{code}/begin":         "leads to the first question",
	"GET /kept":                          "leads on where nothing was kept; looked at in the journey of a session that expires",
	"GET /assets/":                       "no page",
	"GET /files/{id}/thumb":              "a picture",
	"GET /files/{id}/pages/{page}":       "a picture",
	"GET /bills/{id}/qr.svg":             "a picture",
	"GET /bills/{id}/qr.png":             "a picture",
	"GET /api/receipts/{leaf}":           "answers a program",
	"GET /desk/bulks/{id}/job":           "a part of a page",
	"GET /desk/define/{code}/preview/go": "leads to the next question",

	"GET /api/v1/openapi.json":           "answers a program",
	"GET /api/v1/procedures":             "answers a program",
	"GET /api/v1/procedures/{code}":      "answers a program",
	"GET /api/v1/counters":               "answers a program",
	"GET /api/v1/dossiers":               "answers a program",
	"GET /api/v1/dossiers/{code}":        "answers a program",
	"GET /api/v1/dossiers/{code}/bills":  "answers a program",
	"GET /api/v1/dossiers/{code}/result": "answers a program",
	"GET /api/v1/webhooks":               "answers a program",
}

func newSurvey(t *testing.T, p *province) *survey {
	s := &survey{province: p, t: t, mux: http.NewServeMux(), came: map[string]bool{}, shapes: map[string]map[string]bool{}}
	for _, r := range p.Web.Routes() {
		if strings.HasPrefix(r.Pattern, "GET ") {
			s.mux.Handle(r.Pattern, http.NotFoundHandler())
		}
	}
	return s
}

func (s *survey) route(path string) string {
	r, err := http.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return ""
	}
	_, pattern := s.mux.Handler(r)
	return pattern
}

var (
	hrefs = regexp.MustCompile(`(?:href|src)="(/[^"#]*)`)
	shape = regexp.MustCompile(`<([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*/?>`)
	marks = regexp.MustCompile(`\b(class|type|role|aria-current|open|autofocus)(?:="([^"]*)")?`)
)

// fresh tells whether a page is made of something that no page of its route was made of before.
func (s *survey) fresh(key, html string) bool {
	seen := s.shapes[key]
	if seen == nil {
		seen = map[string]bool{}
		s.shapes[key] = seen
	}
	found := false
	for _, m := range shape.FindAllStringSubmatch(html, -1) {
		made := m[1]
		for _, a := range marks.FindAllStringSubmatch(m[2], -1) {
			made += " " + a[0]
		}
		if !seen[made] {
			seen[made], found = true, true
		}
	}
	return found
}

// walk follows the links as one role sees them. At most a few pages of a route are taken from one
// page, so that a long list is not walked to its end.
func (s *survey) walk(role string, paths []string) {
	c := s.session(s.t, role)
	kind := "official"
	if role == "" || strings.HasPrefix(role, "congdan") {
		kind = role
	}
	done, of, via := map[string]bool{}, map[string]int{}, map[string]string{}
	for len(paths) > 0 {
		path := paths[0]
		paths = paths[1:]
		route := s.route(path)
		if done[path] || route == "" || none[route] != "" || of[route] >= 25 {
			continue
		}
		done[path] = true
		of[route]++
		status := c.get(path)
		if landed := s.route(c.path); landed != route { // a redirect
			if !strings.HasPrefix(c.path, "/sign-in") {
				s.came[route] = true
			}
			if landed == "" || done[c.path] {
				continue
			}
			route, path, done[c.path] = landed, c.path, true
		}
		if status >= 500 || status == http.StatusNotFound {
			s.t.Errorf("%q opens %s from %s: %d", role, path, via[path], status)
			continue
		}
		s.came[route] = true
		if !strings.HasPrefix(c.kind, "text/html") {
			continue
		}
		if s.fresh(fmt.Sprint(route, kind, status), c.body) {
			s.visits = append(s.visits, visit{role, route, path, status, c.body})
		}
		from := map[string]int{}
		for _, m := range hrefs.FindAllStringSubmatch(c.body, -1) {
			next := strings.ReplaceAll(m[1], "&amp;", "&")
			to := s.route(next)
			if strings.HasPrefix(next, "/assets/") || strings.Contains(next, "lang=") || strings.Contains(next, "density=") || from[to] >= 12 {
				continue
			}
			if to == "" {
				s.t.Errorf("%s links to %s, which is no page", path, next)
				continue
			}
			if via[next] == "" {
				via[next] = path
			}
			from[to]++
			paths = append(paths, next)
		}
	}
}

// begins are where a role starts: the routes without an id, and drafts for the citizen.
func (s *survey) begins(role string) []string {
	var out []string
	for _, r := range s.Web.Routes() {
		if path, ok := strings.CutPrefix(r.Pattern, "GET "); ok && !strings.Contains(path, "{") {
			out = append(out, path)
		}
	}
	out = append(out, "/")
	switch role {
	case "congdan":
		out = append(append(out, s.drafts()...), s.filed...)
		partner, err := s.Partners.Enrol(s.as("quantri"), partners.EnrolIn{Client: audit.NewClient(), Name: "Phần mềm Kế toán Mũi", Contact: "kt@example.vn", Scopes: partners.Scopes, PerMinute: 60})
		s.must(err)
		out = append(out, "/partners/"+partner.String()+"/authorise", represent.PathFor(s.child(), "/dossiers"))
	case "canbo.datmui":
		person, err := pg.Value[string](s.db.Reader.Query(s.ctx, `SELECT person_id::text FROM identity.account WHERE name = 'congdan'`))
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, "/desk/intake/blank/1.004873")
		for _, code := range s.codes() {
			out = append(out, "/desk/intake?applicant="+person+"&procedure="+code)
		}
	case "quantri":
		const preview = "/desk/define/1.004873/preview"
		for _, page := range s.questions("1.004873") {
			out = append(out, preview+"/q/"+page)
		}
		const questions = "/desk/define/1.004873/questions"
		out = append(out, questions, questions+"/new?at=page:purpose", questions+"/q/purpose", questions+"/page/purpose", questions+"/section/purpose", "/desk/define/1.004873/versions/2")
		out = append(out, preview+"/papers", preview+"/where", preview+"/fee", preview+"/check")
	case "thuly.datmui":
		out = append(out, s.asked()...)
	case "":
		codes, err := pg.Values[string](s.db.Reader.Query(s.ctx, `SELECT verify FROM services.outgoing WHERE state = 'issued' ORDER BY verify LIMIT 2`))
		if err != nil {
			s.t.Fatal(err)
		}
		for _, code := range codes {
			out = append(out, "/verify/"+code, "/v/"+code)
		}
	}
	return out
}

// asked takes a dossier up, asks another body about it and orders its slip, and gives the pages of
// that. The body asked comes to its question from its desk.
func (s *survey) asked() []string {
	ctx := s.as("thuly.datmui")
	id, err := pg.Value[uuid.UUID](s.db.Reader.Query(s.ctx, `SELECT id FROM services.dossier WHERE competent_agency = 'ubnd-xa-dat-mui-2025' AND state = 1 AND fee_state = 'due' ORDER BY id LIMIT 1`))
	s.must(err)
	s.must(s.Services.Cash(s.as("thuquy.datmui"), services.CashIn{Dossier: id, Client: audit.NewClient(), Method: "cash"}))
	s.must(s.Services.Accept(s.as("canbo.datmui"), services.AcceptIn{Dossier: id, Client: audit.NewClient()}))
	s.must(s.Services.Take(ctx, services.TakeIn{Dossier: id, Client: audit.NewClient()}))
	s.must(s.Services.Consult(ctx, services.ConsultIn{Dossier: id, Client: audit.NewClient(), Bodies: []string{"so-xay-dung"}, Question: "Thửa đất có nằm trong quy hoạch không?", Number: 2, Unit: "wd"}))
	rec, err := s.Services.Dossier(ctx, id)
	s.must(err)
	order, err := s.Services.OrderBulk(ctx, services.BulkIn{Client: audit.NewClient(), Act: services.BulkSlips, Dossiers: []uuid.UUID{id}})
	s.must(err)
	at := "/desk/dossiers/" + id.String()
	return []string{at, at + "/receipt", "/desk/counter/screen", at + "/consult", "/desk/opinions/" + rec.Opinions[0].ID.String(), "/desk/bulk?act=slips&pick=" + id.String(), "/desk/bulks/" + order.String()}
}

// as is the context in which the official with an account acts.
func (s *survey) as(account string) context.Context {
	type official struct{ Person, Post uuid.UUID }
	o, err := pg.One[official](s.db.Reader.Query(s.ctx, `SELECT a.person_id AS person, p.id AS post FROM identity.account a
		JOIN directory.post p ON p.person_id = a.person_id WHERE a.name = $1 ORDER BY p.id LIMIT 1`, account))
	s.must(err)
	who, err := s.Directory.Actor(s.ctx, s.db.Reader, o.Person, o.Post, s.clock.Now())
	s.must(err)
	return actor.With(s.ctx, who)
}

// child is one for whom congdan has said that she acts.
func (s *survey) child() uuid.UUID {
	person, err := pg.Value[uuid.UUID](s.db.Reader.Query(s.ctx, `SELECT person_id FROM identity.account WHERE name = 'congdan'`))
	s.must(err)
	ctx := actor.With(s.ctx, actor.Actor{ID: person, Kind: actor.Citizen, Level: 2})
	var paper bytes.Buffer
	s.must(png.Encode(&paper, image.NewGray(image.Rect(0, 0, 60, 80))))
	file, err := s.Files.Receive(ctx, "giay-khai-sinh.png", &paper)
	s.must(err)
	party, err := s.Represent.Declare(ctx, represent.DeclareIn{Client: audit.NewClient(), Role: represent.Parent, Name: "Nguyễn Gia Bảo", Birth: "2016-05-04", Paper: file})
	s.must(err)
	return party
}

func (s *survey) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *survey) codes() []string {
	codes, err := pg.Values[string](s.db.Reader.Query(s.ctx, `SELECT code FROM services.procedure WHERE open ORDER BY code`))
	if err != nil || len(codes) < 12 {
		s.t.Fatalf("%d procedures: %v", len(codes), err)
	}
	return codes
}

// questions are the pages of a procedure's form.
func (s *survey) questions(code string) (out []string) {
	def, err := s.Services.Current(s.ctx, code, s.clock.Now())
	s.must(err)
	form, err := s.Forms.Current(def.Form)
	s.must(err)
	for _, section := range form.Sections {
		for _, page := range section.Pages {
			out = append(out, page.ID)
		}
	}
	return out
}

// drafts begins a draft of every procedure and lists all its pages.
func (s *survey) drafts() []string {
	var out []string
	c := s.session(s.t, "congdan")
	for _, code := range s.codes() {
		if status := c.post("/services/" + code + "/begin"); status != http.StatusOK {
			s.t.Errorf("beginning %s: %d", code, status)
			continue
		}
		at, _, _ := strings.Cut(c.path, "/q/")
		for _, page := range s.questions(code) {
			out = append(out, at+"/q/"+page)
		}
		out = append(out, at+"/papers", at+"/where")
	}
	return out
}

// pages looks at every page of the site: with axe on a phone and on a desk, light and dark, for
// words in the console, sideways scrolling and weight, and with an HTML validator of others.
func (p *province) pages(t *testing.T) {
	t.Run("rows", p.rows)
	s := newSurvey(t, p)
	for _, role := range roles {
		s.walk(role, s.begins(role))
	}
	for _, r := range p.Web.Routes() {
		if strings.HasPrefix(r.Pattern, "GET ") && !s.came[r.Pattern] && none[r.Pattern] == "" {
			t.Errorf("nobody comes to %s: let survey.begins find a row for it", r.Pattern)
		}
	}
	t.Logf("%d pages of %d routes", len(s.visits), len(s.came))
	t.Run("valid", func(t *testing.T) { validate(t, s.visits) })
	by := map[string][]visit{}
	for _, v := range s.visits {
		by[v.role] = append(by[v.role], v)
	}
	var mu sync.Mutex
	heaviest := map[string]string{}
	most := map[string]int64{}
	t.Run("seen", func(t *testing.T) {
		for _, role := range slices.Sorted(maps.Keys(by)) {
			t.Run(role, func(t *testing.T) {
				t.Parallel()
				b := p.tab(t, role)
				for _, v := range by[role] {
					area, w := see(b, v)
					mu.Lock()
					if w.Bytes > most[area] {
						most[area], heaviest[area] = w.Bytes, fmt.Sprintf("%s: %d bytes, %d of scripts, %d requests", v.path, w.Bytes, w.Script, w.Requests)
					}
					mu.Unlock()
				}
			})
		}
	})
	for area, what := range heaviest {
		t.Logf("heaviest page of %s: %s", area, what)
	}
}

// rows makes what the journeys do not: a bill, and a dossier that waits for the citizen.
func (p *province) rows(t *testing.T) {
	issued, err := pg.Value[int](p.db.Reader.Query(p.ctx, `SELECT count(*)::int FROM services.outgoing WHERE kind = 'result' AND state = 'issued'`))
	if err != nil {
		t.Fatal(err)
	}
	if issued == 0 { // the journeys were left out
		p.journey(t, marriage, way{1366, 768, true, func(b *browser.Tab) hands { return mouse{b} }, nil})
	}
	b := p.tab(t, "congdan")
	file(b, mouse{b}, "2.000635", marital, nil)
	prepare(b, mouse{b}, "2.000884", nil, nil) // a draft that wants nothing but to be sent
	p.filed = append(p.filed, b.Path())
	file(b, mouse{b}, "1.004873", map[string]string{"relationship": "self", "reissue": "no", "marital_state": "never", "purpose": "khac"}, nil)
	id := strings.Split(b.Path(), "/")[2]
	p.filed = append(p.filed, "/dossiers/"+id+"/filed", "/dossiers/"+id+"/supplement")
	born := time.Now().AddDate(0, -3, 0)
	file(b, mouse{b}, "2.000986", map[string]string{"relationship": "child", "authorised": "no", "abandoned": "no", "surrogacy": "no", "birth_proof_kind": "data", "father_declared": "no",
		"dwelling_consent": "yes", "dwelling_proof_kind": "data", "mother_birth_year": "1996", "child_birth_date.day": strconv.Itoa(born.Day()),
		"child_birth_date.month": strconv.Itoa(int(born.Month())), "child_birth_date.year": strconv.Itoa(born.Year())}, nil)
	p.filed = append(p.filed, b.Path(), strings.TrimSuffix(b.Path(), "/filed"))
	o := p.tab(t, "canbo.datmui")
	o.Go("/desk/dossiers/" + id)
	if !o.There("#act-ask form") {
		o.Click("#act-ask summary")
	}
	h := mouse{o}
	h.write(`#act-ask [name="what.0"]`, "Bản sao giấy khai sinh")
	h.write(`#act-ask [name="how.0"]`, "Chụp rõ cả hai mặt")
	h.write(`#act-ask [name=basis]`, "Điều 9 Nghị định 118/2025/NĐ-CP")
	o.Leaves("asking", func() { h.press("#act-ask form button:not([type=button])") })
	if o.There(".errors") {
		t.Errorf("asking is refused: %s", o.Says())
	}
}

// see looks at one page in the browser and weighs it.
func see(b *browser.Tab, v visit) (area string, w browser.Weight) {
	b.T.Helper()
	name := fmt.Sprintf("%s as %q", v.path, v.role)
	b.Size(360, 740)
	b.Theme("light")
	quiet := b.Words()
	w = b.Weigh(v.path)
	if n := browser.Eval[int](b, `document.querySelectorAll("h1").length`); n != 1 {
		b.T.Errorf("%s has %d h1", name, n)
	}
	b.Look(name)
	b.Size(1366, 768)
	b.Theme("dark")
	b.Look(name + " in the dark")
	quiet(name)

	area, bytes, script, requests := "citizens", int64(100<<10), int64(20<<10), 6
	if browser.Eval[bool](b, `!!document.querySelector(".app")`) {
		area, bytes, script, requests = "officials", 200<<10, 80<<10, 10
	}
	if w.Bytes > bytes || w.Script > script || w.Requests > requests || w.Fonts > 0 {
		b.T.Errorf("%s weighs %d bytes, %d of scripts, in %d requests with %d fonts: %s", name, w.Bytes, w.Script, w.Requests, w.Fonts, strings.Join(w.Files, " "))
	}
	return area, w
}

// validate has html-validate, which "npm ci" brings, judge the pages.
func validate(t *testing.T, visits []visit) {
	root, err := testkit.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir, names := t.TempDir(), map[string]visit{}
	for i, v := range visits {
		name := fmt.Sprintf("%03d.html", i)
		names[name] = v
		if err := os.WriteFile(filepath.Join(dir, name), []byte(v.html), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("node", filepath.Join(root, "node_modules", "html-validate", "bin", "html-validate.mjs"),
		"--config", filepath.Join(root, "e2e", "htmlvalidate.json"), "--formatter", "json", dir)
	out, err := cmd.Output()
	if _, findings := errors.AsType[*exec.ExitError](err); err != nil && !findings {
		t.Fatalf("html-validate is missing, run npm ci: %v", err)
	}
	var judged []struct {
		FilePath string `json:"filePath"`
		Messages []struct {
			RuleID, Message, Selector string
			Line, Severity            int
		} `json:"messages"`
	}
	if err := json.Unmarshal(out, &judged); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	said := map[string]bool{}
	for _, file := range judged {
		v := names[filepath.Base(file.FilePath)]
		for _, m := range file.Messages {
			what := fmt.Sprintf("%s: %s at %s", m.RuleID, m.Message, m.Selector)
			if !said[v.route+what] { // once for each route
				said[v.route+what] = true
				t.Errorf("%s (%s, line %d): %s", v.path, v.role, m.Line, what)
			}
		}
	}
}
