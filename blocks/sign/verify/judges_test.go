package verify_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"datmui/blocks/sign/cms"
	"datmui/blocks/sign/verify"
)

// tool runs a judge that this system did not write. `make test` installs them all:
// poppler-utils, libnss3-tools, openssl.
func tool(t testing.TB, name string, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Fatalf("%s is needed: %v", name, err)
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	return string(out), err
}

func write(t testing.TB, dir, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func pemOf(kind string, ders ...[]byte) []byte {
	var out []byte
	for _, d := range ders {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: d})...)
	}
	return out
}

// wholeBytes are the reasons that pdfsig can see too.
var wholeBytes = []verify.Code{verify.DigestMismatch, verify.SignatureWrong, verify.ByteRange, verify.Contents,
	verify.DuplicateKey, verify.Malformed, verify.CertMissing, verify.CertMismatch, verify.ChangedAfter,
	verify.StructureAfter, verify.Removed}

// chainDiffers says why pdfsig disagrees about a chain that is good to us.
var chainDiffers = map[string]string{
	"the same signer twice": "NSS 3.87 finds the certificate of the second signature already in its memory and fails on it",
}

// TestPdfsig lets poppler judge every good file and every attack. Where it finds the bytes
// right and we refuse, or the other way round, the specimen says why.
func TestPdfsig(t *testing.T) {
	s := theStage()
	dir := t.TempDir()
	nss := "sql:" + t.TempDir()
	root := write(t, dir, "root.der", s.ca.Root.Raw)
	for _, args := range [][]string{{"-N", "-d", nss, "--empty-password"}, {"-A", "-d", nss, "-n", "root", "-t", "CT,C,C", "-i", root}} {
		if out, err := tool(t, "certutil", args...); err != nil {
			t.Fatalf("certutil %v: %v\n%s", args, err, out)
		}
	}
	for i, tt := range slices.Concat(good, byteGames, changeGames) {
		t.Run(tt.name, func(t *testing.T) {
			data := tt.make(t, s)
			rep := verify.Bytes(t.Context(), data, verify.Options{Trust: s.trust(), Now: s.now})
			ours := !slices.ContainsFunc(rep.Signatures, func(sig verify.Signature) bool {
				return slices.ContainsFunc(sig.Reasons, func(c verify.Code) bool { return slices.Contains(wholeBytes, c) })
			})
			out, _ := tool(t, "pdfsig", "-nssdir", nss, write(t, dir, fmt.Sprintf("%d.pdf", i), data))
			right := strings.Count(out, "Signature Validation: Signature is Valid.")
			theirs := right > 0 && right == strings.Count(out, "Signature Validation:")
			if agree := ours == theirs; agree != (tt.differs == "") {
				t.Errorf("we find the bytes right: %v, pdfsig: %v, expected difference %q\n%s", ours, theirs, tt.differs, out)
			}
			_, known := chainDiffers[tt.name]
			if trusted := strings.Count(out, "Certificate is Trusted.") == right; rep.Verdict == verify.Valid && trusted == known {
				t.Errorf("the chain is good to us, to pdfsig: %v, expected difference: %v\n%s", trusted, known, out)
			}
		})
	}
}

// taken is a signature taken out of a file: what was signed, its CMS and its time-stamp.
func taken(t testing.TB, data []byte) (content, der []byte) {
	t.Helper()
	_, br := ranges(t, data)
	content = append(bytes.Clone(data[:br[1]]), data[br[2]:br[2]+br[3]]...)
	withCMS(t, data, func(b []byte) []byte { der = bytes.Clone(b); return b })
	return content, der
}

