package letters

import (
	"cmp"
	"fmt"

	"datmui/blocks/letters/ink"
)

// Edges of the A4 page in millimetres.
// law: documents.md 3.1 — top and bottom 20–25 mm, left 30–35 mm, right 15–20 mm.
const (
	top, bottom, left, right = 20.0, 20.0, 30.0, 15.0
	pageW, pageH             = 210.0, 297.0
)

// maxBody bounds the work one paper can cause; far above any real one.
const maxBody = 2 << 20

// setter sets one paper.
type setter struct {
	p      Paper
	doc    *ink.Doc
	before int     // pages of the papers bound in front
	width  float64 // of the text, mm
	size   float64 // of the body, pt
	y      float64 // next free height on the page
	boxes  []box
	places []Place
	err    error
}

// Render sets a paper. It fails only when the paper is absurdly long or its address does
// not fit a QR code.
func Render(p Paper) (Letter, error) { return Bind(p) }

// Bind sets papers one behind the other in one file that is called like the first: each begins on
// a page of its own and counts its pages from 1. It fails where one of them would.
func Bind(papers ...Paper) (Letter, error) {
	doc, places := ink.New(), []Place(nil)
	for i, p := range papers {
		if n := p.bytes(); n > maxBody {
			return Letter{}, fmt.Errorf("a paper of %d bytes is not a letter", n)
		}
		if i == 0 {
			doc.Title, doc.Author, doc.Made = tidy(cmp.Or(p.Title, p.Subject)), tidy(p.Issuer), p.Made
		}
		s := &setter{p: p, doc: doc, before: doc.Pages(), width: pageW - left - right, size: bodySize(p.Size)}
		if err := s.set(); err != nil {
			return Letter{}, err
		}
		places = append(places, s.places...)
	}
	return Letter{PDF: doc.Bytes(), Pages: doc.Pages(), Places: places}, nil
}

// set draws the paper on pages of its own.
func (s *setter) set() error {
	s.doc.Page()
	s.y = top
	s.head()
	s.title()
	for _, b := range s.p.Body {
		s.block(b)
	}
	s.end()
	s.flow()
	s.furnish()
	return s.err
}

// bytes counts the text of the body.
func (p Paper) bytes() (n int) {
	for _, b := range p.Body {
		n += len(b.Text) + len(b.Label)
		for _, r := range b.Rows {
			n += len(r.Label) + len(r.Value)
		}
		for _, row := range b.Cells {
			for _, c := range row {
				n += len(c)
			}
		}
	}
	return n
}

// flow puts the boxes on pages.
func (s *setter) flow() {
	fresh := false // nothing stands on the page yet
	for i, b := range s.boxes {
		if !fresh && s.y+b.gap+s.chain(i) > pageH-bottom {
			s.doc.Page()
			s.y, fresh = top, true
			if b.repeat != nil {
				b.repeat.draw(s.y)
				s.y += b.repeat.h
				fresh = false
			}
		}
		if !fresh {
			s.y += b.gap
		}
		b.draw(s.y)
		s.y += b.h
		fresh = false
	}
}

// chain is the height of a box with all that must stay on its page, unless that is more
// than a page holds: then only the box itself.
func (s *setter) chain(i int) float64 {
	h := s.boxes[i].h
	for j := i; s.boxes[j].keep && j+1 < len(s.boxes); j++ {
		h += s.boxes[j+1].gap + s.boxes[j+1].h
	}
	if h > pageH-top-bottom {
		return s.boxes[i].h
	}
	return h
}

// furnish draws what stands in the margins of every page.
// law: documents.md 3.1 — page numbers from 1, centred in the top margin, hidden on page 1.
func (s *setter) furnish() {
	for n := 1; n <= s.doc.Pages()-s.before; n++ {
		s.doc.Turn(s.before + n)
		if n > 1 {
			s.middle(ink.Regular, 13, fmt.Sprint(n), left+s.width/2, top-11)
		}
		s.doc.Grey(0.45)
		if s.p.Demo {
			s.middle(ink.Bold, 9, demoLine, left+s.width/2, pageH-12)
		}
		if code := tidy(s.p.Code); n > 1 && code != "" {
			s.doc.Text(left, pageH-8+base(8), ink.Regular, 8, fit(ink.Regular, 8, code, s.width/2), 0)
		}
		if form := fit(ink.Regular, 8, tidy(s.p.Form), s.width/2); form != "" {
			s.doc.Text(left+s.width-ink.Width(ink.Regular, 8, form), pageH-8+base(8), ink.Regular, 8, form, 0)
		}
		s.doc.Grey(0)
	}
}

const demoLine = "BẢN TRÌNH DIỄN – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"

// middle draws one line centred on x with its upper edge at y.
func (s *setter) middle(st ink.Style, size float64, text string, x, y float64) {
	s.doc.Text(x-ink.Width(st, size, text)/2, y+base(size), st, size, text, 0)
}

// reserve notes a place given in millimetres from the upper left corner of the page in hand.
func (s *setter) reserve(name string, x, y, w, h, size float64, italic bool) {
	s.places = append(s.places, Place{Name: name, Page: s.doc.Pages(),
		X: x * ink.MM, Y: (pageH - y - h) * ink.MM, W: w * ink.MM, H: h * ink.MM,
		FontSize: size, Italic: italic})
}

// reserveText notes a place for text whose line has its upper edge at y.
func (s *setter) reserveText(name string, x, y, w, size float64, italic bool) {
	below := Descent * size / ink.MM
	s.reserve(name, x, y, w, base(size)+below, size, italic)
}

// bodySize keeps to what the decree allows.
// law: documents.md 3.1 — body text 13–14.
func bodySize(size float64) float64 {
	if size >= 13 && size <= 14 {
		return size
	}
	return 13
}
