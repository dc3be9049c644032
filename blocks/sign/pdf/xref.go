package pdf

import (
	"bytes"
	"errors"
	"fmt"
)

const (
	maxSections = 2000      // revisions in a chain
	maxEntries  = 1_000_000 // in all sections together
	maxNum      = 20_000_000
)

type kind uint8

const (
	free kind = iota
	plain
	packed // inside an object stream
)

// entry says where an object is: its offset, or the object stream and the place in it.
type entry struct {
	kind kind
	off  int // or number of the object stream
	gen  int // or index in it
}

// section is one cross-reference section with its trailer: one revision of the file, or one
// of the two parts of a linearised one.
type section struct {
	off     int
	extra   int // offset of the hybrid part; 0 means none
	stream  bool
	entries map[int]entry
	trailer Dict
	end     int // first byte after the section
}

var errXRef = errors.New("pdf: cross-reference")

// startxref finds the last startxref of data and the offset it names; at is where it stands,
// after is the first byte behind its %%EOF, or behind the number when that is missing.
func startxref(data []byte) (off, at, after int, err error) {
	tail := max(0, len(data)-2048)
	i := bytes.LastIndex(data[tail:], []byte("startxref"))
	if i < 0 {
		return 0, 0, 0, fmt.Errorf("%w: no startxref", errXRef)
	}
	budget := 16
	p := parser{data: data, pos: tail + i + len("startxref"), budget: &budget}
	off, ok := p.integer()
	if !ok || off <= 0 || off >= len(data) {
		return 0, 0, 0, fmt.Errorf("%w: startxref", errXRef)
	}
	after = p.pos
	for p.pos < len(data) && space(data[p.pos]) {
		p.pos++
	}
	if bytes.HasPrefix(data[p.pos:], []byte("%%EOF")) {
		after = p.pos + 5
	}
	return off, tail + i, after, nil
}

// chain reads all sections from the newest at off.
func (f *File) chain(off int) error {
	seen := map[int]bool{}
	for off != 0 {
		if seen[off] {
			return fmt.Errorf("%w: loop", errXRef)
		}
		if seen[off] = true; len(seen) > maxSections {
			return ErrLimit
		}
		s, err := f.section(off)
		if err != nil {
			return err
		}
		if extra, ok := s.trailer["XRefStm"].(int); ok && !s.stream {
			h, err := f.section(extra)
			if err != nil || !h.stream {
				return fmt.Errorf("%w: hybrid part at %d", errXRef, extra)
			}
			s.extra = extra
			for n, e := range h.entries { // what the table hides as free, the stream tells
				if old, ok := s.entries[n]; !ok || old.kind == free {
					s.entries[n] = e
				}
			}
		}
		f.sections = append(f.sections, s)
		prev, ok := s.trailer["Prev"]
		if !ok {
			return nil
		}
		if off, ok = prev.(int); !ok || off <= 0 {
			return fmt.Errorf("%w: Prev", errXRef)
		}
	}
	return nil
}

func (f *File) section(off int) (*section, error) {
	if off <= 0 || off >= len(f.data) {
		return nil, fmt.Errorf("%w: offset %d", errXRef, off)
	}
	p := f.parser(off)
	if p.keyword("xref") {
		return f.table(p, off)
	}
	return f.xrefStream(off)
}

func (f *File) table(p *parser, off int) (*section, error) {
	s := &section{off: off, entries: map[int]entry{}}
	for !p.keyword("trailer") {
		first, ok1 := p.integer()
		count, ok2 := p.integer()
		if !ok1 || !ok2 || first < 0 || count < 0 {
			return nil, fmt.Errorf("%w: table at %d", errXRef, off)
		}
		for i := range count {
			at, ok1 := p.integer()
			gen, ok2 := p.integer()
			used := p.word()
			if !ok1 || !ok2 || len(used) != 1 || at < 0 || gen < 0 {
				return nil, fmt.Errorf("%w: entry %d of the table at %d", errXRef, i, off)
			}
			e := entry{kind: free, gen: gen}
			switch used[0] {
			case 'n':
				e = entry{kind: plain, off: at, gen: gen}
			case 'f':
			default:
				return nil, fmt.Errorf("%w: entry %d of the table at %d", errXRef, i, off)
			}
			if err := f.add(s, first+i, e); err != nil {
				return nil, err
			}
		}
	}
	o, err := p.object(0)
	if err != nil {
		return nil, err
	}
	d, ok := o.(Dict)
	if !ok || p.dup {
		return nil, fmt.Errorf("%w: trailer at %d", errXRef, off)
	}
	s.trailer, s.end = d, p.pos
	return s, nil
}

func (f *File) add(s *section, num int, e entry) error {
	if num > maxNum {
		return ErrLimit
	}
	if f.entries++; f.entries > maxEntries {
		return ErrLimit
	}
	if _, ok := s.entries[num]; !ok {
		s.entries[num] = e
	}
	return nil
}

func (f *File) xrefStream(off int) (*section, error) {
	o := f.at(off)
	st, ok := o.obj.(*Stream)
	if o.err != nil || !ok || st.Dict["Type"] != Name("XRef") || o.dup {
		return nil, fmt.Errorf("%w: no section at %d", errXRef, off)
	}
	if _, ok := st.Dict["Length"].(int); !ok {
		return nil, fmt.Errorf("%w: length of the stream at %d", errXRef, off)
	}
	data, err := (&View{f: f}).Data(st)
	if err != nil {
		return nil, err
	}
	var w [3]int
	ws, _ := st.Dict["W"].(Array)
	if len(ws) < 3 {
		return nil, fmt.Errorf("%w: widths at %d", errXRef, off)
	}
	for i := range w {
		if w[i], ok = ws[i].(int); !ok || w[i] < 0 || w[i] > 8 {
			return nil, fmt.Errorf("%w: widths at %d", errXRef, off)
		}
	}
	row := w[0] + w[1] + w[2]
	if row == 0 {
		return nil, fmt.Errorf("%w: widths at %d", errXRef, off)
	}
	size, _ := st.Dict["Size"].(int)
	index, ok := st.Dict["Index"].(Array)
	if !ok {
		index = Array{0, size}
	}
	s := &section{off: off, stream: true, entries: map[int]entry{}, trailer: st.Dict, end: o.end}
	for i := 0; i+1 < len(index); i += 2 {
		first, ok1 := index[i].(int)
		count, ok2 := index[i+1].(int)
		if !ok1 || !ok2 || first < 0 || count < 0 {
			return nil, fmt.Errorf("%w: index at %d", errXRef, off)
		}
		for n := 0; n < count && len(data) >= row; n++ {
			field := func(width, otherwise int) int {
				if width == 0 {
					return otherwise
				}
				v := 0
				for _, c := range data[:width] {
					v = v<<8 | int(c)
				}
				data = data[width:]
				return v
			}
			t, a, b := field(w[0], 1), field(w[1], 0), field(w[2], 0)
			e := entry{kind: free, gen: b}
			switch t {
			case 0:
			case 1:
				e = entry{plain, a, b}
			case 2:
				e = entry{packed, a, b}
			default:
				continue // to be read as null
			}
			if e.off < 0 || e.gen < 0 {
				return nil, fmt.Errorf("%w: entry at %d", errXRef, off)
			}
			if err := f.add(s, first+n, e); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}
