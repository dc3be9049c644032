package calendarpage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"datmui/blocks/calendar"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

// yearView is what the page of a year shows.
type yearView struct {
	Frame      ui.Frame
	Year       int
	Today      calendar.Date
	Counting   *calendar.Calendar
	Reception  *calendar.Calendar
	Versions   []calendar.Year // newest first
	MayPublish bool
}

// state is the version that counts: published, else the draft; "" when nothing is there.
func (v yearView) state() (y calendar.Year) {
	for _, x := range v.Versions {
		if x.State == "published" {
			return x
		}
		if x.State == "draft" {
			y = x
		}
	}
	return y
}

func (v yearView) hasDraft() bool {
	return len(v.Versions) > 0 && v.Versions[0].State == "draft"
}

// cellOf is one day in the picture of a month.
type cellOf struct {
	Date  calendar.Date // zero before the first day
	Lunar string
	Class string
	Said  string // what the colour says, for those who do not see it
}

// weeks of a month begin on Monday.
func (v yearView) weeks(ctx context.Context, m time.Month) (out [][]cellOf) {
	first := calendar.NewDate(v.Year, m, 1)
	week := make([]cellOf, (int(first.Weekday())+6)%7)
	days := v.Counting.Days(v.Year)
	for d := first; d < calendar.NewDate(v.Year, m+1, 1); d++ {
		week = append(week, v.cell(ctx, d, days))
		if len(week) == 7 {
			out, week = append(out, week), nil
		}
	}
	if len(week) > 0 {
		out = append(out, append(week, make([]cellOf, 7-len(week))...))
	}
	return out
}

func (v yearView) cell(ctx context.Context, d calendar.Date, days []calendar.Day) cellOf {
	l := calendar.Hanoi.Lunar(d)
	c := cellOf{Date: d, Lunar: fmt.Sprint(l.Day)}
	if l.Day == 1 || d.UTC().Day() == 1 {
		c.Lunar = fmt.Sprintf("%d/%d", l.Day, l.Month)
	}
	if i := slices.IndexFunc(days, func(x calendar.Day) bool { return x.Date == d }); i >= 0 {
		c.Class, c.Said = "is-off", holiday(ctx, days[i])
		if !days[i].Off() {
			c.Class, c.Said = "is-worked", lang.T(ctx, "calendar.kind.swap_work")
		}
	} else if len(v.Counting.On(d)) == 0 {
		c.Class = "is-rest"
	}
	if d == v.Today {
		c.Class += " is-today"
		c.Said = strings.TrimPrefix(c.Said+", "+lang.T(ctx, "calendar.today"), ", ")
	}
	return c
}

func holiday(ctx context.Context, d calendar.Day) string {
	if key := "calendar.holiday." + d.Holiday; lang.Has(ctx, key) {
		return lang.T(ctx, key)
	}
	return lang.T(ctx, "calendar.holiday.other")
}

// noon of a day, for texts that want a moment in Vietnam.
func noon(d calendar.Date) time.Time { return d.At(12 * 60) }

// shortDay names a day of the year that is shown: "thứ Năm, 1/1".
func shortDay(ctx context.Context, d calendar.Date) string {
	return lang.Weekday(ctx, noon(d)) + ", " + noon(d).Format("2/1")
}

func daysTable(ctx context.Context, days []calendar.Day) ui.Table {
	col := func(name string) ui.Column {
		text := lang.T(ctx, "calendar.day."+name)
		return ui.Column{Text: text, Fold: text}
	}
	t := ui.Table{Label: lang.T(ctx, "calendar.days"), Columns: []ui.Column{
		{Text: lang.T(ctx, "calendar.day.date")}, col("holiday"), col("kind"), col("for"), col("lunar")}}
	for _, d := range days {
		tone := ui.Done
		if !d.Off() {
			tone = ui.Soon
		}
		stands := ""
		if d.For != 0 {
			stands = shortDay(ctx, d.For)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: upper(shortDay(ctx, d.Date))},
			{Text: holiday(ctx, d)},
			{Body: ui.Tag(tone, lang.T(ctx, "calendar.kind."+string(d.Kind)))},
			{Text: stands},
			{Text: calendar.Hanoi.Lunar(d.Date).String()},
		}})
	}
	return t
}

// day is when the hours are looked at: today in this year, else the year's first day.
func (v yearView) day() calendar.Date {
	if v.Today.Year() == v.Year {
		return v.Today
	}
	return calendar.NewDate(v.Year, time.January, 1)
}

func monthName(ctx context.Context, m time.Month) string {
	if lang.From(ctx) == lang.English {
		return lang.T(ctx, "calendar.month", "month", m.String())
	}
	return lang.T(ctx, "calendar.month", "month", int(m))
}

// opening says the hours of the first ordinary week from a day on, days with the same hours together.
func opening(ctx context.Context, c *calendar.Calendar, day calendar.Date) (out []ui.Fact) {
	monday := day - calendar.Date((int(day.Weekday())+6)%7)
	for off := append(c.Days(day.Year()), c.Days(day.Year()+1)...); touched(off, monday); monday += 7 {
	}
	for from := 0; from < 7; {
		spans := c.On(monday + calendar.Date(from)).String()
		to := from
		for to+1 < 7 && c.On(monday+calendar.Date(to+1)).String() == spans {
			to++
		}
		name := lang.Weekday(ctx, noon(monday+calendar.Date(from)))
		if to > from {
			name = lang.T(ctx, "calendar.from-to", "from", name, "to", lang.Weekday(ctx, noon(monday+calendar.Date(to))))
		}
		text := strings.ReplaceAll(strings.ReplaceAll(spans, "-", "–"), ",", ", ")
		if spans == "" {
			text = lang.T(ctx, "calendar.closed")
		}
		out = append(out, ui.Fact{Name: upper(name), Text: text})
		from = to + 1
	}
	return out
}

func touched(days []calendar.Day, monday calendar.Date) bool {
	return slices.ContainsFunc(days, func(d calendar.Day) bool { return d.Date >= monday && d.Date < monday+7 })
}

func upper(s string) string {
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}
