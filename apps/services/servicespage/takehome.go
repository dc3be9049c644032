package servicespage

import (
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/kit/fault"
	"datmui/kit/web"
)

// takeHomeView is what the citizen goes home with, on its way to the printer.
type takeHomeView struct {
	rec    services.Record
	papers []services.Outgoing
	making bool // not all of them are sealed yet
}

// pathTakeHome is the page from which the receipt of a dossier is printed.
func pathTakeHome(id uuid.UUID) string { return PathDesk(id) + "/receipt" }

// makingTakes is after how many seconds the page looks again for a paper that is being sealed.
const makingTakes = 2

// takeHome shows the receipt as it was sealed; a script opens the browser's dialogue for printing.
func (p *Pages) takeHome(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return fault.NotFound("services.dossier")
	}
	v := takeHomeView{}
	if v.rec, err = p.services.Dossier(r.Context(), id); err != nil {
		return err
	}
	if !p.services.MayHandOut(r.Context(), v.rec) {
		return fault.NotFound("services.dossier")
	}
	v.papers = v.rec.TakeHome()
	for _, o := range v.papers {
		v.making = v.making || o.FileID == nil
	}
	if v.making {
		w.Header().Set("Refresh", strconv.Itoa(makingTakes))
	}
	return web.Render(w, r, http.StatusOK, takeHomePage(p.official(r), v))
}

// handOutKind makes the receipt the main button where nothing else is to be done.
func (v dossierView) handOutKind() string {
	if len(v.acts) > 0 {
		return "quiet"
	}
	return ""
}

// printImage is a page of a paper as the printer needs it.
func printImage(file uuid.UUID, n int) string { return pageImage(file, n) + "?print" }
