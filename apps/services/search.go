package services

import (
	"strings"
	"unicode"

	"datmui/kit/pg"
)

// prefixQuery turns typed words into a tsquery: all words, the last one as a prefix. Everything
// that is neither letter nor digit separates, so no typed text can be a fault of syntax.
func prefixQuery(words string) string {
	parts := strings.FieldsFunc(pg.Fold(words), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(parts) == 0 {
		return ""
	}
	if len(parts) > 8 {
		parts = parts[:8]
	}
	return strings.Join(parts, " & ") + ":*"
}

// searchText is what a dossier is found by.
func searchText(d Dossier) string {
	return strings.Join([]string{d.Code, d.ApplicantName, d.OwnerName, d.Subject, d.ApplicantPhone, d.Procedure}, " ")
}
