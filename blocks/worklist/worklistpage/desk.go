package worklistpage

import (
	"context"
	"encoding/csv"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/worklist"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// query is the state of the desk as it stands in the address.
type query struct {
	Text    string   `form:"q"`
	Kinds   []string `form:"kind"`
	Whys    []string `form:"why"`
	Urgency string   `form:"due"`
	Whose   string   `form:"whose"`
	Agency  string   `form:"agency"`
	Key     string   `form:"key"`
}

func (q query) filter() worklist.Filter {
	f := worklist.Filter{Kinds: q.Kinds, Whys: q.Whys, Text: q.Text, Whose: q.Whose, Agency: q.Agency}
	if u := worklist.Urgency(q.Urgency); slices.Contains(worklist.Urgencies, u) {
		f.Urgency = u
	}
	return f
}

// narrowed says whether anything is left out.
func (q query) narrowed() bool {
	return q.Text != "" || len(q.Kinds)+len(q.Whys) > 0 || q.Urgency != "" || q.Whose != "" || q.Agency != ""
}

// encode is the state without the place in the list.
func (q query) encode() string {
	v := url.Values{}
	for name, value := range map[string]string{"q": q.Text, "due": q.Urgency, "whose": q.Whose, "agency": q.Agency} {
		if value != "" {
			v.Set(name, value)
		}
	}
	v["kind"], v["why"] = q.Kinds, q.Whys
	return v.Encode()
}

func (q query) path() string { return at(PathDesk, q.encode()) }

// but is the address of the desk with one thing changed.
func (q query) but(change func(*query)) string {
	q.Kinds, q.Whys = slices.Clone(q.Kinds), slices.Clone(q.Whys)
	change(&q)
	return q.path()
}

func at(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// view is all the page shows.
type view struct {
	ui.Frame
	q      query
	page   worklist.Page
	views  []worklist.View
	kinds  []worklist.Kind
	bulks  []worklist.Bulk
	client string
	name   string // typed for a view that was refused
	faults fault.Fields
}

func (p *Pages) view(r *http.Request, q query) (view, error) {
	v := view{Frame: web.Frame(r), q: q, kinds: p.list.Kinds(), bulks: p.list.Bulks(), client: audit.NewClient()}
	v.Area = ui.Official
	var err error
	if v.page, err = p.list.Desk(r.Context(), q.filter(), q.Key); err != nil {
		return v, err
	}
	v.Now = v.page.Now
	v.views, err = p.list.Views(r.Context())
	return v, err
}

func (p *Pages) desk(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r, web.Form[query](r))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, deskPage(v))
}

func (p *Pages) keepView(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[worklist.KeepViewIn](r)
	err := p.list.KeepView(r.Context(), in)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v, err := p.view(r, readQuery(in.Query))
		if err != nil {
			return err
		}
		v.faults, v.name, v.client, v.Errors = f, in.Name, in.Client, true
		return web.Render(w, r, http.StatusUnprocessableEntity, deskPage(v))
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, readQuery(in.Query).path(), "worklist.view.kept")
}

func (p *Pages) dropView(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[struct {
		ID uuid.UUID `form:"id"`
	}](r)
	if err := p.list.DropView(r.Context(), in.ID); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathDesk, "worklist.view.dropped")
}

// readQuery reads the state of a desk from the text of an address.
func readQuery(s string) query {
	values, err := url.ParseQuery(s)
	if err != nil {
		return query{}
	}
	return web.Form[query](&http.Request{Form: values})
}

