package servicespage

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// Where a body's figures and its register are.
const (
	PathFigures     = "/desk/figures"
	PathRegister    = "/desk/register"
	pathRegisterPDF = PathRegister + ".pdf"
)

func (p *Pages) tallyRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + PathFigures, Who: web.AnyOfficial, Handle: p.figures},
		{Pattern: "GET " + PathRegister, Who: web.AnyOfficial, Handle: p.register},
		{Pattern: "GET " + pathRegisterPDF, Who: web.AnyOfficial, Handle: p.registerPDF},
	}
}

// tallyView is the figures of some days: of all bodies of the reader, of one, or of one officer.
type tallyView struct {
	services.Tallies
	offices []services.AskedBody
	holder  string // name of the officer whose figures are shown alone
	mine    bool   // the reader's own
	own     string // address of the reader's own figures
	faults  fault.Fields
	typed   services.ListIn
}

func (p *Pages) figures(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	_ = r.FormValue("from")
	in := readFilter(r.Form)
	me := actor.From(ctx).ID
	v := tallyView{typed: in, mine: in.Holder == me, own: withQuery(PathFigures, encodeFilter(services.ListIn{Agency: in.Agency, From: in.From, To: in.To, Holder: me}))}
	status, fr := http.StatusOK, p.official(r)
	var err error
	v.Tallies, err = p.services.Tallied(ctx, in)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v.faults, fr.Errors, status = f, true, http.StatusUnprocessableEntity
	} else if err != nil {
		return err
	}
	if v.offices, err = p.services.Offices(ctx); err != nil {
		return err
	}
	if in.Holder != uuid.Nil {
		if v.holder, err = p.services.OfficerName(ctx, in); err != nil {
			return err
		}
	}
	return web.Render(w, r, status, figuresPage(fr, v))
}

// officeOptions are the bodies of the reader.
func officeOptions(ctx context.Context, list []services.AskedBody, all bool) []ui.Option {
	var out []ui.Option
	if all {
		out = append(out, ui.Option{Value: "", Label: lang.T(ctx, "services.list.all")})
	}
	for _, o := range list {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name})
	}
	return out
}

// shownFigures are the figures at the top of the page and the columns of its tables, in order.
var shownFigures = []string{services.FigureReceived, services.FigureEarly, services.FigureOnTime, services.FigureLate, services.FigureOpen,
	services.FigureOpenLate, services.FigureSoon, services.FigurePaused}

// figs are the figures of all, each opening the rows it counted.
func (v tallyView) figs(ctx context.Context) []ui.Fig {
	var out []ui.Fig
	for _, name := range shownFigures {
		n := v.All.Count(name)
		out = append(out, ui.Fig{Label: lang.T(ctx, "services.figure."+name), N: lang.Number(ctx, n), Href: pathFiltered(v.In.Rows(name)),
			Go: lang.T(ctx, "services.figure.rows"), Late: n > 0 && (name == services.FigureOpenLate || name == services.FigureLate)})
	}
	return out
}

// onTime is the share of those finished in time, in words.
// law: public-services.md 10 — progress: finished early or on time ÷ finished + still open late.
func (v tallyView) onTime(ctx context.Context) string {
	of := v.All.Done() + v.All.OpenLate
	if of == 0 {
		return lang.T(ctx, "services.figures.share.none")
	}
	good := v.All.Early + v.All.OnTime
	return lang.T(ctx, "services.figures.share", "percent", lang.Number(ctx, good*100/of), "good", lang.Number(ctx, good), "of", lang.Number(ctx, of))
}

func (v tallyView) median(ctx context.Context) string {
	if v.All.Median == 0 {
		return ""
	}
	return lang.T(ctx, "services.figures.median", "long", lang.Length(ctx, v.All.Median))
}

// table is the figures of each line, each opening the rows it counted. The name leads to the figures
// of the line alone.
func (v tallyView) table(ctx context.Context, label string, lines []services.TallyLine, of func(services.TallyLine, services.ListIn) services.ListIn) ui.Table {
	t := ui.Table{Label: label, Columns: []ui.Column{{Text: label}}}
	for _, name := range shownFigures {
		text := lang.T(ctx, "services.figure."+name)
		t.Columns = append(t.Columns, ui.Column{Text: text, Num: true, Fold: text})
	}
	median := lang.T(ctx, "services.figures.median.head")
	t.Columns = append(t.Columns, ui.Column{Text: median, Num: true, Fold: median})
	for _, l := range lines {
		in := of(l, v.In)
		first := ui.Cell{Text: or(l.Name, lang.T(ctx, "services.figures.nobody")), Href: withQuery(PathFigures, encodeFilter(in))}
		cells := []ui.Cell{first}
		for _, name := range shownFigures {
			c := ui.Cell{Text: lang.Number(ctx, l.Count(name))}
			if l.Count(name) > 0 {
				c.Href = pathFiltered(in.Rows(name))
			}
			cells = append(cells, c)
		}
		long := "–"
		if l.Median > 0 {
			long = lang.Length(ctx, l.Median)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: append(cells, ui.Cell{Text: long})})
	}
	return t
}

