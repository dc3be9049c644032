package sandbox

import (
	"image"
	"image/color"
	"testing"
)

// A drawing gets a palette, in which no colour is more than one step from what it was, black and white
// not even that; a photograph keeps its colours.
func TestLean(t *testing.T) {
	t.Parallel()
	few, edges, photo := image.NewRGBA(image.Rect(0, 0, 64, 64)), image.NewRGBA(image.Rect(0, 0, 64, 64)), image.NewRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			few.SetRGBA(x, y, color.RGBA{uint8(x), 20, 200, 255})
			n := (64*y + x) % 300 // from white to red, as the edge of a seal
			edges.SetRGBA(x, y, color.RGBA{uint8(255 - n/6), uint8(255 - n*4/5), uint8(255 - n*5/6), 255})
			photo.SetRGBA(x, y, color.RGBA{uint8(x * 4), uint8(y * 4), uint8(x + y), 255})
		}
	}
	black, white := color.RGBA{0, 0, 0, 255}, color.RGBA{255, 255, 255, 255}
	edges.SetRGBA(5, 5, black)
	if img, ok := lean(few).(*image.Paletted); !ok || len(img.Palette) != 64 || img.At(63, 5) != few.At(63, 5) {
		t.Errorf("64 colours: %T", lean(few))
	}
	img, ok := lean(edges).(*image.Paletted)
	if !ok || img.At(0, 0) != white || img.At(5, 5) != black {
		t.Fatalf("a seal's edge: %T", lean(edges))
	}
	for i := range img.Pix {
		x, y := i%64, i/64
		was, is := edges.RGBAAt(x, y), img.At(x, y).(color.RGBA)
		if apart(was.R, is.R) > 1 || apart(was.G, is.G) > 1 || apart(was.B, is.B) > 1 {
			t.Fatalf("%v became %v", was, is)
		}
	}
	if img := lean(photo); img != image.Image(photo) {
		t.Errorf("4096 colours: %T", img)
	}
}

func apart(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }
