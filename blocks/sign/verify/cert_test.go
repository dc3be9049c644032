package verify_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"datmui/blocks/sign/cms"
	"datmui/blocks/sign/pades"
	"datmui/blocks/sign/pdf"
	"datmui/blocks/sign/pki"
	"datmui/blocks/sign/verify"
)

// node is an authority or signer made to order.
type node struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	up   *node
}

var serials int64 = 1000

func (s *stage) node(t testing.TB, name string, up *node, change func(*x509.Certificate)) *node {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	return s.nodeFor(t, name, key, up, change)
}

func (s *stage) nodeFor(t testing.TB, name string, key *ecdsa.PrivateKey, up *node, change func(*x509.Certificate)) *node {
	t.Helper()
	serials++
	c := &x509.Certificate{SerialNumber: big.NewInt(serials), Subject: pkix.Name{Country: []string{"VN"}, CommonName: name},
		NotBefore: s.now.Add(-time.Hour), NotAfter: s.now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature}
	if change != nil {
		change(c)
	}
	parent, by := c, key
	if up != nil {
		parent, by = up.cert, up.key
	}
	der := must(x509.CreateCertificate(rand.Reader, c, parent, key.Public(), by))(t)
	return &node{must(x509.ParseCertificate(der))(t), key, up}
}

func authority(c *x509.Certificate) {
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
}

func (n *node) signer() cms.Signer {
	s := cms.Signer{Key: n.key}
	for ; n != nil; n = n.up {
		s.Chain = append(s.Chain, n.cert)
	}
	return s
}

func (n *node) crl(t testing.TB, at time.Time, days int, revoked ...x509.RevocationListEntry) []byte {
	t.Helper()
	return must(x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: at,
		NextUpdate: at.AddDate(0, 0, days), RevokedCertificateEntries: revoked}, n.cert, n.key))(t)
}

// certCase is a signature whose bytes are right; what matters is its certificate.
type certCase struct {
	name    string
	build   func(t *testing.T, s *stage) (data []byte, trust [][]byte)
	at      func(s *stage) time.Time // nil is now
	verdict verify.Verdict
	reason  verify.Code
	stamped bool
}

// simple is one root and one signer under it.
func simple(change func(*x509.Certificate), crl func(t testing.TB, s *stage, root, leaf *node) [][]byte) func(*testing.T, *stage) ([]byte, [][]byte) {
	return func(t *testing.T, s *stage) ([]byte, [][]byte) {
		r := s.node(t, "Root", nil, authority)
		l := s.node(t, "Leaf", r, change)
		return s.signedBy(t, reserved(t), l.signer(), "leader", nil), append(crl(t, s, r, l), r.cert.Raw)
	}
}

func freshList(t testing.TB, s *stage, root, _ *node) [][]byte {
	return [][]byte{root.crl(t, s.now.Add(-time.Minute), 7)}
}

func revokedAt(d time.Duration) func(t testing.TB, s *stage, root, leaf *node) [][]byte {
	return func(t testing.TB, s *stage, root, leaf *node) [][]byte {
		return [][]byte{root.crl(t, s.now.Add(-time.Minute), 7, x509.RevocationListEntry{SerialNumber: leaf.cert.SerialNumber, RevocationTime: s.now.Add(d)})}
	}
}

func listed(at time.Duration, days int) func(t testing.TB, s *stage, root, leaf *node) [][]byte {
	return func(t testing.TB, s *stage, root, _ *node) [][]byte {
		return [][]byte{root.crl(t, s.now.Add(at), days)}
	}
}

func noList(testing.TB, *stage, *node, *node) [][]byte { return nil }

type stamper func(ctx context.Context, sum []byte) ([]byte, error)

func (f stamper) Stamp(ctx context.Context, sum []byte) ([]byte, error) { return f(ctx, sum) }

