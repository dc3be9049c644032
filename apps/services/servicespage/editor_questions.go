package servicespage

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/forms"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// The questions of a procedure's form are edited one at a time: each has a page of its own, and so have the
// pages and sections in which they are asked. Nothing wrong is kept.

// PathQuestions lists the questions of a procedure's form.
func PathQuestions(code string) string { return PathProcedure(code) + "/questions" }

// pathAsked is the editor of a question, a page or a section of the form: what is one of q, page and section.
func pathAsked(code, what, id string) string { return PathQuestions(code) + "/" + what + "/" + id }

// pathNewQuestion is the form for a question that is put at a place.
func pathNewQuestion(code string, at forms.Place) string {
	return PathQuestions(code) + "/new?" + url.Values{"at": {string(at)}}.Encode()
}

func (p *Pages) questionRoutes(at string, who web.Who) []web.Route {
	return []web.Route{
		{Pattern: "GET " + at, Who: who, Handle: p.questions},
		{Pattern: "POST " + at, Who: who, Handle: p.moveAsked},
		{Pattern: "GET " + at + "/new", Who: who, Handle: p.newQuestion},
		{Pattern: "POST " + at + "/new", Who: who, Handle: p.addQuestion},
		{Pattern: "GET " + at + "/{what}/{id}", Who: who, Handle: p.editAsked},
		{Pattern: "POST " + at + "/{what}/{id}", Who: who, Handle: p.changeAsked},
	}
}

// askedView is what the pages that edit questions show.
type askedView struct {
	code    string
	def     services.Definition
	form    forms.Definition // as it is prepared
	rev     int
	client  string
	changed bool // the questions differ from those in force

	what   string // q, page, section; "" on the list
	id     string
	q      forms.Question
	fresh  bool // q is not there yet
	at     forms.Place
	innerV forms.Words       // of a new group: its first question
	bounds map[string]string // the least and the most as they were typed
	title  forms.Words
	hint   forms.Words
	when   string
	uses   []string     // what keeps the question from being taken away
	faults fault.Fields // by the fields of the form shown
	others []ui.ErrorLine
}

func (p *Pages) askedView(r *http.Request) (askedView, error) {
	code := r.PathValue("code")
	v := askedView{code: code, client: audit.NewClient(), faults: fault.Fields{}}
	e, err := p.services.Edition(r.Context(), code)
	if err != nil {
		return v, err
	}
	v.def, v.rev, v.changed = e.Definition, e.Rev, e.Definition.Asks != nil
	form, err := p.services.FormOf(r.Context(), v.def)
	if err != nil {
		return v, err
	}
	v.form = form.Definition.Clone()
	return v, nil
}

func (p *Pages) questions(w http.ResponseWriter, r *http.Request) error {
	v, err := p.askedView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, questionsPage(p.official(r), v))
}

// keepQuestions saves changed questions. What is wrong is said beside what was typed, and not kept.
func (p *Pages) keepQuestions(w http.ResponseWriter, r *http.Request, v askedView, next forms.Definition, own string) error {
	rev, _ := strconv.Atoi(r.FormValue("rev"))
	d, unread := p.services.WithQuestions(r.Context(), v.def, next), v.faults
	v.faults, v.others = v.sort(r.Context(), p.services.CheckDefinition(r.Context(), d), next, own)
	maps.Copy(v.faults, unread)
	status := http.StatusUnprocessableEntity
	if !v.faults.Any() && len(v.others) == 0 {
		_, err := p.services.Edit(r.Context(), services.EditIn{Procedure: v.code, Client: r.FormValue("client"), Rev: rev, Definition: d})
		stale, isStale := errors.AsType[*services.StaleEdition](err)
		if err == nil {
			return web.SeeOther(w, r, PathQuestions(v.code)+anchorOf(own), "services.editor.saved")
		} else if !isStale {
			return err
		}
		// sending again puts this one change into what the other has saved
		v.others = []ui.ErrorLine{{Text: lang.T(r.Context(), "services.editor.stale", "who", stale.Now.SavedName, "at", lang.DateTime(r.Context(), stale.Now.SavedAt))}}
		v.rev, status = stale.Now.Rev, http.StatusConflict
	}
	return p.askedAgain(w, r, v, status)
}

