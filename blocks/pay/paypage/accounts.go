package paypage

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"datmui/blocks/calendar"
	"datmui/blocks/pay"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// PathAccounts is where a leader says where transfers to the body go.
const PathAccounts = "/cash/accounts"

// account is a row of the list, with the name of its body.
type account struct {
	pay.DatedAccount
	Body string
}

// accountForm is what the form sends.
type accountForm struct {
	pay.AccountIn
	From string `form:"from"`
}

type accountsView struct {
	Frame   ui.Frame
	List    []account
	Paging  ui.Paging
	Bodies  []ui.Option // whose accounts the actor sets
	Without []string    // of these bodies, those to which nothing can be transferred today
	Form    accountForm
	Faults  fault.Fields
}

// named gives accounts the names of their bodies.
func (p *Pages) named(ctx context.Context, list []pay.DatedAccount) ([]account, error) {
	out := make([]account, len(list))
	for i, d := range list {
		out[i].DatedAccount = d
		if i > 0 && list[i-1].Agency == d.Agency {
			out[i].Body = out[i-1].Body
			continue
		}
		var err error
		if out[i].Body, err = p.body(ctx, d.Agency); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// keyOf reads after what the list goes on: a day and a body; a broken one is the first page.
func keyOf(s string) pay.AccountKey {
	day, agency, _ := strings.Cut(s, " ")
	from, err := calendar.ParseDate(day)
	if err != nil {
		return pay.AccountKey{}
	}
	return pay.AccountKey{Agency: agency, From: from}
}

// body is the name of a body; accounts outlive one that was dissolved.
func (p *Pages) body(ctx context.Context, id string) (string, error) {
	if id == "" {
		return lang.T(ctx, "pay.accounts.everybody"), nil
	}
	name, err := p.bodies(ctx, id)
	if fault.KindOf(err) == fault.KindNotFound {
		return id, nil
	}
	return name, err
}

func (p *Pages) accounts(w http.ResponseWriter, r *http.Request) error {
	f := accountForm{From: p.pay.Today().String()}
	f.Client = newClient()
	return p.showAccounts(w, r, http.StatusOK, accountsView{Form: f})
}

func (p *Pages) showAccounts(w http.ResponseWriter, r *http.Request, status int, v accountsView) error {
	ctx := r.Context()
	key := keyOf(r.URL.Query().Get("after"))
	list, more, err := p.pay.Accounts(ctx, key)
	if err != nil {
		return err
	}
	if v.List, err = p.named(ctx, list); err != nil {
		return err
	}
	if key.From != 0 {
		v.Paging.First = PathAccounts
	}
	if more {
		last := list[len(list)-1]
		v.Paging.Next = PathAccounts + "?after=" + url.QueryEscape(last.From.String()+" "+last.Agency)
	}
	now, err := p.pay.AccountsInForce(ctx, pay.AccountRight)
	if err != nil {
		return err
	}
	mine, _ := actor.From(ctx).Where(pay.AccountRight)
	for _, id := range mine {
		name, err := p.body(ctx, id)
		if err != nil {
			return err
		}
		v.Bodies = append(v.Bodies, ui.Option{Value: id, Label: name})
		if !slices.ContainsFunc(now, func(a pay.DatedAccount) bool { return a.Agency == id || a.Agency == "" }) {
			v.Without = append(v.Without, name)
		}
	}
	office := actor.From(ctx).Office // her own body first, then by name
	slices.SortFunc(v.Bodies, func(a, b ui.Option) int {
		switch office {
		case a.Value:
			return -1
		case b.Value:
			return 1
		}
		return strings.Compare(a.Label, b.Label)
	})
	v.Frame = web.Frame(r)
	v.Frame.Errors = v.Faults.Any()
	return web.Render(w, r, status, accountsPage(v))
}

func (p *Pages) setAccount(w http.ResponseWriter, r *http.Request) error {
	f := web.Form[accountForm](r)
	in, err := f.AccountIn, error(nil)
	if in.From, err = calendar.ParseDate(f.From); err == nil {
		err = p.pay.SetAccount(r.Context(), in)
	} else {
		err = fault.Fields{"from": "date"}
	}
	if wrong, ok := errors.AsType[fault.Fields](err); ok {
		return p.showAccounts(w, r, http.StatusUnprocessableEntity, accountsView{Form: f, Faults: wrong})
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, PathAccounts, "pay.accounts.set")
}

func accountsTable(ctx context.Context, list []account) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "pay.accounts.list"), Columns: columns(ctx, "pay.accounts.body", "pay.to.bank", "pay.to.account", "pay.to.holder", "pay.accounts.since", "pay.state")}
	for _, a := range list {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: a.Body},
			{Text: bankName(a.BIN)},
			{Text: a.Account.Account, Code: true},
			{Text: a.Holder},
			{Text: lang.Date(ctx, a.From.At(12*60))},
			{Body: ui.Tag(accountTone[a.State], lang.T(ctx, "pay.accounts."+string(a.State)))},
		}})
	}
	return t
}

var accountTone = map[pay.AccountState]ui.Tone{pay.InForce: ui.Done, pay.Planned: ui.Run, pay.Replaced: ui.Pause}

func bankName(bin string) string {
	if b, ok := pay.BankOf(bin); ok {
		return b.ShortName
	}
	return bin
}

func bankOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "pay.accounts.bin.choose")}}
	for _, b := range pay.Banks() {
		if b.RenamedTo == "" {
			out = append(out, ui.Option{Value: b.BIN, Label: b.ShortName + " · " + b.Name})
		}
	}
	slices.SortFunc(out[1:], func(a, b ui.Option) int { return strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)) })
	return out
}

func accountField(f ui.Field) ui.Field {
	f.Width, f.Complete = "w20", "off"
	return f
}
