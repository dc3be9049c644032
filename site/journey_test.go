package site_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/blocks/files/sandbox"
	"datmui/blocks/identity"
	"datmui/blocks/sign"
	"datmui/blocks/sign/verify"
	"datmui/demo"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
	"datmui/kit/testkit"
	"datmui/site"
)

// province is a small demonstration province that answers requests, with its clock in the test's hand.
type province struct {
	*site.Site
	url   string
	clock *clock.Fake
	world *demo.World
	data  string
	ctx   context.Context
	db    *pg.DB
}

// at is the moment at which the tests begin: Monday 23 November 2026, 8:06; the 24th is a day off.
var at = time.Date(2026, 11, 23, 1, 6, 0, 0, time.UTC)

const pin = "246810"

// The test binary is also the child that looks into files, and the program that is killed.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "sandbox" {
		if err := sandbox.Serve(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		return
	}
	if data := os.Getenv("DATMUI_TEST_PROVINCE"); data != "" {
		serveToBeKilled(data)
		return
	}
	code := m.Run()
	if seeded.data != "" {
		_ = os.RemoveAll(seeded.data)
	}
	os.Exit(code)
}

func open(t *testing.T, with ...func(*site.Options)) *province {
	t.Helper()
	p := &province{clock: clock.At(at), data: t.TempDir(), ctx: actor.With(t.Context(), actor.ForSystem("test"))}
	p.db = seeded.DB(t, fill)
	p.world = seeded.world
	if err := os.CopyFS(p.data, os.DirFS(seeded.data)); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	p.url = "http://localhost" + server.Listener.Addr().String()[strings.LastIndexByte(server.Listener.Addr().String(), byte(58)):]
	o := site.Options{Data: p.data, Origin: p.url, Demo: true, Clock: p.clock, Untimed: true, Log: slog.New(slog.DiscardHandler)}
	for _, change := range with {
		change(&o)
	}
	s, err := site.Build(p.ctx, p.db, o)
	if err != nil {
		t.Fatal(err)
	}
	p.Site = s
	server.Config.Handler = s.Handler()
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(func() { _ = s.Files.Close() })
	if err := s.Seed(p.ctx); err != nil { // as at every start
		t.Fatal(err)
	}
	if err := s.Jobs.Start(p.ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = s.Jobs.Stop(end)
	})
	return p
}

// seeded is the province with its bodies, people and named accounts, before anything happened in it:
// the database and the folder that every test begins with a copy of.
var seeded struct {
	testkit.Filled
	data  string
	world *demo.World
}

// fill seeds the province.
func fill(ctx context.Context, db *pg.DB) error {
	ctx = actor.With(ctx, actor.ForSystem("test"))
	var err error
	if seeded.data, err = os.MkdirTemp("", "datmui-seeded"); err != nil {
		return err
	}
	s, err := site.Build(ctx, db, site.Options{Data: seeded.data, Origin: "http://localhost", Demo: true, Clock: clock.At(at), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer s.Files.Close()
	if err := s.Seed(ctx); err != nil {
		return err
	}
	if seeded.world, err = demo.Province(ctx, demo.Config{Book: s.Book, Seed: 1, AsOf: at}); err != nil {
		return err
	}
	var accounts []identity.NewAccount
	for _, a := range seeded.world.Accounts {
		kind, level := identity.KindOfficial, 0
		if a.Position == "" {
			kind, level = identity.KindCitizen, 2
		}
		accounts = append(accounts, identity.NewAccount{Person: a.PersonID, Kind: kind, Name: a.Account, Level: level, About: a.What, AboutEn: a.WhatEn, At: at})
		if a.Position == "leader" || a.Position == "deputy" {
			if _, err := s.Sign.Issue(ctx, sign.Holder{Role: sign.Person, Person: a.PersonID, Agency: a.Agency, Name: a.Account, Org: a.Agency, PIN: pin}); err != nil {
				return err
			}
		}
	}
	return s.Book.Batch(ctx, "test.accounts", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		return identity.CreateAccounts(ctx, tx, accounts)
	})
}

// browser is one person's browser.
type browser struct {
	t    *testing.T
	p    *province
	http *http.Client
	path string // of the page shown
	body string
}

func (p *province) browser(t *testing.T, account string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, p: p, http: &http.Client{Jar: jar}}
	if account != "" {
		b.post("/demo/sign-in", "account", account)
	}
	return b
}

func (b *browser) take(r *http.Response, err error) int {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.path, b.body = r.Request.URL.Path, string(body)
	return r.StatusCode
}

func (b *browser) get(path string) int {
	b.t.Helper()
	r, err := b.http.Get(b.p.url + path)
	return b.take(r, err)
}

