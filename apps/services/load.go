package services

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/directory"
	"datmui/blocks/forms"
	"datmui/blocks/pay"
	"datmui/blocks/worklist"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// Past is a dossier whose history is told act by act and then loaded in bulk: for the records of
// an older system and for the demonstration. Each act keeps the rules of the act it is named after:
// who may, from which state, with which clock, on whose desk, and one entry in the Book.
type Past struct {
	Dossier
	m       *Module
	def     Definition
	bodies  map[string]directory.Agency
	slip    []Move
	entries []audit.Entry
	asked   []Request
	papers  []Paper
	out     []Outgoing
	desk    *worklist.Item
	bill    *pay.Bill
	payment *pay.Payment
	receipt *pay.Receipt
}

// PastIn is what a history begins with.
type PastIn struct {
	ID        uuid.UUID
	Code      string
	Def       Definition
	Bodies    map[string]directory.Agency // by id: at least receiving and competent body
	Receiving string
	Competent string
	Channel   Channel
	OnBehalf  bool
	Support   string
	Applicant directory.Person
	Owner     directory.Person // the zero Person: the applicant
	Answers   forms.Answers    // as Check gives them
	Papers    []PaperIn
	ReturnWay string
}

// Begin opens a history; Submit or Intake must follow.
func (m *Module) Begin(in PastIn) *Past {
	p := &Past{m: m, def: in.Def, bodies: in.Bodies}
	subject := in.Answers.Text(in.Def.Subject)
	if form, err := m.forms.Current(in.Def.Form); err == nil {
		subject = subjectOf(form, in.Answers, in.Def)
	}
	owner := in.Owner
	if owner.ID == uuid.Nil {
		owner = in.Applicant
	}
	p.Dossier = Dossier{ID: in.ID, Code: in.Code, Procedure: in.Def.Code, Version: in.Def.Version, Channel: in.Channel, OnBehalf: in.OnBehalf,
		ReceivingAgency: in.Receiving, CompetentAgency: in.Competent, HolderAgency: in.Receiving, Applicant: in.Applicant.ID, Owner: owner.ID,
		ApplicantName: in.Applicant.Name, OwnerName: owner.Name, ApplicantPhone: in.Applicant.Phone, Subject: subject,
		Answers: in.Answers, ReturnWay: in.ReturnWay, FeeState: "none", Files: true, Pauses: []Pause{}}
	if in.Support != "" {
		p.SupportAgency = &in.Support
	}
	for _, paper := range in.Papers {
		n := 1
		for _, q := range p.papers {
			if q.Place == paper.Place {
				n++
			}
		}
		row := Paper{Place: paper.Place, N: n, Originals: paper.Originals, Copies: paper.Copies}
		if paper.File != uuid.Nil {
			row.FileID, row.Digitised = &paper.File, 1
		}
		p.papers = append(p.papers, row)
	}
	return p
}

// id gives the k-th row that belongs to the dossier an id of its own, near the dossier's.
func (p *Past) id(k byte) uuid.UUID {
	id := p.ID
	id[15] ^= k
	return id
}

// begin notes that an act happens: its actor must have been allowed to, and time goes forward.
func (p *Past) begin(name string, who actor.Actor, at time.Time, may bool) error {
	if !may {
		return fmt.Errorf("loading %s: %s of %s may not %s", p.Code, who.Name, who.Office, name)
	}
	if n := len(p.entries); n > 0 && at.Before(p.entries[n-1].At) {
		return fmt.Errorf("loading %s: %s happens before what was before it", p.Code, name)
	}
	p.UpdatedAt = at
	p.entries = append(p.entries, audit.Entry{Kind: audit.KindAct, Name: name, At: at, Actor: who, SubjectKind: dossierKind, SubjectID: p.Code,
		Persons: p.AuditPersons(), Detail: map[string]any{}})
	return nil
}

func (p *Past) note(key string, value any) { p.entries[len(p.entries)-1].Detail[key] = value }

