package servicespage

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/apps/services/cataloguepage"
	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/blocks/files/filespage"
	"datmui/blocks/forms"
	"datmui/blocks/worklist/worklistpage"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// PathOpinion is where a body answers what it was asked about a dossier.
func PathOpinion(id uuid.UUID) string { return "/desk/opinions/" + id.String() }

func pathConsult(id uuid.UUID) string { return PathDesk(id) + "/consult" }

func (p *Pages) opinionRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /desk/dossiers/{id}/consult", Who: web.AnyOfficial, Handle: p.consultForm},
		{Pattern: "POST /desk/dossiers/{id}/consult", Who: web.AnyOfficial, Handle: p.consult},
		{Pattern: "POST /desk/dossiers/{id}/drop-opinion", Who: web.AnyOfficial, Handle: p.dropOpinion},
		{Pattern: "GET /desk/opinions/{id}", Who: web.AnyOfficial, Handle: p.opinion},
		{Pattern: "POST /desk/opinions/{id}", Who: web.AnyOfficial, Handle: p.answerOpinion, Limit: 60 << 20},
	}
}

// consultView is the form that asks other bodies.
type consultView struct {
	rec    services.Record
	bodies []services.AskedBody
	in     services.ConsultIn
	typed  url.Values
	faults fault.Fields
}

func (p *Pages) consultView(r *http.Request) (consultView, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return consultView{}, fault.NotFound("services.dossier")
	}
	v := consultView{in: services.ConsultIn{Dossier: id, Client: audit.NewClient(), Number: 5, Unit: "wd"}, typed: url.Values{}}
	if v.rec, err = p.services.Dossier(r.Context(), id); err != nil {
		return v, err
	}
	if !p.services.AsksOthers(r.Context(), v.rec) {
		return v, fault.Forbidden("services.consult")
	}
	if !p.services.MayConsult(r.Context(), v.rec) {
		return v, fault.Conflict("services.on-other-desk")
	}
	for _, f := range v.files(r.Context()) {
		if id, err := uuid.Parse(f.Value); err == nil {
			v.in.Papers = append(v.in.Papers, id)
		}
	}
	v.bodies, err = p.services.AskableBodies(r.Context(), v.rec.Dossier)
	return v, err
}

func (p *Pages) consultForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.consultView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, consultPage(p.official(r), v))
}

func (p *Pages) consult(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[services.ConsultIn](r)
	err := p.services.Consult(r.Context(), in)
	f, isFields := errors.AsType[fault.Fields](err)
	if err == nil {
		return web.SeeOther(w, r, worklistpage.Opened(PathDesk(in.Dossier), r.FormValue(worklistpage.In)), "services.consult.done")
	}
	if !isFields {
		return err
	}
	v, err := p.consultView(r)
	if err != nil {
		return err
	}
	v.in, v.typed, v.faults = in, r.Form, f
	fr := p.official(r)
	fr.Errors = true
	return web.Render(w, r, http.StatusUnprocessableEntity, consultPage(fr, v))
}

// files are the papers of the dossier that may be shown to others.
func (v consultView) files(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, paper := range v.rec.Papers {
		if paper.FileID == nil {
			continue
		}
		f := v.rec.Contents[*paper.FileID]
		out = append(out, ui.Option{Value: paper.FileID.String(), Label: paperName(ctx, v.rec.Def, paper.Place), Hint: f.Name})
	}
	return out
}

func (v consultView) chosen() []string {
	var out []string
	for _, id := range v.in.Papers {
		out = append(out, id.String())
	}
	return out
}

// group are the bodies of a group, to be ticked.
func (v consultView) group(name string) []ui.Option {
	var out []ui.Option
	for _, b := range v.bodies {
		if b.Group == name {
			out = append(out, ui.Option{Value: b.ID, Label: b.Name})
		}
	}
	return out
}

// groups are those that have bodies.
func (v consultView) groups() []string {
	return slices.DeleteFunc([]string{"near", "province", "commune"}, func(name string) bool { return len(v.group(name)) == 0 })
}

// unfolded says whether a group is shown at once: the nearest one, and where a body is ticked.
func (v consultView) unfolded(name string) bool {
	return name == v.groups()[0] || slices.ContainsFunc(v.group(name), func(o ui.Option) bool { return slices.Contains(v.in.Bodies, o.Value) })
}

func (v consultView) number() string {
	if v.typed.Has("number") {
		return v.typed.Get("number")
	}
	return strconv.Itoa(v.in.Number)
}

func (p *Pages) dropOpinion(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return fault.NotFound("services.dossier")
	}
	in := web.Form[services.DropOpinionIn](r)
	err = p.services.DropOpinion(r.Context(), in)
	f, isFields := errors.AsType[fault.Fields](err)
	if err == nil {
		return web.SeeOther(w, r, worklistpage.Opened(PathDesk(id), r.FormValue(worklistpage.In)), "services.opinion.dropped")
	}
	if !isFields {
		return err
	}
	v, err := p.view(r, id)
	if err != nil {
		return err
	}
	v.failed, v.typed, v.faults = actDropOpinion, r.Form, f
	fr := p.official(r)
	fr.Errors = true
	return web.Render(w, r, http.StatusUnprocessableEntity, dossierPage(fr, v))
}

// actDropOpinion names the form that takes a question back.
const actDropOpinion = "drop-opinion"

