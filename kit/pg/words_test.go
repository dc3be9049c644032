package pg_test

import (
	"slices"
	"strings"
	"testing"

	"datmui/kit/pg"
)

func TestWords(t *testing.T) {
	for text, want := range map[string][]string{
		"":                               nil,
		"Nguyễn  Thị MAI":                {"nguyen", "thi", "mai"},
		"a' | 'b:*":                      {"a", "b"},
		"\u0301 !":                       nil,
		"1 2 3 4 5 6 7 8 9":              {"1", "2", "3", "4", "5", "6", "7", "8"},
		strings.Repeat("ớ", 3000) + " 7": {strings.Repeat("o", 100), "7"},
	} {
		if got := pg.Words(text); !slices.Equal(got, want) {
			t.Errorf("%.40q became %.40q, want %.40q", text, got, want)
		}
	}
}
