package verify

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strings"

	"datmui/blocks/sign/pdf"
)

// form compares the interactive form: its fields by name, the rest held still.
func (d *differ) form(old, now pdf.Object) error {
	if err := d.list(old, now); err != nil {
		return err
	}
	a, _ := d.old.Dict(old)
	b, ok := d.now.Dict(now)
	if !ok {
		if a == nil {
			return nil
		}
		return refuse("the form was taken away")
	}
	if err := d.same(a, b, "form", "Fields", "SigFlags", "DR", "NeedAppearances"); err != nil {
		return err
	}
	if flag, ok := d.now.Resolve(b["SigFlags"]).(int); b["SigFlags"] != nil && (!ok || flag < 0 || flag > 3) {
		return refuse("form: /SigFlags")
	}
	if !pdf.Equal(a["NeedAppearances"], b["NeedAppearances"]) && d.now.Resolve(b["NeedAppearances"]) != false {
		return refuse("form: /NeedAppearances")
	}
	if err := d.resources(a["DR"], b["DR"]); err != nil {
		return err
	}
	if err := d.list(a["Fields"], b["Fields"]); err != nil {
		return err
	}
	was, _ := d.old.Array(a["Fields"])
	is, _ := d.now.Array(b["Fields"])
	if len(is) < len(was) {
		return refuse("a field was taken away")
	}
	for i := range was {
		if !pdf.Equal(was[i], is[i]) {
			return refuse("the list of fields")
		}
	}
	all, _ := fields(d.old)
	for _, f := range all {
		d.walked[f.ref.Num] = true
		d.names[f.name] = true
	}
	for i, f := range all {
		if err := d.ctx.Err(); err != nil {
			return err
		}
		now, ok := d.now.Dict(f.ref)
		if !ok {
			return refuse("field %q was taken away", f.name)
		}
		if err := d.field(all, i, now); err != nil {
			return err
		}
	}
	for _, o := range is[len(was):] {
		if err := d.added(o); err != nil {
			return err
		}
	}
	return nil
}

// resources lets defaults be added beside those that are there.
func (d *differ) resources(old, now pdf.Object) error {
	a, _ := d.old.Dict(old)
	b, _ := d.now.Dict(now)
	for k := range a {
		x, ok1 := d.old.Dict(a[k])
		y, ok2 := d.now.Dict(b[k])
		if !ok1 || !ok2 {
			if !pdf.Equal(a[k], b[k]) {
				return refuse("form: default resources")
			}
			d.queue = append(d.queue, a[k])
			continue
		}
		for n := range x {
			if !pdf.Equal(x[n], y[n]) {
				return refuse("form: default resources")
			}
			d.queue = append(d.queue, x[n])
		}
	}
	return nil
}

// reserved says whether a field was left open for later: empty, unlocked, showing nothing.
func (d *differ) reserved(all []field, i int) bool {
	f := all[i]
	if d.level == 1 || d.locked != nil && d.locked(f.name) {
		return false
	}
	if f.dict["T"] == nil && f.parent >= 0 { // a widget is as open as its field
		return bare(d.old, f.dict["AP"]) && d.reserved(all, f.parent)
	}
	if !bare(d.old, f.dict["AP"]) {
		return false
	}
	switch v := d.old.Resolve(f.value); f.kind {
	case "Sig":
		return v == nil && f.value == nil
	case "Tx", "Ch":
		s, ok := v.(pdf.String)
		return f.flags&1 == 0 && (v == nil || ok && s == "")
	}
	return false
}

