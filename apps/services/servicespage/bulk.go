package servicespage

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// Where many dossiers are worked on at once, and where what was ordered is found again.
const (
	PathBulk  = "/desk/bulk"
	PathBulks = "/desk/bulks"
)

func pathBulkOf(id uuid.UUID) string { return PathBulks + "/" + id.String() }

func (p *Pages) bulkRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + PathBulk, Who: web.AnyOfficial, Handle: p.bulkForm},
		{Pattern: "POST " + PathBulk, Who: web.AnyOfficial, Handle: p.orderBulk},
		{Pattern: "GET " + PathBulks, Who: web.AnyOfficial, Handle: p.bulks},
		{Pattern: "GET " + PathBulks + "/{id}", Who: web.AnyOfficial, Handle: p.bulk},
		{Pattern: "GET " + PathBulks + "/{id}/job", Who: web.AnyOfficial, Handle: p.bulkJob},
		{Pattern: "POST " + PathBulks + "/{id}/stop", Who: web.AnyOfficial, Handle: p.stopBulk},
	}
}

// bulkItems is how many things can be asked for of many at once.
const bulkItems = 3

// bulkView is the preview of an order, with the form of what it needs.
type bulkView struct {
	in      services.BulkIn
	preview services.BulkPreview
	people  []services.Colleague
	typed   url.Values
	faults  fault.Fields
}

// readBulk reads an order from an address or a form.
func readBulk(r *http.Request) services.BulkIn {
	in := web.Form[services.BulkIn](r)
	in.Filter = readFilter(r.Form)
	for i := range bulkItems {
		n := strconv.Itoa(i)
		what, how := strings.TrimSpace(r.FormValue("what."+n)), strings.TrimSpace(r.FormValue("how."+n))
		if what+how != "" {
			in.Items = append(in.Items, services.Item{Key: "other-" + n, What: what, How: how})
		}
	}
	return in
}

func (p *Pages) bulkView(ctx context.Context, in services.BulkIn) (bulkView, error) {
	v := bulkView{in: in, typed: url.Values{}}
	if !slices.Contains(p.services.BulkActsFor(ctx), in.Act) {
		return v, fault.NotFound("page")
	}
	var err error
	if v.preview, err = p.services.Preview(ctx, in); err != nil {
		return v, err
	}
	v.people, err = p.services.Officers(ctx)
	return v, err
}

func (p *Pages) bulkForm(w http.ResponseWriter, r *http.Request) error {
	in := readBulk(r)
	if in.Act == "" { // opened by hand: nothing is picked
		return web.SeeOther(w, r, PathBulks, "")
	}
	in.Client = audit.NewClient()
	v, err := p.bulkView(r.Context(), in)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, bulkPage(p.official(r), v))
}

func (p *Pages) orderBulk(w http.ResponseWriter, r *http.Request) error {
	in := readBulk(r)
	id, err := p.services.OrderBulk(r.Context(), in)
	f, isFields := errors.AsType[fault.Fields](err)
	if err == nil {
		return web.SeeOther(w, r, pathBulkOf(id), "services.bulk.ordered")
	}
	if !isFields {
		return err
	}
	v, err := p.bulkView(r.Context(), in)
	if err != nil {
		return err
	}
	v.typed, v.faults = r.Form, onBulkRows(f)
	fr := p.official(r)
	fr.Errors = true
	return web.Render(w, r, http.StatusUnprocessableEntity, bulkPage(fr, v))
}

// onBulkRows gives faults of items the names of their fields.
func onBulkRows(f fault.Fields) fault.Fields {
	out := fault.Fields{}
	for name, code := range f {
		if i, part, ok := itemField(name); ok {
			name = slot(part, i)
		}
		if name == "items" {
			name = slot("what", 0)
		}
		out[name] = code
	}
	return out
}

// reasons are why dossiers are left out, the most frequent first.
func (v bulkView) reasons() []string {
	return slices.SortedFunc(maps.Keys(v.preview.Reasons), func(a, b string) int { return v.preview.Reasons[b] - v.preview.Reasons[a] })
}

