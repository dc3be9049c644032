package servicespage

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/forms"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

func (p *Pages) setRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /sets/{id}", Who: web.AnyCitizen, Handle: p.set},
		{Pattern: "GET /sets/{id}/filed", Who: web.AnyCitizen, Handle: p.setFiled},
		{Pattern: "POST /sets/{id}/withdraw", Who: web.AnyCitizen, Handle: p.withdrawSet},
	}
}

// setView is all that the page of a set shows.
type setView struct {
	rec    services.SetRecord
	parts  []forms.Part // what was declared
	faults fault.Fields
	reason string
}

func (p *Pages) setView(r *http.Request) (setView, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return setView{}, fault.NotFound("services.set")
	}
	v := setView{}
	if v.rec, err = p.services.Set(r.Context(), id); err != nil {
		return v, err
	}
	if form, err := p.services.FormOf(r.Context(), v.rec.Def); err == nil {
		v.parts = form.Summary(r.Context(), v.rec.Answers, nil)
	}
	return v, nil
}

func (p *Pages) set(w http.ResponseWriter, r *http.Request) error {
	v, err := p.setView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, setPage(web.Frame(r), v))
}

func (p *Pages) setFiled(w http.ResponseWriter, r *http.Request) error {
	v, err := p.setView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, setFiledPage(web.Frame(r), v))
}

func (p *Pages) withdrawSet(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[services.WithdrawSetIn](r)
	err := p.services.WithdrawSet(r.Context(), in)
	f, ok := err.(fault.Fields)
	if err == nil {
		return web.SeeOther(w, r, services.PathSet(in.Set), "services.withdraw.done")
	} else if !ok {
		return err
	}
	v, err := p.setView(r)
	if err != nil {
		return err
	}
	v.faults, v.reason = f, in.Reason
	fr := web.Frame(r)
	fr.Errors = true
	return web.Render(w, r, http.StatusUnprocessableEntity, setPage(fr, v))
}

// over counts the parts that are: ended, or with their result.
func (v setView) over() (n int) {
	for _, p := range v.rec.Parts {
		if p.State.Terminal() || p.FinishedAt != nil {
			n++
		}
	}
	return n
}

// mayWithdraw says whether something of the set can still be taken back.
func (v setView) mayWithdraw() bool {
	for _, rec := range v.rec.Records {
		if rec.State.Open() && rec.DecidedAt == nil {
			return true
		}
	}
	return false
}

// failed are the parts that came to nothing by themselves, and those that ended because of them.
func (v setView) failed() (failed, stopped []services.SetPart) {
	for _, p := range v.rec.Parts {
		switch {
		case !p.Failed():
		case p.State == services.Stopped && p.AcceptedAt == nil:
			stopped = append(stopped, p)
		default:
			failed = append(failed, p)
		}
	}
	return failed, stopped
}

func partNames(ctx context.Context, list []services.SetPart) string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.NameIn(lang.From(ctx)) + " (" + p.Code + ")"
	}
	return strings.Join(names, "; ")
}

// partState is where a part stands, in words: one that waits says so.
func partState(ctx context.Context, p services.SetPart) (ui.Tone, string) {
	if p.Step == services.StepWaits && p.State == services.Registered {
		return ui.Pause, lang.T(ctx, "services.set.waits")
	}
	if p.FinishedAt != nil && !p.Granted() {
		return ui.Wrong, lang.T(ctx, "services.set.refused")
	}
	return stateTone(p.State), lang.T(ctx, p.State.Key())
}

// partDue is until when a part is owed, if anything of it is.
func partDue(p services.SetPart) *time.Time {
	if p.DueAt != nil {
		return p.DueAt
	}
	return p.AnswerDue
}

// waitWords says for what a part waits, on whose desk that is and until when.
func waitWords(ctx context.Context, s services.LinkedSet, p services.SetPart, bodies map[string]string) string {
	b, ok := s.WaitsFor(p)
	if !ok {
		return ""
	}
	key, at := "services.set.wait", ""
	if due := partDue(b); due != nil {
		key, at = "services.set.wait-until", lang.DateTime(ctx, *due)
	}
	where := bodies[b.HolderAgency]
	if where == "" {
		where = b.HolderAgency
	}
	return lang.T(ctx, key, "name", b.NameIn(lang.From(ctx)), "code", b.Code, "where", where, "at", at)
}

func partFacts(ctx context.Context, rec services.Record, p services.SetPart) []ui.Fact {
	out := []ui.Fact{{Name: lang.T(ctx, "services.code"), Body: ui.Code(p.Code)}, {Name: lang.T(ctx, "services.set.body"), Text: agencyName(rec, p.CompetentAgency)}}
	if rec.DueAt != nil {
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.set.due"), Text: lang.DateTime(ctx, *rec.DueAt)})
	}
	if rec.Number != nil {
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.set.number"), Text: *rec.Number})
	}
	if p.Failed() && p.Reason != "" {
		out = append(out, ui.Fact{Name: lang.T(ctx, "services.set.why"), Text: p.Reason})
	}
	return out
}

// partTitle numbers a part.
func partTitle(ctx context.Context, p services.SetPart) string {
	return strconv.Itoa(p.N) + ". " + p.NameIn(lang.From(ctx))
}

// receiptOf is the one receipt of the set: it hangs on the first part.
func (v setView) receiptOf() (services.Outgoing, bool) {
	for _, o := range v.rec.Records[0].Outgoing {
		if o.Kind == services.OutgoingReceipt {
			return o, true
		}
	}
	return services.Outgoing{}, false
}

// deskSet are the parts of a set as an official sees them: those that she may open have a link.
func deskSet(ctx context.Context, fr ui.Frame, rec services.Record) []ui.GoItem {
	var out []ui.GoItem
	for _, p := range rec.InSet.Parts {
		tone, text := partState(ctx, p)
		more := p.Code + " · " + agencyName(rec, p.CompetentAgency)
		if due := partDue(p); due != nil && p.State.Open() {
			more += " · " + lang.DateTime(ctx, *due)
		}
		item := ui.GoItem{Text: partTitle(ctx, p), More: more, End: ui.Tag(tone, text)}
		if p.ID != rec.ID && rec.InSet.MayOpen(fr.Actor, p) {
			item.Href = PathDesk(p.ID)
		}
		out = append(out, item)
	}
	return out
}

// SetLines are sets as rows that open their pages.
func SetLines(ctx context.Context, list []services.SetLine) []ui.GoItem {
	out := make([]ui.GoItem, len(list))
	for i, s := range list {
		name, more := s.Name, s.Code
		if lang.From(ctx) == lang.English && s.NameEN != "" {
			name = s.NameEN
		}
		if s.Subject != "" {
			more = s.Subject + " · " + more
		}
		end := ui.Tag(ui.Done, lang.T(ctx, "services.set.over"))
		if s.Open > 0 {
			end = ui.Tag(ui.Run, lang.T(ctx, "services.set.count", "n", s.Parts-s.Open, "of", s.Parts))
		}
		out[i] = ui.GoItem{Text: name, Href: services.PathSet(s.ID), More: more, End: end}
	}
	return out
}

// partNext says what happens to a part next, on the page that confirms the filing.
func partNext(ctx context.Context, v setView, i int) string {
	if wait := waitWords(ctx, v.rec.LinkedSet, v.rec.Parts[i], v.rec.Records[i].Bodies); wait != "" {
		return wait
	}
	return agencyName(v.rec.Records[i], v.rec.Parts[i].CompetentAgency)
}
