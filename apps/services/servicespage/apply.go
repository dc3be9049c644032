package servicespage

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/blocks/forms"
	"datmui/blocks/forms/formspage"
	"datmui/blocks/identity"
	"datmui/blocks/records"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/web"
)

// uploadLimit is what a form with files may hold when it is sent without scripts.
const uploadLimit = 64 << 20

func (p *Pages) applyRoutes() []web.Route {
	return []web.Route{
		{Pattern: "POST /services/{code}/begin", Who: web.Level2, Handle: p.begin},
		{Pattern: "GET /services/{code}/begin", Who: web.Level2, Handle: p.begin}, // from the sign-in; beginning twice is one draft
		{Pattern: "GET /apply/{draft}/go", Who: web.Level2, Handle: p.goOn},
		{Pattern: "GET /apply/{draft}/q/{page}", Who: web.Level2, Handle: p.question},
		{Pattern: "POST /apply/{draft}/q/{page}", Who: web.Level2, Handle: p.answer},
		{Pattern: "POST /apply/{draft}/autosave", Who: web.Level2, Handle: p.autosave},
		{Pattern: "GET /apply/{draft}/papers", Who: web.Level2, Handle: p.papers},
		{Pattern: "POST /apply/{draft}/papers", Who: web.Level2, Handle: p.givePapers, Limit: uploadLimit},
		{Pattern: "GET /apply/{draft}/where", Who: web.Level2, Handle: p.where},
		{Pattern: "POST /apply/{draft}/where", Who: web.Level2, Handle: p.chooseWhere},
		{Pattern: "GET /apply/{draft}/fee", Who: web.Level2, Handle: p.feeOf},
		{Pattern: "GET /apply/{draft}/check", Who: web.Level2, Handle: p.check},
		{Pattern: "POST /apply/{draft}/submit", Who: web.Level2, Handle: p.submit},
		{Pattern: "GET /apply/{draft}/forget", Who: web.Level2, Handle: p.askForget},
		{Pattern: "POST /apply/{draft}/forget", Who: web.Level2, Handle: p.forget},
		{Pattern: "GET /dossiers/{id}/filed", Who: web.AnyCitizen, Handle: p.filed},
		{Pattern: "GET /dossiers/{id}/supplement", Who: web.Level2, Handle: p.supplement},
		{Pattern: "POST /dossiers/{id}/supplement", Who: web.Level2, Handle: p.giveSupplement, Limit: uploadLimit},
	}
}

// applyView is what every step of filing needs.
type applyView struct {
	draft  forms.Draft
	form   *forms.Form
	def    services.Definition
	papers []services.PaperRule // needed with the answers so far
	held   map[uuid.UUID]files.File
	stored map[string][]records.Paper // by place: papers of her store that may stand for it
	faults fault.Fields
	units  []forms.UnitOption
	client string
	base   string        // where its preview lies; "" for a filing
	known  forms.Answers // what was filled in from what the state holds
	now    time.Time
}

// The answers below are kept with the draft beside those of the form.
const (
	keyAgency = "where_agency"
	keyUnit   = "where_unit"
	keyPaper  = "paper_"  // + place: ids of the files
	keyStored = "stored_" // + place: ids of papers of her store
)

func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	def, err := p.services.Current(r.Context(), r.PathValue("code"), p.services.Now())
	if fault.KindOf(err) == fault.KindNotFound { // its page says where it is filed, or that there is none
		return web.SeeOther(w, r, PathStart(r.PathValue("code")), "")
	} else if err != nil {
		return err
	}
	form, err := p.services.FormOf(r.Context(), def)
	if err != nil {
		return err
	}
	known, err := p.services.Known(r.Context())
	if err != nil {
		return err
	}
	of, err := p.services.KnownParty(r.Context(), def)
	if err != nil {
		return err
	}
	d, err := p.forms.BeginDraft(r.Context(), form, def.Code, form.Prefill(known).With(of))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, PathApply(d.ID, "go"), "")
}

