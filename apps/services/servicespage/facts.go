package servicespage

import (
	"context"
	"strconv"

	"datmui/apps/services"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

func procedureRows(ctx context.Context, list []services.Procedure) []ui.GoItem {
	out := make([]ui.GoItem, len(list))
	for i, pr := range list {
		name := pr.Name
		if lang.From(ctx) == lang.English {
			name = pr.NameEN
		}
		out[i] = ui.GoItem{Text: name, Href: PathStart(pr.Code), More: pr.Code}
	}
	return out
}

// glance is what matters most on a start page: who, how long, how much, how the result comes.
func glance(ctx context.Context, def services.Definition) []ui.Glance {
	fee := lang.T(ctx, "services.fee.mode."+def.FeeMode)
	return []ui.Glance{
		{Icon: "user", Name: lang.T(ctx, "services.start.who"), Text: def.WhoIn(lang.From(ctx))},
		{Icon: "clock", Name: lang.T(ctx, "services.start.limit"), Text: limitWords(ctx, def.Limit)},
		{Icon: "money", Name: lang.T(ctx, "services.fee"), Text: fee},
		{Icon: "seal", Name: lang.T(ctx, "services.start.result"), Text: def.ResultName(lang.From(ctx))},
	}
}

func startPapers(ctx context.Context, def services.Definition) []ui.Paper {
	var out []ui.Paper
	tag := lang.From(ctx)
	for _, r := range def.Papers {
		note := r.WhyIn(tag)
		switch {
		case r.EForm:
			note = lang.T(ctx, "services.papers.eform")
		case r.Shown:
			note = lang.T(ctx, "services.papers.shown")
		case r.When != "":
			note = join(lang.T(ctx, "services.papers.when"), note)
		}
		out = append(out, ui.Paper{Icon: "doc", Name: r.NameIn(tag), Note: join(note, r.DataIn(tag))})
	}
	return out
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ". " + b
}

func statusFacts(ctx context.Context, fr ui.Frame, rec services.Record) []ui.Fact {
	var out []ui.Fact
	if dl, ok := deadline(ctx, rec.Dossier, fr.Now); ok {
		name := "services.status.due"
		if rec.DueAt == nil {
			name = "services.status.answer-due"
		}
		out = append(out, ui.Fact{Name: lang.T(ctx, name), Body: ui.Due(dl)})
	}
	out = append(out, ui.Fact{Name: lang.T(ctx, "services.filed-at"), Text: lang.DateTime(ctx, rec.FiledAt)})
	if rec.FirstDueAt != nil {
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.first-due"), Text: lang.DateTime(ctx, *rec.FirstDueAt)})
	}
	return append(out,
		ui.Fact{Name: lang.T(ctx, "services.fee"), Text: feeLine(ctx, rec)},
		ui.Fact{Name: lang.T(ctx, "services.return-way"), Text: lang.T(ctx, "services.return."+rec.ReturnWay)},
		ui.Fact{Name: lang.T(ctx, "services.competent"), Text: agencyName(rec, rec.CompetentAgency)})
}

func lookupFacts(ctx context.Context, st *services.Status) []ui.Fact {
	out := []ui.Fact{
		{Name: lang.T(ctx, "services.code"), Text: st.Code},
		{Name: lang.T(ctx, "services.filed-at"), Text: lang.DateTime(ctx, st.FiledAt)},
		{Name: lang.T(ctx, "services.status.where"), Text: st.OfficeName},
	}
	if st.DueAt != nil {
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.status.due"), Text: lang.DateTime(ctx, *st.DueAt)})
	}
	if st.EndedAt != nil {
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.ended-at"), Text: lang.DateTime(ctx, *st.EndedAt)})
	}
	return out
}

func scoreOf(rec services.Record) string {
	if rec.Rating == nil {
		return ""
	}
	return strconv.Itoa(*rec.Rating)
}

func paging(p services.Page, after string) ui.Paging {
	var out ui.Paging
	if after != "" {
		out.First = "/dossiers"
	}
	if p.Next != "" {
		out.Next = "/dossiers?after=" + p.Next
	}
	return out
}
