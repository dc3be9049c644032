package cataloguepage

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"datmui/apps/services"
	"datmui/apps/services/national"
	"datmui/kit/actor"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// listing is the page of a procedure that is not taken in here.
type listing struct {
	services.Procedure
	published services.Published
	listed    bool // the national list has it
	mayEdit   bool
	own       *Own // nil where the province has no definition of it
}

// Own is what the province's own definition of a procedure says, which cannot be filed yet.
type Own struct {
	Papers  templ.Component // what it will ask for
	Limit   string
	Missing []string // what an official must still enter, as services.Missing names it
}

// Show is the page of a procedure that is not taken in here: what is known, and the way to where it
// is. law: public-services.md 2 — the province only receives synced data of what a ministry's system handles.
func Show(w http.ResponseWriter, r *http.Request, m *services.Module, pr services.Procedure, own *Own) error {
	v := listing{Procedure: pr, own: own}
	var err error
	if v.published, v.listed, err = m.Published(r.Context(), pr.Code); err != nil {
		return err
	}
	v.mayEdit = v.listed && actor.From(r.Context()).Holds(services.RightCatalogue)
	return web.Render(w, r, http.StatusOK, listingPage(web.Frame(r), v))
}

// says is why it is not taken in here.
func (v listing) says(ctx context.Context) string {
	key := string(v.Standing)
	if v.Standing == services.StandsKnown && v.published.ConfirmedAt == nil {
		key = "defined"
	}
	return lang.T(ctx, "services.listing.says."+key, "by", v.published.By)
}

// facts are what is known about it, each doubt said as one.
func (v listing) facts(ctx context.Context) []ui.Fact {
	p := v.published
	fact := func(key, text string) ui.Fact { return ui.Fact{Name: lang.T(ctx, "services.listing."+key), Text: text} }
	out := []ui.Fact{
		fact("limit", known(ctx, p.KnownLimits(), LimitWords)),
		fact("fee", known(ctx, p.KnownFees(), feeWords)),
		fact("level", levels(ctx, v.Levels())),
	}
	if v.listed {
		out = append(out, fact("result", known(ctx, p.KnownResults(), func(_ context.Context, s string) string {
			if s == services.NoResult {
				return lang.T(ctx, "services.listing.result.none")
			}
			return s
		})),
			fact("applicants", strings.Join(p.Applicants, "; ")),
			fact("ministry", lang.T(ctx, "services.ministry."+p.Ministry)),
			fact("decision", entered(ctx, p, national.DecisionForm, p.Decision)),
			fact("basis", entered(ctx, p, national.BasisNone, strings.Join(p.Basis, ", "))))
	}
	if v.own == nil {
		return out
	}
	// what the province's definition says counts, and what it lacks is not known, whatever is published
	if v.own.Limit != "" {
		out[0].Text = LimitWords(ctx, v.own.Limit)
	}
	for i, what := range []string{services.MissingLimit, services.MissingFee} {
		if slices.Contains(v.own.Missing, what) {
			out[i].Text = lang.T(ctx, "services.listing.to-enter")
		}
	}
	return out
}

// entered is what an official entered for a doubt, or what is published.
func entered(ctx context.Context, p services.Published, k national.Kind, published string) string {
	value, doubtful := p.Settlement(k)
	switch {
	case value != "":
		return value
	case published == "":
		return lang.T(ctx, "services.listing.unknown")
	case doubtful:
		return lang.T(ctx, "services.listing.doubtful", "raw", published)
	}
	return published
}

// known puts facts by channel into words; what is doubtful says so and why.
func known(ctx context.Context, list []services.Known, words func(context.Context, string) string) string {
	if len(list) == 0 {
		return lang.T(ctx, "services.listing.unknown")
	}
	var out []string
	for _, k := range list {
		text := ""
		switch {
		case k.Value != "":
			text = words(ctx, k.Value)
		case k.Raw == "":
			text = lang.T(ctx, "services.listing.unknown")
		case k.Doubt == national.LimitUnit:
			text = lang.T(ctx, "services.listing.no-unit", "raw", strings.TrimSuffix(k.Raw, " ?"))
		case k.Doubt == national.FeeText:
			text = lang.T(ctx, "services.listing.fee-text")
		case k.Doubt == national.LimitDiffers || k.Doubt == national.FeeDiffers:
			text = lang.T(ctx, "services.listing.differs", "raw", differing(ctx, k.Raw, words))
		default:
			text = lang.T(ctx, "services.listing.doubtful", "raw", k.Raw)
		}
		if k.Channel != "" {
			text = lang.T(ctx, "services.listing.by."+k.Channel) + ": " + text
		}
		out = append(out, text)
	}
	return strings.Join(out, ". ")
}

// differing puts "online 20 cd, counter 15 cd" into words.
func differing(ctx context.Context, raw string, words func(context.Context, string) string) string {
	var out []string
	for part := range strings.SplitSeq(raw, ", ") {
		channel, value, _ := strings.Cut(part, " ")
		out = append(out, lang.T(ctx, "services.listing.by."+channel)+" "+words(ctx, value))
	}
	return strings.Join(out, ", ")
}

// LimitWords is a time limit in words: as a definition has it ("3wd"), as the national list writes it
// ("120 ?"), or as an official entered it.
func LimitWords(ctx context.Context, limit string) string {
	switch limit {
	case "":
		return lang.T(ctx, "services.limit.unknown")
	case "same-day":
		return lang.T(ctx, "services.limit.same-day")
	}
	n := limit
	if i := strings.IndexFunc(limit, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		n = limit[:i]
	}
	unit := strings.TrimSpace(limit[len(n):])
	if unit == "?" {
		return lang.T(ctx, "services.listing.no-unit", "raw", n)
	}
	if key := "services.limit." + unit; lang.Has(ctx, key) {
		return lang.T(ctx, key, "n", n)
	}
	return limit // an editor's that is no limit yet
}

func feeWords(ctx context.Context, fee string) string {
	n, err := strconv.ParseInt(fee, 10, 64)
	switch {
	case err != nil:
		return fee
	case n == 0:
		return lang.T(ctx, "services.listing.free")
	}
	return lang.Money(ctx, n)
}
