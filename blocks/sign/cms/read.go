package cms

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
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
