package calendarpage

import (
	"context"
	"net/http"
	"strings"
	"time"

	"datmui/blocks/calendar"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// PathHours is where everybody sees who works when, and the authorised set it.
const PathHours = "/calendar/hours"

// Bodies tells the name of a body by its id; a body that is not there is NotFound.
type Bodies func(ctx context.Context, id string) (string, error)

// hoursForm is what the form sends: the days as people write hours.
type hoursForm struct {
	Agency string `form:"agency"`
	Use    string `form:"use"`
	From   string `form:"from"`
	Mon    string `form:"mon"`
	Tue    string `form:"tue"`
	Wed    string `form:"wed"`
	Thu    string `form:"thu"`
	Fri    string `form:"fri"`
	Sat    string `form:"sat"`
	Sun    string `form:"sun"`
	Basis  string `form:"basis"`
}

// days lists the fields of the week, Monday first, with their weekday.
func (f hoursForm) days() []weekDay {
	return []weekDay{{time.Monday, "mon", f.Mon}, {time.Tuesday, "tue", f.Tue}, {time.Wednesday, "wed", f.Wed}, {time.Thursday, "thu", f.Thu},
		{time.Friday, "fri", f.Fri}, {time.Saturday, "sat", f.Sat}, {time.Sunday, "sun", f.Sun}}
}

type weekDay struct {
	day         time.Weekday
	name, value string
}

// in reads the form.
func (f hoursForm) in() (calendar.HoursIn, fault.Fields) {
	in := calendar.HoursIn{Agency: f.Agency, Use: calendar.Use(f.Use), Basis: f.Basis}
	faults := fault.Fields{}
	var err error
	if in.From, err = calendar.ParseDate(f.From); err != nil {
		faults.Set("from", "date")
	}
	for _, d := range f.days() {
		// people write 7:00 – 11:00 with spaces and dashes of all kinds
		text := strings.NewReplacer(" ", "", "–", "-", "—", "-", ";", ",").Replace(d.value)
		if in.Week[d.day], err = calendar.ParseSpans(text); err != nil {
			faults.Set(d.name, "hours")
		}
	}
	return in, faults
}

type hoursView struct {
	Frame      ui.Frame
	List       []calendar.OwnHours
	Names      map[string]string // of bodies
	MayPublish bool
	Form       hoursForm
	Faults     fault.Fields
}

func (p *Pages) hours(w http.ResponseWriter, r *http.Request) error {
	f := hoursForm{Agency: r.FormValue("agency"), Use: string(calendar.Reception)}
	usual := calendar.Usual[time.Monday].String()
	f.Mon, f.Tue, f.Wed, f.Thu, f.Fri = usual, usual, usual, usual, usual
	return p.showHours(w, r, http.StatusOK, hoursView{Form: f})
}

func (p *Pages) showHours(w http.ResponseWriter, r *http.Request, status int, v hoursView) (err error) {
	ctx := r.Context()
	if v.List, err = p.calendar.AllHours(ctx); err != nil {
		return err
	}
	v.Frame = web.Frame(r)
	v.Frame.Errors = v.Faults.Any()
	v.MayPublish = actor.From(ctx).May(calendar.PublishRight, "*")
	v.Names = map[string]string{"": lang.T(ctx, "calendar.hours.everybody")}
	for _, h := range v.List {
		if _, known := v.Names[h.Agency]; known {
			continue
		}
		name, err := p.bodies(ctx, h.Agency)
		if fault.KindOf(err) == fault.KindNotFound {
			name, err = h.Agency, nil // hours outlive a body that was dissolved
		}
		if err != nil {
			return err
		}
		v.Names[h.Agency] = name
	}
	return web.Render(w, r, status, hoursPage(v))
}

func (p *Pages) setHours(w http.ResponseWriter, r *http.Request) error {
	f := web.Form[hoursForm](r)
	in, faults := f.in()
	if f.Agency != "" {
		if _, err := p.bodies(r.Context(), f.Agency); fault.KindOf(err) == fault.KindNotFound {
			faults.Set("agency", "unknown")
		} else if err != nil {
			return err
		}
	}
	if !faults.Any() {
		err := p.calendar.SetHours(r.Context(), in)
		if more, ok := asFields(err); ok {
			faults = more
		} else if err != nil {
			return err
		}
	}
	if faults.Any() {
		return p.showHours(w, r, http.StatusUnprocessableEntity, hoursView{Form: f, Faults: faults})
	}
	return web.SeeOther(w, r, PathHours, "calendar.hours.set")
}

// week says a week in few words, days with the same hours together.
func week(ctx context.Context, w calendar.Week) string {
	var parts []string
	order := []time.Weekday{1, 2, 3, 4, 5, 6, 0}
	for i := 0; i < 7; {
		j := i
		for j+1 < 7 && w[order[j+1]].String() == w[order[i]].String() {
			j++
		}
		if spans := w[order[i]].String(); spans != "" {
			name := lang.T(ctx, "calendar.weekday."+string(rune('1'+i)))
			if j > i {
				name += "–" + lang.T(ctx, "calendar.weekday."+string(rune('1'+j)))
			}
			parts = append(parts, name+": "+strings.ReplaceAll(strings.ReplaceAll(spans, "-", "–"), ",", ", "))
		}
		i = j + 1
	}
	if len(parts) == 0 {
		return lang.T(ctx, "calendar.closed")
	}
	return strings.Join(parts, "; ")
}

func hoursTable(ctx context.Context, v hoursView) ui.Table {
	col := func(name string) ui.Column {
		text := lang.T(ctx, "calendar.hours."+name)
		return ui.Column{Text: text, Fold: text}
	}
	t := ui.Table{Label: lang.T(ctx, "calendar.hours"), Columns: []ui.Column{
		{Text: lang.T(ctx, "calendar.hours.agency")}, col("use"), col("from"), col("week"), col("basis")}}
	for _, h := range v.List {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: v.Names[h.Agency]},
			{Text: lang.T(ctx, "calendar.use."+string(h.Use))},
			{Text: lang.Date(ctx, noon(h.From))},
			{Text: week(ctx, h.Week)},
			{Text: h.Basis},
		}})
	}
	return t
}

func uses(ctx context.Context) (out []ui.Option) {
	for _, u := range []calendar.Use{calendar.Reception, calendar.Counting} {
		out = append(out, ui.Option{Value: string(u), Label: lang.T(ctx, "calendar.use."+string(u))})
	}
	return out
}

// dayField is a field of the week; it stays short.
func dayField(f ui.Field) ui.Field {
	f.Width, f.Complete = "w20", "off"
	return f
}

func dateField(f ui.Field) ui.Field {
	f.Type, f.Width = "date", "w12"
	return f
}
