package pdf

import (
	"bytes"
	"fmt"
	"iter"
)

// View is a file as it stood after one of its revisions.
type View struct {
	f     *File
	from  int           // index of its newest section
	index map[int]entry // all objects
}

// Now is the file as a reader shows it.
func (f *File) Now() *View {
	if f.now == nil {
		f.now = f.view(0)
	}
	return f.now
}

func (f *File) view(from int) *View {
	v := &View{f: f, from: from, index: map[int]entry{}}
	for _, s := range f.sections[from:] {
		for n, e := range s.entries {
			if _, ok := v.index[n]; !ok {
				v.index[n] = e
			}
		}
	}
	return v
}

// Sections counts the cross-reference sections up to this revision.
func (v *View) Sections() int { return len(v.f.sections) - v.from }

// File is the file this is a view of.
func (v *View) File() *File { return v.f }

// Trailer is the newest trailer of the revision.
func (v *View) Trailer() Dict {
	if v.from >= len(v.f.sections) {
		return nil
	}
	return v.f.sections[v.from].trailer
}

// Catalog is the root of the document.
func (v *View) Catalog() Dict {
	d, _ := v.Dict(v.Trailer()["Root"])
	return d
}

// Has says whether an object of that number is in use.
func (v *View) Has(num int) bool { return v.index[num].kind != free }

// Nums goes through the numbers of all objects in use, in no order.
func (v *View) Nums() iter.Seq[int] {
	return func(yield func(int) bool) {
		for n, e := range v.index {
			if e.kind != free && !yield(n) {
				return
			}
		}
	}
}

// Offset is where an object begins in the file; false for one in an object stream.
func (v *View) Offset(num int) (int, bool) {
	e := v.index[num]
	return e.off, e.kind == plain
}

// place identifies the bytes an object is read from. Two views that agree on it agree on
// the object, but for the length of a stream, which may be another object.
type place struct{ off, index, length int }

func (v *View) place(num int) (place, bool) {
	switch e := v.index[num]; e.kind {
	case plain:
		return place{off: e.off, index: -1}, true
	case packed:
		k, ok := v.packKey(e.off)
		return place{k.off, e.gen, k.length}, ok
	}
	return place{}, false
}

// Get reads an indirect object; what is not there, or not that generation, is nil.
func (v *View) Get(r Ref) (Object, error) {
	switch e := v.index[r.Num]; e.kind {
	case plain:
		o := v.f.at(e.off)
		if o.err != nil {
			return nil, o.err
		}
		if o.num != r.Num || o.gen != e.gen {
			return nil, syntax(e.off, fmt.Sprintf("object %d expected, %d found", r.Num, o.num))
		}
		if o.gen != r.Gen {
			return nil, nil
		}
		return o.obj, nil
	case packed:
		if r.Gen != 0 {
			return nil, nil
		}
		return v.unpack(r.Num, e)
	}
	return nil, nil
}

// Twice says whether the object, as read, had a key twice at any depth.
func (v *View) Twice(num int) bool {
	e := v.index[num]
	if e.kind == plain {
		return v.f.at(e.off).dup
	}
	if k, ok := v.packKey(e.off); ok && e.kind == packed {
		if p := v.f.packs[k]; p != nil {
			return p.dup
		}
	}
	return false
}

// Resolve follows references to a value; a loop or an unreadable object is nil.
func (v *View) Resolve(o Object) Object {
	for range 32 {
		r, ok := o.(Ref)
		if !ok {
			return o
		}
		var err error
		if o, err = v.Get(r); err != nil {
			return nil
		}
	}
	return nil
}

// Dict resolves to a dictionary.
func (v *View) Dict(o Object) (Dict, bool) {
	d, ok := v.Resolve(o).(Dict)
	return d, ok
}

// Array resolves to an array.
func (v *View) Array(o Object) (Array, bool) {
	a, ok := v.Resolve(o).(Array)
	return a, ok
}

// Stored is the data of a stream as they lie in the file.
func (v *View) Stored(s *Stream) ([]byte, error) {
	if s.start == 0 {
		return s.raw, nil
	}
	n, ok := v.Resolve(s.Dict["Length"]).(int)
	if !ok || n < 0 || n > len(v.f.data)-s.start {
		return nil, syntax(s.start, "length of a stream")
	}
	rest := v.f.data[s.start+n:]
	for _, eol := range []string{"\r\n", "\n", "\r", ""} {
		if after, ok := bytes.CutPrefix(rest, []byte(eol)); ok && bytes.HasPrefix(after, []byte("endstream")) {
			return v.f.data[s.start : s.start+n : s.start+n], nil
		}
	}
	return nil, syntax(s.start+n, "end of a stream")
}

// Page finds a page, counting from 1, with where it is defined.
func (v *View) Page(number int) (Ref, Dict, error) {
	n := 0
	for r, d := range v.Pages() {
		if n++; n == number {
			return r, d, nil
		}
	}
	return Ref{}, nil, fmt.Errorf("pdf: no page %d", number)
}

// Pages goes through the pages in order. Broken and repeated branches are passed over.
func (v *View) Pages() iter.Seq2[Ref, Dict] {
	return func(yield func(Ref, Dict) bool) {
		seen := map[Ref]bool{}
		var walk func(o Object, depth int) bool
		walk = func(o Object, depth int) bool {
			r, ok := o.(Ref)
			if !ok || seen[r] || depth > maxDepth {
				return true
			}
			seen[r] = true
			d, ok := v.Dict(r)
			if !ok {
				return true
			}
			kids, ok := v.Array(d["Kids"])
			if !ok {
				return yield(r, d)
			}
			for _, k := range kids {
				if !walk(k, depth+1) {
					return false
				}
			}
			return true
		}
		walk(v.Catalog()["Pages"], 0)
	}
}
