package servicespage

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"datmui/apps/services"
	"datmui/apps/services/cataloguepage"
	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/forms"
	"datmui/blocks/pay"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// PathProcedures is the list of the procedures whose definitions are kept here.
const PathProcedures = "/desk/define"

// PathProcedure is the editor of a procedure.
func PathProcedure(code string) string { return PathProcedures + "/" + code }

// PathEdit is the page of one part of it.
func PathEdit(code, part string) string {
	if part == "questions" {
		return PathQuestions(code)
	}
	return PathProcedure(code) + "/edit/" + part
}

func (p *Pages) editorRoutes() []web.Route {
	right := web.Right(services.RightDefine)
	one := PathProcedures + "/{code}"
	routes := []web.Route{
		{Pattern: "GET " + PathProcedures, Who: right, Handle: p.procedures},
		{Pattern: "GET " + one, Who: right, Handle: p.procedure},
		{Pattern: "GET " + one + "/versions", Who: right, Handle: p.versions},
		{Pattern: "GET " + one + "/versions/{version}", Who: right, Handle: p.compare},
		{Pattern: "GET " + one + "/edit/{part}", Who: right, Handle: p.editPart},
		{Pattern: "POST " + one + "/edit/{part}", Who: right, Handle: p.savePart},
		{Pattern: "POST " + one + "/publish", Who: right, Handle: p.publish},
		{Pattern: "POST " + one + "/complete", Who: right, Handle: p.complete},
		{Pattern: "POST " + one + "/drop", Who: right, Handle: p.dropEdition},
	}
	return slices.Concat(routes, p.questionRoutes(one+"/questions", right), p.previewRoutes(one+"/preview", right))
}

// proceduresView is the list of the editor.
type proceduresView struct {
	in   services.DefinedIn
	list []services.Defined
	more bool
}

func (p *Pages) procedures(w http.ResponseWriter, r *http.Request) error {
	v := proceduresView{in: web.Form[services.DefinedIn](r)}
	var err error
	if v.list, v.more, err = p.services.DefinedProcedures(r.Context(), v.in); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, proceduresPage(p.official(r), v))
}

// editView is what every page of the editor shows.
type editView struct {
	now      services.Edition
	versions []services.Version
	more     bool // there are older ones
	missing  []string
	changes  []services.Change
	wrong    fault.Fields // what keeps it from being published
	client   string
	today    string

	formIDs  []string
	bodies   []directory.Agency
	schedule *pay.Schedule
	asks     forms.Definition // the form

	publish  services.PublishIn
	complete services.CompleteIn
	faults   fault.Fields // of the form that was sent
	failed   string       // which form that is: publish or complete
}

func (p *Pages) editView(ctx context.Context, code string) (editView, error) {
	v := editView{client: audit.NewClient(), today: p.services.Now().In(clock.Vietnam).Format(time.DateOnly)}
	var err error
	if v.now, err = p.services.Edition(ctx, code); err != nil {
		return v, err
	}
	if v.versions, v.more, err = p.services.Versions(ctx, code, 0); err != nil {
		return v, err
	}
	v.missing = p.services.Missing(v.now.Definition)
	v.wrong = p.services.CheckDefinition(ctx, v.now.Definition)
	if v.now.Rev > 0 {
		if v.changes, err = p.services.Changes(ctx, v.versions[0].Definition, v.now.Definition); err != nil {
			return v, err
		}
	}
	v.formIDs, v.schedule = p.services.FormIDs(), p.services.Schedule()
	if form, err := p.services.FormOf(ctx, v.now.Definition); err == nil {
		v.asks = form.Definition
	}
	v.bodies, err = p.services.CompetentBodies(ctx)
	v.publish = services.PublishIn{Client: v.client, Rev: v.now.Rev, From: v.today}
	v.complete = services.CompleteIn{Client: v.client, From: v.today, Type: "charge"}
	return v, err
}