var certCases = []certCase{
	{name: "good", build: simple(nil, freshList), verdict: verify.Valid},
	{name: "unknown authority", verdict: verify.Undetermined, reason: verify.ChainUnknown, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		d, _ := simple(nil, freshList)(t, s)
		return d, [][]byte{s.ca.Root.Raw}
	}},
	{name: "anchor itself signs", verdict: verify.Valid, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		r := s.node(t, "Self", nil, nil)
		return s.signedBy(t, reserved(t), r.signer(), "leader", nil), [][]byte{r.cert.Raw}
	}},
	{name: "signs for itself, unknown", verdict: verify.Undetermined, reason: verify.ChainUnknown, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		return s.signedBy(t, reserved(t), s.node(t, "Self", nil, nil).signer(), "leader", nil), nil
	}},
	{name: "intermediate alone is no anchor", verdict: verify.Undetermined, reason: verify.ChainUnknown, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		return s.byLeader(t), [][]byte{s.ca.Issuing.Raw, s.crl}
	}},
	{name: "expired", verdict: verify.Invalid, reason: verify.Expired, build: simple(func(c *x509.Certificate) { c.NotAfter = c.NotBefore.Add(time.Minute) }, freshList)},
	{name: "not yet valid", verdict: verify.Invalid, reason: verify.NotYetValid, build: simple(func(c *x509.Certificate) { c.NotBefore = c.NotBefore.AddDate(0, 1, 0) }, freshList)},
	{name: "expired since, judged in its time", verdict: verify.Valid, at: func(s *stage) time.Time { return s.now.Add(-30 * time.Minute) },
		build: simple(func(c *x509.Certificate) { c.NotAfter = c.NotBefore.Add(50 * time.Minute) }, listed(-40*time.Minute, 1))},
	{name: "revoked", verdict: verify.Invalid, reason: verify.Revoked, build: simple(nil, revokedAt(-30*time.Minute))},
	{name: "revoked after the time that counts", verdict: verify.Valid, at: func(s *stage) time.Time { return s.now.Add(-40 * time.Minute) }, build: simple(nil, revokedAt(-30*time.Minute))},
	{name: "revoked long ago by a list that ran out", verdict: verify.Invalid, reason: verify.Revoked, build: simple(nil, func(t testing.TB, s *stage, root, leaf *node) [][]byte {
		return [][]byte{root.crl(t, s.now.AddDate(0, 0, -9), 2, x509.RevocationListEntry{SerialNumber: leaf.cert.SerialNumber, RevocationTime: s.now.AddDate(0, 0, -10)})}
	})},
	{name: "no list", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: simple(nil, noList)},
	{name: "list that ran out", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: simple(nil, listed(-9*24*time.Hour, 2))},
	{name: "list from the future", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: simple(nil, listed(48*time.Hour, 2))},
	{name: "list of somebody else with the same name", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: simple(nil, func(t testing.TB, s *stage, _, _ *node) [][]byte {
		return [][]byte{s.node(t, "Root", nil, authority).crl(t, s.now.Add(-time.Minute), 7)}
	})},
	{name: "no list for the intermediate", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		return s.byLeader(t), [][]byte{s.ca.Root.Raw, s.crl}
	}},
	{name: "intermediate revoked", verdict: verify.Invalid, reason: verify.Revoked, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		l := must(s.ca.RootCRL([]pki.Revoked{{Serial: s.ca.Issuing.SerialNumber, At: s.now.Add(-40 * time.Minute)}}, 2, s.now))(t)
		return s.signedBy(t, reserved(t), s.leader, "leader", nil), [][]byte{s.ca.Root.Raw, s.crl, l}
	}},
	{name: "lists inside the file", verdict: verify.Valid, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		return must(pdf.AddDSS(s.signedBy(t, reserved(t), s.leader, "leader", nil), nil, [][]byte{s.crl, s.rootCRL}, nil))(t), [][]byte{s.ca.Root.Raw}
	}},
	{name: "OCSP inside the file", verdict: verify.Valid, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		return s.withOCSP(t, nil), [][]byte{s.ca.Root.Raw, s.rootCRL}
	}},
	{name: "OCSP says revoked", verdict: verify.Invalid, reason: verify.Revoked, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		return s.withOCSP(t, &pki.Revoked{At: s.now.Add(-time.Minute)}), [][]byte{s.ca.Root.Raw, s.rootCRL, s.crl}
	}},
	{name: "OCSP by a stranger", verdict: verify.Undetermined, reason: verify.RevocationUnknown, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		x := s.node(t, "CA cấp phát", nil, authority)
		o := must(ocsp.CreateResponse(x.cert, x.cert, ocsp.Response{SerialNumber: s.leader.Chain[0].SerialNumber, ThisUpdate: s.now, NextUpdate: s.now.Add(time.Hour), Certificate: x.cert}, x.key))(t)
		return must(pdf.AddDSS(s.signedBy(t, reserved(t), s.leader, "leader", nil), nil, nil, [][]byte{o}))(t), [][]byte{s.ca.Root.Raw, s.rootCRL}
	}},
	{name: "for servers only", verdict: verify.Invalid, reason: verify.KeyUsage, build: simple(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }, freshList)},
	{name: "for time-stamps only", verdict: verify.Invalid, reason: verify.KeyUsage, build: simple(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping} }, freshList)},
	{name: "for encryption only", verdict: verify.Invalid, reason: verify.KeyUsage, build: simple(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }, freshList)},
	{name: "authority for servers only", verdict: verify.Invalid, reason: verify.KeyUsage, build: under(func(c *x509.Certificate) {
		authority(c)
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})},
	{name: "issued by a signer", verdict: verify.Invalid, reason: verify.ChainBroken, build: under(func(c *x509.Certificate) {
		c.BasicConstraintsValid = true
	})},
	{name: "issued by an authority that may not certify", verdict: verify.Invalid, reason: verify.ChainBroken, build: under(func(c *x509.Certificate) {
		authority(c)
		c.KeyUsage = x509.KeyUsageCRLSign
	})},
	{name: "path too long", verdict: verify.Invalid, reason: verify.ChainBroken, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		r := s.node(t, "Root", nil, func(c *x509.Certificate) { authority(c); c.MaxPathLenZero = true })
		m := s.node(t, "Middle", r, authority)
		l := s.node(t, "Leaf", m, nil)
		return s.signedBy(t, reserved(t), l.signer(), "leader", nil), [][]byte{r.cert.Raw, r.crl(t, s.now, 7), m.crl(t, s.now, 7)}
	}},
	{name: "mail names constrained", verdict: verify.Invalid, reason: verify.NameConstraints, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		r := s.node(t, "Root", nil, func(c *x509.Certificate) {
			authority(c)
			c.PermittedEmailAddresses, c.PermittedDNSDomainsCritical = []string{"camau.gov.vn"}, true
		})
		l := s.node(t, "Leaf", r, func(c *x509.Certificate) { c.EmailAddresses = []string{"a@example.com"} })
		return s.signedBy(t, reserved(t), l.signer(), "leader", nil), [][]byte{r.cert.Raw, r.crl(t, s.now, 7)}
	}},
	{name: "directory names constrained, outside", verdict: verify.Invalid, reason: verify.NameConstraints, build: constrained("LA")},
	{name: "directory names constrained, within", verdict: verify.Valid, build: constrained("VN")},
	{name: "authorities that certify each other", verdict: verify.Undetermined, reason: verify.ChainUnknown, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		ka, kb := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t), must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
		a0, b0 := s.nodeFor(t, "A", ka, nil, authority), s.nodeFor(t, "B", kb, nil, authority)
		a, b := s.nodeFor(t, "A", ka, b0, authority), s.nodeFor(t, "B", kb, a0, authority)
		l := s.node(t, "Leaf", a, nil)
		l.up, a.up, b.up = a, b, nil
		return s.signedBy(t, reserved(t), l.signer(), "leader", nil), [][]byte{a.cert.Raw, b.cert.Raw}
	}},
	{name: "authorities that certify each other, one an anchor", verdict: verify.Valid, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		ka, kb := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t), must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
		a0, b0 := s.nodeFor(t, "A", ka, nil, authority), s.nodeFor(t, "B", kb, nil, authority)
		a, b := s.nodeFor(t, "A", ka, b0, authority), s.nodeFor(t, "B", kb, a0, authority)
		l := s.node(t, "Leaf", a0, nil)
		return s.signedBy(t, reserved(t), l.signer(), "leader", nil),
			[][]byte{a.cert.Raw, b.cert.Raw, b0.cert.Raw, a0.crl(t, s.now, 7), b0.crl(t, s.now, 7)}
	}},
	{name: "RSA of 1,024 bits", verdict: verify.Invalid, reason: verify.WeakAlgorithm, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		t.Setenv("GODEBUG", "rsa1024min=0")
		k := must(rsa.GenerateKey(rand.Reader, 1024))(t)
		c := must(s.ca.Issue(pki.Subject{Name: "Weak"}, k.Public(), s.now))(t)
		return s.withKey(t, c, k, nil), [][]byte{s.ca.Root.Raw, s.crl, s.rootCRL}
	}},
	{name: "time-stamp of an unknown authority", verdict: verify.Valid, reason: verify.StampUntrusted, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		other := must(pki.NewAuthority(s.now.Add(-time.Hour)))(t)
		return s.signedBy(t, reserved(t), s.leader, "leader", pki.TSA{Authority: other, Now: s.tsa.Now}), s.all()
	}},
	{name: "time-stamp over other bytes", verdict: verify.Invalid, reason: verify.StampWrong, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		return s.signedBy(t, reserved(t), s.leader, "leader", stamper(func(ctx context.Context, sum []byte) ([]byte, error) {
			return s.tsa.Stamp(ctx, make([]byte, 32))
		})), s.all()
	}},
	{name: "time-stamp by a certificate that may not stamp", verdict: verify.Valid, reason: verify.StampUntrusted, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		return s.signedBy(t, reserved(t), s.leader, "leader", stamper(func(ctx context.Context, sum []byte) ([]byte, error) {
			return cms.Token(s.body, sum, big.NewInt(1), nil, s.now)
		})), s.all()
	}},
	{name: "time-stamp from the future", verdict: verify.Valid, reason: verify.StampUntrusted, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		return s.signedBy(t, reserved(t), s.leader, "leader", pki.TSA{Authority: s.ca, Now: func() time.Time { return s.now.AddDate(0, 0, 2) }}), s.all()
	}},
	{name: "claimed time proves nothing: expired since", verdict: verify.Invalid, reason: verify.Expired, build: past(false)},
	{name: "expired since, but time-stamped", verdict: verify.Valid, stamped: true, build: past(true)},
	{name: "expired since, but a document time-stamp proves it", verdict: verify.Valid, stamped: true, build: func(t *testing.T, s *stage) ([]byte, [][]byte) {
		d, trust, tsa := s.longAgo(t, false)
		return must(pades.Stamp(t.Context(), d, tsa))(t), trust
	}},
}