// apply is the draft of the request with what the pages of filing show.
func (p *Pages) apply(r *http.Request) (applyView, error) {
	v, err := p.filing(r)
	if err != nil {
		return v, err
	}
	return v, p.show(r, &v)
}

// filing is the draft of the request, with all that filing it takes.
func (p *Pages) filing(r *http.Request) (applyView, error) {
	v, err := p.draftOf(r)
	if err != nil {
		return v, err
	}
	counting, _ := v.form.Check(v.draft.Answers) // answers to questions that no longer apply do not count
	v.papers = v.def.PapersFor(counting)
	held, err := p.files.Held(r.Context(), v.fileIDs()...)
	if err != nil {
		return v, err
	}
	if v.stored, err = p.services.StoredFor(r.Context(), v.def, actor.From(r.Context()).Party(), v.papers); err != nil {
		return v, err
	}
	v.held = map[uuid.UUID]files.File{}
	for _, f := range held {
		v.held[f.ID] = f
	}
	return v, nil
}

// draftOf is the draft of the request with its procedure and form; in a preview, those of the editor.
func (p *Pages) draftOf(r *http.Request) (applyView, error) {
	if code := r.PathValue("code"); code != "" {
		return p.preview(r, code)
	}
	id, err := uuid.Parse(r.PathValue("draft"))
	if err != nil {
		return applyView{}, fault.NotFound("forms.draft")
	}
	d, err := p.forms.Draft(r.Context(), id)
	if err != nil {
		return applyView{}, err
	}
	v := applyView{draft: d, client: audit.NewClient(), now: p.services.Now()}
	if v.def, err = p.services.Current(r.Context(), d.About, p.services.Now()); err != nil {
		return v, err
	}
	v.form, err = p.services.FormOf(r.Context(), v.def) // the one of today: what was answered to another stays where both ask it
	return v, err
}

// show adds what only pages need.
func (p *Pages) show(r *http.Request, v *applyView) error {
	known, err := p.services.Known(r.Context())
	if err != nil {
		return err
	}
	v.known = v.form.Prefill(known)
	v.units = v.form.UnitList()
	return nil
}

// counting are the answers without those to questions that no longer apply.
func (v applyView) counting() forms.Answers {
	a, _ := v.form.Check(v.draft.Answers)
	return a
}

// late is how many days after the event the filing is, when that is late.
func (v applyView) late() (days int, late bool) { return v.def.LateDays(v.counting(), v.now) }

// next is the step that still wants something: questions, then papers, then where.
func (v applyView) next() string {
	if page := v.form.FirstUnanswered(v.draft.Answers); page != "" {
		return "q/" + page
	}
	if v.draft.Answers.Text(keyAgency) == "" {
		if len(v.asked()) > 0 {
			return "papers"
		}
		return "where"
	}
	return "check"
}

func (p *Pages) goOn(w http.ResponseWriter, r *http.Request) error {
	v, err := p.apply(r)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, v.at(v.next()), "")
}

func (v applyView) question(ctx context.Context, page string, answers forms.Answers, faults fault.Fields, add string) (formspage.View, bool) {
	step, ok := v.form.Step(answers, page)
	if !ok {
		return formspage.View{}, false
	}
	out := formspage.View{Form: v.form, Step: step, Answers: answers, Faults: faults, Action: v.at("q/" + page),
		Autosave: v.at("autosave"), Leave: v.at("go"), Service: v.def.NameIn(lang.From(ctx)), Rev: v.draft.Rev,
		Client: v.client, Saved: v.draft.SavedAt, Add: add, Known: v.known}
	if before := v.form.Before(answers, page); before != "" {
		out.Back = v.at("q/" + before)
	} else {
		out.Back = v.start()
	}
	return out, true
}

