// Package exchangepage shows officials what is owed to other systems and where these say something
// else, and is the door at which another system speaks to us.
package exchangepage

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"datmui/blocks/audit"
	"datmui/blocks/exchange"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Config is what the pages need.
type Config struct {
	Exchange *exchange.Block
	Client   string                                               // how the peer calls itself when it speaks to us
	Secret   string                                               // with what it proves that; "" lets nobody in
	Key      []byte                                               // signs the tokens it is given
	State    func(ctx context.Context, state int) string          // a state in words
	Body     func(ctx context.Context, id string) (string, error) // the name of a body
	Peer     func(ctx context.Context) string                     // what people call the peer
	Watch    string                                               // right to see the queue
	Decide   string                                               // right to decide a conflict
	Clock    clock.Clock
}

// Pages are the pages of the exchange.
type Pages struct{ c Config }

// New returns the pages.
func New(c Config) *Pages { return &Pages{c} }

// Routes lists every address here.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + exchange.PathPage, Who: web.Right(p.c.Watch), Handle: p.show},
		{Pattern: "POST " + exchange.PathPage + "/decide", Who: web.Right(p.c.Decide), Handle: p.decide},
		{Pattern: "POST " + exchange.PathPage + "/retry", Who: web.Right(p.c.Watch), Handle: p.retry},
		{Pattern: "GET " + PathMine, Who: web.AnyCitizen, Handle: p.mine},
		{Pattern: "POST " + pathToken, Who: web.Public, Handle: p.token},
		{Pattern: "POST " + pathHear, Who: web.Public, Handle: p.hear},
		{Pattern: "POST " + pathCopy, Who: web.Public, Handle: p.copy},
	}
}

// view is what the page shows.
type view struct {
	exchange.Queue
	at     string // key of the page of conflicts that is shown
	body   map[string]string
	state  func(context.Context, int) string
	peer   func(context.Context) string
	in     exchange.DecideIn // what was typed into the form that came back
	faults fault.Fields
}

func (p *Pages) view(r *http.Request) (view, error) {
	at := r.URL.Query()
	q, err := p.c.Exchange.Queue(r.Context(), exchange.QueueIn{Waiting: at.Get("after"), Conflicts: at.Get("conflicts"), Copies: at.Get("copies")})
	if err != nil {
		return view{}, err
	}
	v := view{Queue: q, at: at.Get("conflicts"), body: map[string]string{}, state: p.c.State, peer: p.c.Peer}
	add := func(id string) {
		if _, known := v.body[id]; known || id == "" {
			return
		}
		name, err := p.c.Body(r.Context(), id)
		if err != nil {
			name = id // a body that is over keeps its id
		}
		v.body[id] = name
	}
	for _, w := range q.Waiting {
		add(w.Agency)
	}
	for _, d := range q.Open {
		add(d.Agency)
	}
	return v, nil
}

func official(r *http.Request) ui.Frame {
	fr := web.Frame(r)
	fr.Area = ui.Official
	return fr
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, page(official(r), v))
}

func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[exchange.DecideIn](r)
	err := p.c.Exchange.Decide(r.Context(), in)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v, err := p.view(r)
		if err != nil {
			return err
		}
		v.in, v.faults = in, f
		fr := official(r)
		fr.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, page(fr, v))
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, exchange.PathPage, "exchange.decided.done")
}