func (p *Past) step(to State, step string, mv Move) error {
	e := &p.entries[len(p.entries)-1]
	from := p.State
	mv, err := p.advance(e.Name, e.Actor, e.At, to, step, mv)
	if err != nil {
		return fmt.Errorf("loading %s: %w", p.Code, err)
	}
	p.note("from", int(from))
	p.note("to", int(to))
	p.slip = append(p.slip, mv)
	return nil
}

func (p *Past) put() {
	e := p.entries[len(p.entries)-1]
	it := p.m.deskItem(&p.Dossier, e.Actor.Name, e.At)
	it.ID, it.Started = p.ID, e.At
	p.desk = &it
}

// OnPaper says that everything of this dossier went out on paper: it has no files and never will,
// and was asked for on paper.
func (p *Past) OnPaper() {
	p.Files, p.out = false, nil
	if p.ReturnWay == "online" {
		p.ReturnWay, p.Answers = "counter", p.Answers.With(forms.Answers{"return_way": "counter"})
	}
}

// issue promises a paper that a job will make.
func (p *Past) issue(kind string, data map[string]any) {
	e := p.entries[len(p.entries)-1]
	p.out = append(p.out, waiting(&p.Dossier, p.id(0x80|byte(len(p.out))), kind, data, e.At))
}

// first files the dossier: fee, papers, procedure.
func (p *Past) first(name string, who actor.Actor, at time.Time, may bool) error {
	if p.State != None {
		return fmt.Errorf("loading %s: it is filed already", p.Code)
	}
	if err := p.begin(name, who, at, may); err != nil {
		return err
	}
	p.FiledAt = at
	p.note("procedure", fmt.Sprintf("%s v%d", p.Procedure, p.Version))
	for i := range p.papers {
		p.papers[i].AddedAt = at
	}
	if p.def.FeeMode == "none" {
		return nil
	}
	fee, err := p.m.Fee(p.Procedure, p.def, p.Channel, p.Answers, calendar.DateOf(at))
	if err != nil {
		return err
	}
	switch {
	case !fee.Known:
		p.FeeState = "unknown"
	case fee.Amount == 0:
		p.Fee = &fee.Amount
	default:
		p.Fee, p.FeeState = &fee.Amount, "due"
		p.ask(fee.Lines, fee.Amount, fee.Refund == "never", at)
	}
	return nil
}

func (p *Past) ask(lines []pay.FeeLine, amount int64, final bool, at time.Time) {
	p.bill = &pay.Bill{ID: p.id(1), SubjectKind: dossierKind, SubjectID: p.ID, Agency: p.ReceivingAgency, Procedure: p.Procedure, Reference: p.Code,
		PayerID: &p.Applicant, Payer: p.ApplicantName, Mode: pay.Mode(p.def.FeeMode), Lines: lines, Amount: amount, State: pay.Pending,
		Refundable: !final, AskedAt: at}
}

func (p *Past) mayFile(who actor.Actor) bool {
	if who.Kind == actor.Citizen {
		return who.ID == p.Applicant && who.Level >= 2 && p.Channel == Online
	}
	return p.mayBeReceivedBy(who)
}

// Submit is the filing.
func (p *Past) Submit(ctx context.Context, who actor.Actor, at time.Time) error {
	if err := p.first("services.dossier.submit", who, at, p.mayFile(who)); err != nil {
		return err
	}
	if err := p.m.answerDue(ctx, &p.Dossier, at); err != nil {
		return err
	}
	if err := p.step(Registered, StepIntake, Move{}); err != nil {
		return err
	}
	p.put()
	p.issue(OutgoingReceipt, nil)
	return nil
}

// Intake is filing and acceptance at the counter; a prepaid fee keeps the dossier at Registered.
func (p *Past) Intake(ctx context.Context, who actor.Actor, at time.Time) error {
	if err := p.first("services.dossier.intake", who, at, p.mayBeReceivedBy(who)); err != nil {
		return err
	}
	if p.def.FeeMode == "prepaid" && p.owes() {
		if err := p.step(Registered, StepIntake, Move{}); err != nil {
			return err
		}
		p.put()
		p.issue(OutgoingReceipt, nil)
		return nil
	}
	return p.accepted(ctx, at)
}

