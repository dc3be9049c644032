// Package ink writes PDF pages: text in embedded faces cut down to the letters used, lines,
// and filled boxes. It exists beside the general PDF libraries because those parse every
// face anew for every document; here a face is read once for the life of the process and a
// letter costs about a millisecond.
package ink

import (
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifbolditalic"
	"github.com/go-fonts/liberation/liberationserifitalic"
	"github.com/go-fonts/liberation/liberationserifregular"
)

// Style chooses one of the four faces of Liberation Serif, which has the metrics of
// Times New Roman.
type Style uint8

// The four styles.
const (
	Regular Style = iota
	Bold
	Italic
	BoldItalic
)

var faceNames = [4]string{"LiberationSerif", "LiberationSerif-Bold", "LiberationSerif-Italic", "LiberationSerif-BoldItalic"}

// faces are read at first use and never changed after.
var faces = sync.OnceValue(func() (out [4]*face) {
	for i, ttf := range [4][]byte{
		liberationserifregular.TTF, liberationserifbold.TTF,
		liberationserifitalic.TTF, liberationserifbolditalic.TTF,
	} {
		f, err := parseFace(ttf)
		if err != nil {
			panic(fmt.Sprintf("ink: face %s: %v", faceNames[i], err)) // a compiled-in file: cannot happen twice
		}
		f.name = faceNames[i]
		out[i] = f
	}
	return out
})

// face is a TrueType font read for embedding: metrics, character map and outlines.
type face struct {
	name            string
	unitsPerEm      int
	ascent, descent int // font units; descent is negative
	bbox            [4]int
	italicAngle     int // degrees, negative leans right
	capHeight       int
	widths          []uint16 // by glyph, font units
	bearings        []uint16
	glyphs          [][]byte // outline by glyph; empty for blanks
	cmap            map[rune]uint16
	head, hhea      []byte
	maxp            []byte
}

var be = binary.BigEndian

func parseFace(ttf []byte) (*face, error) {
	if len(ttf) < 12 {
		return nil, fmt.Errorf("too short for a font")
	}
	tables := map[string][]byte{}
	for i := range int(be.Uint16(ttf[4:])) {
		rec := ttf[12+16*i:]
		off, size := be.Uint32(rec[8:]), be.Uint32(rec[12:])
		tables[string(rec[:4])] = ttf[off : off+size]
	}
	for _, name := range []string{"head", "hhea", "maxp", "hmtx", "loca", "glyf", "cmap", "OS/2", "post"} {
		if tables[name] == nil {
			return nil, fmt.Errorf("no table %q", name)
		}
	}
	head, hhea, os2 := tables["head"], tables["hhea"], tables["OS/2"]
	f := &face{head: head, hhea: hhea, maxp: tables["maxp"],
		unitsPerEm:  int(be.Uint16(head[18:])),
		ascent:      int(int16(be.Uint16(hhea[4:]))),
		descent:     int(int16(be.Uint16(hhea[6:]))),
		italicAngle: int(int16(be.Uint16(tables["post"][4:]))),
		capHeight:   1341,
	}
	for i := range 4 {
		f.bbox[i] = int(int16(be.Uint16(head[36+2*i:])))
	}
	if be.Uint16(os2) >= 2 && len(os2) >= 90 {
		f.capHeight = int(int16(be.Uint16(os2[88:])))
	}
	n := int(be.Uint16(f.maxp[4:]))
	f.metrics(tables["hmtx"], n, int(be.Uint16(hhea[34:])))
	f.outlines(tables["loca"], tables["glyf"], n, be.Uint16(head[50:]) == 1)
	return f, f.characters(tables["cmap"])
}

func (f *face) metrics(hmtx []byte, n, long int) {
	f.widths, f.bearings = make([]uint16, n), make([]uint16, n)
	for g := range n {
		if g < long {
			f.widths[g], f.bearings[g] = be.Uint16(hmtx[4*g:]), be.Uint16(hmtx[4*g+2:])
			continue
		}
		f.widths[g], f.bearings[g] = f.widths[long-1], be.Uint16(hmtx[4*long+2*(g-long):])
	}
}

func (f *face) outlines(loca, glyf []byte, n int, wide bool) {
	at := func(i int) int {
		if wide {
			return int(be.Uint32(loca[4*i:]))
		}
		return 2 * int(be.Uint16(loca[2*i:]))
	}
	f.glyphs = make([][]byte, n)
	for g := range n {
		f.glyphs[g] = glyf[at(g):at(g+1)]
	}
}

// characters reads the format 4 subtable, which holds the whole basic plane.
func (f *face) characters(cmap []byte) error {
	for i := range int(be.Uint16(cmap[2:])) {
		rec := cmap[4+8*i:]
		sub := cmap[be.Uint32(rec[4:]):]
		if be.Uint16(rec) != 3 || be.Uint16(rec[2:]) != 1 || be.Uint16(sub) != 4 {
			continue
		}
		f.cmap = map[rune]uint16{}
		n := int(be.Uint16(sub[6:])) / 2
		ends, starts, deltas, offsets := sub[14:], sub[16+2*n:], sub[16+4*n:], sub[16+6*n:]
		for s := range n {
			lo, hi := int(be.Uint16(starts[2*s:])), int(be.Uint16(ends[2*s:]))
			delta, off := be.Uint16(deltas[2*s:]), int(be.Uint16(offsets[2*s:]))
			for c := lo; c <= hi && c != 0xFFFF; c++ {
				g := uint16(c)
				if off != 0 {
					if g = be.Uint16(offsets[2*s+off+2*(c-lo):]); g == 0 {
						continue
					}
				}
				if g += delta; g != 0 {
					f.cmap[rune(c)] = g
				}
			}
		}
		return nil
	}
	return fmt.Errorf("no Unicode character map")
}

// glyph is the outline for a rune; a rune the face lacks is shown as a hollow box.
func (f *face) glyph(r rune) uint16 {
	if g, ok := f.cmap[r]; ok {
		return g
	}
	return f.cmap['□']
}

// advance is the width of a rune in font units.
func (f *face) advance(r rune) int { return int(f.widths[f.glyph(r)]) }
