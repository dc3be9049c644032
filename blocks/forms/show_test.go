package forms

import (
	"testing"

	"datmui/kit/lang"
)

// TestYear writes a year without a mark between thousands, and other numbers with one.
func TestYear(t *testing.T) {
	low, high := 1900.0, 2100.0
	f := &Form{}
	for _, tt := range []struct {
		q    Question
		want string
	}{
		{Question{Name: "n", Kind: Decimal, Whole: true, Min: &low, Max: &high}, "1972"},
		{Question{Name: "n", Kind: Decimal, Whole: true}, "1.972"},
	} {
		if got := f.words(lang.With(t.Context(), lang.Vietnamese), tt.q, Answers{"n": "1972"}); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
