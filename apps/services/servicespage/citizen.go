package servicespage

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/apps/services/cataloguepage"
	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/blocks/forms"
	"datmui/blocks/pay"
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
		{Pattern: "GET /services/{code}", Who: web.Public, Handle: p.start},
		{Pattern: "GET /dossiers", Who: web.AnyCitizen, Handle: p.mine},
		{Pattern: "GET /dossiers/{id}", Who: web.AnyCitizen, Handle: p.status},
		{Pattern: "GET " + PathRated, Who: web.Public, Handle: p.rated},
		{Pattern: "GET /lookup", Who: web.Public, Handle: p.lookupForm},
		{Pattern: "POST /lookup", Who: web.Public, Handle: p.lookup},
		own("withdraw", func(ctx context.Context, p *Pages, r *http.Request) error {
			return p.services.Withdraw(ctx, web.Form[services.WithdrawIn](r))
		}),
		own("collect", func(ctx context.Context, p *Pages, r *http.Request) error {
			return p.services.Collect(ctx, web.Form[services.CollectIn](r))
		}),
		own("complain", func(ctx context.Context, p *Pages, r *http.Request) error {
			return p.services.Complain(ctx, web.Form[services.ComplainIn](r))
		}),
		own("rate", func(ctx context.Context, p *Pages, r *http.Request) error {
			return p.services.Rate(ctx, web.Form[services.RateIn](r))
		}),
	}...)
}

func (p *Pages) start(w http.ResponseWriter, r *http.Request) error {
	pr, err := p.services.Procedure(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	if pr.Standing != services.StandsOpen {
		def, ok, err := p.services.Defined(r.Context(), pr)
		if err != nil {
			return err
		}
		var own *cataloguepage.Own
		if ok {
			own = &cataloguepage.Own{Papers: papersAsked(def), Limit: def.Limit, Missing: p.services.Missing(def)}
		}
		return cataloguepage.Show(w, r, p.services, pr, own)
	}
	def, err := p.services.Current(r.Context(), pr.Code, p.services.Now())
	if err != nil {
		return err
	}
	var draft forms.Draft
	if actor.From(r.Context()).Kind == actor.Citizen {
		if draft, _, err = p.forms.DraftFor(r.Context(), def.Form, def.Code); err != nil {
			return err
		}
	}
	v := startView{def: def, draft: draft, fee: p.services.FeeOutline(def)}
	if v.decides, err = p.services.DecidedBy(r.Context(), def); err != nil {
		return err
	}
	if v.promise, err = p.services.PromiseNow(r.Context(), def, def.Limit, p.services.Now()); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, startPage(web.Frame(r), v))
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
	named := make([]draftLine, 0, len(drafts))
	for _, d := range drafts {
		def, err := p.services.Current(r.Context(), d.About, p.services.Now())
		if err != nil {
			continue // the procedure is no longer open; the draft runs out by itself
		}
		named = append(named, draftLine{ui.GoItem{Text: def.NameIn(lang.From(r.Context())), Href: PathApply(d.ID, "go"),
			More: draftMore(r.Context(), d)}, PathApply(d.ID, "forget")})
	}
	var sets []services.SetLine
	if r.FormValue("after") == "" {
		if sets, err = p.services.MySets(r.Context()); err != nil {
			return err
		}
		page.Lines = outsideSets(page.Lines, sets)
	}
	elsewhere, err := p.worked(r.Context(), r.FormValue("after"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, minePage(web.Frame(r), page, named, sets, elsewhere, r.FormValue("after")))
}

// outsideSets leaves out what the sets above the list show already, but for what waits for her.
func outsideSets(lines []services.Line, sets []services.SetLine) []services.Line {
	return slices.DeleteFunc(lines, func(l services.Line) bool {
		return l.State != services.AwaitingSupplement && l.State != services.AwaitingPayment &&
			slices.ContainsFunc(sets, func(s services.SetLine) bool { return slices.Contains(s.Dossiers, l.ID) })
	})
}

// draftMore says when a draft was saved last, on which machine and by whom, and until when it is kept.
func draftMore(ctx context.Context, d forms.Draft) string {
	parts := []string{lang.T(ctx, "services.draft.saved", "at", lang.DateTime(ctx, d.SavedAt))}
	if d.Device != "" {
		parts = append(parts, d.Device)
	}
	if actor.From(ctx).For.ID != uuid.Nil && d.SavedBy != "" {
		parts = append(parts, d.SavedBy)
	}
	return strings.Join(append(parts, lang.T(ctx, "services.draft.until", "day", lang.Date(ctx, d.ExpiresAt))), " · ")
}

// draftLine is one draft: going on with it, and deleting it.
type draftLine struct {
	ui.GoItem
	forget string
}

// statusView is all that the citizen's page of a dossier shows.
type statusView struct {
	rec    services.Record
	parts  []forms.Part
	failed string
	faults fault.Fields
	rate   services.RateIn         // the form of the rating, with what came back
	words  string                  // of a complaint that came back
	texts  map[string]string       // what was typed into a supplement that was refused
	held   map[string][]files.File // what was sent with it
	sync   templ.Component         // how far another system knows it
}

// startView is what the start page of a procedure shows.
type startView struct {
	def     services.Definition
	draft   forms.Draft // zero when she has none
	fee     []pay.Text  // what it costs, in words
	begin   string      // where the preview of an editor begins; "" for those who file
	decides string      // the body that always decides, "" where it depends on the place or the case
	promise time.Time   // when it would be done if it were accepted now
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
	v := statusView{rec: rec, rate: services.RateIn{Client: audit.NewClient()}}
	if v.sync, err = p.sync(r.Context(), rec.Code); err != nil {
		return v, err
	}
	if form, err := p.services.FormOf(r.Context(), rec.Def); err == nil {
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
		v.failed, v.faults, v.words = name, f, r.FormValue("text")
		if name == "rate" {
			v.rate = web.Form[services.RateIn](r)
		}
		fr := web.Frame(r)
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, statusPage(fr, v))
	}
}

