package ink

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"sync"
	"unicode/utf16"
)

// Bytes closes the document. The same drawing gives the same bytes.
func (d *Doc) Bytes() []byte {
	if len(d.pages) == 0 {
		d.Page()
	}
	w := &writer{}
	w.buf.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	const catalog, tree = 1, 2
	w.next = 3
	fonts := ""
	for i, c := range d.cuts {
		if c != nil {
			fonts += fmt.Sprintf("/F%d %d 0 R", i, w.font(c))
		}
	}
	kids := ""
	for _, p := range d.pages {
		content := w.stream("", p.Bytes())
		page := w.object(fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Resources<</ProcSet[/PDF/Text]/Font<<%s>>>>/Contents %d 0 R>>",
			tree, num(d.Width*MM), num(d.Height*MM), fonts, content))
		kids += fmt.Sprintf("%d 0 R ", page)
	}
	w.at(tree, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(d.pages), kids))
	w.at(catalog, fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/Lang(vi-VN)/ViewerPreferences<</DisplayDocTitle true>>>>", tree))
	info := "/Producer" + textString("Đất Mũi")
	if d.Title != "" {
		info += "/Title" + textString(d.Title)
	}
	if d.Author != "" {
		info += "/Author" + textString(d.Author)
	}
	if !d.Made.IsZero() {
		info += d.Made.UTC().Format("/CreationDate(D:20060102150405+00'00')")
	}
	return w.close(catalog, w.object("<<"+info+">>"))
}

// textString writes a text as PDF wants it outside of pages: UTF-16 in hexadecimal.
func textString(s string) string {
	out := []byte("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		out = fmt.Appendf(out, "%04X", u)
	}
	return string(append(out, '>'))
}

// deflaters are kept because a new one allocates most of a megabyte.
var deflaters = sync.Pool{New: func() any { return zlib.NewWriter(nil) }}

// writer numbers objects and remembers where each begins.
type writer struct {
	buf  bytes.Buffer
	next int
	pos  map[int]int
}

func (w *writer) at(n int, body string) {
	if w.pos == nil {
		w.pos = map[int]int{}
	}
	w.pos[n] = w.buf.Len()
	fmt.Fprintf(&w.buf, "%d 0 obj\n%s\nendobj\n", n, body)
}

func (w *writer) object(body string) int {
	n := w.next
	w.next++
	w.at(n, body)
	return n
}

func (w *writer) stream(dict string, data []byte) int {
	var z bytes.Buffer
	zw := deflaters.Get().(*zlib.Writer)
	zw.Reset(&z)
	zw.Write(data) // a bytes.Buffer takes everything
	zw.Close()
	deflaters.Put(zw)
	return w.object(fmt.Sprintf("<<%s/Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream", dict, z.Len(), z.Bytes()))
}

func (w *writer) font(c *cut) int {
	f := c.face
	units := func(v int) int { return v * 1000 / f.unitsPerEm }
	data := c.font()
	file := w.stream(fmt.Sprintf("/Length1 %d", len(data)), data)
	name := tag(data) + "+" + f.name
	flags := 4 | 2 // symbolic: own codes; serif
	if f.italicAngle != 0 {
		flags |= 64
	}
	desc := w.object(fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags %d/FontBBox[%d %d %d %d]/ItalicAngle %d/Ascent %d/Descent %d/CapHeight %d/StemV 80/FontFile2 %d 0 R>>",
		name, flags, units(f.bbox[0]), units(f.bbox[1]), units(f.bbox[2]), units(f.bbox[3]),
		f.italicAngle, units(f.ascent), units(f.descent), units(f.capHeight), file))
	widths := []byte("0[")
	for _, r := range c.runes {
		widths = append(widths, num(float64(f.advance(r))*1000/float64(f.unitsPerEm))...) // whole units would add up to a ragged edge
		widths = append(widths, ' ')
	}
	child := w.object(fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/W[%s]]/CIDToGIDMap/Identity>>",
		name, desc, widths))
	return w.object(fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>",
		name, child, w.stream("", toUnicode(c.runes))))
}

// tag is the six letters that mark a cut font; made from its bytes so that two cuts differ.
func tag(data []byte) string {
	sum := sha256.Sum256(data)
	out := make([]byte, 6)
	for i := range out {
		out[i] = 'A' + sum[i]%26
	}
	return string(out)
}

func toUnicode(runes []rune) []byte {
	out := []byte("/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n" +
		"/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n" +
		"1 begincodespacerange <0000> <FFFF> endcodespacerange\n")
	for i := 1; i < len(runes); {
		n := min(100, len(runes)-i) // a block holds at most a hundred
		out = fmt.Appendf(out, "%d beginbfchar\n", n)
		for ; n > 0; n, i = n-1, i+1 {
			out = fmt.Appendf(out, "<%04X> <", i)
			for _, u := range utf16.Encode([]rune{runes[i]}) {
				out = fmt.Appendf(out, "%04X", u)
			}
			out = append(out, ">\n"...)
		}
		out = append(out, "endbfchar\n"...)
	}
	return append(out, "endcmap CMapName currentdict /CMap defineresource pop end end"...)
}

// close writes the table of objects. The identity is made from the content.
func (w *writer) close(catalog, info int) []byte {
	id := sha256.Sum256(w.buf.Bytes())
	start := w.buf.Len()
	fmt.Fprintf(&w.buf, "xref\n0 %d\n0000000000 65535 f \n", w.next)
	for n := 1; n < w.next; n++ {
		fmt.Fprintf(&w.buf, "%010d 00000 n \n", w.pos[n])
	}
	fmt.Fprintf(&w.buf, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%X><%X>]>>\nstartxref\n%d\n%%%%EOF\n",
		w.next, catalog, info, id[:16], id[:16], start)
	return w.buf.Bytes()
}
