package sandbox

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/image/tiff"

	"datmui/blocks/files"
)

// The test binary is its own child.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 {
		switch os.Args[1] {
		case "sandbox":
			if err := Serve(os.Stdin, os.Stdout); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		case "hog":
			if err := bound(maxCPU); err != nil {
				panic(err)
			}
			var all [][]byte
			for range 64 { // 2 GiB in all
				b := make([]byte, 32<<20)
				for i := 0; i < len(b); i += 4096 {
					b[i] = 1
				}
				all = append(all, b)
			}
			writeFrame(os.Stdout, answer{Pages: len(all)}, nil)
			os.Exit(0)
		case "spin":
			if err := bound(1); err != nil {
				panic(err)
			}
			for {
			}
		case "sleep":
			time.Sleep(time.Hour)
		case "env":
			writeFrame(os.Stdout, answer{Fault: strings.Join(os.Environ(), " ")}, nil)
			os.Exit(0)
		case "babble":
			io.Copy(os.Stdout, strings.NewReader(strings.Repeat("x", maxOutput+1<<20)))
			os.Exit(0)
		case "lie":
			os.Stdout.Write([]byte{0, 0, 0, 2, 0x7f, 0xff, 0xff, 0xff, '{', '}'})
			os.Exit(0)
		}
	}
	status := m.Run()
	os.RemoveAll(cache)
	os.Exit(status)
}

// cache is kept from test to test: compiling PDFium takes seconds.
var cache = func() string {
	dir, err := os.MkdirTemp("", "sandbox-cache-*")
	if err != nil {
		panic(err)
	}
	return dir
}()

func child(t *testing.T, mode string) *Sandbox {
	t.Helper()
	if mode == "sandbox" {
		if err := warm(); err != nil {
			t.Fatal(err)
		}
	}
	s, err := New(Config{Args: []string{mode}, Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// warm compiles PDFium once for all tests.
var warm = sync.OnceValue(func() error {
	s, err := New(Config{Cache: cache})
	if err != nil {
		return err
	}
	return s.Warm(context.Background())
})

func photo(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), 90, 255})
		}
	}
	return img
}

func pngOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pdfOf makes a PDF of so many pages with the given content on each.
func pdfOf(pages int, content []byte, dict string) []byte {
	var b bytes.Buffer
	var at []int
	obj := func(s string) { at = append(at, b.Len()); fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), s) }
	b.WriteString("%PDF-1.7\n")
	obj("<</Type/Catalog/Pages 2 0 R>>")
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 4+i)
	}
	obj(fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", pages, kids))
	obj(fmt.Sprintf("<</Length %d%s>>\nstream\n%s\nendstream", len(content), dict, content))
	for range pages {
		obj("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R>>")
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}

// bomb is zeros of the given size, deflated so many times over.
func bomb(t *testing.T, size int64, layers int) []byte {
	t.Helper()
	var r io.Reader = io.LimitReader(zeros{}, size)
	var out bytes.Buffer
	for range layers {
		out = bytes.Buffer{}
		w, err := zlib.NewWriterLevel(&out, zlib.BestSpeed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, r); err != nil {
			t.Fatal(err)
		}
		w.Close()
		r = bytes.NewReader(bytes.Clone(out.Bytes()))
	}
	return out.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// giantPNG claims to be w × h pixels and brings next to nothing.
func giantPNG(w, h uint32) []byte {
	head := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	head = append(binary.BigEndian.AppendUint32(head, h), 8, 6, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

func TestPictures(t *testing.T) {
	t.Parallel()
	s := child(t, "sandbox")
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, photo(1000, 500), nil); err != nil {
		t.Fatal(err)
	}
	for mime, data := range map[string][]byte{"image/png": pngOf(t, photo(1000, 500)), "image/jpeg": jpg.Bytes()} {
		look, err := s.Look(t.Context(), mime, bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		thumb, err := jpeg.Decode(bytes.NewReader(look.Thumb))
		if err != nil || thumb.Bounds().Dx() != 320 || thumb.Bounds().Dy() != 160 || look.Pages != 1 {
			t.Errorf("%s: %v pages, thumbnail %v, %v", mime, look.Pages, thumb, err)
		}
		page, err := s.Page(t.Context(), mime, bytes.NewReader(data), 1, 500)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := png.DecodeConfig(bytes.NewReader(page)); err != nil || c.Width != 500 || c.Height != 250 {
			t.Errorf("%s: page %v %v", mime, c, err)
		}
	}
}

func TestPDF(t *testing.T) {
	t.Parallel()
	s := child(t, "sandbox")
	data := pdfOf(3, []byte("0.2 0.4 0.8 rg 0 421 595 421 re f"), "")
	look, err := s.Look(t.Context(), "application/pdf", bytes.NewReader(data))
	if err != nil || look.Pages != 3 || len(look.Thumb) == 0 {
		t.Fatalf("%d pages, thumbnail of %d bytes, %v", look.Pages, len(look.Thumb), err)
	}
	out, err := s.Page(t.Context(), "application/pdf", bytes.NewReader(data), 2, 595)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(out))
	if err != nil || img.Bounds().Dx() != 595 {
		t.Fatalf("%v %v", img.Bounds(), err)
	}
	if r, g, b, _ := img.At(300, 100).RGBA(); r>>8 != 51 || g>>8 != 102 || b>>8 != 204 {
		t.Errorf("the upper half is %d %d %d, want the blue that was drawn", r>>8, g>>8, b>>8)
	}
	if _, err := s.Page(t.Context(), "application/pdf", bytes.NewReader(data), 4, 595); !errors.Is(err, files.ErrBroken) {
		t.Errorf("page 4 of 3: %v", err)
	}
}

// What is built to do harm is called broken, and this process feels nothing of it.
func TestBombs(t *testing.T) {
	t.Parallel()
	s := child(t, "sandbox")
	many := pdfOf(1, nil, "")
	for name, tt := range map[string]struct {
		mime string
		data []byte
		fine bool // may as well be taken, if it is taken in bounds
	}{
		"a PNG of 3.6 gigapixels":        {"image/png", giantPNG(60000, 60000), false},
		"a PNG of 16 exapixels":          {"image/png", giantPNG(1<<31-1, 1<<31-1), false},
		"a PNG cut short":                {"image/png", pngOf(t, photo(300, 300))[:500], false},
		"a JPEG that is none":            {"image/jpeg", []byte("\xff\xd8\xff\xe0 nonsense"), false},
		"a PDF that is none":             {"application/pdf", []byte("%PDF-1.7 nonsense"), false},
		"a PDF that unpacks to 450 MB":   {"application/pdf", pdfOf(1, bomb(t, 450<<20, 1), "/Filter/FlateDecode"), true},
		"a PDF packed twice over":        {"application/pdf", pdfOf(1, bomb(t, 450<<20, 2), "/Filter[/FlateDecode/FlateDecode]"), true},
		"a PDF that counts 2e9 pages":    {"application/pdf", bytes.Replace(many, []byte("/Count 1/"), []byte("/Count 2000000000/"), 1), true},
		"a PDF whose drawing never ends": {"application/pdf", pdfOf(1, []byte(strings.Repeat("0 0 595 842 re f\n0 0 m 595 842 l S\n", 60_000)), ""), true},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
			defer cancel()
			_, err := s.Look(ctx, tt.mime, bytes.NewReader(tt.data))
			if err == nil && tt.fine {
				return
			}
			if !errors.Is(err, files.ErrBroken) {
				t.Errorf("%v, want it called broken", err)
			}
		})
	}
}

func TestChildIsBounded(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"hog", "spin", "babble"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			_, err := child(t, mode).Look(t.Context(), "image/png", bytes.NewReader(nil))
			if !errors.Is(err, files.ErrBroken) {
				t.Errorf("%v, want the child stopped and the file called broken", err)
			}
		})
	}
	slow := child(t, "sleep")
	slow.time = 200 * time.Millisecond
	if _, err := slow.Look(t.Context(), "image/png", bytes.NewReader(nil)); err == nil || errors.Is(err, files.ErrBroken) {
		t.Errorf("a child that sleeps: %v", err)
	}
	if _, err := child(t, "lie").Look(t.Context(), "image/png", bytes.NewReader(nil)); err == nil || errors.Is(err, files.ErrBroken) {
		t.Errorf("an answer that lies about its length: %v", err)
	}
}

func TestChildKnowsNoSecret(t *testing.T) {
	t.Setenv("DATMUI_DATABASE_URL", "postgres://secret")
	_, err := child(t, "env").Look(t.Context(), "image/png", bytes.NewReader(nil))
	if err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "PATH") {
		t.Errorf("the child's environment: %v", err)
	}
}

func TestWhoLeavesIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := child(t, "sleep").Look(ctx, "image/png", bytes.NewReader(nil))
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, files.ErrBroken) {
		t.Errorf("%v, want the caller's own end", err)
	}
}

func TestNoProgramIsNoFaultOfTheFile(t *testing.T) {
	t.Parallel()
	s, err := New(Config{Exe: "/nonexistent"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Look(t.Context(), "image/png", bytes.NewReader(nil)); err == nil || errors.Is(err, files.ErrBroken) {
		t.Errorf("%v", err)
	}
}

func TestUprightUndoesEveryOrientation(t *testing.T) {
	src := image.NewRGBA(image.Rect(0, 0, 2, 1)) // red, then blue
	src.Set(0, 0, color.RGBA{255, 0, 0, 255})
	src.Set(1, 0, color.RGBA{0, 0, 255, 255})
	red := func(img image.Image, x, y int) bool { r, _, _, _ := img.At(x, y).RGBA(); return r > 0 }
	for o, at := range map[int]image.Point{1: {0, 0}, 2: {1, 0}, 3: {1, 0}, 4: {0, 0}, 5: {0, 0}, 6: {0, 0}, 7: {0, 1}, 8: {0, 1}} {
		got := upright(src, o)
		if tall := got.Bounds().Dy() == 2; tall != (o >= 5) || !red(got, at.X, at.Y) {
			t.Errorf("orientation %d: %v", o, got.Bounds())
		}
	}
	data := []byte("\xff\xd8\xff\xe1\x00\x22Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00\xff\xd9")
	if got := orientation(data); got != 6 {
		t.Errorf("orientation %d, want 6", got)
	}
}

func FuzzFrame(f *testing.F) {
	var b bytes.Buffer
	writeFrame(&b, task{Do: "look"}, []byte("body"))
	f.Add(b.Bytes())
	f.Add([]byte{0, 0, 0, 0, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, data []byte) {
		var got task
		if body, err := readFrame(bytes.NewReader(data), &got, 1<<20); err == nil && len(body) > len(data) {
			t.Errorf("%d bytes of %d", len(body), len(data))
		}
	})
}

func FuzzOrientation(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x22Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00*\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if o := orientation(data); o < 1 || o > 8 {
			t.Error(o)
		}
	})
}

// scanned is a scanned page: white paper with lines of ink, if any.
func scanned(w, h int, paper uint8, lines int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = paper
	}
	for l := range lines {
		for y := h/8 + l*h/40; y < h/8+l*h/40+h/150; y++ {
			for x := w / 8; x < w*7/8; x++ {
				if x/3%2 == 0 {
					img.SetGray(x, y, color.Gray{Y: 20})
				}
			}
		}
	}
	return img
}

// pdfOfScans makes a PDF whose pages are pictures that fill A4.
func pdfOfScans(pages ...*image.Gray) []byte {
	var b bytes.Buffer
	var at []int
	obj := func(s string) { at = append(at, b.Len()); fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), s) }
	b.WriteString("%PDF-1.7\n")
	obj("<</Type/Catalog/Pages 2 0 R>>")
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 3+3*i)
	}
	obj(fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(pages), kids))
	for i, img := range pages {
		obj(fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</XObject<</I %d 0 R>>>>>>", 4+3*i, 5+3*i))
		const content = "q 595 0 0 842 0 0 cm /I Do Q"
		obj(fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(content), content))
		size := img.Bounds().Size()
		obj(fmt.Sprintf("<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8/Length %d>>\nstream\n%s\nendstream", size.X, size.Y, len(img.Pix), img.Pix))
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}

// tiffOf puts pictures behind each other in one TIFF, packed as the library packs them: the directory
// of each points to the next, and all its offsets move along.
func tiffOf(t *testing.T, pages ...image.Image) []byte {
	t.Helper()
	out := []byte("II*\x00\x00\x00\x00\x00")
	link := 4 // where the offset of the next directory is written
	le := binary.LittleEndian
	for _, img := range pages {
		var b bytes.Buffer
		if err := tiff.Encode(&b, img, &tiff.Options{Compression: tiff.Deflate}); err != nil {
			t.Fatal(err)
		}
		one, base := b.Bytes(), uint32(len(out))
		dir := le.Uint32(one[4:])
		n := int(le.Uint16(one[dir:]))
		for i := range n {
			e := one[int(dir)+2+12*i:]
			size := map[uint16]uint32{1: 1, 2: 1, 3: 2, 4: 4, 5: 8}[le.Uint16(e[2:])] * le.Uint32(e[4:])
			if tag := le.Uint16(e); size > 4 || tag == 273 { // an offset, or the strip itself
				le.PutUint32(e[8:], le.Uint32(e[8:])+base)
			}
		}
		le.PutUint32(out[link:], dir+base)
		link = int(base) + int(dir) + 2 + 12*n
		out = append(out, one...)
	}
	return out
}

