package servicespage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/files/filespage"
	"datmui/blocks/worklist/worklistpage"
	"datmui/kit/fault"
	"datmui/kit/web"
)

// actFunc runs one act from a submitted form.
type actFunc func(ctx context.Context, p *Pages, r *http.Request) error

// filled is an act that takes its form as it stands.
func filled[In any](run func(*services.Module, context.Context, In) error) actFunc {
	return func(ctx context.Context, p *Pages, r *http.Request) error {
		return run(p.services, ctx, web.Form[In](r))
	}
}

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
		if v.held, err = p.heldFiles(r); err != nil {
			return err
		}
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

func setFee(ctx context.Context, p *Pages, r *http.Request) error {
	in := web.Form[services.SetFeeIn](r)
	n, err := strconv.ParseInt(strings.NewReplacer(".", "", " ", "").Replace(r.FormValue("amount")), 10, 64)
	if err != nil {
		return fault.Fields{"amount": "not-a-number"}
	}
	in.Amount = n
	return p.services.SetFee(ctx, in)
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

// itemField reads the name of a part of an item, "items.2.what".
func itemField(name string) (i int, part string, ok bool) {
	_, err := fmt.Sscanf(name, "items.%d.%s", &i, &part)
	return i, part, err == nil && i >= 0
}

// onRows gives faults of items the number of the row on which the item was typed.
func onRows(f fault.Fields, rows []int) fault.Fields {
	out := fault.Fields{}
	for name, code := range f {
		if i, part, ok := itemField(name); ok && i < len(rows) {
			name = fmt.Sprintf("items.%d.%s", rows[i], part)
		}
		out[name] = code
	}
	return out
}
