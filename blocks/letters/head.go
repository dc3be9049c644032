package letters

import (
	"math"
	"strings"

	"datmui/blocks/letters/ink"
)

// Columns of the head: the body on the left, the state on the right.
const (
	leftCol, leftWidth   = left, 66.0
	rightCol, rightWidth = left + 68, 97.0
)

const (
	national = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
	motto    = "Độc lập - Tự do - Hạnh phúc"
)

// head draws the upper part of the first page.
// law: documents.md 3.2 — cells 1 to 4: sizes, styles and rules of each element.
func (s *setter) head() {
	// cell 1
	mid := rightCol + rightWidth/2
	y := s.y
	s.middle(ink.Bold, 12, national, mid, y)
	y += ink.LineHeight(12)
	s.middle(ink.Bold, 13, motto, mid, y)
	half := ink.Width(ink.Bold, 13, motto) / 2
	y += ink.LineHeight(13)
	s.doc.Line(mid-half, y+0.6, mid+half, y+0.6, 0.25)
	rightEnd := y + 0.6

	// cell 2
	y = s.y
	if s.p.Superior != "" {
		y = s.stack(ink.Regular, 12, upper(s.p.Superior), leftCol, leftWidth, y)
	}
	y = s.stack(ink.Bold, 12, upper(s.p.Issuer), leftCol, leftWidth, y)
	if s.p.Issuer != "" {
		rule := math.Min(28, ink.Width(ink.Bold, 12, upper(s.p.Issuer))*0.42)
		mid := leftCol + leftWidth/2
		s.doc.Line(mid-rule/2, y+0.6, mid+rule/2, y+0.6, 0.25)
	}

	y = math.Max(y+0.6, rightEnd) + 3
	number, date := s.number(y), s.dated(y)
	s.y = math.Max(number, date)
	if s.p.Title == "" && s.p.Subject != "" { // cell 5b
		s.y = math.Max(s.y, s.stack(ink.Regular, 12, "V/v "+tidy(s.p.Subject), leftCol, leftWidth, number+paraGap))
	}
}

// stack draws centred lines below each other and returns where the next would begin.
func (s *setter) stack(st ink.Style, size float64, text string, x, width, y float64) float64 {
	if text == "" {
		return y
	}
	for _, l := range bound(st, size, text, width) {
		s.drawLine(l, x+(width-l.width)/2, y, width, size, false)
		y += ink.LineHeight(size)
	}
	return y
}

// units open the name of a place that is better not broken: "PHƯỜNG AN XUYÊN".
var units = []string{" PHƯỜNG ", " XÃ ", " ĐẶC KHU ", " TỈNH ", " THÀNH PHỐ "}

// bind glues the words of a body's name that belong together, so that a long name breaks
// where a reader would.
func bind(name string) string {
	glue := func(s string) string { return strings.ReplaceAll(s, " ", "\u00A0") }
	for _, phrase := range []string{"ỦY BAN NHÂN DÂN", "HỘI ĐỒNG NHÂN DÂN", "HÀNH CHÍNH CÔNG", "TRUNG TÂM"} {
		name = strings.ReplaceAll(name, phrase, glue(phrase))
	}
	for _, unit := range units {
		if at := strings.LastIndex(name, unit); at >= 0 {
			return name[:at+1] + glue(name[at+1:])
		}
	}
	return name
}

// bound is balance that breaks a body's name where a reader would.
func bound(st ink.Style, size float64, text string, width float64) []line {
	out := balance(st, size, bind(text), width)
	for _, l := range out {
		for i, sp := range l.spans {
			l.spans[i].text = strings.ReplaceAll(sp.text, "\u00A0", " ")
		}
	}
	return out
}

