package lang

import (
	"context"
	"strings"
	"time"

	"datmui/kit/clock"
)

// MoneyWords writes a sum of whole đồng in words, as receipts and decisions need it:
// "tám nghìn đồng".
func MoneyWords[N Whole](ctx context.Context, dong N) string {
	return words(From(ctx), int64(dong)) + " đồng"
}

// NumberWords writes a whole number in words: "hai mươi tư".
func NumberWords[N Whole](ctx context.Context, n N) string { return words(From(ctx), int64(n)) }

// DateWords writes a day in words, as civil status papers need it: "ngày mười sáu tháng sáu năm
// hai nghìn không trăm hai mươi sáu". In English the day stays in figures.
func DateWords(ctx context.Context, t time.Time) string {
	if From(ctx) == English {
		return Date(ctx, t)
	}
	t = t.In(clock.Vietnam)
	return "ngày " + words(Vietnamese, int64(t.Day())) + " tháng " + month(t.Month()) +
		" năm " + words(Vietnamese, int64(t.Year()))
}

// The fourth month is "tư", not "bốn"; the first and last have names nobody uses on papers.
func month(m time.Month) string {
	if m == time.April {
		return "tư"
	}
	return words(Vietnamese, int64(m))
}

func words(t Tag, n int64) string {
	switch {
	case n == 0 && t == English:
		return "zero"
	case n == 0:
		return digitsVi[0]
	case n < 0 && t == English:
		return "minus " + positive(t, uint64(-n))
	case n < 0:
		return "âm " + positive(t, uint64(-n))
	}
	return positive(t, uint64(n))
}

func positive(t Tag, n uint64) string {
	hundreds, scale := hundredsVi, [...]string{"", " nghìn", " triệu", " tỷ"}
	if t == English {
		hundreds, scale = hundredsEn, [...]string{"", " thousand", " million", " billion"}
	}
	var parts []string
	if high := n / 1e9; high > 0 { // above a billion the count of billions is a number by itself
		parts = append(parts, positive(t, high)+scale[3])
	}
	for i, unit := range [...]uint64{1e6, 1e3, 1} {
		if three := n / unit % 1000; three > 0 {
			parts = append(parts, hundreds(int(three), len(parts) > 0)+scale[2-i])
		}
	}
	return strings.Join(parts, " ")
}

var digitsVi = [...]string{"không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"}

// hundredsVi writes 1 to 999. After a larger part the hundreds are spoken even when they are
// none: 2026 is "hai nghìn không trăm hai mươi sáu".
func hundredsVi(n int, after bool) string {
	var b []string
	if n >= 100 || after {
		b = append(b, digitsVi[n/100], "trăm")
	}
	tens, ones := n/10%10, n%10
	switch {
	case tens > 1:
		b = append(b, digitsVi[tens], "mươi")
	case tens == 1:
		b = append(b, "mười")
	case ones > 0 && len(b) > 0:
		b = append(b, "linh")
	}
	switch { // a digit changes its sound after the tens
	case ones == 0:
	case ones == 1 && tens > 1:
		b = append(b, "mốt")
	case ones == 4 && tens > 1:
		b = append(b, "tư")
	case ones == 5 && tens > 0:
		b = append(b, "lăm")
	default:
		b = append(b, digitsVi[ones])
	}
	return strings.Join(b, " ")
}

var (
	onesEn = [...]string{"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
		"eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"}
	tensEn = [...]string{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}
)

// hundredsEn writes 1 to 999 the British way: "one hundred and five".
func hundredsEn(n int, after bool) string {
	var b []string
	if n >= 100 {
		b = append(b, onesEn[n/100], "hundred")
	}
	rest := n % 100
	if rest == 0 {
		return strings.Join(b, " ")
	}
	if len(b) > 0 || after && n < 100 {
		b = append(b, "and")
	}
	switch {
	case rest < 20:
		b = append(b, onesEn[rest])
	case rest%10 == 0:
		b = append(b, tensEn[rest/10])
	default:
		b = append(b, tensEn[rest/10]+"-"+onesEn[rest%10])
	}
	return strings.Join(b, " ")
}