func (s *stage) all() [][]byte {
	return [][]byte{s.ca.Root.Raw, s.ca.Issuing.Raw, s.crl, s.rootCRL}
}

func (s *stage) withOCSP(t testing.TB, gone *pki.Revoked) []byte {
	r := pki.Responder{Authority: s.ca, Now: s.tsa.Now, Status: func(context.Context, *big.Int) (bool, *pki.Revoked, error) { return true, gone, nil }}
	o := must(r.Answer(t.Context(), s.leader.Chain[0].SerialNumber))(t)
	return must(pdf.AddDSS(s.signedBy(t, reserved(t), s.leader, "leader", nil), nil, nil, [][]byte{o}))(t)
}

// under is a leaf below a questionable issuer below a good root.
func under(change func(*x509.Certificate)) func(*testing.T, *stage) ([]byte, [][]byte) {
	return func(t *testing.T, s *stage) ([]byte, [][]byte) {
		r := s.node(t, "Root", nil, authority)
		m := s.node(t, "Middle", r, change)
		l := s.node(t, "Leaf", m, nil)
		trust := [][]byte{r.cert.Raw, r.crl(t, s.now, 7)}
		if m.cert.IsCA {
			trust = append(trust, m.crl(t, s.now, 7))
		}
		return s.signedBy(t, reserved(t), l.signer(), "leader", nil), trust
	}
}

