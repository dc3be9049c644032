package pay

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

// quiet is the white rim a reader needs, in dots.
const quiet = 4

// SVG draws a code that can be scanned from a screen; it scales without loss. title is what a
// screen reader says.
func SVG(code, title string) (string, error) {
	img, err := qr.Encode(code, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("drawing the code: %w", err)
	}
	n := img.Bounds().Dx()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" shape-rendering="crispEdges"><title>`, n+2*quiet, n+2*quiet)
	b.WriteString(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(title))
	fmt.Fprintf(&b, `</title><rect width="%d" height="%[1]d" fill="#fff"/><path fill="#000" d="`, n+2*quiet)
	for y := range n {
		for x := 0; x < n; x++ {
			from := x
			for x < n && dark(img, x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String(), nil
}

func dark(img barcode.Barcode, x, y int) bool {
	r, _, _, _ := img.At(x, y).RGBA()
	return r == 0
}

// PNG draws a code for saving and printing, dots of the given number of pixels (1 to 20).
func PNG(code string, dot int) ([]byte, error) {
	img, err := qr.Encode(code, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("drawing the code: %w", err)
	}
	dot = min(max(dot, 1), 20)
	n := img.Bounds().Dx()
	size := (n + 2*quiet) * dot
	out := image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{color.White, color.Black})
	for y := range n {
		for x := range n {
			if !dark(img, x, y) {
				continue
			}
			for i := range dot * dot {
				out.SetColorIndex((x+quiet)*dot+i%dot, (y+quiet)*dot+i/dot, 1)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, out); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
