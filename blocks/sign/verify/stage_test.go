package verify_test

import (
	"crypto"
	"crypto/x509"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"datmui/blocks/letters/ink"
	"datmui/blocks/sign/cms"
	"datmui/blocks/sign/pades"
	"datmui/blocks/sign/pdf"
	"datmui/blocks/sign/pki"
	"datmui/blocks/sign/verify"
)

// stage is a province in small: its authority, a leader with an RSA key, a body with an
// ECDSA key, lists of revoked certificates, and a letter with reserved places.
type stage struct {
	now          time.Time
	ca           *pki.Authority
	leader, body cms.Signer
	clerk        cms.Signer // of the same body, with a key of his own
	crl, rootCRL []byte
	tsa          pki.TSA
}

var theStage = sync.OnceValue(func() *stage {
	s := &stage{now: time.Now().UTC().Truncate(time.Second)}
	var err error
	if s.ca, err = pki.NewAuthority(s.now.Add(-time.Hour)); err != nil {
		panic(err)
	}
	rsaKey, err := pki.PersonKey()
	if err != nil {
		panic(err)
	}
	s.leader = s.certify("Huỳnh Tấn Lộc", "Phó Chủ tịch", rsaKey)
	ecKey, err := pki.BodyKey()
	if err != nil {
		panic(err)
	}
	s.body = s.certify("Ủy ban nhân dân xã Đất Mũi", "", ecKey)
	clerkKey, err := pki.BodyKey()
	if err != nil {
		panic(err)
	}
	s.clerk = s.certify("Lê Thị Hoa", "Văn thư", clerkKey)
	if s.crl, err = s.ca.CRL(nil, 1, s.now.Add(-30*time.Minute)); err != nil {
		panic(err)
	}
	if s.rootCRL, err = s.ca.RootCRL(nil, 1, s.now.Add(-30*time.Minute)); err != nil {
		panic(err)
	}
	s.tsa = pki.TSA{Authority: s.ca, Now: func() time.Time { return s.now }}
	return s
})

func (s *stage) certify(name, title string, key crypto.Signer) cms.Signer {
	c, err := s.ca.Issue(pki.Subject{Name: name, Title: title, Org: "UBND xã Đất Mũi"}, key.Public(), s.now.Add(-time.Hour))
	if err != nil {
		panic(err)
	}
	return cms.Signer{Key: key, Chain: s.ca.Chain(c)}
}

// trust is the whole trust list, with lists of revoked certificates.
func (s *stage) trust() *verify.Trust {
	return verify.NewTrust(s.ca.Root.Raw, s.ca.Issuing.Raw, s.crl, s.rootCRL)
}

// writeTrust leaves the trust list as files.
func (s *stage) writeTrust(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range map[string][]byte{"root.crt": s.ca.Root.Raw, "issuing.crt": s.ca.Issuing.Raw, "issuing.crl": s.crl, "root.crl": s.rootCRL} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func letter() []byte {
	d := ink.New()
	d.Title = "Giấy xác nhận"
	d.Page()
	d.Text(30, 30, ink.Bold, 14, "ỦY BAN NHÂN DÂN XÃ ĐẤT MŨI", 0)
	d.Text(30, 60, ink.Regular, 13, "Xác nhận: ông Nguyễn Văn An chưa đăng ký kết hôn với ai.", 0)
	d.Page()
	d.Text(30, 30, ink.Regular, 13, "Trang 2", 0)
	return d.Bytes()
}

var places = []pdf.Field{
	{Name: "number", Text: true, Rect: [4]float64{100, 700, 150, 716}},
	{Name: "date", Text: true, Rect: [4]float64{250, 700, 500, 716}},
	{Name: "leader", Rect: [4]float64{350, 300, 492, 368}},
	{Name: "seal", Rect: [4]float64{300, 283, 402, 385}},
}

func reserved(t testing.TB) []byte { return must(pdf.AddFields(letter(), places))(t) }

// must unwraps a result or ends the test.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// signedBy signs a field at the stage's time.
func (s *stage) signedBy(t testing.TB, data []byte, by cms.Signer, field string, stamp cms.Stamper) []byte {
	t.Helper()
	sig := pdf.Signature{Field: field, Time: s.now, Name: by.Chain[0].Subject.CommonName}
	if field == "leader" {
		sig.Look = must(pades.SignatureLook(142, 68, sig.Name))(t)
	}
	return must(pades.Sign(t.Context(), data, by, stamp, sig))(t)
}

// byLeader is the letter with the leader's signature and time-stamp.
func (s *stage) byLeader(t testing.TB) []byte {
	return s.signedBy(t, reserved(t), s.leader, "leader", s.tsa)
}

func filled(t testing.TB, data []byte) []byte {
	t.Helper()
	n := must(pades.TextLook(50, 16, 13, false, true, "187"))(t)
	d := must(pades.TextLook(250, 16, 13, true, false, "Đất Mũi, ngày 20 tháng 11 năm 2026"))(t)
	return must(pdf.FillFields(data, []pdf.Fill{{Name: "number", Value: "187", Look: n},
		{Name: "date", Value: "Đất Mũi, ngày 20 tháng 11 năm 2026", Look: d}}))(t)
}

// whole is the letter as it leaves the office: leader, number and date, seal.
func (s *stage) whole(t testing.TB) []byte {
	return s.signedBy(t, filled(t, s.byLeader(t)), s.body, "seal", s.tsa)
}

// update changes a file by an incremental update.
func update(t testing.TB, data []byte, change func(u *pdf.Update, v *pdf.View)) []byte {
	t.Helper()
	f := must(pdf.OpenStrict(data))(t)
	u := must(f.Update())(t)
	change(u, f.Now())
	out, _ := u.Bytes()
	return out
}

func root(u *pdf.Update, v *pdf.View) (pdf.Ref, pdf.Dict) {
	r := v.Trailer()["Root"].(pdf.Ref)
	d, _ := u.Dict(r)
	return r, d
}

// withKey signs with a certificate made to order.
func (s *stage) withKey(t testing.TB, c *x509.Certificate, key crypto.Signer, stamp cms.Stamper) []byte {
	t.Helper()
	return s.signedBy(t, reserved(t), cms.Signer{Key: key, Chain: s.ca.Chain(c)}, "leader", stamp)
}