// Accept starts the clock.
func (p *Past) Accept(ctx context.Context, who actor.Actor, at time.Time) error {
	if err := p.begin("services.dossier.accept", who, at, p.mayBeReceivedBy(who)); err != nil {
		return err
	}
	if p.State == AwaitingSupplement && p.AcceptedAt != nil {
		return illegal(p.State, Accepted)
	}
	if p.def.FeeMode == "prepaid" && p.owes() {
		return fault.Conflict("services.unpaid")
	}
	return p.accepted(ctx, at)
}

func (p *Past) accepted(ctx context.Context, at time.Time) error {
	p.AcceptedAt, p.AnswerDue, p.Pauses, p.StageRequests = &at, nil, []Pause{}, 0
	if err := p.m.term(ctx, &p.Dossier, p.def); err != nil {
		return err
	}
	p.HolderAgency, p.Holder = p.CompetentAgency, nil
	if err := p.step(Accepted, StepAssign, Move{}); err != nil {
		return err
	}
	p.put()
	p.issue(OutgoingForm01, nil)
	return nil
}

// Refuse turns the dossier away at the counter.
func (p *Past) Refuse(who actor.Actor, at time.Time, reason, basis string) error {
	if err := p.begin("services.dossier.refuse", who, at, p.mayBeReceivedBy(who)); err != nil {
		return err
	}
	p.Basis, p.AnswerDue, p.desk = basis, nil, nil
	if err := p.step(Refused, StepEnd, Move{Note: reason, Basis: basis}); err != nil {
		return err
	}
	p.voidBill(at, "refused")
	p.issue(OutgoingForm03, map[string]any{"reason": reason, "basis": basis})
	return nil
}

// Take puts the dossier on the officer's own desk.
func (p *Past) Take(who actor.Actor, at time.Time) error {
	if err := p.begin("services.dossier.take", who, at, p.State == Accepted && p.mayBeHandledBy(who)); err != nil {
		return err
	}
	p.HolderAgency, p.Holder = p.CompetentAgency, &who.ID
	if err := p.step(Processing, StepHandle, Move{ToName: who.Name}); err != nil {
		return err
	}
	p.put()
	return nil
}

// Forward hands the dossier to a colleague.
func (p *Past) Forward(who actor.Actor, at time.Time, to actor.Actor, note string) error {
	may := p.Step == StepHandle && (p.mayBeWorkedBy(who) || p.mayBeDecidedBy(who)) && p.mayBeHandledBy(to)
	if err := p.begin("services.dossier.forward", who, at, may); err != nil {
		return err
	}
	p.Holder = &to.ID
	if err := p.step(Processing, StepHandle, Move{ToName: to.Name, Note: note}); err != nil {
		return err
	}
	p.put()
	return nil
}

// Ask asks once for all that is missing.
func (p *Past) Ask(ctx context.Context, who actor.Actor, at time.Time, items []Item, basis string) error {
	stage, may := "processing", p.Step == StepHandle && p.mayBeWorkedBy(who)
	if p.State == Registered {
		stage, may = "intake", p.mayBeReceivedBy(who)
	}
	if err := p.begin("services.dossier.ask", who, at, may && p.StageRequests == 0); err != nil {
		return err
	}
	by, err := p.m.supplyBy(ctx, p.Dossier, p.def, at)
	if err != nil {
		return err
	}
	q := Request{ID: p.id(2 + byte(len(p.asked))), DossierID: p.ID, Stage: stage, State: "asked", Items: items, Basis: basis, AskedBy: who.ID, AskedAt: at, SupplyBy: by}
	switch {
	case p.mayBeDecidedBy(who):
		q.ApprovedBy = &who.ID
	case stage == "processing":
		q.State = "proposed"
	}
	p.asked = append(p.asked, q)
	if q.State == "asked" {
		return p.askNow(q, at)
	}
	if err := p.step(Processing, StepApprove, Move{Note: summary(items), Basis: basis}); err != nil {
		return err
	}
	p.put()
	return nil
}

func (p *Past) askNow(q Request, at time.Time) error {
	p.StageRequests++
	p.AnswerDue = nil
	p.pause(at)
	if err := p.step(AwaitingSupplement, StepCitizen, Move{Note: summary(q.Items), Basis: q.Basis}); err != nil {
		return err
	}
	p.put()
	p.issue(OutgoingForm02, map[string]any{"request": q.ID})
	return nil
}

