package signpage_test

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"datmui/blocks/audit"
	"datmui/blocks/letters/ink"
	"datmui/blocks/sign"
	"datmui/blocks/sign/signpage"
	"datmui/blocks/sign/verify"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/testkit"
	"datmui/kit/web"
)

type bench struct {
	*testing.T
	block  *sign.Block
	server *httptest.Server
	client *http.Client
	trust  string
}

// setup runs at the machine's time, since openssl judges by it.
func setup(t *testing.T) *bench {
	db := testkit.DB(t)
	b := &bench{T: t, trust: filepath.Join(t.TempDir(), "trust")}
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: clock.System{}})
	var err error
	if b.block, err = sign.New(sign.Config{DB: db.Reader, Book: book, Master: make([]byte, 32), Dir: t.TempDir(), Trust: b.trust}); err != nil {
		t.Fatal(err)
	}
	if err := b.block.PublishTrust(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := web.NewServer(web.Config{Log: testkit.Log(t)})
	s.Add(signpage.New(b.block, b.trust).Routes()...)
	b.server = httptest.NewServer(s.Handler())
	t.Cleanup(b.server.Close)
	b.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return b
}

// sealed is a letter with the service seal of a body.
func (b *bench) sealed() []byte {
	b.Helper()
	d := ink.New()
	d.Page()
	d.Text(30, 30, ink.Regular, 13, "Phiếu tiếp nhận", 0)
	by, err := b.block.Auto(actor.With(b.Context(), actor.ForSystem("test")), "xa-dat-mui", "Ủy ban nhân dân xã Đất Mũi")
	if err != nil {
		b.Fatal(err)
	}
	out, err := b.block.Stamp(b.Context(), d.Bytes(), by, "")
	if err != nil {
		b.Fatal(err)
	}
	return out
}

func (b *bench) do(method, path, kind, accept string, body []byte) (int, http.Header, []byte) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, b.server.URL+path, bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	return res.StatusCode, res.Header, out
}