// complained is what was typed into a complaint that came back.
func (v statusView) complained() string {
	if v.failed == "complain" {
		return v.words
	}
	return ""
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
	right, err := p.guess(r.Context())
	if err != nil {
		return err
	}
	st, err := p.services.Lookup(r.Context(), in)
	fr := web.Frame(r)
	f, ok := err.(fault.Fields)
	if _, wrong := f[""]; !wrong { // found, or not asked at all
		if err := right(r.Context()); err != nil {
			return err
		}
	}
	if ok {
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
func todo(ctx context.Context, rec services.Record) (text string, must bool) {
	d := rec.Dossier
	owed, bill := rec.OpenBill()
	prepaid := rec.Def.FeeMode == "prepaid" && rec.State == services.Registered
	switch {
	case d.State == services.AwaitingSupplement:
		if req, ok := rec.OpenRequest(); ok {
			return lang.T(ctx, "services.todo.supply", "count", missing(req), "at", lang.DateTime(ctx, req.SupplyBy)), true
		}
		return lang.T(ctx, "services.todo.nothing"), false
	case bill && (rec.State == services.AwaitingPayment || rec.State == services.Finished || prepaid):
		return askedText(ctx, rec.Term, owed.Amount, rec.DecidedAt != nil), true
	case d.Step == services.StepPost:
		return lang.T(ctx, "services.todo.in-the-post"), false
	case d.State == services.Finished:
		return lang.T(ctx, "services.todo.collect."+d.ReturnWay, "where", agencyName(rec, d.ReceivingAgency)), true
	case d.State == services.Refused:
		return lang.T(ctx, "services.todo.refused"), true
	case d.State == services.Withdrawn, d.State == services.Stopped, d.State == services.Returned:
		return lang.T(ctx, "services.todo.over."+strconv.Itoa(int(d.State))), false
	}
	return lang.T(ctx, "services.todo.nothing"), false
}

// askedText asks for money, with the last day where there is one.
func askedText(ctx context.Context, t *services.PayTerm, amount int64, signed bool) string {
	switch {
	case t == nil:
		return lang.T(ctx, "services.todo.pay", "amount", lang.Money(ctx, amount))
	case t.LapsedAt != nil && signed:
		return lang.T(ctx, "services.todo.pay.holds", "amount", lang.Money(ctx, amount), "at", lang.DateTime(ctx, t.PayBy))
	case t.LapsedAt != nil:
		return lang.T(ctx, "services.todo.pay.late", "amount", lang.Money(ctx, amount), "at", lang.DateTime(ctx, t.PayBy))
	}
	return lang.T(ctx, "services.todo.pay.by", "amount", lang.Money(ctx, amount), "at", lang.DateTime(ctx, t.PayBy))
}

// missing counts what has not been supplied yet.
func missing(req services.Request) (n int) {
	for _, it := range req.Items {
		if !it.Answered {
			n++
		}
	}
	return n
}

// where says on whose desk the dossier lies: person, post and body.
func where(rec services.Record) string {
	body := agencyName(rec, rec.HolderAgency)
	if rec.Holder == nil || rec.Step != services.StepHandle {
		return body
	}
	who := rec.People[*rec.Holder]
	if rec.HolderPost != "" {
		who += ", " + rec.HolderPost
	}
	return who + ", " + body
}

// short is where the dossier is, for the title of the window.
func short(rec services.Record) string { return agencyName(rec, rec.HolderAgency) }

// Lines are dossiers as rows that open the citizen's page.
func Lines(ctx context.Context, list []services.Line) []ui.GoItem {
	out := make([]ui.GoItem, len(list))
	for i, l := range list {
		more := l.Code + " · " + lang.DateTime(ctx, l.FiledAt)
		if l.Subject != "" {
			more = l.Subject + " · " + more
		}
		out[i] = ui.GoItem{Text: l.NameIn(lang.From(ctx)), Href: PathDossier(l.ID), More: more, End: ui.Tag(stateTone(l.State), lang.T(ctx, l.State.Key()))}
	}
	return out
}

// fieldIcon is the picture of a field of law.
var fieldIcon = map[string]string{"Hộ tịch": "user", "Chứng thực": "seal", "Đất đai": "map", "Thủy sản": "fish", "Hoạt động xây dựng": "home",
	"Thành lập và hoạt động của hộ kinh doanh": "shop", "Thành lập và hoạt động của hợp tác xã": "users", "Đường bộ": "car", "Kinh doanh khí": "shop",
	"Du lịch": "globe", "Thủy lợi": "drop", "Thú y": "shield", "Hàng hải và đường thủy nội địa": "boat", "Nuôi con nuôi": "baby", "An toàn thực phẩm": "ok",
	"Tài nguyên nước": "drop", "Môi trường": "flower", "Chăn nuôi": "home", "Lý lịch tư pháp": "id", "Cư trú": "house", "Phòng, chống thiên tai": "warn", "Bảo trợ xã hội": "elder"}

// LifeEvents groups the catalogue for the home page: a field, what it holds, where it leads.
func LifeEvents(ctx context.Context, list []services.Procedure) []ui.LifeEvent {
	names, by := cataloguepage.Fields(list)
	out := make([]ui.LifeEvent, len(names))
	for i, name := range names {
		var more []string
		for _, r := range cataloguepage.Rows(ctx, by[name]) {
			more = append(more, r.Text)
		}
		if len(more) > 3 {
			more = append(more[:3], "…")
		}
		icon := fieldIcon[name]
		if icon == "" {
			icon = "book"
		}
		out[i] = ui.LifeEvent{Icon: icon, Title: cataloguepage.FieldName(ctx, name), Href: cataloguepage.Path + "#" + cataloguepage.FieldPlace(i), More: strings.Join(more, " · ")}
		if len(by[name]) == 1 {
			out[i].Href = PathStart(by[name][0].Code)
		}
	}
	return append(out, ui.LifeEvent{Icon: "list", Title: lang.T(ctx, "services.catalogue.whole"), Href: cataloguepage.PathAll, More: lang.T(ctx, "services.catalogue.whole.text")})
}