// ApproveAsk is the head's yes to the request of a case officer.
func (p *Past) ApproveAsk(ctx context.Context, who actor.Actor, at time.Time) error {
	if err := p.begin("services.dossier.approve-ask", who, at, p.Step == StepApprove && p.mayBeDecidedBy(who)); err != nil {
		return err
	}
	q := &p.asked[len(p.asked)-1]
	by, err := p.m.supplyBy(ctx, p.Dossier, p.def, at)
	if err != nil {
		return err
	}
	q.State, q.ApprovedBy, q.AskedAt, q.SupplyBy = "asked", &who.ID, at, by
	return p.askNow(*q, at)
}

// Supplement gives all that was asked for, on paper.
func (p *Past) Supplement(ctx context.Context, who actor.Actor, at time.Time) error {
	if err := p.begin("services.dossier.supplement", who, at, p.isCitizens(who) || p.mayBeReceivedBy(who)); err != nil {
		return err
	}
	q := p.open()
	if p.State != AwaitingSupplement || q == nil {
		return fault.Conflict("services.nothing-asked")
	}
	q.AnsweredAt = &at
	for i := range q.Items {
		q.Items[i].Answered = true
	}
	to, step := Processing, StepHandle
	if q.Stage == "intake" {
		to, step = Registered, StepIntake
		if err := p.m.answerDue(ctx, &p.Dossier, at); err != nil {
			return err
		}
	} else if err := p.m.resume(ctx, &p.Dossier, p.def, at); err != nil {
		return err
	}
	if err := p.step(to, step, Move{}); err != nil {
		return err
	}
	p.put()
	return nil
}

func (p *Past) open() *Request {
	if n := len(p.asked); n > 0 && p.asked[n-1].State == "asked" && p.asked[n-1].AnsweredAt == nil {
		return &p.asked[n-1]
	}
	return nil
}

// SetFee enters the amount that the schedule does not know.
func (p *Past) SetFee(who actor.Actor, at time.Time, amount int64, basis string) error {
	if err := p.begin("services.dossier.set-fee", who, at, p.mayBeReceivedBy(who) || p.mayBePaidTo(who)); err != nil {
		return err
	}
	if p.FeeState != "unknown" || p.State.Terminal() {
		return fault.Conflict("services.fee-known")
	}
	p.note("amount", amount)
	p.note("basis", basis)
	p.Fee, p.FeeState = &amount, "due"
	if amount == 0 {
		p.FeeState = "waived"
		return nil
	}
	p.ask([]pay.FeeLine{{Name: pay.Text{Vi: p.def.Name, En: p.def.NameEN}, Type: "charge", Quantity: 1, Unit: amount, Amount: amount}}, amount, false, at)
	return nil
}

// AskFee waits for the fee with the clock stopped.
func (p *Past) AskFee(who actor.Actor, at time.Time) error {
	may := p.mayBeReceivedBy(who)
	switch p.State {
	case Processing:
		may = p.mayBeWorkedBy(who) && p.Step == StepHandle
	case Finished:
		may = p.mayBePaidTo(who) || p.mayBeReturnedBy(who)
	}
	if err := p.begin("services.dossier.ask-fee", who, at, may && p.FeeState == "due"); err != nil {
		return err
	}
	if p.State == Processing {
		p.pause(at)
	}
	p.AnswerDue = nil
	if err := p.step(AwaitingPayment, StepCitizen, Move{}); err != nil {
		return err
	}
	p.put()
	return nil
}

