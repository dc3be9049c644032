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
	some    bool                                // a delta, or for some reasons only: what it leaves out is not good
	points  [][]byte                            // names of the part of the certificates it speaks of; nil means all
	part    bool                                // speaks of one part only
	reach   time.Time                           // certificates that ran out since then are still listed; zero means none

	mu    sync.Mutex
	found map[string]bool // issuer (DER) → the list is truly theirs
}

var (
	oidIDP     = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidDelta   = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidExpired = asn1.ObjectIdentifier{2, 5, 29, 60} // expiredCertsOnCRL
)

func parseCRL(der []byte) (*crl, error) {
	l, err := x509.ParseRevocationList(der)
	if err != nil {
		if l, err = parseCRL1(der); err != nil {
			return nil, err
		}
	}
	c := &crl{list: l, entries: make(map[string]x509.RevocationListEntry, len(l.RevokedCertificateEntries)), found: map[string]bool{}}
	for _, e := range l.Extensions {
		switch {
		case e.Id.Equal(oidDelta):
			c.some = true
		case e.Id.Equal(oidExpired):
			if _, err := asn1.Unmarshal(e.Value, &c.reach); err != nil {
				c.reach = time.Time{}
			}
		case e.Id.Equal(oidIDP):
			var p struct {
				Point    asn1.RawValue  `asn1:"optional,tag:0"`
				Users    bool           `asn1:"optional,tag:1"`
				CAs      bool           `asn1:"optional,tag:2"`
				Some     asn1.BitString `asn1:"optional,tag:3"`
				Indirect bool           `asn1:"optional,tag:4"`
				Attrs    bool           `asn1:"optional,tag:5"`
			}
			if rest, err := asn1.Unmarshal(e.Value, &p); err != nil || len(rest) > 0 || p.Indirect || p.Attrs {
				return nil, errors.New("a list of a kind not read here")
			}
			c.users, c.cas, c.some = p.Users, p.CAs, c.some || p.Some.BitLength > 0
			if c.part = len(p.Point.FullBytes) > 0; c.part {
				c.points = pointNames(p.Point.Bytes)
			}
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

// pointNames takes the full names of a distribution point, each as DER.
func pointNames(der []byte) (out [][]byte) {
	var names asn1.RawValue
	if _, err := asn1.Unmarshal(der, &names); err != nil || names.Class != asn1.ClassContextSpecific || names.Tag != 0 {
		return nil // relative names are not read here
	}
	for rest := names.Bytes; len(rest) > 0; {
		var n asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &n); err != nil {
			return out
		}
		out = append(out, n.FullBytes)
	}
	return out
}

var oidPoints = asn1.ObjectIdentifier{2, 5, 29, 31}

// speaksOf says whether what a list leaves out is good for a certificate: the list must be whole,
// and a list of a part must be of the part that the certificate names (RFC 5280 6.3.3).
func (c *crl) speaksOf(cert *x509.Certificate) bool {
	if c.some || c.users && cert.IsCA || c.cas && !cert.IsCA {
		return false
	}
	if !c.part {
		return true
	}
	i := slices.IndexFunc(cert.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidPoints) })
	if i < 0 {
		return false
	}
	var points []struct {
		Name    asn1.RawValue  `asn1:"optional,tag:0"`
		Reasons asn1.BitString `asn1:"optional,tag:1"`
		Issuer  asn1.RawValue  `asn1:"optional,tag:2"`
	}
	if rest, err := asn1.Unmarshal(cert.Extensions[i].Value, &points); err != nil || len(rest) > 0 {
		return false
	}
	for _, p := range points {
		if p.Reasons.BitLength > 0 || len(p.Issuer.FullBytes) > 0 {
			continue
		}
		for _, n := range pointNames(p.Name.Bytes) {
			if slices.ContainsFunc(c.points, func(m []byte) bool { return bytes.Equal(m, n) }) {
				return true
			}
		}
	}
	return false
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

// usable says whether a list or response of a certificate speaks of the time that counts: it was
// made after it, or before it and not yet replaced then. One made after the certificate ran out
// may have dropped it, unless it says that it reaches back further.
func (j *judgeRun) usable(cert *x509.Certificate, at, this, next, reach time.Time) bool {
	if this.After(j.now.Add(skew)) {
		return false
	}
	if this.After(at) {
		return !this.After(cert.NotAfter) || !reach.IsZero() && !reach.After(cert.NotAfter)
	}
	return !next.IsZero() && !next.Before(at)
}

const (
	reasonHold   = 6
	reasonLifted = 8
)

// standing tells whether a certificate was revoked at a time. Whatever authentic list says
// so wins; "good" needs a list that speaks of that time. Only a hold may be lifted by a later
// list.
func (j *judgeRun) standing(cert, issuer *x509.Certificate, at time.Time, ev *evidence) standing {
	out := j.onLists(cert, issuer, at, ev)
	if out == revoked {
		return revoked
	}
	for _, der := range ev.ocsps {
		if j.ctx.Err() != nil {
			return unknown
		}
		r, ok := j.ocsp(der, cert, issuer, ev)
		if !ok {
			continue
		}
		if r.Status == ocsp.Revoked && !r.RevokedAt.After(at) {
			return revoked
		}
		if r.Status != ocsp.Unknown && j.usable(cert, at, r.ThisUpdate, r.NextUpdate, cutoff(r)) {
			out = good
		}
	}
	return out
}

func (j *judgeRun) onLists(cert, issuer *x509.Certificate, at time.Time, ev *evidence) standing {
	out := unknown
	var held, free time.Time // the newest list that holds the certificate, and that does not name it
	for _, list := range [][]*crl{j.trust.crls, ev.crls} {
		for _, c := range list {
			if j.ctx.Err() != nil {
				return unknown
			}
			if !c.by(issuer) {
				continue
			}
			made := c.list.ThisUpdate
			e, named := c.entries[string(cert.SerialNumber.Bytes())]
			if named && e.ReasonCode != reasonLifted && !e.RevocationTime.After(at) {
				if e.ReasonCode != reasonHold {
					return revoked
				}
				if made.After(held) {
					held = made
				}
				continue
			}
			if c.speaksOf(cert) && j.usable(cert, at, made, c.list.NextUpdate, c.reach) {
				out = good
				if made.After(free) {
					free = made
				}
			}
		}
	}
	if !held.IsZero() && !free.After(held) {
		return revoked
	}
	return out
}

var (
	oidNoCheck = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	oidCutoff  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 6}
)

