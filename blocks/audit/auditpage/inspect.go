package auditpage

import (
	"context"
	"encoding/csv"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// PathInspect is where inspectors search the log.
const (
	PathInspect = "/audit"
	pathExport  = "/audit/export.csv"
)

// question is the state of the page, all of it in the address.
type question struct {
	From    string `form:"from"` // 2026-11-23
	To      string `form:"to"`
	Subject string `form:"subject"`
	Name    string `form:"name"`
	Kind    string `form:"kind"`
	Who     string `form:"who"` // part of a name
}

func (q question) encode() string {
	v := url.Values{}
	for _, p := range [][2]string{{"from", q.From}, {"to", q.To}, {"subject", q.Subject}, {"name", q.Name}, {"kind", q.Kind}, {"who", q.Who}} {
		if p[1] != "" {
			v.Set(p[0], p[1])
		}
	}
	return v.Encode()
}

// filter reads the question. A name that nobody bears finds nothing; one that too many bear is a
// fault, because an answer that leaves some out would mislead.
func (p *Pages) filter(ctx context.Context, q question) (audit.InspectFilter, error) {
	f := audit.InspectFilter{Subject: q.Subject, Name: q.Name, Kind: q.Kind}
	faults := fault.Fields{}
	day := func(field, s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		t, err := time.ParseInLocation(time.DateOnly, s, clock.Vietnam)
		if err != nil || t.Year() < 1900 || t.Year() > 2199 {
			faults.Set(field, "date")
		}
		return t
	}
	f.From, f.To = day("from", q.From), day("to", q.To)
	if faults.Any() {
		return f, faults
	}
	if q.Who == "" {
		return f, nil
	}
	ids, err := p.officials(ctx, q.Who)
	if err != nil {
		return f, err
	}
	if len(ids) > 100 {
		return f, fault.Fields{"who": "too-many"}
	}
	f.Actors = append([]uuid.UUID{}, ids...)
	return f, nil
}

// inspectView is all that the page shows.
type inspectView struct {
	ui.Frame
	Q        question
	From, To time.Time
	Before   int64
	List     []audit.AccessRecord
	Head     audit.Head
	Faults   fault.Fields
}

func (p *Pages) inspect(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := inspectView{Frame: web.Frame(r), Q: web.Form[question](r), Before: before(r)}
	f, err := p.filter(ctx, v.Q)
	v.From, v.To = f.Days(v.Now)
	if err == nil {
		f.Before = v.Before
		v.List, err = p.book.Inspect(ctx, f)
	}
	status := http.StatusOK
	if faults, ok := errors.AsType[fault.Fields](err); ok {
		v.Faults, status = faults, http.StatusUnprocessableEntity
	} else if err != nil {
		return err
	}
	if v.Head, err = p.book.NewestHead(ctx); err != nil {
		return err
	}
	return web.Render(w, r, status, inspectPage(v))
}

// export writes what the filter leaves, for a spreadsheet.
func (p *Pages) export(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := p.filter(ctx, web.Form[question](r))
	if err != nil {
		return err
	}
	list, more, err := p.book.InspectAll(ctx, f)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="nhat-ky.csv"`)
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("\ufeff")) // Excel takes UTF-8 for something else without it
	out := csv.NewWriter(w)
	line := func(cells ...string) {
		for i, c := range cells {
			cells[i] = plain(c)
		}
		_ = out.Write(cells) // the caller has gone; nothing to tell anybody
	}
	line("id", lang.T(ctx, "audit.reads.when"), lang.T(ctx, "audit.reads.who"), lang.T(ctx, "audit.inspect.post"), lang.T(ctx, "audit.inspect.agency"),
		lang.T(ctx, "audit.reads.what"), "act", lang.T(ctx, "audit.inspect.about"), lang.T(ctx, "audit.reads.why"), lang.T(ctx, "audit.receipt.leaf"))
	for _, a := range list {
		line(strconv.FormatInt(a.ID, 10), a.At.In(clock.Vietnam).Format("2006-01-02 15:04:05"), name(ctx, a), a.Post, a.Agency,
			what(ctx, a.Name), a.Name, a.About, a.Purpose, a.Leaf)
	}
	if more {
		line(lang.T(ctx, "audit.inspect.more"))
	}
	out.Flush()
	return nil
}

// plain keeps a spreadsheet from running what somebody typed as a formula.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// actNames are the acts that have a text, to choose from, in the order of their texts.
func actNames(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, key := range lang.Keys(lang.Vietnamese) {
		if name, ok := strings.CutPrefix(key, "act."); ok {
			out = append(out, ui.Option{Value: name, Label: lang.T(ctx, key)})
		}
	}
	slices.SortFunc(out, func(a, b ui.Option) int { return strings.Compare(a.Label+a.Value, b.Label+b.Value) })
	return append([]ui.Option{{Label: lang.T(ctx, "audit.inspect.any")}}, out...)
}

func kinds(ctx context.Context) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "audit.inspect.any")}}
	for _, k := range []string{audit.KindAct, audit.KindRead, audit.KindBatch} {
		out = append(out, ui.Option{Value: k, Label: lang.T(ctx, "audit.kind."+k)})
	}
	return out
}
