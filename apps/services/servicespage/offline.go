package servicespage

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"datmui/assets"
	"datmui/blocks/audit"
	"datmui/blocks/forms/formspage"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// pathBlank is the counter's form for somebody who is found by her number when it is sent.
const pathBlank = "/desk/intake/blank/{code}"

// blankIntake is the form of a procedure before anybody is found: browsers keep it for a cut of the network.
func (p *Pages) blankIntake(w http.ResponseWriter, r *http.Request) error {
	v := intakeView{procedure: r.PathValue("code"), client: audit.NewClient(), typed: url.Values{}, faults: fault.Fields{}}
	var err error
	if v.def, err = p.services.Current(r.Context(), v.procedure, p.services.Now()); err != nil {
		return err
	}
	if err := p.fillIntake(r.Context(), &v); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, intakePage(p.counterFrame(r), v))
}

// intakeWorker is the script by which a browser opens the counter during a cut.
func (p *Pages) intakeWorker(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Service-Worker-Allowed", PathIntake)
	r = r.Clone(r.Context())
	r.URL.Path = assets.URL("worker.js")
	assets.Handler().ServeHTTP(w, r)
	return nil
}

// counterFrame is the frame of the counter's pages, with the script that keeps them going.
func (p *Pages) counterFrame(r *http.Request) ui.Frame {
	fr := p.official(r)
	fr.Scripts = append(fr.Scripts, "counter.js")
	return fr
}

// counterWords are the sentences of that script, in the page's language.
func counterWords(ctx context.Context) string {
	out := map[string]string{}
	for _, name := range []string{"cut", "back", "kept", "next", "print", "slip", "slipText", "slipNumber", "slipWho", "slipProcedure", "slipAt", "slipFiles",
		"waiting", "failed", "done", "open", "mend", "enter", "again", "drop", "sure", "signIn", "refused", "restored", "forget"} {
		out[name] = lang.T(ctx, "services.offline."+name)
	}
	b, err := json.Marshal(out)
	if err != nil {
		panic(err) // texts
	}
	return string(b)
}

// applicantOf is who a filing is for: found before, or by the number that was typed before anybody could
// be found. A number of nobody is a fault of the form.
func (p *Pages) applicantOf(r *http.Request, v *intakeView) error {
	id, err := uuid.Parse(r.FormValue("applicant"))
	if err == nil {
		v.applicant, err = p.services.Applicant(r.Context(), id, v.def.Code)
		return err
	}
	number := strings.TrimSpace(r.FormValue("who_number"))
	if number == "" {
		return fault.NotFound("person")
	}
	v.applicant, _, err = p.services.FindApplicant(r.Context(), number, v.def.Code)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v.faults.Set("who_number", f["number"])
		return nil
	}
	return err
}

// errorLines lead to the fields at fault, those of the form and those of the counter.
func (v intakeView) errorLines(ctx context.Context) []ui.ErrorLine {
	form, out := fault.Fields{}, []ui.ErrorLine{}
	for name, code := range v.faults {
		switch {
		case name == "who_number":
			out = append(out, ui.ErrorLine{Field: name, Text: ui.Form{Prefix: "services.intake", Faults: v.faults}.Fault(ctx, name)})
		case !strings.HasPrefix(name, "authority_"):
			form.Set(name, code)
		}
	}
	out = append(out, formspage.ErrorLines(ctx, v.form, form, v.answers)...)
	for _, name := range authorityNames {
		if _, wrong := v.faults[name]; wrong {
			out = append(out, ui.ErrorLine{Field: name, Text: ui.Form{Prefix: "services.authority", Faults: v.faults}.Fault(ctx, name)})
		}
	}
	return out
}

// foundID is the person a form is for; "" while nobody has been found.
func (v intakeView) foundID() string {
	if v.applicant.ID == uuid.Nil {
		return ""
	}
	return v.applicant.ID.String()
}

func (v intakeView) nameOf() string {
	if v.applicant.Name == "" {
		return ""
	}
	return " — " + v.applicant.Name
}
