package cms_test

import (
	"context"
	"crypto/sha256"
	"math/big"
	"testing"
	"time"

	"datmui/blocks/sign/cms"
	"datmui/blocks/sign/pki"
)

func sample(f testing.TB) (sig, token []byte) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	a, err := pki.NewAuthority(now)
	if err != nil {
		f.Fatal(err)
	}
	k, err := pki.BodyKey()
	if err != nil {
		f.Fatal(err)
	}
	c, err := a.Issue(pki.Subject{Name: "x"}, k.Public(), now)
	if err != nil {
		f.Fatal(err)
	}
	h := sha256.Sum256([]byte("content"))
	s := cms.Signer{Key: k, Chain: a.Chain(c)}
	if token, err = cms.Token(s, h[:], big.NewInt(7), nil, now); err != nil {
		f.Fatal(err)
	}
	if sig, err = cms.Sign(context.Background(), s, h[:], pki.TSA{Authority: a, Now: func() time.Time { return now }}); err != nil {
		f.Fatal(err)
	}
	return sig, token
}

// FuzzParse takes signatures, tokens and requests apart and judges them: no input may panic,
// and none that was made up may pass.
func FuzzParse(f *testing.F) {
	sig, token := sample(f)
	f.Add(sig)
	f.Add(token)
	f.Add([]byte{0x30, 0x80, 0, 0})
	f.Add([]byte{0x30, 0x80, 0x24, 0x80, 4, 1, 7, 4, 1, 8, 0, 0, 0, 0, 9})
	f.Fuzz(func(t *testing.T, der []byte) {
		h := sha256.Sum256([]byte("other content"))
		if first, n, err := cms.First(der); err == nil {
			again, m, err := cms.First(first)
			if err != nil || m != len(first) || n > len(der) || string(again) != string(first) {
				t.Fatalf("%x was read as %x", der, first)
			}
			der = first
		}
		if s, err := cms.Parse(der); err == nil && s.Verify(h[:]) == nil {
			t.Error("a signature over other content is right")
		}
		if s, err := cms.ParseStamp(der); err == nil && s.Over(h[:]) == nil {
			t.Error("a time-stamp over other content is right")
		}
		_, _ = cms.ParseRequest(der)
	})
}