func (p *Pages) procedure(w http.ResponseWriter, r *http.Request) error {
	v, err := p.editView(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, procedurePage(p.official(r), v))
}

func (p *Pages) editPart(w http.ResponseWriter, r *http.Request) error {
	part := r.PathValue("part")
	if !slices.Contains(editParts, part) {
		return fault.NotFound("services.part")
	}
	v, err := p.editView(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, editPage(p.official(r), v, part, v.part(r.Context(), part, v.now.Definition, nil), nil))
}

// savePart keeps one part. What is wrong in it is said at the field and not kept; what another editor
// saved meanwhile is shown beside what was typed, and sending again takes this.
func (p *Pages) savePart(w http.ResponseWriter, r *http.Request) error {
	part, code := r.PathValue("part"), r.PathValue("code")
	if !slices.Contains(editParts, part) {
		return fault.NotFound("services.part")
	}
	v, err := p.editView(r.Context(), code)
	if err != nil {
		return err
	}
	rev, _ := strconv.Atoi(r.FormValue("rev"))
	d := typed{r.Form}.into(part, v.now.Definition, v.schedule)
	fr := p.official(r)
	if wrong := faultsOf(part, p.services.CheckDefinition(r.Context(), d)); wrong.Any() {
		fr.Errors = true
		v.now.Rev = rev
		return web.Render(w, r, http.StatusUnprocessableEntity, editPage(fr, v, part, v.part(r.Context(), part, d, wrong), wrong))
	}
	_, err = p.services.Edit(r.Context(), services.EditIn{Procedure: code, Client: r.FormValue("client"), Rev: rev, Definition: d})
	if stale, ok := errors.AsType[*services.StaleEdition](err); ok {
		v.now = stale.Now
		if v.changes, err = p.services.Changes(r.Context(), d, stale.Now.Definition); err != nil {
			return err
		}
		return web.Render(w, r, http.StatusConflict, staleEditPage(fr, v, part, v.part(r.Context(), part, d, nil)))
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, PathProcedure(code), "services.editor.saved")
}

// partOf says on which page of the editor a field stands.
func partOf(field string) string {
	head, _, _ := strings.Cut(field, ".")
	switch head {
	case "papers", "steps", "result", "notes", "fees":
		return head
	case "limit", "limits", "after_pause", "supply_days", "pay_days":
		return "limits"
	case "fee_mode", "fee_at_intake", "fee_facts", "fee_days":
		return "fees"
	case "form", "subject", "owner", "competent", "competents", "late":
		return "form"
	case "question", "page", "section":
		return "questions"
	case "originals_at_return":
		return "result"
	}
	return "names"
}

func faultsOf(part string, all fault.Fields) fault.Fields {
	out := maps.Clone(all)
	maps.DeleteFunc(out, func(field, _ string) bool { return partOf(field) != part })
	return out
}

func (p *Pages) publish(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[services.PublishIn](r)
	_, err := p.services.Publish(r.Context(), in)
	return p.published(w, r, err, "publish", func(v *editView) { v.publish = in })
}

func (p *Pages) complete(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[services.CompleteIn](r)
	if n := r.FormValue("limit_days"); n != "" {
		in.Limit = strings.TrimSpace(n) + r.FormValue("limit_unit")
	}
	_, err := p.services.Complete(r.Context(), in)
	return p.published(w, r, err, "complete", func(v *editView) { v.complete = in })
}

