package site_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/forms"
	"datmui/blocks/partners"
	"datmui/blocks/partners/webhook"
	"datmui/blocks/pay"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// system is another system that speaks to the API.
type system struct {
	t    *testing.T
	base string
	key  string
}

// call sends JSON and reads JSON; what is no JSON comes back as it is.
func (s system) call(method, path string, headers map[string]string, body any) (int, map[string]any, http.Header) {
	s.t.Helper()
	var send io.Reader
	if raw, ok := body.([]byte); ok {
		send = bytes.NewReader(raw)
	} else if body != nil {
		b, err := json.Marshal(body)
		must(s.t, err)
		send = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.base+"/api/v1"+path, send)
	must(s.t, err)
	if s.key != "" {
		r.Header.Set("Authorization", "Bearer "+s.key)
	}
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(r)
	must(s.t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	must(s.t, err)
	out := map[string]any{}
	if strings.HasPrefix(string(raw), "[") {
		var list []any
		must(s.t, json.Unmarshal(raw, &list))
		out["list"] = list
	} else if json.Unmarshal(raw, &out) != nil {
		out["raw"] = string(raw)
	}
	return res.StatusCode, out, res.Header
}

// filing is a marital-status certificate as a partner files it.
func filing() map[string]any {
	return map[string]any{"procedure": "1.004873", "counter": "tt-pvhcc-xa-dat-mui-2025", "return": "online", "answers": marital()}
}

// A partner files, supplements, is told and fetches for a person who lets it; nobody else is reached.
func TestAPIFromEndToEnd(t *testing.T) {
	t.Parallel()
	p := open(t, withMail)
	p.cast(t)
	admin, owner := p.role(t, "padm"), p.role(t, "owner")
	in := partners.EnrolIn{Client: client(), Name: "Phần mềm Kế toán Mũi", Contact: "kt@example.vn", Back: "https://kt.example.vn/xong", Scopes: partners.Scopes, PerMinute: 600}
	if _, err := p.Partners.Enrol(p.role(t, "uadm"), in); fault.KindOf(err) != fault.KindForbidden {
		t.Errorf("who does not manage the province enrols: %v", err)
	}
	id, err := p.Partners.Enrol(admin, in)
	must(t, err)
	form := partners.KeyIn{Client: client(), Partner: id, Name: "máy chủ", Days: 30}
	key, err := p.Partners.MakeKey(admin, form)
	must(t, err)
	if _, err := p.Partners.MakeKey(admin, form); fault.KindOf(err) != fault.KindConflict {
		t.Errorf("the same form makes another key: %v", err)
	}
	if keys, _, err := p.Partners.Keys(admin, id, uuid.Nil); err != nil || len(keys) != 1 {
		t.Errorf("%d keys: %v", len(keys), err)
	}
	us, stranger := system{t, p.url, key}, system{t, p.url, ""}

	// the catalogue is everybody's, and says what to send
	status, list, _ := stranger.call("GET", "/procedures?q=giay+doc+than", nil, nil)
	if first := list["procedures"].([]any)[0].(map[string]any); status != 200 || first["code"] != "1.004873" || first["standing"] != "open" {
		t.Fatalf("%d %v", status, list)
	}
	if status, def, _ := stranger.call("GET", "/procedures/1.004873", map[string]string{"Accept-Language": "en"}, nil); status != 200 || len(def["questions"].([]any)) < 5 || def["limit"] != "3wd" {
		t.Errorf("%d %v", status, def)
	}
	if status, wrong, h := stranger.call("GET", "/procedures/9.999999", nil, nil); status != 404 || !strings.HasPrefix(h.Get("Content-Type"), "application/problem+json") || wrong["request"] == "" {
		t.Errorf("%d %v %v", status, wrong, h)
	}

	// without a key, with a wrong one, and without the person's yes
	once := func(code string) map[string]string {
		return map[string]string{"On-Behalf-Of": code, "Idempotency-Key": uuid.NewString()}
	}
	for name, tt := range map[string]struct {
		who  system
		code string
		want int
	}{"no key": {stranger, "dma_AAAAAAAAAA", 401}, "a wrong key": {system{t, p.url, "dmk_AAAAAAAAAA"}, "dma_AAAAAAAAAA", 401}, "nobody's yes": {us, "dma_AAAAAAAAAA", 403}} {
		if status, got, _ := tt.who.call("POST", "/dossiers", once(tt.code), filing()); status != tt.want || got["status"] != float64(tt.want) {
			t.Errorf("%s: %d %v", name, status, got)
		}
	}
	if _, err := p.Partners.Authorise(p.role(t, "weak"), partners.AuthoriseIn{Client: client(), Partner: id, Scopes: partners.Scopes, Days: 30}); fault.KindOf(err) != fault.KindForbidden {
		t.Errorf("a citizen at level 1 lets a partner file: %v", err)
	}
	yes := partners.AuthoriseIn{Client: client(), Partner: id, Scopes: partners.Scopes, Days: 30}
	another := actor.From(owner)
	another.For = actor.Party{ID: uuid.New(), Name: "Công ty"}
	_, err = p.Partners.Authorise(actor.With(t.Context(), another), partners.AuthoriseIn{Client: client(), Partner: id, Scopes: partners.Scopes, Days: 30})
	testkit.WantError(t, err, fault.Conflict("represent.own-name"))
	code, err := p.Partners.Authorise(owner, yes)
	must(t, err)
	if _, err := p.Partners.Authorise(owner, yes); fault.KindOf(err) != fault.KindConflict {
		t.Errorf("the same yes counts twice: %v", err)
	}

	// filing: what is wrong is told by field, the same key files once
	if status, got, _ := us.call("POST", "/dossiers", once(code), map[string]any{"procedure": "1.004873", "counter": "tt-pvhcc-xa-dat-mui-2025", "return": "online", "answers": map[string]any{}}); status != 422 || len(got["errors"].([]any)) < 3 {
		t.Errorf("%d %v", status, got)
	}
	if status, got, _ := us.call("POST", "/dossiers", once(code), []byte("{")); status != 400 || got["title"] != "invalid" {
		t.Errorf("a body that is none: %d %v", status, got)
	}
	head := once(code)
	status, filed, _ := us.call("POST", "/dossiers", head, filing())
	if status != 201 || filed["state"] != 1.0 || filed["answer_by"] == nil {
		t.Fatalf("%d %v", status, filed)
	}
	if status, again, _ := us.call("POST", "/dossiers", head, filing()); status != 201 || again["code"] != filed["code"] {
		t.Errorf("sent again: %d %v, not %v", status, again, filed)
	}
	other := filing()
	other["return"] = "counter"
	if status, got, _ := us.call("POST", "/dossiers", head, other); status != 409 {
		t.Errorf("the same key for something else: %d %v", status, got)
	}
	at := "/dossiers/" + filed["code"].(string)

	// another partner does not reach it, nor does this one what the person filed herself
	second, err := p.Partners.Enrol(admin, partners.EnrolIn{Client: client(), Name: "Khác", Contact: "k@example.vn", Scopes: []string{partners.ScopeFile, partners.ScopeStatus}, PerMinute: 2})
	must(t, err)
	key2, err := p.Partners.MakeKey(admin, partners.KeyIn{Client: client(), Partner: second, Name: "máy", Days: 30})
	must(t, err)
	them := system{t, p.url, key2}
	if status, got, _ := them.call("GET", at, nil, nil); status != 404 {
		t.Errorf("another partner's: %d %v", status, got)
	}
	if status, got, _ := them.call("GET", at+"/result", nil, nil); status != 403 {
		t.Errorf("a scope it has not: %d %v", status, got)
	}
	if status, got, h := them.call("GET", "/dossiers", nil, nil); status != 429 || h.Get("Retry-After") == "" || h.Get("RateLimit-Limit") != "2" {
		t.Errorf("a third request of two a minute: %d %v %v", status, got, h)
	}
	own := p.submit(t, "congdan")
	if status, got, _ := us.call("GET", "/dossiers/"+own.Code, nil, nil); status != 404 {
		t.Errorf("what she filed herself: %d %v", status, got)
	}

	// a webhook is told, signed
	var mu sync.Mutex
	var told []string
	var secret []byte
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		if got, want := r.Header.Get("Webhook-Signature"), webhook.Signature(secret, r.Header.Get("Webhook-Id"), r.Header.Get("Webhook-Timestamp"), string(body)); got != want {
			t.Errorf("signed %s, not %s", got, want)
		}
		told = append(told, string(body))
	}))
	defer hook.Close()
	status, made, _ := us.call("POST", "/webhooks", nil, map[string]any{"url": hook.URL})
	if status != 201 {
		t.Fatalf("%d %v", status, made)
	}
	if status, got, _ := us.call("POST", "/webhooks", nil, map[string]any{"url": hook.URL}); status != 409 {
		t.Errorf("the same address again: %d %v", status, got)
	}
	mu.Lock()
	secret, err = base64.StdEncoding.DecodeString(strings.TrimPrefix(made["secret"].(string), "whsec_"))
	mu.Unlock()
	must(t, err)

	// the office works it as any other
	_, sub, _ := us.call("GET", at, nil, nil)
	if sub["state"] != 1.0 || len(sub["moves"].([]any)) != 1 {
		t.Errorf("%v", sub)
	}
	dossier, err := pg.Value[uuid.UUID](p.db.Reader.Query(t.Context(), `SELECT id FROM services.dossier WHERE code = $1`, filed["code"]))
	must(t, err)
	must(t, p.Services.Ask(p.role(t, "recv"), services.AskIn{Dossier: dossier, Client: client(), Basis: "Luật", Items: []services.Item{{Key: "giay", What: "Giấy A", How: "Nộp bản chụp"}}}))
	_, sub, _ = us.call("GET", at, nil, nil)
	if sub["state"] != 5.0 || sub["missing"].(map[string]any)["items"].([]any)[0].(map[string]any)["key"] != "giay" {
		t.Errorf("%v", sub)
	}
	status, sent, _ := us.call("POST", "/files?name=giay-a.png", map[string]string{"On-Behalf-Of": code, "Content-Type": "application/octet-stream"}, picture(t))
	if status != 201 {
		t.Fatalf("%d %v", status, sent)
	}
	if status, got, _ := us.call("POST", "/files?name=x.pdf", map[string]string{"On-Behalf-Of": code, "Content-Type": "application/octet-stream"}, []byte("no file of any kind")); status != 422 && status != 409 {
		t.Errorf("a bad file: %d %v", status, got)
	}
	if status, got, _ := us.call("POST", at+"/supplement", map[string]string{"Idempotency-Key": uuid.NewString()}, map[string]any{"papers": []any{map[string]any{"key": "giay", "file": sent["file"]}}}); status != 204 {
		t.Errorf("%d %v", status, got)
	}
	must(t, p.Services.PassOn(actor.With(t.Context(), actor.ForSystem("test"))))
	eventually(t, "the webhook", func() bool { mu.Lock(); defer mu.Unlock(); return len(told) == 3 })
	for _, body := range told {
		if !strings.Contains(body, filed["code"].(string)) || strings.Contains(body, "Nguyễn") {
			t.Errorf("told %s", body)
		}
	}
	if status, got, _ := us.call("GET", at+"/bills", nil, nil); status != 200 || got["list"] == nil {
		t.Errorf("%d %v", status, got)
	}
	if status, got, _ := us.call("GET", at+"/result", nil, nil); status != 404 {
		t.Errorf("no result yet: %d %v", status, got)
	}
	if status, got, _ := us.call("GET", "/dossiers", nil, nil); status != 200 || len(got["dossiers"].([]any)) != 1 {
		t.Errorf("%d %v", status, got)
	}

	// it is written down for her who looked, and she ends it
	if reads, err := p.Book.AccessesOf(owner, p.personOf(t, "owner"), audit.AccessFilter{Others: true}); err != nil || !strings.Contains(fmt.Sprint(reads), "Phần mềm Kế toán Mũi") {
		t.Errorf("%v %v", reads, err)
	}
	mine, _, err := p.Partners.Mine(owner, uuid.Nil)
	must(t, err)
	if err := p.Partners.Withdraw(p.role(t, "other"), mine[0].ID); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("another person ends it: %v", err)
	}
	must(t, p.Partners.Withdraw(owner, mine[0].ID))
	for _, path := range []string{at, at + "/bills", at + "/result"} {
		if status, got, _ := us.call("GET", path, nil, nil); status != 403 {
			t.Errorf("after she ended it, %s: %d %v", path, status, got)
		}
	}
	if status, got, _ := us.call("POST", at+"/withdraw", map[string]string{"Idempotency-Key": uuid.NewString()}, map[string]any{}); status != 403 && status != 404 {
		t.Errorf("after she ended it: %d %v", status, got)
	}
	must(t, p.Partners.Close(admin, id))
	if status, _, _ := us.call("GET", "/dossiers", nil, nil); status != 401 {
		t.Errorf("a closed partner: %d", status)
	}
}

