package verify

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"datmui/blocks/sign/pdf"
)

// forbidden says what was changed after a signature though it may not be.
type forbidden struct{ what string }

func (f forbidden) Error() string { return "changed after signing: " + f.what }

func refuse(format string, args ...any) error { return forbidden{fmt.Sprintf(format, args...)} }

// differ compares the signed revision with the file as it is shown. Everything a reader can
// reach must be the same object, except at the few places that are walked by name: the
// catalogue, the form, its fields, the pages' lists of annotations, and metadata.
type differ struct {
	ctx      context.Context
	old, now *pdf.View
	level    int                    // DocMDP: 1 allows nothing but time-stamps and DSS; 0 means none set
	locked   func(name string) bool // FieldMDP
	changed  map[int]bool
	walked   map[int]bool // structural objects of the old revision, compared by name
	visited  map[int]bool
	extra    map[pdf.Ref]bool // widgets of signatures added since
	names    map[string]bool  // of all fields
	queue    []pdf.Object     // to be held still
	area     float64          // of the smallest page; 0 until asked for
}

// compare returns nil when all changes are permitted ones.
func (d *differ) compare() error {
	d.changed = pdf.Changed(d.old, d.now)
	d.walked, d.visited, d.extra, d.names = map[int]bool{}, map[int]bool{}, map[pdf.Ref]bool{}, map[string]bool{}
	for n := range d.changed {
		if d.now.Has(n) && d.now.Twice(n) {
			return refuse("object %d has a key twice", n)
		}
	}
	if err := d.trailer(); err != nil {
		return err
	}
	return d.still()
}

// same holds all keys but some equal and their values still.
func (d *differ) same(old, now pdf.Dict, what string, but ...pdf.Name) error {
	for _, k := range keys(old, now) {
		if slices.Contains(but, k) {
			continue
		}
		if !pdf.Equal(old[k], now[k]) {
			return refuse("%s: /%s", what, k)
		}
		d.queue = append(d.queue, old[k])
	}
	return nil
}

