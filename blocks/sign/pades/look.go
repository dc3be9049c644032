package pades

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"datmui/blocks/letters/ink"
	"datmui/blocks/sign/pdf"
)

// Denial is written into every demonstration signature and seal.
const Denial = "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"

const (
	blue = "0.08 0.22 0.62"
	red  = "0.80 0.05 0.08"
)

// TextLook draws one line of text for a reserved field of w × h points. A line set
// right, as a number is, stands at what follows it; another begins at the left. The baseline is
// where blocks/letters expects it, 0.22 of the size above the lower edge.
func TextLook(w, h, size float64, italic, right bool, text string) (*pdf.Form, error) {
	text = norm.NFC.String(text)
	st := ink.Regular
	if italic {
		st = ink.Italic
	}
	size = cmp.Or(size, 13)
	width := ink.Width(st, size, text) * ink.MM
	if width > w && width > 0 { // rather smaller than cut off
		size *= w / width
		width = w
	}
	x := 0.0
	if right {
		x = w - width
	}
	d := &ink.Doc{Width: w / ink.MM, Height: h / ink.MM}
	d.Page()
	d.Text(x/ink.MM, (h-0.22*size)/ink.MM, st, size, text, 0)
	f, err := pdf.ImportPage(d.Bytes())
	if err != nil {
		return nil, fmt.Errorf("drawing a field: %w", err)
	}
	f.W, f.H = w, h
	return f, nil
}

// SignatureLook draws the blue signature of a person for the demonstration: a flourish made
// from the name, the same every time, and the line that denies legal value.
// law: documents.md 4.1 — a picture of the handwritten signature, blue.
func SignatureLook(w, h float64, name string) (*pdf.Form, error) {
	small := min(5.5, h/8)
	tag, err := glyphs(ink.Regular, Denial)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "q %s RG %s rg 1 J 1 j\n", blue, blue)
	flourish(&b, w, h*0.88, name)
	tag.line(&b, small, (w-tag.width(small))/2, small*0.25)
	b.WriteString("Q\n")
	return tag.form(w, h, b.Bytes()), nil
}

// flourish is one running stroke: a large first loop, a wave of small ones for each
// syllable, and a sweep back below.
func flourish(b *bytes.Buffer, w, h float64, name string) {
	sum := fnv.New64a()
	sum.Write([]byte(norm.NFC.String(name)))
	r := rand.New(rand.NewPCG(sum.Sum64(), 1))
	vary := func(lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }
	parts := max(2, len(strings.Fields(name)))
	x, y := w*vary(0.08, 0.14), h*vary(0.35, 0.45)
	fmt.Fprintf(b, "%.2f w %.2f %.2f m\n", max(0.8, h/45), x, y)
	to := func(x1, y1, x2, y2, x3, y3 float64) {
		fmt.Fprintf(b, "%.2f %.2f %.2f %.2f %.2f %.2f c\n", x1, y1, x2, y2, x3, y3)
		x, y = x3, y3
	}
	// the first letter: up, over and through itself
	top := h * vary(0.86, 0.97)
	to(x-w*0.05, top, x+w*vary(0.10, 0.18), top, x+w*0.10, h*vary(0.30, 0.45))
	to(x-w*0.02, h*0.12, x-w*vary(0.10, 0.14), h*0.22, x+w*0.04, h*0.50)
	step := (w*0.80 - x) / float64(parts*2)
	for i := range parts * 2 {
		up := h * vary(0.52, 0.78)
		if i%2 == 1 {
			up = h * vary(0.42, 0.58)
		}
		low := h * vary(0.26, 0.40)
		to(x+step*vary(0.1, 0.4), up, x+step*vary(0.7, 1.1), up, x+step*0.75, h*0.45)
		to(x-step*0.1, low, x+step*0.1, low*0.9, x+step*0.25, h*vary(0.40, 0.48))
	}
	to(x+w*0.10, h*vary(0.7, 0.9), x+w*0.12, h*0.55, x, h*0.34)
	to(x-w*0.25, h*vary(0.05, 0.15), x-w*0.45, h*0.10, w*vary(0.20, 0.30), h*vary(0.18, 0.26))
	b.WriteString("S\n")
}

// SealLook draws the red round seal of a body for the demonstration, side points across.
// law: documents.md 4.1 — a picture of the seal, red, in its true size.
func SealLook(side float64, body, above string) (*pdf.Form, error) {
	if strings.TrimSpace(body) == "" {
		return nil, errors.New("pades: a seal needs the name of its body")
	}
	body = strings.ToUpper(norm.NFC.String(body))
	ring := strings.ToUpper(norm.NFC.String(cmp.Or(above, "TRÌNH DIỄN")))
	all, err := glyphs(ink.Bold, body+ring+Denial+" ·")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	c, r := side/2, side/2
	fmt.Fprintf(&b, "q %s RG %s rg\n", red, red)
	circle(&b, c, r-side*0.012, side*0.024)
	circle(&b, c, r*0.90, side*0.008)
	circle(&b, c, r*0.60, side*0.010)
	size := side * 0.075
	all.arc(&b, fit(all, ring, size, math.Pi*1.15*r*0.69), c, r*0.69, ring, true)
	all.arc(&b, fit(all, Denial, size*0.72, math.Pi*0.72*r*0.78), c, r*0.80, Denial, false)
	star(&b, c, c+r*0.30, r*0.16)
	lines := wrap(all, body, size*0.95, r*1.02)
	s := size * 0.95
	for s > 2 && float64(len(lines))*s*1.15 > r*0.72 {
		s *= 0.92
		lines = wrap(all, body, s, r*1.02)
	}
	y := c + r*0.02
	for _, l := range lines {
		all.text(&b, s, c-all.widthOf(l, s)/2, y-s*0.4, l)
		y -= s * 1.15
	}
	b.WriteString("Q\n")
	return all.form(side, side, b.Bytes()), nil
}