// said is what a program has said so far.
type said struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// The example client files, pays, follows and fetches, while the bank tells of the money that it asked
// for and the office works its dossier as any other.
func TestExampleClient(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.cast(t)
	id, err := p.Partners.Enrol(p.role(t, "padm"), partners.EnrolIn{Client: client(), Name: "Ví dụ", Contact: "vd@example.vn", Scopes: partners.Scopes, PerMinute: 6000})
	must(t, err)
	key, err := p.Partners.MakeKey(p.role(t, "padm"), partners.KeyIn{Client: client(), Partner: id, Name: "máy", Days: 1})
	must(t, err)
	yes, err := p.Partners.Authorise(p.role(t, "owner"), partners.AuthoriseIn{Client: client(), Partner: id, Scopes: partners.Scopes, Days: 1})
	must(t, err)
	dir := t.TempDir()
	p.account(t, calendar.DateOf(p.clock.Now()), pay.Account{BIN: "970418", Account: "1234567890", Holder: "KHO BAC NHA NUOC CA MAU"})
	def, err := p.Services.Current(p.ctx, "2.000635", p.clock.Now())
	must(t, err)
	form, err := p.Forms.Current(def.Form)
	must(t, err)
	answers, err := json.Marshal(answersFor(t, form, forms.Answers{"copies": "2"}))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "answers.json"), answers, 0o600))
	root, err := testkit.Root()
	must(t, err)
	bin := filepath.Join(dir, "apiclient")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "./examples/apiclient")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := exec.CommandContext(t.Context(), bin, "-url", p.url, "-counter", "tt-pvhcc-xa-dat-mui-2025", "-answers", "answers.json", "-every", "100ms", "2.000635")
	run.Dir = dir
	run.Env = append(os.Environ(), "DATMUI_API_KEY="+key, "DATMUI_API_FOR="+yes)
	var out said
	run.Stdout, run.Stderr = &out, &out
	must(t, run.Start())
	var dossier uuid.UUID
	eventually(t, "the filing", func() bool {
		var err error
		dossier, err = pg.Value[uuid.UUID](p.db.Reader.Query(t.Context(), `SELECT id FROM services.dossier`))
		return err == nil
	})
	// its bank pays what the code says, and nothing else
	code := regexp.MustCompile(`VietQR: (\S+)`)
	eventually(t, "the code to pay by", func() bool { return code.MatchString(out.String()) })
	qr := pay.ReadQR(code.FindStringSubmatch(out.String())[1]).Fields
	if qr.Amount != 16_000 || !strings.Contains(out.String(), "to be paid: 16000 đồng at "+p.url+"/bills/") {
		t.Errorf("%+v\n%s", qr, out.String())
	}
	if err := p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: dossier, Client: client()}); fault.KindOf(err) != fault.KindConflict {
		t.Errorf("accepted unpaid: %v", err)
	}
	_, err = p.Pay.Notice(p.ctx, pay.NoticeIn{Way: pay.Transfer, Reference: "FT-1", Amount: qr.Amount, Said: qr.Purpose, PaidAt: p.clock.Now()})
	must(t, err)
	eventually(t, "the word that it is paid", func() bool { return strings.Contains(out.String(), "paid: 16000 đồng") })
	must(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: dossier, Client: client()}))
	must(t, p.Services.Take(p.as(t, "thuly.datmui"), services.TakeIn{Dossier: dossier, Client: client()}))
	officer := p.browser(t, "thuly.datmui")
	officer.get("/desk/dossiers/" + dossier.String())
	officer.propose(dossier.String(), nil)
	p.finished(t, dossier)
	if err := run.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if pdfs, err := filepath.Glob(filepath.Join(dir, "*.pdf")); err != nil || len(pdfs) != 1 {
		t.Errorf("%v %v\n%s", pdfs, err, out.String())
	} else if sig, err := exec.CommandContext(t.Context(), "pdfsig", "-nocert", pdfs[0]).CombinedOutput(); err != nil || !bytes.Contains(sig, []byte("Signature is Valid")) {
		t.Errorf("%v\n%s", err, sig)
	}
}

