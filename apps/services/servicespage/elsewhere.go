package servicespage

import (
	"context"
	"net/http"
	"net/url"

	"datmui/apps/services"
	"datmui/kit/fault"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// notHere is why the counter cannot take a procedure in, as the code of a fault.
// law: public-services.md 2 — what a ministry's system handles is not processed in the province's.
func (p *Pages) notHere(ctx context.Context, code string) string {
	pr, err := p.services.Procedure(ctx, code)
	switch {
	case err != nil:
		return "required"
	case pr.Standing == services.StandsMinistry:
		return "ministry"
	}
	return "not-open"
}

// refuseIntake shows the counter's first question again and says why the procedure is not taken in.
func (p *Pages) refuseIntake(w http.ResponseWriter, r *http.Request, code string) error {
	v := intakeView{procedure: code, typed: url.Values{}, faults: fault.Fields{"procedure": p.notHere(r.Context(), code)}}
	if err := p.intakeStart(r.Context(), &v); err != nil {
		return err
	}
	fr := web.Frame(r)
	fr.Area, fr.Errors = ui.Official, true
	return web.Render(w, r, http.StatusUnprocessableEntity, intakePage(fr, v))
}