// export writes exactly what is filtered, for a spreadsheet.
func (p *Pages) export(w http.ResponseWriter, r *http.Request) error {
	rows, err := p.list.Export(r.Context(), web.Form[query](r).filter())
	if err != nil {
		return err
	}
	ctx := r.Context()
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="ban-cua-toi.csv"`)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("\ufeff")) // Excel takes UTF-8 for something else without it
	out := csv.NewWriter(w)
	line := func(cells ...string) {
		for i, c := range cells {
			cells[i] = plain(c)
		}
		_ = out.Write(cells) // the caller has gone; nothing to tell anybody
	}
	head := []string{}
	for _, k := range []string{"code", "what", "who", "why", "sender", "started", "due", "urgency"} {
		head = append(head, lang.T(ctx, "worklist.column."+k))
	}
	line(head...)
	for _, row := range rows {
		line(row.Code, row.What, row.Who, lang.T(ctx, row.Why), row.Sender, moment(row.Started), moment(row.Due),
			lang.T(ctx, "worklist.urgency."+string(row.Urgency)))
	}
	out.Flush()
	return nil
}

func moment(t time.Time) string { return t.In(clock.Vietnam).Format("2006-01-02 15:04") }

// plain keeps a spreadsheet from running what somebody typed as a formula.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func (v view) urgencies(ctx context.Context) []ui.Urgency {
	out := make([]ui.Urgency, len(worklist.Urgencies))
	for i, u := range worklist.Urgencies {
		out[i] = ui.Urgency{N: min(v.page.Counts.ByUrgency[u], worklist.Cap), Text: lang.T(ctx, "worklist.urgency."+string(u)+".count"),
			Href: v.q.but(func(q *query) { q.Urgency = string(u) }), Tone: tone(u)}
	}
	return out
}

func tone(u worklist.Urgency) ui.Tone {
	switch u {
	case worklist.LongLate, worklist.Late:
		return ui.Late
	case worklist.Today, worklist.Soon:
		return ui.Soon
	}
	return ui.Run
}

// groups parts the rows by urgency, as they come.
func (v view) groups(ctx context.Context) []ui.WorkGroup {
	var out []ui.WorkGroup
	for _, r := range v.page.Rows {
		id := "due-" + string(r.Urgency)
		if len(out) == 0 || out[len(out)-1].ID != id {
			out = append(out, ui.WorkGroup{ID: id, Title: lang.T(ctx, "worklist.urgency."+string(r.Urgency)), Tone: tone(r.Urgency)})
		}
		g := &out[len(out)-1]
		g.Items = append(g.Items, v.item(ctx, r))
		g.Count = len(g.Items)
	}
	for i := range out {
		if !v.q.narrowed() {
			out[i].Count = v.page.Counts.ByUrgency[worklist.Urgency(strings.TrimPrefix(out[i].ID, "due-"))]
		}
	}
	return out
}

func (v view) item(ctx context.Context, r worklist.Row) ui.WorkItem {
	it := ui.WorkItem{Title: r.What, Href: Opened(r.Href, v.q.here()), Code: r.Code, More: lang.T(ctx, r.Why), Icon: "task", Kind: r.Kind, Who: r.Who, WhoMore: r.Sender,
		Due: ui.DeadlineOf(ctx, ui.Term{From: r.Started, Due: r.Due, Now: v.Now, Soon: r.Urgency == worklist.Soon})}
	if _, ok := v.bulk(r); ok {
		it.ID = r.Subject.String()
	}
	if k, ok := v.kind(r.Kind); ok {
		it.Icon, it.Kind = k.Icon, lang.T(ctx, k.Text)
	}
	switch {
	case r.For != "":
		it.More += " · " + lang.T(ctx, "worklist.for", "name", r.For)
	case r.Office:
		it.More += " · " + lang.T(ctx, "worklist.of-office")
	}
	if r.Priority > 0 {
		it.More = lang.T(ctx, "worklist.priority."+string(rune('0'+r.Priority))) + " · " + it.More
	}
	return it
}

func (v view) kind(name string) (worklist.Kind, bool) {
	i := slices.IndexFunc(v.kinds, func(k worklist.Kind) bool { return k.Name == name })
	if i < 0 {
		return worklist.Kind{}, false
	}
	return v.kinds[i], true
}

func (v view) bar(ctx context.Context) ui.FilterBar {
	b := ui.FilterBar{Action: PathDesk, Label: lang.T(ctx, "worklist.search"), Query: v.q.Text,
		Hint: lang.T(ctx, "worklist.search.hint", "count", v.page.Counts.All)}
	for _, kv := range [][2]string{{"due", v.q.Urgency}, {"whose", v.q.Whose}, {"agency", v.q.Agency}} {
		if kv[1] != "" {
			b.Keep = append(b.Keep, kv)
		}
	}
	b.Chosen = v.chips(ctx)
	if v.q.narrowed() {
		b.Clear = PathDesk
	}
	if len(v.views) > 0 {
		b.Sections = append(b.Sections, v.saved(ctx))
	}
	b.Sections = append(b.Sections, v.desks(ctx))
	kinds, whys := ui.FilterSection{Title: lang.T(ctx, "worklist.kinds")}, ui.FilterSection{Title: lang.T(ctx, "worklist.whys")}
	for _, k := range v.kinds {
		n, on := v.page.Counts.ByKind[k.Name], slices.Contains(v.q.Kinds, k.Name)
		if n > 0 || on {
			kinds.Ticks = append(kinds.Ticks, ui.FilterTick{Name: "kind", Value: k.Name, Text: lang.T(ctx, k.Text), Icon: k.Icon, Count: n, On: on})
		}
	}
	for _, why := range slices.Sorted(maps.Keys(v.page.Counts.ByWhy)) {
		whys.Ticks = append(whys.Ticks, ui.FilterTick{Name: "why", Value: why, Text: lang.T(ctx, why), Count: v.page.Counts.ByWhy[why],
			On: slices.Contains(v.q.Whys, why)})
	}
	for _, s := range []ui.FilterSection{kinds, whys} {
		if len(s.Ticks) > 0 {
			b.Sections = append(b.Sections, s)
		}
	}
	return b
}

func (v view) chips(ctx context.Context) []ui.Chip {
	var out []ui.Chip
	if v.q.Text != "" {
		out = append(out, ui.Chip{Text: "“" + v.q.Text + "”", Drop: v.q.but(func(q *query) { q.Text = "" })})
	}
	if u := v.q.filter().Urgency; u != "" {
		out = append(out, ui.Chip{Text: lang.T(ctx, "worklist.urgency."+string(u)), Drop: v.q.but(func(q *query) { q.Urgency = "" })})
	}
	for _, name := range v.q.Kinds {
		if k, ok := v.kind(name); ok {
			out = append(out, ui.Chip{Text: lang.T(ctx, k.Text), Drop: v.q.but(func(q *query) {
				q.Kinds = slices.DeleteFunc(q.Kinds, func(s string) bool { return s == name })
			})})
		}
	}
	for _, why := range v.q.Whys {
		text := "“" + why + "”" // an address has what somebody typed
		if lang.Has(ctx, why) {
			text = lang.T(ctx, why)
		}
		out = append(out, ui.Chip{Text: text, Drop: v.q.but(func(q *query) {
			q.Whys = slices.DeleteFunc(q.Whys, func(s string) bool { return s == why })
		})})
	}
	return out
}

// desks are whose desks can be looked at.
func (v view) desks(ctx context.Context) ui.FilterSection {
	s := ui.FilterSection{Title: lang.T(ctx, "worklist.desks")}
	add := func(text, icon, whose, agency string, count int) {
		s.Links = append(s.Links, ui.FilterLink{Text: text, Icon: icon, Count: count, Current: v.q.Whose == whose && v.q.Agency == agency,
			Href: v.q.but(func(q *query) { q.Whose, q.Agency = whose, agency })})
	}
	all := -1
	if v.q.Agency == "" {
		all = min(v.page.Counts.All, worklist.Cap)
	}
	add(lang.T(ctx, "worklist.desk.all"), "inbox", "", "", all)
	add(lang.T(ctx, "worklist.desk.mine"), "user", "mine", "", -1)
	add(lang.T(ctx, "worklist.desk.office"), "users", "office", "", -1)
	for _, a := range v.page.Absent {
		add(lang.T(ctx, "worklist.for", "name", a.Name), "swap", a.Person.String(), "", -1)
	}
	if v.page.Supervises {
		add(lang.T(ctx, "worklist.desk.agency"), "eye", "", v.Actor.Office, -1)
	}
	return s
}

func (v view) saved(ctx context.Context) ui.FilterSection {
	s := ui.FilterSection{Title: lang.T(ctx, "worklist.views")}
	for _, k := range v.views {
		icon := "star"
		if k.Agency != "" {
			icon = "users"
		}
		s.Links = append(s.Links, ui.FilterLink{Text: k.Name, Icon: icon, Count: -1, Href: at(PathDesk, k.Query), Current: v.q.encode() == k.Query})
	}
	return s
}

// current is the actor's own view that is shown now, which she may drop.
func (v view) current() (worklist.View, bool) {
	i := slices.IndexFunc(v.views, func(k worklist.View) bool { return k.Mine && k.Query == v.q.encode() })
	if i < 0 {
		return worklist.View{}, false
	}
	return v.views[i], true
}

func (v view) paging() ui.Paging {
	p := ui.Paging{}
	if v.q.Key != "" {
		p.First = v.q.path()
	}
	if v.page.Next != "" {
		p.Next = at(PathDesk, strings.TrimPrefix(v.q.encode()+"&key="+v.page.Next, "&"))
	}
	return p
}

func (v view) keys(ctx context.Context) []ui.Key {
	out := []ui.Key{
		{Keys: []string{"j", "k"}, Text: lang.T(ctx, "ui.keys.move")},
		{Keys: []string{"Enter"}, Text: lang.T(ctx, "ui.keys.open")},
	}
	if list := v.offered(); len(list) > 0 {
		out = append(out, ui.Key{Keys: []string{"x"}, Text: lang.T(ctx, "ui.keys.pick")})
		for _, k := range list {
			out = append(out, ui.Key{Keys: []string{k.Key}, Text: lang.T(ctx, k.Text)})
		}
	}
	return append(append(out, v.Frame.NavKeys(ctx)...), []ui.Key{
		{Keys: []string{"/"}, Text: lang.T(ctx, "ui.keys.search")},
		{Keys: []string{"Ctrl", "K"}, Text: lang.T(ctx, "ui.keys.command")},
		{Keys: []string{"?"}, Text: lang.T(ctx, "ui.keys.all")},
	}...)
}