// constrained is a root that may certify names of one country only.
func constrained(country string) func(*testing.T, *stage) ([]byte, [][]byte) {
	return func(t *testing.T, s *stage) ([]byte, [][]byte) {
		name := must(asn1.Marshal(pkix.Name{Country: []string{country}}.ToRDNSequence()))(t)
		base := must(asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: name}))(t)
		tree := must(asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: base}))(t)
		permitted := must(asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: tree}))(t)
		value := must(asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: permitted}))(t)
		r := s.node(t, "Root", nil, authority)
		m := s.node(t, "Middle", r, func(c *x509.Certificate) {
			authority(c)
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 30}, Critical: true, Value: value}}
		})
		l := s.node(t, "Leaf", m, nil)
		return s.signedBy(t, reserved(t), l.signer(), "leader", nil), [][]byte{r.cert.Raw, r.crl(t, s.now, 7), m.crl(t, s.now, 7)}
	}
}

// longAgo is a letter signed two years ago with a certificate that ran out a year ago.
func (s *stage) longAgo(t testing.TB, stamped bool) ([]byte, [][]byte, pki.TSA) {
	then := s.now.AddDate(-2, 0, 0)
	ca := must(pki.NewAuthority(s.now.AddDate(-4, 0, 0)))(t)
	key := crypto.Signer(must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t))
	c := must(ca.Issue(pki.Subject{Name: "Trần Thị Bé", Years: 2}, key.Public(), s.now.AddDate(-3, 0, 0)))(t)
	tsa := pki.TSA{Authority: ca, Now: func() time.Time { return then }}
	var stamp cms.Stamper
	if stamped {
		stamp = tsa
	}
	d := s.signedBy(t, reserved(t), cms.Signer{Key: key, Chain: ca.Chain(c)}, "leader", stamp)
	crl := must(ca.CRL(nil, 1, then))(t)
	root := must(ca.RootCRL(nil, 1, then))(t)
	return d, [][]byte{ca.Root.Raw, crl, root}, tsa
}

func past(stamped bool) func(*testing.T, *stage) ([]byte, [][]byte) {
	return func(t *testing.T, s *stage) ([]byte, [][]byte) {
		d, trust, _ := s.longAgo(t, stamped)
		return d, trust
	}
}

func TestCertificates(t *testing.T) {
	s := theStage()
	for _, tt := range slices.Concat(certCases, listCases) {
		t.Run(tt.name, func(t *testing.T) {
			data, trust := tt.build(t, s)
			o := verify.Options{Trust: verify.NewTrust(trust...), Now: s.now}
			if tt.at != nil {
				o.At = tt.at(s)
			}
			rep := verify.Bytes(t.Context(), data, o)
			if rep.Verdict != tt.verdict {
				t.Fatalf("verdict %s, want %s: %+v", rep.Verdict, tt.verdict, rep)
			}
			sig := rep.Signatures[0]
			if tt.reason != "" && !slices.Contains(sig.Reasons, tt.reason) {
				t.Errorf("no %s in %v", tt.reason, sig.Reasons)
			}
			if sig.Timestamped != tt.stamped {
				t.Errorf("timestamped %v", sig.Timestamped)
			}
		})
	}
}
