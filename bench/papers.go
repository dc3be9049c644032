package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"datmui/blocks/letters/ink"
	"datmui/blocks/sign/cms"
	"datmui/blocks/sign/pades"
	"datmui/blocks/sign/pdf"
	"datmui/blocks/sign/pki"
	"datmui/blocks/sign/verify"
)

// office is a signer with an open key, a time-stamp authority and a letter to sign.
type office struct {
	authority *pki.Authority
	key       crypto.Signer
	by        cms.Signer
	letter    []byte
	look      *pdf.Form
}

func newOffice() (*office, error) {
	o := &office{}
	var err error
	if o.authority, err = pki.NewAuthority(time.Now()); err != nil {
		return nil, err
	}
	if o.key, err = pki.PersonKey(); err != nil {
		return nil, err
	}
	cert, err := o.authority.Issue(pki.Subject{Name: "Huỳnh Tấn Lộc"}, o.key.Public(), time.Now())
	if err != nil {
		return nil, err
	}
	o.by = cms.Signer{Key: o.key, Chain: o.authority.Chain(cert)}
	d := ink.New()
	d.Page()
	for i := range 40 {
		d.Text(30, 20+6*float64(i), ink.Regular, 13, "Cộng hòa xã hội chủ nghĩa Việt Nam: Độc lập – Tự do – Hạnh phúc.", 0)
	}
	if o.letter, err = pdf.AddFields(d.Bytes(), []pdf.Field{{Name: "signature", Rect: [4]float64{350, 300, 492, 368}}}); err != nil {
		return nil, err
	}
	o.look, err = pades.SignatureLook(142, 68, "Huỳnh Tấn Lộc")
	return o, err
}

func (o *office) sign(ctx context.Context) ([]byte, error) {
	return pades.Sign(ctx, o.letter, o.by, pki.TSA{Authority: o.authority, Now: time.Now},
		pdf.Signature{Field: "signature", Time: time.Now(), Name: "Huỳnh Tấn Lộc", Look: o.look})
}

// perSecond repeats fn for a span on one core's worth of work.
func perSecond(span time.Duration, fn func(n int) error) (float64, error) {
	start, n := time.Now(), 0
	for time.Since(start) < span {
		if err := fn(n); err != nil {
			return 0, err
		}
		n++
	}
	return float64(n) / time.Since(start).Seconds(), nil
}

// signatures runs B-T signing with an ECDSA time-stamp, the file written, against the bare RSA operation.
func signatures(ctx context.Context, s *stage) []Result {
	const name, unit = "signatures", "signatures/s"
	o, err := newOffice()
	if err != nil {
		return failed(name, unit, err)
	}
	digest, dir := sha256.Sum256([]byte("x")), filepath.Join(s.dir, "signed")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return failed(name, unit, err)
	}
	files := 0
	var pairs []pair
	for range s.pairs {
		var p pair
		if p.ours, err = perSecond(s.span/4, func(int) error {
			out, err := o.sign(ctx)
			if err != nil {
				return err
			}
			files++
			return os.WriteFile(filepath.Join(dir, strconv.Itoa(files)), out, 0o600)
		}); err != nil {
			return failed(name, unit, err)
		}
		if p.reference, err = perSecond(s.span/4, func(int) error {
			_, err := o.key.Sign(rand.Reader, digest[:], crypto.SHA256)
			return err
		}); err != nil {
			return failed(name, unit, err)
		}
		pairs = append(pairs, p)
	}
	return []Result{paired(name, unit, "B-T with an ECDSA time-stamp, key open, file written; the reference is the bare RSA-2048 operation; one thread", pairs)}
}

// verifies judges a signed letter with its chain, time-stamp and revocation lists.
func verifies(ctx context.Context, s *stage) []Result {
	const name, unit = "verify", "files/s"
	o, err := newOffice()
	if err != nil {
		return failed(name, unit, err)
	}
	data, err := o.sign(ctx)
	if err != nil {
		return failed(name, unit, err)
	}
	crl, err := o.authority.CRL(nil, 1, time.Now())
	if err != nil {
		return failed(name, unit, err)
	}
	rootCRL, err := o.authority.RootCRL(nil, 1, time.Now())
	if err != nil {
		return failed(name, unit, err)
	}
	trust := verify.NewTrust(o.authority.Root.Raw, o.authority.Issuing.Raw, crl, rootCRL)
	var rates []float64
	for range s.pairs {
		r, err := perSecond(s.span/4, func(int) error {
			if rep := verify.Bytes(ctx, data, verify.Options{Trust: trust}); rep.Verdict != verify.Valid {
				return fmt.Errorf("the file is %s: %v", rep.Verdict, rep.Reasons)
			}
			return nil
		})
		if err != nil {
			return failed(name, unit, err)
		}
		rates = append(rates, r)
	}
	return []Result{alone(name, median(rates), unit, "one B-T signature with chain, time-stamp and revocation lists; one thread")}
}
