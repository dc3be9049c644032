package paypage

import (
	"context"
	"errors"
	"net/http"
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

// account is a row of the list: where transfers to a body go, went or will go.
type account struct {
	pay.DatedAccount
	Body  string
	State string // "now", "planned" or "past"
}

// accountForm is what the form sends.
type accountForm struct {
	pay.AccountIn
	From string `form:"from"`
}

type accountsView struct {
	Frame  ui.Frame
	List   []account
	Bodies []ui.Option // whose accounts the actor sets
	Form   accountForm
	Faults fault.Fields
}

// accountList names the bodies and tells which account is in force today.
func (p *Pages) accountList(ctx context.Context) ([]account, error) {
	dated, err := p.pay.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	today := p.pay.Today()
	out := make([]account, len(dated))
	for i, d := range dated {
		out[i] = account{DatedAccount: d, State: "past"}
		if i > 0 && dated[i-1].Agency == d.Agency {
			out[i].Body = out[i-1].Body
		} else if out[i].Body, err = p.body(ctx, d.Agency); err != nil {
			return nil, err
		}
		switch { // newest first: the first that has begun is in force
		case d.From > today:
			out[i].State = "planned"
		case i == 0 || dated[i-1].Agency != d.Agency || out[i-1].State == "planned":
			out[i].State = "now"
		}
	}
	return out, nil
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

func (p *Pages) showAccounts(w http.ResponseWriter, r *http.Request, status int, v accountsView) (err error) {
	ctx := r.Context()
	if v.List, err = p.accountList(ctx); err != nil {
		return err
	}
	mine, _ := actor.From(ctx).Where(pay.AccountRight)
	for _, id := range mine {
		name, err := p.body(ctx, id)
		if err != nil {
			return err
		}
		v.Bodies = append(v.Bodies, ui.Option{Value: id, Label: name})
	}
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

// without tells for which bodies no account is in force.
func (v accountsView) without() (names []string) {
	for _, b := range v.Bodies {
		found := false
		for _, a := range v.List {
			found = found || (a.Agency == b.Value || a.Agency == "") && a.State == "now"
		}
		if !found {
			names = append(names, b.Label)
		}
	}
	return names
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
			{Body: ui.Tag(accountTone[a.State], lang.T(ctx, "pay.accounts."+a.State))},
		}})
	}
	return t
}

var accountTone = map[string]ui.Tone{"now": ui.Done, "planned": ui.Run, "past": ui.Pause}

// inForce leaves what a cashier needs to know: where transfers go today.
func inForce(list []account) (out []account) {
	for _, a := range list {
		if a.State == "now" {
			out = append(out, a)
		}
	}
	return out
}

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