func keys(a, b pdf.Dict) []pdf.Name {
	all := maps.Clone(a)
	if all == nil {
		all = pdf.Dict{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// node marks a structural object and returns it in both views.
func (d *differ) node(o pdf.Object) (old, now pdf.Object) {
	if r, ok := o.(pdf.Ref); ok {
		d.walked[r.Num] = true
	}
	return d.old.Resolve(o), d.now.Resolve(o)
}

func (d *differ) trailer() error {
	old, now := d.old.Trailer(), d.now.Trailer()
	err := d.same(old, now, "trailer", "Size", "Prev", "XRefStm", "ID", "Info", "Root",
		"Type", "W", "Index", "Length", "Filter", "DecodeParms")
	if err != nil {
		return err
	}
	root, ok := old["Root"].(pdf.Ref)
	if !ok || !pdf.Equal(root, now["Root"]) {
		return refuse("trailer: /Root")
	}
	if a, ok := d.old.Array(old["ID"]); ok {
		if b, ok := d.now.Array(now["ID"]); !ok || len(a) == 0 || len(b) == 0 || !pdf.Equal(a[0], b[0]) {
			return refuse("trailer: /ID")
		}
	}
	if err := d.info(old["Info"], now["Info"]); err != nil {
		return err
	}
	a, b := d.node(root)
	oldCat, ok1 := a.(pdf.Dict)
	nowCat, ok2 := b.(pdf.Dict)
	if !ok1 || !ok2 {
		return refuse("catalogue")
	}
	return d.catalog(oldCat, nowCat)
}

// info lets a writer leave its name and the time.
func (d *differ) info(old, now pdf.Object) error {
	if r, ok := old.(pdf.Ref); ok {
		d.walked[r.Num] = true
	}
	a, _ := d.old.Dict(old)
	b, _ := d.now.Dict(now)
	for _, k := range keys(a, b) {
		if k != "ModDate" && k != "Producer" && !pdf.Equal(d.old.Resolve(a[k]), d.now.Resolve(b[k])) {
			return refuse("document information: /%s", k)
		}
	}
	return nil
}

func (d *differ) catalog(old, now pdf.Dict) error {
	err := d.same(old, now, "catalogue", "AcroForm", "DSS", "Extensions", "Metadata", "Version", "Pages")
	if err != nil {
		return err
	}
	if v, ok := now["Version"].(pdf.Name); now["Version"] != nil && !(ok && slices.Contains([]pdf.Name{"1.4", "1.5", "1.6", "1.7", "2.0"}, v)) {
		return refuse("catalogue: /Version")
	}
	if err := d.metadata(old["Metadata"], now["Metadata"]); err != nil {
		return err
	}
	if err := d.form(old["AcroForm"], now["AcroForm"]); err != nil {
		return err
	}
	if !pdf.Equal(old["Pages"], now["Pages"]) {
		return refuse("catalogue: /Pages")
	}
	return d.pages(old["Pages"], 0)
}

func (d *differ) pages(o pdf.Object, depth int) error {
	r, ok := o.(pdf.Ref)
	if !ok || depth > 60 {
		return refuse("page tree")
	}
	if d.walked[r.Num] {
		return nil
	}
	if err := d.ctx.Err(); err != nil {
		return err
	}
	a, b := d.node(r)
	old, ok1 := a.(pdf.Dict)
	now, ok2 := b.(pdf.Dict)
	if !ok1 || !ok2 {
		if a == nil && b == nil {
			return nil
		}
		return refuse("page tree: object %d", r.Num)
	}
	kids, isNode := d.old.Array(old["Kids"])
	if !isNode {
		return d.page(r, old, now)
	}
	if err := d.same(old, now, "page tree"); err != nil {
		return err
	}
	for _, k := range kids {
		if err := d.pages(k, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (d *differ) page(r pdf.Ref, old, now pdf.Dict) error {
	if err := d.same(old, now, fmt.Sprintf("page %d", r.Num), "Annots"); err != nil {
		return err
	}
	if err := d.list(old["Annots"], now["Annots"]); err != nil {
		return err
	}
	was, _ := d.old.Array(old["Annots"])
	is, ok := d.now.Array(now["Annots"])
	if !ok && len(was) > 0 || len(is) < len(was) {
		return refuse("page %d: an annotation was taken away", r.Num)
	}
	for i, o := range is {
		if i < len(was) {
			if !pdf.Equal(o, was[i]) {
				return refuse("page %d: annotations", r.Num)
			}
			d.queue = append(d.queue, o)
			continue
		}
		if ar, ok := o.(pdf.Ref); ok && d.extra[ar] {
			continue
		}
		if w, ok := d.now.Dict(o); !ok || w["FT"] != pdf.Name("Sig") {
			return refuse("page %d: an annotation was added", r.Num)
		}
		if err := d.added(o); err != nil { // poppler leaves its signatures out of the form
			return err
		}
	}
	return nil
}

// list marks the object that holds a list or the form. One that takes its place must be new:
// an old object of another use would otherwise escape.
func (d *differ) list(old, now pdf.Object) error {
	r, ok := old.(pdf.Ref)
	if ok {
		d.walked[r.Num] = true
	}
	if n, isRef := now.(pdf.Ref); isRef && !(ok && n == r) && d.old.Has(n.Num) {
		return refuse("object %d was given another use", n.Num)
	}
	return nil
}

// still follows everything queued through the old revision: none of it may have changed. It
// stops at structural objects, which were compared by name.
func (d *differ) still() error {
	for len(d.queue) > 0 {
		o := d.queue[len(d.queue)-1]
		d.queue = d.queue[:len(d.queue)-1]
		switch o := o.(type) {
		case pdf.Ref:
			if d.walked[o.Num] || d.visited[o.Num] {
				continue
			}
			d.visited[o.Num] = true
			if len(d.visited)%1000 == 0 {
				if err := d.ctx.Err(); err != nil {
					return err
				}
			}
			if d.changed[o.Num] {
				return refuse("object %d", o.Num)
			}
			v, err := d.old.Get(o)
			if err != nil {
				return refuse("object %d cannot be read: %v", o.Num, err)
			}
			d.queue = append(d.queue, v)
		case pdf.Array:
			for _, v := range o {
				if compound(v) {
					d.queue = append(d.queue, v)
				}
			}
		case pdf.Dict:
			for _, v := range o {
				if compound(v) {
					d.queue = append(d.queue, v)
				}
			}
		case *pdf.Stream:
			d.queue = append(d.queue, o.Dict)
		}
	}
	return nil
}

func compound(o pdf.Object) bool {
	switch o.(type) {
	case pdf.Ref, pdf.Array, pdf.Dict:
		return true
	}
	return false
}

// paints finds operators that leave a mark.
var paints = regexp.MustCompile(`(?:^|[\s\])>])(?:Tj|TJ|'|"|f\*?|F|[Bb]\*?|[Ss]|sh|Do|BI)(?:[\s/\[(<]|$)`)

// fills finds operators that paint areas, lines or pictures, not text.
var fills = regexp.MustCompile(`(?:^|[\s\])>])(?:f\*?|F|[Bb]\*?|[Ss]|sh|Do|BI)(?:[\s/\[(<]|$)`)

// bare says whether an appearance shows nothing, so that filling hides nothing.
func bare(v *pdf.View, ap pdf.Object) bool {
	dict, _ := v.Dict(ap)
	for k, o := range dict {
		switch n := v.Resolve(o).(type) {
		case nil:
		case *pdf.Stream:
			data, err := v.Data(n)
			if err != nil || k == "N" && paints.Match(data) {
				return false
			}
		default:
			return false
		}
	}
	return v.Resolve(ap) == nil || dict != nil
}
