package verify

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"
)

// skew is how far clocks may differ.
const skew = 5 * time.Minute

type crl struct {
	list    *x509.RevocationList
	entries map[string]x509.RevocationListEntry // by serial
	users   bool                                // speaks of end users only
	cas     bool                                // speaks of authorities only

	mu    sync.Mutex
	found map[string]bool // issuer (DER) → the list is truly theirs
}

var (
	oidIDP   = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidDelta = asn1.ObjectIdentifier{2, 5, 29, 27}
)

func parseCRL(der []byte) (*crl, error) {
	l, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, err
	}
	c := &crl{list: l, entries: map[string]x509.RevocationListEntry{}, found: map[string]bool{}}
	for _, e := range l.Extensions {
		switch {
		case e.Id.Equal(oidDelta):
			return nil, errors.New("a delta list alone says nothing")
		case e.Id.Equal(oidIDP):
			var p struct {
				Point    asn1.RawValue  `asn1:"optional,tag:0"`
				Users    bool           `asn1:"optional,tag:1"`
				CAs      bool           `asn1:"optional,tag:2"`
				Some     asn1.BitString `asn1:"optional,tag:3"`
				Indirect bool           `asn1:"optional,tag:4"`
				Attrs    bool           `asn1:"optional,tag:5"`
			}
			if rest, err := asn1.Unmarshal(e.Value, &p); err != nil || len(rest) > 0 || p.Indirect || p.Attrs || p.Some.BitLength > 0 {
				return nil, errors.New("a list of a kind not read here")
			}
			c.users, c.cas = p.Users, p.CAs
		case e.Critical:
			return nil, errors.New("a list with an unknown critical extension")
		}
	}
	for _, e := range l.RevokedCertificateEntries {
		if slices.ContainsFunc(e.Extensions, func(x pkix.Extension) bool { return x.Critical }) {
			return nil, errors.New("an entry with an unknown critical extension")
		}
		c.entries[string(e.SerialNumber.Bytes())] = e
	}
	return c, nil
}

func (c *crl) by(issuer *x509.Certificate) bool {
	if !bytes.Equal(c.list.RawIssuer, issuer.RawSubject) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	ok, known := c.found[string(issuer.Raw)]
	if !known {
		ok = c.list.CheckSignatureFrom(issuer) == nil
		c.found[string(issuer.Raw)] = ok
	}
	return ok
}

type standing int

const (
	unknown standing = iota
	good
	revoked
)

// evidence is what came with a file beside the trust list.
type evidence struct {
	certs []*x509.Certificate
	crls  []*crl
	ocsps [][]byte
}

// standing tells whether a certificate was revoked at a time. Whatever authentic list says
// so wins; "good" needs a list that speaks of that time: issued after it, or before it and
// not yet replaced then.
func (j *judgeRun) standing(cert, issuer *x509.Certificate, at time.Time, ev *evidence) standing {
	out := unknown
	usable := func(this, next time.Time) bool {
		if this.After(j.now.Add(skew)) {
			return false
		}
		if this.After(at) { // lists may drop certificates that ran out before they were made
			return !this.After(cert.NotAfter)
		}
		return !next.IsZero() && !next.Before(at)
	}
	for _, list := range [][]*crl{j.trust.crls, ev.crls} {
		for _, c := range list {
			if c.users && cert.IsCA || c.cas && !cert.IsCA || !c.by(issuer) {
				continue
			}
			if e, ok := c.entries[string(cert.SerialNumber.Bytes())]; ok && e.ReasonCode != 8 && !e.RevocationTime.After(at) {
				return revoked
			}
			if usable(c.list.ThisUpdate, c.list.NextUpdate) {
				out = good
			}
		}
	}
	for _, der := range ev.ocsps {
		r, ok := j.ocsp(der, cert, issuer)
		if !ok {
			continue
		}
		if r.Status == ocsp.Revoked && !r.RevokedAt.After(at) {
			return revoked
		}
		if r.Status != ocsp.Unknown && usable(r.ThisUpdate, r.NextUpdate) {
			out = good
		}
	}
	return out
}

var oidNoCheck = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}

// ocsp reads a response about a certificate, signed by its issuer or by a responder the
// issuer appointed.
func (j *judgeRun) ocsp(der []byte, cert, issuer *x509.Certificate) (*ocsp.Response, bool) {
	r, err := ocsp.ParseResponseForCert(der, cert, issuer)
	if err != nil {
		return nil, false
	}
	if d := r.Certificate; d != nil && !bytes.Equal(d.Raw, issuer.Raw) {
		appointed := slices.Contains(d.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning)
		unchecked := slices.ContainsFunc(d.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidNoCheck) })
		within := !r.ProducedAt.Before(d.NotBefore) && !r.ProducedAt.After(d.NotAfter)
		if !appointed || !unchecked || !within || d.CheckSignatureFrom(issuer) != nil {
			return nil, false
		}
	}
	return r, true
}
