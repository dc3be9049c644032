package servicespage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/files/filespage"
	"datmui/blocks/forms"
	"datmui/blocks/worklist/worklistpage"
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
	mayScan    bool
	asksHead   bool                // a supplement request goes to the head first
	beside     worklistpage.Beside // the desk the dossier was opened from
	doc        uuid.UUID           // the paper shown beside; zero: none
	stale      *staleView          // the act was refused: what has changed meanwhile
}

// staleView is why an act was refused, and what happened since its form was shown.
type staleView struct {
	rule  string
	since []services.Move
}

func (p *Pages) view(r *http.Request, id uuid.UUID) (dossierView, error) {
	ctx := r.Context()
	rec, err := p.services.Dossier(ctx, id)
	if err != nil {
		return dossierView{}, err
	}
	v := dossierView{rec: rec, acts: p.services.ActsFor(ctx, rec), mayScan: p.services.MayScan(ctx, rec)}
	if v.beside, err = worklistpage.BesideOf(ctx, p.desks, r.FormValue(worklistpage.In), PathDesk(id)); err != nil {
		return v, err
	}
	v.asksHead = rec.State == services.Processing && !v.offers(services.ActStop) // who may stop it decides
	if doc, err := uuid.Parse(r.FormValue("doc")); err == nil {
		if _, ok := rec.Contents[doc]; ok {
			v.doc = doc
		}
	}
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
		if v.doc == uuid.Nil { // nobody signs what is not on the screen
			v.doc = draftOf(rec)
		}
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
	v, err := p.view(r, id)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, dossierPage(p.official(r), v))
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
		ctx := r.Context()
		wrong := filespage.New(p.files).Form(r) // scans come along with their form
		if _, isFields := errors.AsType[fault.Fields](wrong); wrong != nil && !isFields {
			return wrong
		}
		seen, hasSeen := strconv.Atoi(r.FormValue("seen"))
		if hasSeen == nil {
			ctx = services.AsSeen(ctx, seen)
		}
		if err = wrong; err == nil {
			err = fn(ctx, p, r)
		}
		f, isFields := errors.AsType[fault.Fields](err)
		if err == nil {
			return web.SeeOther(w, r, worklistpage.Opened(PathDesk(id), r.FormValue(worklistpage.In)), p.doneKey(r, name))
		}
		conflict := fault.KindOf(err) == fault.KindConflict
		if !isFields && !conflict {
			return err
		}
		rule := ""
		if conflict {
			rule = faultWords(ctx, err)
		}
		v, err := p.view(r, id)
		if err != nil {
			return err
		}
		v.failed, v.typed, v.faults = name, r.Form, f
		fr, status := p.official(r), http.StatusUnprocessableEntity
		fr.Errors = true
		if conflict {
			status, v.stale = http.StatusConflict, &staleView{rule: rule}
			for _, mv := range v.rec.Slip {
				if hasSeen == nil && mv.N > seen {
					v.stale.since = append(v.stale.since, mv)
				}
			}
		}
		return web.Render(w, r, status, dossierPage(fr, v))
	}
}

// doneKey is what is said after an act.
func (p *Pages) doneKey(r *http.Request, name string) string {
	if name == services.ActAsk && r.FormValue("head") != "" {
		return "services.ask.done.head"
	}
	return "services." + name + ".done"
}

func note(ctx context.Context, p *Pages, r *http.Request) error {
	return p.services.AddNote(ctx, web.Form[services.NoteIn](r))
}

// scan takes one paper and the files that were sent for it.
func scan(ctx context.Context, p *Pages, r *http.Request) error {
	in := web.Form[services.ScanIn](r)
	for _, s := range r.Form["file.id"] {
		if id, err := uuid.Parse(s); err == nil {
			in.Papers = append(in.Papers, services.PaperIn{Place: r.FormValue("place"), File: id})
		}
	}
	return p.services.Scan(ctx, in)
}

// draftOf is the file of the result that waits for a signature.
func draftOf(rec services.Record) uuid.UUID {
	for _, o := range rec.Outgoing {
		if o.Kind == services.OutgoingResult && o.State == "draft" && o.FileID != nil {
			return *o.FileID
		}
	}
	return uuid.Nil
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
	var rows []int // the row of the page on which an item was typed: empty ones are passed over
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
		in.Items, rows = append(in.Items, it), append(rows, i)
	}
	err := p.services.Ask(ctx, in)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		return onRows(f, rows)
	}
	return err
}

// onRows gives faults of items the number of the row on which the item was typed.
func onRows(f fault.Fields, rows []int) fault.Fields {
	out := fault.Fields{}
	for name, code := range f {
		var i int
		var part string
		if _, err := fmt.Sscanf(name, "items.%d.%s", &i, &part); err == nil && i >= 0 && i < len(rows) {
			name = fmt.Sprintf("items.%d.%s", rows[i], part)
		}
		out[name] = code
	}
	return out
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

// timeLine mixes what happened, what was noted and what was signed, newest first.
func timeLine(ctx context.Context, rec services.Record) []ui.Event {
	out := slipEvents(ctx, rec, true)
	for _, n := range rec.Notes {
		out = append(out, ui.Event{Title: lang.T(ctx, "services.note.by", "who", n.AuthorName), Mark: "note", Who: n.AuthorPost, At: n.At, Quote: n.Text})
	}
	for _, s := range rec.Signed {
		out = append(out, ui.Event{Title: lang.T(ctx, "services.signed."+s.Field, "who", s.Name), Mark: "done", Who: s.Organisation, At: s.At,
			Body: ui.Code("SHA-256 " + s.Short() + "…")})
	}
	slices.SortStableFunc(out, func(a, b ui.Event) int { return b.At.Compare(a.At) })
	return out
}

// slipTable is the control slip, Form 06: who gave it to whom, when, in time or late, with what words.
func slipTable(ctx context.Context, rec services.Record, now time.Time) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "services.slip.form"), Columns: []ui.Column{{Text: lang.T(ctx, "services.slip.n"), Num: true}, {Text: lang.T(ctx, "services.slip.at"), Fold: lang.T(ctx, "services.slip.at")},
		{Text: lang.T(ctx, "services.slip.giver"), Fold: lang.T(ctx, "services.slip.giver")}, {Text: lang.T(ctx, "services.slip.taker"), Fold: lang.T(ctx, "services.slip.taker")},
		{Text: lang.T(ctx, "services.list.state"), Fold: lang.T(ctx, "services.list.state")}, {Text: lang.T(ctx, "services.slip.timing"), Fold: lang.T(ctx, "services.slip.timing")}}}
	for _, mv := range rec.Slip {
		taker := mv.ToName
		if taker == "" {
			taker = agencyName(rec, mv.ToAgency)
		}
		timing := "–"
		if mv.Timing != "" {
			timing = lang.T(ctx, "services.timing."+mv.Timing)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(mv.N)}, {Text: lang.Short(ctx, mv.At, now)}, {Text: mv.ActorName, Sub: mv.ActorPost},
			{Text: taker}, {Text: moveText(ctx, mv), Sub: mv.Note}, {Text: timing}}})
	}
	return t
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
