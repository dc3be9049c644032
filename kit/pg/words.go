package pg

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	mostWords   = 8   // of one search
	longestWord = 100 // characters, within what a tsquery takes
)

// Words are the words of a search as a tsquery may hold them: folded, the first eight, cut where
// they are too long. Everything that is neither letter nor digit separates, so nothing typed can be
// a fault of syntax.
func Words(text string) []string {
	all := strings.FieldsFunc(Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	all = slices.Clip(all[:min(len(all), mostWords)])
	for i, w := range all {
		if utf8.RuneCountInString(w) > longestWord {
			all[i] = string([]rune(w)[:longestWord])
		}
	}
	return all
}
