package find

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"datmui/kit/pg"
)

const (
	mostWords   = 24 // of one search; what comes after does not count
	longestWord = 24 // letters; the longest Vietnamese syllable has seven
)

// word is a syllable as it counts: without its marks, and with them where it was typed with any.
type word struct {
	plain  string // folded, and with one spelling for i and y where both are usual
	marked string // "" where it bears no mark; the tone stands at the end, wherever it was typed
}

// words takes a text apart. Everything that is neither letter nor digit separates.
func words(text string, most int) []word {
	var out []word
	for _, w := range strings.FieldsFunc(norm.NFC.String(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) }) {
		if len(out) == most {
			break
		}
		if utf8.RuneCountInString(w) > longestWord {
			w = string([]rune(w)[:longestWord])
		}
		plain := pg.Fold(w)
		if plain == "" {
			continue
		}
		out = append(out, word{oneSpelling(plain), marked(w, plain)})
	}
	return out
}

// oneSpelling writes i where i and y are both usual: kỹ and kĩ, lý and lí, quý and quí.
func oneSpelling(plain string) string {
	stem, ok := strings.CutSuffix(plain, "y")
	if !ok || stem == "" || strings.ContainsAny(stem, "aeio") || strings.HasSuffix(stem, "u") && stem != "qu" {
		return plain
	}
	return stem + "i"
}

// tones are the five marks of tone, decomposed.
const tones = "\u0300\u0301\u0303\u0309\u0323"

// marked is a syllable with its marks in one order, so that hòa and hoà, thủy and thuỷ are the same.
func marked(w, plain string) string {
	var letters, tone []rune
	for _, r := range norm.NFD.String(strings.ToLower(w)) {
		if strings.ContainsRune(tones, r) {
			tone = append(tone, r)
		} else {
			letters = append(letters, r)
		}
	}
	if slices.Equal(letters, []rune(plain)) && len(tone) == 0 {
		return ""
	}
	if n := len(letters); n > 1 && letters[n-1] == 'y' && strings.HasSuffix(oneSpelling(plain), "i") {
		letters[n-1] = 'i'
	}
	return string(append(letters, tone...))
}

// plains are the words of a text without marks.
func plains(text string) []string {
	list := words(text, 1<<10)
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = w.plain
	}
	return out
}
