// Package representpage lets a person choose in whose name to act, say for whom she may, and a
// business look after its staff.
package representpage

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/blocks/files/filespage"
	"datmui/blocks/identity"
	"datmui/blocks/represent"
	"datmui/kit/actor"
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
	Path        = represent.PathActing
	pathDeclare = Path + "/declare"
	pathStaff   = Path + "/staff"
)

// uploadLimit is what a declaration with its paper may hold.
const uploadLimit = 64 << 20

// Pages are the pages of mandates.
type Pages struct {
	block    *represent.Block
	identity *identity.Block
	files    *files.Block
}

// New returns the pages.
func New(b *represent.Block, i *identity.Block, f *files.Block) *Pages { return &Pages{b, i, f} }

// Routes lists every address here.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + Path, Who: web.AnyCitizen, Handle: p.list},
		{Pattern: "POST " + Path, Who: web.AnyCitizen, Handle: p.choose},
		{Pattern: "GET " + Path + "/for/{party}", Who: web.AnyCitizen, Handle: p.offer},
		{Pattern: "GET " + pathDeclare, Who: web.Level2, Handle: p.declareForm},
		{Pattern: "POST " + pathDeclare, Who: web.Level2, Handle: p.declare, Limit: uploadLimit},
		{Pattern: "POST " + Path + "/answer", Who: web.Level2, Handle: p.answer},
		{Pattern: "POST " + Path + "/end", Who: web.AnyCitizen, Handle: p.end},
		{Pattern: "GET " + pathStaff, Who: web.Level2, Handle: p.staff},
		{Pattern: "POST " + pathStaff, Who: web.Level2, Handle: p.invite},
		{Pattern: "POST " + pathStaff + "/change", Who: web.Level2, Handle: p.change},
	}
}

type listView struct {
	ui.Frame
	mine  []represent.Mandate // the actor acts
	about []represent.Mandate // for the actor is acted
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	v := listView{Frame: web.Frame(r)}
	var err error
	if v.mine, err = p.block.Mine(r.Context()); err != nil {
		return err
	}
	if v.about, err = p.block.About(r.Context()); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, listPage(v))
}

type chooseIn struct {
	Party uuid.UUID `form:"party"`
	Next  string    `form:"next"`
}

func (p *Pages) choose(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[chooseIn](r)
	if err := p.identity.ChooseParty(r.Context(), in.Party); err != nil {
		return err
	}
	said := "represent.chosen"
	if in.Party == uuid.Nil {
		said = "represent.own"
	}
	return web.SeeOther(w, r, web.SafeNext(in.Next, "/dossiers"), said)
}

type offerView struct {
	ui.Frame
	represent.Mandate
	next string
}

// offer asks before a page opens in another name than the one in which the person acts.
func (p *Pages) offer(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(r.PathValue("party"))
	if err != nil {
		return fault.NotFound(represent.Kind)
	}
	next := web.SafeNext(r.URL.Query().Get("next"), "/dossiers")
	if actor.From(r.Context()).Party() == id {
		return web.SeeOther(w, r, next, "")
	}
	m, err := p.block.Offer(r.Context(), id)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, offerPage(offerView{web.Frame(r), m, next}))
}

type declareView struct {
	ui.Frame
	in     represent.DeclareIn
	faults fault.Fields
	held   []files.File
	most   int64
}

func (v declareView) form() ui.Form { return ui.Form{Prefix: "represent.declare", Faults: v.faults} }

func (p *Pages) declareForm(w http.ResponseWriter, r *http.Request) error {
	in := represent.DeclareIn{Client: audit.NewClient(), Role: represent.Parent}
	if role := r.URL.Query().Get("role"); role == represent.Guardian || role == represent.Head {
		in.Role = role
	}
	return web.Render(w, r, http.StatusOK, declarePage(declareView{Frame: web.Frame(r), in: in, most: p.files.MaxBytes()}))
}

func (p *Pages) declare(w http.ResponseWriter, r *http.Request) error {
	err := filespage.New(p.files).Form(r)
	in := web.Form[represent.DeclareIn](r)
	if id, bad := uuid.Parse(r.FormValue("paper.id")); bad == nil {
		in.Paper = id
	}
	var party uuid.UUID
	if err == nil {
		party, err = p.block.Declare(r.Context(), in)
	}
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v := declareView{Frame: web.Frame(r), in: in, faults: f, most: p.files.MaxBytes()}
		if in.Paper != uuid.Nil {
			if v.held, err = p.files.Held(r.Context(), in.Paper); err != nil {
				return err
			}
		}
		v.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, declarePage(v))
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, represent.PathFor(party, "/services"), "represent.declared")
}

func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[represent.AnswerIn](r)
	if err := p.block.Answer(r.Context(), in); err != nil {
		return err
	}
	if in.Yes {
		return web.SeeOther(w, r, Path, "represent.taken")
	}
	return web.SeeOther(w, r, Path, "represent.declined")
}

func (p *Pages) end(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[struct {
		represent.EndIn
		Staff bool `form:"staff"`
	}](r)
	if err := p.block.End(r.Context(), in.EndIn); err != nil {
		return err
	}
	if in.Staff {
		return web.SeeOther(w, r, pathStaff, "represent.ended")
	}
	return web.SeeOther(w, r, Path, "represent.ended")
}

