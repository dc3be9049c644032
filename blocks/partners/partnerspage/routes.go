// Package partnerspage lets the province enrol partners of the public API, and a person let one act
// for her or end it.
package partnerspage

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/partners"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Addresses.
const (
	PathPartners = "/partners"         // for who manages them
	PathMine     = "/account/partners" // what a person lets partners do
	pathDoc      = "/api/v1/openapi.json"
)

// Pages are the pages of partners.
type Pages struct{ block *partners.Block }

// New returns the pages.
func New(b *partners.Block) *Pages { return &Pages{b} }

// Routes lists every address here.
func (p *Pages) Routes() []web.Route {
	manage := web.Right(partners.RightManage)
	return []web.Route{
		{Pattern: "GET " + PathPartners, Who: manage, Handle: p.list},
		{Pattern: "GET " + PathPartners + "/new", Who: manage, Handle: p.enrolForm},
		{Pattern: "POST " + PathPartners, Who: manage, Handle: p.enrol},
		{Pattern: "GET " + PathPartners + "/{id}", Who: manage, Handle: p.show},
		{Pattern: "POST " + PathPartners + "/{id}/keys", Who: manage, Handle: p.makeKey},
		{Pattern: "POST " + PathPartners + "/keys/revoke", Who: manage, Handle: p.revoke},
		{Pattern: "POST " + PathPartners + "/{id}/close", Who: manage, Handle: p.close},
		{Pattern: "GET " + PathPartners + "/{id}/authorise", Who: web.Level2, Handle: p.ask},
		{Pattern: "POST " + PathPartners + "/{id}/authorise", Who: web.Level2, Handle: p.authorise},
		{Pattern: "GET " + PathMine, Who: web.AnyCitizen, Handle: p.mine},
		{Pattern: "POST " + PathMine + "/withdraw", Who: web.AnyCitizen, Handle: p.withdraw},
	}
}

// idOf is the partner of the address; what is no id names none.
func idOf(r *http.Request) (uuid.UUID, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return id, fault.NotFound("partners.partner")
	}
	return id, nil
}

func pathOf(id uuid.UUID) string { return PathPartners + "/" + id.String() }

type listView struct {
	ui.Frame
	list []partners.Partner
	next string
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	list, more, err := p.block.List(r.Context(), q.Get("name"), web.After(r))
	if err != nil {
		return err
	}
	v := listView{Frame: web.Frame(r), list: list}
	if more {
		last := list[len(list)-1]
		v.next = PathPartners + "?" + url.Values{"name": {last.Name}, "after": {last.ID.String()}}.Encode()
	}
	return web.Render(w, r, http.StatusOK, listPage(v))
}

func (v listView) items(ctx context.Context) []ui.GoItem {
	var out []ui.GoItem
	for _, x := range v.list {
		sub := scopeWords(ctx, x.Scopes)
		if x.ClosedAt != nil {
			sub = lang.T(ctx, "partners.closed-on", "day", lang.Date(ctx, *x.ClosedAt))
		}
		out = append(out, ui.GoItem{Text: x.Name, Href: pathOf(x.ID), More: sub})
	}
	return out
}

// scopeWords says in words what scopes allow.
func scopeWords(ctx context.Context, scopes []string) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = lang.T(ctx, "partners.scope."+strings.TrimPrefix(s, "api."))
	}
	return strings.Join(words, " · ")
}

func scopeOptions(ctx context.Context, scopes []string) []ui.Option {
	var out []ui.Option
	for _, s := range scopes {
		out = append(out, ui.Option{Value: s, Label: scopeWords(ctx, []string{s})})
	}
	return out
}

type enrolView struct {
	ui.Frame
	in     partners.EnrolIn
	faults fault.Fields
}

func (v enrolView) form() ui.Form { return ui.Form{Prefix: "partners.enrol", Faults: v.faults} }

func (p *Pages) enrolForm(w http.ResponseWriter, r *http.Request) error {
	in := partners.EnrolIn{Client: audit.NewClient(), Scopes: partners.Scopes, PerMinute: 60}
	return web.Render(w, r, http.StatusOK, enrolPage(enrolView{Frame: web.Frame(r), in: in}))
}

func (p *Pages) enrol(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[partners.EnrolIn](r)
	id, err := p.block.Enrol(r.Context(), in)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v := enrolView{web.Frame(r), in, f}
		v.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, enrolPage(v))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(id), "partners.enrolled")
}

