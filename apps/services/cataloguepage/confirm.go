package cataloguepage

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"datmui/apps/services"
	"datmui/apps/services/national"
	"datmui/blocks/audit"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

func (p *Pages) awaiting(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[services.AwaitingIn](r)
	if !slices.Contains(national.Kinds, in.Kind) && in.Kind != services.Clean {
		in.Kind = ""
	}
	list, err := p.services.Awaiting(r.Context(), in)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, awaitingPage(official(r), in, list))
}

func official(r *http.Request) ui.Frame {
	fr := web.Frame(r)
	fr.Area = ui.Official
	return fr
}

func pathAwaiting(k national.Kind, after string) string {
	q := url.Values{}
	if k != "" {
		q.Set("kind", string(k))
	}
	if after != "" {
		q.Set("after", after)
	}
	if len(q) == 0 {
		return PathConfirm
	}
	return PathConfirm + "?" + q.Encode()
}

// kindRows are the kinds of doubt with their numbers.
func kindRows(ctx context.Context, in services.AwaitingIn, list services.Awaiting) []ui.Tab {
	out := []ui.Tab{{Text: lang.T(ctx, "services.confirm.all"), Count: list.All, Href: PathConfirm, Current: in.Kind == ""}}
	for _, c := range list.Counts {
		out = append(out, ui.Tab{Text: lang.T(ctx, "services.doubt."+string(c.Kind)), Count: c.N, Href: pathAwaiting(c.Kind, ""), Current: in.Kind == c.Kind})
	}
	return out
}

func awaitedRows(ctx context.Context, list []services.Awaited) []ui.GoItem {
	out := make([]ui.GoItem, len(list))
	for i, a := range list {
		kinds := make([]string, 0, len(a.Kinds))
		for _, k := range a.Kinds {
			kinds = append(kinds, lang.T(ctx, "services.doubt."+string(k)))
		}
		if len(kinds) == 0 {
			kinds = append(kinds, lang.T(ctx, "services.doubt.clean"))
		}
		out[i] = ui.GoItem{Text: a.Name, Href: PathOne(a.Code), More: a.Code + " · " + strings.Join(kinds, ", ")}
	}
	return out
}

// one is the page on which a procedure is confirmed.
type one struct {
	services.Published
	in     services.ConfirmIn
	faults fault.Fields
}

func (p *Pages) read(ctx context.Context, code string) (one, error) {
	pub, ok, err := p.services.Published(ctx, code)
	if err == nil && !ok {
		err = fault.NotFound("services.procedure")
	}
	v := one{Published: pub, in: services.ConfirmIn{Client: audit.NewClient(), Code: code, Seen: pub.Stamp(), By: pub.By, Values: map[string]string{}}}
	if pub.ConfirmedAt != nil || pub.Authority != services.OfNational {
		v.in.Authority = pub.Authority
	}
	for _, d := range pub.Doubts {
		v.in.Values[d.Key()] = d.Value
	}
	return v, err
}

func (p *Pages) one(w http.ResponseWriter, r *http.Request) error {
	v, err := p.read(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, onePage(official(r), v))
}

func (p *Pages) confirm(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[services.ConfirmIn](r)
	in.Code, in.Values = r.PathValue("code"), map[string]string{}
	for key, v := range r.PostForm {
		if doubt, ok := strings.CutPrefix(key, "v."); ok && len(v) == 1 && strings.TrimSpace(v[0]) != "" {
			in.Values[doubt] = v[0]
		}
	}
	err := p.services.Confirm(r.Context(), in)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v, err := p.read(r.Context(), in.Code)
		if err != nil {
			return err
		}
		v.in, v.faults = in, f
		fr := official(r)
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, onePage(fr, v))
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, PathOne(in.Code), "services.confirm.done")
}