// TestOpenSSL lets openssl judge the CMS, the chain with the same lists, and the time-stamp.
func TestOpenSSL(t *testing.T) {
	s := theStage()
	dir := t.TempDir()
	roots := write(t, dir, "roots.pem", append(pemOf("CERTIFICATE", s.ca.Root.Raw), pemOf("X509 CRL", s.crl, s.rootCRL)...))
	between := write(t, dir, "between.pem", pemOf("CERTIFICATE", s.ca.Issuing.Raw))
	for name, by := range map[string]cms.Signer{"rsa": s.leader, "ecdsa": s.body} {
		data := s.signedBy(t, reserved(t), by, "leader", s.tsa)
		content, der := taken(t, data)
		c, d := write(t, dir, name+".bin", content), write(t, dir, name+".cms", der)
		out, err := tool(t, "openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", d, "-content", c,
			"-CAfile", roots, "-crl_check_all", "-purpose", "any", "-out", os.DevNull)
		if err != nil || !strings.Contains(out, "CAdES Verification successful") {
			t.Errorf("%s: openssl cms: %v\n%s", name, err, out)
		}
		leaf := write(t, dir, name+".pem", pemOf("CERTIFICATE", by.Chain[0].Raw))
		if out, err := tool(t, "openssl", "verify", "-crl_check_all", "-CAfile", roots, "-untrusted", between, leaf); err != nil {
			t.Errorf("%s: openssl verify: %v\n%s", name, err, out)
		}
		sd := must(cms.Parse(der))(t)
		token, value := write(t, dir, name+".tst", sd.Token), write(t, dir, name+".sig", sd.Value())
		if out, err := tool(t, "openssl", "ts", "-verify", "-token_in", "-in", token, "-data", value, "-CAfile", roots, "-untrusted", between); err != nil {
			t.Errorf("%s: openssl ts: %v\n%s", name, err, out)
		}
		if out, err := tool(t, "openssl", "ts", "-verify", "-token_in", "-in", token, "-data", c, "-CAfile", roots, "-untrusted", between); err == nil {
			t.Errorf("%s: openssl takes the time-stamp for other bytes\n%s", name, out)
		}
		content[len(content)/2] ^= 1
		write(t, dir, name+".bin", content)
		if out, err := tool(t, "openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", d, "-content", c,
			"-CAfile", roots, "-purpose", "any", "-out", os.DevNull); err == nil {
			t.Errorf("%s: openssl finds changed content right\n%s", name, out)
		}
	}
}

// opensslDiffers says why openssl verify disagrees with us about a chain.
var opensslDiffers = map[string]string{
	"revoked after the time that counts":                 "openssl takes a revocation for all time, before and after its date",
	"expired since, but time-stamped":                    "openssl verify is told the time; it does not know of time-stamps",
	"expired since, but a document time-stamp proves it": "the same",
	"for servers only":                                   "openssl is not asked about a purpose here",
	"for time-stamps only":                               "the same",
	"for encryption only":                                "the same",
	"authority for servers only":                         "the same",
	"time-stamp over other bytes":                        "openssl verify sees the certificate only",
	"lists inside the file":                              "openssl verify does not see into the file",
	"OCSP inside the file":                               "the same",
	"OCSP says revoked":                                  "the same",
	"RSA of 1,024 bits":                                  "openssl's default level allows RSA of 1,024 bits in a chain",
	"anchor itself signs":                                "openssl asks for a list even for an anchor",
	"list of the part that the certificate names":        "the same: the anchor names no part",
	"OCSP by a responder that a list finds good":         "openssl verify does not see into the file",
	"OCSP by an appointed responder":                     "the same",
	"delta list alone":                                   "openssl takes a delta list for a whole one",
	"list made after, that reaches back":                 "openssl takes no list made after the time it is asked about, and does not know expiredCertsOnCRL",
}

// TestOpenSSLChain compares the chain and revocation of every certificate case.
func TestOpenSSLChain(t *testing.T) {
	s := theStage()
	chainOnly := []verify.Code{verify.TimeClaimed, verify.StampUntrusted}
	for _, tt := range slices.Concat(certCases, listCases) {
		t.Run(tt.name, func(t *testing.T) {
			data, trust := tt.build(t, s)
			at := s.now
			if tt.at != nil {
				at = tt.at(s)
			}
			rep := verify.Bytes(t.Context(), data, verify.Options{Trust: verify.NewTrust(trust...), Now: s.now, At: at})
			ours := !slices.ContainsFunc(rep.Signatures[0].Reasons, func(c verify.Code) bool { return !slices.Contains(chainOnly, c) })
			dir := t.TempDir()
			var anchors, untrusted, crls []byte
			for _, b := range trust {
				kind := verify.NewTrust(b)
				switch {
				case kind.Anchors() == 1:
					anchors = append(anchors, pemOf("CERTIFICATE", b)...)
				case isCert(b):
					untrusted = append(untrusted, pemOf("CERTIFICATE", b)...)
				default:
					crls = append(crls, pemOf("X509 CRL", b)...)
				}
			}
			sd := firstCMS(t, data)
			for _, c := range sd.Certs {
				if c != sd.Cert && !bytes.Contains(anchors, pemOf("CERTIFICATE", c.Raw)) {
					untrusted = append(untrusted, pemOf("CERTIFICATE", c.Raw)...)
				}
			}
			args := []string{"verify", "-crl_check_all", "-attime", fmt.Sprint(at.Unix()), "-CAfile", write(t, dir, "a.pem", anchors)}
			if untrusted != nil {
				args = append(args, "-untrusted", write(t, dir, "u.pem", untrusted))
			}
			if crls != nil {
				args = append(args, "-CRLfile", write(t, dir, "c.pem", crls))
			}
			out, err := tool(t, "openssl", append(args, write(t, dir, "leaf.pem", pemOf("CERTIFICATE", sd.Cert.Raw)))...)
			if agree := ours == (err == nil); agree != (opensslDiffers[tt.name] == "") {
				t.Errorf("we: %v %v, openssl: %v, expected difference %q\n%s", ours, rep.Signatures[0].Reasons, err == nil, opensslDiffers[tt.name], out)
			}
		})
	}
}

