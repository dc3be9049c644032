package servicespage

import (
	"context"
	"strings"

	"datmui/apps/services"
	"datmui/apps/services/cataloguepage"
	"datmui/blocks/pay"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

// glance is what matters most on a start page: who, how long, how much, how the result comes. The
// limit is said in words and as a day.
func (v startView) glance(ctx context.Context) []ui.Glance {
	def := v.def
	limit := ui.Glance{Icon: "clock", Name: lang.T(ctx, "services.start.limit"), Text: v.limits(ctx)}
	if !v.promise.IsZero() {
		limit.Note = lang.T(ctx, "services.start.promise", "at", lang.DateTime(ctx, v.promise))
	}
	fee := ui.Glance{Icon: "money", Name: lang.T(ctx, "services.fee"), Text: lang.T(ctx, "services.fee.none")}
	var words []string
	for _, t := range v.fee {
		words = append(words, payText(ctx, t))
	}
	if len(words) > 0 {
		fee.Text = strings.Join(words, ". ")
	}
	if def.FeeMode != "none" {
		fee.Note = lang.T(ctx, "services.fee.mode."+def.FeeMode)
	}
	return []ui.Glance{
		{Icon: "user", Name: lang.T(ctx, "services.start.who"), Text: def.WhoIn(lang.From(ctx))},
		limit, fee,
		{Icon: "seal", Name: lang.T(ctx, "services.start.result"), Text: def.ResultName(lang.From(ctx))},
	}
}

// limits are the time limits in words: "15 hoặc 20 ngày, tùy trường hợp".
func (v startView) limits(ctx context.Context) string {
	out := cataloguepage.LimitWords(ctx, v.def.Limit)
	if v.def.Limit == "same-day" {
		out += ". " + lang.T(ctx, "services.limit.same-day.text")
	}
	for _, c := range v.def.Limits {
		out = lang.T(ctx, "services.limit.or", "some", cataloguepage.LimitWords(ctx, c.Limit), "others", out)
	}
	return out
}

func payText(ctx context.Context, t pay.Text) string { return t.In(lang.From(ctx)) }

// feeAnswers are the lines of a fee with how each is worked out, and the sum.
// law: public-services.md 14 — worked cases.
func feeAnswers(ctx context.Context, fee pay.Fee) []ui.Answer {
	var out []ui.Answer
	for _, l := range fee.Lines {
		a := ui.Answer{Name: payText(ctx, l.Name), Text: lang.Money(ctx, l.Amount)}
		if l.Quantity > 1 {
			a.Note = lang.Money(ctx, l.Unit) + " × " + lang.Number(ctx, l.Quantity)
		}
		out = append(out, a)
	}
	return append(out, ui.Answer{Name: lang.T(ctx, "services.feepage.total"), Text: lang.Money(ctx, fee.Amount), Note: lang.MoneyWords(ctx, fee.Amount)})
}

// feeWhen says when money is to be paid, as the end of a text key.
func feeWhen(def services.Definition, fee pay.Fee) string {
	switch {
	case def.FeeMode == "none" || fee.Known && fee.Amount == 0:
		return "never"
	case !fee.Known:
		return "unknown-" + def.FeeMode
	}
	return def.FeeMode
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
			note = join(lang.T(ctx, "services.papers.shown"), note)
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
		name, due := "services.status.due", rec.DueAt
		if due == nil {
			name, due = "services.status.answer-due", rec.AnswerDue
		}
		dl.Sub = lang.DateTime(ctx, *due)
		out = append(out, ui.Fact{Name: lang.T(ctx, name), Body: ui.Due(dl)})
	}
	if rec.FirstDueAt != nil {
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.first-due"), Text: lang.DateTime(ctx, *rec.FirstDueAt)})
	}
	out = append(out, ui.Fact{Name: lang.T(ctx, "services.filed-at"), Text: lang.DateTime(ctx, rec.FiledAt)})
	if rec.OwnerName != rec.ApplicantName {
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.applicant"), Text: rec.ApplicantName},
			ui.Fact{Name: lang.T(ctx, "services.owner"), Text: rec.OwnerName})
	}
	out = append(out, authorityFacts(ctx, rec)...)
	out = append(out, ui.Fact{Name: lang.T(ctx, "services.fee"), Text: feeLine(ctx, rec)},
		ui.Fact{Name: lang.T(ctx, "services.return-way"), Text: lang.T(ctx, "services.return."+rec.ReturnWay)},
		ui.Fact{Name: lang.T(ctx, "services.receiving"), Text: agencyName(rec, rec.ReceivingAgency)},
		ui.Fact{Name: lang.T(ctx, "services.competent"), Text: agencyName(rec, rec.CompetentAgency)})
	if _, late := rec.Def.LateDays(rec.Answers, rec.FiledAt); late {
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.late.name"), Body: ui.Tag(ui.Soon, lang.T(ctx, "services.late"))})
	}
	if rec.Number != nil {
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.number-of"), Text: *rec.Number})
	}
	return out
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
