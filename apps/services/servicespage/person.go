package servicespage

import (
	"context"
	"errors"
	"net/http"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// PathIntake is where the counter files for somebody, PathNewPerson where it enters somebody who
// has no account.
const (
	PathIntake        = "/desk/intake"
	pathFindApplicant = "/desk/intake/find"
	PathNewPerson     = "/desk/intake/person"
)

// personView is the form for a person at the counter whom nobody has entered yet.
type personView struct {
	in        services.EnterIn
	procedure string
	faults    fault.Fields
}

func (p *Pages) personForm(w http.ResponseWriter, r *http.Request) error {
	return p.showPerson(w, r, "", r.FormValue("procedure"))
}

// showPerson asks who she is; the number that found nobody is hers, or her telephone's.
func (p *Pages) showPerson(w http.ResponseWriter, r *http.Request, number, procedure string) error {
	v := personView{in: services.EnterIn{Client: audit.NewClient()}, procedure: procedure}
	if len(number) == 12 {
		v.in.PersonalID = number
	} else {
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
	return web.SeeOther(w, r, pathIntake(id, r.FormValue("procedure")), "services.person.done")
}

func sexes(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "", Label: lang.T(ctx, "services.person.sex.unknown")}, {Value: "female", Label: lang.T(ctx, "services.person.sex.female")},
		{Value: "male", Label: lang.T(ctx, "services.person.sex.male")}}
}