func isCert(der []byte) bool {
	_, err := x509.ParseCertificate(der)
	return err == nil
}

// firstCMS reads the first signature of a file.
func firstCMS(t testing.TB, data []byte) *cms.SignedData {
	t.Helper()
	m := byteRange.FindIndex(data)
	hole := data[m[1]:]
	hole = hole[bytes.IndexByte(hole, '<')+1:]
	hole = hole[:bytes.IndexByte(hole, '>')]
	der := must(hex.DecodeString(string(hole)))(t)
	n := 4 + int(der[2])<<8 + int(der[3])
	return must(cms.Parse(der[:n]))(t)
}

// TestPopplerSigns has poppler sign: alone, over a cross-reference stream, and behind our own
// signatures, which it must not break.
func TestPopplerSigns(t *testing.T) {
	s := theStage()
	dir := t.TempDir()
	nss := "sql:" + t.TempDir()
	both := append(pemOf("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(s.leader.Key))(t)), pemOf("CERTIFICATE", s.leader.Chain[0].Raw, s.ca.Issuing.Raw)...)
	p12 := filepath.Join(dir, "k.p12")
	for _, args := range [][]string{
		{"openssl", "pkcs12", "-export", "-in", write(t, dir, "k.pem", both), "-out", p12, "-passout", "pass:x", "-name", "leader"},
		{"certutil", "-N", "-d", nss, "--empty-password"},
		{"pk12util", "-i", p12, "-d", nss, "-W", "x"},
	} {
		if out, err := tool(t, args[0], args[1:]...); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	for name, tt := range map[string]struct {
		data []byte
		sigs int
	}{"letter": {letter(), 1}, "packed": {packedLetter(), 1}, "whole": {s.whole(t), 3}} {
		to := filepath.Join(dir, name+"-signed.pdf")
		said, _ := tool(t, "pdfsig", "-nssdir", nss, "-nick", "leader", "-add-signature", write(t, dir, name+".pdf", tt.data), to)
		data, err := os.ReadFile(to)
		if err != nil {
			t.Fatalf("pdfsig does not sign: %v\n%s", err, said)
		}
		rep := verify.Bytes(t.Context(), data, verify.Options{Trust: s.trust(), Now: s.now.Add(time.Minute)})
		if rep.Verdict != verify.Valid || len(rep.Signatures) != tt.sigs {
			t.Errorf("%s: %+v", name, rep)
		}
	}
}

// TestSHA1 has openssl sign with SHA-1, which this system cannot.
func TestSHA1(t *testing.T) {
	s := theStage()
	data := s.byLeader(t)
	content, _ := taken(t, data)
	dir := t.TempDir()
	keyDER := must(x509.MarshalPKCS8PrivateKey(s.leader.Key))(t)
	key, cert := write(t, dir, "k.pem", pemOf("PRIVATE KEY", keyDER)), write(t, dir, "c.pem", pemOf("CERTIFICATE", s.leader.Chain[0].Raw))
	for _, md := range []string{"sha1", "md5", "sha256", "sha512"} {
		out := filepath.Join(dir, md+".der")
		if text, err := tool(t, "openssl", "cms", "-sign", "-binary", "-cades", "-md", md, "-in", write(t, dir, "in", content),
			"-signer", cert, "-inkey", key, "-outform", "DER", "-out", out); err != nil {
			t.Fatalf("openssl cms -sign: %v\n%s", err, text)
		}
		der := must(os.ReadFile(out))(t)
		rep := verify.Bytes(t.Context(), withCMS(t, data, func([]byte) []byte { return der }), verify.Options{Trust: s.trust(), Now: s.now})
		weak := slices.Contains(rep.Signatures[0].Reasons, verify.WeakAlgorithm)
		if want := md == "sha1" || md == "md5"; weak != want || want != (rep.Verdict == verify.Invalid) {
			t.Errorf("%s: %s %v", md, rep.Verdict, rep.Signatures[0].Reasons)
		}
	}
}

// TestOpenSSLLists takes the lists that `openssl ca` writes: of version 1 unless told otherwise.
func TestOpenSSLLists(t *testing.T) {
	s := theStage()
	root := s.node(t, "Root", nil, authority)
	leaf := s.node(t, "Leaf", root, nil)
	data := s.signedBy(t, reserved(t), leaf.signer(), "leader", nil)
	dir := t.TempDir()
	key := write(t, dir, "k.pem", pemOf("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(root.key))(t)))
	cert, mine := write(t, dir, "c.pem", pemOf("CERTIFICATE", root.cert.Raw)), write(t, dir, "l.pem", pemOf("CERTIFICATE", leaf.cert.Raw))
	conf := write(t, dir, "ca.cnf", fmt.Appendf(nil, "[ca]\ndefault_ca=d\n[d]\ndatabase=%[1]s/index\ndefault_md=sha256\ndefault_crl_days=7\npolicy=p\n[p]\ncommonName=supplied\n[ext]\nauthorityKeyIdentifier=keyid\n", dir))
	write(t, dir, "index", nil)
	list := func(args ...string) []byte {
		t.Helper()
		out := filepath.Join(dir, "crl.pem")
		if text, err := tool(t, "openssl", append([]string{"ca", "-config", conf, "-cert", cert, "-keyfile", key, "-gencrl", "-out", out}, args...)...); err != nil {
			t.Fatalf("openssl ca: %v\n%s", err, text)
		}
		return must(os.ReadFile(out))(t)
	}
	now := time.Now()
	judge := func(list []byte) verify.Report {
		return verify.Bytes(t.Context(), data, verify.Options{Trust: verify.NewTrust(root.cert.Raw, list), Now: now.Add(time.Minute)})
	}
	if rep := judge(list()); rep.Verdict != verify.Valid {
		t.Errorf("version 1: %+v", rep)
	}
	if text, err := tool(t, "openssl", "ca", "-config", conf, "-cert", cert, "-keyfile", key, "-revoke", mine); err != nil {
		t.Fatalf("openssl ca -revoke: %v\n%s", err, text)
	}
	one, two := list(), list("-crlexts", "ext")
	for name, l := range map[string][]byte{"version 1": one, "version 2": two} {
		if rep := judge(l); rep.Verdict != verify.Invalid || !slices.Contains(rep.Signatures[0].Reasons, verify.Revoked) {
			t.Errorf("%s, revoked: %+v", name, rep)
		}
	}
	block, _ := pem.Decode(one)
	block.Bytes[len(block.Bytes)-1] ^= 1
	if rep := judge(block.Bytes); rep.Verdict != verify.Undetermined {
		t.Errorf("version 1, forged: %+v", rep)
	}
}

// TestOpenSSLStamps has openssl give the time-stamps: with its certificate, without, and by SHA-1.
func TestOpenSSLStamps(t *testing.T) {
	s := theStage()
	root := s.node(t, "Root", nil, authority)
	tsa := s.node(t, "TSA", root, func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true,
			Value: must(asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}}))(t)}}
	})
	dir := t.TempDir()
	key := write(t, dir, "k.pem", pemOf("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(tsa.key))(t)))
	cert := write(t, dir, "c.pem", pemOf("CERTIFICATE", tsa.cert.Raw))
	write(t, dir, "serial", []byte("01\n"))
	by := func(md string, args ...string) stamper {
		conf := write(t, dir, "ts.cnf", fmt.Appendf(nil, "[tsa]\ndefault_tsa=t\n[t]\nserial=%s/serial\nsigner_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha1,sha256\naccuracy=secs:1\nordering=no\ness_cert_id_alg=%s\n", dir, md))
		return func(_ context.Context, sum []byte) ([]byte, error) {
			q, r := filepath.Join(dir, "q"), filepath.Join(dir, "r")
			if text, err := tool(t, "openssl", append([]string{"ts", "-query", "-digest", hex.EncodeToString(sum), "-sha256", "-out", q}, args...)...); err != nil {
				t.Fatalf("openssl ts: %v\n%s", err, text)
			}
			if text, err := tool(t, "openssl", "ts", "-reply", "-config", conf, "-queryfile", q, "-signer", cert, "-inkey", key, "-token_out", "-out", r); err != nil {
				t.Fatalf("openssl ts: %v\n%s", err, text)
			}
			return os.ReadFile(r)
		}
	}
	list := root.crl(t, s.now.Add(-time.Minute), 7)
	for _, tt := range []struct {
		name   string
		by     stamper
		proven bool
	}{{"with its certificate", by("sha256", "-cert"), true}, {"without", by("sha256"), false}, {"naming it by SHA-1", by("sha1", "-cert"), true}} {
		data := s.signedBy(t, reserved(t), s.leader, "leader", tt.by)
		rep := verify.Bytes(t.Context(), data, verify.Options{Trust: verify.NewTrust(append(s.all(), root.cert.Raw, list)...), Now: time.Now().Add(time.Minute)})
		if rep.Verdict != verify.Valid || rep.Signatures[0].Timestamped != tt.proven {
			t.Errorf("%s: %+v", tt.name, rep)
		}
	}
}
