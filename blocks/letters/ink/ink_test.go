package ink

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

func draw() *Doc {
	d := New()
	d.Page()
	for st := Regular; st <= BoldItalic; st++ {
		d.Text(30, 20+10*float64(st), st, 14, "Ẵẳ ợ\u0323 中 😀 (a\\b)", 1)
	}
	return d
}

func TestTextComesBackEvenWithoutAGlyph(t *testing.T) {
	cmd := exec.Command("pdftotext", "-raw", "-", "-")
	cmd.Stdin = bytes.NewReader(draw().Bytes())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if got := strings.Count(string(out), "中 😀 (a\\b)"); got != 4 {
		t.Errorf("%d of 4 lines came back: %q", got, out)
	}
}

func TestOnlyLettersInUseAreEmbedded(t *testing.T) {
	d := New()
	d.Page()
	d.Text(30, 30, Regular, 14, "Ẵ", 0)
	if n := len(d.Bytes()); n > 4000 {
		t.Errorf("one letter makes a file of %d bytes", n)
	}
}

func TestWidthIsThatOfTimes(t *testing.T) {
	// Times-Roman: A 722, space 250, a 444 thousandths of the size
	if got, want := Width(Regular, 10, "A a"), (722+250+444)/1000.*10/MM; got < want*0.999 || got > want*1.001 {
		t.Errorf("width %.4f mm, want %.4f", got, want)
	}
}

func TestFontIsRefused(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("OTTO"), bytes.Repeat([]byte{0}, 64)} {
		if _, err := parseFace(b); err == nil {
			t.Errorf("%q taken for a font", b)
		}
	}
}

func TestParallelDocsDoNotShare(t *testing.T) {
	want := draw().Bytes()
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			if !bytes.Equal(draw().Bytes(), want) {
				t.Error("other bytes")
			}
		})
	}
}

func BenchmarkPage(b *testing.B) {
	for b.Loop() {
		draw().Bytes()
	}
}
