package verify

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"datmui/blocks/sign/cms"
	"datmui/blocks/sign/pdf"
)

// sigCase is one signature under judgement.
type sigCase struct {
	run   *judgeRun
	file  *pdf.File
	now   *pdf.View
	from  signed
	dict  pdf.Dict
	br    [4]int
	cms   *cms.SignedData
	stamp *cms.Stamp
	ev    *evidence
	out   Signature
}

// open reads a signature and judges what needs no time: its bytes, its CMS, what came after.
func open(run *judgeRun, f *pdf.File, now *pdf.View, s signed, ev *evidence) *sigCase {
	c := &sigCase{run: run, file: f, now: now, from: s, ev: ev}
	c.out = Signature{Field: s.name, Covers: Revision, ChangesAfter: Forbidden, CheckedAt: run.now}
	der, ok := c.place()
	if !ok {
		return c
	}
	c.after()
	c.read(der)
	return c
}

func (c *sigCase) fail(code Code, detail string) {
	c.out.add(code)
	if c.out.Detail == "" {
		c.out.Detail = detail
	}
}

// place finds the signed ranges and the CMS between them: nothing but the CMS may be left out.
func (c *sigCase) place() (der []byte, ok bool) {
	data := c.file.Bytes()
	r, isRef := c.from.value.(pdf.Ref)
	off, isPlain := c.now.Offset(r.Num)
	d, isDict := c.now.Dict(c.from.value)
	if !isRef || !isPlain || !isDict {
		c.fail(Malformed, "the value of the field is no signature dictionary of its own")
		return nil, false
	}
	c.dict = d
	c.out.Stamp = d["Type"] == pdf.Name("DocTimeStamp") || d["SubFilter"] == pdf.Name("ETSI.RFC3161")
	if m, ok := c.now.Resolve(d["M"]).(pdf.String); ok {
		if t, ok := pdfTime(m.Decode()); ok {
			c.out.SignedAt = &t
		}
	}
	spans, twice, err := c.file.Spans(off)
	if err != nil || twice {
		c.fail(DuplicateKey, "the signature dictionary has a key twice")
		return nil, false
	}
	br, _ := d["ByteRange"].(pdf.Array)
	if len(br) != 4 {
		c.fail(ByteRange, "/ByteRange does not hold four numbers")
		return nil, false
	}
	for i := range br {
		v, isInt := br[i].(int)
		if !isInt || v < 0 || v > len(data) {
			c.fail(ByteRange, "/ByteRange reaches outside the file")
			return nil, false
		}
		c.br[i] = v
	}
	hole := spans["Contents"]
	if c.br[0] != 0 || c.br[1] != hole.From || c.br[2] != hole.To || c.br[3] > len(data)-c.br[2] || c.br[3] == 0 {
		c.fail(ByteRange, "/ByteRange leaves out something other than /Contents")
		return nil, false
	}
	raw := data[hole.From:hole.To]
	if len(raw) < 2 || raw[0] != '<' || raw[len(raw)-1] != '>' {
		c.fail(Contents, "/Contents is no hexadecimal string")
		return nil, false
	}
	der = make([]byte, hex.DecodedLen(len(raw)-2))
	if _, err := hex.Decode(der, raw[1:len(raw)-1]); err != nil {
		c.fail(Contents, "/Contents holds more than hexadecimal digits")
		return nil, false
	}
	c.out.end = c.br[2] + c.br[3]
	first, n, err := cms.First(der)
	if err != nil || len(bytes.Trim(der[n:], "\x00")) > 0 {
		c.fail(Contents, "/Contents holds no CMS, or more than one")
		return nil, false
	}
	return first, true
}

// after judges what follows the signed part.
func (c *sigCase) after() {
	data := c.file.Bytes()
	if c.out.end == len(data) {
		c.out.Covers, c.out.ChangesAfter = Whole, None
		return
	}
	if pdf.Blank(data[c.out.end:]) {
		c.out.Covers, c.out.ChangesAfter = Whole, None
		if !c.file.Recovered {
			return
		}
	}
	old, err := c.file.At(c.out.end)
	if errors.Is(err, pdf.ErrLimit) {
		c.fail(Limit, err.Error())
		return
	}
	if err != nil {
		c.out.ChangesAfter = Forbidden
		c.fail(StructureAfter, err.Error())
		return
	}
	if !c.heldBy(old) {
		c.fail(StructureAfter, "the signed part does not show this signature")
		return
	}
	d := &differ{ctx: c.run.ctx, old: old, now: c.now}
	c.permissions(d)
	if old.Trailer()["Encrypt"] != nil {
		c.out.add(Encrypted)
	}
	if err := d.compare(); err != nil {
		if c.run.ctx.Err() != nil {
			c.fail(Limit, "no time left")
			return
		}
		c.fail(ChangedAfter, err.Error())
		return
	}
	c.out.ChangesAfter = Permitted
}

