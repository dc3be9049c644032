package letters

import (
	"fmt"

	"github.com/boombuler/barcode/qr"

	"datmui/blocks/letters/ink"
)

// drawQR draws a QR code of the given side with its upper left corner at x, y, as filled
// boxes: sharp at any size and small in the file. The white rim is the caller's.
func drawQR(d *ink.Doc, text string, x, y, side float64) error {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return fmt.Errorf("making a QR code of %d bytes: %w", len(text), err)
	}
	n := code.Bounds().Dx()
	dot := side / float64(n)
	for row := range n {
		for from := 0; from < n; {
			if v, _, _, _ := code.At(from, row).RGBA(); v != 0 {
				from++
				continue
			}
			to := from
			for to < n {
				if v, _, _, _ := code.At(to, row).RGBA(); v != 0 {
					break
				}
				to++
			}
			d.Fill(x+float64(from)*dot, y+float64(row)*dot, float64(to-from)*dot, dot*1.02) // hides hairlines between rows
			from = to
		}
	}
	return nil
}