// label names a doubt with its part.
func label(ctx context.Context, d services.Doubt) string {
	text := lang.T(ctx, "services.doubt."+string(d.Kind))
	switch {
	case d.Part == "":
		return text
	case lang.Has(ctx, "services.listing.by."+d.Part):
		return text + " (" + lang.T(ctx, "services.listing.by."+d.Part) + ")"
	}
	return text + " (" + d.Part + ")"
}

// field is the field in which what holds is entered.
func (v one) field(ctx context.Context, d services.Doubt) ui.Field {
	f := ui.Form{Prefix: "services.confirm", Faults: v.faults}
	name := "v." + d.Key()
	raw := published(ctx, d)
	out := ui.Field{Name: name, Label: label(ctx, d), Value: v.in.Values[d.Key()], Optional: true,
		Hint: lang.T(ctx, "services.confirm.published", "raw", raw) + ". " + lang.T(ctx, "services.confirm.enter."+family(d.Kind))}
	if code, ok := f.Faults[name]; ok {
		key, n, _ := strings.Cut(code, ":")
		out.Fault = lang.T(ctx, "services.confirm.fault."+key, "n", n)
	}
	return out
}

// published is what the doubt is about, in words.
func published(ctx context.Context, d services.Doubt) string {
	switch {
	case d.Raw == "":
		return lang.T(ctx, "services.confirm.nothing")
	case d.Kind == national.LimitDiffers:
		return differing(ctx, d.Raw, LimitWords)
	case d.Kind == national.FeeDiffers:
		return differing(ctx, d.Raw, feeWords)
	case family(d.Kind) == "level":
		return levels(ctx, strings.Split(d.Raw, "+"))
	}
	return "“" + d.Raw + "”"
}

// family is what is entered for a kind of doubt.
func family(k national.Kind) string { what, _, _ := strings.Cut(string(k), "-"); return what }

// choices are what may be entered where that is a choice; nil where it is typed.
func choices(ctx context.Context, k national.Kind) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "services.confirm.leave")}}
	switch family(k) {
	case "level":
		for _, l := range services.LevelChoices {
			out = append(out, ui.Option{Value: l, Label: levels(ctx, strings.Split(l, "+"))})
		}
	case "other":
		for _, o := range []string{"ours", "not-ours"} {
			out = append(out, ui.Option{Value: o, Label: lang.T(ctx, "services.confirm."+o)})
		}
	default:
		return nil
	}
	return out
}

func (v one) authorities(ctx context.Context) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "services.confirm.leave")}}
	for _, a := range []string{services.OfProvince, services.OfMinistry, services.OfNational} {
		out = append(out, ui.Option{Value: a, Label: lang.T(ctx, "services.authority."+a)})
	}
	return out
}

// order is the order of the fields, for the list of what is wrong.
func (v one) order() []string {
	var out []string
	for _, d := range v.Doubts {
		out = append(out, "v."+d.Key())
	}
	return append(out, "authority", "by")
}

// wrong is what is wrong, in the order of the page.
func (v one) wrong(ctx context.Context) []ui.ErrorLine {
	f := ui.Form{Prefix: "services.confirm", Faults: v.faults}
	var out []ui.ErrorLine
	for _, name := range v.order() {
		if _, ok := v.faults[name]; !ok {
			continue
		}
		text := f.Fault(ctx, name)
		for _, d := range v.Doubts {
			if "v."+d.Key() == name {
				text = label(ctx, d) + ": " + v.field(ctx, d).Fault
			}
		}
		out = append(out, ui.ErrorLine{Field: name, Text: text})
	}
	return out
}

// heading says which of the list is shown.
func heading(ctx context.Context, in services.AwaitingIn) string {
	if in.Kind == "" {
		return lang.T(ctx, "services.confirm.all")
	}
	return lang.T(ctx, "services.doubt."+string(in.Kind))
}

func awaitingPaging(in services.AwaitingIn, list services.Awaiting) ui.Paging {
	var out ui.Paging
	if in.After != "" {
		out.First = pathAwaiting(in.Kind, "")
	}
	if list.Next != "" {
		out.Next = pathAwaiting(in.Kind, list.Next)
	}
	return out
}
