package lang

import (
	"context"
	"strconv"
	"strings"
)

// Whole is any whole number.
type Whole interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32
}

// Number writes a whole number with marks between the thousands: "12.345".
func Number[N Whole](ctx context.Context, n N) string { return whole(From(ctx), int64(n)) }

// Decimal writes a number with the given count of digits after the comma; -1 writes as many as
// are needed: "97,4".
func Decimal(ctx context.Context, f float64, digits int) string {
	return decimal(From(ctx), f, digits)
}

// Percent writes a share of one as "97,4 %".
func Percent(ctx context.Context, share float64, digits int) string {
	return decimal(From(ctx), share*100, digits) + " %"
}

// Money writes a sum of whole đồng: "1.250.000 đồng".
func Money[N Whole](ctx context.Context, dong N) string {
	return whole(From(ctx), int64(dong)) + " đồng"
}

// Bytes writes the size of a file in the units people know: "214 KB", "1,4 MB".
func Bytes[N Whole](ctx context.Context, n N) string {
	const kb, mb, gb = 1 << 10, 1 << 20, 1 << 30
	tag, f := From(ctx), float64(n)
	switch {
	case f >= gb:
		return decimal(tag, f/gb, 1) + " GB"
	case f >= mb:
		return decimal(tag, f/mb, 1) + " MB"
	case f >= kb:
		return decimal(tag, f/kb, 0) + " KB"
	}
	return whole(tag, int64(n)) + " B"
}

// In Vietnamese the point parts thousands and the comma decimals; in English the other way round.
func marks(t Tag) (thousands, comma string) {
	if t == English {
		return ",", "."
	}
	return ".", ","
}

func whole(t Tag, n int64) string { return group(t, strconv.FormatInt(n, 10)) }

func decimal(t Tag, f float64, digits int) string {
	_, comma := marks(t)
	left, right, found := strings.Cut(strconv.FormatFloat(f, 'f', digits, 64), ".")
	if !found {
		return group(t, left)
	}
	return group(t, left) + comma + right
}

func group(t Tag, digits string) string {
	mark, _ := marks(t)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + mark + digits[i:]
	}
	return sign + digits
}
