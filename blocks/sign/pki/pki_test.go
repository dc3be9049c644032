package pki_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"datmui/blocks/sign/cms"
	"datmui/blocks/sign/pki"
)

func TestLock(t *testing.T) {
	key, err := pki.BodyKey()
	if err != nil {
		t.Fatal(err)
	}
	master, other := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, pin := range []string{"", "135790"} {
		locked, err := pki.Lock(key, master, pin, "row 1")
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(locked, der[len(der)/2:]) {
			t.Error("the key stands in what is stored")
		}
		open := func(master []byte, pin, id string) error {
			k, err := pki.Unlock(locked, master, pin, id)
			if err == nil && !key.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(k.Public()) {
				t.Error("another key came out")
			}
			return err
		}
		if err := open(master, pin, "row 1"); err != nil {
			t.Errorf("PIN %q: %v", pin, err)
		}
		for what, err := range map[string]error{
			"another master key": open(other, pin, "row 1"),
			"another row":        open(master, pin, "row 2"),
		} {
			if !errors.Is(err, pki.ErrLocked) {
				t.Errorf("PIN %q, %s: %v", pin, what, err)
			}
		}
		if pin != "" {
			if err := open(master, "000000", "row 1"); !errors.Is(err, pki.ErrPIN) {
				t.Errorf("a wrong PIN: %v", err)
			}
			if err := open(master, "", "row 1"); !errors.Is(err, pki.ErrLocked) {
				t.Errorf("no PIN: %v", err)
			}
		}
	}
	if _, err := pki.Lock(key, master[:16], "", ""); err == nil {
		t.Error("a short master key")
	}
}

// TestNames asks that every certificate says it has no legal value, and that the time-stamp
// certificate is for nothing else.
func TestNames(t *testing.T) {
	a, err := pki.NewAuthority(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	key, err := pki.BodyKey()
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := a.Issue(pki.Subject{Name: "Sở Tư pháp"}, key.Public(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*x509.Certificate{a.Root, a.Issuing, a.Stamping, leaf} {
		if !strings.Contains(c.Subject.String(), "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ") {
			t.Errorf("%s", c.Subject)
		}
		if c.NotAfter.After(a.Root.NotAfter) {
			t.Errorf("%s outlives its root", c.Subject)
		}
	}
	if !cms.MayStamp(a.Stamping) || cms.MayStamp(leaf) || cms.MayStamp(a.Issuing) {
		t.Error("who may stamp")
	}
	if _, err := a.Issue(pki.Subject{}, key.Public(), time.Now()); err == nil {
		t.Error("a certificate of nobody")
	}
}

func TestOpenTwice(t *testing.T) {
	dir := t.TempDir()
	a, err := pki.Open(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b, err := pki.Open(dir, time.Now().AddDate(1, 0, 0))
	if err != nil || !a.Stamping.Equal(b.Stamping) || !a.Issuing.Equal(b.Issuing) {
		t.Fatalf("%v", err)
	}
	if _, err := b.CRL(nil, 1, time.Now()); err != nil {
		t.Error(err)
	}
}
