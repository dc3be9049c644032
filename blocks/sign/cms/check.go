package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
	"slices"
)

// Bare says that there are no signed attributes, which CAdES demands and plain CMS does not.
func (s *SignedData) Bare() bool { return s.bare }

// Encapsulated says whether content lies inside, which a signature in a PDF may not have.
func (s *SignedData) Encapsulated() bool { return s.content != nil }

// The ways in which a signature can be wrong.
var (
	ErrDigest    = errors.New("cms: the content is not what was signed")
	ErrSignature = errors.New("cms: the signature does not fit the key")
	ErrESS       = errors.New("cms: the signature names another certificate")
	ErrNoCert    = errors.New("cms: the signer's certificate is missing")
)

// Verify judges digest, signature and the named certificate over content already hashed
// with s.Hash.
func (s *SignedData) Verify(contentHash []byte) error {
	if !s.bare && !bytes.Equal(contentHash, s.digest) {
		return ErrDigest
	}
	if s.Cert == nil && s.unread {
		return fmt.Errorf("%w: a certificate that is not read here", ErrUnknown)
	}
	if s.Cert == nil {
		return ErrNoCert
	}
	for _, e := range s.named {
		var got []byte
		if e.hash == crypto.SHA1 {
			h := sha1.Sum(s.Cert.Raw)
			got = h[:]
		} else {
			got = sum(e.hash, s.Cert.Raw)
		}
		if !bytes.Equal(got, e.digest) || !s.serialFits(e.serial) {
			return ErrESS
		}
	}
	return s.check(s.Cert.PublicKey, contentHash)
}

// serialFits compares the serial number that ESS may give beside the digest.
func (s *SignedData) serialFits(der []byte) bool {
	if len(der) == 0 {
		return true
	}
	var is struct {
		Issuer asn1.RawValue
		Serial asn1.RawValue
	}
	if _, err := asn1.Unmarshal(der, &is); err != nil {
		return true // policies stand where the serial may be missing
	}
	return bytes.Equal(is.Serial.FullBytes, bigInt(s.Cert.SerialNumber))
}

// WeakESS says that the certificate is named by SHA-1 only.
func (s *SignedData) WeakESS() bool {
	return s.ESS && !slices.ContainsFunc(s.named, func(e essCert) bool { return e.hash != crypto.SHA1 })
}

func (s *SignedData) check(key crypto.PublicKey, contentHash []byte) error {
	h, scheme, err := s.scheme()
	if err != nil {
		return err
	}
	if s.bare && (h != s.Hash || scheme == "ed") {
		return fmt.Errorf("%w: signed without attributes", ErrUnknown)
	}
	sum := sum(h, s.signed)
	if s.bare {
		sum = contentHash
	}
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < 2048 {
			return fmt.Errorf("%w: RSA of %d bits", ErrWeak, k.N.BitLen())
		}
		switch scheme {
		case "rsa":
			err = rsa.VerifyPKCS1v15(k, h, sum, s.signature)
		case "pss":
			err = rsa.VerifyPSS(k, h, sum, s.signature, nil)
		default:
			return ErrSignature
		}
		if err != nil {
			return ErrSignature
		}
		return nil
	case *ecdsa.PublicKey:
		if scheme != "ec" || !ecdsa.VerifyASN1(k, sum, s.signature) {
			return ErrSignature
		}
		if k.Curve.Params().BitSize < 256 {
			return fmt.Errorf("%w: curve of %d bits", ErrWeak, k.Curve.Params().BitSize)
		}
		return nil
	case ed25519.PublicKey:
		if scheme != "ed" || !ed25519.Verify(k, s.signed, s.signature) {
			return ErrSignature
		}
		return nil
	}
	return fmt.Errorf("%w: key %T", ErrUnknown, key)
}

func (s *SignedData) scheme() (crypto.Hash, string, error) {
	is := func(list ...asn1.ObjectIdentifier) bool {
		for _, o := range list {
			if s.algorithm.Algorithm.Equal(o) {
				return true
			}
		}
		return false
	}
	switch {
	case is(oidRSA):
		return s.Hash, "rsa", nil
	case is(oidRSASHA256):
		return crypto.SHA256, "rsa", nil
	case is(oidRSASHA384):
		return crypto.SHA384, "rsa", nil
	case is(oidRSASHA512):
		return crypto.SHA512, "rsa", nil
	case is(oidEC):
		return s.Hash, "ec", nil
	case is(oidECSHA256):
		return crypto.SHA256, "ec", nil
	case is(oidECSHA384):
		return crypto.SHA384, "ec", nil
	case is(oidECSHA512):
		return crypto.SHA512, "ec", nil
	case is(oidEd25519):
		return s.Hash, "ed", nil
	case is(oidRSASHA1):
		return 0, "", fmt.Errorf("%w: RSA with SHA-1", ErrWeak)
	case is(oidPSS):
		var p struct {
			Hash pkix.AlgorithmIdentifier `asn1:"explicit,tag:0,optional"`
			MGF  pkix.AlgorithmIdentifier `asn1:"explicit,tag:1,optional"`
			Salt int                      `asn1:"explicit,tag:2,optional,default:20"`
			Tail int                      `asn1:"explicit,tag:3,optional,default:1"`
		}
		if err := unmarshal(s.algorithm.Parameters.FullBytes, &p, ""); err != nil {
			return 0, "", err
		}
		if len(p.Hash.Algorithm) == 0 {
			return 0, "", fmt.Errorf("%w: PSS with SHA-1", ErrWeak)
		}
		h, err := digest(p.Hash.Algorithm)
		return h, "pss", err
	}
	return 0, "", fmt.Errorf("%w: %v", ErrUnknown, s.algorithm.Algorithm)
}

// NewHash starts hashing content for Verify.
func (s *SignedData) NewHash() hash.Hash { return s.Hash.New() }

// Value is the signature itself, which a time-stamp is given over.
func (s *SignedData) Value() []byte { return s.signature }
