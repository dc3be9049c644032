package servicespage

import (
	"context"
	"time"

	"datmui/apps/services"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

// complaintFacts say when a complaint came and until when it is answered, or who answered it.
func complaintFacts(ctx context.Context, c services.Complaint) []ui.Fact {
	f := []ui.Fact{{Name: lang.T(ctx, "services.complaint.at"), Text: lang.DateTime(ctx, c.At)},
		{Name: lang.T(ctx, "services.complaint.promised"), Text: lang.DateTime(ctx, c.Promised)}}
	if c.Open() {
		return append(f, ui.Fact{Name: lang.T(ctx, "services.complaint.due"), Text: lang.DateTime(ctx, c.DueAt)})
	}
	return append(f, ui.Fact{Name: lang.T(ctx, "services.complaint.answered"), Text: lang.DateTime(ctx, *c.AnsweredAt)},
		ui.Fact{Name: lang.T(ctx, "services.complaint.by"), Text: c.Answerer})
}

// complaintTone is late when the answer is.
func complaintTone(c services.Complaint, now time.Time) ui.Tone {
	switch {
	case !c.Open():
		return ui.Done
	case now.After(c.DueAt):
		return ui.Late
	}
	return ui.Soon
}

func complaintState(ctx context.Context, c services.Complaint, now time.Time) string {
	switch complaintTone(c, now) {
	case ui.Done:
		return lang.T(ctx, "services.complaint.state.answered")
	case ui.Late:
		return lang.T(ctx, "services.complaint.state.late")
	}
	return lang.T(ctx, "services.complaint.state.open")
}
