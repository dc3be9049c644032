package verify

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"slices"
)

// The standard library knows name constraints of hosts, mail and addresses. Certificates for
// documents carry a directory name, so those are read here.

var oidConstraints = asn1.ObjectIdentifier{2, 5, 29, 30}

type subtree struct {
	Base asn1.RawValue
	Min  int `asn1:"optional,default:0,tag:0"`
	Max  int `asn1:"optional,default:-1,tag:1"`
}

// directoryTrees reads the permitted and excluded directory names of an authority; others
// says that there are forms besides.
func directoryTrees(c *x509.Certificate) (permitted, excluded [][]byte, others, ok bool) {
	var der []byte
	for _, e := range c.Extensions {
		if e.Id.Equal(oidConstraints) {
			der = e.Value
		}
	}
	if der == nil {
		return nil, nil, false, true
	}
	var nc struct {
		Permitted []subtree `asn1:"optional,tag:0"`
		Excluded  []subtree `asn1:"optional,tag:1"`
	}
	if rest, err := asn1.Unmarshal(der, &nc); err != nil || len(rest) > 0 {
		return nil, nil, false, false
	}
	pick := func(list []subtree) (out [][]byte) {
		for _, s := range list {
			switch {
			case s.Base.Class == asn1.ClassContextSpecific && s.Base.Tag == 4:
				out = append(out, s.Base.Bytes)
			case slices.Contains([]int{1, 2, 6, 7}, s.Base.Tag): // mail, host, URI, address
			default:
				others = true
			}
		}
		return out
	}
	return pick(nc.Permitted), pick(nc.Excluded), others, true
}

// readConstraints takes directory names off the list of what the standard library does not
// handle, since namesWithin does.
func readConstraints(c *x509.Certificate) {
	i := slices.IndexFunc(c.UnhandledCriticalExtensions, oidConstraints.Equal)
	if i < 0 {
		return
	}
	if _, _, others, ok := directoryTrees(c); ok && !others {
		c.UnhandledCriticalExtensions = slices.Delete(slices.Clone(c.UnhandledCriticalExtensions), i, i+1)
	}
}

// namesWithin says whether the subjects of all certificates below keep to what ca may name.
func namesWithin(ca *x509.Certificate, below []*x509.Certificate) bool {
	permitted, excluded, _, ok := directoryTrees(ca)
	if !ok {
		return false
	}
	for i, c := range below {
		if i > 0 && bytes.Equal(c.RawSubject, c.RawIssuer) { // self-issued, RFC 5280 6.1.4
			continue
		}
		under := func(tree []byte) bool { return nameUnder(c.RawSubject, tree) }
		if len(permitted) > 0 && !slices.ContainsFunc(permitted, under) || slices.ContainsFunc(excluded, under) {
			return false
		}
	}
	return true
}

// nameUnder says whether a name begins with all the parts of another.
func nameUnder(name, tree []byte) bool {
	n, ok1 := parts(name)
	t, ok2 := parts(tree)
	if !ok1 || !ok2 || len(t) > len(n) {
		return false
	}
	for i := range t {
		if !slices.Equal(t[i], n[i]) {
			return false
		}
	}
	return true
}

// parts takes a name apart into its relative names, as text, so that the kind of string does
// not matter.
func parts(der []byte) ([][]string, bool) {
	var seq []asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &seq); err != nil || len(rest) > 0 {
		return nil, false
	}
	out := make([][]string, len(seq))
	for i, set := range seq {
		for rest := set.Bytes; len(rest) > 0; {
			var atv struct {
				Type  asn1.ObjectIdentifier
				Value asn1.RawValue
			}
			var err error
			if rest, err = asn1.Unmarshal(rest, &atv); err != nil {
				return nil, false
			}
			value := string(bytes.ToLower(bytes.Join(bytes.Fields(atv.Value.Bytes), []byte(" "))))
			if atv.Value.Tag == asn1.TagBMPString {
				value = string(atv.Value.Bytes)
			}
			out[i] = append(out[i], atv.Type.String()+"="+value)
		}
		slices.Sort(out[i])
	}
	return out, true
}
