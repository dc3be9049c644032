package pdf

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Signature says where and how a signature is put into a file.
type Signature struct {
	Field    string    // a reserved signature field; a new, invisible one is made if there is none
	Time     time.Time // claimed time; required
	Name     string    // of who signs
	Reason   string
	Location string
	Look     *Form // what the reserved field shows; nil shows nothing
	Hole     int   // room for the CMS in bytes; 0 means 6,000
	Certify  int   // 1, 2 or 3 makes a certifying signature with that DocMDP level
	Stamp    bool  // a document time-stamp instead of a signature
}

// Prepared is a file with a hole for the CMS.
type Prepared struct {
	out        []byte
	from, to   int    // of the hole, with its angle brackets
	Digest     []byte // SHA-256 of the signed bytes
	byteRange  [4]int
	FieldName  string
	RevisionAt int // length of the file before
}

// ErrHole says that a CMS does not fit.
var ErrHole = errors.New("pdf: the signature is larger than the room left for it")

var zeros = strings.Repeat("0", 1000)

const rangeRoom = "                                        "

// Prepare adds a signature without its CMS.
func Prepare(data []byte, s Signature) (*Prepared, error) {
	f, err := OpenStrict(data)
	if err != nil {
		return nil, err
	}
	u, err := f.Update()
	if err != nil {
		return nil, err
	}
	name := cmp.Or(s.Field, fmt.Sprintf("Signature%d", f.Now().Sections()))
	r, d, ok := u.view.Field(name)
	if !ok {
		if r, err = u.field(Field{Name: name, Page: 1}); err != nil {
			return nil, err
		}
	} else if d["FT"] != Name("Sig") || d["V"] != nil {
		return nil, fmt.Errorf("pdf: %q is no open signature field", name)
	}
	d, _ = u.Dict(r)
	value := u.New()
	d["V"] = value
	if s.Look != nil {
		d["AP"] = Dict{"N": u.AddForm(s.Look)}
	} else {
		delete(d, "AP")
	}
	u.Put(r, d)
	if s.Certify != 0 {
		rootRef, _ := u.view.Trailer()["Root"].(Ref)
		root, _ := u.Dict(rootRef)
		root["Perms"] = Dict{"DocMDP": value}
		u.Put(rootRef, root)
	}
	raw, rangeAt, holeAt, holeLen := s.dict(u.view, d)
	u.Put(value, raw)
	out, at := u.Bytes()
	body := at[value.Num] + len(fmt.Sprintf("%d 0 obj\n", value.Num))
	p := &Prepared{out: out, from: body + holeAt, to: body + holeAt + holeLen, FieldName: name, RevisionAt: len(data)}
	p.byteRange = [4]int{0, p.from, p.to, len(out) - p.to}
	br := fmt.Sprintf("[0 %d %d %d]", p.byteRange[1], p.byteRange[2], p.byteRange[3])
	copy(out[body+rangeAt:], br)
	h := sha256.New()
	h.Write(out[:p.from])
	h.Write(out[p.to:])
	p.Digest = h.Sum(nil)
	return p, nil
}

// dict writes the dictionary of the signature with room for the byte range and the CMS.
func (s Signature) dict(v *View, field Dict) (raw Raw, rangeAt, holeAt, holeLen int) {
	holeLen = 2*cmp.Or(s.Hole, 6000) + 2
	b := append(make([]byte, 0, holeLen+1000), "<<"...)
	put := func(k Name, o Object) {
		b = appendName(b, k)
		b = append(b, ' ')
		b = Write(b, o)
	}
	if s.Stamp {
		put("Type", Name("DocTimeStamp"))
		put("SubFilter", Name("ETSI.RFC3161"))
	} else {
		put("Type", Name("Sig"))
		put("SubFilter", Name("ETSI.CAdES.detached"))
		put("M", String(s.Time.UTC().Format("D:20060102150405Z")))
	}
	put("Filter", Name("Adobe.PPKLite"))
	for _, t := range []struct {
		key  Name
		text string
	}{{"Name", s.Name}, {"Reason", s.Reason}, {"Location", s.Location}} {
		if t.text != "" {
			put(t.key, Text(t.text))
		}
	}
	refs := Array{}
	if s.Certify != 0 {
		refs = append(refs, Dict{"Type": Name("SigRef"), "TransformMethod": Name("DocMDP"),
			"TransformParams": Dict{"Type": Name("TransformParams"), "P": s.Certify, "V": Name("1.2")}})
	}
	if lock, ok := v.Dict(field["Lock"]); ok {
		params := Dict{"Type": Name("TransformParams"), "V": Name("1.2"), "Action": lock["Action"]}
		if lock["Fields"] != nil {
			params["Fields"] = lock["Fields"]
		}
		refs = append(refs, Dict{"Type": Name("SigRef"), "TransformMethod": Name("FieldMDP"), "TransformParams": params})
	}
	if len(refs) > 0 {
		put("Reference", refs)
	}
	b = append(b, "/ByteRange "...)
	rangeAt = len(b)
	b = append(b, rangeRoom...)
	b = append(b, "/Contents "...)
	holeAt = len(b)
	b = append(b, '<')
	for n := holeLen - 2; n > 0; n -= len(zeros) {
		b = append(b, zeros[:min(n, len(zeros))]...)
	}
	b = append(b, ">>>"...)
	return b, rangeAt, holeAt, holeLen
}

// Finish puts the CMS into the hole and returns the file.
func (p *Prepared) Finish(cms []byte) ([]byte, error) {
	if 2*len(cms) > p.to-p.from-2 {
		return nil, ErrHole
	}
	hex.Encode(p.out[p.from+1:], cms)
	return p.out, nil
}

// AddDSS adds certificates, CRLs and OCSP responses to the document security store.
func AddDSS(data []byte, certs, crls, ocsps [][]byte) ([]byte, error) {
	f, err := OpenStrict(data)
	if err != nil {
		return nil, err
	}
	u, err := f.Update()
	if err != nil {
		return nil, err
	}
	rootRef, _ := u.view.Trailer()["Root"].(Ref)
	root, ok := u.Dict(rootRef)
	if !ok {
		return nil, syntax(0, "no catalogue")
	}
	dss, _ := u.Dict(root["DSS"])
	if dss == nil {
		dss = Dict{"Type": Name("DSS")}
	}
	for _, kind := range []struct {
		key  Name
		list [][]byte
	}{{"Certs", certs}, {"CRLs", crls}, {"OCSPs", ocsps}} {
		if len(kind.list) == 0 {
			continue
		}
		a, _ := u.Array(dss[kind.key])
		for _, der := range kind.list {
			a = append(a, u.Add(NewStream(nil, der)))
		}
		dss[kind.key] = a
	}
	root["DSS"] = u.Add(dss)
	u.Put(rootRef, root)
	out, _ := u.Bytes()
	return out, nil
}
