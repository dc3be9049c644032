package identitypage

import (
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// qrPath draws a QR as one SVG path on a grid of whole units, and gives the width of the grid with
// its quiet zone. Text is what an enrolment offers, which always fits.
func qrPath(text string) (path string, size int, err error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", 0, err
	}
	const quiet = 4
	n := code.Bounds().Dx()
	var b strings.Builder
	for y := range n {
		for x := 0; x < n; x++ {
			run := 0
			for x+run < n && dark(code.At(x+run, y).RGBA()) {
				run++
			}
			if run > 0 {
				b.WriteString("M" + strconv.Itoa(x+quiet) + " " + strconv.Itoa(y+quiet) + "h" + strconv.Itoa(run) + "v1h-" + strconv.Itoa(run) + "z")
				x += run
			}
		}
	}
	return b.String(), n + 2*quiet, nil
}

func dark(r, _, _, _ uint32) bool { return r < 0x8000 }
