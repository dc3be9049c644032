package verify_test

import (
	"slices"
	"testing"

	"datmui/blocks/sign/verify"
)

// TestAttacks runs every published attack on the bytes and the structure of signed PDF files.
func TestAttacks(t *testing.T) {
	s := theStage()
	for _, tt := range slices.Concat(byteGames, changeGames) {
		t.Run(tt.name, func(t *testing.T) {
			rep := verify.Bytes(t.Context(), tt.make(t, s), verify.Options{Trust: s.trust(), Now: s.now})
			if rep.Verdict != tt.verdict {
				t.Fatalf("verdict %s, want %s: %+v", rep.Verdict, tt.verdict, rep)
			}
			if !slices.ContainsFunc(rep.Signatures, func(sig verify.Signature) bool { return slices.Contains(sig.Reasons, tt.reason) }) {
				t.Errorf("no %s in %+v", tt.reason, rep.Signatures)
			}
		})
	}
}