func byBody(l services.TallyLine, in services.ListIn) services.ListIn {
	in.Agency = l.Agency
	return in
}
func byProcedure(l services.TallyLine, in services.ListIn) services.ListIn {
	in.Procedure = l.Procedure
	return in
}
func byOfficer(l services.TallyLine, in services.ListIn) services.ListIn {
	if in.Holder = l.Holder; in.Holder == uuid.Nil {
		in.Holder = services.NoHolder
	}
	return in
}

// registerView is a page of the register.
type registerView struct {
	services.RegisterPage
	in      services.ListIn
	offices []services.AskedBody
	faults  fault.Fields
}

func (p *Pages) register(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	_ = r.FormValue("from")
	v := registerView{in: readFilter(r.Form)}
	var err error
	if v.offices, err = p.ofOffice(ctx, &v.in); err != nil {
		return err
	}
	status, fr := http.StatusOK, p.official(r)
	v.RegisterPage, err = p.services.Register(ctx, v.in)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v.faults, fr.Errors, status = f, true, http.StatusUnprocessableEntity
	} else if err != nil {
		return err
	}
	return web.Render(w, r, status, registerPage(fr, v))
}

// ofOffice gives the reader's bodies and makes a filter that names none that of the first.
func (p *Pages) ofOffice(ctx context.Context, in *services.ListIn) ([]services.AskedBody, error) {
	offices, err := p.services.Offices(ctx)
	if err == nil && len(offices) == 0 {
		err = fault.Forbidden("services.list")
	}
	if err == nil && in.Agency == "" {
		in.Agency = offices[0].ID
	}
	return offices, err
}

func (p *Pages) registerPDF(w http.ResponseWriter, r *http.Request) error {
	_ = r.FormValue("from")
	in := readFilter(r.Form)
	if _, err := p.ofOffice(r.Context(), &in); err != nil {
		return err
	}
	pdf, err := p.services.RegisterPDF(r.Context(), in)
	if _, wrong := errors.AsType[fault.Fields](err); wrong {
		return fault.NotFound("page")
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="Mau-07.pdf"`)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(pdf) // the caller has gone; nothing to tell anybody
	return nil
}

// registerTable is Form 07 on the screen.
func (v registerView) table(ctx context.Context) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "services.register.title")}
	for i, k := range []string{"code", "applicant", "accepted", "due", "handed", "returned", "signature"} {
		text := lang.T(ctx, "services.export.column."+k)
		c := ui.Column{Text: text, Fold: text}
		if i == 0 {
			c.Fold = ""
		}
		t.Columns = append(t.Columns, c)
	}
	for _, l := range v.Lines {
		received := l.FiledAt
		if l.AcceptedAt != nil {
			received = *l.AcceptedAt
		}
		cells := []ui.Cell{{Text: l.NameIn(lang.From(ctx)), Sub: l.Code, SubCode: true, Href: PathDesk(l.ID)}, {Text: l.ApplicantName}, {Text: lang.Date(ctx, received)}}
		if l.DueAt != nil {
			cells = append(cells, ui.Cell{Text: lang.Date(ctx, *l.DueAt)})
		} else {
			cells = append(cells, ui.Cell{Text: "–"})
		}
		if l.HandedAt != nil {
			cells = append(cells, ui.Cell{Text: lang.Date(ctx, *l.HandedAt), Sub: l.HolderName})
		} else {
			cells = append(cells, ui.Cell{Text: "–"})
		}
		if l.ReturnedAt != nil {
			cells = append(cells, ui.Cell{Text: lang.Date(ctx, *l.ReturnedAt)}, ui.Cell{Text: or(l.ReceivedBy, "–")})
		} else {
			cells = append(cells, ui.Cell{Text: "–"}, ui.Cell{Text: "–"})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

func (v registerView) paging() ui.Paging {
	var out ui.Paging
	if v.in.After != "" {
		out.First = withQuery(PathRegister, encodeFilter(v.in))
	}
	if v.Next != "" {
		out.Next = PathRegister + "?" + encodeFilter(v.in) + "&" + url.Values{"after": {v.Next}}.Encode()
	}
	return out
}
