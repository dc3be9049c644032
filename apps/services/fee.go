package services

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/forms"
	"datmui/blocks/letters"
	"datmui/blocks/pay"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

var channelWord = map[Channel]string{Counter: "counter", Online: "online", Post: "post"}

// quote sets the fee of a new dossier by the rules in force on its day and asks for it. A fee that
// nobody has entered stays unknown, never 0: the officer says it on acceptance.
// law: public-services.md 14 — rule kinds; 12 — HĐND fees.
func (m *Module) quote(ctx context.Context, act *audit.Act, d *Dossier, def Definition) error {
	if def.FeeMode == "none" {
		return nil
	}
	fee, err := m.Fee(d.Procedure, def, d.Channel, d.Answers, calendar.DateOf(act.At))
	if err != nil {
		return err
	}
	switch {
	case !fee.Known:
		d.FeeState = "unknown"
		return nil
	case fee.Amount == 0:
		d.Fee = &fee.Amount
		return nil
	}
	d.Fee, d.FeeState = &fee.Amount, "due"
	return m.bill(ctx, act, d, def, fee.Lines, fee.Refund == "never")
}

// bill asks for money in the pay block.
func (m *Module) bill(ctx context.Context, act *audit.Act, d *Dossier, def Definition, lines []pay.FeeLine, final bool) error {
	_, err := m.pay.RequestPayment(ctx, act, pay.BillIn{SubjectKind: dossierKind, SubjectID: d.ID, Agency: d.ReceivingAgency, Procedure: d.Procedure,
		Reference: d.Code, PayerID: d.Applicant, Payer: d.ApplicantName, Mode: pay.Mode(def.FeeMode), Lines: lines, Final: final})
	return err
}

// Fee is what a filing with these answers costs on a day.
func (m *Module) Fee(procedure string, def Definition, channel Channel, answers forms.Answers, day calendar.Date) (pay.Fee, error) {
	set := map[string]string{"channel": channelWord[channel]}
	for fact, name := range def.FeeFacts {
		if v := answers.Text(name); v != "" {
			set[fact] = v
		}
	}
	for fact, name := range def.FeeDays {
		if from, ok := answers.Date(name); ok {
			set[fact] = strconv.Itoa(max(int(day-calendar.DateOf(from)), 0))
		}
	}
	facts, err := pay.ParseFacts(set, day)
	if err != nil {
		return pay.Fee{}, fmt.Errorf("the fee of %s: %w", procedure, err)
	}
	return m.pay.Schedule().FeeBy(procedure, def.FeeRules(m.pay.Schedule()), facts)
}

// FeeRules are the fee rules of a version: those entered with it, else the schedule's; nil where
// neither has any.
func (d Definition) FeeRules(schedule *pay.Schedule) *pay.Procedures {
	if d.Fees != nil {
		return d.Fees
	}
	return schedule.Rules(d.Code)
}

// SetFeeIn is the amount that an officer enters where the schedule knows none.
type SetFeeIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Amount  int64     `form:"amount"` // đồng
	Basis   string    `form:"basis"`  // the resolution, or why nothing is to be paid
}

// SetFee enters the fee that the provincial council has set but nobody has put into the schedule.
func (m *Module) SetFee(ctx context.Context, in SetFeeIn) error {
	f := fault.Fields{}
	if in.Amount < 0 || in.Amount > 1_000_000_000 {
		f.Set("amount", "out-of-range")
	}
	if strings.TrimSpace(in.Basis) == "" {
		f.Set("basis", "required")
	}
	if len(in.Basis) > 1000 {
		f.Set("basis", "too-long")
	}
	if f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.dossier.set-fee", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeReceivedBy(act.Actor) && !d.mayBePaidTo(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.FeeState != "unknown" || d.State.Terminal() {
			return fault.Conflict("services.fee-known")
		}
		d.Fee, d.FeeState = &in.Amount, "due"
		if in.Amount == 0 {
			d.FeeState = "waived"
		}
		act.Note("amount", in.Amount)
		act.Note("basis", in.Basis)
		d.save(act)
		if in.Amount == 0 {
			return nil
		}
		if err := m.bill(ctx, act, &d, def, []pay.FeeLine{{Name: pay.Text{Vi: def.Name, En: def.NameEN}, Type: "charge", Quantity: 1, Unit: in.Amount, Amount: in.Amount}}, false); err != nil {
			return err
		}
		m.tellApplicant(ctx, act, &d, PaymentAsked{Code: d.Code, Procedure: def.Name, Amount: in.Amount, Path: pathOf(&d)})
		return nil
	}, audit.Once(in.Client, in, nil))
}

// AskFeeIn moves a dossier to "financial obligation" until it is paid.
type AskFeeIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
}