func (b *browser) try(path string, fields ...string) int {
	b.t.Helper()
	v := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	r, err := b.http.PostForm(b.p.url+path, v)
	return b.take(r, err)
}

// post must be accepted: it ends on a page that answers 200.
func (b *browser) post(path string, fields ...string) {
	b.t.Helper()
	if status := b.try(path, fields...); status != http.StatusOK {
		b.t.Fatalf("POST %s ended on %s with %d: %s", path, b.path, status, b.says())
	}
}

// says is what a person reads on the page.
func (b *browser) says() string {
	text := regexp.MustCompile(`(?s)<(script|style|svg)[^>]*>.*?</(script|style|svg)>|<[^>]*>`).ReplaceAllString(b.body, " ")
	text = strings.Join(strings.Fields(text), " ")
	return text[:min(len(text), 3000)]
}

func (b *browser) must(text string) {
	b.t.Helper()
	if !strings.Contains(b.body, text) {
		b.t.Errorf("%s does not say %q but: %s", b.path, text, b.says())
	}
}

// eventually waits for what a job does a moment later.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("waited for %s", what)
}

// The whole journey of procedure 1.004873: citizen → counter → case officer → leader's signature →
// clerk's number and seal → download → a stranger verifies it.
func TestMaritalStatusJourney(t *testing.T) {
	t.Parallel()
	p := open(t)
	citizen := p.browser(t, "congdan")
	id := citizen.file("1.004873", map[string]string{"relationship": "self", "reissue": "no", "marital_state": "never", "purpose": "khac"}, nil)

	counter := p.browser(t, "canbo.datmui")
	counter.get("/desk")
	counter.must("Cấp giấy xác nhận tình trạng hôn nhân")
	counter.get("/desk/dossiers/" + id)
	counter.must("Tiếp nhận")
	counter.post("/desk/dossiers/"+id+"/accept", "client", "accept-0001")
	// twice the same does nothing twice
	counter.post("/desk/dossiers/"+id+"/accept", "client", "accept-0001")

	officer := p.browser(t, "thuly.datmui")
	officer.post("/desk/dossiers/"+id+"/take", "client", "take-0001")
	officer.get("/desk/dossiers/" + id)
	officer.propose(id, nil)

	leader := p.browser(t, "chutich.datmui")
	if status := leader.try("/desk/dossiers/"+id+"/sign", "client", "sign-0001", "pin", "000000"); status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong PIN gave %d", status)
	}
	leader.must("PIN")
	leader.post("/desk/dossiers/"+id+"/sign", "client", "sign-0002", "pin", pin)

	clerk := p.browser(t, "vanthu.datmui")
	clerk.post("/desk/dossiers/"+id+"/number", "client", "number-0001")

	citizen.get("/dossiers/" + id)
	citizen.must("Tải kết quả")
	pdf := citizen.download("result")
	judge(t, p, pdf, 2)
	if n := strings.Count(citizen.body, "%PDF"); n != 0 {
		t.Errorf("%d", n)
	}
}

// Every one of the twelve procedures goes the whole way, those with papers and fees too.
func TestEveryProcedure(t *testing.T) {
	t.Parallel()
	p := open(t)
	commune := desk{counter: "canbo.datmui", officer: "kinhte.datmui", leader: "chutich.datmui", clerk: "vanthu.datmui", cashier: "thuquy.datmui"}
	department := desk{counter: "canbo.datmui", officer: "so.nongnghiep", leader: "giamdoc.nongnghiep", clerk: "vanthu.nongnghiep", cashier: "thuquy.datmui"}
	for code, tt := range map[string]struct {
		at      desk
		answers map[string]string
		values  map[string]string
	}{
		"1.001193": {commune, map[string]string{"abandoned": "no", "surrogacy": "no", "birth_proof_kind": "data", "child_birth_date.year": "2026", "child_birth_date.month": "11", "child_birth_date.day": "2", "father_declared": "no"}, nil},
		"1.000656": {commune, map[string]string{"long_ago": "no", "death_date.year": "2026", "death_date.month": "11", "death_date.day": "20", "death_notice_date.year": "2026", "death_notice_date.month": "11", "death_notice_date.day": "20", "death_time": "05:30"}, nil},
		"2.000635": {commune, nil, nil},
		"2.000815": {commune, nil, nil},
		"2.000884": {commune, nil, nil},
		"1.001612": {commune, map[string]string{"family_household": "no", "beneficial_is_owner": "yes", "start_date.year": "2026", "start_date.month": "12", "capital": "50000000"}, nil},
		"1.013225": {commune, nil, nil},
		"1.003650": {department, map[string]string{"length_overall": "11.9", "build_year": "2020"}, nil},
		"1.004359": {department, map[string]string{"licence_kind": "new"}, nil},
		"1.014801": {commune, map[string]string{"reissue": "no"}, nil},
	} {
		t.Run(code, func(t *testing.T) {
			citizen := p.browser(t, "congdan2")
			answers := map[string]string{"relationship": "self", "reissue": "no", "mother_birth_year": "1995", "father_birth_year": "1993", "vessel_number": "CM-91234-TS",
				"sector_main": "4711 Bán lẻ lương thực, thực phẩm", "sectors_other.0.sector": "", "wgs84_lat": "8.6", "wgs84_lon": "104.7", "vn2000_x": "", "vn2000_y": "",
				"length_overall": "11.9", "engine_power": "33", "build_year": "2020"}
			for k, v := range tt.answers {
				answers[k] = v
			}
			id := citizen.file(code, answers, nil)
			tt.at.finish(t, p, id, tt.values)
			citizen.get("/dossiers/" + id)
			judge(t, p, citizen.download("result"), 2)
		})
	}
}

