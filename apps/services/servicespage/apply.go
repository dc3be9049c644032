package servicespage

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/blocks/files/filespage"
	"datmui/blocks/forms"
	"datmui/blocks/forms/formspage"
	"datmui/blocks/records"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
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
	if err != nil {
		return err
	}
	form, err := p.forms.Current(def.Form)
	if err != nil {
		return err
	}
	known, err := p.services.Known(r.Context())
	if err != nil {
		return err
	}
	d, err := p.forms.BeginDraft(r.Context(), form, def.Code, form.Prefill(known))
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
	if v.form, err = p.forms.Version(d.Form, d.Version); err != nil {
		return v, err
	}
	counting, _ := v.form.Check(d.Answers) // answers to questions that no longer apply do not count
	v.papers = v.def.PapersFor(counting)
	held, err := p.files.Held(r.Context(), v.fileIDs()...)
	if err != nil {
		return v, err
	}
	if v.stored, err = p.services.StoredFor(r.Context(), v.papers); err != nil {
		return v, err
	}
	v.held = map[uuid.UUID]files.File{}
	for _, f := range held {
		v.held[f.ID] = f
	}
	return v, nil
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

func (v applyView) fileIDs() []uuid.UUID {
	var out []uuid.UUID
	for _, rule := range v.def.Papers {
		for _, s := range v.draft.Answers.List(keyPaper + rule.Key) {
			if id, err := uuid.Parse(s); err == nil {
				out = append(out, id)
			}
		}
	}
	return out
}

// filesOf are the files given for a paper that are still there.
func (v applyView) filesOf(place string) []files.File {
	var out []files.File
	for _, s := range v.draft.Answers.List(keyPaper + place) {
		if id, err := uuid.Parse(s); err == nil {
			if f, ok := v.held[id]; ok {
				out = append(out, f)
			}
		}
	}
	return out
}

// again are the papers of her store that she uses for a paper, as far as they still count.
func (v applyView) again(place string) []records.Paper {
	chosen := v.draft.Answers.List(keyStored + place)
	return slices.DeleteFunc(slices.Clone(v.stored[place]), func(p records.Paper) bool {
		return p.State(v.now) != records.Valid || !slices.Contains(chosen, p.ID.String())
	})
}

// storedOptions offers papers of her store; one that counts no longer says why and cannot be chosen.
// law: public-services.md 18.2 A27.
func (v applyView) storedOptions(ctx context.Context, place string) []ui.Option {
	var out []ui.Option
	for _, p := range v.stored[place] {
		o := ui.Option{Value: p.ID.String(), Label: p.Name, Hint: lang.T(ctx, "services.stored.from", "number", p.Number, "issuer", p.Issuer, "on", lang.Date(ctx, p.IssuedOn))}
		if state := p.State(v.now); state != records.Valid {
			o.Off, o.Hint = true, o.Hint+". "+lang.T(ctx, "services.stored."+string(state))
		}
		out = append(out, o)
	}
	return out
}

// asked are the papers a citizen gives online: what is an electronic form or only shown is not.
func (v applyView) asked() []services.PaperRule {
	var out []services.PaperRule
	for _, r := range v.papers {
		if !r.EForm && !r.Shown {
			out = append(out, r)
		}
	}
	return out
}

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
	return web.SeeOther(w, r, PathApply(v.draft.ID, v.next()), "")
}

func (v applyView) question(ctx context.Context, page string, answers forms.Answers, faults fault.Fields, add string) (formspage.View, bool) {
	step, ok := v.form.Step(answers, page)
	if !ok {
		return formspage.View{}, false
	}
	out := formspage.View{Form: v.form, Step: step, Answers: answers, Faults: faults, Action: PathApply(v.draft.ID, "q/"+page),
		Autosave: PathApply(v.draft.ID, "autosave"), Leave: PathApply(v.draft.ID, "go"), Service: v.def.NameIn(lang.From(ctx)), Rev: v.draft.Rev,
		Client: v.client, Saved: v.draft.SavedAt, Add: add, Known: v.known}
	if before := v.form.Before(answers, page); before != "" {
		out.Back = PathApply(v.draft.ID, "q/"+before)
	} else {
		out.Back = PathStart(v.def.Code)
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
		return web.SeeOther(w, r, PathApply(v.draft.ID, v.next()), "")
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
	saved, err := p.forms.SaveDraft(r.Context(), forms.SaveIn{Draft: v.draft.ID, Rev: rev, Client: v.client, Page: page, Answers: typed})
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
		return web.SeeOther(w, r, PathApply(v.draft.ID, v.next()), "")
	}
	return web.SeeOther(w, r, PathApply(v.draft.ID, "q/"+after), "")
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
	d, err := p.forms.SaveDraft(r.Context(), forms.SaveIn{Draft: v.draft.ID, Rev: rev, Client: r.FormValue("client"), Page: page, Answers: v.form.Decode(r.Context(), r.Form, page)})
	if err != nil {
		return err
	}
	return web.JSON(w, r, http.StatusOK, map[string]any{"rev": d.Rev, "saved": lang.T(r.Context(), "forms.saved", "at", lang.Time(r.Context(), d.SavedAt))})
}

