package pdf

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// ErrBroken refuses to add to a file whose cross-reference had to be guessed: readers that
// trust the old one would not see the addition.
var ErrBroken = errors.New("pdf: the cross-reference is broken")

// ErrEncrypted refuses to add to an encrypted file: strings would have to be encrypted too.
var ErrEncrypted = errors.New("pdf: the file is encrypted")

// Update collects what an incremental update adds or changes.
type Update struct {
	view *View
	next int
	objs map[int]Object
	gens map[int]int
}

// Update begins an incremental update of the file as it stands.
func (f *File) Update() (*Update, error) {
	if f.Recovered {
		return nil, ErrBroken
	}
	v := f.Now()
	if v.Trailer()["Encrypt"] != nil {
		return nil, ErrEncrypted
	}
	u := &Update{view: v, objs: map[int]Object{}, gens: map[int]int{}}
	u.next, _ = v.Trailer()["Size"].(int)
	for n := range v.index {
		u.next = max(u.next, n+1)
	}
	return u, nil
}

// New reserves a number for an object to be Put.
func (u *Update) New() Ref {
	r := Ref{Num: u.next}
	u.next++
	return r
}

// Add puts a new object.
func (u *Update) Add(o Object) Ref {
	r := u.New()
	u.Put(r, o)
	return r
}

// Put sets an object, replacing what it was.
func (u *Update) Put(r Ref, o Object) { u.objs[r.Num], u.gens[r.Num] = o, r.Gen }

// Resolve follows references, seeing what the update has put.
func (u *Update) Resolve(o Object) Object {
	for range 32 {
		r, ok := o.(Ref)
		if !ok {
			return o
		}
		if n, ok := u.objs[r.Num]; ok {
			o = n
			continue
		}
		var err error
		if o, err = u.view.Get(r); err != nil {
			return nil
		}
	}
	return nil
}

// Dict resolves to a copy of a dictionary that may be changed and put back.
func (u *Update) Dict(o Object) (Dict, bool) {
	d, ok := u.Resolve(o).(Dict)
	return maps.Clone(d), ok
}

// Array resolves to a copy of an array.
func (u *Update) Array(o Object) (Array, bool) {
	a, ok := u.Resolve(o).(Array)
	return slices.Clone(a), ok
}

// NewStream makes a stream; long data are packed.
func NewStream(d Dict, data []byte) *Stream {
	d = maps.Clone(d)
	if d == nil {
		d = Dict{}
	}
	if len(data) > 200 {
		d["Filter"] = Name("FlateDecode")
		data = deflate(data)
	}
	return &Stream{Dict: d, raw: data}
}

// Bytes is the file with the update behind it. at tells where each object of the update
// begins.
func (u *Update) Bytes() (out []byte, at map[int]int) {
	old := u.view.f.data
	size := 512
	for _, o := range u.objs {
		switch o := o.(type) {
		case Raw:
			size += len(o)
		case *Stream:
			size += len(o.raw)
		}
		size += 300
	}
	out = append(make([]byte, 0, len(old)+size), old...)
	if n := len(out); n > 0 && out[n-1] != '\n' && out[n-1] != '\r' {
		out = append(out, '\n')
	}
	at = map[int]int{}
	nums := slices.Sorted(maps.Keys(u.objs))
	for _, n := range nums {
		at[n] = len(out)
		out = fmt.Appendf(out, "%d %d obj\n", n, u.gens[n])
		out = Write(out, u.objs[n])
		out = append(out, "\nendobj\n"...)
	}
	last := u.view.f.sections[0]
	t := Dict{"Size": u.next, "Prev": last.off, "Root": last.trailer["Root"]}
	for _, k := range []Name{"Info", "Encrypt"} {
		if last.trailer[k] != nil {
			t[k] = last.trailer[k]
		}
	}
	if id, ok := u.view.Array(last.trailer["ID"]); ok && len(id) == 2 {
		head := out[len(old):min(len(out), len(old)+4096)] // enough to tell one update from another
		sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", len(out), head))
		t["ID"] = Array{id[0], String(sum[:16])}
	}
	start := len(out)
	if last.stream {
		out = u.xrefStream(out, nums, at, t)
	} else {
		out = append(out, "xref\n"...)
		for i := 0; i < len(nums); {
			n := run(nums[i:])
			out = fmt.Appendf(out, "%d %d\n", nums[i], n)
			for ; n > 0; n, i = n-1, i+1 {
				out = fmt.Appendf(out, "%010d %05d n \n", at[nums[i]], u.gens[nums[i]])
			}
		}
		out = append(out, "trailer\n"...)
		out = append(Write(out, t), '\n')
	}
	return fmt.Appendf(out, "startxref\n%d\n%%%%EOF\n", start), at
}

// run is the length of the first run of consecutive numbers.
func run(nums []int) int {
	n := 1
	for n < len(nums) && nums[n] == nums[0]+n {
		n++
	}
	return n
}

func (u *Update) xrefStream(out []byte, nums []int, at map[int]int, t Dict) []byte {
	own := u.next
	at[own] = len(out)
	t["Size"] = own + 1
	nums = append(slices.Clone(nums), own)
	var data []byte
	index := Array{}
	for i := 0; i < len(nums); {
		n := run(nums[i:])
		index = append(index, nums[i], n)
		for ; n > 0; n, i = n-1, i+1 {
			off, gen := at[nums[i]], u.gens[nums[i]]
			data = append(data, 1, byte(off>>24), byte(off>>16), byte(off>>8), byte(off), byte(gen>>8), byte(gen))
		}
	}
	t["Type"], t["W"], t["Index"] = Name("XRef"), Array{1, 4, 2}, index
	out = fmt.Appendf(out, "%d 0 obj\n", own)
	out = Write(out, &Stream{Dict: t, raw: data})
	return append(out, "\nendobj\n"...)
}