// AskFee asks for the fee and stops the clock until it is paid.
// law: public-services.md 6.2 — 1→6, 4→6, 9→6.
func (m *Module) AskFee(ctx context.Context, in AskFeeIn) error {
	return m.book.Act(ctx, "services.dossier.ask-fee", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		may := d.mayBeReceivedBy(act.Actor)
		switch d.State {
		case Processing:
			may = d.mayBeWorkedBy(act.Actor)
		case Finished:
			may = d.mayBePaidTo(act.Actor) || d.mayBeReturnedBy(act.Actor)
		}
		if !may {
			return fault.NotFound("services.dossier")
		}
		if d.Step == StepPost {
			return fault.Conflict("services.in-the-post")
		}
		if d.Step == StepWaits {
			return fault.Conflict("services.on-other-desk")
		}
		if d.FeeState != "due" || d.State == Registered && def.FeeMode != "prepaid" {
			return fault.Conflict("services.no-fee-due") // law: public-services.md 6.2 — 1→6: prepaid fee
		}
		if d.State == Processing {
			if d.Step != StepHandle {
				return fault.Conflict("services.on-other-desk")
			}
			d.pause(act.At)
		}
		d.AnswerDue = nil
		if err := d.move(act, AwaitingPayment, StepCitizen, Move{}); err != nil {
			return err
		}
		by, err := m.payBy(ctx, d, def, act.At)
		if err != nil {
			return err
		}
		d.Term = &PayTerm{N: d.Moves, AskedAt: act.At, PayBy: by}
		act.Queue(payTermInsert, d.ID, d.Term.N, d.Term.AskedAt, d.Term.PayBy)
		d.save(act)
		m.onDesk(act, &d)
		m.tellApplicant(ctx, act, &d, PaymentDue{Code: d.Code, Procedure: def.Name, Amount: *d.Fee, PayBy: by, Path: pathOf(&d)})
		return nil
	}, audit.Once(in.Client, in, nil))
}

// PayIn starts the payment of what a dossier owes.
type PayIn struct {
	Dossier uuid.UUID
	Client  string
}

