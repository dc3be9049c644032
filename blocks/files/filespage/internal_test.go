package filespage

import (
	"mime"
	"net/http"
	"strings"
	"testing"

	"datmui/kit/web"
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

func FuzzUploadHeaders(f *testing.F) {
	f.Add("10", "%C4%91%C6%A1n.pdf", "0")
	f.Add("-1", "%zz", "-1")
	f.Add("+1e3", "%00%ff", "99999999999999999999")
	f.Fuzz(func(t *testing.T, length, name, offset string) {
		h := http.Header{"Upload-Length": {length}, "Upload-Name": {name}, "Upload-Offset": {offset}}
		if name, size, err := announced(h); err == nil && (size <= 0 || name != web.Text(name)) {
			t.Errorf("%q: %q of %d bytes", h, name, size)
		}
		if from, err := place(h); from < 0 || err != nil && from != 0 {
			t.Errorf("%q: from %d, %v", h, from, err)
		}
	})
}
