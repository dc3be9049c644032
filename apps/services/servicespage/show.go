package servicespage

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"datmui/apps/services"
	"datmui/kit/clock"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func optional(f ui.Field) ui.Field { f.Optional = true; return f }

func unitField(f ui.Field, unit string) ui.Field {
	f.Unit, f.Mode, f.Width = unit, "numeric", "w12"
	return f
}

// named gives a repeated field its own name.
func named(f ui.Field, name string) ui.Field { f.Name = name; return f }

// faulted shows the fault of another name at a field; the first row also that of the whole list.
func faulted(ctx context.Context, f ui.Form, field ui.Field, name string, first bool) ui.Field {
	field.Fault = f.Fault(ctx, name)
	if field.Fault == "" && first {
		field.Fault = f.Fault(ctx, "items")
	}
	return field
}

func buttonKind(act string) string {
	switch act {
	case services.ActRefuse, services.ActStop:
		return "fault"
	case services.ActSendBack, services.ActExtend, services.ActReopen, services.ActForward:
		return "quiet"
	}
	return ""
}

// keyOf is the key that sends an act's form: s signs while the key is open; else it leads to the PIN.
func (v dossierView) keyOf(act string) string {
	if act == services.ActSign && v.pinOpen {
		return "s"
	}
	return ""
}

// summaryKey opens the form that gives the dossier to a colleague.
func summaryKey(act string) templ.Attributes {
	if act == services.ActForward {
		return templ.Attributes{"data-key": "a"}
	}
	return nil
}

// keys are those of the page, for what may be done here now.
func (v dossierView) keys(ctx context.Context) []ui.Key {
	var out []ui.Key
	if len(v.acts) > 0 {
		out = append(out, ui.Key{Keys: []string{"n"}, Text: lang.T(ctx, "ui.keys.next")})
	}
	if v.offers(services.ActForward) && v.acts[0] != services.ActForward {
		out = append(out, ui.Key{Keys: []string{"a"}, Text: lang.T(ctx, "ui.keys.assign")})
	}
	if v.offers(services.ActSign) {
		out = append(out, ui.Key{Keys: []string{"s"}, Text: lang.T(ctx, "ui.keys.sign")})
	}
	return append(out, ui.Key{Keys: []string{"Ctrl", "K"}, Text: lang.T(ctx, "ui.keys.command")})
}

func paperOptions(ctx context.Context, def services.Definition) []ui.Option {
	out := []ui.Option{{Value: "", Label: lang.T(ctx, "services.ask.other")}}
	for _, r := range def.Papers {
		out = append(out, ui.Option{Value: r.Key, Label: r.NameIn(lang.From(ctx))})
	}
	return out
}

func colleagueOptions(ctx context.Context, list []services.Colleague) []ui.Option {
	out := []ui.Option{{Value: "", Label: lang.T(ctx, "services.forward.choose")}}
	for _, c := range list {
		out = append(out, ui.Option{Value: c.ID.String(), Label: c.Name + " — " + c.Title})
	}
	return out
}

func recordHead(ctx context.Context, fr ui.Frame, v dossierView) ui.RecordHead {
	d := v.rec.Dossier
	h := ui.RecordHead{Code: d.Code, Title: v.rec.Def.NameIn(fr.Lang), Who: d.OwnerName, State: ui.Tag(stateTone(d.State), lang.T(ctx, d.State.Key()))}
	if d.Subject != "" {
		h.WhoMore = " — " + d.Subject
	}
	if dl, ok := deadline(ctx, d, fr.Now); ok {
		h.Due = &dl
	}
	h.Why = lang.T(ctx, "services.step."+or(d.Step, "end"))
	if len(v.acts) == 0 {
		h.WhyMore = lang.T(ctx, "services.nothing-for-you")
	}
	return h
}

