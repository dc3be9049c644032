package verify

import (
	"datmui/blocks/sign/pdf"
)

const (
	maxFields     = 50_000
	maxSignatures = 50
)

// field is one form field with what it inherits.
type field struct {
	ref    pdf.Ref
	dict   pdf.Dict
	name   string
	kind   pdf.Name // FT
	flags  int      // Ff
	value  pdf.Object
	parent int // place in the list; -1 at the top
}

// fields lists the form fields of a view with their widgets; whole is false when the tree is
// broken, repeats itself or is too large.
func fields(v *pdf.View) (out []field, whole bool) {
	form, _ := v.Dict(v.Catalog()["AcroForm"])
	top, _ := v.Array(form["Fields"])
	seen := map[pdf.Ref]bool{}
	whole = (v.Catalog()["AcroForm"] == nil || form != nil) && (form["Fields"] == nil || top != nil)
	var walk func(o pdf.Object, parent, depth int)
	walk = func(o pdf.Object, parent, depth int) {
		r, isRef := o.(pdf.Ref)
		d, ok := v.Dict(o)
		if !isRef || !ok || seen[r] || depth > 50 || len(out) >= maxFields {
			whole = false
			return
		}
		seen[r] = true
		f := field{ref: r, dict: d, parent: parent}
		if parent >= 0 {
			p := out[parent]
			f.name, f.kind, f.flags, f.value = p.name, p.kind, p.flags, p.value
		}
		if t, ok := v.Resolve(d["T"]).(pdf.String); ok {
			if f.name != "" {
				f.name += "."
			}
			f.name += t.Decode()
		}
		if k, ok := v.Resolve(d["FT"]).(pdf.Name); ok {
			f.kind = k
		}
		if ff, ok := v.Resolve(d["Ff"]).(int); ok {
			f.flags = ff
		}
		if d["V"] != nil {
			f.value = d["V"]
		}
		out = append(out, f)
		me := len(out) - 1
		kids, _ := v.Array(d["Kids"])
		for _, k := range kids {
			walk(k, me, depth+1)
		}
	}
	for _, o := range top {
		walk(o, -1, 0)
	}
	return out, whole
}

// signed is a signature field that holds a signature.
type signed struct {
	name  string
	ref   pdf.Ref // of the field
	value pdf.Object
}

// signatures lists what a view holds of them: each value once, by the field that holds it.
func signatures(v *pdf.View) (out []signed, whole bool) {
	all, whole := fields(v)
	seen, inForm := map[pdf.Ref]bool{}, map[pdf.Ref]bool{}
	for _, f := range all {
		inForm[f.ref] = true
		if f.kind != "Sig" || f.dict["V"] == nil || v.Resolve(f.dict["V"]) == nil {
			if _, ref := f.dict["V"].(pdf.Ref); f.kind != "Sig" || !ref {
				continue
			}
		}
		if r, ok := f.dict["V"].(pdf.Ref); ok {
			if seen[r] {
				continue
			}
			seen[r] = true
		}
		out = append(out, signed{f.name, f.ref, f.dict["V"]})
	}
	looked := 0
	for _, page := range v.Pages() { // poppler leaves its signatures out of the form
		annots, _ := v.Array(page["Annots"])
		for _, o := range annots {
			if looked++; looked > maxFields {
				return out, false
			}
			r, ok := o.(pdf.Ref)
			w, ok2 := v.Dict(o)
			if !ok || !ok2 || inForm[r] || v.Resolve(w["FT"]) != pdf.Name("Sig") || w["V"] == nil {
				continue
			}
			if val, ok := w["V"].(pdf.Ref); ok {
				if seen[val] {
					continue
				}
				seen[val] = true
			}
			name, _ := v.Resolve(w["T"]).(pdf.String)
			out = append(out, signed{name.Decode(), r, w["V"]})
		}
	}
	perms, _ := v.Dict(v.Catalog()["Perms"])
	if r, ok := perms["DocMDP"].(pdf.Ref); ok && !seen[r] { // a certification that no field shows
		out = append(out, signed{value: r})
	}
	return out, whole
}
