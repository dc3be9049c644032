package identitypage_test

import (
	"strings"
	"testing"

	_ "datmui/blocks/identity/identitypage"
	"datmui/kit/lang"
)

// Every text stands in both languages with the same places.
func TestTexts(t *testing.T) {
	for _, m := range lang.Missing() {
		if strings.Contains(m, "identity.") || strings.Contains(m, "sim.vneid.") {
			t.Error(m)
		}
	}
}
