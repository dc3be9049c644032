package pki

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"datmui/blocks/sign/cms"
)

// Demo stands in every name of the demonstration authorities and of those they certify.
const Demo = "TRÌNH DIỄN – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"

const (
	rootYears, issuingYears, stampYears = 20, 10, 10
	listDays                            = 7 // a list of revoked certificates is good for a week
)

// Authority is the demonstration's root, issuing and time-stamp authority in one.
type Authority struct {
	Root, Issuing, Stamping *x509.Certificate
	root, issuing, stamping crypto.Signer
}

// Subject is who a certificate is for.
type Subject struct {
	Name  string // person or body
	Title string // post of a person; "" for a body
	Org   string // agency
	Years int    // 0 means 3
}

// NewAuthority makes new keys and certificates.
func NewAuthority(now time.Time) (*Authority, error) {
	a := &Authority{}
	keys := []*crypto.Signer{&a.root, &a.issuing, &a.stamping}
	for _, k := range keys {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		*k = key
	}
	var err error
	if a.Root, err = a.make(&x509.Certificate{
		Subject: name("CA gốc trình diễn – không có giá trị pháp lý"), NotAfter: now.AddDate(rootYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLen: 1, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, now, nil, a.root, a.root.Public()); err != nil {
		return nil, err
	}
	if a.Issuing, err = a.make(&x509.Certificate{
		Subject: name("CA cấp phát trình diễn – không có giá trị pháp lý"), NotAfter: now.AddDate(issuingYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, now, a.Root, a.root, a.issuing.Public()); err != nil {
		return nil, err
	}
	a.Stamping, err = a.make(&x509.Certificate{
		Subject: name("Dấu thời gian trình diễn – không có giá trị pháp lý"), NotAfter: now.AddDate(stampYears, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{stampOnly},
	}, now, a.Issuing, a.issuing, a.stamping.Public())
	return a, err
}

// stampOnly is the extended key usage of RFC 3161 section 2.3: critical and alone.
var stampOnly = pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true,
	Value: []byte{0x30, 0x0A, 0x06, 0x08, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08}}

func name(cn string) pkix.Name {
	return pkix.Name{Country: []string{"VN"}, Organization: []string{Demo}, CommonName: cn}
}

// make certifies a key; a nil parent certifies itself. Certificates begin five minutes early,
// because the clocks of those who check them differ.
func (a *Authority) make(t *x509.Certificate, now time.Time, parent *x509.Certificate, by crypto.Signer, key crypto.PublicKey) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126))
	if err != nil {
		return nil, err
	}
	t.SerialNumber = serial.SetBit(serial, 126, 1)
	t.NotBefore = now.Add(-5 * time.Minute)
	if parent == nil {
		parent = t
	} else if t.NotAfter.After(parent.NotAfter) {
		t.NotAfter = parent.NotAfter
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, key, by)
	if err != nil {
		return nil, fmt.Errorf("certifying %s: %w", t.Subject.CommonName, err)
	}
	return x509.ParseCertificate(der)
}

// Issue certifies the key of a person or body for signing documents.
func (a *Authority) Issue(s Subject, key crypto.PublicKey, now time.Time) (*x509.Certificate, error) {
	if s.Name == "" {
		return nil, errors.New("pki: a certificate needs a name")
	}
	n := pkix.Name{Country: []string{"VN"}, OrganizationalUnit: []string{Demo}, CommonName: s.Name}
	if s.Org != "" {
		n.Organization = []string{s.Org}
	}
	if s.Title != "" {
		n.ExtraNames = append(n.ExtraNames, pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 12}, Value: s.Title})
	}
	return a.make(&x509.Certificate{Subject: n, NotAfter: now.AddDate(cmp.Or(s.Years, 3), 0, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
		// RFC 9336: for signing documents
		UnknownExtKeyUsage: []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 36}},
	}, now, a.Issuing, a.issuing, key)
}

