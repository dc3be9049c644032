package pdf

import (
	"bytes"
	"fmt"
	"strconv"
)

// objectHead finds the next "num gen obj" from a place on: where it begins and where its number,
// its generation and itself end. It looks for the word first, which is fast, and then back.
func objectHead(data []byte, at int) (from, num, genFrom, gen, end int, ok bool) {
	back := func(to, most int) (from int) {
		for from = to; from > at && to-from < most && data[from-1] >= '0' && data[from-1] <= '9'; from-- {
		}
		return from
	}
	blank := func(to int) (from int) {
		for from = to; from > at && space(data[from-1]); from-- {
		}
		return from
	}
	for next := at; ; {
		i := bytes.Index(data[next:], []byte("obj"))
		if i < 0 {
			return 0, 0, 0, 0, 0, false
		}
		word := next + i
		next = word + len("obj")
		gen = blank(word)
		genFrom = back(gen, 5)
		num = blank(genFrom)
		from = back(num, 10)
		if gen < word && genFrom < gen && num < genFrom && from < num {
			return from, num, genFrom, gen, next, true
		}
	}
}

// rebuild finds objects by looking through the bytes; the last of each number counts.
func rebuild(data []byte) (*File, error) {
	f := fresh(data)
	f.Recovered = true
	s := &section{entries: map[int]entry{}, trailer: Dict{}}
	var packs []int
	for at := 0; at < len(data); {
		off, numTo, genFrom, genTo, end, ok := objectHead(data, at)
		if !ok {
			break
		}
		num, err1 := strconv.Atoi(string(data[off:numTo]))
		gen, err2 := strconv.Atoi(string(data[genFrom:genTo]))
		at = end
		if err1 != nil || err2 != nil || num > maxNum {
			continue
		}
		if f.entries++; f.entries > maxEntries {
			return nil, ErrLimit
		}
		s.entries[num] = entry{plain, off, gen}
		o := f.at(off)
		if o.err == ErrLimit {
			return nil, ErrLimit
		}
		if o.err != nil {
			continue
		}
		switch d := o.obj.(type) {
		case *Stream:
			if d.Dict["Type"] == Name("ObjStm") {
				packs = append(packs, num)
			}
			if d.Dict["Type"] == Name("XRef") && d.Dict["Root"] != nil {
				s.trailer = d.Dict
			}
			if n, ok := d.Dict["Length"].(int); ok && n > 0 && n < len(data)-o.end {
				at = o.end + n // what looks like an object inside a stream is none
			}
		case Dict:
			if d["Type"] == Name("Catalog") && s.trailer["Root"] == nil {
				s.trailer["Root"] = Ref{num, gen}
			}
		}
	}
	for at := 0; ; {
		i := bytes.Index(data[at:], []byte("trailer"))
		if i < 0 {
			break
		}
		at += i + len("trailer")
		p := f.parser(at)
		o, err := p.object(0)
		if f.work -= p.pos - at + 64; f.work < 0 {
			return nil, ErrLimit
		}
		if err == nil {
			if d, ok := o.(Dict); ok && d["Root"] != nil {
				s.trailer = d
			}
		}
	}
	f.sections = []*section{s}
	v := f.view(0)
	for _, num := range packs {
		k, ok := v.packKey(num)
		if !ok {
			continue
		}
		p := v.open(k)
		f.packs[k] = p
		for i, n := range p.nums {
			if _, ok := s.entries[n]; !ok {
				s.entries[n] = entry{packed, num, i}
			}
		}
	}
	f.now = nil // made before the packed objects were known
	if err := f.Now().check(); err != nil {
		return nil, fmt.Errorf("%w; nor found by looking for it", err)
	}
	return f, nil
}
