package verify_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"datmui/blocks/sign/cms"
	"datmui/blocks/sign/pdf"
	"datmui/blocks/sign/pki"
	"datmui/blocks/sign/verify"
)

// tagged is a context-specific DER value.
func tagged(tag int, compound bool, b []byte) []byte {
	out, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: compound, Bytes: b})
	if err != nil {
		panic(err)
	}
	return out
}

func sequence(parts ...[]byte) []byte {
	out, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: bytes.Join(parts, nil)})
	if err != nil {
		panic(err)
	}
	return out
}

// part says that a list speaks of the certificates of one distribution point.
func part(url string) pkix.Extension {
	point := tagged(0, true, tagged(0, true, tagged(6, false, []byte(url))))
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: sequence(point)}
}

// someReasons says that a list speaks of compromised keys only.
var someReasons = pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: sequence(tagged(3, false, []byte{6, 0x40}))}

var delta = pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 1}}

// reaches says that a list still names what ran out since then.
func reaches(at time.Time) pkix.Extension {
	v, err := asn1.MarshalWithParams(at.UTC(), "generalized")
	if err != nil {
		panic(err)
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 60}, Value: v}
}

// special is a list with an extension.
func (n *node) special(t testing.TB, at time.Time, ext pkix.Extension, revoked ...x509.RevocationListEntry) []byte {
	t.Helper()
	return must(x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(2), ThisUpdate: at,
		NextUpdate: at.AddDate(0, 0, 7), RevokedCertificateEntries: revoked, ExtraExtensions: []pkix.Extension{ext}}, n.cert, n.key))(t)
}

func entry(c *x509.Certificate, at time.Time, reason int) x509.RevocationListEntry {
	return x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: at, ReasonCode: reason}
}

func atPoint(c *x509.Certificate) { c.CRLDistributionPoints = []string{"http://ca.example/1.crl"} }

type listMaker = func(t testing.TB, s *stage, root, leaf *node) [][]byte

func partOf(url string) listMaker {
	return func(t testing.TB, s *stage, root, _ *node) [][]byte {
		return [][]byte{root.special(t, s.now.Add(-time.Minute), part(url))}
	}
}

// listCases are about the many kinds of lists and responses.
var listCases = []certCase{
	{name: "list of the part that the certificate names", verdict: verify.Valid, build: simple(atPoint, partOf("http://ca.example/1.crl"))},
	{name: "list of another part", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: simple(atPoint, partOf("http://ca.example/2.crl"))},
	{name: "list of a part, the certificate names none", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: simple(nil, partOf("http://ca.example/1.crl"))},
	{name: "list for some reasons only", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: simple(nil, func(t testing.TB, s *stage, root, _ *node) [][]byte {
		return [][]byte{root.special(t, s.now.Add(-time.Minute), someReasons)}
	})},
	{name: "delta list alone", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: simple(nil, func(t testing.TB, s *stage, root, _ *node) [][]byte {
		return [][]byte{root.special(t, s.now.Add(-time.Minute), delta)}
	})},
	{name: "revoked by the delta list", verdict: verify.Invalid, reason: verify.Revoked, build: simple(nil, func(t testing.TB, s *stage, root, leaf *node) [][]byte {
		return [][]byte{root.crl(t, s.now.Add(-30*time.Minute), 7), root.special(t, s.now.Add(-time.Minute), delta, entry(leaf.cert, s.now.Add(-10*time.Minute), 1))}
	})},
	{name: "on hold", verdict: verify.Invalid, reason: verify.Revoked, build: simple(nil, func(t testing.TB, s *stage, root, leaf *node) [][]byte {
		return [][]byte{root.crl(t, s.now.Add(-time.Minute), 7, entry(leaf.cert, s.now.Add(-10*time.Minute), 6))}
	})},
	{name: "on hold once, released since", verdict: verify.Valid, build: simple(nil, func(t testing.TB, s *stage, root, leaf *node) [][]byte {
		return [][]byte{root.crl(t, s.now.Add(-30*time.Minute), 7, entry(leaf.cert, s.now.Add(-40*time.Minute), 6)), root.crl(t, s.now.Add(-time.Minute), 7)}
	})},
	{name: "list signed by the signer himself", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: simple(nil, func(t testing.TB, s *stage, root, leaf *node) [][]byte {
		fake := *root.cert
		fake.PublicKey = leaf.key.Public()
		return [][]byte{(&node{&fake, leaf.key, nil}).crl(t, s.now.Add(-time.Minute), 7)}
	})},
	{name: "list made after the certificate ran out", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: ranOut(false), at: halfPast},
	{name: "list made after, that reaches back", verdict: verify.Valid, build: ranOut(true), at: halfPast},
	{name: "OCSP of another issuer with the same number", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t) // two authorities that share a key
		r, other := s.nodeFor(t, "Root", key, nil, authority), s.nodeFor(t, "Other", key, nil, authority)
		l := s.node(t, "Leaf", r, nil)
		o := must(ocsp.CreateResponse(other.cert, other.cert, ocsp.Response{SerialNumber: l.cert.SerialNumber, ThisUpdate: s.now, NextUpdate: s.now.Add(time.Hour)}, key))(t)
		return withResponse(t, s, l, o), [][]byte{r.cert.Raw}
	}},
	{name: "OCSP by an appointed responder", verdict: verify.Valid, build: responded(true, true, false)},
	{name: "OCSP by a responder nobody appointed", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: responded(false, true, false)},
	{name: "OCSP by a responder that may have been revoked", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: responded(true, false, false)},
	{name: "OCSP by a responder that a list finds good", verdict: verify.Valid, build: responded(true, false, true)},
	{name: "OCSP that ran out", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: direct(ocsp.Response{Status: ocsp.Good}, -48*time.Hour)},
	{name: "OCSP that does not know", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: direct(ocsp.Response{Status: ocsp.Unknown}, 0)},
	{name: "two time-stamps, the first of an unknown authority", verdict: verify.Valid, reason: verify.StampUntrusted, stamped: true, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		other := must(pki.NewAuthority(s.now.Add(-time.Hour)))(t)
		return s.signedBy(t, reserved(t), s.leader, "leader", stamper(func(ctx context.Context, sum []byte) ([]byte, error) {
			a, err := pki.TSA{Authority: other, Now: s.tsa.Now}.Stamp(ctx, sum)
			if err != nil {
				return nil, err
			}
			b, err := s.tsa.Stamp(ctx, sum)
			return append(a, b...), err // two values of one attribute
		})), s.all()
	}},
}