// opinionView is the page of the body asked.
type opinionView struct {
	services.OpinionView
	parts  []forms.Part
	beside worklistpage.Beside
	client string
	typed  url.Values
	held   map[string][]files.File
	faults fault.Fields
	most   int64
	now    time.Time
}

func (p *Pages) opinionView(r *http.Request) (opinionView, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return opinionView{}, fault.NotFound("services.opinion")
	}
	v := opinionView{client: audit.NewClient(), typed: url.Values{}, most: p.files.MaxBytes(), now: p.services.Now()}
	if v.OpinionView, err = p.services.OpinionOf(r.Context(), id); err != nil {
		return v, err
	}
	if v.beside, err = worklistpage.BesideOf(r.Context(), p.desks, r.FormValue(worklistpage.In), PathOpinion(id)); err != nil {
		return v, err
	}
	if v.Dossier != nil {
		if form, err := p.services.FormOf(r.Context(), v.Def); err == nil {
			v.parts = form.Summary(r.Context(), v.Dossier.Answers, nil)
		}
	}
	return v, nil
}

func (p *Pages) opinion(w http.ResponseWriter, r *http.Request) error {
	v, err := p.opinionView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, opinionPage(p.official(r), v))
}

func (p *Pages) answerOpinion(w http.ResponseWriter, r *http.Request) error {
	wrong := filespage.New(p.files).Form(r)
	if _, isFields := errors.AsType[fault.Fields](wrong); wrong != nil && !isFields {
		return wrong
	}
	in := web.Form[services.AnswerOpinionIn](r)
	for _, s := range r.Form["file.id"] {
		if id, err := uuid.Parse(s); err == nil {
			in.Files = append(in.Files, id)
		}
	}
	err := wrong
	if err == nil {
		err = p.services.AnswerOpinion(r.Context(), in)
	}
	f, isFields := errors.AsType[fault.Fields](err)
	if err == nil {
		return web.SeeOther(w, r, worklistpage.Opened(PathOpinion(in.Opinion), r.FormValue(worklistpage.In)), "services.opinion.answered")
	}
	if !isFields {
		return err
	}
	v, err := p.opinionView(r)
	if err != nil {
		return err
	}
	if v.held, err = p.heldFiles(r); err != nil {
		return err
	}
	v.client, v.typed, v.faults = in.Client, r.Form, f
	fr := p.official(r)
	fr.Errors = true
	return web.Render(w, r, http.StatusUnprocessableEntity, opinionPage(fr, v))
}

func (v opinionView) form() ui.Form { return ui.Form{Prefix: "services.opinion", Faults: v.faults} }

// opinionTone is the colour of an answer.
func opinionTone(o services.Opinion, now time.Time) ui.Tone {
	switch o.State {
	case services.OpinionOpen:
		if o.Late(now) {
			return ui.Late
		}
		return ui.Run
	case services.OpinionDisagree:
		return ui.Wrong
	case services.OpinionConditions:
		return ui.Soon
	case services.OpinionDropped:
		return ui.Pause
	}
	return ui.Done
}

func opinionState(ctx context.Context, o services.Opinion, now time.Time) string {
	if o.Open() && o.Late(now) {
		return lang.T(ctx, "services.opinion.state.late")
	}
	return lang.T(ctx, "services.opinion.state."+o.State)
}

// opinionFacts say who was asked by whom until when, and what came back.
func opinionFacts(ctx context.Context, o services.Opinion) []ui.Fact {
	f := []ui.Fact{
		{Name: lang.T(ctx, "services.opinion.asked-by"), Text: o.AskerName + ", " + lang.DateTime(ctx, o.AskedAt)},
		{Name: lang.T(ctx, "services.opinion.due"), Text: lang.DateTime(ctx, o.DueAt) + " (" + cataloguepage.LimitWords(ctx, o.Term) + ")"},
	}
	switch {
	case o.AnsweredBy != nil:
		f = append(f, ui.Fact{Name: lang.T(ctx, "services.opinion.answered-by"), Text: actor.Titled(o.AnswererName, o.AnswererPost) + ", " + lang.DateTime(ctx, *o.AnsweredAt)})
		if o.Late(*o.AnsweredAt) {
			f = append(f, ui.Fact{Name: lang.T(ctx, "services.slip.timing"), Text: lang.T(ctx, "services.timing.late")})
		}
	case o.State == services.OpinionSilent:
		f = append(f, ui.Fact{Name: lang.T(ctx, "services.opinion.basis"), Text: o.Basis})
	case o.Open() && o.Silence == "agreed":
		f = append(f, ui.Fact{Name: lang.T(ctx, "services.opinion.silence"), Text: lang.T(ctx, "services.opinion.silence.agreed")})
	case o.Open():
		f = append(f, ui.Fact{Name: lang.T(ctx, "services.opinion.silence"), Text: lang.T(ctx, "services.opinion.silence.open")})
	}
	return f
}

func shownItem(ctx context.Context, f files.File) ui.FileItem {
	detail := lang.Bytes(ctx, f.Size)
	if f.Pages > 0 {
		detail += " · " + lang.T(ctx, "services.paper.pages", "count", f.Pages)
	}
	return ui.FileItem{Name: f.Name, Detail: detail, Action: ui.Link{Text: lang.T(ctx, "services.open"), Href: PathFile(f.ID)}}
}