// heldBy says whether the signed revision itself shows this very signature.
func (c *sigCase) heldBy(old *pdf.View) bool {
	r := c.from.value.(pdf.Ref)
	a, ok1 := old.Offset(r.Num)
	b, ok2 := c.now.Offset(r.Num)
	if !ok1 || !ok2 || a != b {
		return false
	}
	list, _ := signatures(old)
	return slices.ContainsFunc(list, func(s signed) bool { return s.value == pdf.Object(r) && s.ref == c.from.ref })
}

// permissions reads what the signature itself forbids: DocMDP and FieldMDP.
func (c *sigCase) permissions(d *differ) {
	refs, _ := c.now.Array(c.dict["Reference"])
	for _, o := range refs {
		ref, _ := c.now.Dict(o)
		params, _ := c.now.Dict(ref["TransformParams"])
		switch c.now.Resolve(ref["TransformMethod"]) {
		case pdf.Name("DocMDP"):
			d.level = 2
			if p, ok := c.now.Resolve(params["P"]).(int); ok {
				d.level = p
			}
		case pdf.Name("FieldMDP"):
			d.locked = lock(c.now, params, d.locked)
		}
	}
	field, _ := c.now.Dict(c.from.ref)
	if l, ok := c.now.Dict(field["Lock"]); ok {
		d.locked = lock(c.now, l, d.locked)
		if p, ok := c.now.Resolve(l["P"]).(int); ok && (d.level == 0 || p < d.level) {
			d.level = p
		}
	}
}

func lock(v *pdf.View, params pdf.Dict, before func(string) bool) func(string) bool {
	var names []string
	list, _ := v.Array(params["Fields"])
	for _, o := range list {
		if s, ok := v.Resolve(o).(pdf.String); ok {
			names = append(names, s.Decode())
		}
	}
	action := v.Resolve(params["Action"])
	return func(name string) bool {
		if before != nil && before(name) {
			return true
		}
		named := slices.ContainsFunc(names, func(n string) bool { return n == name || strings.HasPrefix(name, n+".") })
		switch action {
		case pdf.Name("Include"):
			return named
		case pdf.Name("Exclude"):
			return !named
		}
		return true // All, and whatever is not understood
	}
}

// read judges the CMS over the signed ranges.
func (c *sigCase) read(der []byte) {
	sub, _ := c.now.Resolve(c.dict["SubFilter"]).(pdf.Name)
	data := c.file.Bytes()
	ranges := [][]byte{data[:c.br[1]], data[c.br[2] : c.br[2]+c.br[3]]}
	if c.out.Stamp {
		t, err := cms.ParseStamp(der)
		if err != nil {
			c.cmsFault(err)
			return
		}
		c.stamp, c.cms = t, t.SignedData
		c.named(t.Cert)
		h := t.Hash().New()
		for _, b := range ranges {
			h.Write(b)
		}
		if err := t.Over(h.Sum(nil)); err != nil {
			c.cmsFault(err)
		}
		return
	}
	switch sub {
	case "ETSI.CAdES.detached", "adbe.pkcs7.detached":
	case "adbe.pkcs7.sha1", "adbe.x509.rsa_sha1":
		c.fail(WeakAlgorithm, "SubFilter "+string(sub))
		return
	default:
		c.fail(Unsupported, "SubFilter "+string(sub))
		return
	}
	s, err := cms.Parse(der)
	if err != nil {
		c.cmsFault(err)
		return
	}
	c.cms = s
	c.named(s.Cert)
	if s.Encapsulated() {
		c.fail(Malformed, "the CMS brings its own content")
		return
	}
	if s.Bare() && (sub == "ETSI.CAdES.detached" || !bytes.HasPrefix(data, []byte("%PDF-"))) {
		c.fail(Malformed, "no signed attributes")
		return
	}
	h := s.NewHash()
	for _, b := range ranges {
		h.Write(b)
	}
	if err := s.Verify(h.Sum(nil)); err != nil {
		c.cmsFault(err)
		return
	}
	switch {
	case !s.ESS && sub == "ETSI.CAdES.detached":
		c.fail(ESSMissing, "")
	case s.WeakESS() && sub == "ETSI.CAdES.detached":
		c.fail(WeakAlgorithm, "the certificate is named by SHA-1")
	}
}

func (c *sigCase) cmsFault(err error) {
	code := Malformed
	for _, k := range []struct {
		err  error
		code Code
	}{{cms.ErrDigest, DigestMismatch}, {cms.ErrSignature, SignatureWrong}, {cms.ErrESS, CertMismatch},
		{cms.ErrNoCert, CertMissing}, {cms.ErrWeak, WeakAlgorithm}, {cms.ErrUnknown, Unsupported}} {
		if errors.Is(err, k.err) {
			code = k.code
		}
	}
	c.fail(code, err.Error())
}

// named notes who the certificate says it is.
func (c *sigCase) named(cert *x509.Certificate) {
	if cert == nil {
		return
	}
	n := cert.Subject
	c.out.Signer = n.CommonName
	c.out.Organisation = strings.Join(n.Organization, ", ")
	c.out.Issuer = cert.Issuer.CommonName
	c.out.Serial = fmt.Sprintf("%x", cert.SerialNumber)
	h := sha256.Sum256(cert.Raw)
	c.out.Certificate = hex.EncodeToString(h[:])
	for _, a := range n.Names {
		if a.Type.String() == "2.5.4.12" {
			c.out.Title, _ = a.Value.(string)
		}
	}
}