// published shows the editor again after a version was published, or what was wrong with the form.
func (p *Pages) published(w http.ResponseWriter, r *http.Request, err error, form string, keep func(*editView)) error {
	code := r.PathValue("code")
	if err == nil {
		return web.SeeOther(w, r, PathProcedure(code), "services.editor.published")
	}
	f, typed := errors.AsType[fault.Fields](err)
	unfit, isUnfit := errors.AsType[*services.PublishFields](err)
	_, isStale := errors.AsType[*services.StaleEdition](err)
	if !typed && !isUnfit && !isStale {
		return err
	}
	v, err := p.editView(r.Context(), code)
	if err != nil {
		return err
	}
	keep(&v)
	v.faults, v.failed = f, form
	status := http.StatusUnprocessableEntity
	if isUnfit {
		v.wrong = unfit.Wrong
	}
	if isStale {
		v.faults, status = fault.Fields{"": "stale"}, http.StatusConflict
	}
	v.publish.Rev = v.now.Rev
	fr := p.official(r)
	fr.Errors = true
	return web.Render(w, r, status, procedurePage(fr, v))
}

func (p *Pages) dropEdition(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[services.DropEditionIn](r)
	if err := p.services.DropEdition(r.Context(), in); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathProcedure(in.Procedure), "services.editor.dropped")
}

// wrongLines are the faults of a definition as lines that lead to their field.
func wrongLines(ctx context.Context, code string, f fault.Fields) []ui.Link {
	var out []ui.Link
	for _, field := range slices.Sorted(maps.Keys(f)) {
		out = append(out, ui.Link{Text: editName(ctx, field) + ": " + editFault(ctx, f, field), Href: PathEdit(code, partOf(field)) + "#" + ui.FieldID(field)})
	}
	return out
}

// editName is a field in words, with the number of its entry.
func editName(ctx context.Context, field string) string {
	if partOf(field) == "questions" {
		return lang.T(ctx, "services.editor.part.questions")
	}
	label := editLabel(ctx, field)
	if parts := strings.Split(field, "."); len(parts) == 3 {
		if n, err := strconv.Atoi(parts[1]); err == nil {
			return lang.T(ctx, "services.editor.nth", "label", label, "n", n+1)
		}
	}
	return label
}

// errorLines are the faults of a part for the summary at the top.
func errorLines(ctx context.Context, f fault.Fields) []ui.ErrorLine {
	var out []ui.ErrorLine
	for _, field := range slices.Sorted(maps.Keys(f)) {
		out = append(out, ui.ErrorLine{Field: field, Text: editName(ctx, field) + ": " + editFault(ctx, f, field)})
	}
	return out
}

