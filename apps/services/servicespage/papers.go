package servicespage

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/files"
	"datmui/blocks/files/filespage"
	"datmui/blocks/forms"
	"datmui/blocks/records"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

func (v applyView) fileIDs() []uuid.UUID {
	var out []uuid.UUID
	for _, rule := range v.def.Papers {
		for _, s := range v.draft.Answers.List(keyPaper + rule.Key) {
			if id, err := uuid.Parse(s); err == nil {
				out = append(out, id)
			}
		}
	}
	return out
}

// filesOf are the files given for a paper that are still there.
func (v applyView) filesOf(place string) []files.File {
	var out []files.File
	for _, s := range v.draft.Answers.List(keyPaper + place) {
		if id, err := uuid.Parse(s); err == nil {
			if f, ok := v.held[id]; ok {
				out = append(out, f)
			}
		}
	}
	return out
}

// again are the papers of her store that she uses for a paper, as far as they still count.
func (v applyView) again(place string) []records.Paper {
	chosen := v.draft.Answers.List(keyStored + place)
	return slices.DeleteFunc(slices.Clone(v.stored[place]), func(p records.Paper) bool {
		return p.State(v.now) != records.Valid || !slices.Contains(chosen, p.ID.String())
	})
}

// storedOptions offers papers of her store; one that counts no longer says why and cannot be chosen.
// law: public-services.md 18.2 A27.
func storedOptions(ctx context.Context, list []records.Paper, now time.Time) []ui.Option {
	var out []ui.Option
	for _, p := range list {
		o := ui.Option{Value: p.ID.String(), Label: p.Name, Hint: lang.T(ctx, "services.stored.from", "number", p.Number, "issuer", p.Issuer, "on", lang.Date(ctx, p.IssuedOn))}
		if state := p.State(now); state != records.Valid {
			o.Off, o.Hint = true, o.Hint+". "+lang.T(ctx, "services.stored."+string(state))
		}
		out = append(out, o)
	}
	return out
}

// heldFiles are the files that came with a form or were sent before it and that nothing has taken up
// yet, by their fields, so that a form that comes back has them.
func (p *Pages) heldFiles(r *http.Request) (map[string][]files.File, error) {
	fields := map[uuid.UUID]string{}
	for name, values := range r.Form {
		field, isFile := strings.CutSuffix(name, ".id")
		for _, s := range values {
			if id, err := uuid.Parse(s); isFile && err == nil {
				fields[id] = field
			}
		}
	}
	list, err := p.files.Held(r.Context(), slices.Collect(maps.Keys(fields))...)
	out := map[string][]files.File{}
	for _, f := range list {
		out[fields[f.ID]] = append(out[fields[f.ID]], f)
	}
	return out, err
}

// asked are the papers a citizen gives online: what is an electronic form or only shown is not.
func (v applyView) asked() []services.PaperRule {
	var out []services.PaperRule
	for _, r := range v.papers {
		if !r.EForm && !r.Shown {
			out = append(out, r)
		}
	}
	return out
}

func (p *Pages) papers(w http.ResponseWriter, r *http.Request) error {
	v, err := p.apply(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, papersPage(web.Frame(r), v, p.files.MaxBytes()))
}

// givePapers takes the files of the form, or the ids of those that were uploaded in pieces.
func (p *Pages) givePapers(w http.ResponseWriter, r *http.Request) error {
	v, err := p.apply(r)
	if err != nil {
		return err
	}
	wrong := filespage.New(p.files).Form(r)
	f, isFields := errors.AsType[fault.Fields](wrong)
	if wrong != nil && !isFields {
		return wrong
	}
	kept := forms.Answers{}
	for _, rule := range v.asked() {
		ids := append([]string{}, r.Form["keep."+rule.Key]...)
		for _, id := range r.Form[rule.Key+".id"] {
			if id != "" {
				ids = append(ids, id)
			}
		}
		kept[keyPaper+rule.Key] = ids
		if len(v.stored[rule.Key]) > 0 {
			kept[keyStored+rule.Key] = append([]string{}, r.Form["stored."+rule.Key]...)
		}
	}
	if v.draft, err = p.forms.SaveDraft(r.Context(), forms.SaveIn{Draft: v.draft.ID, Rev: v.draft.Rev, Page: v.draft.Page, Answers: kept}); err != nil {
		return err
	}
	if v, err = p.apply(r); err != nil {
		return err
	}
	if f == nil {
		f = fault.Fields{}
	}
	if r.FormValue("more") == "" {
		for _, rule := range v.asked() {
			if len(v.filesOf(rule.Key))+len(v.again(rule.Key)) == 0 {
				f.Set(rule.Key, "paper-missing")
			}
		}
	}
	if f.Any() {
		v.faults = f
		fr := web.Frame(r)
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, papersPage(fr, v, p.files.MaxBytes()))
	}
	if r.FormValue("more") != "" {
		return web.SeeOther(w, r, v.at("papers"), "")
	}
	return web.SeeOther(w, r, v.at("where"), "")
}
