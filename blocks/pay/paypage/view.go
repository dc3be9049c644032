package paypage

import (
	"context"
	"net/url"

	"github.com/google/uuid"

	"datmui/blocks/pay"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

// deskView is what the cashier's desk shows.
type deskView struct {
	Frame    ui.Frame
	Bills    []pay.Bill
	Flagged  []pay.FlaggedPayment
	After    uuid.UUID
	Accounts []account
}

func (v deskView) paging() ui.Paging {
	next := uuid.Nil
	if len(v.Bills) == page {
		next = v.Bills[page-1].ID
	}
	return ui.After("/cash", v.After, next)
}

// billView is what the page of a bill shows.
type billView struct {
	pay.View
	Frame   ui.Frame
	Back    string      // the payer's page of what is paid for; "" for none
	To      pay.Account // zero when no account is set
	Flagged []pay.FlaggedPayment
	Papers  []paper // of the receipts that hold
	Form    ui.Form // the form that was refused; zero the first time
	Typed   url.Values
}

// paper is a receipt as a signed PDF.
type paper struct {
	number, href string
	made         bool // or will be
}

func (v billView) paperItem(ctx context.Context, p paper) ui.FileItem {
	it := ui.FileItem{Name: lang.T(ctx, "pay.receipt.paper", "number", p.number), Icon: "seal", Detail: lang.T(ctx, "pay.receipt.signed")}
	switch {
	case !p.made:
		it.Detail = lang.T(ctx, "pay.receipt.on-paper")
	case p.href == "":
		it.Detail = lang.T(ctx, "pay.receipt.soon")
	default:
		it.Action = ui.Link{Text: lang.T(ctx, "pay.receipt.download"), Href: p.href}
	}
	return it
}

// form is one of the forms of the page: only the one that was refused has faults.
func (v billView) form(prefix string) ui.Form {
	if v.Form.Prefix == prefix {
		return v.Form
	}
	return ui.Form{Prefix: prefix}
}

// field is a field of one of the forms, with what was typed when that form was refused.
func (v billView) field(ctx context.Context, prefix, name, value string) ui.Field {
	if v.Form.Prefix == prefix && v.Typed.Has(name) {
		value = v.Typed.Get(name)
	}
	f := v.form(prefix).Field(ctx, name, value)
	f.Name = name
	return f
}

// withdrawable is money that may be given back: paid, or not matching.
func (v billView) withdrawable() (out []pay.Payment) {
	for _, p := range v.Payments {
		if p.State != "returned" {
			out = append(out, p)
		}
	}
	return out
}

func tone(s pay.State) ui.Tone {
	switch s {
	case pay.PaidUp:
		return ui.Done
	case pay.Flagged:
		return ui.Soon
	case pay.Pending:
		return ui.Run
	}
	return ui.Pause
}

func stateTag(ctx context.Context, s pay.State) (ui.Tone, string) {
	return tone(s), lang.T(ctx, "pay.state."+string(s))
}

func name(ctx context.Context, t pay.Text) string { return t.In(lang.From(ctx)) }

func columns(ctx context.Context, keys ...string) (out []ui.Column) {
	for i, k := range keys {
		c := ui.Column{Text: lang.T(ctx, k)}
		if i > 0 {
			c.Fold = c.Text
		}
		c.Num = k == "pay.amount"
		out = append(out, c)
	}
	return out
}

func billsTable(ctx context.Context, bills []pay.Bill) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "pay.desk.open"), Columns: columns(ctx, "pay.reference", "pay.payer", "pay.amount", "pay.asked", "pay.state")}
	for _, b := range bills {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: b.Reference, Code: true, Href: PathBill(b.ID)},
			{Text: b.Payer},
			{Text: lang.Money(ctx, b.Amount)},
			{Text: lang.DateTime(ctx, b.AskedAt)},
			{Body: ui.Tag(stateTag(ctx, b.State))},
		}})
	}
	return t
}

func flaggedTable(ctx context.Context, list []pay.FlaggedPayment) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "pay.desk.flagged"), Columns: columns(ctx, "pay.said", "pay.why", "pay.amount", "pay.paid-at", "pay.bill")}
	for _, f := range list {
		said := f.Said
		if said == "" {
			said = f.Reference
		}
		bill := ui.Cell{Text: lang.T(ctx, "pay.bill.unknown")}
		if f.BillID != nil {
			bill = ui.Cell{Text: *f.BillReference, Sub: lang.Money(ctx, *f.BillAmount), Code: true, Href: PathBill(*f.BillID)}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: said, Sub: f.Reference},
			{Text: lang.T(ctx, "pay.flag."+f.Reason)},
			{Text: lang.Money(ctx, f.Amount)},
			{Text: lang.DateTime(ctx, f.PaidAt)},
			bill,
		}})
	}
	return t
}