// changeTable is what differs, line by line.
func changeTable(ctx context.Context, list []services.Change) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "services.editor.changes"), Columns: []ui.Column{{Text: lang.T(ctx, "services.editor.change.field")},
		{Text: lang.T(ctx, "services.editor.change.was"), Fold: lang.T(ctx, "services.editor.change.was")},
		{Text: lang.T(ctx, "services.editor.change.will"), Fold: lang.T(ctx, "services.editor.change.will")}}}
	for _, c := range list {
		name := editName(ctx, c.Field)
		if c.Of != "" {
			name = editLabel(ctx, c.Field) + " – " + c.Of
		}
		c.Was, c.Will = changeWords(ctx, c.Field, c.Was), changeWords(ctx, c.Field, c.Will)
		nothing := lang.T(ctx, "services.editor.change.nothing")
		row := ui.Row{Cells: []ui.Cell{{Text: name}, {Text: c.Was}, {Text: c.Will}}}
		for i := 1; i < 3; i++ {
			if row.Cells[i].Text == "" {
				row.Cells[i].Text = nothing
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// changeWords are a value in words: a kind of answer, a way to pay, an amount, a limit.
func changeWords(ctx context.Context, field, value string) string {
	field = entryNumber.ReplaceAllString(field, ".")
	key := "services.editor." + field + "." + value
	n, err := strconv.ParseInt(value, 10, 64)
	switch {
	case value == "":
		return ""
	case value == "yes":
		return lang.T(ctx, "services.editor.change.yes")
	case field == "limit" || strings.HasSuffix(field, ".limit"):
		return cataloguepage.LimitWords(ctx, value)
	case err == nil && slices.Contains([]string{"fees.amount", "fees.each", "fees.then", "fees.cap"}, field):
		return lang.Money(ctx, n)
	case lang.Has(ctx, key):
		return lang.T(ctx, key)
	}
	return value
}

// partLinks lead to the parts, each with what it holds now.
func (v editView) partLinks(ctx context.Context) []ui.GoItem {
	d := v.now.Definition
	more := map[string]string{
		"names":  d.NameIn(lang.From(ctx)),
		"papers": lang.T(ctx, "services.editor.count.papers", "n", len(d.Papers)),
		"limits": cataloguepage.LimitWords(ctx, d.Limit),
		"fees":   lang.T(ctx, "services.editor.fee_mode."+d.FeeMode),
		"steps":  lang.T(ctx, "services.editor.count.steps", "n", len(d.Steps)),
		"form":   d.Form,
		"result": d.ResultName(lang.From(ctx)),
		"notes":  lang.T(ctx, "services.editor.count.notes", "n", len(d.Notes)),
	}
	var out []ui.GoItem
	for _, part := range editParts {
		it := ui.GoItem{Text: lang.T(ctx, "services.editor.part."+part), More: more[part], Href: PathEdit(d.Code, part)}
		if n := len(faultsOf(part, v.wrong)); n > 0 {
			it.More += " · " + lang.T(ctx, "services.editor.count.faults", "n", n)
		}
		out = append(out, it)
		if part == "form" { // whose questions are edited one by one
			n := 0
			for _, s := range v.asks.Sections {
				for _, p := range s.Pages {
					n += len(p.Questions)
				}
			}
			out = append(out, ui.GoItem{Text: lang.T(ctx, "services.editor.part.questions"), More: lang.T(ctx, "services.editor.count.questions", "n", n), Href: PathQuestions(d.Code)})
		}
	}
	return out
}

func (v editView) lacks(what string) bool { return slices.Contains(v.missing, what) }

// field is a control of the forms that publish, with its label and fault.
func (v editView) field(ctx context.Context, form, name, value string) ui.Field {
	f := ui.Field{Name: name, Scope: form, Label: lang.T(ctx, "services.editor."+form+"."+name), Value: value}
	if hint := "services.editor." + form + "." + name + ".hint"; lang.Has(ctx, hint) {
		f.Hint = lang.T(ctx, hint)
	}
	if v.failed == form {
		f.Fault = editFault(ctx, v.faults, name)
	}
	return f
}

// limitTyped splits a limit into its number and unit for the form.
func limitTyped(limit string) (n, unit string) {
	n = strings.TrimRight(limit, "wdch")
	return n, limit[len(n):]
}

func (v proceduresView) items(ctx context.Context) []ui.GoItem {
	var out []ui.GoItem
	for _, d := range v.list {
		state := "services.editor.state.open"
		if !d.Complete {
			state = "services.editor.state.missing"
		}
		more := []string{d.Code, lang.T(ctx, state), lang.T(ctx, "services.editor.state.version", "n", d.Version, "from", lang.Date(ctx, d.ValidFrom))}
		if d.SavedAt != nil {
			more = append(more, lang.T(ctx, "services.editor.state.draft", "who", d.SavedName))
		}
		if d.Doubts > 0 {
			more = append(more, lang.T(ctx, "services.editor.count.notes", "n", d.Doubts))
		}
		out = append(out, ui.GoItem{Text: d.NameIn(lang.From(ctx)), More: strings.Join(more, " · "), Href: PathProcedure(d.Code)})
	}
	return out
}

// tabs narrow the list.
func (v proceduresView) tabs(ctx context.Context) []ui.Tab {
	var out []ui.Tab
	for _, only := range []string{"", "missing", "draft", "doubt"} {
		out = append(out, ui.Tab{Text: lang.T(ctx, "services.editor.only."+or(only, "all")), Href: pathDefined(v.in.Words, only, ""), Current: v.in.Only == only})
	}
	return out
}