type staffView struct {
	ui.Frame
	own     represent.Mandate // by which the actor looks after them
	list    []represent.Mandate
	pages   ui.Paging
	in      represent.InviteIn
	faults  fault.Fields
	changed represent.ChangeIn // what was typed for one of the staff
	wrong   fault.Fields
}

func (v staffView) form() ui.Form { return ui.Form{Prefix: "represent.invite", Faults: v.faults} }

// formOf is the form of one of the staff.
func (v staffView) formOf(m represent.Mandate) (ui.Form, represent.ChangeIn) {
	in, f := represent.ChangeIn{Client: audit.NewClient(), Mandate: m.ID, Rights: m.Rights}, ui.Form{Prefix: "represent.invite", Scope: m.ID.String()}
	if last, ok := m.Last(); ok {
		in.Until = last.Format(time.DateOnly)
	}
	if v.changed.Mandate == m.ID {
		in, f.Faults = v.changed, v.wrong
	}
	return f, in
}

func (p *Pages) staffView(r *http.Request) (staffView, error) {
	v := staffView{Frame: web.Frame(r), in: represent.InviteIn{Client: audit.NewClient(), Rights: []string{represent.File}}}
	after, err := uuid.Parse(r.URL.Query().Get("after"))
	if err == nil {
		v.pages.First = pathStaff
	}
	var next uuid.UUID
	if v.list, next, err = p.block.StaffOf(r.Context(), after); next != uuid.Nil {
		v.pages.Next = pathStaff + "?after=" + next.String()
	}
	if err == nil {
		v.own, err = p.block.Offer(r.Context(), v.Actor.For.ID)
	}
	return v, err
}

func (p *Pages) staff(w http.ResponseWriter, r *http.Request) error {
	v, err := p.staffView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, staffPage(v))
}

func (p *Pages) invite(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[represent.InviteIn](r)
	_, err := p.block.Invite(r.Context(), in)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v, err := p.staffView(r)
		if err != nil {
			return err
		}
		v.in, v.faults, v.Errors = in, f, true
		return web.Render(w, r, http.StatusUnprocessableEntity, staffPage(v))
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathStaff, "represent.invited")
}

func (p *Pages) change(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[represent.ChangeIn](r)
	err := p.block.Change(r.Context(), in)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v, err := p.staffView(r)
		if err != nil {
			return err
		}
		v.changed, v.wrong, v.Errors = in, f, true
		return web.Render(w, r, http.StatusUnprocessableEntity, staffPage(v))
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathStaff, "represent.changed")
}

func rightWords(ctx context.Context, rights []string) string {
	words := []string{}
	for _, r := range represent.Rights {
		for _, has := range rights {
			if has == r {
				words = append(words, lang.T(ctx, r))
			}
		}
	}
	return strings.Join(words, " · ")
}

func rightOptions(ctx context.Context, a actor.Actor) []ui.Option {
	var out []ui.Option
	for _, r := range represent.Rights {
		if a.May(r, a.For.ID.String()) {
			out = append(out, ui.Option{Value: r, Label: lang.T(ctx, r), Hint: lang.T(ctx, r+".hint")})
		}
	}
	return out
}

func roleOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, r := range []string{represent.Parent, represent.Guardian, represent.Head} {
		out = append(out, ui.Option{Value: r, Label: lang.T(ctx, "represent.role."+r)})
	}
	return out
}

func facts(ctx context.Context, m represent.Mandate) []ui.Fact {
	out := []ui.Fact{{Name: lang.T(ctx, "represent.role"), Text: lang.T(ctx, "represent.role."+m.Role)}}
	if m.TaxCode != "" {
		out = append(out, ui.Fact{Name: lang.T(ctx, "represent.tax"), Text: m.TaxCode})
	}
	out = append(out, ui.Fact{Name: lang.T(ctx, "represent.proof"), Text: lang.T(ctx, "represent.proof."+m.Proof, "record", m.ProofRef)})
	return append(out, rightFacts(ctx, m)...)
}

// staffFacts are what differs from one of the staff to the next.
func staffFacts(ctx context.Context, m represent.Mandate) []ui.Fact {
	if m.Role != represent.Staff {
		return facts(ctx, m)
	}
	return rightFacts(ctx, m)
}

// rightFacts say what a mandate allows, and from when to when.
func rightFacts(ctx context.Context, m represent.Mandate) []ui.Fact {
	out := []ui.Fact{{Name: lang.T(ctx, "represent.rights"), Text: rightWords(ctx, m.Allows())},
		{Name: lang.T(ctx, "represent.from"), Text: lang.Date(ctx, m.ValidFrom)}}
	if last, ok := m.Last(); ok {
		out = append(out, ui.Fact{Name: lang.T(ctx, "represent.until"), Text: lang.Date(ctx, last)})
	}
	if m.Why != "" {
		out = append(out, ui.Fact{Name: lang.T(ctx, "represent.why"), Text: m.Why})
	}
	return out
}

// standing is a mandate in one word.
func standing(ctx context.Context, m represent.Mandate, now time.Time) (ui.Tone, string) {
	state := m.State
	if (state == represent.Held || state == represent.Declared) && !m.Counts(now) {
		state = "off"
	}
	tone := ui.Calm
	switch state {
	case represent.Held:
		tone = ui.Run
	case represent.Declared, represent.Invited:
		tone = ui.Soon
	}
	return tone, lang.T(ctx, "represent.state."+state)
}

func paperOf(list []files.File) string {
	if len(list) == 0 {
		return ""
	}
	return list[0].ID.String()
}
