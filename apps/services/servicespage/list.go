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
	"datmui/blocks/worklist"
	"datmui/blocks/worklist/worklistpage"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

const (
	pathExport = PathList + "/export"
	pathViews  = PathList + "/views"
)

// listPlace names this list among the views that officials keep.
const listPlace = "services.dossiers"

func (p *Pages) listRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + PathList, Who: web.AnyOfficial, Handle: p.list},
		{Pattern: "GET " + pathExport, Who: web.AnyOfficial, Handle: p.export},
		{Pattern: "POST " + pathViews, Who: web.AnyOfficial, Handle: p.keepView},
		{Pattern: "POST " + pathViews + "/drop", Who: web.AnyOfficial, Handle: p.dropView},
	}
}

// readFilter reads a filter from an address or a form; what cannot be read is not there.
func readFilter(v url.Values) services.ListIn {
	n, _ := strconv.Atoi(v.Get("state"))
	in := services.ListIn{Agency: v.Get("agency"), State: services.State(max(0, min(n, 10))), Procedure: v.Get("procedure"), Term: v.Get("term"),
		Timing: v.Get("timing"), By: v.Get("by"), Decided: v.Get("decided") != "", From: v.Get("from"), To: v.Get("to"), After: v.Get("after")}
	in.Holder, _ = uuid.Parse(v.Get("holder"))
	return in
}

// encodeFilter is a filter as it stands in an address, without the page.
func encodeFilter(in services.ListIn) string {
	v := url.Values{}
	for name, value := range map[string]string{"agency": in.Agency, "procedure": in.Procedure, "term": in.Term, "timing": in.Timing, "by": in.By, "from": in.From, "to": in.To} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if in.State != services.None {
		v.Set("state", strconv.Itoa(int(in.State)))
	}
	if in.Holder != uuid.Nil {
		v.Set("holder", in.Holder.String())
	}
	if in.Decided {
		v.Set("decided", "1")
	}
	return v.Encode()
}

// pathFiltered is the list with a filter.
func pathFiltered(in services.ListIn) string { return withQuery(PathList, encodeFilter(in)) }

func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// listView is a page of the office's dossiers, or what a search found.
type listView struct {
	in      services.ListIn
	lines   []services.Line
	next    string
	words   string
	offices []services.AskedBody
	opens   []ui.Option // procedures
	people  []services.Colleague
	holder  string
	views   []worklist.View
	acts    []string // that can be done to many
	client  string
	name    string
	faults  fault.Fields // of the form that keeps a view
	wrong   fault.Fields // of the filter
}

func (p *Pages) listView(ctx context.Context, in services.ListIn, words string) (listView, error) {
	v := listView{in: in, words: words, client: audit.NewClient(), acts: p.services.BulkActsFor(ctx)}
	var err error
	if words != "" {
		v.lines, err = p.services.Search(ctx, words)
	} else {
		var page services.Page
		page, err = p.services.List(ctx, in)
		v.lines, v.next = page.Lines, page.Next
	}
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v.wrong, err = f, nil
	}
	if err != nil {
		return v, err
	}
	if v.offices, err = p.services.Offices(ctx); err != nil {
		return v, err
	}
	procedures, err := p.services.OpenProcedures(ctx)
	if err != nil {
		return v, err
	}
	v.opens = []ui.Option{{Value: "", Label: lang.T(ctx, "services.list.all")}}
	for _, pr := range procedures {
		v.opens = append(v.opens, ui.Option{Value: pr.Code, Label: pr.Name})
	}
	if v.people, err = p.services.Officers(ctx); err != nil {
		return v, err
	}
	if in.Holder != uuid.Nil {
		if v.holder, err = p.services.OfficerName(ctx, in); err != nil {
			return v, err
		}
	}
	v.views, err = p.desks.ViewsAt(ctx, listPlace)
	return v, err
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	_ = r.FormValue("q")
	v, err := p.listView(r.Context(), readFilter(r.Form), strings.TrimSpace(r.FormValue("q")))
	if err != nil {
		return err
	}
	fr, status := p.official(r), http.StatusOK
	if v.wrong.Any() {
		fr.Errors, status = true, http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, listPage(fr, v))
}

