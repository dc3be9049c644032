package servicespage

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/forms"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

func (p *Pages) citizenRoutes() []web.Route {
	own := func(name string, fn actFunc) web.Route {
		return web.Route{Pattern: "POST /dossiers/{id}/" + name, Who: web.AnyCitizen, Handle: p.ownAct(name, fn)}
	}
	return append(p.applyRoutes(), []web.Route{
		{Pattern: "GET /services", Who: web.Public, Handle: p.catalogue},
		{Pattern: "GET /services/{code}", Who: web.Public, Handle: p.start},
		{Pattern: "GET /dossiers", Who: web.AnyCitizen, Handle: p.mine},
		{Pattern: "GET /dossiers/{id}", Who: web.AnyCitizen, Handle: p.status},
		{Pattern: "GET /lookup", Who: web.Public, Handle: p.lookupForm},
		{Pattern: "POST /lookup", Who: web.Public, Handle: p.lookup},
		own("withdraw", func(ctx context.Context, p *Pages, r *http.Request) error {
			return p.services.Withdraw(ctx, web.Form[services.WithdrawIn](r))
		}),
		own("collect", func(ctx context.Context, p *Pages, r *http.Request) error {
			return p.services.Collect(ctx, web.Form[services.CollectIn](r))
		}),
		own("rate", func(ctx context.Context, p *Pages, r *http.Request) error {
			return p.services.Rate(ctx, web.Form[services.RateIn](r))
		}),
	}...)
}

func (p *Pages) catalogue(w http.ResponseWriter, r *http.Request) error {
	words := strings.TrimSpace(r.FormValue("q"))
	list, err := p.services.Procedures(r.Context(), words)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, cataloguePage(web.Frame(r), words, list))
}

// fields groups a catalogue by field of law, in its order.
func fields(list []services.Procedure) (names []string, by map[string][]services.Procedure) {
	by = map[string][]services.Procedure{}
	for _, pr := range list {
		if _, ok := by[pr.Field]; !ok {
			names = append(names, pr.Field)
		}
		by[pr.Field] = append(by[pr.Field], pr)
	}
	return names, by
}

func (p *Pages) start(w http.ResponseWriter, r *http.Request) error {
	def, err := p.services.Current(r.Context(), r.PathValue("code"), p.services.Now())
	if err != nil {
		return err
	}
	var draft forms.Draft
	if actor.From(r.Context()).Kind == actor.Citizen {
		if draft, _, err = p.forms.DraftFor(r.Context(), def.Form, def.Code); err != nil {
			return err
		}
	}
	return web.Render(w, r, http.StatusOK, startPage(web.Frame(r), def, draft))
}

func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	page, err := p.services.Mine(r.Context(), r.FormValue("after"))
	if err != nil {
		return err
	}
	drafts, err := p.forms.Drafts(r.Context())
	if err != nil {
		return err
	}
	named := make([]ui.GoItem, 0, len(drafts))
	for _, d := range drafts {
		def, err := p.services.Current(r.Context(), d.About, p.services.Now())
		if err != nil {
			continue // the procedure is no longer open; the draft runs out by itself
		}
		named = append(named, ui.GoItem{Text: def.NameIn(lang.From(r.Context())), Href: PathApply(d.ID, "go"),
			More: lang.T(r.Context(), "services.draft.saved", "at", lang.DateTime(r.Context(), d.SavedAt))})
	}
	return web.Render(w, r, http.StatusOK, minePage(web.Frame(r), page, named, r.FormValue("after")))
}

// statusView is all that the citizen's page of a dossier shows.
type statusView struct {
	rec    services.Record
	parts  []forms.Part
	reads  []audit.AccessRecord
	failed string
	faults fault.Fields
	typed  string
}

func (p *Pages) statusView(r *http.Request) (statusView, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return statusView{}, fault.NotFound("services.dossier")
	}
	rec, err := p.services.Dossier(r.Context(), id)
	if err != nil {
		return statusView{}, err
	}
	v := statusView{rec: rec}
	if form, err := p.forms.Current(rec.Def.Form); err == nil {
		v.parts = form.Summary(r.Context(), rec.Answers, nil)
	}
	return v, nil
}

func (p *Pages) status(w http.ResponseWriter, r *http.Request) error {
	v, err := p.statusView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, statusPage(web.Frame(r), v))
}

// ownAct runs an act of the citizen on her own dossier and shows where it stands.
func (p *Pages) ownAct(name string, fn actFunc) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := fn(r.Context(), p, r)
		if err == nil {
			return web.SeeOther(w, r, "/dossiers/"+r.PathValue("id"), "services."+name+".done")
		}
		f, ok := err.(fault.Fields)
		if !ok {
			return err
		}
		v, err := p.statusView(r)
		if err != nil {
			return err
		}
		v.failed, v.faults, v.typed = name, f, r.FormValue("comment")
		fr := web.Frame(r)
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, statusPage(fr, v))
	}
}