// anchorOf leads back to the line of the list that was edited.
func anchorOf(own string) string {
	if path, ok := strings.CutPrefix(own, "question."); ok {
		return "#" + askedID(strings.TrimSuffix(path, "."))
	}
	return ""
}

// askedID is the id of a question's line in the list.
func askedID(path string) string { return "q-" + strings.ReplaceAll(path, ".", "-") }

func (p *Pages) askedAgain(w http.ResponseWriter, r *http.Request, v askedView, status int) error {
	fr := p.official(r)
	fr.Errors = true
	switch v.what {
	case "":
		return web.Render(w, r, status, questionsPage(fr, v))
	case "q":
		return web.Render(w, r, status, questionEditPage(fr, v))
	}
	return web.Render(w, r, status, askedPage(fr, v))
}

// sort tells the faults of the form that was sent from those of other questions that it would spoil; the
// other parts of the procedure are judged on their own pages.
func (v askedView) sort(ctx context.Context, all fault.Fields, next forms.Definition, own string) (fault.Fields, []ui.ErrorLine) {
	mine := fault.Fields{}
	var others []ui.ErrorLine
	for _, field := range slices.Sorted(maps.Keys(all)) {
		leaf, isMine := strings.CutPrefix(field, own)
		switch {
		case own != "" && isMine:
			mine[leaf] = all[field]
		case strings.HasPrefix(field, "question."), strings.HasPrefix(field, "page."), strings.HasPrefix(field, "section."), field == "form", strings.HasPrefix(field, "title_"):
			others = append(others, ui.ErrorLine{Text: askedName(ctx, next, field) + ": " + editFault(ctx, all, field)})
		}
	}
	return mine, others
}

// askedName says in words which field of which question, page or section is meant.
func askedName(ctx context.Context, d forms.Definition, field string) string {
	what, rest, _ := strings.Cut(field, ".")
	dot := strings.LastIndexByte(rest, '.')
	if dot < 0 {
		return lang.T(ctx, "services.editor.part.questions")
	}
	id, leaf, tag := rest[:dot], rest[dot+1:], lang.From(ctx)
	name := id
	switch what {
	case "question":
		if q, ok := d.Find(id); ok {
			name = q.Label.In(tag)
		}
	case "page":
		if pg, ok := d.Page(id); ok {
			name = pageName(ctx, pg)
		}
	case "section":
		if s, ok := d.Section(id); ok {
			name = s.Title.In(tag)
		}
	}
	return "“" + name + "” – " + lang.T(ctx, "services.editor.asks."+strings.TrimPrefix(leaf, "options."))
}

// pageName is the title of a page: its own, or its first question.
func pageName(ctx context.Context, p forms.Page) string {
	return cmp.Or(p.Title.In(lang.From(ctx)), p.Questions[0].Label.In(lang.From(ctx)))
}

// moveAsked moves a question or a page one place up or down.
func (p *Pages) moveAsked(w http.ResponseWriter, r *http.Request) error {
	v, err := p.askedView(r)
	if err != nil {
		return err
	}
	way, id, _ := strings.Cut(r.FormValue("move"), ":")
	what, way, _ := strings.Cut(way, "-")
	by := map[string]int{"up": -1, "down": 1}[way]
	next := v.form
	switch what {
	case "q":
		next = v.form.MoveQuestion(id, by)
	case "page":
		next = v.form.MovePage(id, by)
	}
	if by == 0 {
		return web.SeeOther(w, r, PathQuestions(v.code), "")
	}
	return p.keepQuestions(w, r, v, next, "")
}

