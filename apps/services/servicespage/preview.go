package servicespage

import (
	"net/http"
	"net/url"

	"datmui/blocks/audit"
	"datmui/blocks/forms"
	"datmui/kit/web"
)

// The preview shows the pages of filing as a citizen sees them, from the version that is being
// prepared: the same handlers and templates, with answers that lie in a draft of the editor's own.
// Nothing is filed and no paper is taken.

// previewAbout is what a draft of answers to a preview is about.
func previewAbout(code string) string { return "preview:" + code }

func (p *Pages) previewRoutes(at string, who web.Who) []web.Route {
	return []web.Route{
		{Pattern: "GET " + at, Who: who, Handle: p.previewStart},
		{Pattern: "POST " + at + "/begin", Who: who, Handle: p.previewBegin},
		{Pattern: "GET " + at + "/go", Who: who, Handle: p.goOn},
		{Pattern: "GET " + at + "/q/{page}", Who: who, Handle: p.question},
		{Pattern: "POST " + at + "/q/{page}", Who: who, Handle: p.answer},
		{Pattern: "POST " + at + "/autosave", Who: who, Handle: p.autosave},
		{Pattern: "GET " + at + "/papers", Who: who, Handle: p.papers},
		{Pattern: "POST " + at + "/papers", Who: who, Handle: p.previewPapers, Limit: uploadLimit},
		{Pattern: "GET " + at + "/where", Who: who, Handle: p.where},
		{Pattern: "POST " + at + "/where", Who: who, Handle: p.chooseWhere},
		{Pattern: "GET " + at + "/fee", Who: who, Handle: p.feeOf},
		{Pattern: "GET " + at + "/check", Who: who, Handle: p.check},
		{Pattern: "POST " + at + "/submit", Who: who, Handle: p.previewSubmit},
	}
}

// preview is the edition that a request previews with the editor's draft of answers.
func (p *Pages) preview(r *http.Request, code string) (applyView, error) {
	v := applyView{client: audit.NewClient(), now: p.services.Now(), base: PathProcedure(code) + "/preview"}
	e, err := p.services.Edition(r.Context(), code)
	if err != nil {
		return v, err
	}
	v.def = e.Definition
	if v.form, err = p.services.FormOf(r.Context(), v.def); err != nil {
		return v, err
	}
	v.draft, err = p.forms.BeginDraft(r.Context(), v.form, previewAbout(code), nil)
	return v, err
}

func (p *Pages) previewStart(w http.ResponseWriter, r *http.Request) error {
	e, err := p.services.Edition(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	v := startView{def: e.Definition, fee: p.services.FeeOutline(e.Definition), begin: PathProcedure(e.Procedure) + "/preview/begin"}
	if v.decides, err = p.services.DecidedBy(r.Context(), v.def); err != nil {
		return err
	}
	if e.Definition.Limit != "" {
		if v.promise, err = p.services.PromiseNow(r.Context(), v.def, v.def.Limit, p.services.Now()); err != nil {
			return err
		}
	}
	return web.Render(w, r, http.StatusOK, startPage(web.Frame(r), v))
}

// previewBegin begins with empty answers, whatever was answered in the preview before.
func (p *Pages) previewBegin(w http.ResponseWriter, r *http.Request) error {
	v, err := p.preview(r, r.PathValue("code"))
	if err != nil {
		return err
	}
	if _, err := p.forms.SaveDraft(r.Context(), forms.SaveIn{Draft: v.draft.ID, Rev: v.draft.Rev, Answers: forms.Answers{}}); err != nil {
		return err
	}
	return web.SeeOther(w, r, v.at("go"), "")
}

func (p *Pages) previewPapers(w http.ResponseWriter, r *http.Request) error {
	v, err := p.preview(r, r.PathValue("code"))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, v.at("where"), "services.editor.preview.no-papers")
}

// previewSubmit ends the preview: nothing is filed, and the answers are forgotten.
func (p *Pages) previewSubmit(w http.ResponseWriter, r *http.Request) error {
	code := r.PathValue("code")
	v, err := p.preview(r, code)
	if err != nil {
		return err
	}
	if err := p.forms.ForgetDraft(r.Context(), v.draft.ID); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathProcedure(code), "services.editor.preview.ended")
}

// at is a step of filing, or of its preview.
func (v applyView) at(step string) string {
	if v.base != "" {
		return v.base + "/" + step
	}
	return PathApply(v.draft.ID, step)
}

// start is the start page before the first step.
func (v applyView) start() string {
	if v.base != "" {
		return v.base
	}
	return PathStart(v.def.Code)
}

// pathDefined is the editor's list with its filters.
func pathDefined(words, only, after string) string {
	q := url.Values{}
	for k, s := range map[string]string{"q": words, "only": only, "after": after} {
		if s != "" {
			q.Set(k, s)
		}
	}
	if len(q) == 0 {
		return PathProcedures
	}
	return PathProcedures + "?" + q.Encode()
}
