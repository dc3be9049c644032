package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"maps"
	"slices"
	"sync"
)

// deflaters are kept because a new one allocates most of a megabyte.
var deflaters = sync.Pool{New: func() any { return zlib.NewWriter(nil) }}

func deflate(data []byte) []byte {
	var z bytes.Buffer
	w := deflaters.Get().(*zlib.Writer)
	w.Reset(&z)
	w.Write(data) // a bytes.Buffer takes everything
	w.Close()
	deflaters.Put(w)
	return z.Bytes()
}

// Form is a drawing that can be put into any file: content in points from the lower left
// corner, and what it needs. It may be shared once made.
type Form struct {
	W, H      float64
	Content   []byte
	Resources Dict     // references count from -1 into Objects
	Objects   []Object // streams and dictionaries the resources refer to
	packed    *Stream
}

// Pack packs the content once, for a form that is used often.
func (f *Form) Pack() *Form {
	f.packed = NewStream(nil, f.Content)
	return f
}

// AddForm puts a form into the update and returns its appearance stream.
func (u *Update) AddForm(f *Form) Ref {
	refs := make([]Ref, len(f.Objects))
	for i := range refs {
		refs[i] = u.New()
	}
	move := func(r Ref) Ref {
		if r.Num < 0 {
			return refs[-r.Num-1]
		}
		return r
	}
	for i, o := range f.Objects {
		u.Put(refs[i], rename(o, move))
	}
	s := f.packed
	if s == nil {
		s = NewStream(nil, f.Content)
	}
	d := maps.Clone(s.Dict)
	d["Type"], d["Subtype"] = Name("XObject"), Name("Form")
	d["BBox"] = Array{0, 0, f.W, f.H}
	d["Resources"] = rename(f.Resources, move)
	return u.Add(&Stream{Dict: d, raw: s.raw})
}

func rename(o Object, move func(Ref) Ref) Object {
	switch o := o.(type) {
	case Ref:
		return move(o)
	case Array:
		out := make(Array, len(o))
		for i, v := range o {
			out[i] = rename(v, move)
		}
		return out
	case Dict:
		out := make(Dict, len(o))
		for k, v := range o {
			out[k] = rename(v, move)
		}
		return out
	case *Stream:
		return &Stream{Dict: rename(o.Dict, move).(Dict), raw: o.raw, start: o.start}
	}
	return o
}

// ImportPage makes a form of the first page of a file, with all it needs.
func ImportPage(data []byte) (*Form, error) {
	f, err := OpenStrict(data)
	if err != nil {
		return nil, err
	}
	v := f.Now()
	_, page, err := v.Page(1)
	if err != nil {
		return nil, err
	}
	box, _ := v.Array(page["MediaBox"])
	st, ok := v.Resolve(page["Contents"]).(*Stream)
	if !ok || len(box) != 4 {
		return nil, errors.New("pdf: a page to import has one content stream and its own box")
	}
	out := &Form{}
	out.W, _ = Number(box[2])
	out.H, _ = Number(box[3])
	if out.Content, err = v.Data(st); err != nil {
		return nil, err
	}
	local := map[Ref]Ref{}
	var todo []Ref
	move := func(r Ref) Ref {
		if to, ok := local[r]; ok {
			return to
		}
		to := Ref{Num: -len(local) - 1}
		local[r] = to
		todo = append(todo, r)
		return to
	}
	res, _ := v.Dict(page["Resources"])
	out.Resources = rename(res, move).(Dict)
	for i := 0; i < len(todo); i++ {
		o, err := v.Get(todo[i])
		if err != nil {
			return nil, err
		}
		if s, ok := o.(*Stream); ok {
			raw, err := v.Stored(s)
			if err != nil {
				return nil, err
			}
			o = &Stream{Dict: s.Dict, raw: slices.Clone(raw)}
		}
		out.Objects = append(out.Objects, rename(o, move))
	}
	return out, nil
}
