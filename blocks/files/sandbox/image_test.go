package sandbox

import (
	"image"
	"image/color"
	"testing"
)

// A drawing gets a palette, black and white as they were; a photograph keeps its colours.
func TestLean(t *testing.T) {
	t.Parallel()
	few, edges, photo := image.NewRGBA(image.Rect(0, 0, 64, 64)), image.NewRGBA(image.Rect(0, 0, 64, 64)), image.NewRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			few.SetRGBA(x, y, color.RGBA{uint8(x), 20, 200, 255})
			edges.SetRGBA(x, y, color.RGBA{uint8(x * 4), uint8(y / 8), 0, 255})
			photo.SetRGBA(x, y, color.RGBA{uint8(x * 4), uint8(y * 4), uint8(x + y), 255})
		}
	}
	white := color.RGBA{255, 255, 255, 255}
	edges.SetRGBA(0, 0, white)
	if img, ok := lean(few).(*image.Paletted); !ok || len(img.Palette) != 64 || img.At(63, 5) != few.At(63, 5) {
		t.Errorf("64 colours: %T", lean(few))
	}
	if img, ok := lean(edges).(*image.Paletted); !ok || len(img.Palette) != 65 || img.At(0, 0) != white || img.At(0, 1) != (color.RGBA{0, 0, 0, 255}) {
		t.Errorf("512 colours: %T", lean(edges))
	}
	if img := lean(photo); img != image.Image(photo) {
		t.Errorf("4096 colours: %T", img)
	}
}
