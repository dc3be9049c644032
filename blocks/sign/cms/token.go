package cms

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"time"
)

type messageImprint struct {
	Hash   pkix.AlgorithmIdentifier
	Digest []byte
}

type tstInfo struct {
	Version  int
	Policy   asn1.ObjectIdentifier
	Imprint  messageImprint
	Serial   *big.Int
	Time     time.Time     `asn1:"generalized"`
	Accuracy asn1.RawValue `asn1:"optional"`
	Ordering bool          `asn1:"optional"`
	Nonce    *big.Int      `asn1:"optional"`
	TSA      asn1.RawValue `asn1:"optional,tag:0,explicit"`
	Ext      asn1.RawValue `asn1:"optional,tag:1"`
}

// Stamp is a time-stamp token taken apart.
type Stamp struct {
	*SignedData
	Time time.Time
	hash crypto.Hash
	sum  []byte
}

// ParseStamp reads an RFC 3161 token.
func ParseStamp(der []byte) (*Stamp, error) {
	sd, err := Parse(der)
	if err != nil {
		return nil, err
	}
	if !sd.kind.Equal(oidTSTInfo) || sd.content == nil {
		return nil, malformed("no time-stamp")
	}
	var info tstInfo
	if err := unmarshal(sd.content, &info, ""); err != nil {
		return nil, err
	}
	h, err := digest(info.Imprint.Hash.Algorithm)
	if err != nil {
		return nil, err
	}
	return &Stamp{SignedData: sd, Time: info.Time.UTC(), hash: h, sum: info.Imprint.Digest}, nil
}

// Hash is the digest the stamp was given over its object.
func (t *Stamp) Hash() crypto.Hash { return t.hash }

// Over judges whether the token is a true signature over the hash of the stamped bytes. The
// certificate's own right to stamp is judged by MayStamp and by its chain.
func (t *Stamp) Over(hash []byte) error {
	if !bytes.Equal(hash, t.sum) {
		return ErrDigest
	}
	if !t.ESS {
		return malformed("a time-stamp that does not name its certificate")
	}
	return t.Verify(sum(t.SignedData.Hash, t.content))
}

// OverBytes hashes the stamped bytes first.
func (t *Stamp) OverBytes(b []byte) error { return t.Over(sum(t.hash, b)) }

// MayStamp says whether a certificate is for time-stamps and nothing else, critically.
func MayStamp(c *x509.Certificate) bool {
	critical := slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool {
		return e.Critical && e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 37})
	})
	return critical && len(c.UnknownExtKeyUsage) == 0 && len(c.ExtKeyUsage) == 1 && c.ExtKeyUsage[0] == x509.ExtKeyUsageTimeStamping
}

// Request is a time-stamp request as RFC 3161 section 2.4.1 writes it.
type Request struct {
	Imprint []byte // SHA-256
	Nonce   *big.Int
}

// ParseRequest reads a request. Only SHA-256 is stamped here.
func ParseRequest(der []byte) (Request, error) {
	var r struct {
		Version int
		Imprint messageImprint
		Policy  asn1.ObjectIdentifier `asn1:"optional"`
		Nonce   *big.Int              `asn1:"optional"`
		Cert    bool                  `asn1:"optional"`
		Ext     asn1.RawValue         `asn1:"optional,tag:0"`
	}
	if err := unmarshal(der, &r, ""); err != nil {
		return Request{}, err
	}
	if !r.Imprint.Hash.Algorithm.Equal(oidSHA256) || len(r.Imprint.Digest) != 32 {
		return Request{}, ErrUnknown
	}
	return Request{Imprint: r.Imprint.Digest, Nonce: r.Nonce}, nil
}

// Granted wraps a token as an answer; a nil token is a refusal.
func Granted(token []byte) []byte {
	if token == nil {
		return tlv(seq, tlv(seq, []byte{integer, 1, 2}))
	}
	return tlv(seq, tlv(seq, []byte{integer, 1, 0}), token)
}
