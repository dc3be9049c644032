package servicespage

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// What the officer may say of an original; "" says that it was not brought.
const (
	originalAgrees  = "agrees"
	originalDiffers = "differs"
)

// originals reads the officer's word on each original: "seen.<place>" and, where it differs, "reason.<place>".
func originals(ctx context.Context, p *Pages, r *http.Request) error {
	in := web.Form[services.OriginalsIn](r)
	for _, name := range slices.Sorted(maps.Keys(r.Form)) {
		place, ok := strings.CutPrefix(name, "seen.")
		switch word := r.Form.Get(name); {
		case ok && word == originalAgrees:
			in.Seen = append(in.Seen, services.OriginalSeen{Place: place, Agrees: true})
		case ok && word == originalDiffers:
			in.Seen = append(in.Seen, services.OriginalSeen{Place: place, Reason: r.FormValue("reason." + place)})
		}
	}
	return p.services.CheckOriginals(ctx, in)
}

// delivered takes the proof that came with the form.
func delivered(ctx context.Context, p *Pages, r *http.Request) error {
	in := web.Form[services.DeliveredIn](r)
	in.Proof, _ = uuid.Parse(r.FormValue("file.id"))
	return p.services.Deliver(ctx, in)
}

// reasonField is the reason of one original; its faults are those of every reason.
func reasonField(ctx context.Context, v dossierView, f ui.Form, rule services.PaperRule) ui.Field {
	name := "reason." + rule.Key
	out := ui.Optionally(f.Field(ctx, "reason", v.value(services.ActOriginals, name)))
	out.Name, out.Rows = name, 2
	if code, ok := f.Faults[name]; ok {
		out.Fault = ui.Form{Prefix: f.Prefix, Faults: map[string]string{"reason": code}}.Fault(ctx, "reason")
	}
	return out
}

// handOverEvents are the looks at originals and the ways of parcels, which no line of the control slip tells.
func handOverEvents(ctx context.Context, rec services.Record) []ui.Event {
	var out []ui.Event
	for _, o := range rec.Originals {
		e := ui.Event{Title: lang.T(ctx, "services.original.agrees", "paper", paperName(ctx, rec.Def, o.Place)), Mark: "done", Who: o.SeenName, At: o.At, Quote: o.Reason}
		if !o.Agrees {
			e.Title, e.Mark = lang.T(ctx, "services.original.differs", "paper", paperName(ctx, rec.Def, o.Place)), "fault"
		}
		out = append(out, e)
	}
	for _, p := range rec.Parcels {
		out = append(out, ui.Event{Title: lang.T(ctx, "services.parcel.sent", "carrier", p.Carrier, "number", p.Number), Who: p.SentName, At: p.SentAt, Quote: p.Receiver + ", " + p.Address})
		if p.BackWhy != "" {
			out = append(out, ui.Event{Title: lang.T(ctx, "services.parcel.back", "number", p.Number), Mark: "fault", At: *p.EndedAt, Quote: p.BackWhy})
		}
	}
	return out
}

// parcelFacts are what is known of a parcel.
func parcelFacts(ctx context.Context, p services.Parcel) []ui.Fact {
	out := []ui.Fact{
		{Name: lang.T(ctx, "services.post.carrier"), Text: p.Carrier},
		{Name: lang.T(ctx, "services.post.number"), Body: ui.Code(p.Number)},
		{Name: lang.T(ctx, "services.post.receiver"), Text: p.Receiver},
		{Name: lang.T(ctx, "services.post.address"), Text: p.Address},
		{Name: lang.T(ctx, "services.post.sent"), Text: lang.DateTime(ctx, p.SentAt)},
	}
	switch {
	case p.TakenBy != "":
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.post.taken"), Text: p.TakenBy + ", " + lang.Date(ctx, *p.EndedOn)})
	case p.BackWhy != "":
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.post.back"), Text: strings.Join([]string{lang.Date(ctx, *p.EndedOn), p.BackWhy}, ": ")})
	}
	return out
}

var parcelTones = map[string]ui.Tone{"sent": ui.Calm, "delivered": ui.Done, "back": ui.Soon}

// parcelKey is how far a parcel has come, as the end of a text key.
func parcelKey(p services.Parcel) string {
	switch {
	case p.TakenBy != "":
		return "delivered"
	case p.BackWhy != "":
		return "back"
	}
	return "sent"
}