// Chain is a certificate with those above it, without the root.
func (a *Authority) Chain(leaf *x509.Certificate) []*x509.Certificate {
	return []*x509.Certificate{leaf, a.Issuing}
}

// PersonKey makes a key as persons use it.
func PersonKey() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) }

// BodyKey makes a key as bodies' service seals use it.
func BodyKey() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// Revoked is a certificate that no longer counts, from a moment on.
type Revoked struct {
	Serial *big.Int
	At     time.Time
	Reason int // RFC 5280 5.3.1; 0 is unspecified
}

// CRL signs the list of the issuing authority.
func (a *Authority) CRL(revoked []Revoked, number int64, now time.Time) ([]byte, error) {
	return crl(a.Issuing, a.issuing, revoked, number, now)
}

// RootCRL signs the list of the root, on which the issuing authority would stand.
func (a *Authority) RootCRL(revoked []Revoked, number int64, now time.Time) ([]byte, error) {
	return crl(a.Root, a.root, revoked, number, now)
}

func crl(by *x509.Certificate, key crypto.Signer, revoked []Revoked, number int64, now time.Time) ([]byte, error) {
	t := &x509.RevocationList{Number: big.NewInt(number), ThisUpdate: now.Add(-5 * time.Minute), NextUpdate: now.AddDate(0, 0, listDays)}
	for _, r := range revoked {
		t.RevokedCertificateEntries = append(t.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: r.Serial, RevocationTime: r.At, ReasonCode: r.Reason})
	}
	return x509.CreateRevocationList(rand.Reader, t, by, key)
}

// Stamp answers a time-stamp request within the process; TSA makes a Stamper of it.
func (a *Authority) stamp(_ context.Context, imprint []byte, nonce *big.Int, at time.Time) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126))
	if err != nil {
		return nil, err
	}
	return cms.Token(cms.Signer{Key: a.stamping, Chain: []*x509.Certificate{a.Stamping, a.Issuing}}, imprint, serial, nonce, at)
}

var keyFiles = []string{"root", "issuing", "tsa"}

// Open reads the authority from a folder of secrets, or makes it there.
func Open(dir string, now time.Time) (*Authority, error) {
	if _, err := os.Stat(filepath.Join(dir, "tsa.pem")); errors.Is(err, fs.ErrNotExist) {
		a, err := NewAuthority(now)
		if err != nil {
			return nil, err
		}
		return a, a.save(dir)
	}
	a := &Authority{}
	certs := []**x509.Certificate{&a.Root, &a.Issuing, &a.Stamping}
	for i, k := range []*crypto.Signer{&a.root, &a.issuing, &a.stamping} {
		b, err := os.ReadFile(filepath.Join(dir, keyFiles[i]+".pem"))
		if err != nil {
			return nil, fmt.Errorf("reading an authority: %w", err)
		}
		block, rest := pem.Decode(b)
		second, _ := pem.Decode(rest)
		if block == nil || second == nil {
			return nil, fmt.Errorf("pki: %s.pem holds no key and certificate", keyFiles[i])
		}
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("reading the key of an authority: %w", err)
		}
		var ok bool
		if *k, ok = key.(crypto.Signer); !ok {
			return nil, fmt.Errorf("pki: %s.pem holds a key that cannot sign", keyFiles[i])
		}
		if *certs[i], err = x509.ParseCertificate(second.Bytes); err != nil {
			return nil, fmt.Errorf("reading the certificate of an authority: %w", err)
		}
	}
	return a, nil
}

func (a *Authority) save(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	certs := []*x509.Certificate{a.Root, a.Issuing, a.Stamping}
	for i, k := range []crypto.Signer{a.root, a.issuing, a.stamping} { // tsa.pem last: it says that all are there
		der, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			return err
		}
		b := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
		b = append(b, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certs[i].Raw})...)
		if err := os.WriteFile(filepath.Join(dir, keyFiles[i]+".pem"), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}
