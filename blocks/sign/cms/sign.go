package cms

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"
)

const (
	seq     = 0x30
	set     = 0x31
	octets  = 0x04
	null    = 0x05
	ctx0    = 0xA0
	ctx1    = 0xA1
	bool1   = 0x01
	integer = 0x02
	genTime = 0x18
)

// oids are encoded once: encoding them by reflection cost more than hashing a page.
var oids sync.Map

func oid(o asn1.ObjectIdentifier) []byte {
	key := o.String()
	if b, ok := oids.Load(key); ok {
		return b.([]byte)
	}
	b, err := asn1.Marshal(o)
	if err != nil {
		panic(fmt.Sprintf("cms: %v: %v", o, err)) // all are constants of this package
	}
	oids.Store(key, b)
	return b
}

// Stamper answers a time-stamp request: it returns a token over the digest of a value.
type Stamper interface {
	Stamp(ctx context.Context, sha256 []byte) (token []byte, err error)
}

// Signer signs for one certificate.
type Signer struct {
	Key   crypto.Signer       // RSA or ECDSA
	Chain []*x509.Certificate // the signer's first, then those above it; the root may be missing
}

// Sign makes a detached CAdES-BES signature over the SHA-256 digest of the content, or with
// a stamper CAdES-T. It leaves signing-time out, as PAdES demands.
func Sign(ctx context.Context, s Signer, digest []byte, stamp Stamper) ([]byte, error) {
	content := tlv(seq, oid(oidData))
	return s.build(ctx, digest, oidData, content, 1, stamp)
}

func (s Signer) build(ctx context.Context, digest []byte, kind asn1.ObjectIdentifier, content []byte, version byte, stamp Stamper) ([]byte, error) {
	if len(s.Chain) == 0 || len(digest) != sha256.Size {
		return nil, fmt.Errorf("cms: a certificate and a SHA-256 digest are needed")
	}
	cert := s.Chain[0]
	certHash := sha256.Sum256(cert.Raw)
	attrs := [][]byte{
		tlv(seq, oid(oidContentType), tlv(set, oid(kind))),
		tlv(seq, oid(oidMessageDigest), tlv(set, tlv(octets, digest))),
		tlv(seq, oid(oidSigningCertV2), tlv(set, tlv(seq, tlv(seq, tlv(seq, tlv(octets, certHash[:])))))),
	}
	slices.SortFunc(attrs, bytes.Compare) // DER order of a set
	signed := tlv(set, attrs...)
	sha := tlv(seq, oid(oidSHA256))
	var algorithm []byte
	switch s.Key.Public().(type) {
	case *rsa.PublicKey:
		algorithm = tlv(seq, oid(oidRSASHA256), []byte{null, 0})
	case *ecdsa.PublicKey:
		algorithm = tlv(seq, oid(oidECSHA256))
	default:
		return nil, fmt.Errorf("%w: key %T", ErrUnknown, s.Key.Public())
	}
	h := sha256.Sum256(signed)
	signature, err := s.Key.Sign(rand.Reader, h[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	var unsigned []byte
	if stamp != nil {
		sigHash := sha256.Sum256(signature)
		token, err := stamp.Stamp(ctx, sigHash[:])
		if err != nil {
			return nil, fmt.Errorf("time-stamping: %w", err)
		}
		unsigned = tlv(ctx1, tlv(seq, oid(oidTimeStamp), tlv(set, token)))
	}
	stored := slices.Clone(signed)
	stored[0] = ctx0
	info := tlv(seq, []byte{integer, 1, 1},
		tlv(seq, cert.RawIssuer, bigInt(cert.SerialNumber)),
		sha, stored, algorithm, tlv(octets, signature), unsigned)
	certs := make([][]byte, len(s.Chain))
	for i, c := range s.Chain {
		certs[i] = c.Raw
	}
	return tlv(seq, oid(oidSignedData), tlv(ctx0, tlv(seq,
		[]byte{integer, 1, version}, tlv(set, sha), content, tlv(ctx0, certs...), tlv(set, info)))), nil
}

func bigInt(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) == 0 || b[0] >= 0x80 {
		b = append([]byte{0}, b...)
	}
	return tlv(integer, b)
}

// StampPolicy names the rules of the demonstration time-stamp authority, from the arc of
// examples.
var StampPolicy = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 999, 1}

// Token makes an RFC 3161 token over a message imprint.
func Token(s Signer, imprint []byte, serial *big.Int, nonce *big.Int, at time.Time) ([]byte, error) {
	var last []byte
	if nonce != nil {
		last = bigInt(nonce)
	}
	info := tlv(seq, []byte{integer, 1, 1}, oid(StampPolicy),
		tlv(seq, tlv(seq, oid(oidSHA256), []byte{null, 0}), tlv(octets, imprint)),
		bigInt(serial), tlv(genTime, []byte(at.UTC().Format("20060102150405Z"))),
		last)
	h := sha256.Sum256(info)
	content := tlv(seq, oid(oidTSTInfo), tlv(ctx0, tlv(octets, info)))
	return s.build(context.Background(), h[:], oidTSTInfo, content, 3, nil)
}
