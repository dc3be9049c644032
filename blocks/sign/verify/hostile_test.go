package verify_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"datmui/blocks/sign/verify"
)

// hostile makes a small file around an object 4 that the form refers to.
func hostile(object string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var at []int
	for i, o := range []string{"<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R>>", object} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	x := b.Len()
	b.WriteString("xref\n0 5\n0000000000 65535 f \n")
	for _, off := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", off)
	}
	fmt.Fprintf(&b, "trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", x)
	return b.Bytes()
}

func packed(n int) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	io.CopyN(w, zeros{}, int64(n))
	w.Close()
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func xrefStream(filter string, data []byte) []byte {
	return fmt.Appendf(nil, "%%PDF-1.7\n1 0 obj\n<</Type/XRef/W[1 2 1]/Size 99999999/Root 1 0 R/Filter%s/Length %d>>\nstream\n%s\nendstream\nendobj\nstartxref\n9\n%%%%EOF",
		filter, len(data), data)
}

// TestHostile asks for an answer to files made to cost much. The time allowed is long: what
// answers are the limits on work and memory, not the watchdog.
func TestHostile(t *testing.T) {
	const n = 3_000_000
	for name, tt := range map[string]struct {
		data []byte
		want verify.Verdict
		why  verify.Code
	}{
		"empty":                     {nil, verify.Unsigned, verify.Empty},
		"no PDF":                    {[]byte("hello"), verify.Unsigned, verify.NotPDF},
		"a head and nothing else":   {[]byte("%PDF-1.7\n"), verify.Unsigned, verify.Damaged},
		"a head and a byte range":   {[]byte("%PDF-1.7\n/ByteRange"), verify.Undetermined, verify.Structure},
		"no signature":              {letter(), verify.Unsigned, verify.NoSignature},
		"long array":                {hostile("<</Fields[" + strings.Repeat("0 ", n*2) + "]>>"), verify.Undetermined, verify.Structure},
		"deep array":                {hostile("<</Fields " + strings.Repeat("[", n) + ">>"), verify.Undetermined, verify.Structure},
		"large dictionary":          {hostile("<<" + strings.Repeat("/A 1", n) + ">>"), verify.Undetermined, verify.Structure},
		"fields that are their own": {hostile("<</Fields[4 0 R]/Kids[4 0 R]>>"), verify.Undetermined, verify.Structure},
		"bomb":                      {xrefStream("/FlateDecode", packed(200_000_000)), verify.Undetermined, verify.Limit},
		"bomb in a bomb":            {xrefStream("[/FlateDecode/FlateDecode]", deflated(packed(900_000_000))), verify.Undetermined, verify.Limit},
		"open strings":              {[]byte("%PDF-1.7\n" + strings.Repeat("1 0 obj (", n)), verify.Undetermined, verify.Limit},
		"open arrays":               {[]byte("%PDF-1.7\n" + strings.Repeat("1 0 obj [", n)), verify.Undetermined, verify.Limit},
		"open comments":             {[]byte("%PDF-1.7\n" + strings.Repeat("1 0 obj %", n)), verify.Undetermined, verify.Limit},
		"open hexadecimal strings":  {[]byte("%PDF-1.7\n" + strings.Repeat("1 0 obj <", n)), verify.Undetermined, verify.Limit},
		"trailers":                  {[]byte("%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj " + strings.Repeat("trailer<<", n)), verify.Undetermined, verify.Limit},
	} {
		t.Run(name, func(t *testing.T) {
			rep := verify.Bytes(t.Context(), tt.data, verify.Options{Timeout: 10 * time.Minute})
			if rep.Verdict != tt.want || !slices.Contains(rep.Reasons, tt.why) || rep.Explain == "" {
				t.Errorf("%+v, want %s %s", rep, tt.want, tt.why)
			}
		})
	}
}

// TestWatchdog answers in the place of a check that takes too long.
func TestWatchdog(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	rep := verify.File(ctx, slow{}, 1<<20, verify.Options{})
	if rep.Verdict != verify.Undetermined || !slices.Contains(rep.Reasons, verify.Limit) {
		t.Errorf("%+v", rep)
	}
	if rep := verify.File(t.Context(), slow{}, 1<<40, verify.Options{}); rep.Verdict != verify.Undetermined {
		t.Errorf("a file of a terabyte: %+v", rep)
	}
	if rep := verify.File(t.Context(), failing{}, 100, verify.Options{}); !slices.Contains(rep.Reasons, verify.Unreadable) {
		t.Errorf("a file that cannot be read: %+v", rep)
	}
}

// slow begins like a PDF file.
type slow struct{}

func (slow) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	if off == 0 {
		copy(p, "%PDF-1.7\n")
	}
	return len(p), nil
}

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, io.ErrUnexpectedEOF }

func deflated(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}
