package servicespage

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/files"
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
	failed     string                  // the act whose form came back
	typed      url.Values              // what was typed into it
	held       map[string][]files.File // what was sent with it
	faults     fault.Fields
	parts      []forms.Part
	colleagues []services.Colleague
	signers    []ui.Option
	lines      []services.ResultLine // what the result will say
	pinOpen    bool                  // the signing session is open: no PIN is asked
	viewers    []services.Viewer     // colleagues who have it open
	mayScan    bool
	mayHandOut bool                // the citizen's receipt is printed here
	mayConsult bool                // other bodies may be asked now
	mayDrop    bool                // what they were asked may be taken back
	asksHead   bool                // a supplement request goes to the head first
	beside     worklistpage.Beside // the desk the dossier was opened from
	doc        uuid.UUID           // the paper shown beside; zero: none
	stale      *staleView          // the act was refused: what has changed meanwhile
	sync       templ.Component     // how far another system knows it
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
	v := dossierView{rec: rec, acts: p.services.ActsFor(ctx, rec), mayScan: p.services.MayScan(ctx, rec), mayHandOut: p.services.MayHandOut(ctx, rec),
		mayConsult: p.services.MayConsult(ctx, rec), mayDrop: p.services.AsksOthers(ctx, rec)}
	if v.sync, err = p.sync(ctx, rec.Code); err != nil {
		return v, err
	}
	if v.beside, err = p.besideOf(ctx, r.FormValue(worklistpage.In), PathDesk(id)); err != nil {
		return v, err
	}
	if v.viewers, err = p.services.Viewers(ctx, rec); err != nil {
		return v, err
	}
	v.asksHead = rec.State == services.Processing && !v.offers(services.ActStop) // who may stop it decides
	if doc, err := uuid.Parse(r.FormValue("doc")); err == nil {
		if _, ok := rec.Contents[doc]; ok {
			v.doc = doc
		}
	}
	if form, err := p.services.FormOf(ctx, rec.Def); err == nil {
		v.parts = form.Summary(ctx, rec.Answers, nil)
	}
	if v.offers(services.ActForward) || v.offers(services.ActAssign) {
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
			v.signers = append(v.signers, ui.Option{Value: s.Person.String(), Label: s.Name + " — " + s.Words()})
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