func (v bulkView) picked() []string {
	var out []string
	for _, id := range v.in.Dossiers {
		out = append(out, id.String())
	}
	return out
}

func (v bulkView) to() string {
	if v.in.To == uuid.Nil {
		return ""
	}
	return v.in.To.String()
}

// shownOfMany is how many lines of a preview are shown.
const shownOfMany = 50

// bulkTable lists dossiers of a preview.
func bulkTable(ctx context.Context, label string, lines []services.BulkLine) ui.Table {
	t := ui.Table{Label: label, Columns: []ui.Column{{Text: lang.T(ctx, "services.list.what")}, {Text: lang.T(ctx, "services.applicant"), Fold: lang.T(ctx, "services.applicant")},
		{Text: lang.T(ctx, "services.list.state"), Fold: lang.T(ctx, "services.list.state")}}}
	for _, l := range lines[:min(len(lines), shownOfMany)] {
		state := ui.Cell{Body: ui.Tag(stateTone(l.State), lang.T(ctx, l.State.Key()))}
		if l.Why != "" {
			state = ui.Cell{Text: lang.T(ctx, l.Why)}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: l.Name, Sub: l.Code, SubCode: true, Href: PathDesk(l.ID)}, {Text: l.ApplicantName}, state}})
	}
	return t
}

func (p *Pages) bulks(w http.ResponseWriter, r *http.Request) error {
	after, _ := uuid.Parse(r.URL.Query().Get("after")) // anything else is the first page
	list, next, err := p.services.Bulks(r.Context(), after)
	if err != nil {
		return err
	}
	var pages ui.Paging
	if after != uuid.Nil {
		pages.First = PathBulks
	}
	if next != uuid.Nil {
		pages.Next = PathBulks + "?after=" + next.String()
	}
	return web.Render(w, r, http.StatusOK, bulksPage(p.official(r), list, pages))
}

// orderView is an order and what became of its dossiers.
type orderView struct {
	services.Bulk
	rows    []services.BulkRow
	kind    string
	next    int
	after   int
	printed []files.File
	client  string
	now     time.Time
}

func (p *Pages) orderView(r *http.Request) (orderView, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return orderView{}, fault.NotFound("services.bulk")
	}
	v := orderView{kind: r.FormValue("rows"), client: audit.NewClient(), now: p.services.Now()}
	v.after, _ = strconv.Atoi(r.FormValue("after"))
	if !slices.Contains([]string{"done", "failed", "left", "waiting"}, v.kind) {
		v.kind = ""
	}
	v.Bulk, err = p.services.BulkOf(r.Context(), id)
	return v, err
}

func (p *Pages) bulk(w http.ResponseWriter, r *http.Request) error {
	v, err := p.orderView(r)
	if err != nil {
		return err
	}
	if v.rows, v.next, err = p.services.BulkRows(r.Context(), v.ID, v.kind, v.after); err != nil {
		return err
	}
	if v.printed, err = p.services.Printed(r.Context(), v.ID); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, orderPage(p.official(r), v))
}

// bulkJob is the part of the page that is asked again while the order runs.
func (p *Pages) bulkJob(w http.ResponseWriter, r *http.Request) error {
	v, err := p.orderView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, ui.Job(jobOf(r.Context(), v.Bulk, v.now)))
}

func (p *Pages) stopBulk(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[services.StopBulkIn](r)
	if err := p.services.StopBulk(r.Context(), in); err != nil {
		return err
	}
	return web.SeeOther(w, r, pathBulkOf(in.Bulk), "services.bulk.stopping")
}

// jobOf is how far an order came, with how long it may still take by what it took so far.
func jobOf(ctx context.Context, b services.Bulk, now time.Time) ui.JobState {
	j := ui.JobState{Title: lang.T(ctx, "services.bulk."+b.Act+".button"), Done: b.Done, Failed: b.Failed, Total: b.Total, Over: b.Over(), RefreshedFrom: pathBulkOf(b.ID) + "/job"}
	if did := b.Done + b.Failed; did > 0 && !j.Over {
		left := now.Sub(b.At) * time.Duration(b.Total-did) / time.Duration(did)
		j.Left = lang.T(ctx, "services.bulk.left-time", "long", lang.Length(ctx, max(left, time.Minute)))
	}
	return j
}

