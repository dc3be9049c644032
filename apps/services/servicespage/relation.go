package servicespage

import (
	"context"

	"datmui/apps/services"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

// filerFacts say who filed, for whom and by what.
func filerFacts(ctx context.Context, rec services.Record) []ui.Fact {
	m := rec.ByFiler.Mandate
	out := []ui.Fact{{Name: lang.T(ctx, "services.filer.who"), Text: rec.ByFiler.Name}, {Name: lang.T(ctx, "services.filer.for"), Text: rec.ApplicantName},
		{Name: lang.T(ctx, "represent.role"), Text: lang.T(ctx, "represent.role."+m.Role)},
		{Name: lang.T(ctx, "represent.proof"), Text: lang.T(ctx, "represent.proof."+m.Proof, "record", m.ProofRef)}}
	if m.TaxCode != "" {
		out = append(out, ui.Fact{Name: lang.T(ctx, "represent.tax"), Text: m.TaxCode})
	}
	if m.Number != "" {
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.person.personal_id"), Text: m.Number})
	}
	if last, ok := m.Last(); ok {
		out = append(out, ui.Fact{Name: lang.T(ctx, "represent.until"), Text: lang.Date(ctx, last)})
	}
	if m.SettledBy != "" {
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.filer.settled"), Text: m.SettledBy})
	}
	return out
}

func relationOptions(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "yes", Label: lang.T(ctx, "services.relation.yes")}, {Value: "no", Label: lang.T(ctx, "services.relation.no")}}
}
