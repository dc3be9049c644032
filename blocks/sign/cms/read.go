package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
	"slices"
	"time"
)

// SignedData is a signature taken apart. It has exactly one signer.
type SignedData struct {
	Certs       []*x509.Certificate // all that came along, in no order
	CRLs        [][]byte            // from the revocation attribute and the crls field
	OCSPs       [][]byte            // from the revocation attribute
	Cert        *x509.Certificate   // the signer's; nil when it did not come along
	Token       []byte              // first time-stamp token over the signature value; nil without
	Tokens      [][]byte            // all of them
	SigningTime time.Time           // claimed inside the CMS, which PAdES forbids; zero without
	ESS         bool                // the signer's certificate is named in what is signed
	Hash        crypto.Hash         // of the content

	kind      asn1.ObjectIdentifier
	content   []byte // of an encapsulated content
	typed     bool   // the content-type attribute was there
	digest    []byte // message-digest attribute
	signed    []byte // what was signed, as a SET
	signature []byte
	algorithm pkix.AlgorithmIdentifier
	named     []essCert
	sid       asn1.RawValue
	bare      bool // no signed attributes: the content itself is what is signed
	unread    bool // a certificate came along that cannot be read here
}

// essCert is how a signing-certificate attribute names the signer's certificate.
type essCert struct {
	hash           crypto.Hash
	digest, serial []byte
}

const (
	maxCerts  = 64
	maxTokens = 8
	maxKey    = 16_384 // bits of an RSA key: larger ones only cost time
)

// Fair says whether a certificate's key is of a size that can be used without harm.
func Fair(c *x509.Certificate) bool {
	k, ok := c.PublicKey.(*rsa.PublicKey)
	return !ok || k.N.BitLen() <= maxKey
}

// Parse reads one SignedData. der may be followed by nothing.
func Parse(der []byte) (*SignedData, error) {
	var ci contentInfo
	if err := unmarshal(der, &ci, ""); err != nil {
		return nil, err
	}
	if !ci.Type.Equal(oidSignedData) {
		return nil, malformed("no SignedData")
	}
	var sd signedData
	if err := unmarshal(ci.Content.Bytes, &sd, ""); err != nil {
		return nil, err
	}
	if len(sd.Signers) != 1 {
		return nil, malformed(fmt.Sprintf("%d signers", len(sd.Signers)))
	}
	s := &SignedData{kind: sd.Content.Type}
	if len(sd.Content.Content.FullBytes) > 0 {
		if err := unmarshal(sd.Content.Content.Bytes, &s.content, ""); err != nil {
			return nil, err
		}
	}
	for rest := sd.Certs.Bytes; len(rest) > 0; {
		var raw asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &raw); err != nil {
			return nil, malformed("certificates")
		}
		c, err := x509.ParseCertificate(raw.FullBytes)
		if err != nil || !Fair(c) {
			s.unread = s.unread || raw.Tag == asn1.TagSequence && raw.Class == asn1.ClassUniversal
			continue // attribute certificates and such are of no use here
		}
		if s.Certs = append(s.Certs, c); len(s.Certs) > maxCerts {
			return nil, malformed("too many certificates")
		}
	}
	for rest := sd.CRLs.Bytes; len(rest) > 0 && len(s.CRLs) < maxCerts; {
		var raw asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &raw); err != nil {
			return nil, malformed("CRLs")
		}
		if raw.Tag == asn1.TagSequence && raw.Class == asn1.ClassUniversal {
			s.CRLs = append(s.CRLs, raw.FullBytes)
		}
	}
	return s, s.signer(sd.Signers[0])
}

func (s *SignedData) signer(si signerInfo) error {
	var err error
	if s.Hash, err = digest(si.Digest.Algorithm); err != nil {
		return err
	}
	s.algorithm, s.signature, s.sid = si.Algorithm, si.Signature, si.SID
	if s.bare = len(si.Signed.FullBytes) == 0; !s.bare {
		s.signed = bytes.Clone(si.Signed.FullBytes)
		s.signed[0] = set
		if err := s.attributes(si.Signed.Bytes, s.signedAttribute); err != nil {
			return err
		}
	}
	if err := s.attributes(si.Unsigned.Bytes, s.unsignedAttribute); err != nil {
		return err
	}
	if !s.bare && (s.digest == nil || !s.typed) {
		return malformed("no message digest or content type")
	}
	for _, c := range s.Certs {
		if s.isSigner(c) {
			s.Cert = c
			break
		}
	}
	return nil
}

