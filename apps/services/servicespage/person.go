package servicespage

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// PathNewPerson is where the counter enters somebody who has no account.
const PathNewPerson = "/desk/intake/person"

// personView is the form for a person at the counter whom nobody has entered yet.
type personView struct {
	in        services.EnterIn
	procedure string
	faults    fault.Fields
}

func (p *Pages) personForm(w http.ResponseWriter, r *http.Request) error {
	v := personView{in: web.Form[services.EnterIn](r), procedure: r.FormValue("procedure")}
	v.in.Client = audit.NewClient()
	switch number := r.FormValue("number"); {
	case len(number) == 12:
		v.in.PersonalID = number
	case number != "":
		v.in.Phone = number
	}
	return web.Render(w, r, http.StatusOK, personPage(p.official(r), v))
}

// enterPerson keeps the person and goes on to her filing.
func (p *Pages) enterPerson(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[services.EnterIn](r)
	id, err := p.services.EnterApplicant(r.Context(), in)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		fr := p.official(r)
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, personPage(fr, personView{in: in, procedure: r.FormValue("procedure"), faults: f}))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/desk/intake?"+url.Values{"applicant": {id.String()}, "procedure": {r.FormValue("procedure")}}.Encode(), "services.person.done")
}

func sexes(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "", Label: lang.T(ctx, "services.person.sex.unknown")}, {Value: "female", Label: lang.T(ctx, "services.person.sex.female")},
		{Value: "male", Label: lang.T(ctx, "services.person.sex.male")}}
}