func (p *Pages) newQuestion(w http.ResponseWriter, r *http.Request) error {
	v, err := p.askedView(r)
	if err != nil {
		return err
	}
	v.what, v.fresh, v.at, v.q = "q", true, forms.Place(r.FormValue("at")), forms.Question{Kind: forms.Line}
	return web.Render(w, r, http.StatusOK, questionEditPage(p.official(r), v))
}

func (p *Pages) addQuestion(w http.ResponseWriter, r *http.Request) error {
	v, err := p.askedView(r)
	if err != nil {
		return err
	}
	v.what, v.fresh = "q", true
	v.typed(r.Form)
	v.q.Name = v.form.FreeName(v.q.Label.VI)
	if r.FormValue("redraw") != "" {
		return web.Render(w, r, http.StatusOK, questionEditPage(p.official(r), v))
	}
	next, ok := v.form.Add(v.q, v.at)
	if !ok {
		v.faults.Set("at", "required")
		return p.askedAgain(w, r, v, http.StatusUnprocessableEntity)
	}
	return p.keepQuestions(w, r, v, next, "question."+next.PathOf(v.q.Name)+".")
}

// of finds what the request edits.
func (v *askedView) of(r *http.Request) error {
	v.what, v.id = r.PathValue("what"), r.PathValue("id")
	found := false
	switch v.what {
	case "q":
		if v.q, found = v.form.Find(v.id); found {
			v.at, v.uses = v.form.PlaceOf(v.id), v.def.UsesOf(v.id)
		}
	case "page":
		var pg forms.Page
		pg, found = v.form.Page(v.id)
		v.title, v.hint, v.when = pg.Title, pg.Hint, pg.When
	case "section":
		var s forms.Section
		s, found = v.form.Section(v.id)
		v.title, v.when = s.Title, s.When
	}
	if !found {
		return fault.NotFound("services.question")
	}
	return nil
}

func (p *Pages) editAsked(w http.ResponseWriter, r *http.Request) error {
	v, err := p.askedView(r)
	if err != nil {
		return err
	}
	if err := v.of(r); err != nil {
		return err
	}
	if v.what == "q" {
		return web.Render(w, r, http.StatusOK, questionEditPage(p.official(r), v))
	}
	return web.Render(w, r, http.StatusOK, askedPage(p.official(r), v))
}

func (p *Pages) changeAsked(w http.ResponseWriter, r *http.Request) error {
	v, err := p.askedView(r)
	if err != nil {
		return err
	}
	if err := v.of(r); err != nil {
		return err
	}
	t := typed{r.Form}
	switch {
	case v.what != "q":
		v.title, v.hint, v.when = t.words("title"), t.words("hint"), t.text("when")
		if v.what == "page" {
			return p.keepQuestions(w, r, v, v.form.ChangePage(v.id, v.title, v.hint, v.when), "page."+v.id+".")
		}
		return p.keepQuestions(w, r, v, v.form.ChangeSection(v.id, v.title, v.when), "section."+v.id+".")
	case t.tick("remove"):
		if len(v.uses) > 0 {
			v.faults.Set("remove", "used")
			return p.askedAgain(w, r, v, http.StatusUnprocessableEntity)
		}
		next, _ := v.form.Remove(v.id)
		return p.keepQuestions(w, r, v, next, "")
	}
	v.typed(r.Form)
	if r.FormValue("redraw") != "" {
		return web.Render(w, r, http.StatusOK, questionEditPage(p.official(r), v))
	}
	next, ok := v.form.Change(v.id, v.q, v.at)
	if !ok {
		v.faults.Set("at", "required")
		return p.askedAgain(w, r, v, http.StatusUnprocessableEntity)
	}
	return p.keepQuestions(w, r, v, next, "question."+v.id+".")
}

// errors are the lines of the summary at the top.
func (v askedView) errors(ctx context.Context) []ui.ErrorLine {
	var out []ui.ErrorLine
	for _, field := range slices.Sorted(maps.Keys(v.faults)) {
		line := ui.ErrorLine{Field: field, Text: lang.T(ctx, "services.editor.asks."+entryLeaf(field)) + ": " + editFault(ctx, v.faults, field)}
		if field == "options" {
			line.Field = "options.0.label_vi"
		}
		out = append(out, line)
	}
	return append(out, v.others...)
}