// Pay is the cashier's word that the fee is there; n is the number of the receipt in its series.
func (p *Past) Pay(ctx context.Context, who actor.Actor, at time.Time, way pay.Way, reference string, n int) error {
	if p.bill == nil || !p.bill.Open() {
		return fault.Conflict("services.no-fee-due")
	}
	if err := p.begin("pay.payment.confirm", who, at, p.mayBePaidTo(who)); err != nil {
		return err
	}
	e := &p.entries[len(p.entries)-1]
	e.Persons = append(p.bill.AuditPersons(), e.Persons...)
	p.note("amount", p.bill.Amount)
	p.note("way", way)
	pm, r := p.m.pay.Past(p.bill, p.id(1), who, at, way, reference, n)
	p.payment, p.receipt = &pm, &r
	p.FeeState = "paid"
	defer func() { p.issue(OutgoingPayment, map[string]any{"receipt": r.String()}) }()
	if p.State != AwaitingPayment {
		return nil
	}
	from := *p.slip[len(p.slip)-1].FromState
	var err error
	switch from {
	case Registered:
		err = p.m.answerDue(ctx, &p.Dossier, at)
	case Processing:
		err = p.m.resume(ctx, &p.Dossier, p.def, at)
	}
	if err != nil {
		return err
	}
	if err := p.step(from, map[State]string{Registered: StepIntake, Processing: StepHandle, Finished: StepReturn}[from], Move{Note: r.String()}); err != nil {
		return err
	}
	p.put()
	return nil
}

// Propose lays a result before the leader.
func (p *Past) Propose(who actor.Actor, at time.Time, outcome, reason, basis string) error {
	if err := p.begin("services.dossier.propose", who, at, p.Step == StepHandle && p.mayBeWorkedBy(who)); err != nil {
		return err
	}
	p.Proposed, p.Basis = &outcome, basis
	if err := p.step(Processing, StepSign, Move{Note: reason, Basis: basis}); err != nil {
		return err
	}
	p.put()
	return nil
}

// SendBack is the leader's "not like this".
func (p *Past) SendBack(who actor.Actor, at time.Time, reason string) error {
	if err := p.begin("services.dossier.send-back", who, at, p.Step == StepSign && p.mayBeDecidedBy(who)); err != nil {
		return err
	}
	p.Proposed, p.Basis = nil, ""
	if err := p.step(Processing, StepHandle, Move{Note: reason}); err != nil {
		return err
	}
	p.put()
	return nil
}

// Sign is the leader's signature.
func (p *Past) Sign(who actor.Actor, at time.Time) error {
	if err := p.begin("services.dossier.sign", who, at, p.Step == StepSign && p.mayBeDecidedBy(who)); err != nil {
		return err
	}
	p.DecidedBy, p.DecidedAt = &who.ID, &at
	if err := p.step(Processing, StepNumber, Move{}); err != nil {
		return err
	}
	p.put()
	return nil
}

// Number ends processing with the n-th number of the series ResultSeries.
func (p *Past) Number(who actor.Actor, at time.Time, n int) error {
	if err := p.begin("services.dossier.number", who, at, p.Step == StepNumber && p.mayBeNumberedBy(who)); err != nil {
		return err
	}
	full := fmt.Sprintf("%02d/%s-%s", n, p.def.Result.Symbol, abbreviation(p.bodies[p.CompetentAgency].Name))
	p.Dossier.Number, p.FinishedAt, p.Outcome = &full, &at, p.Proposed
	p.HolderAgency = p.ReceivingAgency
	if err := p.step(Finished, StepReturn, Move{Note: full, Timing: p.timing(at)}); err != nil {
		return err
	}
	p.put()
	return nil
}

// ResultSeries is the name of the series in which a body numbers the results of a procedure.
func (d Definition) ResultSeries() string { return "result." + d.Result.Symbol }

// Return hands the result over at the desk.
func (p *Past) Return(who actor.Actor, at time.Time, receiver string) error {
	if err := p.begin("services.dossier.return", who, at, p.mayBeReturnedBy(who)); err != nil {
		return err
	}
	return p.handOver(at, receiver)
}

// Collect is the citizen's download.
func (p *Past) Collect(who actor.Actor, at time.Time) error {
	if err := p.begin("services.dossier.collect", who, at, p.isCitizens(who) && !p.def.AtReturn); err != nil {
		return err
	}
	return p.handOver(at, who.Name)
}

func (p *Past) handOver(at time.Time, receiver string) error {
	if p.owes() {
		return fault.Conflict("services.unpaid")
	}
	p.ReturnedAt, p.desk = &at, nil
	return p.step(Returned, StepEnd, Move{Note: receiver, Timing: p.timing(cmp.Or(*p.FinishedAt, at))})
}

