package servicespage

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"datmui/apps/services"
	"datmui/kit/actor"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

// stateTone is the colour of a state.
func stateTone(s services.State) ui.Tone {
	switch s {
	case services.Registered, services.Accepted, services.Processing:
		return ui.Run
	case services.AwaitingSupplement, services.AwaitingPayment:
		return ui.Soon
	case services.Refused:
		return ui.Wrong
	case services.Finished, services.Returned:
		return ui.Done
	}
	return ui.Pause
}

// timeLine mixes what happened, what was noted and what was signed, newest first.
func timeLine(ctx context.Context, rec services.Record) []ui.Event {
	out := slipEvents(ctx, rec, true)
	for _, n := range rec.Notes {
		out = append(out, ui.Event{Title: lang.T(ctx, "services.note.by", "who", n.AuthorName), Mark: "note", Who: n.AuthorPost, At: n.At, Quote: n.Text})
	}
	out = append(out, handOverEvents(ctx, rec)...)
	for _, s := range rec.Signed {
		out = append(out, ui.Event{Title: lang.T(ctx, "services.signed."+s.Field, "who", s.Name), Mark: "done", Who: s.Organisation, At: s.At,
			Body: ui.Code("SHA-256 " + s.Short() + "…")})
	}
	slices.SortStableFunc(out, func(a, b ui.Event) int { return b.At.Compare(a.At) })
	return out
}

// slipTable is the control slip, Form 06: who gave it to whom, when, in time or late, with what words.
func slipTable(ctx context.Context, rec services.Record, now time.Time) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "services.slip.form"), Columns: []ui.Column{{Text: lang.T(ctx, "services.slip.n"), Num: true}, {Text: lang.T(ctx, "services.slip.at"), Fold: lang.T(ctx, "services.slip.at")},
		{Text: lang.T(ctx, "services.slip.giver"), Fold: lang.T(ctx, "services.slip.giver")}, {Text: lang.T(ctx, "services.slip.taker"), Fold: lang.T(ctx, "services.slip.taker")},
		{Text: lang.T(ctx, "services.list.state"), Fold: lang.T(ctx, "services.list.state")}, {Text: lang.T(ctx, "services.slip.timing"), Fold: lang.T(ctx, "services.slip.timing")}}}
	for _, mv := range rec.Slip {
		taker := mv.ToName
		if taker == "" {
			taker = agencyName(rec, mv.ToAgency)
		}
		timing := "–"
		if mv.Timing != "" {
			timing = lang.T(ctx, "services.timing."+mv.Timing)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(mv.N)}, {Text: lang.Short(ctx, mv.At, now)}, {Text: mv.ActorName, Sub: mv.ActorPost},
			{Text: taker}, {Text: moveText(ctx, mv), Sub: mv.Note}, {Text: timing}}})
	}
	return t
}

// slipEvents is the control slip as a time line, newest first.
func slipEvents(ctx context.Context, rec services.Record, officials bool) []ui.Event {
	var out []ui.Event
	for i := len(rec.Slip) - 1; i >= 0; i-- {
		mv := rec.Slip[i]
		e := ui.Event{Title: moveText(ctx, mv), Who: actor.Titled(mv.ActorName, mv.ActorPost), At: mv.At, Quote: mv.Note}
		if !officials && (mv.FromState != nil && *mv.FromState == services.Processing && mv.ToState == services.Processing) {
			e.Quote = "" // notes between officers are theirs
		}
		if i == len(rec.Slip)-1 && rec.State.Open() {
			e.Mark = "now"
		} else if mv.ToState == services.Finished || mv.ToState == services.Returned {
			e.Mark = "done"
		}
		out = append(out, e)
	}
	return out
}

func moveText(ctx context.Context, mv services.Move) string {
	short := mv.Act[strings.LastIndexByte(mv.Act, '.')+1:]
	if short == services.ActAsk && mv.ToState == services.Processing {
		short = "propose-ask"
	}
	if key := "services.move." + short; lang.Has(ctx, key) {
		return lang.T(ctx, key, "to", mv.ToName)
	}
	return lang.T(ctx, mv.ToState.Key())
}