// Whatever goes wrong, in the API or before it, is told as RFC 9457 says; a stranger is told how to
// sign in, who asks too often when to come again.
func TestAPIProblems(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.cast(t)
	admin := p.role(t, "padm")
	partner := func(perMinute int) system {
		t.Helper()
		id, err := p.Partners.Enrol(admin, partners.EnrolIn{Client: client(), Name: "Thử", Contact: "thu@example.vn", Scopes: partners.Scopes, PerMinute: perMinute})
		must(t, err)
		key, err := p.Partners.MakeKey(admin, partners.KeyIn{Client: client(), Partner: id, Name: "máy", Days: 1})
		must(t, err)
		return system{t, p.url, key}
	}
	us, slow, stranger, wrong := partner(600), partner(1), system{t, p.url, ""}, system{t, p.url, "dmk_AAAAAAAAAAAAAAAA"}
	if status, _, _ := slow.call("GET", "/dossiers", nil, nil); status != 200 {
		t.Errorf("the first request of one a minute: %d", status)
	}
	json := map[string]string{"Content-Type": "application/json", "On-Behalf-Of": "dma_AAAAAAAAAA", "Idempotency-Key": uuid.NewString()}
	with := func(k, v string) map[string]string { h := maps.Clone(json); h[k] = v; return h }
	without := func(k string) map[string]string { h := maps.Clone(json); delete(h, k); return h }
	for name, tt := range map[string]struct {
		who    system
		method string
		path   string
		head   map[string]string
		body   any
		want   int
	}{
		"an address that is none":         {us, "GET", "/nothing", nil, nil, 404},
		"the root":                        {stranger, "GET", "", nil, nil, 404},
		"a dossier that is none":          {us, "GET", "/dossiers/H12.94.04-261123-9999", nil, nil, 404},
		"a method that is none":           {us, "PUT", "/dossiers", json, map[string]any{}, 405},
		"a method that is none, stranger": {stranger, "DELETE", "/procedures", nil, nil, 405},
		"no key":                          {stranger, "GET", "/dossiers", nil, nil, 401},
		"a wrong key":                     {wrong, "GET", "/dossiers", nil, nil, 401},
		"a wrong key, open address":       {wrong, "GET", "/procedures", nil, nil, 401},
		"too often":                       {slow, "GET", "/dossiers", nil, nil, 429},
		"a body that is too large":        {us, "POST", "/dossiers", json, bytes.Repeat([]byte(" "), 1<<20+100), 413},
		"a file that is too large":        {us, "POST", "/files?name=x.pdf", with("Content-Type", "application/octet-stream"), make([]byte, 20<<20+100), 413},
		"a body of another kind":          {us, "POST", "/dossiers", with("Content-Type", "text/csv"), []byte("a,b"), 415},
		"no body":                         {us, "POST", "/dossiers", json, nil, 400},
		"no JSON":                         {us, "POST", "/dossiers", json, []byte("{"), 400},
		"a body that lacks much":          {us, "POST", "/dossiers", json, map[string]any{}, 422},
		"no idempotency key":              {us, "POST", "/dossiers", without("Idempotency-Key"), filing(), 422},
		"nobody's yes":                    {us, "POST", "/dossiers", json, filing(), 403},
		"an unknown parameter":            {us, "GET", "/dossiers?page=2", nil, nil, 422},
		"a parameter that is none of its": {stranger, "GET", "/procedures?level=moon", nil, nil, 422},
		"from another site":               {us, "POST", "/dossiers", with("Sec-Fetch-Site", "cross-site"), filing(), 403},
	} {
		status, got, h := tt.who.call(tt.method, tt.path, tt.head, tt.body)
		if status != tt.want || h.Get("Content-Type") != "application/problem+json" || got["status"] != float64(tt.want) || got["type"] != "about:blank" || got["title"] == "" || got["title"] == nil {
			t.Errorf("%s: %d %s %v", name, status, h.Get("Content-Type"), got)
		}
		if status == 401 && !strings.HasPrefix(h.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s: not told how to sign in: %v", name, h)
		}
		if status == 405 && h.Get("Allow") == "" {
			t.Errorf("%s: not told what is allowed: %v", name, h)
		}
		if status == 429 && h.Get("Retry-After") == "" {
			t.Errorf("%s: not told when to come again: %v", name, h)
		}
	}
}