// cutoff is since when a responder still knows certificates that ran out.
func cutoff(r *ocsp.Response) (at time.Time) {
	for _, e := range r.Extensions {
		if e.Id.Equal(oidCutoff) {
			if _, err := asn1.Unmarshal(e.Value, &at); err != nil {
				return time.Time{}
			}
		}
	}
	return at
}

// ocsp reads a response about a certificate, signed by its issuer or by a responder the
// issuer appointed.
func (j *judgeRun) ocsp(der []byte, cert, issuer *x509.Certificate, ev *evidence) (*ocsp.Response, bool) {
	if len(der) > maxOCSP {
		return nil, false
	}
	r, err := ocsp.ParseResponseForCert(der, cert, issuer)
	if err != nil || !about(r.TBSResponseData, cert, issuer) {
		return nil, false
	}
	if d := r.Certificate; d != nil && !bytes.Equal(d.Raw, issuer.Raw) {
		appointed := slices.Contains(d.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning)
		within := !r.ProducedAt.Before(d.NotBefore) && !r.ProducedAt.After(d.NotAfter)
		if !appointed || !within || d.CheckSignatureFrom(issuer) != nil {
			return nil, false
		}
		unchecked := slices.ContainsFunc(d.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidNoCheck) })
		if !unchecked && j.onLists(d, issuer, r.ProducedAt, ev) != good {
			return nil, false
		}
	}
	return r, true
}

// about says whether a response names the issuer as well as the number: another issuer's
// certificate may have the same number.
func about(tbs []byte, cert, issuer *x509.Certificate) bool {
	var data struct {
		Version   int `asn1:"optional,default:0,explicit,tag:0"`
		Responder asn1.RawValue
		Produced  time.Time `asn1:"generalized"`
		Responses []struct {
			ID struct {
				Hash      pkix.AlgorithmIdentifier
				Name, Key []byte
				Serial    asn1.RawValue
			}
			Status asn1.RawValue
			This   time.Time     `asn1:"generalized"`
			Next   asn1.RawValue `asn1:"optional,tag:0"`
			Ext    asn1.RawValue `asn1:"optional,tag:1"`
		}
	}
	if _, err := asn1.Unmarshal(tbs, &data); err != nil {
		return false
	}
	var spki struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(issuer.RawSubjectPublicKeyInfo, &spki); err != nil {
		return false
	}
	serial, err := asn1.Marshal(cert.SerialNumber)
	if err != nil {
		return false
	}
	for _, r := range data.Responses {
		if !bytes.Equal(r.ID.Serial.FullBytes, serial) {
			continue
		}
		sum, ok := digestOf(r.ID.Hash.Algorithm)
		return ok && bytes.Equal(r.ID.Name, sum(issuer.RawSubject)) && bytes.Equal(r.ID.Key, sum(spki.Key.RightAlign()))
	}
	return false
}
