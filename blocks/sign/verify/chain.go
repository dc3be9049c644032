package verify

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"
	"time"
)

const maxChains = 8

// judgeRun is what one verification knows.
type judgeRun struct {
	ctx   context.Context
	trust *Trust
	now   time.Time

	lists  map[[32]byte]*crl // by SHA-256; nil for one that is of no use
	listed int               // bytes of lists read so far
}

// What a file may bring along as evidence; more is passed over.
const (
	maxCertificate = 64 << 10
	maxLists       = 12 << 20 // all lists together
	maxOCSP        = 32 << 10
)

// list reads a list that came with the file, once.
func (j *judgeRun) list(der []byte) (*crl, bool) {
	sum := sha256.Sum256(der)
	l, known := j.lists[sum]
	if !known && j.listed+len(der) <= maxLists && j.ctx.Err() == nil {
		j.listed += len(der)
		l, _ = parseCRL(der)
		j.lists[sum] = l
	}
	return l, l != nil
}

type purpose int

const (
	forDocuments purpose = iota
	forStamps
)

// documentUses are the extended key usages that let a certificate sign documents.
var documentUses = []asn1.ObjectIdentifier{
	{1, 3, 6, 1, 5, 5, 7, 3, 36},       // RFC 9336 document signing
	{1, 3, 6, 1, 4, 1, 311, 10, 3, 12}, // Microsoft document signing
	{1, 2, 840, 113583, 1, 1, 5},       // Adobe authentic documents
}

// chain judges a certificate at a time: the way to an anchor, its use, and revocation of
// every link. The best of all chains counts. No code means that all is well.
func (j *judgeRun) chain(cert *x509.Certificate, at time.Time, use purpose, ev *evidence) []Code {
	readConstraints(cert)
	if code, ok := usage(cert, use); !ok {
		return []Code{code}
	}
	between := j.trust.between.Clone()
	for _, c := range ev.certs {
		between.AddCert(c)
	}
	chains, err := cert.Verify(x509.VerifyOptions{Roots: j.trust.anchors, Intermediates: between,
		CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return []Code{j.chainFault(cert, at, err, ev)}
	}
	var best []Code
	for i, c := range chains[:min(len(chains), maxChains)] {
		codes := j.links(c, at, use, ev)
		if len(codes) == 0 {
			return nil
		}
		if i == 0 || judge(best) == Invalid && judge(codes) == Undetermined {
			best = codes
		}
	}
	return best
}

// links judges the certificates of one chain, whose signatures and dates are good already.
func (j *judgeRun) links(chain []*x509.Certificate, at time.Time, use purpose, ev *evidence) []Code {
	var out []Code
	for i, c := range chain {
		if k, ok := c.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() < 2048 {
			return []Code{WeakAlgorithm}
		}
		if i > 0 && !passes(c, chain[0], use) {
			return []Code{KeyUsage}
		}
		if i > 0 {
			if !namesWithin(c, chain[:i]) {
				return []Code{NameConstraints}
			}
		}
		if i == len(chain)-1 || j.trust.anchor[string(c.Raw)] {
			continue
		}
		switch j.standing(c, chain[i+1], at, ev) {
		case revoked:
			return []Code{Revoked}
		case unknown:
			out = []Code{RevocationUnknown}
		}
	}
	return out
}

// usage says whether the leaf itself may do this.
func usage(c *x509.Certificate, use purpose) (Code, bool) {
	if c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return KeyUsage, false
	}
	if len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0 {
		return "", use == forDocuments
	}
	if !serves(c, use) {
		return KeyUsage, false
	}
	return "", true
}

func serves(c *x509.Certificate, use purpose) bool {
	if use == forStamps {
		return slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageTimeStamping)
	}
	for _, u := range c.ExtKeyUsage {
		if u == x509.ExtKeyUsageAny || u == x509.ExtKeyUsageEmailProtection {
			return true
		}
	}
	return slices.ContainsFunc(c.UnknownExtKeyUsage, func(o asn1.ObjectIdentifier) bool {
		return slices.ContainsFunc(documentUses, o.Equal)
	})
}

// passes says whether an authority restricted to some uses lets this one through.
func passes(ca, _ *x509.Certificate, use purpose) bool {
	if len(ca.ExtKeyUsage)+len(ca.UnknownExtKeyUsage) == 0 || slices.Contains(ca.ExtKeyUsage, x509.ExtKeyUsageAny) {
		return true
	}
	return serves(ca, use)
}

// chainFault turns the reason why there is no chain into a code.
func (j *judgeRun) chainFault(cert *x509.Certificate, at time.Time, err error, ev *evidence) Code {
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		switch e.Reason {
		case x509.Expired:
			if at.Before(e.Cert.NotBefore) {
				return NotYetValid
			}
			return Expired
		case x509.CANotAuthorizedForThisName, x509.CANotAuthorizedForExtKeyUsage, x509.NameConstraintsWithoutSANs, x509.UnconstrainedName:
			return NameConstraints
		case x509.IncompatibleUsage:
			return KeyUsage
		case x509.NotAuthorizedToSign, x509.TooManyIntermediates:
			return ChainBroken
		}
		return Unsupported
	}
	if _, ok := errors.AsType[x509.UnhandledCriticalExtension](err); ok {
		return Unsupported
	}
	// No chain: tell an issuer that is no authority, or one that signs by a broken digest, from
	// one that is not known.
	for c, hops := cert, 0; c != nil && hops < 10; hops++ {
		switch c.SignatureAlgorithm {
		case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
			if !j.trust.anchor[string(c.Raw)] {
				return WeakAlgorithm
			}
		}
		var issuer *x509.Certificate
		for _, list := range [][]*x509.Certificate{j.trust.all, ev.certs} {
			for _, k := range list {
				if !bytes.Equal(k.RawSubject, c.RawIssuer) || bytes.Equal(k.Raw, c.Raw) || k.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) != nil {
					continue
				}
				if k.Version == 3 && (!k.BasicConstraintsValid || !k.IsCA) || k.KeyUsage != 0 && k.KeyUsage&x509.KeyUsageCertSign == 0 {
					return ChainBroken
				}
				issuer = k
			}
		}
		c = issuer
	}
	return ChainUnknown
}