func (p *Pages) papers(w http.ResponseWriter, r *http.Request) error {
	v, err := p.apply(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, papersPage(web.Frame(r), v, p.files.MaxBytes()))
}

// givePapers takes the files of the form, or the ids of those that were uploaded in pieces.
func (p *Pages) givePapers(w http.ResponseWriter, r *http.Request) error {
	v, err := p.apply(r)
	if err != nil {
		return err
	}
	wrong := filespage.New(p.files).Form(r)
	f, isFields := errors.AsType[fault.Fields](wrong)
	if wrong != nil && !isFields {
		return wrong
	}
	kept := forms.Answers{}
	for _, rule := range v.asked() {
		ids := append([]string{}, r.Form["keep."+rule.Key]...)
		for _, id := range r.Form[rule.Key+".id"] {
			if id != "" {
				ids = append(ids, id)
			}
		}
		kept[keyPaper+rule.Key] = ids
		if len(v.stored[rule.Key]) > 0 {
			kept[keyStored+rule.Key] = append([]string{}, r.Form["stored."+rule.Key]...)
		}
	}
	if v.draft, err = p.forms.SaveDraft(r.Context(), forms.SaveIn{Draft: v.draft.ID, Rev: v.draft.Rev, Page: v.draft.Page, Answers: kept}); err != nil {
		return err
	}
	if v, err = p.apply(r); err != nil {
		return err
	}
	if f == nil {
		f = fault.Fields{}
	}
	if r.FormValue("more") == "" {
		for _, rule := range v.asked() {
			if len(v.filesOf(rule.Key))+len(v.again(rule.Key)) == 0 {
				f.Set(rule.Key, "paper-missing")
			}
		}
	}
	if f.Any() {
		v.faults = f
		fr := web.Frame(r)
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, papersPage(fr, v, p.files.MaxBytes()))
	}
	if r.FormValue("more") != "" {
		return web.SeeOther(w, r, PathApply(v.draft.ID, "papers"), "")
	}
	return web.SeeOther(w, r, PathApply(v.draft.ID, "where"), "")
}

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
	return web.SeeOther(w, r, PathApply(v.draft.ID, "fee"), "")
}

// feeOf shows what the filing costs, worked out from the answers.
// law: public-services.md 14 — rule kinds; a fee that nobody has entered is never 0.
func (p *Pages) feeOf(w http.ResponseWriter, r *http.Request) error {
	v, err := p.apply(r)
	if err != nil {
		return err
	}
	if next := v.next(); next != "check" {
		return web.SeeOther(w, r, PathApply(v.draft.ID, next), "")
	}
	fee, err := p.services.Quote(v.def, v.counting())
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, feePage(web.Frame(r), v, fee))
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

func (p *Pages) check(w http.ResponseWriter, r *http.Request) error {
	v, err := p.apply(r)
	if err != nil {
		return err
	}
	if next := v.next(); next != "check" {
		return web.SeeOther(w, r, PathApply(v.draft.ID, next), "")
	}
	return web.Render(w, r, http.StatusOK, checkPage(web.Frame(r), v, p.fee(r.Context(), v)))
}

// fee is what the filing will cost, in words.
func (p *Pages) fee(ctx context.Context, v applyView) string {
	return p.services.FeeWords(ctx, v.def, v.counting())
}

func (p *Pages) submit(w http.ResponseWriter, r *http.Request) error {
	v, err := p.filing(r)
	if fault.KindOf(err) == fault.KindNotFound {
		// the draft has become a dossier already: a second send of the same form
		return web.SeeOther(w, r, "/dossiers", "")
	} else if err != nil {
		return err
	}
	a := v.draft.Answers
	in := services.SubmitIn{Client: "draft-" + v.draft.ID.String(), Procedure: v.def.Code, Agency: a.Text(keyAgency), Unit: a.Text(keyUnit),
		Draft: v.draft.ID, ReturnWay: a.Text("return_way"), Phone: a.Text("requester_phone"), Answers: a}
	pledged := forms.Answers{}
	for _, q := range v.form.Pledges(a) {
		if r.FormValue(q.Name) != "" {
			pledged[q.Name] = "yes"
		}
	}
	in.Answers = a.With(pledged)
	for _, rule := range v.papers {
		for _, f := range v.filesOf(rule.Key) {
			in.Papers = append(in.Papers, services.PaperIn{Place: rule.Key, File: f.ID, Copies: 1})
		}
		for _, paper := range v.again(rule.Key) {
			in.Papers = append(in.Papers, services.PaperIn{Place: rule.Key, Stored: paper.ID})
		}
	}
	out, err := p.services.Submit(r.Context(), in)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v.faults, v.draft.Answers = f, in.Answers
		if err := p.show(r, &v); err != nil {
			return err
		}
		fr := web.Frame(r)
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, checkPage(fr, v, p.fee(r.Context(), v)))
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, PathDossier(out.ID)+"/filed", "")
}

