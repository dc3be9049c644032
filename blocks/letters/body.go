package letters

import (
	"cmp"
	"math"

	"datmui/blocks/letters/ink"
)

// box is a piece of a page that cannot be parted.
type box struct {
	h      float64         // height, mm
	gap    float64         // distance from the box above; dropped at the top of a page
	keep   bool            // wants to be on the page of the next box
	draw   func(y float64) // y of its upper edge
	repeat *box            // drawn before it where it begins a page
}

const (
	paraGap = 6 / ink.MM // law: documents.md 3.1 — at least 6 pt between paragraphs
	indent  = 10.0       // law: documents.md 3.1 — first line 1 or 1.27 cm in
	leading = 1.08       // of natural line height; law: documents.md 3.1 — from single to 1.5
)

// block sets one block of the body as boxes.
func (s *setter) block(b Block) {
	size := s.size
	switch b.Kind {
	case KindRows:
		s.rows(b.Rows)
	case KindTable:
		s.table(b)
	case KindBasis:
		s.paragraph(b.Text, nil, ink.Italic, size, indent, false)
	case KindHeading:
		s.paragraph(b.Text, nil, ink.Bold, size, 0, true)
	case KindCentre:
		for _, l := range lines(b.Text) {
			s.centred(balance(ink.Bold, size, l, s.width), size, left, s.width, paraGap)
		}
	case KindArticle, KindClause, KindPoint:
		st := ink.Regular
		if b.Kind == KindArticle {
			st = ink.Bold
		}
		s.paragraph(b.Text, []span{{st, tidy(b.Label)}}, ink.Regular, size, indent, false)
	case KindNote:
		s.paragraph(b.Text, nil, ink.Italic, 11, 0, false)
	case KindPlain:
		s.paragraph(b.Text, nil, ink.Regular, size, 0, false)
	default:
		s.paragraph(b.Text, nil, ink.Regular, size, indent, false)
	}
}

// paragraph sets text justified; every line break in it begins a new paragraph.
func (s *setter) paragraph(text string, label []span, st ink.Style, size, first float64, keep bool) {
	parts := lines(text)
	if len(parts) == 0 {
		parts = []string{""}
	}
	for i, part := range parts {
		spans := []span{{st, part}}
		if i == 0 {
			spans = append(append([]span(nil), label...), spans...)
		}
		got := wrap(spans, size, s.width-first, s.width)
		if len(got) == 1 && len(got[0].spans) == 0 {
			continue
		}
		s.lineBoxes(got, size, left, s.width, first, keep)
	}
}

// lineBoxes adds one box per line. The first two lines stay together, and the last two.
func (s *setter) lineBoxes(got []line, size, x, width, first float64, keep bool) {
	for i, l := range got {
		in, gap := 0.0, 0.0
		if i == 0 {
			in, gap = first, paraGap
		}
		s.boxes = append(s.boxes, box{h: ink.LineHeight(size) * leading, gap: gap,
			keep: keep || (i == 0 && len(got) > 1) || i == len(got)-2,
			draw: func(y float64) { s.drawLine(l, x+in, y, width-in, size, true) }})
	}
}

// drawLine draws one line with its upper edge at y, stretched to width when it is justified.
func (s *setter) drawLine(l line, x, y, width, size float64, justify bool) {
	extra := 0.0
	if justify && !l.last && l.blanks > 0 {
		extra = math.Max(0, (width-l.width)/float64(l.blanks))
	}
	y += base(size)
	for _, sp := range l.spans {
		s.doc.Text(x, y, sp.style, size, sp.text, extra)
		x += ink.Width(sp.style, size, sp.text)
		for _, r := range sp.text {
			if r == ' ' {
				x += extra
			}
		}
	}
}

// base is the distance from the upper edge of a line to its baseline.
func base(size float64) float64 { return 0.92 * size / ink.MM }

// centred adds lines centred between x and x+width, kept together.
func (s *setter) centred(got []line, size, x, width, gap float64) {
	for i, l := range got {
		s.boxes = append(s.boxes, box{h: ink.LineHeight(size) * leading, gap: gap, keep: i < len(got)-1,
			draw: func(y float64) { s.drawLine(l, x+(width-l.width)/2, y, width, size, false) }})
		gap = 0
	}
}

// rows sets labels with their values; two half rows share a line.
func (s *setter) rows(rows []Row) {
	const gutter, hang = 6.0, 5.0
	for i := 0; i < len(rows); i++ {
		cells := rows[i : i+1]
		if rows[i].Half && i+1 < len(rows) && rows[i+1].Half {
			cells = rows[i : i+2]
			i++
		}
		width := (s.width - gutter*float64(len(cells)-1)) / float64(len(cells))
		if len(cells) == 1 && cells[0].Half {
			width = s.width
		}
		var set [][]line
		deep := 0
		for _, c := range cells {
			set = append(set, wrap(rowSpans(c), s.size, width, width-hang))
			deep = max(deep, len(set[len(set)-1]))
		}
		for n := range deep {
			gap := 0.0
			if n == 0 && i > len(cells)-1 {
				gap = paraGap * 0.6
			} else if n == 0 {
				gap = paraGap
			}
			s.boxes = append(s.boxes, box{h: ink.LineHeight(s.size) * leading, gap: gap, keep: n == 0 && deep > 1 || n == deep-2,
				draw: func(y float64) {
					for k, ls := range set {
						if n < len(ls) {
							s.drawLine(ls[n], left+float64(k)*(width+gutter)+hang*float64(min(n, 1)), y, width, s.size, false)
						}
					}
				}})
		}
	}
}

func rowSpans(c Row) []span {
	st := ink.Regular
	if c.Strong {
		st = ink.Bold
	}
	value := cmp.Or(tidy(c.Value), "…")
	if label := tidy(c.Label); label != "" {
		return []span{{ink.Regular, label + ":"}, {st, value}}
	}
	return []span{{st, value}}
}