// What is due is paid by the API: a payment begins once, gives the sum and how to pay it, by the same
// rights as everything else, and the partner is told when the bank has.
func TestAPIPayment(t *testing.T) {
	t.Parallel()
	p := open(t, withMail)
	p.cast(t)
	p.account(t, calendar.DateOf(p.clock.Now()), pay.Account{BIN: "970418", Account: "1234567890", Holder: "KHO BAC NHA NUOC CA MAU"})
	admin, owner := p.role(t, "padm"), p.role(t, "owner")
	enrol := func() (uuid.UUID, system) {
		t.Helper()
		id, err := p.Partners.Enrol(admin, partners.EnrolIn{Client: client(), Name: "Ví điện tử", Contact: "vi@example.vn", Scopes: partners.Scopes, PerMinute: 600})
		must(t, err)
		key, err := p.Partners.MakeKey(admin, partners.KeyIn{Client: client(), Partner: id, Name: "máy", Days: 1})
		must(t, err)
		return id, system{t, p.url, key}
	}
	id, us := enrol()
	_, them := enrol()
	var mu sync.Mutex
	var told []string
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		told = append(told, string(body))
	}))
	defer hook.Close()
	if status, got, _ := us.call("POST", "/webhooks", nil, map[string]any{"url": hook.URL}); status != 201 {
		t.Fatalf("%d %v", status, got)
	}
	once := func(code string) map[string]string {
		h := map[string]string{"Idempotency-Key": uuid.NewString()}
		if code != "" {
			h["On-Behalf-Of"] = code
		}
		return h
	}
	file := func(scopes ...string) (authorisation uuid.UUID, at, code string) {
		t.Helper()
		yes, err := p.Partners.Authorise(owner, partners.AuthoriseIn{Client: client(), Partner: id, Scopes: scopes, Days: 1})
		must(t, err)
		mine, _, err := p.Partners.Mine(owner, uuid.Nil)
		must(t, err)
		status, filed, _ := us.call("POST", "/dossiers", once(yes), map[string]any{"procedure": "2.000815", "counter": "tt-pvhcc-xa-dat-mui-2025", "return": "counter", "answers": copies()})
		if status != 201 {
			t.Fatalf("%d %v", status, filed)
		}
		return mine[0].ID, "/dossiers/" + filed["code"].(string), filed["code"].(string)
	}
	_, at, code := file(partners.Scopes...)

	// who may: not a stranger, not another partner, not without the scope
	_, narrow, _ := file(partners.ScopeFile, partners.ScopeStatus)
	_, blind, _ := file(partners.ScopeFile, partners.ScopePay)
	for name, tt := range map[string]struct {
		who  system
		at   string
		want int
	}{"a stranger": {system{t, p.url, ""}, at, 401}, "another partner": {them, at, 404}, "she lets it not pay": {us, narrow, 403}, "she lets it not look": {us, blind, 403}, "no such dossier": {us, "/dossiers/x", 404}} {
		if status, got, _ := tt.who.call("POST", tt.at+"/payments", once(""), nil); status != tt.want {
			t.Errorf("%s: %d %v", name, status, got)
		}
	}
	if status, got, _ := us.call("POST", at+"/payments", nil, nil); status != 422 {
		t.Errorf("without an idempotency key: %d %v", status, got)
	}

	// it gives what and how, and writes one line however often it is sent
	head := once("")
	var bill map[string]any
	for range 2 {
		status, got, _ := us.call("POST", at+"/payments", head, nil)
		if status != 201 || got["amount"] != 24000.0 || got["state"] != "pending" || got["says"] != code || got["page"] != p.url+"/bills/"+got["id"].(string) {
			t.Fatalf("%d %v", status, got)
		}
		read := pay.ReadQR(got["qr"].(string))
		qr, to := read.Fields, got["to"].(map[string]any)
		if read.Verdict != pay.Valid || qr.Amount != 24000 || qr.Purpose != code || qr.BIN != to["bin"] || qr.Account != to["account"] || to["bank"] == "" || to["holder"] == "" {
			t.Errorf("%+v %+v %v", read, qr, to)
		}
		bill = got
	}
	if n, err := pg.Value[int](p.db.Reader.Query(t.Context(), `SELECT count(*)::int FROM audit.entry WHERE name = 'services.dossier.pay'`)); err != nil || n != 1 {
		t.Errorf("%d entries, %v", n, err)
	}
	if status, list, _ := us.call("GET", at+"/bills", nil, nil); status != 200 || !reflect.DeepEqual(list["list"], []any{bill}) {
		t.Errorf("the bill is told otherwise: %d %v, not %v", status, list["list"], bill)
	}

	// a sum that is not the bill's pays nothing; the right one does, once, and is told
	notice := func(reference string, amount int64) {
		t.Helper()
		_, err := p.Pay.Notice(p.ctx, pay.NoticeIn{Way: pay.Transfer, Reference: reference, Amount: amount, Said: "CHUYEN TIEN " + code, PaidAt: p.clock.Now()})
		must(t, err)
	}
	notice("FT-1", 23_999)
	if status, got, _ := us.call("POST", at+"/payments", head, nil); status != 201 || got["state"] != "flagged" {
		t.Errorf("one đồng short: %d %v", status, got)
	}
	notice("FT-2", 24_000)
	notice("FT-2", 24_000)
	if status, got, _ := us.call("POST", at+"/payments", head, nil); status != 201 || got["state"] != "paid" || got["qr"] != nil {
		t.Errorf("the same payment, paid: %d %v", status, got)
	}
	if status, got, _ := us.call("POST", at+"/payments", once(""), nil); status != 409 || got["rule"] != "services.no-fee-due" {
		t.Errorf("paid already: %d %v", status, got)
	}
	// what was filed and not let be seen as paid is not told, nor what she has ended
	gone, _, ended := file(partners.Scopes...)
	must(t, p.Partners.Withdraw(owner, gone))
	for i, c := range []string{ended, strings.TrimPrefix(narrow, "/dossiers/")} {
		_, err := p.Pay.Notice(p.ctx, pay.NoticeIn{Way: pay.Transfer, Reference: fmt.Sprint("FT-X", i), Amount: 24_000, Said: c, PaidAt: p.clock.Now()})
		must(t, err)
	}
	must(t, p.Services.PassOn(actor.With(t.Context(), actor.ForSystem("test"))))
	eventually(t, "the webhook", func() bool { mu.Lock(); defer mu.Unlock(); return len(told) >= 3 })
	mu.Lock()
	defer mu.Unlock()
	paid := slices.DeleteFunc(slices.Clone(told), func(s string) bool { return !strings.Contains(s, `"dossier.paid"`) })
	if len(paid) != 1 || !strings.Contains(paid[0], code) || !strings.Contains(paid[0], bill["id"].(string)) || !strings.Contains(paid[0], "24000") || strings.Contains(paid[0], "Nguyễn") {
		t.Errorf("told of payments: %v", paid)
	}
	if all := strings.Join(told, "\n"); strings.Contains(all, ended) {
		t.Errorf("told of what she has ended: %s", all)
	}
}