func (p *Pages) question(w http.ResponseWriter, r *http.Request) error {
	v, err := p.apply(r)
	if err != nil {
		return err
	}
	q, ok := v.question(r.Context(), r.PathValue("page"), v.draft.Answers, nil, "")
	if !ok {
		return web.SeeOther(w, r, v.at(v.next()), "")
	}
	return web.Render(w, r, http.StatusOK, questionPage(web.Frame(r), q))
}

func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	v, err := p.apply(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.Fields{"": "invalid"}
	}
	page := r.PathValue("page")
	typed := v.form.Decode(r.Context(), r.Form, page)
	all := v.draft.Answers.With(typed)
	rev, _ := strconv.Atoi(r.FormValue("rev"))
	v.client = r.FormValue("client")
	saved, err := p.forms.SaveDraft(r.Context(), forms.SaveIn{Draft: v.draft.ID, Rev: rev, Client: v.client, Device: identity.AgentClass(r.UserAgent()), Page: page, Answers: typed})
	fr := web.Frame(r)
	if stale, ok := errors.AsType[*forms.Stale](err); ok {
		// another device saved since: both are shown, and sending again takes this one
		v.draft = stale.Now
		q, _ := v.question(r.Context(), page, all, nil, "")
		return web.Render(w, r, http.StatusConflict, stalePage(fr, q, v.form.Summary(r.Context(), stale.Now.Answers, nil)))
	} else if err != nil {
		return err
	}
	v.draft = saved
	switch {
	case r.FormValue("leave") != "" && v.base != "":
		return web.SeeOther(w, r, PathProcedure(v.def.Code), "")
	case r.FormValue("leave") != "":
		return web.SeeOther(w, r, "/dossiers", "services.draft.kept")
	case r.FormValue("add") != "" || r.FormValue("remove") != "":
		q, _ := v.question(r.Context(), page, all, nil, r.FormValue("add"))
		return web.Render(w, r, http.StatusOK, questionPage(fr, q))
	}
	_, f := v.form.CheckPage(all, page)
	for name, code := range v.def.Faults(all) {
		if v.form.PageOf(name) == page {
			f.Set(name, code)
		}
	}
	if f.Any() {
		fr.Errors = true
		q, _ := v.question(r.Context(), page, all, f, "")
		return web.Render(w, r, http.StatusUnprocessableEntity, questionPage(fr, q))
	}
	after := v.form.After(all, page)
	if after == "" || v.draft.Answers.Text(keyAgency) != "" {
		return web.SeeOther(w, r, v.at(v.next()), "")
	}
	return web.SeeOther(w, r, v.at("q/"+after), "")
}

// autosave keeps what is being typed; nothing is checked yet.
func (p *Pages) autosave(w http.ResponseWriter, r *http.Request) error {
	v, err := p.apply(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.Fields{"": "invalid"}
	}
	page, rev := r.FormValue("page"), 0
	rev, _ = strconv.Atoi(r.FormValue("rev"))
	d, err := p.forms.SaveDraft(r.Context(), forms.SaveIn{Draft: v.draft.ID, Rev: rev, Client: r.FormValue("client"), Device: identity.AgentClass(r.UserAgent()), Page: page, Answers: v.form.Decode(r.Context(), r.Form, page)})
	if err != nil {
		return err
	}
	return web.JSON(w, r, http.StatusOK, map[string]any{"rev": d.Rev, "saved": lang.T(r.Context(), "forms.saved", "at", lang.Time(r.Context(), d.SavedAt))})
}

// askForget asks before a draft is deleted; it cannot be had back.
func (p *Pages) askForget(w http.ResponseWriter, r *http.Request) error {
	v, err := p.apply(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, forgetPage(web.Frame(r), v))
}

func (p *Pages) forget(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(r.PathValue("draft"))
	if err != nil {
		return fault.NotFound("forms.draft")
	}
	if err := p.forms.ForgetDraft(r.Context(), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/dossiers", "services.draft.forgotten")
}