// desk is who works a dossier, by account.
type desk struct{ counter, officer, leader, clerk, cashier string }

// finish works a dossier from intake to the seal.
func (d desk) finish(t *testing.T, p *province, id string, values map[string]string) {
	t.Helper()
	at := "/desk/dossiers/" + id
	cashier := p.browser(t, d.cashier)
	if cashier.get(at); strings.Contains(cashier.body, `id="act-set-fee"`) {
		cashier.post(at+"/set-fee", "client", "fee-"+id, "amount", "150000", "basis", "Nghị quyết của HĐND tỉnh")
	}
	if cashier.get(at); strings.Contains(cashier.body, `id="act-cash"`) {
		cashier.post(at+"/cash", "client", "cash-"+id, "method", "cash")
	}
	counter := p.browser(t, d.counter)
	counter.post(at+"/accept", "client", "accept-"+id)
	officer := p.browser(t, d.officer)
	officer.post(at+"/take", "client", "take-"+id)
	officer.get(at)
	officer.propose(id, values)
	p.browser(t, d.leader).post(at+"/sign", "client", "sign-"+id, "pin", pin)
	p.browser(t, d.clerk).post(at+"/number", "client", "number-"+id)
	if cashier.get(at); strings.Contains(cashier.body, `id="act-cash"`) { // paid on return
		cashier.post(at+"/cash", "client", "return-"+id, "method", "cash")
	}
}

// file goes through the start page, the questions, papers, where and check; it returns the id.
func (b *browser) file(code string, answers map[string]string, papers map[string][]byte) string {
	b.t.Helper()
	if b.get("/services/"+code) != http.StatusOK {
		b.t.Fatalf("start page: %s", b.says())
	}
	b.post("/services/" + code + "/begin")
	for range 40 {
		if !strings.Contains(b.path, "/q/") {
			break
		}
		path := b.path
		b.post(path, b.fill(answers)...)
		if b.path == path {
			b.t.Fatalf("the question %s comes back: %s", path, b.says())
		}
	}
	if strings.HasSuffix(b.path, "/papers") {
		b.upload(b.path)
	}
	b.post(b.path, "unit", "32248")
	if !strings.HasSuffix(b.path, "/fee") {
		b.t.Fatalf("not at the fee but on %s: %s", b.path, b.says())
	}
	b.get(strings.TrimSuffix(b.path, "/fee") + "/check")
	if !strings.HasSuffix(b.path, "/check") {
		b.t.Fatalf("not at the check page but %s: %s", b.path, b.says())
	}
	b.must("Nộp hồ sơ")
	b.post(strings.TrimSuffix(b.path, "/check")+"/submit", b.fill(map[string]string{})...)
	if !strings.HasSuffix(b.path, "/filed") {
		b.t.Fatalf("not filed but on %s: %s", b.path, b.says())
	}
	return strings.Split(b.path, "/")[2]
}

