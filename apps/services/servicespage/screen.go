package servicespage

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/forms"
	"datmui/blocks/pay"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// PathScreen is the second screen of a counter: what the citizen sees while her dossier is taken in.
const PathScreen = "/desk/counter/screen"

// screenView is what stands on it.
type screenView struct {
	services.Screen
	def            services.Definition
	parts          []forms.Part
	given, missing []string // names of papers
	fee            string
	due            time.Time // zero: not known
	follow, qr     string    // where the dossier can be followed
}

// screen shows the citizen what the officer's session has for her. The page asks nobody again and again:
// the officer's window tells it, and it comes back by itself when what it shows has stood long enough.
func (p *Pages) screen(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	s, err := p.services.Screen(ctx)
	if err != nil {
		return err
	}
	v := screenView{Screen: s}
	if s.ShownAt != nil {
		w.Header().Set("Refresh", strconv.Itoa(int(p.services.ScreenStays(s)/time.Second)+1))
		if err := p.fillScreen(ctx, &v); err != nil {
			return err
		}
	}
	fr := web.Frame(r)
	fr.Area = ui.Plain
	fr.Scripts = append(fr.Scripts, "screen.js")
	return web.Render(w, r, http.StatusOK, screenPage(fr, v))
}

func (p *Pages) fillScreen(ctx context.Context, v *screenView) (err error) {
	now := p.services.Now()
	if v.def, err = p.services.Current(ctx, v.Procedure, now); err != nil {
		return err
	}
	if v.Code != "" {
		v.follow = p.services.FollowURL(v.Code)
		v.qr, err = pay.SVG(v.follow, lang.T(ctx, "services.screen.qr"))
		return err
	}
	form, err := p.services.FormOf(ctx, v.def)
	if err != nil {
		return err
	}
	for _, part := range form.Summary(ctx, v.Answers, nil) { // what has been typed so far
		part.Rows = slices.DeleteFunc(part.Rows, func(a forms.Answered) bool { return a.Text == "" })
		if len(part.Rows) > 0 {
			v.parts = append(v.parts, part)
		}
	}
	for _, rule := range v.def.PapersFor(v.Answers) {
		switch name := rule.NameIn(lang.From(ctx)); {
		case rule.EForm:
		case slices.Contains(v.Given, rule.Key):
			v.given = append(v.given, name)
		default:
			v.missing = append(v.missing, name)
		}
	}
	v.fee = p.services.FeeWords(ctx, v.def, v.Channel, v.Answers)
	if due, err := p.services.PromiseNow(ctx, v.def, v.def.LimitFor(v.Answers), now); err == nil {
		v.due = due
	}
	return nil
}

// openScreen opens the second screen in a window of its own, at once with what is being typed.
func (p *Pages) openScreen(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.services.OpenScreen(ctx); err != nil {
		return err
	}
	if id, err := uuid.Parse(r.FormValue("applicant")); err == nil {
		v := intakeView{procedure: r.FormValue("procedure")}
		if v.applicant, err = p.services.Applicant(ctx, id, v.procedure); err != nil {
			return err
		}
		if v.def, err = p.services.Current(ctx, v.procedure, p.services.Now()); err != nil {
			return err
		}
		if err := p.fillIntake(ctx, &v); err != nil {
			return err
		}
		v.answers = v.form.Prefill(p.services.KnownOf(ctx, v.applicant))
		if err := p.showIntake(ctx, &v); err != nil {
			return err
		}
	}
	return web.SeeOther(w, r, PathScreen, "")
}

// showTyped takes what has been typed since, from a script of the officer's window.
func (p *Pages) showTyped(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := intakeView{typed: r.Form}
	var err error
	if v.def, err = p.services.Current(ctx, r.FormValue("procedure"), p.services.Now()); err != nil {
		return err
	}
	form, err := p.services.FormOf(ctx, v.def)
	if err != nil {
		return err
	}
	id, _ := uuid.Parse(r.FormValue("applicant"))
	channel, _ := strconv.Atoi(r.FormValue("channel"))
	in := services.ShowIn{Procedure: v.def.Code, Applicant: id, Answers: form.Decode(ctx, r.Form, ""), Given: v.given(), Channel: services.Channel(channel)}
	if err := p.services.Show(ctx, in); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// given are the papers that were handed over: counted, scanned, chosen for sending, or used again.
func (v intakeView) given() []string {
	var out []string
	for _, p := range v.papers() {
		out = append(out, p.Place)
	}
	for _, rule := range v.def.Papers {
		if v.typed.Get("given."+rule.Key) != "" {
			out = append(out, rule.Key)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// showIntake puts the form on the second screen, where there is one.
func (p *Pages) showIntake(ctx context.Context, v *intakeView) error {
	s, err := p.services.Screen(ctx)
	v.screen = s.Open
	switch {
	case err != nil || !s.Open:
		return err
	case v.form == nil || v.applicant.ID == uuid.Nil:
		return p.services.ShowNothing(ctx)
	}
	channel, _ := strconv.Atoi(v.channel)
	return p.services.Show(ctx, services.ShowIn{Procedure: v.def.Code, Applicant: v.applicant.ID, Name: v.applicant.Name, Answers: v.answers, Given: v.given(), Channel: services.Channel(channel)})
}

// facts are who, what it costs and when the result comes.
func (v screenView) facts(ctx context.Context) []ui.Answer {
	out := []ui.Answer{{Name: lang.T(ctx, "services.applicant"), Text: v.Name}, {Name: lang.T(ctx, "services.fee"), Text: v.fee}}
	if !v.due.IsZero() {
		out = append(out, ui.Answer{Name: lang.T(ctx, "services.screen.due"), Text: lang.DateTime(ctx, v.due), Note: lang.T(ctx, "services.screen.due.note")})
	}
	return out
}

// screenPath is where the officer's window sends what is typed; "" while no screen is open.
func screenPath(v intakeView) string {
	if !v.screen {
		return ""
	}
	return PathScreen + "/typed"
}
