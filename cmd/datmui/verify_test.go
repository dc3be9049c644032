package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"datmui/blocks/letters/ink"
	"datmui/blocks/sign/cms"
	"datmui/blocks/sign/pades"
	"datmui/blocks/sign/pdf"
	"datmui/blocks/sign/pki"
)

// TestVerify holds the command to its contract: JSON on stdout, the exit status of the verdict,
// with a trust folder of one's own or the instance's.
func TestVerify(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	write := func(name string, b []byte) string {
		t.Helper()
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	ca, err := pki.NewAuthority(now)
	if err != nil {
		t.Fatal(err)
	}
	key, err := pki.BodyKey()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(pki.Subject{Name: "Sở Tư pháp"}, key.Public(), now)
	if err != nil {
		t.Fatal(err)
	}
	crl, err := ca.CRL(nil, 1, now)
	if err != nil {
		t.Fatal(err)
	}
	rootCRL, err := ca.RootCRL(nil, 1, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"anchors", "data/trust"} {
		write(folder+"/root.cer", ca.Root.Raw)
		write(folder+"/a.crl", crl)
		write(folder+"/b.crl", rootCRL)
	}
	write("empty/readme", []byte("nothing"))
	d := ink.New()
	d.Page()
	d.Text(30, 30, ink.Regular, 13, "Đất Mũi", 0)
	signed, err := pades.Sign(t.Context(), d.Bytes(), cms.Signer{Key: key, Chain: ca.Chain(cert)}, pki.TSA{Authority: ca, Now: time.Now}, pdf.Signature{Time: now})
	if err != nil {
		t.Fatal(err)
	}
	good, plain := write("good.pdf", signed), write("plain.pdf", d.Bytes())
	bad := write("bad.pdf", bytes.Replace(signed, []byte("/MediaBox"), []byte("/MediaBix"), 1))
	minus := write("-minus.pdf", signed)
	text := write("a.txt", []byte("hello"))
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	anchors, data := filepath.Join(dir, "anchors"), filepath.Join(dir, "data")
	for name, tt := range map[string]struct {
		args    []string
		status  int
		verdict string
	}{
		"valid":                 {[]string{"--trust", anchors, "--json", good}, 0, "valid"},
		"instance's trust list": {[]string{"--data", data, "--json", good}, 0, "valid"},
		"no trust list":         {[]string{"--data", dir, "--json", good}, 2, "undetermined"},
		"nobody trusted":        {[]string{"--trust", filepath.Join(dir, "empty"), "--json", good}, 2, "undetermined"},
		"no trust folder":       {[]string{"--trust", filepath.Join(dir, "none"), "--json", good}, 2, "undetermined"},
		"invalid":               {[]string{"--trust", anchors, "--json", bad}, 1, "invalid"},
		"unsigned":              {[]string{"--trust", anchors, "--json", plain}, 3, "unsigned"},
		"no PDF":                {[]string{"--trust", anchors, "--json", text}, 3, "unsigned"},
		"no file":               {[]string{"--json", filepath.Join(dir, "none.pdf")}, 2, "undetermined"},
		"a pipe nobody fills":   {[]string{"--json", pipe}, 2, "undetermined"},
		"a folder":              {[]string{"--json", dir}, 2, "undetermined"},
		"time-stamp beats --at": {[]string{"--trust", anchors, "--at", "2001-01-01T00:00:00Z", "--json", good}, 0, "valid"},
		"no time":               {[]string{"--at", "soon", "--json", good}, 2, "undetermined"},
		"end of options":        {[]string{"--trust", anchors, "--json", "--", minus}, 0, "valid"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, said bytes.Buffer
			status := run(append([]string{"verify"}, tt.args...), &out, &said)
			var rep struct {
				Verdict    string
				Explain    string
				Reasons    []string
				Signatures []map[string]any
			}
			if err := json.Unmarshal(out.Bytes(), &rep); err != nil {
				t.Fatalf("%v: %s %s", err, out.String(), said.String())
			}
			if status != tt.status || rep.Verdict != tt.verdict || rep.Explain == "" || rep.Signatures == nil || rep.Reasons == nil {
				t.Errorf("status %d, %s", status, out.String())
			}
			for _, s := range rep.Signatures {
				for _, k := range []string{"verdict", "signer", "organisation", "signed_at", "timestamped", "covers", "changes_after", "reasons", "explain"} {
					if _, ok := s[k]; !ok {
						t.Errorf("no %q in %v", k, s)
					}
				}
			}
		})
	}
}
