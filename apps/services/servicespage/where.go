package servicespage

import (
	"cmp"
	"context"
	"net/http"

	"datmui/blocks/forms"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

func (p *Pages) where(w http.ResponseWriter, r *http.Request) error {
	v, err := p.apply(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, wherePage(web.Frame(r), v))
}

func (p *Pages) chooseWhere(w http.ResponseWriter, r *http.Request) error {
	v, err := p.apply(r)
	if err != nil {
		return err
	}
	unit := r.FormValue("unit")
	agency, err := p.services.CounterOf(r.Context(), unit)
	f := fault.Fields{}
	if err != nil {
		f.Set("unit", "required")
	}
	in := forms.Answers{keyAgency: agency, keyUnit: unit}
	if f.Any() {
		v.faults, v.draft.Answers = f, v.draft.Answers.With(in)
		fr := web.Frame(r)
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, wherePage(fr, v))
	}
	if _, err := p.forms.SaveDraft(r.Context(), forms.SaveIn{Draft: v.draft.ID, Rev: v.draft.Rev, Page: v.draft.Page, Answers: in}); err != nil {
		return err
	}
	return web.SeeOther(w, r, v.at("fee"), "")
}

// whereTitle names the question of the place: who decides in a commune, or only who receives.
func (v applyView) whereTitle() string {
	if v.def.Competent == "commune" {
		return "services.where.title"
	}
	return "services.where.counter"
}

// places are the papers in the order of the page.
func (v applyView) places() []string {
	var out []string
	for _, r := range v.asked() {
		out = append(out, r.Key)
	}
	return out
}

// chosenUnit is the commune that was chosen, else the one where she lives: to be confirmed, not guessed.
func (v applyView) chosenUnit() string {
	return cmp.Or(v.draft.Answers.Text(keyUnit), v.draft.Answers.Text("requester_unit"))
}

// beforeWhere is the step before the choice of the place.
func (v applyView) beforeWhere() string {
	if len(v.asked()) > 0 {
		return v.at("papers")
	}
	return v.lastQuestion()
}

// lastQuestion is the page of questions that is asked last with the answers so far.
func (v applyView) lastQuestion() string {
	steps := v.form.Steps(v.draft.Answers)
	if len(steps) == 0 {
		return v.start()
	}
	return v.at("q/" + steps[len(steps)-1].ID)
}

// unitOptions lists the communes, with a line that chooses none.
func (v applyView) unitOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Value: "", Label: lang.T(ctx, "services.where.choose")}}
	for _, u := range v.units {
		out = append(out, ui.Option{Value: u.Code, Label: u.Name})
	}
	return out
}