// with joins what came inside a CMS to what came in the file.
func (c *sigCase) with(s *cms.SignedData) *evidence {
	ev := &evidence{certs: append(slices.Clone(c.ev.certs), s.Certs...), crls: slices.Clone(c.ev.crls),
		ocsps: append(slices.Clone(c.ev.ocsps), s.OCSPs...)}
	for _, der := range s.CRLs {
		if l, ok := c.run.list(der); ok {
			ev.crls = append(ev.crls, l)
		}
	}
	for _, k := range ev.certs {
		readConstraints(k)
	}
	return ev
}

// proven says whether a time-stamp token's own certificate is good, and its time.
func (c *sigCase) proven(t *cms.Stamp) (codes []Code) {
	if t.Time.After(c.run.now.Add(skew)) {
		return []Code{NotYetValid}
	}
	if !cms.MayStamp(t.Cert) {
		return []Code{KeyUsage}
	}
	return c.run.chain(t.Cert, t.Time, forStamps, c.with(t.SignedData))
}

// judgeStamp judges a document time-stamp, whose time is its own.
func (c *sigCase) judgeStamp() {
	if c.stamp == nil || judge(c.out.Reasons) == Invalid {
		return
	}
	at := c.stamp.Time
	c.out.SignedAt, c.out.CheckedAt = &at, at
	codes := c.proven(c.stamp)
	for _, code := range codes {
		c.fail(code, "time-stamp authority")
	}
	c.out.Timestamped = len(codes) == 0 && c.out.ChangesAfter != Forbidden
}

// judge judges the signer's certificate at the time that counts.
func (c *sigCase) judge(at time.Time, stamps []*sigCase) {
	if c.cms == nil || c.cms.Cert == nil {
		c.out.CheckedAt = at
		return
	}
	time, ok := c.time(stamps)
	if ok {
		at = time
		c.out.SignedAt, c.out.Timestamped = &time, true
	} else {
		c.out.add(TimeClaimed)
	}
	c.out.CheckedAt = at
	for _, code := range c.run.chain(c.cms.Cert, at, forDocuments, c.with(c.cms)) {
		c.fail(code, "certificate at "+at.UTC().Format("2006-01-02T15:04:05Z"))
	}
}

// time is the earliest proven time: of the token in the signature, or of a document
// time-stamp over it.
func (c *sigCase) time(stamps []*sigCase) (best time.Time, ok bool) {
	take := func(t time.Time) {
		if !ok || t.Before(best) {
			best, ok = t, true
		}
	}
	for _, der := range c.cms.Tokens {
		t, err := cms.ParseStamp(der)
		if err == nil {
			err = t.OverBytes(c.cms.Value())
		}
		switch {
		case errors.Is(err, cms.ErrWeak), errors.Is(err, cms.ErrUnknown), errors.Is(err, cms.ErrNoCert):
			c.out.add(StampUntrusted)
		case err != nil:
			c.fail(StampWrong, "time-stamp: "+err.Error())
		case len(c.proven(t)) > 0:
			c.out.add(StampUntrusted)
		default:
			take(t.Time)
		}
	}
	for _, s := range stamps {
		if s.out.end > c.out.end {
			take(s.stamp.Time)
		}
	}
	return best, ok
}

// embedded reads the document security store, each stream once.
func (j *judgeRun) embedded(v *pdf.View) *evidence {
	ev := &evidence{}
	dss, _ := v.Dict(v.Catalog()["DSS"])
	each := func(k pdf.Name, most int, take func([]byte)) {
		list, _ := v.Array(dss[k])
		seen := map[pdf.Object]bool{}
		for _, o := range list[:min(len(list), 200)] {
			r, isRef := o.(pdf.Ref)
			if !isRef || seen[r] || j.ctx.Err() != nil {
				continue
			}
			seen[r] = true
			if s, ok := v.Resolve(r).(*pdf.Stream); ok {
				if b, err := v.Data(s); err == nil && len(b) <= most {
					take(b)
				}
			}
		}
	}
	each("Certs", maxCertificate, func(b []byte) {
		if c, err := x509.ParseCertificate(b); err == nil && cms.Fair(c) {
			ev.certs = append(ev.certs, c)
		}
	})
	each("CRLs", maxLists, func(b []byte) {
		if l, ok := j.list(b); ok {
			ev.crls = append(ev.crls, l)
		}
	})
	each("OCSPs", maxOCSP, func(b []byte) { ev.ocsps = append(ev.ocsps, b) })
	return ev
}

// pdfTime reads D:YYYYMMDDHHmmSS with a zone.
func pdfTime(s string) (time.Time, bool) {
	s = strings.TrimPrefix(s, "D:")
	s = strings.ReplaceAll(s, "'", "")
	for _, layout := range []string{"20060102150405Z0700", "20060102150405Z", "20060102150405", "200601021504", "20060102"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
