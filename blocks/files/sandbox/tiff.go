package sandbox

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"slices"

	"golang.org/x/image/tiff"
)

// tiffPages finds where the directory of each page of a TIFF begins, one pointing to the next.
func tiffPages(data []byte) (binary.ByteOrder, []uint32, error) {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(data) < 8:
		return nil, nil, broken("no TIFF: too short")
	case bytes.HasPrefix(data, []byte("II*\x00")):
	case bytes.HasPrefix(data, []byte("MM\x00*")):
		order = binary.BigEndian
	default:
		return nil, nil, broken("no TIFF")
	}
	var at []uint32
	for next := order.Uint32(data[4:]); next != 0; {
		if slices.Contains(at, next) || len(at) >= maxTIFF {
			return nil, nil, broken("a TIFF whose pages do not end")
		}
		at = append(at, next)
		if uint64(next)+2 > uint64(len(data)) {
			return nil, nil, broken("a TIFF that points outside of itself")
		}
		end := uint64(next) + 2 + 12*uint64(order.Uint16(data[next:]))
		if end+4 > uint64(len(data)) {
			return nil, nil, broken("a TIFF that points outside of itself")
		}
		next = order.Uint32(data[end:])
	}
	if len(at) == 0 {
		return nil, nil, broken("a TIFF without a page")
	}
	return order, at, nil
}

// tiffPage decodes a page, from 0. The decoder reads the first one: the header is made to point to ours.
func tiffPage(data []byte, order binary.ByteOrder, at uint32) (image.Image, error) {
	order.PutUint32(data[4:], at)
	c, err := tiff.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, broken(fmt.Sprintf("no TIFF: %v", err))
	}
	if c.Width <= 0 || c.Height <= 0 || int64(c.Width)*int64(c.Height) > maxPixels {
		return nil, broken(fmt.Sprintf("a picture of %d × %d pixels", c.Width, c.Height))
	}
	img, err := tiff.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, broken(fmt.Sprintf("no TIFF: %v", err))
	}
	return img, nil
}

// sheets answers for a TIFF, each of whose pages is a picture.
func sheets(t task, data []byte) (answer, []byte, error) {
	order, at, err := tiffPages(data)
	if err != nil {
		return answer{}, nil, err
	}
	a := answer{Pages: len(at)}
	if t.Do == "page" {
		if t.Page < 1 || t.Page > len(at) {
			return answer{}, nil, broken(fmt.Sprintf("no page %d", t.Page))
		}
		img, err := tiffPage(data, order, at[t.Page-1])
		if err != nil {
			return answer{}, nil, err
		}
		out, err := pagePNG(img, t.Width)
		return a, out, err
	}
	first, err := tiffPage(data, order, at[0])
	if err != nil {
		return answer{}, nil, err
	}
	thumb, err := thumbJPEG(first)
	if err != nil {
		return answer{}, nil, err
	}
	a.Flaws = tiffFlaws(data, order, at)
	return a, thumb, nil
}
