package servicespage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/forms"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// dossierView is all that the official's page of a dossier shows.
type dossierView struct {
	rec        services.Record
	acts       []string
	failed     string     // the act whose form came back
	typed      url.Values // what was typed into it
	faults     fault.Fields
	parts      []forms.Part
	colleagues []services.Colleague
	signers    []ui.Option
	lines      []services.ResultLine // what the result will say
	pinOpen    bool                  // the signing session is open: no PIN is asked
}

func (p *Pages) view(ctx context.Context, id uuid.UUID) (dossierView, error) {
	rec, err := p.services.Dossier(ctx, id)
	if err != nil {
		return dossierView{}, err
	}
	v := dossierView{rec: rec, acts: p.services.ActsFor(ctx, rec)}
	if form, err := p.forms.Current(rec.Def.Form); err == nil {
		v.parts = form.Summary(ctx, rec.Answers, nil)
	}
	if v.offers(services.ActForward) {
		if v.colleagues, err = p.services.Colleagues(ctx, rec.Dossier); err != nil {
			return v, err
		}
	}
	if v.offers(services.ActPropose) {
		list, err := p.services.Signers(ctx, rec.CompetentAgency)
		if err != nil && fault.KindOf(err) != fault.KindConflict {
			return v, err
		}
		for _, s := range list {
			v.signers = append(v.signers, ui.Option{Value: s.Person.String(), Label: s.Name + " — " + s.Title})
		}
		v.lines = p.services.ResultLines(ctx, rec)
	}
	if v.offers(services.ActSign) {
		v.pinOpen = p.services.PINOpen(ctx)
	}
	return v, nil
}

func (v dossierView) offers(act string) bool {
	for _, a := range v.acts {
		if a == act {
			return true
		}
	}
	return false
}

// value is what was typed into the form that came back, "" in all others.
func (v dossierView) value(act, name string) string {
	if v.failed != act {
		return ""
	}
	return v.typed.Get(name)
}

func (v dossierView) form(act string) ui.Form {
	f := ui.Form{Prefix: "services." + act, Scope: act}
	if v.failed == act {
		f.Faults = v.faults
	}
	return f
}

func (p *Pages) dossier(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return fault.NotFound("services.dossier")
	}
	v, err := p.view(r.Context(), id)
	if err != nil {
		return err
	}
	fr := web.Frame(r)
	fr.Area = ui.Official
	return web.Render(w, r, http.StatusOK, dossierPage(fr, v))
}

// actFunc runs one act from a submitted form.
type actFunc func(ctx context.Context, p *Pages, r *http.Request) error

// act runs an act and shows the dossier again: where it stands now, or the form with its faults.
func (p *Pages) act(name string, fn actFunc) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := uuid.Parse(r.PathValue("id"))
		if err != nil {
			return fault.NotFound("services.dossier")
		}
		err = fn(r.Context(), p, r)
		f, isFields := errors.AsType[fault.Fields](err)
		if err == nil {
			return web.SeeOther(w, r, PathDesk(id), "services."+name+".done")
		}
		if !isFields {
			return err
		}
		v, err := p.view(r.Context(), id)
		if err != nil {
			return err
		}
		v.failed, v.typed, v.faults = name, r.Form, f
		fr := web.Frame(r)
		fr.Area, fr.Errors = ui.Official, true
		return web.Render(w, r, http.StatusUnprocessableEntity, dossierPage(fr, v))
	}
}

func accept(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.Accept(ctx, web.Form[services.AcceptIn](r))
}

func refuse(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.Refuse(ctx, web.Form[services.RefuseIn](r))
}

func setFee(ctx context.Context, p *Pages, r *http.Request) error {
	in := web.Form[services.SetFeeIn](r)
	n, err := strconv.ParseInt(strings.NewReplacer(".", "", " ", "").Replace(r.FormValue("amount")), 10, 64)
	if err != nil {
		return fault.Fields{"amount": "not-a-number"}
	}
	in.Amount = n
	return p.services.SetFee(ctx, in)
}

func askFee(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.AskFee(ctx, web.Form[services.AskFeeIn](r))
}

func cash(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.Cash(ctx, web.Form[services.CashIn](r))
}

func take(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.Take(ctx, web.Form[services.TakeIn](r))
}

func forward(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.Forward(ctx, web.Form[services.ForwardIn](r))
}

func propose(ctx context.Context, p *Pages, r *http.Request) error {
	in := web.Form[services.ProposeIn](r)
	in.Values = map[string]string{}
	for name, typed := range r.Form {
		if key, ok := strings.CutPrefix(name, "value."); ok {
			in.Values[key] = strings.TrimSpace(typed[0])
		}
	}
	return p.services.Propose(ctx, in)
}

func approveAsk(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.ApproveAsk(ctx, web.Form[services.ApproveAskIn](r))
}

