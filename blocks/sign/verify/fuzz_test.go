package verify_test

import (
	"testing"
	"time"

	"datmui/blocks/sign/verify"
)

// FuzzFile judges changed copies of a signed file: none but the file itself is valid.
func FuzzFile(f *testing.F) {
	s := theStage()
	data := s.signedBy(f, letter(), s.body, "", nil)
	f.Add(uint32(100), byte(1), []byte(nil))
	f.Add(uint32(0), byte(0), []byte("\n%%EOF\n"))
	f.Add(uint32(len(data)-20), byte(7), []byte("1 0 obj<<>>endobj"))
	trust := s.trust()
	f.Fuzz(func(t *testing.T, at uint32, change byte, tail []byte) {
		d := append([]byte(nil), data...)
		i := int(at) % len(d)
		d[i] ^= change
		d = append(d, tail...)
		rep := verify.Bytes(t.Context(), d, verify.Options{Trust: trust, Now: s.now, Timeout: time.Minute})
		blank := true
		for _, c := range tail {
			blank = blank && (c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f')
		}
		hex := d[i]&^0x20 == data[i]&^0x20 // the case of a hexadecimal digit
		if rep.Verdict == verify.Valid && !(blank && (change == 0 || hex)) {
			t.Errorf("byte %d changed by %x, %q appended: valid", i, change, tail)
		}
	})
}

// FuzzTrust reads anything as a trust list.
func FuzzTrust(f *testing.F) {
	s := theStage()
	f.Add(s.ca.Root.Raw)
	f.Add(s.crl)
	f.Add(pemOf("CERTIFICATE", s.ca.Issuing.Raw))
	f.Fuzz(func(t *testing.T, b []byte) { verify.NewTrust(b) })
}
