package servicespage

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/files/filespage"
	"datmui/kit/fault"
	"datmui/kit/web"
)

func (p *Pages) supplement(w http.ResponseWriter, r *http.Request) error {
	v, err := p.statusView(r)
	if err != nil {
		return err
	}
	req, ok := v.rec.OpenRequest()
	if !ok || v.rec.State != services.AwaitingSupplement {
		return web.SeeOther(w, r, PathDossier(v.rec.ID), "")
	}
	return web.Render(w, r, http.StatusOK, supplementPage(web.Frame(r), v, req, p.files.MaxBytes()))
}

func (p *Pages) giveSupplement(w http.ResponseWriter, r *http.Request) error {
	v, err := p.statusView(r)
	if err != nil {
		return err
	}
	req, ok := v.rec.OpenRequest()
	if !ok {
		return web.SeeOther(w, r, PathDossier(v.rec.ID), "")
	}
	err = filespage.New(p.files).Form(r)
	if err == nil {
		in := services.SupplementIn{Dossier: v.rec.ID, Client: r.FormValue("client"), Answers: map[string]string{}}
		for _, it := range req.Items {
			in.Answers[it.Key] = r.FormValue("text." + it.Key)
			for _, id := range r.Form[it.Key+".id"] {
				if file, err := uuid.Parse(id); err == nil {
					in.Papers = append(in.Papers, services.PaperIn{Place: it.Key, File: file, Copies: 1})
				}
			}
		}
		if len(in.Papers) == 0 && strings.TrimSpace(strings.Join(slices.Collect(maps.Values(in.Answers)), "")) == "" {
			err = fault.Fields{"": "services.supplement.nothing"}
		} else {
			err = p.services.Supplement(r.Context(), in)
		}
	}
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v.failed, v.faults, v.texts = "supplement", f, map[string]string{}
		for _, it := range req.Items {
			v.texts[it.Key] = r.FormValue("text." + it.Key)
		}
		if v.held, err = p.heldFiles(r); err != nil {
			return err
		}
		fr := web.Frame(r)
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, supplementPage(fr, v, req, p.files.MaxBytes()))
	} else if err != nil {
		return err
	}
	after, err := p.services.Dossier(r.Context(), v.rec.ID)
	if err != nil {
		return err
	}
	if _, more := after.OpenRequest(); more {
		return web.SeeOther(w, r, PathDossier(v.rec.ID)+"/supplement", "services.supplement.part")
	}
	return web.SeeOther(w, r, PathDossier(v.rec.ID), "services.supplement.done")
}
