package ink

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// Doc is a PDF in the making. Positions are in millimetres from the upper left corner of a
// page, sizes of type in points. A Doc is not for concurrent use.
type Doc struct {
	Width, Height float64 // of every page, mm
	Title         string
	Author        string
	Made          time.Time // written as creation date; zero leaves it out

	pages []*bytes.Buffer // what each page draws
	page  *bytes.Buffer
	cuts  [4]*cut // faces in use
	grey  float64 // shade in force on the page
}

// New starts a document of A4 pages.
func New() *Doc { return &Doc{Width: 210, Height: 297} }

// MM is one millimetre in PDF points.
const MM = 72 / 25.4

// Page starts a page.
func (d *Doc) Page() {
	d.page = &bytes.Buffer{}
	d.pages = append(d.pages, d.page)
	d.grey = 0
}

// Pages counts the pages started.
func (d *Doc) Pages() int { return len(d.pages) }

// Turn goes back to the page of that number, from 1, to draw on it once more.
func (d *Doc) Turn(page int) {
	d.page = d.pages[page-1]
	d.page.WriteString("0 g 0 G\n")
	d.grey = 0
}

// Width returns the width of a text in millimetres.
func Width(st Style, size float64, text string) float64 {
	f := faces()[st]
	units := 0
	for _, r := range text {
		units += f.advance(r)
	}
	return float64(units) / float64(f.unitsPerEm) * size / MM
}

// LineHeight is the natural distance of two lines in millimetres.
func LineHeight(size float64) float64 { return 1.15 * size / MM }

// Text draws text with its baseline at y; space is added to every blank, in millimetres.
func (d *Doc) Text(x, y float64, st Style, size float64, text string, space float64) {
	if text == "" {
		return
	}
	c := d.cuts[st]
	if c == nil {
		c = newCut(faces()[st])
		d.cuts[st] = c
	}
	p := d.page
	fmt.Fprintf(p, "BT /F%d %s Tf %s %s Td [<", st, num(size), num(x*MM), num((d.Height-y)*MM))
	var hex [4]byte
	for _, r := range text {
		id := c.id(r)
		for i := range hex {
			hex[i] = "0123456789ABCDEF"[id>>(12-4*i)&15]
		}
		p.Write(hex[:])
		if r == ' ' && space != 0 { // two-byte codes do not know word spacing: push by hand
			fmt.Fprintf(p, "> %s <", num(-space*MM/size*1000))
		}
	}
	p.WriteString(">] TJ ET\n")
}

// Grey sets the shade of what follows: 0 is black, 1 white.
func (d *Doc) Grey(g float64) {
	if g == d.grey {
		return
	}
	d.grey = g
	fmt.Fprintf(d.page, "%s g %s G\n", num(g), num(g))
}

// Line draws a straight line of the given thickness, all in millimetres.
func (d *Doc) Line(x1, y1, x2, y2, thick float64) {
	fmt.Fprintf(d.page, "%s w %s %s m %s %s l S\n", num(thick*MM),
		num(x1*MM), num((d.Height-y1)*MM), num(x2*MM), num((d.Height-y2)*MM))
}

// Fill fills a box given by its upper left corner.
func (d *Doc) Fill(x, y, w, h float64) {
	fmt.Fprintf(d.page, "%s %s %s %s re f\n", num(x*MM), num((d.Height-y-h)*MM), num(w*MM), num(h*MM))
}

func num(v float64) string {
	b := strconv.AppendFloat(nil, v, 'f', 3, 64)
	b = bytes.TrimRight(bytes.TrimRight(b, "0"), ".")
	if len(b) == 0 || string(b) == "-0" {
		return "0"
	}
	return string(b)
}
