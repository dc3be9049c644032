package verify_test

import (
	"testing"

	"datmui/blocks/sign/verify"
)

// BenchmarkVerify judges a result as it leaves the office: two signatures with time-stamps,
// number and date filled between them, chains and lists of revoked certificates.
func BenchmarkVerify(b *testing.B) {
	s := theStage()
	data, trust := s.whole(b), s.trust()
	for b.Loop() {
		if rep := verify.Bytes(b.Context(), data, verify.Options{Trust: trust, Now: s.now}); rep.Verdict != verify.Valid {
			b.Fatal(rep)
		}
	}
}
