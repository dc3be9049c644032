package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sort"
)

// ErrRevision says that what follows a signed part is no proper incremental update of it.
var ErrRevision = errors.New("pdf: no proper incremental update")

// maxUpdates is how many updates may follow a signature.
const maxUpdates = 200

// Blank says whether all bytes are white space.
func Blank(b []byte) bool {
	for _, c := range b {
		if !space(c) || c == 0 {
			return false
		}
	}
	return true
}

// At finds the revision that the first end bytes of the file are, and holds the rest of the
// file to what an incremental update may do: its sections and objects lie behind the end,
// and those of the revision before it.
func (f *File) At(end int) (*View, error) {
	if f.Recovered {
		return nil, fmt.Errorf("%w: the cross-reference is broken", ErrRevision)
	}
	off, _, after, err := startxref(f.data[:end])
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrRevision, err)
	}
	if !bytes.HasSuffix(f.data[:after], []byte("%%EOF")) || !Blank(f.data[after:end]) {
		return nil, fmt.Errorf("%w: the signed part does not end as a file does", ErrRevision)
	}
	if _, _, last, err := startxref(f.data); err != nil || !Blank(f.data[last:]) {
		return nil, fmt.Errorf("%w: the file does not end where its last revision does", ErrRevision)
	}
	from := slices.IndexFunc(f.sections, func(s *section) bool { return s.off == off })
	if from < 0 {
		return nil, fmt.Errorf("%w: the file as shown does not build on the signed part", ErrRevision)
	}
	old := f.view(from)
	for i, s := range f.sections {
		newer := i < from
		if (s.off >= end) != newer || s.extra != 0 && (s.extra >= end) != newer {
			return nil, fmt.Errorf("%w: a section at %d", ErrRevision, s.off)
		}
		for n, e := range s.entries {
			if e.kind != plain || (e.off >= end) == newer {
				continue
			}
			if same := old.index[n]; !newer || same != e {
				return nil, fmt.Errorf("%w: object %d at %d", ErrRevision, n, e.off)
			}
		}
	}
	if from == 0 {
		return old, nil
	}
	return old, f.strays(from, end)
}

// strays looks for objects behind the end that no section names: readers that search a file
// for objects would take them for the newest.
func (f *File) strays(from, end int) error {
	if from > maxUpdates {
		return ErrLimit
	}
	var claimed []Span
	for i, s := range f.sections[:from] {
		claimed = append(claimed, Span{s.off, s.end})
		offs := []int{s.off, s.extra}
		for _, e := range s.entries {
			if e.kind == plain && e.off >= end {
				offs = append(offs, e.off)
			}
		}
		for _, off := range offs {
			if off == 0 {
				continue
			}
			to, err := f.extent(i, off)
			if err != nil {
				return fmt.Errorf("%w: %v", ErrRevision, err)
			}
			claimed = append(claimed, Span{off, to})
		}
	}
	claimed = merge(claimed)
	for at := end; at < len(f.data); {
		head, _, _, _, to, ok := objectHead(f.data, at)
		if !ok {
			return nil
		}
		at = to
		i := sort.Search(len(claimed), func(i int) bool { return claimed[i].From > head }) - 1
		if i < 0 || claimed[i].To <= head {
			return fmt.Errorf("%w: an object at %d that nothing names", ErrRevision, head)
		}
		at = max(at, claimed[i].To)
	}
	return nil
}

// extent is where an object ends, with the data of a stream.
func (f *File) extent(section, off int) (int, error) {
	o := f.at(off)
	st, ok := o.obj.(*Stream)
	if !ok {
		return o.end, nil
	}
	v := &View{f: f}
	if _, direct := st.Dict["Length"].(int); !direct {
		v = f.view(section)
	}
	data, err := v.Stored(st)
	return st.start + len(data), err
}

// merge sorts spans and joins those that overlap.
func merge(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return a.From - b.From })
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.From < out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

// Changed lists the objects that two views do not read alike: changed, new or gone.
func Changed(old, now *View) map[int]bool {
	out := map[int]bool{}
	nums := map[int]bool{}
	for _, s := range now.f.sections[now.from:old.from] {
		for n := range s.entries {
			nums[n] = true
		}
	}
	lengths := map[int]bool{} // streams whose length is an object that changed
	for n := range nums {
		if !same(old, now, n) {
			out[n] = true
		}
	}
	for n := range old.index {
		if out[n] {
			continue
		}
		switch e := old.index[n]; e.kind {
		case plain:
			if st, ok := old.f.at(e.off).obj.(*Stream); ok {
				if r, ok := st.Dict["Length"].(Ref); ok && out[r.Num] {
					lengths[n] = true
				}
			}
		case packed:
			a, ok1 := old.place(n)
			b, ok2 := now.place(n)
			if ok1 != ok2 || a != b {
				lengths[n] = true
			}
		}
	}
	maps.Copy(out, lengths)
	return out
}

func same(old, now *View, n int) bool {
	a, ok1 := old.place(n)
	b, ok2 := now.place(n)
	if !ok1 && !ok2 {
		return old.index[n].kind == free && now.index[n].kind == free
	}
	if ok1 != ok2 || old.index[n].kind == plain && now.index[n].kind == plain && old.index[n].gen != now.index[n].gen {
		return false
	}
	if a == b {
		return true
	}
	gen := 0
	if old.index[n].kind == plain {
		gen = old.index[n].gen
	}
	x, err1 := old.Get(Ref{n, gen})
	y, err2 := now.Get(Ref{n, gen})
	if err1 != nil || err2 != nil {
		return false
	}
	return EqualIn(old, now, x, y)
}

// EqualIn compares two direct objects of two views, streams by what is stored.
func EqualIn(old, now *View, x, y Object) bool {
	xs, ok1 := x.(*Stream)
	ys, ok2 := y.(*Stream)
	if !ok1 || !ok2 {
		return Equal(x, y)
	}
	a, err1 := old.Stored(xs)
	b, err2 := now.Stored(ys)
	return err1 == nil && err2 == nil && Equal(xs.Dict, ys.Dict) && bytes.Equal(a, b)
}

// Earlier goes through the file as it stood before each of its last sections, newest first.
func (f *File) Earlier(limit int) iter.Seq[*View] {
	return func(yield func(*View) bool) {
		for i := 1; i < min(len(f.sections), limit+1); i++ {
			if !yield(f.view(i)) {
				return
			}
		}
	}
}