// upload sends a small picture for every paper asked for, as a browser without scripts does.
func (b *browser) upload(path string) {
	b.t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for _, m := range regexp.MustCompile(`type="file" name="([^"]+)"`).FindAllStringSubmatch(b.body, -1) {
		part, err := w.CreateFormFile(m[1], "Giấy tờ của bà Mai.png")
		if err != nil {
			b.t.Fatal(err)
		}
		if err := png.Encode(part, image.NewGray(image.Rect(0, 0, 60, 80))); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
	r, err := b.http.Post(b.p.url+path, w.FormDataContentType(), &form)
	if status := b.take(r, err); status != http.StatusOK || b.path == path {
		b.t.Fatalf("sending papers ended on %s with %d: %s", b.path, status, b.says())
	}
}

var (
	inputTag  = regexp.MustCompile(`(?s)<(input)\b([^>]*)>()|<(select|textarea)\b([^>]*)>(.*?)</(?:select|textarea)>`)
	attr      = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
	optionTag = regexp.MustCompile(`<option value="([^"]+)"`)
)

// fill answers every field of the page: by the given answers, what stands there already, or
// something plausible for its name.
func (b *browser) fill(answers map[string]string) []string {
	var out []string
	radio := map[string]bool{}
	main := b.body[strings.Index(b.body, `<main`):]
	for _, m := range inputTag.FindAllStringSubmatch(main, -1) {
		if m[1] == "" {
			m = []string{m[0], m[4], m[5], m[6]}
		}
		a := map[string]string{}
		for _, kv := range attr.FindAllStringSubmatch(m[2], -1) {
			a[kv[1]] = kv[2]
		}
		name, value := a["name"], a["value"]
		switch {
		case name == "" || a["type"] == "file":
			continue
		case a["type"] == "radio":
			chosen := strings.Contains(m[2], "checked")
			if want, ok := answers[name]; ok && want != value || radio[name] && !chosen {
				continue
			}
			radio[name] = true
		case a["type"] == "checkbox":
		case m[1] == "select":
			if o := regexp.MustCompile(`<option value="([^"]+)"[^>]*selected`).FindStringSubmatch(m[3]); o != nil {
				value = o[1]
			} else if o := optionTag.FindStringSubmatch(m[3]); o != nil {
				value = o[1]
			}
		case value == "":
			value = plausible(name)
			if a["inputmode"] == "numeric" || a["inputmode"] == "decimal" {
				if value == "Ấp Mũi" {
					value = "3"
				}
			}
		}
		if want, ok := answers[name]; ok && a["type"] != "radio" {
			value = want
		}
		out = append(out, name, value)
	}
	return out
}

func plausible(name string) string {
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case last == "day":
		return "14"
	case last == "month":
		return "3"
	case last == "year":
		return "1996"
	case strings.HasSuffix(last, "_id") || strings.Contains(last, "personal"):
		return "096196000123"
	case strings.Contains(last, "phone"):
		return "0912345678"
	case strings.Contains(last, "email"):
		return "mai@congdan.example"
	case strings.Contains(last, "name") || strings.Contains(last, "spouse"):
		return "Trần Văn Bình"
	case strings.Contains(last, "copies") || strings.Contains(last, "pages") || strings.Contains(last, "count"):
		return "2"
	}
	return "Ấp Mũi"
}

// propose sends the proposal with the lines of the result as they stand, those that are empty filled.
func (b *browser) propose(id string, values map[string]string) {
	b.t.Helper()
	card := b.body[strings.Index(b.body, `id="act-propose"`):]
	fields := []string{"client", "propose-" + id, "outcome", "granted"}
	for _, m := range regexp.MustCompile(`name="(value\.[a-z0-9_]+)"[^>]*`).FindAllStringSubmatch(card, -1) {
		v := "—"
		if x := regexp.MustCompile(`value="([^"]*)"`).FindStringSubmatch(m[0]); x != nil && x[1] != "" {
			v = x[1]
		}
		if want, ok := values[strings.TrimPrefix(m[1], "value.")]; ok {
			v = want
		}
		fields = append(fields, m[1], v)
	}
	b.post("/desk/dossiers/"+id+"/propose", fields...)
}

func (b *browser) download(what string) []byte {
	b.t.Helper()
	m := regexp.MustCompile(`href="(/files/[0-9a-f-]+)"[^>]*>(?:<svg.*?</svg>)?\s*Tải kết quả`).FindStringSubmatch(b.body)
	if m == nil {
		b.t.Fatalf("no link to the %s: %s", what, b.says())
	}
	r, err := b.http.Get(b.p.url + m[1])
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK || !bytes.HasPrefix(data, []byte("%PDF")) {
		b.t.Fatalf("download of the %s: %d, %v, %d bytes", what, r.StatusCode, err, len(data))
	}
	return data
}

// judge holds our verdict against that of pdfsig.
func judge(t *testing.T, p *province, pdf []byte, signatures int) {
	t.Helper()
	trust, err := verify.LoadTrust(filepath.Join(p.data, "trust"))
	if err != nil {
		t.Fatal(err)
	}
	rep := verify.Bytes(t.Context(), pdf, verify.Options{Trust: trust, At: at.Add(time.Hour)})
	if rep.Verdict != verify.Valid || len(rep.Signatures) != signatures {
		t.Errorf("our verdict: %+v", rep)
	}
	path := filepath.Join(t.TempDir(), "result.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdfsig", "-nocert", path).CombinedOutput()
	if n := strings.Count(string(out), "Signature is Valid"); n != signatures {
		t.Errorf("pdfsig finds %d valid signatures of %d: %v\n%s", n, signatures, err, out)
	}
}