func (p *Pages) filed(w http.ResponseWriter, r *http.Request) error {
	v, err := p.statusView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, filedPage(web.Frame(r), v))
}

func (p *Pages) supplement(w http.ResponseWriter, r *http.Request) error {
	v, err := p.statusView(r)
	if err != nil {
		return err
	}
	req, ok := v.rec.OpenRequest()
	if !ok || v.rec.State != services.AwaitingSupplement {
		return web.SeeOther(w, r, PathDossier(v.rec.ID), "")
	}
	return web.Render(w, r, http.StatusOK, supplementPage(web.Frame(r), v, req, p.files.MaxBytes()))
}

func (p *Pages) giveSupplement(w http.ResponseWriter, r *http.Request) error {
	v, err := p.statusView(r)
	if err != nil {
		return err
	}
	req, ok := v.rec.OpenRequest()
	if !ok {
		return web.SeeOther(w, r, PathDossier(v.rec.ID), "")
	}
	err = filespage.New(p.files).Form(r)
	if err == nil {
		in := services.SupplementIn{Dossier: v.rec.ID, Client: r.FormValue("client"), Answers: map[string]string{}}
		for _, it := range req.Items {
			in.Answers[it.Key] = r.FormValue("text." + it.Key)
			for _, id := range r.Form[it.Key+".id"] {
				if file, err := uuid.Parse(id); err == nil {
					in.Papers = append(in.Papers, services.PaperIn{Place: it.Key, File: file, Copies: 1})
				}
			}
		}
		if len(in.Papers) == 0 && strings.TrimSpace(strings.Join(slices.Collect(maps.Values(in.Answers)), "")) == "" {
			err = fault.Fields{"": "services.supplement.nothing"}
		} else {
			err = p.services.Supplement(r.Context(), in)
		}
	}
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v.failed, v.faults = "supplement", f
		fr := web.Frame(r)
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, supplementPage(fr, v, req, p.files.MaxBytes()))
	} else if err != nil {
		return err
	}
	after, err := p.services.Dossier(r.Context(), v.rec.ID)
	if err != nil {
		return err
	}
	if _, more := after.OpenRequest(); more {
		return web.SeeOther(w, r, PathDossier(v.rec.ID)+"/supplement", "services.supplement.part")
	}
	return web.SeeOther(w, r, PathDossier(v.rec.ID), "services.supplement.done")
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

// faultLine names the paper that is missing.
func (v applyView) faultLine(ctx context.Context, line ui.ErrorLine) string {
	place, ok := strings.CutPrefix(line.Field, "paper.")
	if !ok {
		return line.Text
	}
	return line.Text + ": " + paperName(ctx, v.def, place)
}

// chosenUnit is the commune that was chosen, else the one where she lives: to be confirmed, not guessed.
func (v applyView) chosenUnit() string {
	return cmp.Or(v.draft.Answers.Text(keyUnit), v.draft.Answers.Text("requester_unit"))
}

// beforeWhere is the step before the choice of the place.
func (v applyView) beforeWhere() string {
	if len(v.asked()) > 0 {
		return PathApply(v.draft.ID, "papers")
	}
	return v.lastQuestion()
}

// lastQuestion is the page of questions that is asked last with the answers so far.
func (v applyView) lastQuestion() string {
	steps := v.form.Steps(v.draft.Answers)
	if len(steps) == 0 {
		return PathStart(v.def.Code)
	}
	return PathApply(v.draft.ID, "q/"+steps[len(steps)-1].ID)
}

// unitOptions lists the communes, with a line that chooses none.
func (v applyView) unitOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Value: "", Label: lang.T(ctx, "services.where.choose")}}
	for _, u := range v.units {
		out = append(out, ui.Option{Value: u.Code, Label: u.Name})
	}
	return out
}

// faultPlace says on which step a fault of the whole filing is mended.
func (v applyView) faultPlace(field string) string {
	if place, ok := strings.CutPrefix(field, "paper."); ok && place != "" || field == "papers" {
		return PathApply(v.draft.ID, "papers")
	}
	if field == "agency" || field == "unit" {
		return PathApply(v.draft.ID, "where")
	}
	if page := v.form.PageOf(field); page != "" {
		return PathApply(v.draft.ID, "q/"+page)
	}
	return PathApply(v.draft.ID, "go")
}
