package pdf

import (
	"cmp"
	"fmt"
)

// Field is a place reserved for later: a text field, or a signature field. Reserved before
// the first signature it may be filled after it.
type Field struct {
	Name string
	Page int        // from 1
	Rect [4]float64 // left, bottom, right, top in points; all zero is invisible (signatures only)
	Text bool       // a text field; otherwise a signature field
	Size float64    // of the type in a text field, in points; 0 means 13
	Lock Dict       // what the signature locks (FieldMDP: Action, Fields); nil means nothing
}

const (
	flagPrint  = 4
	flagLocked = 128
)

// AddFields reserves fields by an incremental update.
func AddFields(data []byte, fields []Field) ([]byte, error) {
	f, err := OpenStrict(data)
	if err != nil {
		return nil, err
	}
	u, err := f.Update()
	if err != nil {
		return nil, err
	}
	for _, fl := range fields {
		if _, err := u.field(fl); err != nil {
			return nil, err
		}
	}
	out, _ := u.Bytes()
	return out, nil
}

// field adds a field and its widget.
func (u *Update) field(fl Field) (Ref, error) {
	if _, _, ok := u.view.Field(fl.Name); ok || fl.Name == "" {
		return Ref{}, fmt.Errorf("pdf: there is a field %q", fl.Name)
	}
	pageRef, _, err := u.view.Page(max(1, fl.Page))
	if err != nil {
		return Ref{}, err
	}
	page, _ := u.Dict(pageRef)
	d := Dict{"Type": Name("Annot"), "Subtype": Name("Widget"), "T": Text(fl.Name), "P": pageRef,
		"F":    flagPrint | flagLocked,
		"Rect": Array{fl.Rect[0], fl.Rect[1], fl.Rect[2], fl.Rect[3]}}
	if fl.Text {
		d["FT"] = Name("Tx")
		d["F"] = flagPrint
		d["DA"] = String(fmt.Sprintf("/Helv %g Tf 0 g", cmp.Or(fl.Size, 13)))
		d["AP"] = Dict{"N": u.AddForm(&Form{W: fl.Rect[2] - fl.Rect[0], H: fl.Rect[3] - fl.Rect[1], Resources: Dict{}})}
	} else {
		d["FT"] = Name("Sig")
		if fl.Lock != nil {
			d["Lock"] = fl.Lock
		}
	}
	r := u.Add(d)
	annots, _ := u.Array(page["Annots"])
	annots = append(annots, r)
	if ar, ok := page["Annots"].(Ref); ok {
		u.Put(ar, annots)
	} else {
		page["Annots"] = annots
		u.Put(pageRef, page)
	}
	return r, u.register(r, fl.Text)
}

// register appends a field to the form of the document, which is made when there is none.
func (u *Update) register(r Ref, text bool) error {
	rootRef, ok := u.view.Trailer()["Root"].(Ref)
	if !ok {
		return syntax(0, "root of the trailer")
	}
	root, ok := u.Dict(rootRef)
	if !ok {
		return syntax(0, "no catalogue")
	}
	form, _ := u.Dict(root["AcroForm"])
	if form == nil {
		form = Dict{}
	}
	fields, _ := u.Array(form["Fields"])
	fields = append(fields, r)
	if fr, ok := form["Fields"].(Ref); ok {
		u.Put(fr, fields)
	} else {
		form["Fields"] = fields
	}
	if text {
		dr, _ := u.Dict(form["DR"])
		if dr == nil {
			dr = Dict{}
		}
		fonts, _ := u.Dict(dr["Font"])
		if fonts == nil {
			fonts = Dict{}
		}
		if fonts["Helv"] == nil { // what a reader types with, should somebody type
			fonts["Helv"] = u.Add(Dict{"Type": Name("Font"), "Subtype": Name("Type1"),
				"BaseFont": Name("Helvetica"), "Encoding": Name("WinAnsiEncoding")})
			dr["Font"], form["DR"] = fonts, dr
		}
	} else {
		form["SigFlags"] = 3
	}
	if fr, ok := root["AcroForm"].(Ref); ok {
		u.Put(fr, form)
		return nil
	}
	root["AcroForm"] = form
	u.Put(rootRef, root)
	return nil
}

// Field finds a top-level field by name.
func (v *View) Field(name string) (Ref, Dict, bool) {
	form, _ := v.Dict(v.Catalog()["AcroForm"])
	fields, _ := v.Array(form["Fields"])
	for _, o := range fields {
		r, ok := o.(Ref)
		if !ok {
			continue
		}
		if d, ok := v.Dict(r); ok {
			if t, ok := v.Resolve(d["T"]).(String); ok && t.Decode() == name {
				return r, d, true
			}
		}
	}
	return Ref{}, nil, false
}

// Fill is the text for a reserved field and how it looks.
type Fill struct {
	Name  string
	Value string
	Look  *Form // as large as the field
}

// FillFields fills reserved text fields by an incremental update and closes them.
func FillFields(data []byte, fills []Fill) ([]byte, error) {
	f, err := OpenStrict(data)
	if err != nil {
		return nil, err
	}
	u, err := f.Update()
	if err != nil {
		return nil, err
	}
	for _, fl := range fills {
		if err := u.fill(fl); err != nil {
			return nil, err
		}
	}
	out, _ := u.Bytes()
	return out, nil
}

func (u *Update) fill(fl Fill) error {
	r, d, ok := u.view.Field(fl.Name)
	if !ok || d["FT"] != Name("Tx") {
		return fmt.Errorf("pdf: no text field %q", fl.Name)
	}
	if s, _ := u.view.Resolve(d["V"]).(String); s != "" {
		return fmt.Errorf("pdf: the field %q is filled", fl.Name)
	}
	d, _ = u.Dict(r)
	d["V"] = Text(fl.Value)
	d["AP"] = Dict{"N": u.AddForm(fl.Look)}
	ff, _ := d["Ff"].(int)
	d["Ff"] = ff | 1
	u.Put(r, d)
	return nil
}

// Size is the width and height of a field's place, in points.
func (v *View) Size(name string) (w, h float64, err error) {
	_, d, ok := v.Field(name)
	if !ok {
		return 0, 0, fmt.Errorf("pdf: no field %q", name)
	}
	r, ok := v.Rect(d["Rect"])
	if !ok {
		return 0, 0, fmt.Errorf("pdf: the field %q has no place", name)
	}
	return r[2] - r[0], r[3] - r[1], nil
}

// Rect reads a rectangle as left, bottom, right, top.
func (v *View) Rect(o Object) (r [4]float64, ok bool) {
	a, _ := v.Array(o)
	if len(a) != 4 {
		return r, false
	}
	for i := range r {
		if r[i], ok = Number(v.Resolve(a[i])); !ok {
			return r, false
		}
	}
	r[0], r[2] = min(r[0], r[2]), max(r[0], r[2])
	r[1], r[3] = min(r[1], r[3]), max(r[1], r[3])
	return r, true
}
