package recordspage

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/records"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

type consentsView struct {
	ui.Frame
	list []records.Consent
	give bool
	own  bool // in her own name: only then she gives and withdraws

	paging ui.Paging
}

func (p *Pages) consents(w http.ResponseWriter, r *http.Request) error {
	after := web.After(r)
	list, next, err := p.records.Consents(r.Context(), after)
	if err != nil {
		return err
	}
	fr := frame(r)
	own := fr.Actor.For.ID == uuid.Nil
	return web.Render(w, r, http.StatusOK, consentsPage(consentsView{fr, list, own && p.agencies != nil, own, ui.After(PathConsents, after, next)}))
}

func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[struct {
		ID uuid.UUID `form:"id"`
	}](r)
	if err := p.records.Withdraw(r.Context(), in.ID); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathConsents, "records.withdrawn")
}

// who is to whom a consent was given, as it was then.
func who(c records.Consent) string {
	if c.AgencyName != "" {
		return c.AgencyName
	}
	return c.Agency
}

func (v consentsView) facts(ctx context.Context, c records.Consent) []ui.Fact {
	out := []ui.Fact{
		{Name: lang.T(ctx, "records.consent.purpose"), Text: c.Purpose},
		{Name: lang.T(ctx, "records.consent.given"), Text: lang.DateTime(ctx, c.GivenAt)},
		{Name: lang.T(ctx, "records.consent.until"), Text: lang.DateTime(ctx, c.Until)},
	}
	if c.GivenTo != nil {
		out = append(out, ui.Fact{Name: lang.T(ctx, "records.consent.how"), Text: lang.T(ctx, "records.consent.counter")})
	}
	if c.WithdrawnAt != nil {
		out = append(out, ui.Fact{Name: lang.T(ctx, "records.consent.withdrawn"), Text: lang.DateTime(ctx, *c.WithdrawnAt)})
	}
	return out
}

type giveView struct {
	ui.Frame
	in       records.ConsentIn
	agencies []Agency
	papers   []records.Paper
	faults   fault.Fields
}

func (p *Pages) giveView(r *http.Request, in records.ConsentIn) (giveView, error) {
	v := giveView{Frame: frame(r), in: in}
	var err error
	if v.agencies, err = p.agencies(r.Context()); err != nil {
		return v, err
	}
	list, err := p.records.Mine(r.Context())
	for _, paper := range list {
		if paper.State(v.Now) == records.Valid {
			v.papers = append(v.papers, paper)
		}
	}
	return v, err
}

func (p *Pages) giveForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.giveView(r, records.ConsentIn{Client: audit.NewClient(), Days: 30})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, givePage(v))
}

func (p *Pages) give(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[records.ConsentIn](r)
	in.Person = uuid.Nil // here everybody speaks for herself
	v, err := p.giveView(r, in)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(v.agencies, func(a Agency) bool { return a.ID == in.Agency })
	if i < 0 {
		in.Agency = ""
	} else {
		in.AgencyName = v.agencies[i].Name
	}
	_, err = p.records.GiveConsent(r.Context(), in)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v.faults, v.Errors = f, true
		return web.Render(w, r, http.StatusUnprocessableEntity, givePage(v))
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, PathConsents, "records.given")
}

func (v giveView) form() ui.Form { return ui.Form{Prefix: "records.give", Faults: v.faults} }

func (v giveView) agencyOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "records.give.agency.choose")}}
	for _, a := range v.agencies {
		out = append(out, ui.Option{Value: a.ID, Label: a.Name})
	}
	return out
}

func (v giveView) paperOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "records.give.paper.any")}}
	for _, p := range v.papers {
		out = append(out, ui.Option{Value: p.ID.String(), Label: p.Name + " " + p.Number})
	}
	return out
}

func (v giveView) paper() string {
	if v.in.Paper == uuid.Nil {
		return ""
	}
	return v.in.Paper.String()
}

func days(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, n := range []int{7, 30, 90, 365} {
		out = append(out, ui.Option{Value: strconv.Itoa(n), Label: lang.T(ctx, "records.give.days.n", "count", n)})
	}
	return out
}
