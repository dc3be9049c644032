package servicespage

import (
	"context"
	"net/http"

	"datmui/apps/services"
	"datmui/blocks/sign/verify"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

func (p *Pages) verifyRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /verify/{code}", Who: web.Public, Handle: p.byCode},
		{Pattern: "GET /v/{code}", Who: web.Public, Handle: p.byCode}, // the short address in QR codes
	}
}

func (p *Pages) byCode(w http.ResponseWriter, r *http.Request) error {
	issued, err := p.services.ByCode(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, issued)
	}
	return web.Render(w, r, http.StatusOK, issuedPage(web.Frame(r), issued))
}

func issuedTone(i services.Issued) ui.Tone {
	switch {
	case i.Replaced || i.Report.Verdict == verify.Invalid:
		return ui.Wrong
	case i.Report.Verdict == verify.Valid:
		return ui.Done
	}
	return ui.Soon
}

func issuedChecks(ctx context.Context, i services.Issued) []ui.Check {
	var out []ui.Check
	if i.Replaced {
		out = append(out, ui.Check{Tone: ui.Wrong, Text: lang.T(ctx, "services.verify.replaced")})
	}
	for _, s := range i.Report.Signatures {
		tone := ui.Soon
		switch s.Verdict {
		case verify.Valid:
			tone = ui.Done
		case verify.Invalid:
			tone = ui.Wrong
		}
		out = append(out, ui.Check{Tone: tone, Text: s.Signer, More: s.Explain})
	}
	return out
}

func issuedFacts(ctx context.Context, i services.Issued) []ui.Fact {
	out := []ui.Fact{
		{Name: lang.T(ctx, "services.verify.paper"), Text: lang.T(ctx, "services.outgoing."+i.Kind)},
		{Name: lang.T(ctx, "services.verify.procedure"), Text: i.Procedure},
		{Name: lang.T(ctx, "services.verify.issuer"), Text: i.Issuer},
		{Name: lang.T(ctx, "services.verify.at"), Text: lang.DateTime(ctx, i.At)},
	}
	if i.Number != "" {
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.number-of"), Text: i.Number})
	}
	return append(out, ui.Fact{Name: "SHA-256", Body: hash(i.SHA256)})
}