func (p *Pages) keepView(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[worklist.KeepViewIn](r)
	in.Place = listPlace
	err := p.desks.KeepView(r.Context(), in)
	query, _ := url.ParseQuery(in.Query)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v, err := p.listView(r.Context(), readFilter(query), "")
		if err != nil {
			return err
		}
		v.faults, v.name, v.client = f, in.Name, in.Client
		fr := p.official(r)
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, listPage(fr, v))
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathFiltered(readFilter(query)), "worklist.view.kept")
}

func (p *Pages) dropView(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[struct {
		ID uuid.UUID `form:"id"`
	}](r)
	if err := p.desks.DropView(r.Context(), in.ID); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathList, "worklist.view.dropped")
}

// but is the address of the list with one thing changed.
func (v listView) but(change func(*services.ListIn)) string {
	in := v.in
	change(&in)
	return pathFiltered(in)
}

func (v listView) bar(ctx context.Context) ui.FilterBar {
	b := ui.FilterBar{Action: PathList, Label: lang.T(ctx, "services.list.search"), Hint: lang.T(ctx, "services.list.hint"), Query: v.words, Chosen: v.chips(ctx)}
	if v.in.Narrowed() {
		b.Clear = PathList
	}
	if len(v.views) > 0 {
		s := ui.FilterSection{Title: lang.T(ctx, "worklist.views")}
		for _, k := range v.views {
			icon := "star"
			if k.Agency != "" {
				icon = "users"
			}
			s.Links = append(s.Links, ui.FilterLink{Text: k.Name, Icon: icon, Count: -1, Href: withQuery(PathList, k.Query), Current: encodeFilter(v.in) == k.Query})
		}
		b.Sections = append(b.Sections, s)
	}
	term := ui.FilterSection{Title: lang.T(ctx, "services.list.term")}
	for _, name := range []string{"", services.TermOpen, services.TermLate, services.TermSoon, services.TermPaused} {
		term.Links = append(term.Links, ui.FilterLink{Text: lang.T(ctx, "services.list.term."+or(name, "any")), Count: -1, Current: v.in.Term == name && v.words == "",
			Href: v.but(func(in *services.ListIn) { in.Term = name })})
	}
	states := ui.FilterSection{Title: lang.T(ctx, "services.list.states")}
	states.Links = append(states.Links, ui.FilterLink{Text: lang.T(ctx, "services.list.all"), Count: -1, Current: v.in.State == services.None && v.words == "", Href: v.but(func(in *services.ListIn) { in.State = services.None })})
	for _, s := range services.States {
		states.Links = append(states.Links, ui.FilterLink{Text: lang.T(ctx, s.Key()), Count: -1, Current: v.in.State == s, Href: v.but(func(in *services.ListIn) { in.State = s })})
	}
	b.Sections = append(b.Sections, term, states)
	if len(v.offices) > 1 {
		s := ui.FilterSection{Title: lang.T(ctx, "services.list.offices")}
		s.Links = append(s.Links, ui.FilterLink{Text: lang.T(ctx, "services.list.all"), Count: -1, Current: v.in.Agency == "", Href: v.but(func(in *services.ListIn) { in.Agency = "" })})
		for _, o := range v.offices {
			s.Links = append(s.Links, ui.FilterLink{Text: o.Name, Count: -1, Current: v.in.Agency == o.ID, Href: v.but(func(in *services.ListIn) { in.Agency = o.ID })})
		}
		b.Sections = append(b.Sections, s)
	}
	return b
}

