package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"runtime/debug"
	"syscall"
)

// broken is a fault of the file.
type broken string

func (b broken) Error() string { return string(b) }

// Serve is the child: it reads one task, bounds itself, answers and is done.
func Serve(in io.Reader, out io.Writer) error {
	var t task
	data, err := readFrame(in, &t, maxInput)
	if err != nil {
		return err
	}
	cpu := uint64(maxCPU)
	if t.Do == "warm" {
		cpu = warmCPU
	}
	if err := bound(cpu); err != nil {
		return fmt.Errorf("setting limits: %w", err)
	}
	a, picture, err := do(t, data)
	if b, ok := errors.AsType[broken](err); ok {
		a, picture = answer{Broken: string(b)}, nil
	} else if err != nil {
		a, picture = answer{Fault: err.Error()}, nil
	}
	return writeFrame(out, a, picture)
}

// bound takes away what looking into one file does not need; cpu is in seconds.
func bound(cpu uint64) error {
	debug.SetMemoryLimit(maxMemory * 3 / 4) // collect before the wall is hit
	for _, l := range []struct {
		what  int
		limit uint64
	}{
		{syscall.RLIMIT_DATA, maxMemory},
		{syscall.RLIMIT_AS, maxAddress},
		{syscall.RLIMIT_CPU, cpu},
		{syscall.RLIMIT_FSIZE, maxWritten},
		{syscall.RLIMIT_NOFILE, 64},
		{syscall.RLIMIT_CORE, 0},
	} {
		if err := syscall.Setrlimit(l.what, &syscall.Rlimit{Cur: l.limit, Max: l.limit}); err != nil {
			return err
		}
	}
	return nil
}

func do(t task, data []byte) (answer, []byte, error) {
	if t.Do == "warm" {
		p, err := openPDFium(t.Cache)
		if err != nil {
			return answer{}, nil, err
		}
		return answer{}, nil, p.Close()
	}
	switch t.MIME {
	case "image/jpeg", "image/png":
		return picture(t, data)
	case "image/tiff":
		return sheets(t, data)
	case "application/pdf":
		return document(t, data)
	}
	return answer{}, nil, broken("of no type that can be looked into: " + t.MIME)
}

func picture(t task, data []byte) (answer, []byte, error) {
	img, err := decode(t.MIME, data)
	if err != nil {
		return answer{}, nil, err
	}
	a := answer{Pages: 1}
	if t.Do == "page" {
		out, err := pagePNG(img, t.Width)
		return a, out, err
	}
	a.Flaws = pictureFlaws(img, 1)
	out, err := thumbJPEG(img)
	return a, out, err
}

// pagePNG is a picture as a page of the given width.
func pagePNG(img image.Image, width int) ([]byte, error) {
	var out bytes.Buffer
	err := png.Encode(&out, shrink(img, width, 4*width))
	return out.Bytes(), err
}

func thumbJPEG(img image.Image) ([]byte, error) {
	var out bytes.Buffer
	err := jpeg.Encode(&out, shrink(img, thumbEdge, thumbEdge), &jpeg.Options{Quality: 80})
	return out.Bytes(), err
}

func document(t task, data []byte) (answer, []byte, error) {
	p, err := openPDFium(t.Cache)
	if err != nil {
		return answer{}, nil, err
	}
	defer p.Close()
	doc, err := p.open(data)
	if err != nil {
		return answer{}, nil, err
	}
	a := answer{Pages: doc.pages}
	var out bytes.Buffer
	if t.Do == "page" {
		err = doc.draw(t.Page-1, t.Width, 4*t.Width, func(img drawn) error { return png.Encode(&out, lean(img)) })
	} else {
		err = doc.draw(0, thumbEdge, thumbEdge, func(img drawn) error {
			return jpeg.Encode(&out, onWhite(img), &jpeg.Options{Quality: 80})
		})
		a.Flaws = doc.flaws()
	}
	return a, out.Bytes(), err
}
