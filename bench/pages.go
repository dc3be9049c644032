package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/kit/pg"
)

// pageRender answers pages through the whole handler, without a network and one after the other.
func pageRender(ctx context.Context, s *stage) []Result {
	const name, unit = "page_render", "ms"
	l, err := s.province(ctx, s.tenth())
	if err != nil {
		return failed(name, unit, err)
	}
	tokens := map[string]string{"": ""}
	for _, account := range []string{"congdan", "canbo.datmui"} {
		in, err := l.site.Identity.DemoSignIn(ctx, account)
		if err != nil {
			return failed(name, unit, err)
		}
		tokens[account] = in.Token
	}
	dossier, err := pg.Value[uuid.UUID](l.db.Reader.Query(ctx, `SELECT id FROM services.dossier
		WHERE receiving_agency = 'tt-pvhcc-xa-dat-mui-2025' ORDER BY filed_at DESC, id DESC LIMIT 1`))
	if err != nil {
		return failed(name, unit, err)
	}
	pages := []struct{ account, path, what string }{
		{"", "/", "home"}, {"", "/services", "procedures"}, {"congdan", "/services/" + procedure, "a procedure"}, {"congdan", "/dossiers", "my dossiers"},
		{"canbo.datmui", "/desk", "the desk"}, {"canbo.datmui", "/desk/dossiers", "the office's list"}, {"canbo.datmui", "/desk/dossiers/" + dossier.String(), "a dossier"},
	}
	var all []float64
	var each []string
	for _, p := range pages {
		var took []float64
		for i := range 60 {
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, l.url+p.path, nil)
			if t := tokens[p.account]; t != "" {
				r.AddCookie(&http.Cookie{Name: "datmui", Value: t})
			}
			w := httptest.NewRecorder()
			start := time.Now()
			l.server.Handler.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				return failed(name, unit, fmt.Errorf("%s: %d", p.path, w.Code))
			}
			if i >= 10 {
				took = append(took, float64(time.Since(start).Microseconds())/1000)
			}
		}
		each = append(each, fmt.Sprintf("%s %.1f", p.what, median(took)))
		all = append(all, took...)
	}
	return []Result{alone(name, median(all), unit, fmt.Sprintf("median of %d answers of the whole handler, one after the other, at %d dossiers: %s", len(all), l.loaded.Dossiers, strings.Join(each, ", ")))}
}
