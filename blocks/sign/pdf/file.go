package pdf

import (
	"bytes"
	"errors"
	"fmt"
)

// File is a PDF file in memory. It is not for concurrent use.
type File struct {
	data     []byte
	sections []*section // newest first
	now      *View      // of all sections; nil until asked for
	cache    map[int]*parsed
	packs    map[packKey]*pack
	budget   int // values that may still be read
	unpacked int // bytes that may still be unpacked
	work     int // bytes that may still be looked at: an honest file is read about once
	entries  int

	// Recovered says that the cross-reference was unusable and the objects were found by
	// looking through the bytes. Different readers may then see different documents.
	Recovered bool
}

// parsed is an indirect object read at an offset.
type parsed struct {
	num, gen int
	obj      Object
	end      int // first byte after the value (for a stream: after its keyword)
	dup      bool
	err      error
}

const maxUnpacked = 64 << 20

// ErrNoPDF says that a file does not even begin like a PDF.
var ErrNoPDF = errors.New("pdf: no PDF file")

// Looks says whether data begin like a PDF file.
func Looks(data []byte) bool {
	return bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-"))
}

// Open reads the structure of a file, by looking through its bytes if it must.
func Open(data []byte) (*File, error) {
	f, err := OpenStrict(data)
	if err == nil || errors.Is(err, ErrLimit) || errors.Is(err, ErrNoPDF) {
		return f, err
	}
	return rebuild(data)
}

// OpenStrict reads the structure of a file as it is declared, and nothing else.
func OpenStrict(data []byte) (*File, error) {
	if !Looks(data) {
		return nil, ErrNoPDF
	}
	f := fresh(data)
	off, _, _, err := startxref(data)
	if err != nil {
		return nil, err
	}
	if err := f.chain(off); err != nil {
		return nil, err
	}
	return f, f.Now().check()
}

func fresh(data []byte) *File {
	return &File{data: data, cache: map[int]*parsed{}, packs: map[packKey]*pack{},
		budget: maxValues, unpacked: maxUnpacked, work: 4*len(data) + 16<<20}
}

// check asks for the least a reader needs.
func (v *View) check() error {
	if _, ok := v.Dict(v.Trailer()["Root"]); !ok {
		return fmt.Errorf("%w: no catalogue", ErrSyntax)
	}
	if _, ok := v.Dict(v.Catalog()["Pages"]); !ok {
		return fmt.Errorf("%w: no pages", ErrSyntax)
	}
	return nil
}

// Bytes is the whole file.
func (f *File) Bytes() []byte { return f.data }

func (f *File) parser(at int) *parser { return &parser{data: f.data, pos: at, budget: &f.budget} }

// at reads the indirect object at an offset, once.
func (f *File) at(off int) *parsed {
	if o, ok := f.cache[off]; ok {
		return o
	}
	o := f.read(off)
	f.cache[off] = o
	return o
}

func (f *File) read(off int) *parsed {
	o := &parsed{}
	if off <= 0 || off >= len(f.data) {
		o.err = syntax(off, "object outside the file")
		return o
	}
	if f.work < 0 {
		o.err = ErrLimit
		return o
	}
	p := f.parser(off)
	defer func() { f.work -= p.pos - off + 64 }()
	num, ok1 := p.integer()
	gen, ok2 := p.integer()
	if !ok1 || !ok2 || !p.keyword("obj") {
		o.err = syntax(off, "no object")
		return o
	}
	o.num, o.gen = num, gen
	o.obj, o.err = p.object(0)
	o.dup = p.dup
	if o.err != nil {
		return o
	}
	if d, ok := o.obj.(Dict); ok {
		at := p.pos
		if p.keyword("stream") {
			if p.pos < len(f.data) && f.data[p.pos] == '\r' {
				p.pos++
			}
			if p.pos < len(f.data) && f.data[p.pos] == '\n' {
				p.pos++
			}
			o.obj = &Stream{Dict: d, start: p.pos}
		} else {
			p.pos = at
		}
	}
	o.end = p.pos
	return o
}

// Spans tells where in the file the values of the dictionary of an indirect object stand,
// and whether a key occurs twice.
func (f *File) Spans(off int) (spans map[Name]Span, twice bool, err error) {
	p := f.parser(off)
	_, ok1 := p.integer()
	_, ok2 := p.integer()
	if !ok1 || !ok2 || !p.keyword("obj") {
		return nil, false, syntax(off, "no object")
	}
	p.skip()
	if !bytes.HasPrefix(p.data[p.pos:], []byte("<<")) {
		return nil, false, syntax(off, "no dictionary")
	}
	p.pos += 2
	spans = map[Name]Span{}
	_, err = p.dict(0, spans)
	return spans, p.dup, err
}
