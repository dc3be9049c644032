package sandbox

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"iter"

	xdraw "golang.org/x/image/draw"
)

// drawn is a picture that has been made.
type drawn = image.Image

// decode reads a picture whose size has been looked at first: a few hundred bytes may claim
// to be a picture of gigabytes.
func decode(mime string, data []byte) (image.Image, error) {
	config, read := jpeg.DecodeConfig, jpeg.Decode
	if mime == "image/png" {
		config, read = png.DecodeConfig, png.Decode
	}
	c, err := config(bytes.NewReader(data))
	if err != nil {
		return nil, broken(fmt.Sprintf("no picture: %v", err))
	}
	if c.Width <= 0 || c.Height <= 0 || int64(c.Width)*int64(c.Height) > maxPixels {
		return nil, broken(fmt.Sprintf("a picture of %d × %d pixels", c.Width, c.Height))
	}
	img, err := read(bytes.NewReader(data))
	if err != nil {
		return nil, broken(fmt.Sprintf("no picture: %v", err))
	}
	if mime == "image/jpeg" {
		img = upright(img, orientation(data))
	}
	return img, nil
}

// shrink returns the picture fitted into a box, on white; it never enlarges.
func shrink(img image.Image, width, height int) image.Image {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if w > width {
		w, h = width, max(1, h*width/w)
	}
	if h > height {
		w, h = max(1, w*height/h), height
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	xdraw.ApproxBiLinear.Scale(out, out.Bounds(), img, b, xdraw.Over, nil)
	return out
}

func onWhite(img image.Image) image.Image {
	return shrink(img, img.Bounds().Dx(), img.Bounds().Dy())
}

// orientation reads from a JPEG how the camera was held: 1 to 8, 1 when it does not say.
func orientation(data []byte) int {
	for at := 2; at+4 <= len(data) && data[at] == 0xFF; {
		marker, size := data[at+1], int(data[at+2])<<8|int(data[at+3])
		if marker == 0xDA || size < 2 || at+2+size > len(data) {
			break
		}
		if seg := data[at+4 : at+2+size]; marker == 0xE1 && bytes.HasPrefix(seg, []byte("Exif\x00\x00")) {
			return exif(seg[6:])
		}
		at += 2 + size
	}
	return 1
}

// exif looks for tag 0x0112 in the first directory of a TIFF header.
func exif(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	little := t[0] == 'I'
	u16 := func(i int) int {
		if i < 0 || i+2 > len(t) {
			return 0
		}
		if little {
			return int(t[i]) | int(t[i+1])<<8
		}
		return int(t[i])<<8 | int(t[i+1])
	}
	at := u16(4) | u16(6)<<16
	if !little {
		at = u16(4)<<16 | u16(6)
	}
	for i := range u16(at) {
		if e := at + 2 + 12*i; u16(e) == 0x0112 {
			if o := u16(e + 8); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
	}
	return 1
}

// upright turns a picture as its orientation asks.
func upright(img image.Image, o int) image.Image {
	if o == 1 {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if o >= 5 {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sx, sy := x, y
			switch o {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, w-1-x
			case 7:
				sx, sy = h-1-y, w-1-x
			case 8:
				sx, sy = h-1-y, x
			}
			out.Set(x, y, img.At(b.Min.X+sx, b.Min.Y+sy))
		}
	}
	return out
}

// A drawing has at most so many colours; a photograph has more.
const drawnColours = 1024

// lean is the same picture with a palette, which as a PNG is a fraction, where it is a drawing: text,
// lines, a seal. Of one with more colours than a palette has, the edges of a round seal, those that
// differ by one step of 255 become one; if they are still too many it stays as it is.
func lean(img image.Image) image.Image {
	full, ok := img.(*image.RGBA)
	if !ok {
		return img
	}
	colours := map[color.RGBA]color.RGBA{}
	var last color.RGBA
	for p := range pixels(full) {
		if p != last || len(colours) == 0 { // most pixels are like the one before
			if colours[p], last = p, p; len(colours) > drawnColours {
				return img
			}
		}
	}
	if len(colours) > 256 {
		for c := range colours {
			colours[c] = color.RGBA{step(c.R), step(c.G), step(c.B), c.A}
		}
	}
	small, palette := image.NewPaletted(full.Rect, nil), map[color.RGBA]uint8{}
	i, at := 0, uint8(0)
	for p := range pixels(full) {
		if p != last || i == 0 {
			c, seen := colours[p], false
			if at, seen = palette[c]; !seen {
				if len(palette) == 256 {
					return img
				}
				at = uint8(len(palette))
				palette[c], small.Palette = at, append(small.Palette, c)
			}
			last = p
		}
		small.Pix[i] = at
		i++
	}
	return small
}

// step rounds a channel to every second value, and so by one at most; black and white stay.
func step(v uint8) uint8 { return uint8((int(v)*127 + 127) / 255 * 255 / 127) }

// pixels yields the pixels line by line.
func pixels(img *image.RGBA) iter.Seq[color.RGBA] {
	return func(yield func(color.RGBA) bool) {
		for y := range img.Rect.Dy() {
			line := img.Pix[y*img.Stride:]
			for x := range img.Rect.Dx() {
				if p := line[4*x : 4*x+4 : 4*x+4]; !yield(color.RGBA{p[0], p[1], p[2], p[3]}) {
					return
				}
			}
		}
	}
}