func halfPast(s *stage) time.Time { return s.now.Add(-30 * time.Minute) }

// ranOut is a certificate of fifty minutes and a list made after them.
func ranOut(reach bool) func(*testing.T, *stage) ([]byte, [][]byte) {
	return simple(func(c *x509.Certificate) { c.NotAfter = c.NotBefore.Add(50 * time.Minute) }, func(t testing.TB, s *stage, root, _ *node) [][]byte {
		if reach {
			return [][]byte{root.special(t, s.now, reaches(s.now.AddDate(-1, 0, 0)))}
		}
		return [][]byte{root.crl(t, s.now, 7)}
	})
}

func withResponse(t testing.TB, s *stage, by *node, response []byte) []byte {
	t.Helper()
	return must(pdf.AddDSS(s.signedBy(t, reserved(t), by.signer(), "leader", nil), nil, nil, [][]byte{response}))(t)
}

// direct is a response signed by the issuer itself.
func direct(r ocsp.Response, age time.Duration) func(*testing.T, *stage) ([]byte, [][]byte) {
	return func(t *testing.T, s *stage) ([]byte, [][]byte) {
		root := s.node(t, "Root", nil, authority)
		l := s.node(t, "Leaf", root, nil)
		r.SerialNumber, r.ThisUpdate, r.NextUpdate = l.cert.SerialNumber, s.now.Add(age), s.now.Add(age+time.Hour)
		return withResponse(t, s, l, must(ocsp.CreateResponse(root.cert, root.cert, r, root.key))(t)), [][]byte{root.cert.Raw}
	}
}

// responded is a response by a responder with a certificate of its own.
func responded(appointed, unchecked, listed bool) func(*testing.T, *stage) ([]byte, [][]byte) {
	return func(t *testing.T, s *stage) ([]byte, [][]byte) {
		root := s.node(t, "Root", nil, authority)
		l := s.node(t, "Leaf", root, nil)
		responder := s.node(t, "Responder", root, func(c *x509.Certificate) {
			if appointed {
				c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
			}
			if unchecked {
				c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: []byte{5, 0}}}
			}
		})
		o := must(ocsp.CreateResponse(root.cert, responder.cert, ocsp.Response{Status: ocsp.Good, SerialNumber: l.cert.SerialNumber,
			ThisUpdate: s.now, NextUpdate: s.now.Add(time.Hour), Certificate: responder.cert}, responder.key))(t)
		trust := [][]byte{root.cert.Raw}
		if listed { // a list that no longer counts for the signer, but did for the responder
			trust = append(trust, root.special(t, s.now.Add(-time.Minute), pkix.Extension{Id: oidUsers, Critical: true, Value: sequence(tagged(1, false, []byte{0xFF}))}))
		}
		return withResponse(t, s, l, o), trust
	}
}

var oidUsers = asn1.ObjectIdentifier{2, 5, 29, 28}

// TestOldAnchor takes an anchor that signed itself by SHA-1 for what it is.
func TestOldAnchor(t *testing.T) {
	dir := t.TempDir()
	key, cert := filepath.Join(dir, "k.pem"), filepath.Join(dir, "c.pem")
	if out, err := tool(t, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha1", "-days", "30", "-subj", "/CN=Old root", "-keyout", key, "-out", cert); err != nil {
		t.Fatalf("openssl req: %v\n%s", err, out)
	}
	trust := verify.NewTrust(must(os.ReadFile(cert))(t))
	if trust.Anchors() != 1 {
		t.Fatalf("%d anchors", trust.Anchors())
	}
	c := must(x509.ParseCertificate(derOf(t, cert)))(t)
	forged := bytes.Clone(c.Raw)
	forged[len(forged)-9] ^= 1 // of its signature
	if verify.NewTrust(forged).Anchors() != 0 {
		t.Error("a certificate whose signature is wrong is taken for an anchor")
	}
}

