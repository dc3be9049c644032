package ink

// cut collects the runes a document uses in one face and numbers them in order of first
// use. The number is what the page's text says, the glyph's place in the embedded font and
// the key of the map back to Unicode, so that text copied from the page is what was written
// even where the face has only a box to show for it.
type cut struct {
	face  *face
	ids   map[rune]uint16
	runes []rune // by id, from 1; id 0 is .notdef
}

func newCut(f *face) *cut { return &cut{face: f, ids: map[rune]uint16{}, runes: []rune{0}} }

func (c *cut) id(r rune) uint16 {
	if id, ok := c.ids[r]; ok {
		return id
	}
	if len(c.runes) > 0xF000 { // leave room for the parts of composed glyphs
		return 0
	}
	id := uint16(len(c.runes))
	c.ids[r] = id
	c.runes = append(c.runes, r)
	return id
}

const ( // flags of a part in a composed glyph
	partWords     = 0x0001
	partScale     = 0x0008
	partMore      = 0x0020
	partXYScale   = 0x0040
	partTwoByTwo  = 0x0080
	partsHaveHint = 0x0100
)

// font builds the TrueType file for the runes in use. Hinting is left out: it is of no use
// to a printer or a dense screen and would double the size.
func (c *cut) font() []byte {
	from := make([]uint16, len(c.runes)) // glyph in the face, by id
	for id, r := range c.runes[1:] {
		from[id+1] = c.face.glyph(r)
	}
	parts := map[uint16]uint16{} // glyph in the face → id, for parts of composed glyphs
	part := func(g uint16) uint16 {
		id, ok := parts[g]
		if !ok {
			id = uint16(len(from))
			parts[g] = id
			from = append(from, g)
		}
		return id
	}
	var glyf, loca, hmtx []byte
	for i := 0; i < len(from); i++ { // from grows while parts are found
		g := from[i]
		loca = be.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, renumber(unhint(c.face.glyphs[g]), part)...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		hmtx = be.AppendUint16(hmtx, c.face.widths[g])
		hmtx = be.AppendUint16(hmtx, c.face.bearings[g])
	}
	loca = be.AppendUint32(loca, uint32(len(glyf)))

	head := append([]byte(nil), c.face.head...)
	be.PutUint32(head[8:], 0)  // checkSumAdjustment: not judged inside a PDF
	be.PutUint16(head[50:], 1) // long offsets
	hhea := append([]byte(nil), c.face.hhea...)
	be.PutUint16(hhea[34:], uint16(len(from)))
	maxp := append([]byte(nil), c.face.maxp...)
	be.PutUint16(maxp[4:], uint16(len(from)))
	return sfnt([]string{"glyf", "head", "hhea", "hmtx", "loca", "maxp"},
		[][]byte{glyf, head, hhea, hmtx, loca, maxp})
}

// unhint copies a glyph without its instructions.
func unhint(g []byte) []byte {
	if len(g) < 12 {
		return nil
	}
	if n := int(int16(be.Uint16(g))); n >= 0 {
		at := 10 + 2*n
		size := int(be.Uint16(g[at:]))
		out := append([]byte(nil), g[:at]...)
		out = append(out, 0, 0)
		return append(out, g[at+2+size:]...)
	}
	out := append([]byte(nil), g...)
	for at := 10; ; {
		flags := be.Uint16(out[at:])
		be.PutUint16(out[at:], flags&^partsHaveHint)
		at += partSize(flags)
		if flags&partMore == 0 {
			return out[:at]
		}
	}
}

// renumber rewrites the parts of a composed glyph to their places in the cut font.
func renumber(g []byte, part func(uint16) uint16) []byte {
	if len(g) == 0 || int16(be.Uint16(g)) >= 0 {
		return g
	}
	for at := 10; ; {
		flags := be.Uint16(g[at:])
		be.PutUint16(g[at+2:], part(be.Uint16(g[at+2:])))
		at += partSize(flags)
		if flags&partMore == 0 {
			return g
		}
	}
}

func partSize(flags uint16) int {
	n := 6
	if flags&partWords != 0 {
		n += 2
	}
	switch {
	case flags&partScale != 0:
		n += 2
	case flags&partXYScale != 0:
		n += 4
	case flags&partTwoByTwo != 0:
		n += 8
	}
	return n
}

// sfnt joins tables, named in alphabetical order, into one font file.
func sfnt(names []string, tables [][]byte) []byte {
	pow, sel := 1, 0
	for pow*2 <= len(names) {
		pow, sel = pow*2, sel+1
	}
	out := []byte{0, 1, 0, 0}
	for _, v := range []int{len(names), pow * 16, sel, (len(names) - pow) * 16} {
		out = be.AppendUint16(out, uint16(v))
	}
	at := 12 + 16*len(names)
	for i, name := range names {
		out = append(out, name...)
		out = be.AppendUint32(out, checksum(tables[i]))
		out = be.AppendUint32(out, uint32(at))
		out = be.AppendUint32(out, uint32(len(tables[i])))
		at += (len(tables[i]) + 3) &^ 3
	}
	for _, t := range tables {
		out = append(out, t...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out
}

func checksum(t []byte) (sum uint32) {
	for i, b := range t {
		sum += uint32(b) << (24 - 8*(i%4))
	}
	return sum
}