func (v listView) chips(ctx context.Context) []ui.Chip {
	var out []ui.Chip
	add := func(ok bool, text string, drop func(*services.ListIn)) {
		if ok {
			out = append(out, ui.Chip{Text: text, Drop: v.but(drop)})
		}
	}
	add(v.in.Term != "", lang.T(ctx, "services.list.term."+known(v.in.Term, services.TermOpen, services.TermLate, services.TermSoon, services.TermPaused)), func(in *services.ListIn) { in.Term = "" })
	if v.in.State != services.None {
		add(true, lang.T(ctx, v.in.State.Key()), func(in *services.ListIn) { in.State = services.None })
	}
	add(v.in.Timing != "", lang.T(ctx, "services.timing."+known(v.in.Timing, "early", "on-time", "late")), func(in *services.ListIn) { in.Timing = "" })
	add(v.in.Procedure != "", v.procedureName(), func(in *services.ListIn) { in.Procedure = "" })
	add(v.in.Holder != uuid.Nil, or(v.holder, lang.T(ctx, "services.figures.nobody")), func(in *services.ListIn) { in.Holder = uuid.Nil })
	if v.in.From != "" || v.in.To != "" {
		by := "services.list.by.filed"
		if v.in.By == services.ByFinished {
			by = "services.list.by.finished"
		}
		add(true, lang.T(ctx, by)+" "+or(v.in.From, "…")+" – "+or(v.in.To, "…"), func(in *services.ListIn) { in.From, in.To, in.By = "", "", "" })
	}
	return out
}

// known keeps to words that have a text: an address has what somebody typed.
func known(s string, words ...string) string {
	if slices.Contains(words, s) {
		return s
	}
	return "any"
}

func (v listView) procedureName() string {
	for _, o := range v.opens {
		if o.Value == v.in.Procedure {
			return o.Label
		}
	}
	return v.in.Procedure
}

// groups are the lines as rows that the keys move through.
func (v listView) groups(ctx context.Context, now time.Time) []ui.WorkGroup {
	g := ui.WorkGroup{ID: "dossiers", Title: lang.T(ctx, "services.list.title"), Tone: ui.Run, Count: len(v.lines)}
	for _, l := range v.lines {
		it := ui.WorkItem{ID: l.ID.String(), Title: l.NameIn(lang.From(ctx)), Href: worklistpage.Opened(PathDesk(l.ID), v.here()), Code: l.Code, More: lang.T(ctx, l.State.Key()),
			Icon: "folder", Kind: lang.T(ctx, "services.kind"), Who: l.ApplicantName, WhoMore: oneLine(lang.Short(ctx, l.FiledAt, now)), Due: lineDue(ctx, l, now)}
		if l.Subject != "" {
			it.Title += ": " + l.Subject
		}
		if l.Step != "" {
			it.More += " · " + lang.T(ctx, "services.step."+l.Step)
		}
		g.Items = append(g.Items, it)
	}
	return []ui.WorkGroup{g}
}

// lineDue is where the promise of a dossier in a list stands.
func lineDue(ctx context.Context, l services.Line, now time.Time) ui.Deadline {
	if l.DueAt == nil {
		return ui.Deadline{}
	}
	t := ui.Term{From: l.FiledAt, Due: *l.DueAt, Now: now}
	if l.FinishedAt != nil {
		t.DoneAt = *l.FinishedAt
	} else if l.PausedAt != nil {
		t.Paused = lang.T(ctx, "services.due.paused")
	}
	return ui.DeadlineOf(ctx, t)
}

func (v listView) paging() ui.Paging {
	var out ui.Paging
	if v.in.After != "" {
		out.First = pathFiltered(v.in)
	}
	if v.next != "" {
		q := encodeFilter(v.in)
		if q != "" {
			q += "&"
		}
		out.Next = PathList + "?" + q + url.Values{"after": {v.next}}.Encode()
	}
	return out
}

// current is the actor's own view that is shown now, which she may drop.
func (v listView) current() (worklist.View, bool) {
	i := slices.IndexFunc(v.views, func(k worklist.View) bool { return k.Mine && k.Query == encodeFilter(v.in) })
	if i < 0 {
		return worklist.View{}, false
	}
	return v.views[i], true
}

// officerOptions are who may have the dossiers.
func (v listView) officerOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Value: "", Label: lang.T(ctx, "services.list.all")}}
	for _, c := range v.people {
		out = append(out, ui.Option{Value: c.ID.String(), Label: c.Name + " — " + c.Title})
	}
	return out
}