func derOf(t testing.TB, path string) []byte {
	t.Helper()
	der := path + ".der"
	if out, err := tool(t, "openssl", "x509", "-in", path, "-outform", "DER", "-out", der); err != nil {
		t.Fatalf("openssl x509: %v\n%s", err, out)
	}
	return must(os.ReadFile(der))(t)
}

// TestBare judges a CMS without signed attributes, which openssl can make: right under the older
// SubFilter, malformed where CAdES is claimed.
func TestBare(t *testing.T) {
	s := theStage()
	dir := t.TempDir()
	key := write(t, dir, "k.pem", pemOf("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(s.leader.Key))(t)))
	cert := write(t, dir, "c.pem", pemOf("CERTIFICATE", s.leader.Chain[0].Raw))
	between := write(t, dir, "i.pem", pemOf("CERTIFICATE", s.ca.Issuing.Raw))
	for _, tt := range []struct {
		sub  string
		want verify.Verdict
	}{{"adbe.pkcs7.detached", verify.Valid}, {"ETSI.CAdES.detached", verify.Invalid}} {
		data := s.signedBy(t, reserved(t), s.leader, "leader", nil)
		if tt.want == verify.Valid {
			data = replace(t, data, "/ETSI.CAdES.detached", "/"+tt.sub)
		}
		content, _ := taken(t, data)
		out := filepath.Join(dir, "bare.der")
		if text, err := tool(t, "openssl", "cms", "-sign", "-binary", "-noattr", "-in", write(t, dir, "in", content), "-signer", cert,
			"-inkey", key, "-certfile", between, "-outform", "DER", "-out", out); err != nil {
			t.Fatalf("openssl cms: %v\n%s", err, text)
		}
		der := must(os.ReadFile(out))(t)
		signed := withCMS(t, data, func([]byte) []byte { return der })
		o := verify.Options{Trust: s.trust(), Now: s.now}
		if rep := verify.Bytes(t.Context(), signed, o); rep.Verdict != tt.want {
			t.Errorf("%s: %+v", tt.sub, rep)
		}
		signed[20] ^= 1
		if rep := verify.Bytes(t.Context(), signed, o); rep.Verdict != verify.Invalid {
			t.Errorf("%s, changed: %+v", tt.sub, rep)
		}
	}
}

// TestCostlyKey passes over keys so large that using them would take minutes.
func TestCostlyKey(t *testing.T) {
	s := theStage()
	n := new(big.Int).Lsh(big.NewInt(1), 2_000_000)
	spki := must(x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537}))(t)
	c := s.leader.Chain[0]
	costly := must(x509.ParseCertificate(withSPKI(t, c, spki)))(t)
	if cms.Fair(costly) || !cms.Fair(c) {
		t.Fatal("which keys are fair")
	}
	d := must(pdf.AddDSS(s.byLeader(t), [][]byte{costly.Raw}, nil, nil))(t)
	if rep := verify.Bytes(t.Context(), d, verify.Options{Trust: s.trust(), Now: s.now}); rep.Verdict != verify.Valid {
		t.Errorf("%+v", rep)
	}
}

// withSPKI exchanges the key of a certificate; its signature is wrong afterwards.
func withSPKI(t testing.TB, c *x509.Certificate, spki []byte) []byte {
	t.Helper()
	var tbs, outer asn1.RawValue
	if _, err := asn1.Unmarshal(c.RawTBSCertificate, &tbs); err != nil {
		t.Fatal(err)
	}
	if _, err := asn1.Unmarshal(c.Raw, &outer); err != nil {
		t.Fatal(err)
	}
	return sequence(sequence(bytes.Replace(tbs.Bytes, c.RawSubjectPublicKeyInfo, spki, 1)), outer.Bytes[len(c.RawTBSCertificate):])
}

// TestManyLists brings along a large list two hundred times; it is read once, and lists beyond the
// limit are passed over.
func TestManyLists(t *testing.T) {
	s := theStage()
	root := s.node(t, "Root", nil, authority)
	var entries []x509.RevocationListEntry
	for i := range 100_000 {
		entries = append(entries, x509.RevocationListEntry{SerialNumber: big.NewInt(int64(i + 1)), RevocationTime: s.now})
	}
	crl := root.crl(t, s.now.Add(-time.Minute), 7, entries...)
	d := must(pdf.AddDSS(s.byLeader(t), nil, slices.Repeat([][]byte{crl}, 12), nil))(t)
	rep := verify.Bytes(t.Context(), d, verify.Options{Trust: s.trust(), Now: s.now, Timeout: 10 * time.Minute})
	if rep.Verdict != verify.Valid {
		t.Errorf("%+v", rep)
	}
}
