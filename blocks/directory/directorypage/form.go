package directorypage

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"datmui/blocks/directory"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// formView is one form: its texts stand under Prefix ("directory.transfer").
type formView struct {
	view
	ui.Form
	Back, BackText string
	About          string // whom or what it is about
	Action         string
	Kind           string // of the button
	Hidden         [][2]string
	Fields         []templ.Component
	Order          []string // names of the fields as they stand
}

// show renders a form, and says at once when it was refused.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, f formView) error {
	status := http.StatusOK
	if f.Form.Any() {
		status, f.Frame.Errors = http.StatusUnprocessableEntity, true
		f.lift()
	}
	return web.Render(w, r, status, formPage(f))
}

// lift says what is wrong with something chosen before (the body, the person) above the form:
// there is no field here to lead to.
func (f *formView) lift() {
	for _, name := range slices.Sorted(maps.Keys(f.Faults)) {
		if name != "" && !slices.Contains(f.Order, name) {
			f.Faults.Set("", f.Faults[name])
			delete(f.Faults, name)
		}
	}
}

// add puts a field at the end of the form.
func (f *formView) add(name string, c templ.Component) {
	f.Fields, f.Order = append(f.Fields, c), append(f.Order, name)
}

func (f *formView) text(ctx context.Context, name, value string, optional bool) {
	field := f.Field(ctx, name, value)
	field.Optional = optional
	f.add(name, ui.Input(field))
}

func (f *formView) day(ctx context.Context, name, value string) {
	field := f.Field(ctx, name, value)
	field.Type, field.Width = "date", "w12"
	f.add(name, ui.Input(field))
}

func (f *formView) choose(ctx context.Context, name, value string, options []ui.Option) {
	f.add(name, ui.Select(f.Field(ctx, name, value), options))
}

// refused takes the fields at fault out of an error; anything else goes to the error table.
func refused(err error) (fault.Fields, error) {
	if f, ok := errors.AsType[fault.Fields](err); ok {
		return f, nil
	}
	// What a person can mend by choosing otherwise is said above the form she filled in.
	if e, ok := errors.AsType[*fault.Error](err); ok && (e.Kind == fault.KindConflict || e.Kind == fault.KindForbidden) {
		return fault.Fields{"": e.Key}, nil
	}
	return nil, err
}

// pickView asks for a person or a body before a form.
type pickView struct {
	view
	Prefix         string
	Back, BackText string
	Action         string
	Text           string
	Private        bool // what is typed may be a personal number: it is posted, never in the address
	Rows           []ui.GoItem
	Errors         []ui.ErrorLine
}

// pickOfficial lets the reader choose among officials; to gives the address for each.
func (p *Pages) pickOfficial(w http.ResponseWriter, r *http.Request, s pickView, to func(directory.Colleague) string) error {
	s.Text = r.FormValue("q")
	if s.Text != "" {
		found, err := p.directory.Search(r.Context(), directory.SearchIn{Text: s.Text, Limit: 30}, s.At)
		if err != nil {
			return err
		}
		for _, c := range found.Rows {
			s.Rows = append(s.Rows, ui.GoItem{Text: c.Name, Href: to(c), More: joined(c.Title, c.Body)})
		}
	}
	return web.Render(w, r, http.StatusOK, pickPage(s))
}

// pickPerson finds anybody, by number, phone or name; the search is written to the log.
func (p *Pages) pickPerson(w http.ResponseWriter, r *http.Request, s pickView, to func(directory.Person) string) error {
	s.Private, s.Text = true, strings.TrimSpace(r.PostFormValue("q"))
	if s.Text == "" {
		return web.Render(w, r, http.StatusOK, pickPage(s))
	}
	find := p.directory.FindPersons
	if s.Text[0] != '+' && (s.Text[0] < '0' || s.Text[0] > '9') {
		find = func(ctx context.Context, name string) ([]directory.Person, error) {
			return p.directory.FindByName(ctx, name, 30)
		}
	}
	found, err := find(r.Context(), s.Text)
	if _, err := refused(err); err != nil {
		return err
	}
	if err != nil {
		s.Errors = []ui.ErrorLine{{Text: lang.T(r.Context(), "directory.pick.short")}}
	}
	for _, o := range found {
		more := ""
		if o.BirthDate != nil {
			more = lang.T(r.Context(), "directory.born", "year", o.BirthDate.Format("2006"))
		}
		s.Rows = append(s.Rows, ui.GoItem{Text: o.Name, Href: to(o), More: more})
	}
	return web.Render(w, r, http.StatusOK, pickPage(s))
}

// pickAgency lets the reader choose a body.
func (p *Pages) pickAgency(w http.ResponseWriter, r *http.Request, s pickView, to func(directory.Agency) string) error {
	s.Text = r.FormValue("q")
	if s.Text != "" {
		found, err := p.directory.Agencies(r.Context(), directory.AgencyFilter{Text: s.Text, Limit: 30}, s.At)
		if err != nil {
			return err
		}
		for _, a := range found {
			s.Rows = append(s.Rows, ui.GoItem{Text: agencyName(r.Context(), a), Href: to(a), More: kindName(r.Context(), a)})
		}
	}
	return web.Render(w, r, http.StatusOK, pickPage(s))
}