func form(t testing.TB, file []byte, values map[string]string) (kind string, body []byte) {
	t.Helper()
	var buf bytes.Buffer
	m := multipart.NewWriter(&buf)
	for k, v := range values {
		if err := m.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	if file != nil {
		w, err := m.CreateFormFile("file", "giấy xác nhận.pdf")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return m.FormDataContentType(), buf.Bytes()
}

func TestCheck(t *testing.T) {
	b := setup(t)
	good := b.sealed()
	bad := bytes.Replace(good, []byte("/MediaBox"), []byte("/MediaBix"), 1)
	for name, tt := range map[string]struct {
		file   []byte
		status int
		says   []string
	}{
		"good":       {good, 200, []string{"Văn bản này thật và chưa bị sửa", "Ủy ban nhân dân xã Đất Mũi (tự động)", "có dấu thời gian chứng minh", "Nội dung nguyên vẹn"}},
		"changed":    {bad, 200, []string{"Chữ ký không hợp lệ", "Nội dung đã ký bị sửa sau khi ký.", "Nội dung không còn nguyên vẹn"}},
		"no PDF":     {[]byte("hello"), 200, []string{"Tệp này không có chữ ký số", "không phải tệp PDF"}},
		"no file":    {nil, 422, []string{"Hãy nhập mã xác minh hoặc chọn tệp PDF"}},
		"empty file": {[]byte{}, 422, []string{"Hãy nhập mã xác minh hoặc chọn tệp PDF"}},
	} {
		t.Run(name, func(t *testing.T) {
			kind, body := form(t, tt.file, nil)
			status, _, out := b.do("POST", "/verify", kind, "", body)
			if status != tt.status {
				t.Fatalf("status %d\n%s", status, out)
			}
			testkit.HTML(t, out).Wants(tt.says...)
		})
	}
	// an authority that is not in the trust list
	for _, f := range []string{"root.cer", "root.crl"} {
		if err := os.Remove(filepath.Join(b.trust, f)); err != nil {
			t.Fatal(err)
		}
	}
	s := web.NewServer(web.Config{Log: testkit.Log(t)})
	s.Add(signpage.New(b.block, b.trust).Routes()...)
	b.server.Config.Handler = s.Handler()
	kind, body := form(t, good, nil)
	_, _, out := b.do("POST", "/verify", kind, "", body)
	testkit.HTML(t, out).Wants("Chưa xác định được chữ ký có hợp lệ hay không", "Không biết nơi cấp chứng thư chữ ký số này.")
}

func TestCheckByProgram(t *testing.T) {
	b := setup(t)
	good := b.sealed()
	kind, body := form(t, good, nil)
	for name, ask := range map[string]func() (int, http.Header, []byte){
		"form": func() (int, http.Header, []byte) { return b.do("POST", "/verify", kind, "application/json", body) },
		"body": func() (int, http.Header, []byte) {
			return b.do("POST", "/verify", "application/pdf", "application/json", good)
		},
	} {
		status, _, out := ask()
		var rep verify.Report
		if err := json.Unmarshal(out, &rep); err != nil || status != 200 || rep.Verdict != verify.Valid || len(rep.Signatures) != 1 {
			t.Errorf("%s: %d %v %s", name, status, err, out)
		}
	}
	kind, body = form(t, nil, nil)
	if status, _, out := b.do("POST", "/verify", kind, "application/json", body); status != 422 || !bytes.Contains(out, []byte(`"file"`)) {
		t.Errorf("no file: %d %s", status, out)
	}
}

func TestCode(t *testing.T) {
	b := setup(t)
	kind, body := form(t, nil, map[string]string{"code": " KS7M-4QXD "})
	status, h, _ := b.do("POST", "/verify", kind, "", body)
	if status != http.StatusSeeOther || h.Get("Location") != "/verify/KS7M-4QXD" {
		t.Errorf("%d %s", status, h.Get("Location"))
	}
	status, _, out := b.do("GET", "/verify", "", "", nil)
	if status != 200 {
		t.Fatal(status)
	}
	testkit.HTML(t, out).Wants("Xác minh văn bản", "Mã xác minh", "Tệp PDF", "Tối đa 50 MB")
}

func TestAuthorityFiles(t *testing.T) {
	b := setup(t)
	status, h, out := b.do("GET", "/pki/issuing.crl", "", "", nil)
	want, err := os.ReadFile(filepath.Join(b.trust, "issuing.crl"))
	if err != nil || status != 200 || h.Get("Content-Type") != "application/pkix-crl" || !bytes.Equal(out, want) {
		t.Errorf("%d %s %v", status, h.Get("Content-Type"), err)
	}
	for _, path := range []string{"/pki/none.crl", "/pki/root.pem", "/pki/.root.crl", "/pki/..%2froot.cer"} {
		if status, _, _ := b.do("GET", path, "", "", nil); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}

// TestOpenSSLAsks has openssl ask the time-stamp authority and the OCSP responder, and judge
// what they answer.
func TestOpenSSLAsks(t *testing.T) {
	b := setup(t)
	dir := t.TempDir()
	openssl := func(args ...string) (string, error) {
		t.Helper()
		out, err := exec.Command("openssl", args...).CombinedOutput()
		return string(out), err
	}
	file := func(name string, data []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	root := file("root.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.block.Authority().Root.Raw}))
	issuing := file("issuing.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.block.Authority().Issuing.Raw}))
	data := file("data", []byte("Đất Mũi"))
	query := filepath.Join(dir, "query")
	if out, err := openssl("ts", "-query", "-data", data, "-sha256", "-cert", "-out", query); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	q, err := os.ReadFile(query)
	if err != nil {
		t.Fatal(err)
	}
	_, h, reply := b.do("POST", "/pki/tsa", "application/timestamp-query", "", q)
	if h.Get("Content-Type") != "application/timestamp-reply" {
		t.Errorf("%s", h.Get("Content-Type"))
	}
	if out, err := openssl("ts", "-verify", "-queryfile", query, "-in", file("reply", reply), "-CAfile", root, "-untrusted", issuing); err != nil {
		t.Errorf("openssl ts: %v\n%s", err, out)
	}
	if _, _, refusal := b.do("POST", "/pki/tsa", "application/timestamp-query", "", []byte("nonsense")); !bytes.Equal(refusal, []byte{0x30, 5, 0x30, 3, 2, 1, 2}) {
		t.Errorf("a refusal: %x", refusal)
	}
	row, err := b.block.Make(sign.Holder{Role: sign.Seal, Agency: "a", Name: "Sở Tư pháp", Org: "Sở Tư pháp"})
	if err != nil {
		t.Fatal(err)
	}
	strange := file("leaf.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: row.DER}))
	b.sealed()
	for name, tt := range map[string]struct{ cert, says string }{
		"never stored": {strange, "leaf.pem: unknown"},
		"time-stamps":  {file("tsa.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.block.Authority().Stamping.Raw})), "tsa.pem: good"},
	} {
		out, err := openssl("ocsp", "-issuer", issuing, "-cert", tt.cert, "-url", b.server.URL+"/pki/ocsp", "-CAfile", root, "-no_nonce")
		if err != nil || !strings.Contains(out, "Response verify OK") || !strings.Contains(out, tt.says) {
			t.Errorf("%s: openssl ocsp: %v\n%s", name, err, out)
		}
	}
}
