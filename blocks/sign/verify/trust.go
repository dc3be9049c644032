package verify

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Trust holds anchors, known intermediates and lists of revoked certificates. It is safe for
// concurrent use once made.
type Trust struct {
	anchors, between *x509.CertPool
	all              []*x509.Certificate
	anchor           map[string]bool // by DER
	crls             []*crl
}

// NewTrust sorts certificates and CRLs given in PEM or DER: what signed itself is an anchor.
// What is neither is passed over.
func NewTrust(blobs ...[]byte) *Trust {
	t := &Trust{anchors: x509.NewCertPool(), between: x509.NewCertPool(), anchor: map[string]bool{}}
	for _, b := range blobs {
		t.take(b)
	}
	return t
}

const maxTrustFile = 32 << 20

// LoadTrust reads the files of a folder.
func LoadTrust(dir string) (*Trust, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the trust folder: %w", err)
	}
	t := NewTrust()
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if fi, err := os.Stat(path); err != nil || !fi.Mode().IsRegular() || fi.Size() > maxTrustFile {
			continue
		}
		b, err := readSome(path)
		if err != nil {
			return nil, fmt.Errorf("reading the trust folder: %w", err)
		}
		t.take(b)
	}
	return t, nil
}

func readSome(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxTrustFile))
}

func (t *Trust) take(b []byte) {
	if !bytes.Contains(b, []byte("-----BEGIN ")) {
		t.der(b)
		return
	}
	for {
		var block *pem.Block
		if block, b = pem.Decode(b); block == nil {
			return
		}
		t.der(block.Bytes)
	}
}

func (t *Trust) der(b []byte) {
	if c, err := x509.ParseCertificate(b); err == nil {
		t.add(c)
		return
	}
	if c, err := parseCRL(b); err == nil {
		t.crls = append(t.crls, c)
	}
}

func (t *Trust) add(c *x509.Certificate) {
	if t.anchor[string(c.Raw)] {
		return
	}
	readConstraints(c)
	t.all = append(t.all, c)
	if selfSigned(c) {
		t.anchor[string(c.Raw)] = true
		t.anchors.AddCert(c)
		return
	}
	t.between.AddCert(c)
}

// selfSigned says whether a certificate carries a signature by its own key.
func selfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawSubject, c.RawIssuer) &&
		(c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil || weaklySelfSigned(c))
}

// Newest is the latest issue of the lists held, and Next when the first of them ends; zero
// without a list.
func (t *Trust) Newest() (newest, next time.Time) {
	for _, c := range t.crls {
		if c.list.ThisUpdate.After(newest) {
			newest = c.list.ThisUpdate
		}
		if next.IsZero() || c.list.NextUpdate.Before(next) {
			next = c.list.NextUpdate
		}
	}
	return newest, next
}

// Anchors counts what is trusted.
func (t *Trust) Anchors() int { return len(t.anchor) }
