package ui

import (
	"context"
	"time"
	"unicode"
	"unicode/utf8"

	"datmui/kit/clock"
	"datmui/kit/lang"
)

// Tone is what a colour says. Every tone comes with a word or a shape as well.
type Tone string

const (
	Calm  Tone = ""      // nothing to see to
	Run   Tone = "run"   // somebody is working on it
	Soon  Tone = "soon"  // due soon, or not yet matching
	Late  Tone = "late"  // past its time
	Wrong Tone = "fault" // refused, failed
	Pause Tone = "pause" // the clock is stopped
	Done  Tone = "done"
)

// icon is the shape that goes with a tone.
func (t Tone) icon() string {
	switch t {
	case Run, Late:
		return "clock"
	case Soon:
		return "warn"
	case Wrong:
		return "x"
	case Pause:
		return "pause"
	case Done:
		return "check"
	}
	return "inbox"
}

func (t Tone) tag() string {
	switch t {
	case Calm:
		return "tag"
	case Late:
		return "tag tag--fault"
	}
	return "tag tag--" + string(t)
}

func (t Tone) notice() string {
	switch t {
	case Calm, Run, Pause:
		return "notice"
	case Late:
		return "notice notice--fault"
	}
	return "notice notice--" + string(t)
}

// with joins a class and its variant for the tone, where there is one.
func (t Tone) with(class string) string {
	switch t {
	case Calm, Run:
		return class
	case Wrong:
		t = Late
	}
	return class + " " + class + "--" + string(t)
}

// Deadline is how a due time is shown: words beside a gauge that fills as the term runs.
type Deadline struct {
	Tone   Tone   // Calm, Soon, Late, Pause or Done
	Tenths int    // 0 to 10: how much of the term is gone
	Head   string // "Còn 6 ngày"
	Sub    string // "thứ Tư, 2/12 14:40"
	Line   bool   // on one line, for headers
}

// Term is a due time to be shown; DeadlineOf puts it into words.
type Term struct {
	From, Due, Now time.Time
	Left           string    // working time left or over in words: "còn 6 ngày"; "" counts by the clock
	Paused         string    // why the clock is stopped; "" when it runs
	DoneAt         time.Time // when it was finished; zero while it is not
	Soon           bool      // due soon by the calendar; a term that ends today or tomorrow is soon anyway
}

// DeadlineOf says where a term stands.
func DeadlineOf(ctx context.Context, t Term) Deadline {
	d := Deadline{Tenths: 10, Sub: lang.T(ctx, "ui.due.at", "at", lang.Short(ctx, t.Due, t.Now))}
	switch {
	case !t.DoneAt.IsZero() && t.DoneAt.After(t.Due):
		d.Tone, d.Head = Done, lang.T(ctx, "ui.due.done-late")
	case !t.DoneAt.IsZero():
		d.Tone, d.Head = Done, lang.T(ctx, "ui.due.done")
	case t.Paused != "":
		d.Tone, d.Head, d.Sub = Pause, lang.T(ctx, "ui.due.paused"), t.Paused
		d.Tenths = tenths(t.From, t.Due, t.Now)
	case t.Now.After(t.Due):
		d.Tone, d.Head = Late, t.left(ctx)
	default:
		d.Head, d.Tenths = t.left(ctx), tenths(t.From, t.Due, t.Now)
		if t.Soon || daysBetween(t.Now, t.Due) <= 1 {
			d.Tone = Soon
		}
		if daysBetween(t.Now, t.Due) == 0 {
			d.Sub = lang.T(ctx, "ui.due.today", "at", t.Due.In(clock.Vietnam).Format("15:04"))
		}
	}
	return d
}

func (t Term) left(ctx context.Context) string {
	if t.Left != "" {
		return upperFirst(t.Left)
	}
	return upperFirst(lang.Left(ctx, t.Due, t.Now))
}

func tenths(from, due, now time.Time) int {
	whole := due.Sub(from)
	if whole <= 0 {
		return 10
	}
	return max(0, min(10, int(10*now.Sub(from)/whole)))
}

// daysBetween counts midnights between two moments here.
func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time {
		y, m, d := t.In(clock.Vietnam).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(day(b).Sub(day(a)) / (24 * time.Hour))
}

// upperFirst begins a sentence with words that were made for the middle of one.
func upperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}
