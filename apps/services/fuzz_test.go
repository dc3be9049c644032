package services

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services/national"
	"datmui/kit/clock"
	"datmui/kit/pg"
)

// FuzzQueries: whatever is typed is a tsquery of at most eight words, short enough each, for each month.
func FuzzQueries(f *testing.F) {
	for _, s := range []string{"nguyễn thị mai", "a' | 'b", ":*&|!()<->", "\u0301", "ŉ", strings.Repeat("x", 3000)} {
		f.Add(s)
	}
	last := time.Date(2026, 1, 1, 0, 30, 0, 0, clock.Vietnam)
	word := regexp.MustCompile(`^[\p{L}\p{Nd}]{1,100}$`)
	f.Fuzz(func(t *testing.T, s string) {
		words := pg.Words(s)
		if len(words) > 8 || slices.ContainsFunc(words, func(w string) bool { return !word.MatchString(w) }) {
			t.Fatalf("%q became %q", s, words)
		}
		got := monthsOf(s, []string{"a'b", "c"}, last.AddDate(0, -6, 0), last)
		if len(words) == 0 && len(got.queries) == 0 {
			return
		}
		if len(got.queries) != 7 || got.queries[0] == got.queries[1] {
			t.Fatalf("%q became %q", s, got.queries)
		}
		for _, q := range slices.Concat(got.queries, got.unfinished().queries) {
			if strings.Count(q, "'") != 4*len(words) || strings.Count(q, "':*") != strings.Count(q, ":*") {
				t.Errorf("%q became %q", s, q)
			}
		}
	})
}

// FuzzParseKey: any key of a page is the first page or a place that is written as it was read.
func FuzzParseKey(f *testing.F) {
	id := uuid.MustParse("00f9cebb-0320-7512-8640-dda427e24501")
	for _, s := range []string{"", MakeKey(time.Unix(1764000000, 0), id), MakeKey(time.UnixMicro(1<<62), id), "////"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, id := ParseKey(s)
		if y := at.Year(); y < 1900 || y > 9999 {
			t.Errorf("%q is in the year %d, which no database holds", s, y)
		}
		if again, same := ParseKey(MakeKey(at, id)); !again.Equal(at) || same != id {
			t.Errorf("%q became %s %s, and that %s %s", s, at, id, again, same)
		}
	})
}

// FuzzSettle: what an official enters for a doubt is refused, or kept in a form that enters as itself.
func FuzzSettle(f *testing.F) {
	for _, s := range []string{"3 ngày làm việc", "15cd", "trong ngày", "700.000", "0", "KQ.G15.000031", "none", "province+commune", "ours", "ngày"} {
		for i := range national.Kinds {
			f.Add(i, s)
		}
	}
	f.Fuzz(func(t *testing.T, kind int, s string) {
		if kind < 0 || kind >= len(national.Kinds) {
			return
		}
		k := national.Kinds[kind]
		value, wrong := settle(k, s)
		if value != "" && wrong != "" {
			t.Fatalf("%s: %q is %q and wrong: %s", k, s, value, wrong)
		}
		if again, wrong := settle(k, value); again != value || wrong != "" {
			t.Errorf("%s: %q is %q, and that %q %s", k, s, value, again, wrong)
		}
	})
}

// FuzzTrackingNumber: what is taken as a number of a postal item is one, and is read the same again.
func FuzzTrackingNumber(f *testing.F) {
	for _, s := range []string{"EB123456789VN", "eb 123-456.789 vn", "", "ABCDE", strings.Repeat("1", 31), "\u00a012345"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := trackingNumber(s)
		if n != "" && (!trackingForm.MatchString(n) || trackingNumber(n) != n) {
			t.Errorf("%q became %q", s, n)
		}
	})
}
