package files

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzCleanName(f *testing.F) {
	for _, s := range []string{"đơn.pdf", "../../etc/passwd", `C:\a\b.docx`, "a\x00b\r\n", "\u202egnp.exe", "..", "", "A\x00\u03000", strings.Repeat("ẵ", 400) + ".pdf", "\xff\xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := cleanName(s)
		if got == "" || !utf8.ValidString(got) || utf8.RuneCountInString(got) > 120 || got != filepath.Base(got) ||
			strings.ContainsAny(got, "/\\\x00\r\n\"<>|:*?") || strings.HasPrefix(got, ".") {
			t.Errorf("%q became %q", s, got)
		}
		if again := cleanName(got); again != got {
			t.Errorf("%q is not stable: %q", got, again)
		}
	})
}

func FuzzSniff(f *testing.F) {
	for _, s := range []string{"%PDF-1.7", "\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "PK\x03\x04", "<svg>", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if mime := sniff(bytes.NewReader(b), int64(len(b))); mime != "" && endings[mime] == nil {
			t.Errorf("%q is of no type taken", mime)
		}
	})
}

func FuzzClamdAnswer(f *testing.F) {
	for _, s := range []string{"stream: OK", "stream: X FOUND", "stream: FOUND", ": OK\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := clamdAnswer(s); err != nil && v.Infected || v.Infected && v.Name == "" {
			t.Errorf("%q: %+v %v", s, v, err)
		}
	})
}
