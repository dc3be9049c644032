package servicespage

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/forms"
	"datmui/kit/fault"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// feeOf shows what the filing costs, worked out from the answers.
// law: public-services.md 14 — rule kinds; a fee that nobody has entered is never 0.
func (p *Pages) feeOf(w http.ResponseWriter, r *http.Request) error {
	v, err := p.apply(r)
	if err != nil {
		return err
	}
	if next := v.next(); next != "check" {
		return web.SeeOther(w, r, v.at(next), "")
	}
	fee, err := p.services.Quote(v.def, services.Online, v.counting())
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, feePage(web.Frame(r), v, fee))
}

func (p *Pages) check(w http.ResponseWriter, r *http.Request) error {
	v, err := p.apply(r)
	if err != nil {
		return err
	}
	if next := v.next(); next != "check" {
		return web.SeeOther(w, r, v.at(next), "")
	}
	return web.Render(w, r, http.StatusOK, checkPage(web.Frame(r), v, p.fee(r.Context(), v)))
}

// fee is what the filing will cost, in words.
func (p *Pages) fee(ctx context.Context, v applyView) string {
	return p.services.FeeWords(ctx, v.def, services.Online, v.counting())
}

func (p *Pages) submit(w http.ResponseWriter, r *http.Request) error {
	v, err := p.filing(r)
	if fault.KindOf(err) == fault.KindNotFound {
		// the draft has become a dossier already: a second send of the same form
		return web.SeeOther(w, r, "/dossiers", "")
	} else if err != nil {
		return err
	}
	a := v.draft.Answers
	in := services.SubmitIn{Client: "draft-" + v.draft.ID.String(), Procedure: v.def.Code, Agency: a.Text(keyAgency), Unit: a.Text(keyUnit),
		Draft: v.draft.ID, ReturnWay: a.Text("return_way"), Phone: a.Text("requester_phone"), Answers: a}
	pledged := forms.Answers{}
	for _, q := range v.form.Pledges(a) {
		if r.FormValue(q.Name) != "" {
			pledged[q.Name] = "yes"
		}
	}
	in.Answers = a.With(pledged)
	for _, rule := range v.papers {
		for _, f := range v.filesOf(rule.Key) {
			in.Papers = append(in.Papers, services.PaperIn{Place: rule.Key, File: f.ID, Copies: 1})
		}
		for _, paper := range v.again(rule.Key) {
			in.Papers = append(in.Papers, services.PaperIn{Place: rule.Key, Stored: paper.ID})
		}
	}
	out, err := p.services.Submit(r.Context(), in)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v.faults, v.draft.Answers = f, in.Answers
		if err := p.show(r, &v); err != nil {
			return err
		}
		fr := web.Frame(r)
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, checkPage(fr, v, p.fee(r.Context(), v)))
	} else if err != nil {
		return err
	}
	if out.Set != uuid.Nil {
		return web.SeeOther(w, r, services.PathSet(out.Set)+"/filed", "")
	}
	return web.SeeOther(w, r, PathDossier(out.ID)+"/filed", "")
}

func (p *Pages) filed(w http.ResponseWriter, r *http.Request) error {
	v, err := p.statusView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, filedPage(web.Frame(r), v))
}

// faultLine names the paper that is missing.
func (v applyView) faultLine(ctx context.Context, line ui.ErrorLine) string {
	place, ok := strings.CutPrefix(line.Field, "paper.")
	if !ok {
		return line.Text
	}
	return line.Text + ": " + paperName(ctx, v.def, place)
}

// faultPlace says on which step a fault of the whole filing is mended.
func (v applyView) faultPlace(field string) string {
	if place, ok := strings.CutPrefix(field, "paper."); ok && place != "" || field == "papers" {
		return v.at("papers")
	}
	if field == "agency" || field == "unit" {
		return v.at("where")
	}
	if page := v.form.PageOf(field); page != "" {
		return v.at("q/" + page)
	}
	return v.at("go")
}
