package letters

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"datmui/blocks/letters/ink"
	"datmui/kit/clock"
)

// DateText is a day as official papers write it.
// law: documents.md 3.2 — a day below 10 and the months 1 and 2 get a zero, other months none.
func DateText(day time.Time) string {
	day = day.In(clock.Vietnam)
	month := fmt.Sprint(int(day.Month()))
	if day.Month() <= time.February {
		month = "0" + month
	}
	return fmt.Sprintf("ngày %02d tháng %s năm %d", day.Day(), month, day.Year())
}

// ShortDate writes a day in the lines of a paper: "05/01/2026".
func ShortDate(day time.Time) string { return day.In(clock.Vietnam).Format("02/01/2006") }

// NumberText is a running number as official papers write it.
// law: documents.md 2.1 — a number below 10 gets a leading zero.
func NumberText(n int) string { return fmt.Sprintf("%02d", n) }

// tidy makes a text printable on one line: composed letters, since nothing here shapes
// marks onto letters; single blanks; no control or direction characters, which could make a
// page read otherwise than its bytes.
func tidy(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u00A0':
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
}

func upper(s string) string { return norm.NFC.String(strings.ToUpper(tidy(s))) }

// lines splits at line breaks and drops empty lines.
func lines(s string) []string {
	var out []string
	for l := range strings.SplitSeq(strings.ReplaceAll(s, "\r", "\n"), "\n") {
		if l = tidy(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// span is text in one style; its words are parted by blanks.
type span struct {
	style ink.Style
	text  string
}

// line is one line of a paragraph.
type line struct {
	spans  []span
	width  float64 // mm, unstretched
	blanks int
	last   bool // of its paragraph: not stretched
}

func (l *line) add(st ink.Style, word string, size float64) {
	if len(l.spans) > 0 {
		at := &l.spans[len(l.spans)-1]
		at.text += " "
		l.width += ink.Width(at.style, size, " ")
		l.blanks++
		if at.style == st {
			at.text += word
			l.width += ink.Width(st, size, word)
			return
		}
	}
	l.spans = append(l.spans, span{st, word})
	l.width += ink.Width(st, size, word)
}

// wrap breaks spans into lines: the first of width first, the others of width rest. A word
// wider than a line is broken where the line ends.
func wrap(spans []span, size, first, rest float64) []line {
	out := []line{{}}
	room := first
	next := func() {
		out = append(out, line{})
		room = rest
	}
	for _, s := range spans {
		blank := ink.Width(s.style, size, " ")
		for _, word := range strings.FieldsFunc(s.text, func(r rune) bool { return r == ' ' }) {
			w := ink.Width(s.style, size, word)
			at := &out[len(out)-1]
			if len(at.spans) > 0 && at.width+blank+w > room {
				next()
			}
			for w > room {
				head := fit(s.style, size, word, room)
				out[len(out)-1].add(s.style, head, size)
				word = word[len(head):]
				w = ink.Width(s.style, size, word)
				next()
			}
			if word != "" {
				out[len(out)-1].add(s.style, word, size)
			}
		}
	}
	if n := len(out); n > 1 && len(out[n-1].spans) == 0 {
		out = out[:n-1]
	}
	out[len(out)-1].last = true
	return out
}

// fit returns the longest beginning of word that is at most room wide, at least one letter.
func fit(st ink.Style, size float64, word string, room float64) string {
	w := 0.0
	for i, r := range word {
		w += ink.Width(st, size, string(r))
		if i > 0 && w > room {
			return word[:i]
		}
	}
	return word
}

// balance wraps a text so that its lines are about equally long, as headings look best.
func balance(st ink.Style, size float64, text string, width float64) []line {
	spans := []span{{st, text}}
	best := wrap(spans, size, width, width)
	for lo, hi := width/float64(len(best)+1), width; len(best) > 1 && hi-lo > 0.5; {
		mid := (lo + hi) / 2
		if got := wrap(spans, size, mid, mid); len(got) == len(best) && !brokeWord(got, text) {
			best, hi = got, mid
		} else {
			lo = mid
		}
	}
	return best
}

// brokeWord says whether wrapping had to break inside a word.
func brokeWord(got []line, text string) bool {
	words := 0
	for _, l := range got {
		words += l.blanks + min(1, len(l.spans))
	}
	return words != strings.Count(text, " ")+1
}
