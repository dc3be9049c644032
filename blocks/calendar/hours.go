package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Span is a stretch of opening within a day, in minutes after midnight; To is the first minute
// that is closed again.
type Span struct{ From, To int }

// Day's worth of opening, in order, not touching.
type Spans []Span

// Minutes is how long the spans are open in all.
func (s Spans) Minutes() int {
	n := 0
	for _, x := range s {
		n += x.To - x.From
	}
	return n
}

// String writes 07:00-11:00,13:00-17:00.
func (s Spans) String() string {
	var b strings.Builder
	for i, x := range s {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%02d:%02d-%02d:%02d", x.From/60, x.From%60, x.To/60, x.To%60)
	}
	return b.String()
}

// ParseSpans reads 07:00-11:00,13:00-17:00; the empty text is a day that is closed. 24:00 may
// end the last span.
func ParseSpans(s string) (Spans, error) {
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	var out Spans
	for part := range strings.SplitSeq(s, ",") {
		a, b, ok := strings.Cut(strings.TrimSpace(part), "-")
		from, err1 := parseMinute(a)
		to, err2 := parseMinute(b)
		if !ok || err1 != nil || err2 != nil {
			return nil, fmt.Errorf("%q is no stretch of hours like 07:00-11:00", part)
		}
		out = append(out, Span{from, to})
	}
	return out, out.check()
}

func (s Spans) check() error {
	end := -1
	for _, x := range s {
		if x.From < 0 || x.To > 1440 || x.To <= x.From {
			return fmt.Errorf("hours %s end before they begin", Spans{x})
		}
		if x.From <= end {
			return fmt.Errorf("hours %s overlap or touch", s)
		}
		end = x.To
	}
	return nil
}

func parseMinute(s string) (int, error) {
	if len(s) != 5 || s[2] != ':' {
		return 0, errors.New("no time")
	}
	for _, i := range []int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return 0, errors.New("no time")
		}
	}
	h, m := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
	if m > 59 || h*60+m > 1440 {
		return 0, errors.New("no time")
	}
	return h*60 + m, nil
}

// Week is the opening of an ordinary week, by time.Weekday.
type Week [7]Spans

// Weekdays is a week with the same hours from Monday to Friday and none at the weekend.
func Weekdays(s Spans) Week {
	var w Week
	for d := time.Monday; d <= time.Friday; d++ {
		w[d] = s
	}
	return w
}

// Usual are the hours of Cà Mau's offices where nothing else is set.
// law: public-services.md 8.3 — Mon–Fri 07:00–11:00, 13:00–17:00.
var Usual = Weekdays(Spans{{7 * 60, 11 * 60}, {13 * 60, 17 * 60}})

// Hours is a week that holds from a day on, until the next begins.
type Hours struct {
	From Date // zero means since ever
	Week Week
}

func sortHours(h []Hours) []Hours {
	h = slices.Clone(h)
	slices.SortStableFunc(h, func(a, b Hours) int { return cmp.Compare(a.From, b.From) })
	return h
}