func linesTable(ctx context.Context, b pay.Bill) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "pay.lines"), Columns: columns(ctx, "pay.line", "pay.quantity", "pay.amount")}
	for _, l := range b.Lines {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: name(ctx, l.Name), Sub: lineType(ctx, l.Type)}, {Text: lang.Number(ctx, max(l.Quantity, 1))}, {Text: lang.Money(ctx, l.Amount)}}})
	}
	return t
}

func lineType(ctx context.Context, kind string) string {
	if kind == "" {
		return ""
	}
	return lang.T(ctx, "pay.type."+kind)
}

// events is what happened to the bill, newest last.
func events(ctx context.Context, v billView) (out []ui.Event) {
	out = append(out, ui.Event{Title: lang.T(ctx, "pay.event.asked", "amount", lang.Money(ctx, v.Bill.Amount)), At: v.Bill.AskedAt, Mark: "done"})
	for _, p := range v.Payments {
		e := ui.Event{Title: lang.T(ctx, "pay.event."+p.State, "amount", lang.Money(ctx, p.Amount), "way", lang.T(ctx, "pay.way."+string(p.Way))), At: p.RecordedAt, Mark: "done"}
		if p.State == "flagged" {
			e.Mark, e.Quote = "note", lang.T(ctx, "pay.flag."+p.Reason)
		}
		out = append(out, e)
	}
	for _, r := range v.Receipts {
		out = append(out, ui.Event{Title: lang.T(ctx, "pay.event.receipt", "number", r.String()), Who: r.Collector, At: r.IssuedAt, Mark: "done"})
		if r.VoidedAt != nil {
			out = append(out, ui.Event{Title: lang.T(ctx, "pay.event.void", "number", r.String()), At: *r.VoidedAt, Mark: "fault", Quote: r.VoidReason})
		}
	}
	for _, f := range v.Refunds {
		out = append(out, ui.Event{Title: lang.T(ctx, "pay.event.refund", "amount", lang.Money(ctx, f.Amount)), At: f.ApprovedAt, Mark: "note", Quote: f.Explained})
	}
	return out
}

func paymentOptions(ctx context.Context, list []pay.Payment) (out []ui.Option) {
	for _, p := range list {
		out = append(out, ui.Option{Value: p.ID.String(), Label: lang.Money(ctx, p.Amount) + " · " + lang.T(ctx, "pay.way."+string(p.Way)) + " · " + lang.DateTime(ctx, p.PaidAt)})
	}
	return out
}

func flaggedOptions(ctx context.Context, list []pay.FlaggedPayment) (out []ui.Option) {
	for _, f := range list {
		out = append(out, ui.Option{Value: f.ID.String(), Label: lang.Money(ctx, f.Amount) + " · " + f.Said + " · " + f.Reference})
	}
	return out
}

func receiptOptions(list []pay.Receipt) (out []ui.Option) {
	for _, r := range list {
		if r.VoidedAt == nil {
			out = append(out, ui.Option{Value: r.ID.String(), Label: r.String()})
		}
	}
	return out
}

func wayOptions(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "cash", Label: lang.T(ctx, "pay.way.cash")}, {Value: "transfer", Label: lang.T(ctx, "pay.way.transfer")}}
}

func reasonOptions(ctx context.Context) (out []ui.Option) {
	for _, r := range pay.RefundReasons {
		out = append(out, ui.Option{Value: r, Label: lang.T(ctx, "pay.refund.reason."+r)})
	}
	return out
}

func payTo(ctx context.Context, v billView) []ui.Fact {
	return []ui.Fact{
		{Name: lang.T(ctx, "pay.to.bank"), Text: bankName(v.To.BIN)},
		{Name: lang.T(ctx, "pay.to.account"), Text: v.To.Account},
		{Name: lang.T(ctx, "pay.to.holder"), Text: v.To.Holder},
		{Name: lang.T(ctx, "pay.amount"), Text: lang.Money(ctx, v.Bill.Amount)},
		{Name: lang.T(ctx, "pay.to.purpose"), Text: v.Bill.Reference},
	}
}

func about(ctx context.Context, v billView) []ui.Fact {
	out := []ui.Fact{
		{Name: lang.T(ctx, "pay.payer"), Text: v.Bill.Payer},
		{Name: lang.T(ctx, "pay.amount"), Text: lang.Money(ctx, v.Bill.Amount)},
		{Name: lang.T(ctx, "pay.words"), Text: lang.MoneyWords(ctx, v.Bill.Amount)},
		{Name: lang.T(ctx, "pay.mode"), Text: lang.T(ctx, "pay.mode."+string(v.Bill.Mode))},
	}
	if v.Bill.DueAt != nil {
		out = append(out, ui.Fact{Name: lang.T(ctx, "pay.due"), Text: lang.DateTime(ctx, *v.Bill.DueAt)})
	}
	if !v.Bill.Refundable {
		out = append(out, ui.Fact{Name: lang.T(ctx, "pay.refund.title"), Text: lang.T(ctx, "pay.refund.never")})
	}
	return out
}
