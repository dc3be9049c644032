package pg

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters are those that fold by name, not by losing a mark.
var letters = map[rune]string{
	'đ': "d", 'Đ': "d", 'ð': "d", 'Ð': "d", 'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l", 'ı': "i",
	'ħ': "h", 'Ħ': "h", 'ŧ': "t", 'Ŧ': "t",
	'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ß': "ss", 'þ': "th", 'Þ': "th",
}

// Fold makes a text comparable for search as public.vn_fold does: without diacritics and in
// lower case, so that "nguyen van dau" finds "Nguyễn Văn Đậu".
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFC.String(s) {
		if r < 0x80 {
			b.WriteRune(unicode.ToLower(r))
			continue
		}
		for _, d := range norm.NFD.String(string(r)) { // "ǿ" is "ø" with a mark
			if t, ok := letters[d]; ok {
				b.WriteString(t)
			} else if !unicode.Is(unicode.Mn, d) {
				b.WriteRune(unicode.ToLower(d))
			}
		}
	}
	return b.String()
}
