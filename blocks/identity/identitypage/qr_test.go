package identitypage

import (
	"strconv"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
)

// The path draws exactly the dark modules of the code, four units away from the edge.
func TestQRPath(t *testing.T) {
	const text = "otpauth://totp/%C4%90%E1%BA%A5t%20M%C5%A9i:huylq?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%C4%90%E1%BA%A5t%20M%C5%A9i"
	path, size, err := qrPath(text)
	if err != nil {
		t.Fatal(err)
	}
	want, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[[2]int]bool{}
	for part := range strings.SplitSeq(strings.TrimSuffix(path, "z"), "z") {
		at, run, _ := strings.Cut(strings.TrimPrefix(part, "M"), "h")
		xs, ys, _ := strings.Cut(at, " ")
		run, _, _ = strings.Cut(run, "v")
		x, _ := strconv.Atoi(xs)
		y, _ := strconv.Atoi(ys)
		n, _ := strconv.Atoi(run)
		for i := range n {
			drawn[[2]int{x + i, y}] = true
		}
	}
	if size != want.Bounds().Dx()+8 {
		t.Errorf("size %d", size)
	}
	for y := range size {
		for x := range size {
			dark := false
			if x >= 4 && y >= 4 && x < size-4 && y < size-4 {
				r, _, _, _ := want.At(x-4, y-4).RGBA()
				dark = r == 0
			}
			if drawn[[2]int{x, y}] != dark {
				t.Fatalf("module %d,%d is wrong", x, y)
			}
		}
	}
}