func (v orderView) tabs(ctx context.Context) []ui.Tab {
	var out []ui.Tab
	for _, kind := range []string{"", "failed", "left", "done", "waiting"} {
		href := pathBulkOf(v.ID)
		if kind != "" {
			href += "?rows=" + kind
		}
		out = append(out, ui.Tab{Text: lang.T(ctx, "services.bulk.rows."+or(kind, "all")), Href: href, Current: v.kind == kind})
	}
	return out
}

func (v orderView) table(ctx context.Context) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "services.bulk.rows"), Columns: []ui.Column{{Text: lang.T(ctx, "services.list.what")},
		{Text: lang.T(ctx, "services.applicant"), Fold: lang.T(ctx, "services.applicant")}, {Text: lang.T(ctx, "services.slip.timing"), Fold: lang.T(ctx, "services.slip.timing")}}}
	tones := map[string]ui.Tone{"done": ui.Done, "failed": ui.Wrong, "left": ui.Pause, "waiting": ui.Run}
	for _, r := range v.rows {
		why := r.Why
		if why != "" {
			if lang.Has(ctx, why) {
				why = lang.T(ctx, why, "from", "", "to", "")
			} else {
				why = lang.T(ctx, "services.signing.failed")
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: r.Name, Sub: r.Code, SubCode: true, Href: PathDesk(r.DossierID)}, {Text: r.Applicant, Sub: why},
			{Body: ui.Tag(tones[r.State], lang.T(ctx, "services.bulk.row."+r.State))}}})
	}
	return t
}

func (v orderView) paging() ui.Paging {
	var out ui.Paging
	q := url.Values{}
	if v.kind != "" {
		q.Set("rows", v.kind)
	}
	if v.after > 0 {
		out.First = withQuery(pathBulkOf(v.ID), q.Encode())
	}
	if v.next > 0 {
		q.Set("after", strconv.Itoa(v.next))
		out.Next = withQuery(pathBulkOf(v.ID), q.Encode())
	}
	return out
}

// bulkField is a part of an item that is asked for of many.
func bulkField(ctx context.Context, f ui.Form, part string, i int, value string) ui.Field {
	out := ui.Form{Prefix: "services.ask"}.Field(ctx, part, value)
	out.Name = slot(part, i)
	if code, ok := f.Faults[out.Name]; ok {
		out.Fault = askFault(ctx, part, code)
	}
	out.Optional = i > 0
	return out
}

func bulksTable(ctx context.Context, list []services.Bulk, now time.Time) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "services.bulks.title"), Columns: []ui.Column{{Text: lang.T(ctx, "services.bulk.what")},
		{Text: lang.T(ctx, "services.bulk.at"), Fold: lang.T(ctx, "services.bulk.at")}, {Text: lang.T(ctx, "services.bulk.did"), Fold: lang.T(ctx, "services.bulk.did")},
		{Text: lang.T(ctx, "services.list.state"), Fold: lang.T(ctx, "services.list.state")}}}
	for _, b := range list {
		tone := ui.Run
		switch {
		case b.State == "stopped":
			tone = ui.Pause
		case b.Over() && b.Failed > 0:
			tone = ui.Soon
		case b.Over():
			tone = ui.Done
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: lang.T(ctx, "services.bulk."+b.Act+".button"), Href: pathBulkOf(b.ID)}, {Text: lang.Short(ctx, b.At, now)},
			{Text: lang.T(ctx, "services.bulk.counts", "done", b.Done, "failed", b.Failed, "total", b.Total)}, {Body: ui.Tag(tone, lang.T(ctx, "services.bulk.state."+b.State))}}})
	}
	return t
}