func (v statusView) form(act string) ui.Form {
	f := ui.Form{Prefix: "services." + act}
	if v.failed == act {
		f.Faults = v.faults
	}
	return f
}

func (p *Pages) lookupForm(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, lookupPage(web.Frame(r), services.LookupIn{Code: r.FormValue("code")}, nil, nil))
}

func (p *Pages) lookup(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[services.LookupIn](r)
	st, err := p.services.Lookup(r.Context(), in)
	fr := web.Frame(r)
	if f, ok := err.(fault.Fields); ok {
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, lookupPage(fr, in, nil, f))
	} else if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, lookupPage(fr, in, &st, nil))
}

// steps is the way of a dossier in four parts.
func steps(ctx context.Context, d services.Dossier) []ui.Step {
	at := 0
	switch {
	case d.ReturnedAt != nil:
		at = 4
	case d.FinishedAt != nil:
		at = 3
	case d.AcceptedAt != nil:
		at = 2
	case d.State != services.None:
		at = 1
	}
	out := make([]ui.Step, 4)
	for i := range out {
		out[i] = ui.Step{Text: lang.T(ctx, [...]string{"services.steps.filed", "services.steps.accepted", "services.steps.decided", "services.steps.returned"}[i]),
			Done: i < at, Now: i == at && !d.State.Terminal()}
	}
	return out
}

// todo says in one sentence what the citizen must do, and whether it is anything.
func todo(ctx context.Context, d services.Dossier) (text string, must bool) {
	switch {
	case d.State == services.AwaitingSupplement:
		return lang.T(ctx, "services.todo.supply"), true
	case d.FeeState == "due" && (d.State == services.AwaitingPayment || d.State == services.Finished):
		return lang.T(ctx, "services.todo.pay"), true
	case d.State == services.Finished:
		return lang.T(ctx, "services.todo.collect."+d.ReturnWay), true
	case d.State == services.Refused:
		return lang.T(ctx, "services.todo.refused"), true
	}
	return lang.T(ctx, "services.todo.nothing"), false
}

// where says on whose desk the dossier lies.
func where(rec services.Record) string {
	if rec.Holder != nil && rec.Step == services.StepHandle {
		return rec.People[*rec.Holder] + ", " + agencyName(rec, rec.HolderAgency)
	}
	return agencyName(rec, rec.HolderAgency)
}

// result is the signed result, if there is one.
func result(rec services.Record) (services.Outgoing, bool) {
	for _, o := range rec.Outgoing {
		if o.Kind == services.OutgoingResult && o.State == "issued" && o.FileID != nil {
			return o, true
		}
	}
	return services.Outgoing{}, false
}

// Lines are dossiers as rows that open the citizen's page.
func Lines(ctx context.Context, list []services.Line) []ui.GoItem {
	out := make([]ui.GoItem, len(list))
	for i, l := range list {
		more := l.Code + " · " + lang.DateTime(ctx, l.FiledAt)
		if l.Subject != "" {
			more = l.Subject + " · " + more
		}
		out[i] = ui.GoItem{Text: l.Name, Href: PathDossier(l.ID), More: more, End: ui.Tag(stateTone(l.State), lang.T(ctx, l.State.Key()))}
	}
	return out
}

// limitWords is a limit in words: "3 ngày làm việc".
func limitWords(ctx context.Context, limit string) string {
	n := strings.TrimRight(limit, "wdch")
	if unit := limit[len(n):]; limit != "same-day" && unit != "" {
		return lang.T(ctx, "services.limit."+unit, "n", n)
	}
	return lang.T(ctx, "services.limit.same-day")
}

// fieldIcon is the picture of a field of law.
var fieldIcon = map[string]string{"Hộ tịch": "user", "Chứng thực": "seal", "Đất đai": "map", "Thủy sản": "fish", "Hoạt động xây dựng": "home"}

// LifeEvents groups the catalogue for the home page: a field, what it holds, where it leads.
func LifeEvents(ctx context.Context, list []services.Procedure) []ui.LifeEvent {
	names, by := fields(list)
	out := make([]ui.LifeEvent, len(names))
	for i, name := range names {
		var more []string
		for _, r := range procedureRows(ctx, by[name]) {
			more = append(more, r.Text)
		}
		icon := fieldIcon[name]
		if icon == "" {
			icon = "book"
		}
		out[i] = ui.LifeEvent{Icon: icon, Title: name, Href: "/services", More: strings.Join(more, " · ")}
		if len(by[name]) == 1 {
			out[i].Href = PathStart(by[name][0].Code)
		}
	}
	return out
}
