package cms

import (
	"crypto"
	"encoding/asn1"
	"fmt"
)

// attributes goes through a SET of attributes, each of which may come once.
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