func entryLeaf(field string) string { return entryNumber.ReplaceAllString(field, ".") }

// useLines say what uses the answer to the question.
func (v askedView) useLines(ctx context.Context) []ui.Link {
	var out []ui.Link
	for _, field := range v.uses {
		switch field {
		case "program", "letter":
			out = append(out, ui.Link{Text: lang.T(ctx, "services.editor.asks.used."+field)})
		default:
			out = append(out, ui.Link{Text: editName(ctx, field), Href: PathEdit(v.code, partOf(field))})
		}
	}
	return out
}

// askedMore says in a line what a question asks for.
func askedMore(ctx context.Context, q forms.Question) string {
	more := []string{lang.T(ctx, "services.editor.asks.kind."+string(q.Kind))}
	if q.Optional && !q.Office {
		more = append(more, lang.T(ctx, "services.editor.asks.optional.short"))
	}
	if q.Office {
		more = append(more, lang.T(ctx, "services.editor.asks.office.short"))
	}
	if q.When != "" {
		more = append(more, lang.T(ctx, "services.editor.asks.when.short", "when", q.When))
	}
	return strings.Join(more, " · ")
}

// askedLine is a question of the list, with the buttons that move it.
type askedLine struct {
	path string
	q    forms.Question
	up   bool
	down bool
}

func askedLines(group string, list []forms.Question) []askedLine {
	var out []askedLine
	for i, q := range list {
		out = append(out, askedLine{strings.TrimPrefix(group+"."+q.Name, "."), q, i > 0, i < len(list)-1})
	}
	return out
}

// mover is a button that moves something one place.
func mover(ctx context.Context, what, way, id, name string) ui.Button {
	return ui.Button{Text: lang.T(ctx, "services.editor.asks."+way), Kind: "quiet", Size: "s", Name: "move", Value: what + "-" + way + ":" + id,
		Attrs: templ.Attributes{"aria-label": lang.T(ctx, "services.editor.asks."+way+".of", "name", name)}}
}

func questionTitle(v askedView) string {
	if v.fresh {
		return "services.editor.asks.new"
	}
	return "services.editor.asks.one"
}

func questionAction(v askedView) string {
	if v.fresh {
		return PathQuestions(v.code) + "/new"
	}
	return pathAsked(v.code, "q", v.id)
}

func removeField(ctx context.Context, v askedView) ui.Field {
	return ui.Field{Name: "remove", Label: lang.T(ctx, "services.editor.asks.remove"), Value: "yes", Fault: editFault(ctx, v.faults, "remove")}
}

// askedFields are the controls of a page or a section.
func (v askedView) askedFields(ctx context.Context) []editField {
	e := &editForm{ctx: ctx, faults: v.faults, prefix: "asks."}
	e.group("")
	e.add("title_vi", v.title.VI, "text").Optional = v.what == "page"
	e.add("title_en", v.title.EN, "text").Optional = v.what == "page"
	if v.what == "page" {
		e.add("hint_vi", v.hint.VI, "area").Rows = 2
		e.add("hint_en", v.hint.EN, "area").Rows = 2
	}
	e.add("when", v.when, "text")
	return e.groups[0].fields
}

// questionNames lists what a form asks: the names that conditions may use.
func questionNames(ctx context.Context, d forms.Definition) []ui.Answer {
	var out []ui.Answer
	for _, s := range d.Sections {
		for _, p := range s.Pages {
			for _, q := range p.Questions {
				text := q.Label.In(lang.From(ctx))
				for i, o := range q.Options {
					sep := ", "
					if i == 0 {
						sep = ": "
					}
					text += sep + o.Value
				}
				out = append(out, ui.Answer{Name: q.Name, Text: text})
			}
		}
	}
	return out
}