// Withdraw ends the dossier at the applicant's wish.
func (p *Past) Withdraw(who actor.Actor, at time.Time, reason string) error {
	if err := p.begin("services.dossier.withdraw", who, at, p.isCitizens(who) && who.Level >= 2 && p.DecidedAt == nil); err != nil {
		return err
	}
	if p.PausedAt != nil {
		p.Pauses[len(p.Pauses)-1].To, p.PausedAt = at, nil
	}
	p.AnswerDue, p.desk = nil, nil
	if q := p.open(); q != nil {
		q.AnsweredAt = &at
	}
	p.voidBill(at, "withdrawn")
	return p.step(Withdrawn, StepEnd, Move{Note: reason})
}

// voidBill takes back what was asked for and not paid.
func (p *Past) voidBill(at time.Time, why string) {
	if p.bill != nil && p.bill.State == pay.Pending {
		p.bill.State, p.bill.SettledAt, p.bill.Note = pay.Void, &at, why
	}
}

// Stop ends processing by the signer's decision.
func (p *Past) Stop(who actor.Actor, at time.Time, reason, basis string) error {
	may := p.mayBeDecidedBy(who) && p.DecidedAt == nil && (p.State == Processing || p.State == AwaitingPayment)
	if err := p.begin("services.dossier.stop", who, at, may); err != nil {
		return err
	}
	return p.stopped(at, reason, basis)
}

// Expire stops a dossier whose supplement was not given in time.
func (p *Past) Expire(at time.Time) error {
	q := p.open()
	if q == nil || at.Before(q.SupplyBy) {
		return errors.New("loading: nothing has expired")
	}
	if err := p.begin("services.dossier.expire", actor.ForSystem(ExpireSupplements{}.Kind()), at, true); err != nil {
		return err
	}
	return p.stopped(at, "Quá thời hạn bổ sung: "+summary(q.Items), cmp.Or(q.Basis, "—"))
}

func (p *Past) stopped(at time.Time, reason, basis string) error {
	p.pause(at)
	p.Basis, p.desk = basis, nil
	if q := p.open(); q != nil {
		q.AnsweredAt = &at
	}
	if err := p.step(Stopped, StepEnd, Move{Note: reason, Basis: basis}); err != nil {
		return err
	}
	p.issue(OutgoingForm05, map[string]any{"reason": reason, "basis": basis})
	return nil
}

// Resume lets a stopped dossier go on.
func (p *Past) Resume(ctx context.Context, who actor.Actor, at time.Time, reason, basis string) error {
	if err := p.begin("services.dossier.resume", who, at, p.mayBeDecidedBy(who) && p.AcceptedAt != nil); err != nil {
		return err
	}
	if err := p.m.resume(ctx, &p.Dossier, p.def, at); err != nil {
		return err
	}
	p.Basis = ""
	if err := p.step(Processing, StepHandle, Move{Note: reason, Basis: basis}); err != nil {
		return err
	}
	p.put()
	return nil
}

// Extend puts the promise off, once and before it is broken.
func (p *Past) Extend(ctx context.Context, who actor.Actor, at time.Time, days int, reason string) error {
	may := p.mayBeDecidedBy(who) && (p.State == Processing || p.State == Accepted) && p.Extensions == 0 && !p.Late(at)
	if err := p.begin("services.dossier.extend", who, at, may); err != nil {
		return err
	}
	p.Extensions, p.ExtendedDays = 1, days
	before := *p.DueAt
	if err := p.m.prolong(ctx, &p.Dossier); err != nil {
		return err
	}
	p.put()
	p.issue(OutgoingForm04, map[string]any{"reason": reason, "before": before.UTC(), "after": p.DueAt.UTC()})
	return nil
}

// Receipt is the receipt of the payment, nil without one.
func (p *Past) Receipt() *pay.Receipt { return p.receipt }

// Load writes histories in bulk, inside Book.Batch. It returns the number of rows.
func (m *Module) Load(ctx context.Context, tx pgx.Tx, pasts []*Past) (int64, error) {
	return newLoad(tx, pasts).run(ctx)
}