func sign(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.Sign(ctx, web.Form[services.SignIn](r))
}

func sendBack(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.SendBack(ctx, web.Form[services.SendBackIn](r))
}

func number(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.Number(ctx, web.Form[services.NumberIn](r))
}

func handOver(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.Return(ctx, web.Form[services.ReturnIn](r))
}

func extend(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.Extend(ctx, web.Form[services.ExtendIn](r))
}

func stop(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.Stop(ctx, web.Form[services.StopIn](r))
}

func resume(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.Resume(ctx, web.Form[services.StopIn](r))
}

func reopen(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.Reopen(ctx, web.Form[services.StopIn](r))
}

// askRows is how many things the form of a supplement request has room for.
const askRows = 5

// ask reads the rows "what.0", "how.0", "key.0" …; an empty row is no item.
func ask(ctx context.Context, p *Pages, r *http.Request) error {
	in := web.Form[services.AskIn](r)
	for i := range askRows {
		n := strconv.Itoa(i)
		it := services.Item{Key: strings.TrimSpace(r.FormValue("key." + n)), What: strings.TrimSpace(r.FormValue("what." + n)),
			How: strings.TrimSpace(r.FormValue("how." + n))}
		if it.What == "" && it.How == "" {
			continue
		}
		if it.Key == "" {
			it.Key = "other-" + n
		}
		in.Items = append(in.Items, it)
	}
	return p.services.Ask(ctx, in)
}

// stateTag is the state in its colour.
func stateTone(s services.State) ui.Tone {
	switch s {
	case services.Registered, services.Accepted, services.Processing:
		return ui.Run
	case services.AwaitingSupplement, services.AwaitingPayment:
		return ui.Soon
	case services.Refused:
		return ui.Wrong
	case services.Finished, services.Returned:
		return ui.Done
	}
	return ui.Pause
}

// slipEvents is the control slip as a time line, newest first.
func slipEvents(ctx context.Context, rec services.Record, officials bool) []ui.Event {
	var out []ui.Event
	for i := len(rec.Slip) - 1; i >= 0; i-- {
		mv := rec.Slip[i]
		who := mv.ActorName
		if mv.ActorPost != "" {
			who += ", " + mv.ActorPost
		}
		e := ui.Event{Title: moveText(ctx, mv), Who: who, At: mv.At, Quote: mv.Note}
		if !officials && (mv.FromState != nil && *mv.FromState == services.Processing && mv.ToState == services.Processing) {
			e.Quote = "" // notes between officers are theirs
		}
		if i == len(rec.Slip)-1 && rec.State.Open() {
			e.Mark = "now"
		} else if mv.ToState == services.Finished || mv.ToState == services.Returned {
			e.Mark = "done"
		}
		out = append(out, e)
	}
	return out
}

func moveText(ctx context.Context, mv services.Move) string {
	short := mv.Act[strings.LastIndexByte(mv.Act, '.')+1:]
	if short == services.ActAsk && mv.ToState == services.Processing {
		short = "propose-ask"
	}
	if key := "services.move." + short; lang.Has(ctx, key) {
		return lang.T(ctx, key, "to", mv.ToName)
	}
	return lang.T(ctx, mv.ToState.Key())
}

func feeLine(ctx context.Context, rec services.Record) string {
	switch {
	case rec.FeeState == "unknown":
		return lang.T(ctx, "services.fee.unknown")
	case rec.Fee == nil || *rec.Fee == 0:
		return lang.T(ctx, "services.fee.none")
	}
	return lang.Money(ctx, *rec.Fee) + " — " + lang.T(ctx, "services.fee."+rec.FeeState)
}

func paperName(ctx context.Context, def services.Definition, key string) string {
	for _, r := range def.Papers {
		if r.Key == key {
			return r.NameIn(lang.From(ctx))
		}
	}
	return key
}

func partAnswers(part forms.Part) []ui.Answer {
	var out []ui.Answer
	for _, a := range part.Rows {
		out = append(out, ui.Answer{Name: a.Label, Text: a.Text})
	}
	return out
}

func agencyName(rec services.Record, id string) string {
	if n := rec.Bodies[id]; n != "" {
		return n
	}
	return id
}

// lineField is one line of the result, with what the officer typed before.
func lineField(ctx context.Context, v dossierView, f ui.Form, l services.ResultLine) ui.Field {
	name := "value." + l.Key
	value := l.Value
	if v.failed == services.ActPropose {
		value = v.typed.Get(name)
	}
	out := ui.Field{Name: name, Scope: f.Scope, Label: l.Label, Value: value, Optional: !l.Required, Fault: f.Fault(ctx, name)}
	if l.Table {
		out.Hint = lang.T(ctx, "services.propose.table")
	}
	return out
}

func slot(prefix string, i int) string { return fmt.Sprintf("%s.%d", prefix, i) }