// field compares one field of the signed revision, or one widget, with what it is now.
func (d *differ) field(all []field, i int, now pdf.Dict) error {
	f := all[i]
	what := "field " + f.name
	if !d.reserved(all, i) {
		return d.same(f.dict, now, what)
	}
	if err := d.same(f.dict, now, what, "V", "AP", "M", "Ff", "F"); err != nil {
		return err
	}
	ff0, _ := f.dict["Ff"].(int)
	if ff, ok := now["Ff"].(int); !pdf.Equal(now["Ff"], f.dict["Ff"]) && (!ok || f.kind == "Sig" || ff != ff0|1) {
		return refuse("%s: /Ff", what)
	}
	f0, _ := f.dict["F"].(int)
	if fl, ok := now["F"].(int); !pdf.Equal(now["F"], f.dict["F"]) && (!ok || fl&^(4|128) != f0&^(4|128)) {
		return refuse("%s: /F", what)
	}
	if !pdf.Equal(f.dict["AP"], now["AP"]) && d.covers(f, now["AP"]) {
		return refuse("%s: its appearance covers what was signed", what)
	}
	if pdf.Equal(f.dict["V"], now["V"]) {
		if !pdf.Equal(f.dict["AP"], now["AP"]) && f.dict["T"] != nil {
			kids, _ := d.old.Array(f.dict["Kids"])
			if len(kids) == 0 && f.kind == "Sig" {
				return refuse("%s: an appearance without a signature", what)
			}
		}
		return nil
	}
	switch f.kind {
	case "Sig":
		return d.newValue(now["V"], what)
	default:
		switch d.now.Resolve(now["V"]).(type) {
		case pdf.String, pdf.Name, nil:
			return nil
		}
		return refuse("%s: /V", what)
	}
}

// covers says whether what fills a reserved place can hide what was signed beneath it: a text may
// only write, unless the field had a background of its own; and nothing may be larger than half of
// the smallest page.
func (d *differ) covers(f field, ap pdf.Object) bool {
	if r, ok := d.old.Rect(f.dict["Rect"]); ok && 2*(r[2]-r[0])*(r[3]-r[1]) > d.smallest() {
		return true
	}
	if mk, _ := d.old.Dict(f.dict["MK"]); f.kind == "Sig" || mk["BG"] != nil {
		return false
	}
	dict, _ := d.now.Dict(ap)
	switch n := d.now.Resolve(dict["N"]).(type) {
	case nil:
		return false
	case *pdf.Stream:
		data, err := d.now.Data(n)
		return err != nil || fills.Match(unquoted(data))
	}
	return true
}

// unquoted blanks the strings of a content stream, in which anything may stand.
func unquoted(data []byte) []byte {
	out := bytes.Clone(data)
	open := 0
	for i := 0; i < len(out); i++ {
		switch c := out[i]; {
		case c == '(':
			open++
		case open > 0 && c == '\\' && i+1 < len(out):
			out[i], out[i+1] = '.', '.'
			i++
		case open > 0 && c == ')':
			open--
		case open > 0:
			out[i] = '.'
		}
	}
	return out
}

// smallest is the area of the smallest page.
func (d *differ) smallest() float64 {
	if d.area > 0 {
		return d.area
	}
	d.area = math.MaxFloat64
	for _, page := range d.old.Pages() {
		box := page["MediaBox"]
		for depth := 0; box == nil && page["Parent"] != nil && depth < 60; depth++ {
			page, _ = d.old.Dict(page["Parent"])
			box = page["MediaBox"]
		}
		if r, ok := d.old.Rect(box); ok && r[2] > r[0] && r[3] > r[1] {
			d.area = min(d.area, (r[2]-r[0])*(r[3]-r[1]))
		}
	}
	return d.area
}

// newValue asks that what fills a signature field is a signature and new.
func (d *differ) newValue(o pdf.Object, what string) error {
	r, ok := o.(pdf.Ref)
	if !ok || d.old.Has(r.Num) {
		return refuse("%s: not a new signature", what)
	}
	v, ok := d.now.Dict(r)
	if !ok || v["ByteRange"] == nil || v["Contents"] == nil {
		return refuse("%s: not a signature", what)
	}
	return nil
}

// mayBeNew are the keys that the field of a further signature may have: none can act or draw
// outside of its place.
var mayBeNew = []pdf.Name{"Type", "Subtype", "FT", "T", "TU", "TM", "Rect", "P", "F", "Ff", "V", "AP",
	"Lock", "SV", "Parent", "Border", "BS", "M", "DA", "Kids", "NM", "AS"}

