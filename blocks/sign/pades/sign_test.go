package pades_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"datmui/blocks/letters/ink"
	"datmui/blocks/sign/cms"
	"datmui/blocks/sign/pades"
	"datmui/blocks/sign/pdf"
	"datmui/blocks/sign/pki"
)

func letter(t testing.TB) []byte {
	t.Helper()
	d := ink.New()
	d.Page()
	for i := range 40 {
		d.Text(30, 20+6*float64(i), ink.Regular, 13, "Cộng hòa xã hội chủ nghĩa Việt Nam: Độc lập – Tự do – Hạnh phúc.", 0)
	}
	data, err := pdf.AddFields(d.Bytes(), []pdf.Field{{Name: "number", Text: true, Rect: [4]float64{100, 700, 150, 716}},
		{Name: "signature", Rect: [4]float64{350, 300, 492, 368}}, {Name: "seal", Rect: [4]float64{300, 283, 402, 385}}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func signer(t testing.TB, key crypto.Signer) (cms.Signer, pki.TSA) {
	t.Helper()
	a, err := pki.NewAuthority(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Issue(pki.Subject{Name: "Huỳnh Tấn Lộc"}, key.Public(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return cms.Signer{Key: key, Chain: a.Chain(c)}, pki.TSA{Authority: a, Now: time.Now}
}

func personKey(t testing.TB) crypto.Signer {
	t.Helper()
	k, err := pki.PersonKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestEarlierBytesStay holds every step to what an incremental update is: the file before is
// the beginning of the file after.
func TestEarlierBytesStay(t *testing.T) {
	by, tsa := signer(t, personKey(t))
	look, err := pades.TextLook(50, 16, 13, false, true, "187")
	if err != nil {
		t.Fatal(err)
	}
	seal, err := pades.SealLook(102, "Ủy ban nhân dân xã Đất Mũi", "Tỉnh Cà Mau")
	if err != nil {
		t.Fatal(err)
	}
	data := letter(t)
	for name, step := range map[string]func([]byte) ([]byte, error){
		"sign": func(d []byte) ([]byte, error) {
			return pades.Sign(t.Context(), d, by, tsa, pdf.Signature{Field: "signature", Time: time.Now()})
		},
		"fill": func(d []byte) ([]byte, error) {
			return pdf.FillFields(d, []pdf.Fill{{Name: "number", Value: "187", Look: look}})
		},
		"seal": func(d []byte) ([]byte, error) {
			return pades.Sign(t.Context(), d, by, nil, pdf.Signature{Field: "seal", Time: time.Now(), Look: seal})
		},
		"stamp": func(d []byte) ([]byte, error) { return pades.Stamp(t.Context(), d, tsa) },
		"DSS":   func(d []byte) ([]byte, error) { return pdf.AddDSS(d, [][]byte{by.Chain[0].Raw}, nil, nil) },
	} {
		next, err := step(bytes.Clone(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.HasPrefix(next, data) || len(next) == len(data) {
			t.Errorf("%s changed earlier bytes", name)
		}
		data = next
	}
	for name, step := range map[string]func() ([]byte, error){
		"a field signed twice": func() ([]byte, error) {
			return pades.Sign(t.Context(), data, by, nil, pdf.Signature{Field: "seal", Time: time.Now()})
		},
		"a field filled twice": func() ([]byte, error) {
			return pdf.FillFields(data, []pdf.Fill{{Name: "number", Value: "1", Look: look}})
		},
		"a field made twice": func() ([]byte, error) { return pdf.AddFields(data, []pdf.Field{{Name: "seal"}}) },
	} {
		if _, err := step(); err == nil {
			t.Errorf("%s: no refusal", name)
		}
	}
}

// TestLooks draws with letters of every tone; the content must name each letter by its code.
func TestLooks(t *testing.T) {
	const name = "Ẵẳẩậặễệểỉịọộổỗợởỡụủứựữỳỷỹỵ Đặng Thị Ngọc Ngà"
	for what, draw := range map[string]func() (*pdf.Form, error){
		"text":      func() (*pdf.Form, error) { return pades.TextLook(300, 16, 13, true, false, name) },
		"signature": func() (*pdf.Form, error) { return pades.SignatureLook(142, 68, name) },
		"seal":      func() (*pdf.Form, error) { return pades.SealLook(102, name, "Tỉnh Cà Mau") },
	} {
		f, err := draw()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if bytes.Contains(f.Content, []byte("<>")) || !bytes.Contains(f.Content, []byte("Tf")) {
			t.Errorf("%s: letters without codes", what)
		}
	}
	if _, err := pades.SealLook(102, " ", ""); err == nil {
		t.Error("a seal of nobody")
	}
	a, _ := pades.SignatureLook(142, 68, "Huỳnh Tấn Lộc")
	b, _ := pades.SignatureLook(142, 68, "Huỳnh Tấn Lộc")
	c, _ := pades.SignatureLook(142, 68, "Trần Thị Bé")
	if !bytes.Equal(a.Content, b.Content) || bytes.Equal(a.Content, c.Content) {
		t.Error("a signature is the same each time, and another for another name")
	}
	if !strings.Contains(pades.Denial, "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ") {
		t.Error("the denial of legal value")
	}
}

// The three that follow run side by side: B-T with an ECDSA time-stamp, key open and file
// written, against the bare RSA operation.

func BenchmarkRSA2048(b *testing.B) {
	k := personKey(b)
	h := sha256.Sum256([]byte("x"))
	for b.Loop() {
		if _, err := k.Sign(rand.Reader, h[:], crypto.SHA256); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSignBT(b *testing.B) { benchmark(b, personKey(b)) }

func BenchmarkSignBTECDSA(b *testing.B) {
	k, err := pki.BodyKey()
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, k)
}

func benchmark(b *testing.B, key crypto.Signer) {
	by, tsa := signer(b, key)
	data := letter(b)
	dir, n := b.TempDir(), 0
	look, err := pades.SignatureLook(142, 68, "Huỳnh Tấn Lộc")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		out, err := pades.Sign(b.Context(), data, by, tsa, pdf.Signature{Field: "signature", Time: time.Now(), Name: "Huỳnh Tấn Lộc", Look: look})
		if err != nil {
			b.Fatal(err)
		}
		n++ // a new file each time: writing over an old one makes some file systems wait for the disk
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(n)), out, 0o600); err != nil {
			b.Fatal(err)
		}
	}
}
