package servicespage

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// authorityOf reads what the officer typed of an authorisation, with the scan that came along.
func authorityOf(r *http.Request) services.AuthorityIn {
	in := web.Form[services.AuthorityIn](r)
	in.File, _ = uuid.Parse(r.FormValue("authority_file.id"))
	return in
}

func authority(ctx context.Context, p *Pages, r *http.Request) error {
	in := web.Form[services.SeeAuthorityIn](r)
	in.AuthorityIn = authorityOf(r)
	return p.services.SeeAuthority(ctx, in)
}

// authorityNames are the fields of an authorisation, in the order of the page.
var authorityNames = []string{"authority_kind", "authority_scope", "authority_certifier", "authority_number", "authority_on", "authority_until", "authority_file"}

// asksAuthority says whether the answers so far, or what was wrong, ask for an authorisation.
func (v intakeView) asksAuthority() bool {
	wrong := func(name string) bool { return v.faults[name] != "" }
	return v.typed.Get("authority_kind") != "" || slices.ContainsFunc(authorityNames, wrong)
}

// authorityFacts say by what right who filed it acts for another.
func authorityFacts(ctx context.Context, rec services.Record) []ui.Fact {
	a := rec.Authority
	if a == nil {
		return nil
	}
	lines := []string{lang.T(ctx, "services.authority.kind."+a.Kind)}
	if a.Kind == services.ByCertificate {
		lines = append(lines, lang.T(ctx, "services.authority.certificate", "number", a.Number, "on", lang.Date(ctx, *a.GivenOn), "who", a.Certifier))
	}
	if a.Until != nil {
		lines = append(lines, lang.T(ctx, "services.authority.holds", "until", lang.Date(ctx, *a.Until)))
	}
	out := []ui.Fact{{Name: lang.T(ctx, "services.authority.fact"), Text: strings.Join(lines, ". ")},
		{Name: lang.T(ctx, "services.authority.authority_scope"), Text: a.Scope},
		{Name: lang.T(ctx, "services.authority.seen"), Text: a.SeenName + ", " + lang.DateTime(ctx, a.At)}}
	if a.File != nil {
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.authority.authority_file"), Body: fileLink(*a.File)})
	}
	return out
}
