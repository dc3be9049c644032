package sandbox

import (
	"encoding/binary"
	"image"
	"image/color"
	"time"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"

	"datmui/blocks/files"
)

// What makes a scan hard to read, and how far it is looked for: a look must not keep the sender waiting.
const (
	a4Short, a4Long = 8.27, 11.69 // inches
	leastDPI        = 200         // dots per inch below which small print on A4 is lost
	darkPaper       = 110         // brightness of the paper, of 255, below which a page is dark
	inkBelow        = 48          // how much darker than the paper ink is
	leastInk        = 0.0004      // share of a page that is ink, below which it is blank
	rim             = 25          // a 25th of each side is left out: shadows of the scanner's lid

	mostChecked = 20              // pages of one file
	checkTime   = 2 * time.Second // by the clock on the wall
)

// dpiOf is how finely a picture shows a paper of so many inches.
func dpiOf(width, height int, short, long float64) int {
	return int(min(float64(min(width, height))/short, float64(max(width, height))/long))
}

// pictureFlaws are those of a picture that is taken for a page of A4.
func pictureFlaws(img image.Image, page int) []files.Flaw {
	b := img.Bounds()
	return flawsOf(img, page, dpiOf(b.Dx(), b.Dy(), a4Short, a4Long))
}

// flawsOf looks at one page: how fine, how dark, and whether anything is on it.
func flawsOf(img image.Image, page, dpi int) []files.Flaw {
	var out []files.Flaw
	if dpi < leastDPI {
		out = append(out, files.Flaw{Kind: files.Coarse, Page: page, DPI: dpi})
	}
	small := shrink(img, 400, 600)
	b := small.Bounds()
	dx, dy := b.Dx()/rim, b.Dy()/rim
	var seen [256]int
	all := 0
	for y := b.Min.Y + dy; y < b.Max.Y-dy; y++ {
		for x := b.Min.X + dx; x < b.Max.X-dx; x++ {
			seen[color.GrayModel.Convert(small.At(x, y)).(color.Gray).Y]++
			all++
		}
	}
	paper, above := 255, 0 // a tenth of the page is brighter than its paper
	for ; paper > 0; paper-- {
		if above += seen[paper]; above*10 >= all {
			break
		}
	}
	ink := 0
	for i := range max(paper-inkBelow, 0) {
		ink += seen[i]
	}
	switch {
	case paper < darkPaper:
		out = append(out, files.Flaw{Kind: files.Dark, Page: page})
	case float64(ink) < leastInk*float64(all):
		out = append(out, files.Flaw{Kind: files.Blank, Page: page})
	}
	return out
}

// flaws looks at the first pages of a PDF that are scans: a page of letters and lines is sharp at any
// size. What PDFium cannot tell of a page is no flaw of it.
func (d *pdfDoc) flaws() []files.Flaw {
	var out []files.Flaw
	for start, n := time.Now(), 0; n < min(d.pages, mostChecked) && time.Since(start) < checkTime; n++ {
		dpi, scanned := d.scanned(n)
		if !scanned {
			continue
		}
		_ = d.draw(n, 400, 600, func(img drawn) error {
			out = append(out, flawsOf(img, n+1, dpi)...)
			return nil
		})
	}
	return out
}

// tiffFlaws looks at the first pages of a TIFF.
func tiffFlaws(data []byte, order binary.ByteOrder, at []uint32) []files.Flaw {
	var out []files.Flaw
	for start, n := time.Now(), 0; n < min(len(at), mostChecked) && time.Since(start) < checkTime; n++ {
		if img, err := tiffPage(data, order, at[n]); err == nil {
			out = append(out, pictureFlaws(img, n+1)...)
		}
	}
	return out
}

// scanned says whether a page is a picture of a paper, and how fine.
func (d *pdfDoc) scanned(n int) (dpi int, is bool) {
	page := requests.Page{ByIndex: &requests.PageByIndex{Document: d.ref, Index: n}}
	size, err := d.in.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: d.ref, Index: n})
	if err != nil || size.Width <= 0 || size.Height <= 0 {
		return 0, false
	}
	count, err := d.in.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
	if err != nil {
		return 0, false
	}
	covered, largest := 0.0, 0.0
	for i := range min(count.Count, 200) {
		obj, err := d.in.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: page, Index: i})
		if err != nil {
			return 0, false
		}
		kind, err := d.in.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: obj.PageObject})
		if err != nil || kind.Type != enums.FPDF_PAGEOBJ_IMAGE {
			continue
		}
		at, err := d.in.FPDFPageObj_GetBounds(&requests.FPDFPageObj_GetBounds{PageObject: obj.PageObject})
		if err != nil {
			continue
		}
		dots, err := d.in.FPDFImageObj_GetImagePixelSize(&requests.FPDFImageObj_GetImagePixelSize{ImageObject: obj.PageObject})
		if err != nil {
			continue
		}
		w, h := float64(at.Right-at.Left)/72, float64(at.Top-at.Bottom)/72 // inches
		if w <= 0 || h <= 0 {
			continue
		}
		covered += w * h
		if w*h > largest {
			largest, dpi = w*h, dpiOf(int(dots.Width), int(dots.Height), min(w, h), max(w, h))
		}
	}
	return dpi, covered >= size.Width*size.Height/72/72/2
}