// added judges a field that was not there: it may only be a further signature that nobody
// sees, since a visible one could cover the page.
func (d *differ) added(o pdf.Object) error {
	r, isRef := o.(pdf.Ref)
	f, ok := d.now.Dict(o)
	if !isRef || !ok || d.old.Has(r.Num) {
		return refuse("a field was added")
	}
	name, ok := d.now.Resolve(f["T"]).(pdf.String)
	if !ok || d.now.Resolve(f["FT"]) != pdf.Name("Sig") || d.names[name.Decode()] {
		return refuse("a field was added that is no further signature")
	}
	d.names[name.Decode()] = true
	v, _ := d.now.Dict(f["V"])
	if d.level == 1 && d.now.Resolve(v["Type"]) != pdf.Name("DocTimeStamp") {
		return refuse("a signature was added though the document is certified as final")
	}
	if err := d.newValue(f["V"], "added field"); err != nil {
		return err
	}
	kids, _ := d.now.Array(f["Kids"])
	for _, w := range append(pdf.Array{r}, kids...) {
		wr, ok := w.(pdf.Ref)
		wd, ok2 := d.now.Dict(w)
		if !ok || !ok2 || d.old.Has(wr.Num) {
			return refuse("an added signature: its widget")
		}
		for k := range wd {
			if !slices.Contains(mayBeNew, k) || k == "Kids" && wr != r {
				return refuse("an added signature: /%s", k)
			}
		}
		if len(kids) > 0 && wr == r {
			if wd["Rect"] != nil || wd["AP"] != nil {
				return refuse("an added signature: its widget")
			}
			continue
		}
		if !invisible(d.now, wd) {
			return refuse("an added signature is visible")
		}
		d.extra[wr] = true
	}
	return nil
}

func invisible(v *pdf.View, w pdf.Dict) bool {
	const hidden, noView = 2, 32
	if f, ok := v.Resolve(w["F"]).(int); ok && f&hidden != 0 || ok && f&noView != 0 && f&4 == 0 {
		return true
	}
	if w["Rect"] == nil {
		return true
	}
	r, ok := v.Rect(w["Rect"])
	return ok && (r[0] == r[2] || r[1] == r[3])
}

// metadata lets the XMP packet change in the time and the writer's name only.
func (d *differ) metadata(old, now pdf.Object) error {
	if old == nil && now == nil {
		return nil
	}
	r, ok := old.(pdf.Ref)
	if !ok || !pdf.Equal(old, now) {
		return refuse("metadata")
	}
	if !d.changed[r.Num] {
		d.queue = append(d.queue, r)
		return nil
	}
	a, ok1 := d.old.Resolve(r).(*pdf.Stream)
	b, ok2 := d.now.Resolve(r).(*pdf.Stream)
	if !ok1 || !ok2 {
		return refuse("metadata")
	}
	x, err1 := d.old.Data(a)
	y, err2 := d.now.Data(b)
	if err1 != nil || err2 != nil {
		return refuse("metadata")
	}
	xs, err1 := xmp(x)
	ys, err2 := xmp(y)
	if err1 != nil || err2 != nil || !slices.Equal(xs, ys) {
		return refuse("metadata")
	}
	return nil
}

// xmp lists the texts of a packet except those a writer renews each time.
func xmp(b []byte) ([]string, error) {
	renewed := []string{"ModifyDate", "MetadataDate", "Producer", "InstanceID", "CreatorTool"}
	var out, path []string
	dec := xml.NewDecoder(bytes.NewReader(b))
	for len(out) < 100_000 {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			slices.Sort(out)
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			for _, a := range t.Attr {
				if !slices.Contains(renewed, a.Name.Local) && a.Name.Space != "xmlns" && a.Name.Local != "xmptk" && a.Name.Local != "xmlns" {
					out = append(out, strings.Join(path, "/")+"@"+a.Name.Local+"="+a.Value)
				}
			}
		case xml.EndElement:
			if len(path) > 0 {
				path = path[:len(path)-1]
			}
		case xml.CharData:
			if s := strings.TrimSpace(string(t)); s != "" && !slices.ContainsFunc(path, func(p string) bool { return slices.Contains(renewed, p) }) {
				out = append(out, strings.Join(path, "/")+"="+s)
			}
		}
	}
	return nil, errors.New("metadata too long")
}