type showView struct {
	ui.Frame
	partners.Partner
	keys   []partners.Key
	paging ui.Paging // of the keys
	hooks  []partners.Hook
	sent   []partners.Delivery
	in     partners.KeyIn
	faults fault.Fields
	secret string // a key just made, shown once
	origin string
}

func (v showView) form() ui.Form { return ui.Form{Prefix: "partners.key", Faults: v.faults} }

func (p *Pages) view(r *http.Request) (showView, error) {
	v := showView{Frame: web.Frame(r), in: partners.KeyIn{Client: audit.NewClient(), Days: 365}}
	id, err := idOf(r)
	if err != nil {
		return v, err
	}
	ctx := r.Context()
	if v.Partner, err = p.block.Partner(ctx, id); err != nil {
		return v, err
	}
	after, more := web.After(r), false
	if v.keys, more, err = p.block.Keys(ctx, id, after); err != nil {
		return v, err
	}
	next := uuid.Nil
	if more {
		next = v.keys[len(v.keys)-1].ID
	}
	v.paging = ui.After(pathOf(id), after, next)
	if v.hooks, err = p.block.Hooks(ctx, id); err != nil {
		return v, err
	}
	v.sent, err = p.block.Deliveries(ctx, id)
	return v, err
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, showPage(v))
}

func (p *Pages) makeKey(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[partners.KeyIn](r)
	id, err := idOf(r)
	if err != nil {
		return err
	}
	in.Partner = id
	secret, err := p.block.MakeKey(r.Context(), in)
	f, wrong := errors.AsType[fault.Fields](err)
	if err != nil && !wrong {
		return err
	}
	v, err := p.view(r)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if wrong {
		v.in, v.faults, v.Errors, status = in, f, true, http.StatusUnprocessableEntity
	} else {
		v.secret = secret
		w.Header().Set("Cache-Control", "no-store")
	}
	return web.Render(w, r, status, showPage(v))
}

func (p *Pages) revoke(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[struct {
		Key     uuid.UUID `form:"key"`
		Partner uuid.UUID `form:"partner"`
	}](r)
	if err := p.block.RevokeKey(r.Context(), in.Key); err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(in.Partner), "partners.revoked")
}

func (p *Pages) close(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	if err := p.block.Close(r.Context(), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(id), "partners.closed")
}

func (v showView) facts(ctx context.Context) []ui.Fact {
	out := []ui.Fact{
		{Name: lang.T(ctx, "partners.contact"), Text: v.Contact},
		{Name: lang.T(ctx, "partners.scopes"), Text: scopeWords(ctx, v.Scopes)},
		{Name: lang.T(ctx, "partners.per-minute"), Text: strconv.Itoa(v.PerMinute)},
		{Name: lang.T(ctx, "partners.enrolled-on"), Text: lang.DateTime(ctx, v.EnrolledAt)},
		{Name: lang.T(ctx, "partners.ask-at"), Text: pathOf(v.ID) + "/authorise"},
	}
	if v.Back != "" {
		out = append(out, ui.Fact{Name: lang.T(ctx, "partners.back"), Text: v.Back})
	}
	if v.ClosedAt != nil {
		out = append(out, ui.Fact{Name: lang.T(ctx, "partners.ended"), Text: lang.DateTime(ctx, *v.ClosedAt)})
	}
	return out
}

func (v showView) keyFacts(ctx context.Context, k partners.Key) []ui.Fact {
	used := lang.T(ctx, "partners.key.unused")
	if k.UsedOn != nil {
		used = lang.Date(ctx, *k.UsedOn)
	}
	return []ui.Fact{{Name: lang.T(ctx, "partners.key.tail"), Text: "…" + k.Tail}, {Name: lang.T(ctx, "partners.key.used"), Text: used},
		{Name: lang.T(ctx, "partners.key.until"), Text: lang.Date(ctx, k.ExpiresAt)}}
}

func (v showView) deliveries(ctx context.Context) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "partners.sent")}
	for _, c := range []string{"at", "url", "answer", "tries"} {
		t.Columns = append(t.Columns, ui.Column{Text: lang.T(ctx, "partners.sent."+c), Fold: lang.T(ctx, "partners.sent."+c)})
	}
	for _, d := range v.sent {
		answer := lang.T(ctx, "partners.sent.waits")
		switch {
		case d.LastStatus > 0:
			answer = strconv.Itoa(d.LastStatus)
		case d.LastError != "":
			answer = lang.T(ctx, "partners.sent.nobody")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: lang.DateTime(ctx, d.At)}, {Text: d.URL}, {Text: answer}, {Text: strconv.Itoa(d.Tries)}}})
	}
	return t
}

func dayOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, n := range []int{30, 90, 365} {
		out = append(out, ui.Option{Value: strconv.Itoa(n), Label: lang.T(ctx, "partners.days.n", "count", n)})
	}
	return out
}

type askView struct {
	ui.Frame
	partners.Partner
	in     partners.AuthoriseIn
	state  string // the partner's own, handed back as it came
	faults fault.Fields
	code   string // shown once
}

func (v askView) form() ui.Form { return ui.Form{Prefix: "partners.ask", Faults: v.faults} }

// back leads to the partner with the code; "" where it named no address.
func (v askView) back() string {
	u, err := url.Parse(v.Back)
	if err != nil || v.Back == "" {
		return ""
	}
	q := u.Query()
	q.Set("code", v.code)
	q.Set("state", v.state)
	u.RawQuery = q.Encode()
	return u.String()
}

func (p *Pages) askView(r *http.Request, state string) (askView, error) {
	id, err := idOf(r)
	if err != nil {
		return askView{}, err
	}
	v := askView{Frame: web.Frame(r), state: state[:min(len(state), 500)]}
	v.Partner, err = p.block.Offer(r.Context(), id)
	v.in = partners.AuthoriseIn{Client: audit.NewClient(), Partner: id, Scopes: v.Scopes, Days: 30}
	return v, err
}

func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	v, err := p.askView(r, r.URL.Query().Get("state"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, askPage(v))
}

func (p *Pages) authorise(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[struct {
		partners.AuthoriseIn
		State string `form:"state"`
	}](r)
	v, err := p.askView(r, in.State)
	if err != nil {
		return err
	}
	in.Partner = v.ID
	code, err := p.block.Authorise(r.Context(), in.AuthoriseIn)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v.in, v.faults, v.Errors = in.AuthoriseIn, f, true
		return web.Render(w, r, http.StatusUnprocessableEntity, askPage(v))
	}
	if err != nil {
		return err
	}
	v.code = code
	w.Header().Set("Cache-Control", "no-store")
	return web.Render(w, r, http.StatusOK, codePage(v))
}

type mineView struct {
	ui.Frame
	list   []partners.Authorisation
	paging ui.Paging
}

func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	after := web.After(r)
	list, more, err := p.block.Mine(r.Context(), after)
	if err != nil {
		return err
	}
	next := uuid.Nil
	if more {
		next = list[len(list)-1].ID
	}
	return web.Render(w, r, http.StatusOK, minePage(mineView{web.Frame(r), list, ui.After(PathMine, after, next)}))
}

func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[struct {
		ID uuid.UUID `form:"id"`
	}](r)
	if err := p.block.Withdraw(r.Context(), in.ID); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathMine, "partners.withdrawn")
}

func (v mineView) facts(ctx context.Context, a partners.Authorisation) []ui.Fact {
	out := []ui.Fact{{Name: lang.T(ctx, "partners.scopes"), Text: scopeWords(ctx, a.Scopes)},
		{Name: lang.T(ctx, "partners.given"), Text: lang.DateTime(ctx, a.GivenAt)}, {Name: lang.T(ctx, "partners.until"), Text: lang.Date(ctx, a.Until)}}
	if a.WithdrawnAt != nil {
		out = append(out, ui.Fact{Name: lang.T(ctx, "partners.ended"), Text: lang.DateTime(ctx, *a.WithdrawnAt)})
	}
	return out
}

func (v enrolView) contact(ctx context.Context) ui.Field {
	f := v.form().Field(ctx, "contact", v.in.Contact)
	f.Type, f.Complete = "email", "off"
	return f
}

func (v enrolView) back(ctx context.Context) ui.Field {
	f := v.form().Field(ctx, "back", v.in.Back)
	f.Optional = true
	return f
}

func (v enrolView) perMinute(ctx context.Context) ui.Field {
	f := v.form().Field(ctx, "per_minute", "")
	f.Mode, f.Width = "numeric", "w4"
	if v.in.PerMinute != 0 {
		f.Value = strconv.Itoa(v.in.PerMinute)
	}
	return f
}