func (s *SignedData) isSigner(c *x509.Certificate) bool {
	if s.sid.Class == asn1.ClassContextSpecific && s.sid.Tag == 0 {
		return len(c.SubjectKeyId) > 0 && bytes.Equal(s.sid.Bytes, c.SubjectKeyId)
	}
	var is issuerSerial
	if unmarshal(s.sid.FullBytes, &is, "") != nil {
		return false
	}
	return bytes.Equal(is.Issuer.FullBytes, c.RawIssuer) && is.Serial.Cmp(c.SerialNumber) == 0
}

func (s *SignedData) attributes(der []byte, take func(attribute, []asn1.RawValue) error) error {
	seen := map[string]bool{}
	for len(der) > 0 {
		var a attribute
		var err error
		if der, err = asn1.Unmarshal(der, &a); err != nil {
			return fmt.Errorf("%w: attribute: %v", ErrMalformed, err)
		}
		var values []asn1.RawValue
		for rest := a.Values.Bytes; len(rest) > 0; {
			var v asn1.RawValue
			if rest, err = asn1.Unmarshal(rest, &v); err != nil {
				return fmt.Errorf("%w: attribute value: %v", ErrMalformed, err)
			}
			values = append(values, v)
		}
		if k := a.Type.String(); seen[k] && !a.Type.Equal(oidTimeStamp) {
			return malformed("attribute " + k + " twice")
		} else {
			seen[k] = true
		}
		if err := take(a, values); err != nil {
			return err
		}
	}
	return nil
}

func (s *SignedData) signedAttribute(a attribute, values []asn1.RawValue) error {
	single := func() ([]byte, error) {
		if len(values) != 1 {
			return nil, malformed("attribute " + a.Type.String() + " with more or less than one value")
		}
		return values[0].FullBytes, nil
	}
	switch {
	case a.Type.Equal(oidContentType):
		v, err := single()
		if err != nil {
			return err
		}
		var kind asn1.ObjectIdentifier
		if err := unmarshal(v, &kind, ""); err != nil {
			return err
		}
		if !kind.Equal(s.kind) {
			return malformed("content type differs")
		}
		s.typed = true
	case a.Type.Equal(oidMessageDigest):
		v, err := single()
		if err != nil {
			return err
		}
		return unmarshal(v, &s.digest, "")
	case a.Type.Equal(oidSigningTime):
		if v, err := single(); err != nil {
			return err
		} else if err := unmarshal(v, &s.SigningTime, ""); err != nil {
			return err
		}
	case a.Type.Equal(oidSigningCertV2), a.Type.Equal(oidSigningCert):
		v, err := single()
		if err != nil {
			return err
		}
		return s.ess(v, a.Type.Equal(oidSigningCertV2))
	case a.Type.Equal(oidRevocation):
		if v, err := single(); err == nil {
			s.revocation(v)
		}
	}
	return nil
}

func (s *SignedData) ess(der []byte, v2 bool) error {
	var sc signingCertV2
	if err := unmarshal(der, &sc, ""); err != nil {
		return err
	}
	if len(sc.Certs) == 0 {
		return malformed("empty signing certificate")
	}
	id := sc.Certs[0]
	named := essCert{crypto.SHA256, id.Digest, id.Serial.FullBytes}
	if !v2 {
		named.hash = crypto.SHA1
	} else if len(id.Hash.Algorithm) > 0 {
		var err error
		if named.hash, err = digest(id.Hash.Algorithm); err != nil {
			return err
		}
	}
	s.ESS, s.named = true, append(s.named, named)
	return nil
}

// revocation reads Adobe's archived revocation data: [0] CRLs, [1] OCSP responses.
func (s *SignedData) revocation(der []byte) {
	var outer asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return
	}
	for rest := outer.Bytes; len(rest) > 0; {
		var group, list asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &group); err != nil {
			return
		}
		if _, err := asn1.Unmarshal(group.Bytes, &list); err != nil {
			return
		}
		for items := list.Bytes; len(items) > 0; {
			var it asn1.RawValue
			if items, err = asn1.Unmarshal(items, &it); err != nil || len(s.CRLs)+len(s.OCSPs) > maxCerts {
				return
			}
			if group.Tag == 0 {
				s.CRLs = append(s.CRLs, it.FullBytes)
			} else if group.Tag == 1 {
				s.OCSPs = append(s.OCSPs, it.FullBytes)
			}
		}
	}
}

func (s *SignedData) unsignedAttribute(a attribute, values []asn1.RawValue) error {
	if !a.Type.Equal(oidTimeStamp) {
		return nil
	}
	for _, v := range values {
		if s.Tokens = append(s.Tokens, v.FullBytes); len(s.Tokens) > maxTokens {
			return malformed("too many time-stamps")
		}
	}
	if len(s.Tokens) > 0 {
		s.Token = s.Tokens[0]
	}
	return nil
}

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
