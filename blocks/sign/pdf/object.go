package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
)

// Object is nil, bool, int, float64, Name, String, Array, Dict, *Stream, Ref or Raw.
type Object any

// Name is a PDF name without its slash, with #xx undone.
type Name string

// String holds the bytes of a PDF string.
type String string

// Ref points to an indirect object.
type Ref struct{ Num, Gen int }

// Array is a PDF array.
type Array []Object

// Dict is a PDF dictionary.
type Dict map[Name]Object

// Raw is written as it is; reading never makes one.
type Raw []byte

// Stream is a dictionary with data. One that was read keeps only where its data begin,
// since their length may hang on the revision looked at: see View.Data.
type Stream struct {
	Dict  Dict
	start int    // offset of the data in the file; 0 for a new stream
	raw   []byte // data of a new stream, as stored
}

// ErrLimit says that a file asks for more than reading it may cost.
var ErrLimit = errors.New("pdf: the file exceeds a limit")

// ErrSyntax says that bytes are not PDF.
var ErrSyntax = errors.New("pdf: syntax")

func syntax(pos int, what string) error { return fmt.Errorf("%w: %s at %d", ErrSyntax, what, pos) }

// Text makes a text string: plain where ASCII suffices, else UTF-16 with its mark.
func Text(s string) String {
	ascii := true
	for _, r := range s {
		ascii = ascii && r >= ' ' && r < 127
	}
	if ascii {
		return String(s)
	}
	out := []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u>>8), byte(u))
	}
	return String(out)
}

// Decode reads a text string back.
func (s String) Decode() string {
	b := []byte(s)
	switch {
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		var u []uint16
		for i := 2; i+1 < len(b); i += 2 {
			u = append(u, uint16(b[i])<<8|uint16(b[i+1]))
		}
		return string(utf16.Decode(u))
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		return string(bytes.ToValidUTF8(b[3:], []byte("\uFFFD")))
	}
	out := make([]rune, len(b)) // PDFDocEncoding, whose letters are those of Latin-1
	for i, c := range b {
		out[i] = rune(c)
	}
	return string(out)
}

// Write appends an object as PDF; dictionaries come in the order of their keys, so that the
// same object gives the same bytes.
func Write(b []byte, o Object) []byte {
	switch o := o.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, o)
	case int:
		return strconv.AppendInt(b, int64(o), 10)
	case float64:
		return appendReal(b, o)
	case Name:
		return appendName(b, o)
	case String:
		return appendString(b, o)
	case Ref:
		b = strconv.AppendInt(b, int64(o.Num), 10)
		b = append(b, ' ')
		b = strconv.AppendInt(b, int64(o.Gen), 10)
		return append(b, " R"...)
	case Raw:
		return append(b, o...)
	case Array:
		b = append(b, '[')
		for i, v := range o {
			if i > 0 {
				b = append(b, ' ')
			}
			b = Write(b, v)
		}
		return append(b, ']')
	case Dict:
		b = append(b, "<<"...)
		var few [24]Name // most dictionaries have fewer keys: nothing to allocate
		names := few[:0]
		for k := range o {
			names = append(names, k)
		}
		slices.Sort(names)
		for _, k := range names {
			b = appendName(b, k)
			b = append(b, ' ')
			b = Write(b, o[k])
		}
		return append(b, ">>"...)
	case *Stream:
		d := maps.Clone(o.Dict)
		if d == nil {
			d = Dict{}
		}
		d["Length"] = len(o.raw)
		b = Write(b, d)
		b = append(b, "\nstream\n"...)
		b = append(b, o.raw...)
		return append(b, "\nendstream"...)
	}
	panic(fmt.Sprintf("pdf: cannot write %T", o))
}

func appendReal(b []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) || math.Abs(v) < 0.00005 {
		v = 0 // never "-0", which reads as a whole number
	}
	b = strconv.AppendFloat(b, v, 'f', 4, 64)
	b = bytes.TrimRight(b, "0")
	return bytes.TrimSuffix(b, []byte("."))
}

func appendName(b []byte, n Name) []byte {
	b = append(b, '/')
	for i := range len(n) {
		if c := n[i]; c <= ' ' || c > '~' || c == '#' || delimiter(c) {
			b = fmt.Appendf(b, "#%02X", c)
		} else {
			b = append(b, c)
		}
	}
	return b
}

func appendString(b []byte, s String) []byte {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return fmt.Appendf(b, "<%X>", string(s))
		}
	}
	b = append(b, '(')
	for i := range len(s) {
		if s[i] == '(' || s[i] == ')' || s[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return append(b, ')')
}

// Equal compares two direct objects; references must be the same. Streams are never equal
// here: their data belong to a View.
func Equal(a, b Object) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case Array:
		bb, ok := b.(Array)
		return ok && slices.EqualFunc(a, bb, func(x, y Object) bool { return Equal(x, y) })
	case Dict:
		bb, ok := b.(Dict)
		return ok && maps.EqualFunc(a, bb, func(x, y Object) bool { return Equal(x, y) })
	case *Stream:
		return false
	case Raw:
		return false
	}
	switch b.(type) {
	case Array, Dict, *Stream, Raw:
		return false
	}
	return a == b
}

// Number reads an int or a real.
func Number(o Object) (float64, bool) {
	switch o := o.(type) {
	case int:
		return float64(o), true
	case float64:
		return o, true
	}
	return 0, false
}