// Pay starts the payment of the open bill for the person concerned: it writes down who is about to
// pay what, and gives the bill as it stands. The money counts when the bank tells of it.
// law: public-services.md 14 — a transfer is only a claim until a notice or statement line matches.
func (m *Module) Pay(ctx context.Context, in PayIn) (pay.Bill, error) {
	var id uuid.UUID
	err := m.book.Act(ctx, "services.dossier.pay", func(ctx context.Context, act *audit.Act) error {
		d, err := lock(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBePaidFor(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		rec := Record{Dossier: d}
		if rec.Bills, err = m.pay.BillsOf(ctx, act, d.ID); err != nil {
			return err
		}
		bill, ok := rec.OpenBill()
		if !ok {
			return fault.Conflict("services.no-fee-due")
		}
		id = bill.ID
		act.Note("bill", id)
		act.Note("amount", bill.Amount)
		return nil
	}, audit.Once(in.Client, in, &id))
	if err != nil {
		return pay.Bill{}, err
	}
	return m.pay.Bill(ctx, id)
}

// paid is told by the pay block, in the transaction that confirms a payment.
// law: public-services.md 6.2 — 6→1, 6→4, 6→9: goes back where it came from.
func (m *Module) paid(ctx context.Context, act *audit.Act, p pay.Paid) error {
	d, def, err := m.lockWith(ctx, act, p.Bill.SubjectID)
	if err != nil {
		return err
	}
	d.FeeState = "paid"
	if d.State == AwaitingPayment {
		var from State
		if err := act.QueryRow(ctx, `SELECT from_state FROM services.move WHERE dossier_id = $1 AND n = $2`, d.ID, d.Moves).Scan(&from); err != nil {
			return fmt.Errorf("where %s came from: %w", d.Code, err)
		}
		step := map[State]string{Registered: StepIntake, Processing: StepHandle, Finished: StepReturn}[from]
		switch from {
		case Registered:
			err = m.answerDue(ctx, &d, act.At)
		case Processing:
			err = m.resume(ctx, &d, def, act.At)
		}
		if err != nil {
			return err
		}
		if err := d.move(act, from, step, Move{Note: p.Receipt.String()}); err != nil {
			return err
		}
		m.onDesk(act, &d)
	}
	d.save(act)
	m.issue(act, &d, OutgoingPayment, map[string]any{"receipt": p.Receipt.String()})
	if err := m.tellPaid(ctx, act, &d, p.Bill); err != nil {
		return err
	}
	m.tellApplicant(ctx, act, &d, PaidNotice{Code: d.Code, Receipt: p.Receipt.String(), Amount: p.Bill.Amount, Path: pathOf(&d)})
	return nil
}

// receiptAnew is told of a receipt that takes the place of a void one: the paper before it no longer
// holds, and a new one is made.
// law: public-services.md 14 — kept, voided by a record, not by deletion.
func (m *Module) receiptAnew(ctx context.Context, act *audit.Act, p pay.Paid) error {
	d, err := lock(ctx, act, p.Bill.SubjectID)
	if err != nil {
		return err
	}
	act.Queue(`UPDATE services.outgoing SET state = 'replaced' WHERE dossier_id = $1 AND kind = $2 AND state <> 'replaced'`, d.ID, OutgoingPayment)
	m.issue(act, &d, OutgoingPayment, map[string]any{"receipt": p.Receipt.String()})
	return nil
}

// paymentPaper writes the receipt of a fee as a paper.
func (m *Module) paymentPaper(ctx context.Context, d Dossier, number string, h letters.Head) (letters.Paper, error) {
	bills, err := m.pay.BillsOf(ctx, m.db, d.ID)
	if err != nil {
		return letters.Paper{}, err
	}
	for _, b := range bills {
		list, err := m.pay.ReceiptsOf(ctx, b.ID)
		if err != nil {
			return letters.Paper{}, err
		}
		for _, r := range list {
			if r.String() != number {
				continue
			}
			out := letters.Receipt{Head: h, Template: r.Template, Series: r.Series, Serial: r.Number, Payer: r.Payer, Amount: r.Amount,
				Way: payWay[r.Way], Collector: r.Collector, PaidAt: r.IssuedAt}
			for _, l := range r.Lines {
				out.Lines = append(out.Lines, letters.PaidLine{Name: l.Name.Vi, Amount: l.Amount})
			}
			return out.Paper(), nil
		}
	}
	return letters.Paper{}, fmt.Errorf("dossier %s has no receipt %s", d.Code, number)
}

// payWay is how the money came, as the receipt writes it.
var payWay = map[pay.Way]string{pay.Cash: "Tiền mặt", pay.Transfer: "Chuyển khoản", pay.Platform: "Nền tảng thanh toán trực tuyến"}

// ReceiptFile is the signed paper of a receipt.
type ReceiptFile struct {
	FileID *uuid.UUID // nil until it has been made
	Files  bool       // false: the dossier is older than the system, its receipt was given on paper
}

// ReceiptFile finds the paper of a receipt.
func (m *Module) ReceiptFile(ctx context.Context, dossier uuid.UUID, number string) (ReceiptFile, error) {
	return pg.One[ReceiptFile](m.db.Query(ctx, `SELECT o.file_id, d.files FROM services.dossier d
		LEFT JOIN services.outgoing o ON o.dossier_id = d.id AND o.kind = $2 AND o.number = $3 AND o.file_id IS NOT NULL
		WHERE d.id = $1`, dossier, OutgoingPayment, number))
}

// mayBePaid is asked by the pay block before money for a dossier is taken: what has ended owes
// nothing, also where its bill was asked for before.
// law: public-services.md 6.2 — payment belongs to states 1, 4, 6 and 9, none of which has ended.
func (m *Module) mayBePaid(ctx context.Context, act *audit.Act, dossier uuid.UUID) error {
	state, err := pg.Value[State](act.Query(ctx, `SELECT state FROM services.dossier WHERE id = $1 FOR SHARE`, dossier))
	if err == nil && state.Terminal() {
		return fault.Conflict("services.no-money")
	}
	return err
}

// CashIn is the cashier's word that the fee is there.
type CashIn struct {
	Dossier   uuid.UUID `form:"id"`
	Client    string    `form:"client"`
	Method    string    `form:"method"` // cash or transfer
	Reference string    `form:"reference"`
}

// Cash confirms the open bill of a dossier, to the đồng.
func (m *Module) Cash(ctx context.Context, in CashIn) error {
	d, err := pg.One[Dossier](m.db.Query(ctx, `SELECT `+dossierColumns+` FROM services.dossier WHERE id = $1`, in.Dossier))
	if fault.KindOf(err) == fault.KindNotFound || err == nil && !d.mayBePaidTo(actor.From(ctx)) {
		return fault.NotFound("services.dossier")
	}
	if err != nil {
		return err
	}
	bills, err := m.pay.BillsOf(ctx, m.db, d.ID)
	if err != nil {
		return err
	}
	paid := len(bills) > 0 && bills[len(bills)-1].State == pay.PaidUp // this may be the second send
	if d.State.Terminal() && !paid {                                  // nothing is owed for what has ended
		return fault.Conflict("services.no-money")
	}
	for i, b := range bills {
		if !b.Open() && i+1 < len(bills) { // the last one also when it is paid
			continue
		}
		_, err := m.pay.Confirm(ctx, pay.ConfirmIn{Bill: b.ID, Way: pay.Way(in.Method), Amount: b.Amount, Reference: in.Reference, Client: in.Client})
		return err
	}
	return fault.Conflict("services.no-fee-due")
}

// feeText is the fee as Form 01 writes it.
func feeText(d Dossier) string {
	switch {
	case d.FeeState == "unknown":
		return "Mức thu do Hội đồng nhân dân tỉnh quy định, cán bộ báo khi tiếp nhận"
	case d.Fee == nil || *d.Fee == 0:
		return ""
	case d.FeeState == "paid":
		return lang.Money(context.Background(), *d.Fee) + ", đã nộp"
	}
	return lang.Money(context.Background(), *d.Fee) + ", nộp khi nhận kết quả"
}
