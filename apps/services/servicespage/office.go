package servicespage

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/files"
	"datmui/blocks/files/filespage"
	"datmui/blocks/forms"
	"datmui/blocks/records"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// oneLine keeps a short text from being broken.
func oneLine(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }

// intakeView is the counter's form.
type intakeView struct {
	number, procedure string
	procedures, units []ui.Option
	def               services.Definition
	form              *forms.Form
	applicant         directory.Person
	several           []directory.Person // who bear the number typed
	answers           forms.Answers
	faults            fault.Fields
	typed             url.Values
	channel, unit     string
	support           string
	supports          []ui.Option
	add, client       string
	held              map[string][]files.File    // by field: scans that came with the form before
	screen            bool                       // a second screen is open for the citizen
	look              bool                       // her store of papers was opened
	stored            map[string][]records.Paper // by place: papers of her store that may stand for it
	now               time.Time
}

// mayHelp says whether papers of her store could stand for any of the procedure's.
func (v intakeView) mayHelp() bool {
	return slices.ContainsFunc(v.def.Papers, func(r services.PaperRule) bool { return len(r.Stored) > 0 })
}

func (v intakeView) anyStored() bool {
	for _, list := range v.stored {
		if len(list) > 0 {
			return true
		}
	}
	return false
}

// intakeStart is the counter's first question: who, and what.
func (p *Pages) intakeStart(ctx context.Context, v *intakeView) error {
	v.client = audit.NewClient()
	list, err := p.services.OpenProcedures(ctx)
	v.procedures = []ui.Option{{Value: "", Label: lang.T(ctx, "services.intake.choose")}}
	for _, pr := range list {
		v.procedures = append(v.procedures, ui.Option{Value: pr.Code, Label: pr.Name})
	}
	return err
}

// intake first asks who and what, then shows the whole form on one page. The address has the id of
// the person, never a personal number: addresses end in histories and in logs of others.
func (p *Pages) intake(w http.ResponseWriter, r *http.Request) error {
	v := intakeView{procedure: r.FormValue("procedure"), typed: url.Values{}, faults: fault.Fields{}}
	if err := p.intakeStart(r.Context(), &v); err != nil {
		return err
	}
	fr := p.counterFrame(r)
	id, err := uuid.Parse(r.FormValue("applicant"))
	if err != nil {
		if err := p.showIntake(r.Context(), &v); err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, intakePage(fr, v))
	}
	if v.applicant, err = p.services.Applicant(r.Context(), id, v.procedure); err != nil {
		return err
	}
	if v.def, err = p.services.Current(r.Context(), v.procedure, p.services.Now()); err != nil {
		v.faults.Set("procedure", p.notHere(r.Context(), v.procedure))
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, intakePage(fr, v))
	}
	if err := p.fillIntake(r.Context(), &v); err != nil {
		return err
	}
	v.answers = v.form.Prefill(p.services.KnownOf(r.Context(), v.applicant))
	if err := p.showIntake(r.Context(), &v); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, intakePage(fr, v))
}

// findApplicant goes from a number on to the person's form, or to the form that enters her.
func (p *Pages) findApplicant(w http.ResponseWriter, r *http.Request) error {
	v := intakeView{number: strings.TrimSpace(r.PostFormValue("number")), procedure: r.PostFormValue("procedure"), typed: url.Values{}, faults: fault.Fields{}}
	if r.PostFormValue("enter") != "" {
		return p.showPerson(w, r, v.number, v.procedure)
	}
	if err := p.intakeStart(r.Context(), &v); err != nil {
		return err
	}
	found, several, err := p.services.FindApplicant(r.Context(), v.number, v.procedure)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v.faults, v.several = f, several
		fr := p.counterFrame(r)
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, intakePage(fr, v))
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathIntake(found.ID, v.procedure), "")
}

// choices are those who bear the number typed, each leading to the form for her.
func (v intakeView) choices(ctx context.Context) []ui.GoItem {
	out := make([]ui.GoItem, len(v.several))
	for i, p := range v.several {
		out[i] = ui.GoItem{Text: p.Name, Href: pathIntake(p.ID, v.procedure)}
		if p.BirthDate != nil {
			out[i].More = lang.Date(ctx, *p.BirthDate)
		}
	}
	return out
}

// pathIntake is the counter's form for a person and a procedure.
func pathIntake(applicant uuid.UUID, procedure string) string {
	return PathIntake + "?" + url.Values{"applicant": {applicant.String()}, "procedure": {procedure}}.Encode()
}

func (p *Pages) fillIntake(ctx context.Context, v *intakeView) (err error) {
	if v.form, err = p.services.FormOf(ctx, v.def); err != nil {
		return err
	}
	centres, err := p.services.Counters(ctx)
	if err != nil {
		return err
	}
	v.supports = []ui.Option{{Value: "", Label: lang.T(ctx, "services.support.none")}}
	for _, c := range centres {
		v.supports = append(v.supports, ui.Option{Value: c.ID, Label: c.Name})
	}
	v.units = []ui.Option{{Value: "", Label: lang.T(ctx, "services.intake.own-unit")}}
	for _, u := range v.form.UnitList() {
		v.units = append(v.units, ui.Option{Value: u.Code, Label: u.Name})
	}
	return nil
}

