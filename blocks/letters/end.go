package letters

import (
	"cmp"
	"math"

	"datmui/blocks/letters/ink"
)

// Room for a signature, in millimetres. The picture stands in the middle of it.
const (
	signW, signH = 50.0, 24.0
	sealMM       = 36.0 // when the paper does not say how large the body's seal is
	qrSide       = 22.0
)

// end adds recipients, signers and the QR code as one box that takes at least two lines of
// the body along, so that no signature stands alone on a page.
// law: documents.md 3.2 — cells 7a, 7b, 7c, 8, 9b.
func (s *setter) end() {
	p := s.p
	onLeft := len(p.Recipients) > 0 || p.VerifyURL != "" || p.Code != ""
	if p.Signer.empty() && p.CoSigner.empty() && !onLeft {
		return
	}
	for i := max(0, len(s.boxes)-2); i < len(s.boxes); i++ {
		s.boxes[i].keep = true
	}
	beside := func(y float64, draw bool) float64 {
		h := s.signer(p.CoSigner, leftCol, leftWidth, y, draw)
		if h > 0 {
			h += 3
		}
		return h + s.aside(y+h, draw)
	}
	h := math.Max(s.signer(p.Signer, rightCol, rightWidth, 0, false), beside(0, false))
	s.boxes = append(s.boxes, box{h: h, gap: 5, draw: func(y float64) {
		s.signer(p.Signer, rightCol, rightWidth, y, true)
		beside(y, true)
	}})
}

// signer draws one signer in a column from y, or only measures; it returns the height.
func (s *setter) signer(sg Signer, x, width, y float64, draw bool) float64 {
	if sg.empty() {
		return 0
	}
	from := y
	put := func(st ink.Style, size float64, text string) {
		for _, l := range bound(st, size, text, width) {
			if draw {
				s.drawLine(l, x+(width-l.width)/2, y, 0, size, false)
			}
			y += ink.LineHeight(size)
		}
	}
	for _, a := range append(append([]string(nil), sg.Authority...), sg.Position) {
		if a = upper(a); a != "" {
			put(ink.Bold, 13, a)
		}
	}
	if hint := tidy(sg.Hint); hint != "" {
		put(ink.Italic, 11, "("+hint+")")
	}
	seal := cmp.Or(s.p.SealMM, sealMM)
	mid := x + width/2
	own := x == rightCol // places belong to the body's own signer
	if sg.SealOnly {
		if draw && own {
			s.reserve(PlaceSeal, mid-seal/2, y+1, seal, seal, 0, false) // below the hint, which stays legible
		}
		y += seal + 2
	} else {
		if draw && own {
			s.reserve(PlaceSignature, mid-signW/2, y+1, signW, signH, 0, false)
			// the seal covers about a third of the signature from its left
			s.reserve(PlaceSeal, mid-signW/2+signW/3-seal, y+1+signH/2-seal/2, seal, seal, 0, false)
		}
		if y += signH + 2; !own {
			y -= 6 // a pen needs less room than a picture
		}
	}
	if name := tidy(sg.Name); name != "" {
		put(ink.Bold, 13, name)
	}
	return y - from
}

// aside draws recipients and below them the QR code with its caption in the left column,
// or only measures; it returns the height.
func (s *setter) aside(y float64, draw bool) float64 {
	const width = leftWidth
	from := y
	put := func(st ink.Style, size, x, w float64, text string) {
		for _, l := range wrap([]span{{st, text}}, size, w, w) {
			if draw {
				s.drawLine(l, x, y, 0, size, false)
			}
			y += ink.LineHeight(size)
		}
	}
	if len(s.p.Recipients) > 0 {
		put(ink.BoldItalic, 12, left, width, "Nơi nhận:")
		for i, r := range s.p.Recipients {
			end := ";"
			if i == len(s.p.Recipients)-1 {
				end = "."
			}
			put(ink.Regular, 11, left, width, "- "+tidy(r)+end)
		}
		y += 3
	}
	if s.p.VerifyURL == "" && s.p.Code == "" {
		return y - from
	}
	codeTop, x := y, left
	if s.p.VerifyURL != "" {
		if draw {
			if err := drawQR(s.doc, s.p.VerifyURL, left, y+1, qrSide); err != nil {
				s.err = err
			}
		}
		x += qrSide + 3
	}
	w := left + width - x
	if code := tidy(s.p.Code); code != "" {
		put(ink.Regular, 9, x, w, cmp.Or(tidy(s.p.CodeLabel), "Mã hồ sơ")+":")
		put(ink.Bold, 9.5, x, w, code)
	}
	if url := tidy(s.p.VerifyURL); url != "" {
		put(ink.Regular, 8.5, x, w, "Quét mã để kiểm tra giấy này, hoặc mở:")
		put(ink.Regular, 8.5, x, w, url)
		y = math.Max(y, codeTop+qrSide+2)
	}
	return y - from
}