// number draws cell 3, or reserves the digits in it.
func (s *setter) number(y float64) float64 {
	const size, room = 13.0, 14.0 // room for five digits
	symbol := tidy(s.p.Symbol)
	if symbol == "" && s.p.Number == "" {
		return y
	}
	if symbol != "" {
		symbol = "/" + symbol
	}
	if s.p.Number != "" {
		return s.stack(ink.Regular, size, "Số: "+tidy(s.p.Number)+symbol, leftCol, leftWidth, y)
	}
	lead := ink.Width(ink.Regular, size, "Số: ")
	tail := ink.Width(ink.Regular, size, symbol)
	x := leftCol + math.Max(0, (leftWidth-lead-room-tail)/2)
	s.doc.Text(x, y+base(size), ink.Regular, size, "Số: ", 0)
	s.reserveText(PlaceNumber, x+lead, y, room, size, false)
	if lead+room+tail <= leftWidth {
		s.doc.Text(x+lead+room, y+base(size), ink.Regular, size, symbol, 0)
		return y + ink.LineHeight(size)
	}
	return s.stack(ink.Regular, size, symbol, leftCol, leftWidth, y+ink.LineHeight(size))
}

// dated draws cell 4, or reserves the date in it.
func (s *setter) dated(y float64) float64 {
	const size = 13.0
	seat := tidy(s.p.Place)
	if seat == "" {
		return y
	}
	seat += ", "
	if !s.p.Date.IsZero() {
		return s.stack(ink.Italic, size, seat+DateText(s.p.Date), rightCol, rightWidth, y)
	}
	room := ink.Width(ink.Italic, size, "ngày 00 tháng 00 năm 0000") + 1
	lead := ink.Width(ink.Italic, size, seat)
	x := rightCol + (rightWidth-lead-room)/2
	if lead+room > rightWidth { // a very long seat stands alone, the date below it
		y = s.stack(ink.Italic, size, seat, rightCol, rightWidth, y)
		x, lead = rightCol+(rightWidth-room)/2, 0
	} else {
		s.doc.Text(x, y+base(size), ink.Italic, size, seat, 0)
	}
	s.reserveText(PlaceDate, x+lead, y, room, size, true)
	return y + ink.LineHeight(size)
}

// title adds type name, subject and addressees.
// law: documents.md 3.2 — cells 5a and 9a.
func (s *setter) title() {
	gap := 7.0
	if name := upper(s.p.Title); name != "" {
		s.centred(balance(ink.Bold, 14, name, s.width-10), 14, left+5, s.width-10, gap)
		gap = 0.5
		text := name
		if about := tidy(s.p.Subject); about != "" {
			s.keepLast()
			s.centred(balance(ink.Bold, 14, about, s.width-20), 14, left+10, s.width-20, gap)
			text = about
		}
		s.keepLast()
		rule := math.Min(50, ink.Width(ink.Bold, 14, text)*0.4)
		s.boxes = append(s.boxes, box{h: 2.5, draw: func(y float64) {
			mid := left + s.width/2
			s.doc.Line(mid-rule/2, y+1, mid+rule/2, y+1, 0.25)
		}})
		gap = 3
	}
	s.addressees(gap)
}

func (s *setter) keepLast() { s.boxes[len(s.boxes)-1].keep = true }

func (s *setter) addressees(gap float64) {
	const size, lead = 14.0, "Kính gửi: "
	switch len(s.p.To) {
	case 0:
	case 1:
		s.centred(balance(ink.Regular, size, lead+tidy(s.p.To[0]), s.width-20), size, left+10, s.width-20, gap)
	default:
		x := left + 30
		s.boxes = append(s.boxes, box{h: ink.LineHeight(size), gap: gap, keep: true,
			draw: func(y float64) { s.doc.Text(x, y+base(size), ink.Regular, size, lead, 0) }})
		for i, to := range s.p.To {
			end := ";"
			if i == len(s.p.To)-1 {
				end = "."
			}
			got := wrap([]span{{ink.Regular, "- " + tidy(to) + end}}, size, s.width-40, s.width-40)
			for _, l := range got {
				s.boxes = append(s.boxes, box{h: ink.LineHeight(size), keep: i < len(s.p.To)-1,
					draw: func(y float64) { s.drawLine(l, x+8, y, 0, size, false) }})
			}
		}
	}
}