func (p *Pages) takeIn(w http.ResponseWriter, r *http.Request) error {
	wrong := filespage.New(p.files).Form(r)
	f, isFields := errors.AsType[fault.Fields](wrong)
	if wrong != nil && !isFields {
		return wrong
	}
	v := intakeView{typed: r.Form, client: r.FormValue("client"), channel: r.FormValue("channel"),
		unit: r.FormValue("unit"), support: r.FormValue("support"), add: r.FormValue("add"), faults: f, now: p.services.Now()}
	var err error
	if v.def, err = p.services.Current(r.Context(), r.FormValue("procedure"), p.services.Now()); fault.KindOf(err) == fault.KindNotFound {
		return p.refuseIntake(w, r, r.FormValue("procedure"))
	} else if err != nil {
		return err
	}
	if v.faults == nil {
		v.faults = fault.Fields{}
	}
	if err := p.applicantOf(r, &v); err != nil {
		return err
	}
	if err := p.fillIntake(r.Context(), &v); err != nil {
		return err
	}
	v.answers = v.form.Decode(r.Context(), r.Form, "")
	if v.held, err = p.heldFiles(r); err != nil {
		return err
	}
	if v.look = r.FormValue("look")+r.FormValue("looked") != ""; v.look {
		if v.stored, err = p.services.StoredFor(r.Context(), v.def, v.applicant.ID, v.def.Papers); err != nil {
			return err
		}
	}
	if err := p.showIntake(r.Context(), &v); err != nil {
		return err
	}
	fr := p.counterFrame(r)
	if v.add != "" || r.FormValue("remove") != "" || r.FormValue("look") != "" {
		return web.Render(w, r, http.StatusOK, intakePage(fr, v))
	}
	if !v.faults.Any() {
		agency, err := p.services.OwnCounter(r.Context())
		if err != nil {
			return err
		}
		channel, _ := strconv.Atoi(v.channel)
		in := services.SubmitIn{Client: v.client, Procedure: v.def.Code, Agency: agency, Unit: v.unit, Support: v.support, ReturnWay: v.answers.Text("return_way"), Phone: v.answers.Text("requester_phone"), Applicant: v.applicant.ID, Slip: r.FormValue("slip"),
			Channel: services.Channel(channel), Answers: v.answers, Papers: v.papers(), Consent: r.FormValue("consent") != "", Legible: r.FormValue("legible") != "", Authority: authorityOf(r)}
		run := p.services.Intake
		if in.Channel == services.Online { // on the citizen's behalf: it waits for intake like hers
			run = p.services.Submit
		}
		out, err := run(r.Context(), in)
		if err == nil {
			if err := p.services.ShowTaken(r.Context(), out); err != nil {
				return err
			}
			return web.SeeOther(w, r, PathDesk(out.ID), "services.intake.done")
		}
		var ok bool
		if v.faults, ok = errors.AsType[fault.Fields](err); !ok {
			return err
		}
	}
	fr.Errors = true
	return web.Render(w, r, http.StatusUnprocessableEntity, intakePage(fr, v))
}

// papers reads the sheets counted, the scans and the papers of her store for each place.
func (v intakeView) papers() []services.PaperIn {
	var out []services.PaperIn
	for _, rule := range v.def.Papers {
		o, _ := strconv.Atoi(v.typed.Get("originals." + rule.Key))
		c, _ := strconv.Atoi(v.typed.Get("copies." + rule.Key))
		o, c = max(0, min(o, 1000)), max(0, min(c, 1000))
		scans := 0
		for _, s := range v.typed["scan."+rule.Key+".id"] {
			if id, err := uuid.Parse(s); err == nil {
				out = append(out, services.PaperIn{Place: rule.Key, File: id, Originals: o, Copies: c})
				o, c, scans = 0, 0, scans+1
			}
		}
		if scans == 0 && o+c > 0 {
			out = append(out, services.PaperIn{Place: rule.Key, Originals: o, Copies: c})
		}
		for _, s := range v.typed["stored."+rule.Key] {
			if id, err := uuid.Parse(s); err == nil {
				out = append(out, services.PaperIn{Place: rule.Key, Stored: id})
			}
		}
	}
	return out
}

func paperAnswers(ctx context.Context, v applyView) []ui.Answer {
	var out []ui.Answer
	for _, rule := range v.asked() {
		var names []string
		for _, f := range v.filesOf(rule.Key) {
			names = append(names, f.Name)
		}
		for _, p := range v.again(rule.Key) {
			names = append(names, lang.T(ctx, "services.stored.use", "name", p.Name, "number", p.Number))
		}
		out = append(out, ui.Answer{Name: rule.NameIn(lang.From(ctx)), Text: strings.Join(names, ", "), Change: PathApply(v.draft.ID, "papers")})
	}
	return out
}

func whereAnswers(ctx context.Context, v applyView, fee string) []ui.Answer {
	unit := v.draft.Answers.Text(keyUnit)
	for _, u := range v.units {
		if u.Code == unit {
			unit = u.Name
		}
	}
	change := PathApply(v.draft.ID, "where")
	out := []ui.Answer{
		{Name: lang.T(ctx, "services.where.unit"), Text: unit, Change: change},
		{Name: lang.T(ctx, "services.fee"), Text: fee},
	}
	return out
}