func fit(g *glyphSet, text string, size, room float64) float64 {
	if w := g.widthOf(text, size); w > room {
		return size * room / w
	}
	return size
}

func wrap(g *glyphSet, text string, size, width float64) []string {
	var lines []string
	for _, w := range strings.Fields(text) {
		if n := len(lines); n > 0 && g.widthOf(lines[n-1]+" "+w, size) <= width {
			lines[n-1] += " " + w
			continue
		}
		lines = append(lines, w)
	}
	return lines
}

func circle(b *bytes.Buffer, c, r, thick float64) {
	const k = 0.5523
	fmt.Fprintf(b, "%.3f w %.3f %.3f m ", thick, c+r, c)
	for _, q := range [4][2]float64{{1, 0}, {0, 1}, {-1, 0}, {0, -1}} {
		dx, dy := q[0], q[1]
		ex, ey := -dy, dx
		fmt.Fprintf(b, "%.3f %.3f %.3f %.3f %.3f %.3f c ",
			c+r*(dx+k*ex), c+r*(dy+k*ey), c+r*(ex+k*dx), c+r*(ey+k*dy), c+r*ex, c+r*ey)
	}
	b.WriteString("s\n")
}

func star(b *bytes.Buffer, x, y, r float64) {
	for i := range 10 {
		rad := r
		if i%2 == 1 {
			rad = r * 0.382
		}
		a := math.Pi/2 + float64(i)*math.Pi/5
		op := "l"
		if i == 0 {
			op = "m"
		}
		fmt.Fprintf(b, "%.3f %.3f %s ", x+rad*math.Cos(a), y+rad*math.Sin(a), op)
	}
	b.WriteString("f\n")
}

// glyphSet is a face cut down to some letters, with the codes that stand for them.
type glyphSet struct {
	style ink.Style
	codes map[rune]string
	from  *pdf.Form
	font  string
	all   string
}

var hexCodes = regexp.MustCompile(`<([0-9A-F]*)>`)
var fontName = regexp.MustCompile(`/(F\d) `)

// glyphs has the letters cut by writing each once.
func glyphs(st ink.Style, text string) (*glyphSet, error) {
	g := &glyphSet{style: st, codes: map[rune]string{}, all: norm.NFC.String(text)}
	var once []rune
	for _, r := range g.all {
		if _, ok := g.codes[r]; !ok {
			g.codes[r] = ""
			once = append(once, r)
		}
	}
	d := &ink.Doc{Width: 10, Height: 10}
	d.Page()
	d.Text(0, 0, st, 10, string(once), 0)
	var err error
	if g.from, err = pdf.ImportPage(d.Bytes()); err != nil {
		return nil, fmt.Errorf("cutting a face: %w", err)
	}
	name := fontName.FindSubmatch(g.from.Content)
	hex := ""
	for _, m := range hexCodes.FindAllSubmatch(g.from.Content, -1) {
		hex += string(m[1])
	}
	if name == nil || len(hex) != 4*len(once) {
		return nil, errors.New("pades: a face came in an unknown form")
	}
	g.font = string(name[1])
	for i, r := range once {
		g.codes[r] = hex[4*i : 4*i+4]
	}
	return g, nil
}

func (g *glyphSet) width(size float64) float64 { return g.widthOf(g.all, size) }

func (g *glyphSet) widthOf(s string, size float64) float64 {
	return ink.Width(g.style, size, s) * ink.MM
}

func (g *glyphSet) hex(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteString(g.codes[r])
	}
	return b.String()
}

func (g *glyphSet) line(b *bytes.Buffer, size, x, y float64) { g.text(b, size, x, y, g.all) }

func (g *glyphSet) text(b *bytes.Buffer, size, x, y float64, s string) {
	fmt.Fprintf(b, "BT /%s %.2f Tf %.2f %.2f Td <%s> Tj ET\n", g.font, size, x, y, g.hex(s))
}

// arc writes along a circle: over the top clockwise, or under the bottom the other way.
func (g *glyphSet) arc(b *bytes.Buffer, size, c, r float64, s string, top bool) {
	total := g.widthOf(s, size)
	a := math.Pi/2 + total/r/2
	dir := -1.0
	if !top {
		a, dir = -math.Pi/2-total/r/2, 1
	}
	for _, ch := range s {
		w := g.widthOf(string(ch), size)
		a += dir * w / r / 2
		turn := a - math.Pi/2
		if !top {
			turn = a + math.Pi/2
		}
		sin, cos := math.Sincos(turn)
		x := c + r*math.Cos(a) - w/2*cos
		y := c + r*math.Sin(a) - w/2*sin
		fmt.Fprintf(b, "BT /%s %.2f Tf %.4f %.4f %.4f %.4f %.2f %.2f Tm <%s> Tj ET\n", g.font, size, cos, sin, -sin, cos, x, y, g.codes[ch])
		a += dir * w / r / 2
	}
}

func (g *glyphSet) form(w, h float64, content []byte) *pdf.Form {
	f := &pdf.Form{W: w, H: h, Content: content, Resources: g.from.Resources, Objects: g.from.Objects}
	return f.Pack()
}