// Scans are counted page by page, drawn, and what is hard to read is named: too few dots, a page with
// nothing on it, a dark one. Letters and lines are sharp at any size, so a PDF of text has no flaws.
func TestScans(t *testing.T) {
	t.Parallel()
	s := child(t, "sandbox")
	good, small := scanned(1700, 2400, 240, 20), scanned(800, 1130, 240, 20)
	blank, dark := scanned(1700, 2400, 240, 0), scanned(1700, 2400, 70, 20)
	flaw := func(page int, kind string, dpi int) files.Flaw { return files.Flaw{Page: page, Kind: kind, DPI: dpi} }
	for name, tt := range map[string]struct {
		mime  string
		data  []byte
		pages int
		want  []files.Flaw
	}{
		"a good scan":         {"image/png", pngOf(t, good), 1, nil},
		"too small":           {"image/png", pngOf(t, small), 1, []files.Flaw{flaw(1, files.Coarse, 96)}},
		"lying":               {"image/png", pngOf(t, scanned(2400, 1700, 240, 20)), 1, nil},
		"blank":               {"image/png", pngOf(t, blank), 1, []files.Flaw{flaw(1, files.Blank, 0)}},
		"dark":                {"image/png", pngOf(t, dark), 1, []files.Flaw{flaw(1, files.Dark, 0)}},
		"a PDF of scans":      {"application/pdf", pdfOfScans(good, small, blank, dark), 4, []files.Flaw{flaw(2, files.Coarse, 96), flaw(3, files.Blank, 0), flaw(4, files.Dark, 0)}},
		"a PDF of text":       {"application/pdf", pdfOf(3, []byte("0 0 10 10 re f"), ""), 3, nil},
		"a TIFF of two pages": {"image/tiff", tiffOf(t, good, blank), 2, []files.Flaw{flaw(2, files.Blank, 0)}},
	} {
		look, err := s.Look(t.Context(), tt.mime, bytes.NewReader(tt.data))
		if err != nil || look.Pages != tt.pages || !slices.Equal(look.Flaws, tt.want) || !bytes.HasPrefix(look.Thumb, []byte("\xff\xd8")) {
			t.Errorf("%s: %d pages, flaws %+v, %v; want %d and %+v", name, look.Pages, look.Flaws, err, tt.pages, tt.want)
		}
	}
	two := tiffOf(t, scanned(400, 500, 240, 5), scanned(300, 700, 240, 5))
	for n, want := range map[int]image.Point{1: {400, 500}, 2: {300, 700}} {
		page, err := s.Page(t.Context(), "image/tiff", bytes.NewReader(two), n, 1240)
		if err != nil {
			t.Fatal(err)
		}
		if img, err := png.Decode(bytes.NewReader(page)); err != nil || img.Bounds().Size() != want {
			t.Errorf("page %d: %v, %v", n, img.Bounds(), err)
		}
	}
	if _, err := s.Page(t.Context(), "image/tiff", bytes.NewReader(two), 3, 1240); !errors.Is(err, files.ErrBroken) {
		t.Errorf("a page that is not there: %v", err)
	}
	loop := bytes.Clone(two)
	first := binary.LittleEndian.Uint32(loop[4:])
	binary.LittleEndian.PutUint32(loop[int(first)+2+12*int(binary.LittleEndian.Uint16(loop[first:])):], first)
	if _, err := s.Look(t.Context(), "image/tiff", bytes.NewReader(loop)); !errors.Is(err, files.ErrBroken) {
		t.Errorf("a TIFF that bites its tail: %v", err)
	}
}

func FuzzTIFFPages(f *testing.F) {
	f.Add([]byte("II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\x00\x01aaaabbbbcccc\x00\x00\x00\x00"))
	f.Add([]byte("II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, at, err := tiffPages(data)
		if err == nil && (len(at) == 0 || len(at) > maxTIFF) {
			t.Errorf("%d pages", len(at))
		}
		for _, a := range at {
			if int(a) >= len(data) {
				t.Errorf("a page at %d of %d bytes", a, len(data))
			}
		}
	})
}
