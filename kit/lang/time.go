package lang

import (
	"context"
	"embed"
	"fmt"
	"time"

	"datmui/kit/clock"
)

//go:embed text.vi.toml text.en.toml
var own embed.FS

func init() { Register(own) }

// Date writes a day: "16 tháng 6 năm 2026".
func Date(ctx context.Context, t time.Time) string { return date(From(ctx), t) }

// DateTime writes a moment: "8 giờ 06, 16 tháng 6 năm 2026".
func DateTime(ctx context.Context, t time.Time) string {
	return Time(ctx, t) + ", " + Date(ctx, t)
}

// Day writes a day with its weekday: "thứ Ba, 16 tháng 6 năm 2026".
func Day(ctx context.Context, t time.Time) string { return Weekday(ctx, t) + ", " + Date(ctx, t) }

// DayTime writes a moment with its weekday: "8 giờ 06, thứ Ba, 16 tháng 6 năm 2026".
func DayTime(ctx context.Context, t time.Time) string { return Time(ctx, t) + ", " + Day(ctx, t) }

// Time writes a time of day: "8 giờ 06".
func Time(ctx context.Context, t time.Time) string {
	t = t.In(clock.Vietnam)
	if From(ctx) == English {
		return t.Format("15:04")
	}
	return fmt.Sprintf("%d giờ %02d", t.Hour(), t.Minute())
}

// Short writes a moment for a crowded list: "16/6 08:06", with the year when it is not now's.
func Short(ctx context.Context, t, now time.Time) string {
	t, now = t.In(clock.Vietnam), now.In(clock.Vietnam)
	if t.Year() != now.Year() {
		return t.Format("2/1/2006 15:04")
	}
	return t.Format("2/1 15:04")
}

// Numeric writes a day in figures, day first in both languages: "16/6/2026".
func Numeric(t time.Time) string { return t.In(clock.Vietnam).Format("2/1/2006") }

// Weekday names the day of the week: "thứ Ba", "Chủ Nhật".
func Weekday(ctx context.Context, t time.Time) string {
	day := t.In(clock.Vietnam).Weekday()
	if From(ctx) == English {
		return day.String()
	}
	return [...]string{"Chủ Nhật", "thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy"}[day]
}

// Ago says how long ago a moment was, and the day itself once it is more than a week past:
// "5 phút trước".
func Ago(ctx context.Context, t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case d < time.Minute:
		return T(ctx, "lang.now")
	case d < time.Hour:
		return T(ctx, "lang.ago.minutes", "count", int(d/time.Minute))
	case d < 24*time.Hour:
		return T(ctx, "lang.ago.hours", "count", int(d/time.Hour))
	case d < 7*24*time.Hour:
		return T(ctx, "lang.ago.days", "count", int(d/(24*time.Hour)))
	}
	return Date(ctx, t)
}

// Left says how much time by the clock is left until a moment, or how long it is past:
// "còn 2 giờ 54 phút", "quá 3 ngày". Terms in working days are counted by the calendar, not here.
func Left(ctx context.Context, until, now time.Time) string {
	if d := until.Sub(now); d >= 0 {
		return T(ctx, "lang.left", "time", Length(ctx, d))
	}
	return T(ctx, "lang.over", "time", Length(ctx, now.Sub(until)))
}

// Length says how long something takes: "36 phút", "2 giờ 54 phút", "3 ngày".
func Length(ctx context.Context, d time.Duration) string {
	minutes := int(d / time.Minute)
	switch {
	case d < time.Minute:
		return T(ctx, "lang.length.seconds", "count", int(d/time.Second))
	case d < time.Hour:
		return T(ctx, "lang.length.minutes", "count", minutes)
	case d < 24*time.Hour && minutes%60 == 0:
		return T(ctx, "lang.length.hours", "count", minutes/60)
	case d < 24*time.Hour:
		return T(ctx, "lang.length.hours", "count", minutes/60) + " " +
			T(ctx, "lang.length.minutes", "count", minutes%60)
	}
	return T(ctx, "lang.length.days", "count", int(d/(24*time.Hour)))
}

func date(tag Tag, t time.Time) string {
	t = t.In(clock.Vietnam)
	if tag == English {
		return t.Format("2 January 2006")
	}
	return fmt.Sprintf("%d tháng %d năm %d", t.Day(), t.Month(), t.Year())
}
