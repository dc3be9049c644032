package letters

import (
	"cmp"

	"datmui/blocks/letters/ink"
)

const (
	tableSize = 12.0 // points; tables may be smaller than the body
	cellPad   = 1.2  // mm
	ruleThick = 0.2  // mm
)

// table sets a ruled table: one box per row, and the head again on every page.
func (s *setter) table(b Block) {
	if len(b.Columns) == 0 {
		return
	}
	total := 0.0
	for _, c := range b.Columns {
		total += weight(c)
	}
	widths := make([]float64, len(b.Columns))
	titles := make([]string, len(b.Columns))
	for i, c := range b.Columns {
		widths[i] = s.width * weight(c) / total
		titles[i] = c.Title
	}
	head := s.tableRow(b.Columns, widths, titles, ink.Bold)
	head.keep = true
	head.gap = paraGap
	s.boxes = append(s.boxes, head)
	for _, cells := range b.Cells {
		for _, row := range s.tableRows(b.Columns, widths, cells) {
			row.repeat = &head
			s.boxes = append(s.boxes, row)
		}
	}
}

func weight(c Column) float64 {
	if c.Weight > 0 && c.Weight <= 100 {
		return c.Weight
	}
	return 1
}

// tableRows sets one row. A row taller than a third of the page is continued in further
// boxes, so that no cell can run off the paper.
func (s *setter) tableRows(columns []Column, widths []float64, cells []string) []box {
	const most = 18 // lines
	set, deep := setCells(widths, cells, ink.Regular)
	var out []box
	for from := 0; from < deep; from += most {
		part := make([][]line, len(set))
		for i, ls := range set {
			part[i] = ls[min(from, len(ls)):min(from+most, len(ls))]
		}
		out = append(out, s.cellBox(columns, widths, part, false))
	}
	return out
}

func (s *setter) tableRow(columns []Column, widths []float64, cells []string, st ink.Style) box {
	set, _ := setCells(widths, cells, st)
	return s.cellBox(columns, widths, set, st == ink.Bold)
}

func setCells(widths []float64, cells []string, st ink.Style) (set [][]line, deep int) {
	deep = 1
	for i, w := range widths {
		var got []line
		if i < len(cells) {
			for _, l := range lines(cells[i]) {
				got = append(got, wrap([]span{{st, l}}, tableSize, w-2*cellPad, w-2*cellPad)...)
			}
		}
		set = append(set, got)
		deep = max(deep, len(got))
	}
	return set, deep
}

func (s *setter) cellBox(columns []Column, widths []float64, set [][]line, head bool) box {
	deep := 1
	for _, ls := range set {
		deep = max(deep, len(ls))
	}
	lh := ink.LineHeight(tableSize)
	h := float64(deep)*lh + 2*cellPad
	return box{h: h, draw: func(y float64) {
		x := left
		s.doc.Line(x, y, x+s.width, y, ruleThick)
		s.doc.Line(x, y+h, x+s.width, y+h, ruleThick)
		s.doc.Line(x, y, x, y+h, ruleThick)
		for i, ls := range set {
			for n, l := range ls {
				at, free := x+cellPad, widths[i]-2*cellPad-l.width
				switch cmp.Or(columns[i].Align, "left") {
				case "centre":
					at += free / 2
				case "right":
					at += free
				}
				if head {
					at = x + cellPad + free/2
				}
				s.drawLine(l, at, y+cellPad+float64(n)*lh, 0, tableSize, false)
			}
			x += widths[i]
			s.doc.Line(x, y, x, y+h, ruleThick)
		}
	}}
}