// The keys of a partner and what a person has let partners do are paged, and nothing is left out.
func TestPartnerListsArePaged(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.cast(t)
	admin, owner := p.role(t, "padm"), p.role(t, "owner")
	id, err := p.Partners.Enrol(admin, partners.EnrolIn{Client: client(), Name: "Nhiều khóa", Contact: "nk@example.vn", Scopes: partners.Scopes, PerMinute: 60})
	must(t, err)
	for i := range 60 {
		_, err := p.Partners.MakeKey(admin, partners.KeyIn{Client: client(), Partner: id, Name: fmt.Sprintf("khóa %02d", i), Days: 1})
		must(t, err)
		_, err = p.Partners.Authorise(owner, partners.AuthoriseIn{Client: client(), Partner: id, Scopes: partners.Scopes, Days: 1 + i})
		must(t, err)
	}
	keys, more, err := p.Partners.Keys(admin, id, uuid.Nil)
	must(t, err)
	rest, end, err := p.Partners.Keys(admin, id, keys[len(keys)-1].ID)
	must(t, err)
	if len(keys) != 50 || !more || len(rest) != 10 || end || keys[0].Name != "khóa 59" || keys[49].Name != "khóa 10" || rest[0].Name != "khóa 09" {
		t.Errorf("%d keys, %v, then %d, %v", len(keys), more, len(rest), end)
	}
	mine, more, err := p.Partners.Mine(owner, uuid.Nil)
	must(t, err)
	old, end, err := p.Partners.Mine(owner, mine[len(mine)-1].ID)
	must(t, err)
	if len(mine) != 50 || !more || len(old) != 10 || end || slices.ContainsFunc(old, func(a partners.Authorisation) bool { return a.ID == mine[49].ID }) {
		t.Errorf("%d authorisations, %v, then %d, %v", len(mine), more, len(old), end)
	}
	manager, person := p.browser(t, roleAccounts["padm"]), p.browser(t, roleAccounts["owner"])
	manager.get("/partners/" + id.String())
	manager.must("khóa 59")
	manager.must("?after=" + keys[49].ID.String())
	manager.get("/partners/" + id.String() + "?after=" + keys[49].ID.String())
	manager.must("khóa 09")
	person.get("/account/partners")
	person.must("?after=" + mine[49].ID.String())
	person.get("/account/partners?after=" + mine[49].ID.String())
	if n := strings.Count(person.body, "/account/partners/withdraw"); n != 10 {
		t.Errorf("%d on the second page", n)
	}
}

