package web

import (
	"bytes"
	"io"
	"mime/multipart"
	"slices"
	"testing"
)

// Whatever is sent as a form with files, no secret field of it comes through, and what comes through
// can be read again.
func FuzzWithoutSecrets(f *testing.F) {
	var good bytes.Buffer
	form := multipart.NewWriter(&good)
	_ = form.SetBoundary("b")
	_ = form.WriteField("note", "Kèm giấy")
	_ = form.WriteField("pin", "482913")
	if w, err := form.CreateFormFile("paper", "a.pdf"); err == nil {
		_, _ = w.Write([]byte("%PDF-1.7"))
	}
	_ = form.Close()
	f.Add(good.Bytes())
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"pin\"; name=\"x\"\r\n\r\n1\r\n--b--"))
	f.Add([]byte("--b\r\n\r\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		var out bytes.Buffer
		to := multipart.NewWriter(&out)
		if withoutSecrets(to, multipart.NewReader(bytes.NewReader(body), "b")) != nil {
			return
		}
		if err := to.Close(); err != nil {
			t.Fatal(err)
		}
		again := multipart.NewReader(&out, to.Boundary())
		for {
			part, err := again.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatalf("cannot be read again: %v", err)
			}
			if slices.Contains(secret, part.FormName()) {
				t.Errorf("%s came through", part.FormName())
			}
		}
	})
}
