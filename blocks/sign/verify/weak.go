package verify

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/md5"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
)

// Digests that prove nothing any more still have two uses: to find a name, and to tell that an old
// anchor signed itself, which nobody relies on.

// digestOf finds the digest by which an OCSP response names an issuer.
func digestOf(oid asn1.ObjectIdentifier) (func([]byte) []byte, bool) {
	switch oid.String() {
	case "1.3.14.3.2.26":
		return func(b []byte) []byte { s := sha1.Sum(b); return s[:] }, true
	case "2.16.840.1.101.3.4.2.1":
		return func(b []byte) []byte { s := sha256.Sum256(b); return s[:] }, true
	case "2.16.840.1.101.3.4.2.2":
		return func(b []byte) []byte { s := sha512.Sum384(b); return s[:] }, true
	case "2.16.840.1.101.3.4.2.3":
		return func(b []byte) []byte { s := sha512.Sum512(b); return s[:] }, true
	}
	return nil, false
}

// weaklySelfSigned says whether an anchor of old signed itself by MD5 or SHA-1.
func weaklySelfSigned(c *x509.Certificate) bool {
	var h crypto.Hash
	var sum []byte
	switch c.SignatureAlgorithm {
	case x509.MD5WithRSA:
		s := md5.Sum(c.RawTBSCertificate)
		h, sum = crypto.MD5, s[:]
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1:
		s := sha1.Sum(c.RawTBSCertificate)
		h, sum = crypto.SHA1, s[:]
	default:
		return false
	}
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, h, sum, c.Signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(k, sum, c.Signature)
	}
	return false
}
