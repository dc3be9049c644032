package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
)

// packKey identifies an object stream: where it begins and how long its data are, since the
// length may be an object that another revision replaces.
type packKey struct{ off, length int }

// pack is an object stream taken apart.
type pack struct {
	nums []int
	objs []Object
	errs []error
	dup  bool
	err  error
}

func (v *View) packKey(num int) (packKey, bool) {
	e := v.index[num]
	if e.kind != plain {
		return packKey{}, false
	}
	o := v.f.at(e.off)
	st, ok := o.obj.(*Stream)
	if o.err != nil || !ok || o.num != num {
		return packKey{}, false
	}
	length, ok := st.Dict["Length"].(int)
	if r, isRef := st.Dict["Length"].(Ref); isRef {
		le := v.index[r.Num] // must be a plain object, or the two could need each other
		if le.kind != plain {
			return packKey{}, false
		}
		lo := v.f.at(le.off)
		length, ok = lo.obj.(int)
		ok = ok && lo.err == nil && lo.num == r.Num
	}
	return packKey{e.off, length}, ok
}

func (v *View) unpack(num int, e entry) (Object, error) {
	k, ok := v.packKey(e.off)
	if !ok {
		return nil, fmt.Errorf("%w: object stream %d", ErrSyntax, e.off)
	}
	p := v.f.packs[k]
	if p == nil {
		v.f.packs[k] = &pack{err: fmt.Errorf("%w: object stream within itself", ErrSyntax)}
		p = v.open(k)
		v.f.packs[k] = p
	}
	if p.err != nil {
		return nil, p.err
	}
	if e.gen >= len(p.nums) || p.nums[e.gen] != num {
		return nil, fmt.Errorf("%w: object %d is not in its stream", ErrSyntax, num)
	}
	return p.objs[e.gen], p.errs[e.gen]
}

func (v *View) open(k packKey) *pack {
	st := v.f.at(k.off).obj.(*Stream)
	p := &pack{}
	count, ok1 := st.Dict["N"].(int)
	first, ok2 := st.Dict["First"].(int)
	if st.Dict["Type"] != Name("ObjStm") || !ok1 || !ok2 || count < 0 || first < 0 {
		p.err = syntax(k.off, "object stream")
		return p
	}
	data, err := v.Data(st)
	if err != nil {
		p.err = err
		return p
	}
	if first > len(data) || count > len(data) {
		p.err = syntax(k.off, "object stream")
		return p
	}
	head := &parser{data: data[:first], budget: &v.f.budget}
	for range count {
		num, ok1 := head.integer()
		off, ok2 := head.integer()
		if !ok1 || !ok2 || off < 0 || off > len(data)-first {
			p.err = syntax(k.off, "head of an object stream")
			return p
		}
		body := &parser{data: data, pos: first + off, budget: &v.f.budget}
		o, err := body.object(0)
		if errors.Is(err, ErrLimit) {
			p.err = err
			return p
		}
		p.dup = p.dup || body.dup
		p.nums, p.objs, p.errs = append(p.nums, num), append(p.objs, o), append(p.errs, err)
	}
	return p
}

// Data unpacks a stream. Only filters that structure may use are known: Flate with its
// predictors, and hexadecimal.
func (v *View) Data(s *Stream) ([]byte, error) {
	data, err := v.Stored(s)
	if err != nil {
		return nil, err
	}
	filters, parms := Array{}, Array{}
	switch x := v.Resolve(s.Dict["Filter"]).(type) {
	case nil:
	case Name:
		filters, parms = Array{x}, Array{s.Dict["DecodeParms"]}
	case Array:
		filters = x
		parms, _ = v.Array(s.Dict["DecodeParms"])
	default:
		return nil, syntax(s.start, "filter")
	}
	if len(filters) > 4 {
		return nil, ErrLimit
	}
	for i, x := range filters {
		var parm Dict
		if i < len(parms) {
			parm, _ = v.Dict(parms[i])
		}
		switch v.Resolve(x) {
		case Name("FlateDecode"), Name("Fl"):
			if data, err = v.f.inflate(data); err != nil {
				return nil, err
			}
			if data, err = v.unpredict(data, parm); err != nil {
				return nil, err
			}
		case Name("ASCIIHexDecode"), Name("AHx"):
			o, err := (&parser{data: append(append([]byte{'<'}, bytes.TrimSuffix(bytes.TrimSpace(data), []byte(">"))...), '>'), budget: &v.f.budget}).hex()
			if err != nil {
				return nil, err
			}
			data = []byte(o.(String))
		default:
			return nil, fmt.Errorf("pdf: filter %v is not read here", x)
		}
	}
	return data, nil
}

func (f *File) inflate(data []byte) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrSyntax, err)
	}
	defer z.Close()
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(z, int64(f.unpacked)+1))
	if f.unpacked -= int(n); f.unpacked < 0 {
		return nil, ErrLimit
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrSyntax, err)
	}
	return out.Bytes(), nil
}

// unpredict undoes the PNG predictors; the TIFF one is not used for structure.
func (v *View) unpredict(data []byte, parm Dict) ([]byte, error) {
	get := func(k Name, otherwise int) int {
		if n, ok := v.Resolve(parm[k]).(int); ok {
			return n
		}
		return otherwise
	}
	predictor := get("Predictor", 1)
	if predictor == 1 {
		return data, nil
	}
	colors, bits, columns := get("Colors", 1), get("BitsPerComponent", 8), get("Columns", 1)
	if predictor < 10 || colors < 1 || colors > 32 || bits < 1 || bits > 16 || columns < 1 || columns > 1<<20 {
		return nil, fmt.Errorf("%w: predictor", ErrSyntax)
	}
	step := (colors*bits + 7) / 8
	row := (colors*bits*columns + 7) / 8
	out := make([]byte, 0, len(data))
	above := make([]byte, row)
	for len(data) > 1 {
		n := min(row, len(data)-1)
		kind, line := data[0], append([]byte(nil), data[1:1+n]...)
		data = data[1+n:]
		for i := range line {
			var left, up, corner int
			up = int(above[i])
			if i >= step {
				left, corner = int(line[i-step]), int(above[i-step])
			}
			switch kind {
			case 0:
			case 1:
				line[i] += byte(left)
			case 2:
				line[i] += byte(up)
			case 3:
				line[i] += byte((left + up) / 2)
			case 4:
				line[i] += byte(paeth(left, up, corner))
			default:
				return nil, fmt.Errorf("%w: predictor", ErrSyntax)
			}
		}
		out = append(out, line...)
		copy(above, line)
	}
	return out, nil
}

func paeth(a, b, c int) int {
	p := a + b - c
	pa, pb, pc := abs(p-a), abs(p-b), abs(p-c)
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

func abs(v int) int {
	if v < 0 {
		return -v
	}
	return v
}