func holderValue(in services.ListIn) string {
	if in.Holder == uuid.Nil {
		return ""
	}
	return in.Holder.String()
}

func (v listView) keys(ctx context.Context) []ui.Key {
	return []ui.Key{
		{Keys: []string{"j", "k"}, Text: lang.T(ctx, "ui.keys.move")},
		{Keys: []string{"Enter"}, Text: lang.T(ctx, "ui.keys.open")},
		{Keys: []string{"x"}, Text: lang.T(ctx, "ui.keys.pick")},
		{Keys: []string{"a"}, Text: lang.T(ctx, "ui.keys.assign")},
		{Keys: []string{"/"}, Text: lang.T(ctx, "ui.keys.search")},
		{Keys: []string{"Ctrl", "K"}, Text: lang.T(ctx, "ui.keys.command")},
	}
}

// fromList marks the origin of a record that was opened from this list and not from the desk: the
// rest is the filter and the page.
const fromList = "@"

// here is the list as it is shown now, for the addresses of its records.
func (v listView) here() string {
	q := url.Values{}
	if v.words != "" {
		q.Set("q", v.words)
	} else {
		q, _ = url.ParseQuery(encodeFilter(v.in))
		if v.in.After != "" {
			q.Set("after", v.in.After)
		}
	}
	return fromList + q.Encode()
}

// besideOf is the list or the desk from which a record was opened, with the record before and after.
func (p *Pages) besideOf(ctx context.Context, in, href string) (worklistpage.Beside, error) {
	query, isList := strings.CutPrefix(in, fromList)
	if !isList {
		return worklistpage.BesideOf(ctx, p.desks, in, href)
	}
	b := worklistpage.Beside{In: in, Back: withQuery(PathList, query), Title: lang.T(ctx, "services.list.title")}
	q, err := url.ParseQuery(query)
	if err != nil {
		return b, nil
	}
	var lines []services.Line
	if words := strings.TrimSpace(q.Get("q")); words != "" {
		lines, err = p.services.Search(ctx, words)
	} else {
		var page services.Page
		page, err = p.services.List(ctx, readFilter(q))
		lines = page.Lines
	}
	if fault.KindOf(err) == fault.KindForbidden || fault.KindOf(err) == fault.KindNotFound {
		return b, nil // the record is what counts; the list beside it was typed
	}
	if _, isFields := errors.AsType[fault.Fields](err); isFields {
		return b, nil
	}
	if err != nil {
		return b, err
	}
	now := p.services.Now()
	for _, l := range lines {
		due := lineDue(ctx, l, now)
		b.Items = append(b.Items, ui.MiniItem{Title: l.ApplicantName, Href: worklistpage.Opened(PathDesk(l.ID), in), More: l.NameIn(lang.From(ctx)), State: due.Head, Tone: due.Tone,
			Where: lang.T(ctx, l.State.Key()), At: PathDesk(l.ID) == href})
	}
	b.Count = len(b.Items)
	b.Turn()
	return b, nil
}

// bulkKey is the key that presses the button of an act on many.
func bulkKey(act string) string {
	if act == services.BulkAssign {
		return "a"
	}
	return ""
}

// signs says whether results wait for a signature among what is shown.
func (v listView) signs() bool {
	return slices.ContainsFunc(v.lines, func(l services.Line) bool { return l.Step == services.StepSign })
}

func decidedValue(in services.ListIn) string {
	if in.Decided {
		return "1"
	}
	return ""
}

func stateValue(s services.State) string {
	if s == services.None {
		return ""
	}
	return strconv.Itoa(int(s))
}

func timingOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Value: "", Label: lang.T(ctx, "services.list.all")}}
	for _, t := range []string{"early", "on-time", "late"} {
		out = append(out, ui.Option{Value: t, Label: lang.T(ctx, "services.timing."+t)})
	}
	return out
}

// backText is the way back to the list or the desk.
func backText(ctx context.Context, b worklistpage.Beside) string {
	if strings.HasPrefix(b.In, fromList) {
		return lang.T(ctx, "services.beside.list")
	}
	return lang.T(ctx, "services.beside.back")
}
