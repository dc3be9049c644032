package servicespage

import (
	"context"
	"net/http"
	"strconv"

	"datmui/apps/services"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// levelOptions are the four levels, the best first, under a first line that chooses none.
func levelOptions(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "0", Label: lang.T(ctx, "services.rate.choose")}, {Value: "4", Label: lang.T(ctx, "services.rate.4")},
		{Value: "3", Label: lang.T(ctx, "services.rate.3")}, {Value: "2", Label: lang.T(ctx, "services.rate.2")}, {Value: "1", Label: lang.T(ctx, "services.rate.1")}}
}

// ratingFacts are what somebody said, question by question.
func ratingFacts(ctx context.Context, r services.Rating) []ui.Fact {
	var out []ui.Fact
	for _, q := range services.RateQuestions {
		if n := r.Of(q); n > 0 {
			out = append(out, ui.Fact{Name: lang.T(ctx, "services.rate."+q), Text: lang.T(ctx, "services.rate."+strconv.Itoa(n))})
		}
	}
	if r.Comment != "" {
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.rating.comment"), Text: r.Comment})
	}
	return out
}

// ratingDue is the time of the answer as a complaint has one.
func ratingDue(r services.Rating) services.Complaint {
	c := services.Complaint{AnsweredAt: r.AnsweredAt, Answerer: r.Answerer}
	if r.DueAt != nil {
		c.DueAt = *r.DueAt
	}
	return c
}

// ratedView is a quarter and the others there are.
type ratedView struct {
	services.Rated
	quarters []services.Quarter
}

func (p *Pages) rated(w http.ResponseWriter, r *http.Request) error {
	figures, err := p.services.Rated(r.Context(), r.FormValue("quarter"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, ratedPage(web.Frame(r), ratedView{figures, p.services.Quarters()}))
}

func quarterText(ctx context.Context, q services.Quarter) string {
	return lang.T(ctx, "services.rated.quarter", "n", q.N, "year", strconv.Itoa(q.Year))
}

func (v ratedView) tabs(ctx context.Context) []ui.Tab {
	var out []ui.Tab
	for _, q := range v.quarters {
		out = append(out, ui.Tab{Text: quarterText(ctx, q), Href: PathRated + "?quarter=" + q.String(), Current: q == v.Quarter})
	}
	return out
}

// shares are the figures of a line in the order of the questions.
func shares(l services.RatedLine) []float64 {
	return []float64{l.Content.Score, l.Content.Speed, l.Content.Guidance, l.Content.Manner}
}

func ratedHead(ctx context.Context, question string) string {
	if question == "score" {
		return lang.T(ctx, "services.rated.score")
	}
	return lang.T(ctx, "services.rate."+question)
}

func (v ratedView) figs(ctx context.Context) []ui.Fig {
	var out []ui.Fig
	for i, share := range shares(v.All) {
		out = append(out, ui.Fig{Label: ratedHead(ctx, services.RateQuestions[i]), N: lang.Percent(ctx, share, 0)})
	}
	return out
}

func ratedTable(ctx context.Context, label, first string, lines []services.RatedLine) ui.Table {
	n := lang.T(ctx, "services.rated.n")
	t := ui.Table{Label: label, Columns: []ui.Column{{Text: first}, {Text: n, Num: true, Fold: n}}}
	for _, q := range services.RateQuestions {
		head := ratedHead(ctx, q)
		t.Columns = append(t.Columns, ui.Column{Text: head, Num: true, Fold: head})
	}
	for _, l := range lines {
		cells := []ui.Cell{{Text: l.Name}, {Text: lang.Number(ctx, l.N)}}
		for _, share := range shares(l) {
			cells = append(cells, ui.Cell{Text: lang.Percent(ctx, share, 0)})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}
