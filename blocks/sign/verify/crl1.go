package verify

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"time"
)

// listAlgorithms are those by which lists of version 1 may be signed.
var listAlgorithms = map[string]x509.SignatureAlgorithm{
	"1.2.840.113549.1.1.11": x509.SHA256WithRSA,
	"1.2.840.113549.1.1.12": x509.SHA384WithRSA,
	"1.2.840.113549.1.1.13": x509.SHA512WithRSA,
	"1.2.840.10045.4.3.2":   x509.ECDSAWithSHA256,
	"1.2.840.10045.4.3.3":   x509.ECDSAWithSHA384,
	"1.2.840.10045.4.3.4":   x509.ECDSAWithSHA512,
	"1.3.101.112":           x509.PureEd25519,
}

// parseCRL1 reads a list of version 1, which the standard library does not. `openssl ca` writes
// such lists unless told otherwise. They have no extensions, so they speak of all certificates.
func parseCRL1(der []byte) (*x509.RevocationList, error) {
	var outer struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if rest, err := asn1.Unmarshal(der, &outer); err != nil || len(rest) > 0 {
		return nil, errors.New("no list")
	}
	var tbs struct {
		Algorithm pkix.AlgorithmIdentifier
		Issuer    asn1.RawValue
		This      time.Time
		Next      time.Time `asn1:"optional"`
		Entries   []struct {
			Serial *big.Int
			At     time.Time
		} `asn1:"optional"`
	}
	if rest, err := asn1.Unmarshal(outer.TBS.FullBytes, &tbs); err != nil || len(rest) > 0 || !tbs.Algorithm.Algorithm.Equal(outer.Algorithm.Algorithm) {
		return nil, errors.New("no list of version 1")
	}
	l := &x509.RevocationList{Raw: der, RawTBSRevocationList: outer.TBS.FullBytes, RawIssuer: tbs.Issuer.FullBytes,
		Signature: outer.Signature.RightAlign(), SignatureAlgorithm: listAlgorithms[outer.Algorithm.Algorithm.String()],
		ThisUpdate: tbs.This, NextUpdate: tbs.Next}
	for _, e := range tbs.Entries {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: e.Serial, RevocationTime: e.At})
	}
	return l, nil
}