// deadline shows the promise, or the eight-hour answer before it.
func deadline(ctx context.Context, d services.Dossier, now time.Time) (ui.Deadline, bool) {
	due, start := d.DueAt, d.AcceptedAt
	if due == nil {
		due, start = d.AnswerDue, &d.FiledAt
	}
	if due == nil {
		return ui.Deadline{}, false
	}
	out := ui.Deadline{Sub: lang.Time(ctx, *due) + " " + due.In(clock.Vietnam).Format("2/1/2006")}
	switch {
	case d.FinishedAt != nil:
		out.Tone, out.Tenths, out.Head = ui.Done, 10, lang.T(ctx, "services.due.done")
		if d.Late(now) {
			out.Tone, out.Head = ui.Late, lang.T(ctx, "services.due.done-late")
		}
	case d.State.Terminal():
		return ui.Deadline{}, false
	case d.PausedAt != nil:
		out.Tone, out.Tenths, out.Head = ui.Pause, 5, lang.T(ctx, "services.due.paused")
	case now.After(*due):
		out.Tone, out.Tenths, out.Head = ui.Late, 10, lang.T(ctx, "services.due.late", "long", lang.Length(ctx, now.Sub(*due)))
	default:
		out.Head = lang.Left(ctx, *due, now)
		if span := due.Sub(*start); span > 0 {
			out.Tenths = int(10 * now.Sub(*start) / span)
		}
		if due.Sub(now) < 24*time.Hour {
			out.Tone = ui.Soon
		}
	}
	return out, true
}

func dossierFacts(ctx context.Context, rec services.Record) []ui.Fact {
	f := []ui.Fact{
		{Name: lang.T(ctx, "services.applicant"), Text: rec.ApplicantName},
		{Name: lang.T(ctx, "services.channel"), Text: lang.T(ctx, rec.Channel.Key())},
		{Name: lang.T(ctx, "services.receiving"), Text: agencyName(rec, rec.ReceivingAgency)},
		{Name: lang.T(ctx, "services.competent"), Text: agencyName(rec, rec.CompetentAgency)},
		{Name: lang.T(ctx, "services.filed-at"), Text: lang.DateTime(ctx, rec.FiledAt)},
		{Name: lang.T(ctx, "services.fee"), Text: feeLine(ctx, rec)},
		{Name: lang.T(ctx, "services.version"), Text: rec.Procedure + " v" + lang.Number(ctx, rec.Version)},
	}
	if rec.Holder != nil {
		f = append(f, ui.Fact{Name: lang.T(ctx, "services.holder"), Text: rec.People[*rec.Holder]})
	}
	if rec.FirstDueAt != nil {
		f = append(f, ui.Fact{Name: lang.T(ctx, "services.first-due"), Text: lang.DateTime(ctx, *rec.FirstDueAt)})
	}
	if rec.Number != nil {
		f = append(f, ui.Fact{Name: lang.T(ctx, "services.number-of"), Text: *rec.Number})
	}
	return f
}

func paperItem(ctx context.Context, rec services.Record, paper services.Paper) ui.FileItem {
	it := ui.FileItem{Name: paperName(ctx, rec.Def, paper.Place), Detail: lang.T(ctx, "services.papers.sheets", "originals", paper.Originals, "copies", paper.Copies)}
	if paper.FileID != nil {
		it.Detail = lang.T(ctx, "services.papers.file")
		it.Action = ui.Link{Text: lang.T(ctx, "services.open"), Href: PathFile(*paper.FileID)}
	}
	return it
}

func outgoingItem(ctx context.Context, out services.Outgoing) ui.FileItem {
	it := ui.FileItem{Name: lang.T(ctx, "services.outgoing."+out.Kind), Icon: "seal", Detail: lang.T(ctx, "services.outgoing.state."+out.State)}
	if out.Number != "" {
		it.Name += " " + out.Number
	}
	if out.FileID != nil {
		it.Action = ui.Link{Text: lang.T(ctx, "services.open"), Href: PathFile(*out.FileID)}
	}
	return it
}