func (p *Pages) retry(w http.ResponseWriter, r *http.Request) error {
	if err := p.c.Exchange.Retry(r.Context(), web.Form[exchange.RetryIn](r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, exchange.PathPage, "exchange.retried")
}

// form is that of one conflict; its faults are shown there and nowhere else.
func (v view) form(d exchange.Dispute) ui.Form {
	f := ui.Form{Prefix: "exchange", Scope: d.ID.String()}
	if v.in.Conflict == d.ID {
		f.Faults = v.faults
	}
	return f
}

func (v view) value(d exchange.Dispute, typed string) string {
	if v.in.Conflict == d.ID {
		return typed
	}
	return ""
}

func (v view) client() string { return audit.NewClient() }

// figures are the queue in four numbers.
func (v view) figures(ctx context.Context) []ui.Fact {
	failing, dead := 0, 0
	for _, w := range v.Waiting {
		if w.Dead {
			dead++
		} else if w.Tries > 0 {
			failing++
		}
	}
	synced := lang.Number(ctx, v.Synced)
	if v.Synced == 10_000 {
		synced = lang.T(ctx, "exchange.over", "n", synced)
	}
	more := ""
	if v.Next != "" {
		more = "+"
	}
	return []ui.Fact{{Name: lang.T(ctx, "exchange.synced"), Text: synced}, {Name: lang.T(ctx, "exchange.waiting"), Text: strconv.Itoa(len(v.Waiting)) + more},
		{Name: lang.T(ctx, "exchange.failing"), Text: strconv.Itoa(failing)}, {Name: lang.T(ctx, "exchange.dead"), Text: strconv.Itoa(dead)},
		{Name: lang.T(ctx, "exchange.conflicts"), Text: strconv.Itoa(len(v.Open)) + v.moreConflicts()}}
}

// moreConflicts says that there are others than those on the page.
func (v view) moreConflicts() string {
	if v.Undue != "" || v.at != "" {
		return "+"
	}
	return ""
}

// pathConflicts is an address with the page of conflicts after a key.
func pathConflicts(path, key string) string {
	if key == "" {
		return path
	}
	return path + "?conflicts=" + url.QueryEscape(key)
}

// conflictPages leads through the conflicts.
func (v view) conflictPages() (p ui.Paging) {
	if v.at != "" {
		p.First = exchange.PathPage
	}
	if v.Undue != "" {
		p.Next = pathConflicts(exchange.PathPage, v.Undue)
	}
	return p
}

// status says in words how telling a record fails.
func status(ctx context.Context, w exchange.Waiting) string {
	if w.Dead {
		return lang.T(ctx, "exchange.status.dead", "n", w.Tries)
	}
	return lang.T(ctx, "exchange.status.failing", "n", w.Tries, "at", lang.DateTime(ctx, w.NextAt))
}

// decided lists what was decided lately.
func (v view) decided(ctx context.Context) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "exchange.decided"), Columns: []ui.Column{{Text: lang.T(ctx, "exchange.code")}, {Text: lang.T(ctx, "exchange.ours"), Fold: lang.T(ctx, "exchange.ours")},
		{Text: lang.T(ctx, "exchange.theirs"), Fold: lang.T(ctx, "exchange.theirs")}, {Text: lang.T(ctx, "exchange.verdict"), Fold: lang.T(ctx, "exchange.verdict")}}}
	for _, d := range v.Decided {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: d.Code, Code: true, Href: d.Href}, {Text: v.state(ctx, d.Ours)}, {Text: v.state(ctx, d.Theirs)},
			{Text: lang.T(ctx, "exchange.decision."+*d.Decision), Sub: d.Reason}}})
	}
	return t
}

// copies lists what the other system works.
func (v view) copies(ctx context.Context) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "exchange.copies"), Columns: []ui.Column{{Text: lang.T(ctx, "exchange.code")}, {Text: lang.T(ctx, "exchange.procedure"), Fold: lang.T(ctx, "exchange.procedure")},
		{Text: lang.T(ctx, "exchange.owner"), Fold: lang.T(ctx, "exchange.owner")}, {Text: lang.T(ctx, "exchange.state"), Fold: lang.T(ctx, "exchange.state")},
		{Text: lang.T(ctx, "exchange.changed"), Fold: lang.T(ctx, "exchange.changed")}}}
	for _, c := range v.Copies {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: c.Code, Code: true}, {Text: c.Name}, {Text: c.Owner}, {Text: v.state(ctx, c.State)}, {Text: lang.DateTime(ctx, c.UpdatedAt)}}})
	}
	return t
}

// Banner says on the page of a record how far the peer knows it.
func Banner(b *exchange.Block, peer func(context.Context) string) func(ctx context.Context, code string) (templ.Component, error) {
	return func(ctx context.Context, code string) (templ.Component, error) {
		s, told, err := b.SyncOf(ctx, code)
		if err != nil || !told {
			return templ.NopComponent, err
		}
		return banner(s, peer(ctx)), nil
	}
}
