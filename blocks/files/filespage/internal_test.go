package filespage

import (
	"mime"
	"strings"
	"testing"
)

func FuzzDisposition(f *testing.F) {
	for _, s := range []string{"đơn xin.pdf", `a"b\c.pdf`, "a\r\nX: y", "%00", "Ẵ😀.png", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := disposition("attachment", name)
		if strings.ContainsAny(got, "\r\n\x00") {
			t.Fatalf("%q breaks the header: %q", name, got)
		}
		how, _, err := mime.ParseMediaType(got)
		if err != nil || how != "attachment" {
			t.Fatalf("%q: %q is not read: %v", name, got, err)
		}
	})
}

func FuzzChecksum(f *testing.F) {
	f.Add("sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
	f.Add("md5 x")
	f.Fuzz(func(t *testing.T, s string) {
		if b, err := checksum(s); err == nil && len(b) != 32 && s != "" {
			t.Errorf("%q gives %d bytes", s, len(b))
		}
	})
}