// Linters that nobody here wrote hold the document to OpenAPI 3.1 and find nothing, not even a warning.
func TestAPIDocument(t *testing.T) {
	t.Parallel()
	p := open(t)
	status, doc, _ := system{t, p.url, ""}.call("GET", "/openapi.json", nil, nil)
	if status != 200 || doc["openapi"] != "3.1.0" || len(doc["paths"].(map[string]any)) < 9 {
		t.Fatalf("%d %v", status, doc["openapi"])
	}
	raw, err := json.MarshalIndent(doc, "", "  ")
	must(t, err)
	file := filepath.Join(t.TempDir(), "openapi.json")
	must(t, os.WriteFile(file, raw, 0o644))
	root, err := testkit.Root()
	must(t, err)
	lint := filepath.Join(root, "e2e", "lint")
	for _, linter := range [][]string{{"redocly", "lint", "--max-problems=1000", "--format=checkstyle"}, {"spectral", "lint", "--fail-severity=warn", "--ruleset", filepath.Join(lint, ".spectral.yaml")}} {
		bin := filepath.Join(lint, "node_modules", ".bin", linter[0])
		if _, err := os.Stat(bin); err != nil {
			t.Fatalf("%s is missing, run scripts/linters.sh: %v", linter[0], err)
		}
		run := exec.CommandContext(t.Context(), bin, append(linter[1:], file)...)
		run.Dir = t.TempDir()
		run.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
		out, err := run.CombinedOutput()
		if err != nil || bytes.Contains(out, []byte("severity=")) {
			t.Errorf("%s: %v\n%s", linter[0], err, out)
		}
	}
}
