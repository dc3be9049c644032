package services

import (
	"context"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/notify"
)

// The notices of this app, one type each. Fields are all that their texts need; Path is where the
// reader goes on.
type (
	// Filed says that the dossier has arrived and until when the counter answers.
	Filed struct {
		Code, Procedure, Path string
		AnswerBy              time.Time
	}
	// AcceptedNotice says that the clock runs and until when.
	AcceptedNotice struct {
		Code, Procedure, Path string
		DueAt                 time.Time
	}
	// RefusedNotice says why intake was refused.
	RefusedNotice struct{ Code, Procedure, Reason, Path string }
	// SupplementAsked says how much is missing and until when to give it.
	SupplementAsked struct {
		Code, Procedure, Path string
		Items                 int
		SupplyBy              time.Time
	}
	// Supplied tells the case officer that the citizen has answered.
	Supplied struct{ Code, Path string }
	// PaymentAsked says what is to be paid.
	PaymentAsked struct {
		Code, Procedure, Path string
		Amount                int64 // đồng
	}
	// PaymentDue says what is to be paid and until when: when it is asked for, and once more before the day.
	PaymentDue struct {
		Code, Procedure, Path string
		Amount                int64 // đồng
		PayBy                 time.Time
	}
	// PaymentLate says that the day to pay has passed and what follows.
	PaymentLate PaymentDue
	// PaymentHolds says the same where the result is signed: it waits, and is never stopped.
	PaymentHolds PaymentDue
	// PaidNotice says that the payment has arrived.
	PaidNotice struct {
		Code, Receipt, Path string
		Amount              int64 // đồng
	}
	// TakenBack tells the applicant that her dossier is withdrawn.
	TakenBack struct{ Code, Procedure, Path string }
	// WithdrawnNotice tells the case officer that the citizen took the dossier back.
	WithdrawnNotice struct{ Code, Path string }
	// Forwarded tells a colleague that a dossier is now hers.
	Forwarded struct{ Code, From, Note, Path string }
	// SentBack tells the case officer why the leader did not sign.
	SentBack struct{ Code, From, Reason, Path string }
	// DecisionReady says that the result is signed and sealed.
	DecisionReady struct{ Code, Procedure, Outcome, Path string }
	// ReturnedNotice says that the result was handed over and asks for a rating.
	ReturnedNotice struct{ Code, Procedure, Path string }
	// OriginalDiffers tells the citizen in what her original differs from what she filed.
	OriginalDiffers struct{ Code, Procedure, What, Path string }
	// OriginalDiffersHere tells who signed the result the same.
	OriginalDiffersHere struct{ Code, Procedure, What, Path string }
	// PostedNotice says by which carrier and number the result is on its way.
	PostedNotice struct{ Code, Procedure, Carrier, Number, Path string }
	// CameBackNotice says that the result could not be delivered, and why.
	CameBackNotice struct{ Code, Procedure, Reason, Path string }
	// ActedForNotice tells whose matter it is that somebody acts for her.
	ActedForNotice struct{ Code, Procedure, Who, Scope, Path string }
	// StoppedNotice says that processing was stopped and why.
	StoppedNotice struct{ Code, Procedure, Reason, Path string }
	// Extended apologises and names the new day.
	Extended struct {
		Code, Procedure, Reason, Path string
		Before, After                 time.Time
	}
	// PutOff names the new day of a promise when days off were announced later.
	PutOff struct {
		Code, Procedure, Path string
		Before, After         time.Time
	}
	// OpinionAsked tells a body what it is asked and until when.
	OpinionAsked struct {
		Code, Procedure, From, Path string
		DueAt                       time.Time
	}
	// OpinionGiven tells who asked that a body has answered.
	OpinionGiven struct{ Code, Body, Verdict, Path string }
	// OpinionByLaw tells who asked that a body's silence counts as consent.
	OpinionByLaw struct{ Code, Body, Basis, Path string }
	// OpinionLate reminds the body asked and who asked it.
	OpinionLate struct {
		Code, Body, Path string
		DueAt            time.Time
	}
	// BulkOver tells who ordered it that work on many dossiers is over.
	BulkOver struct {
		Done, Failed, Total int
		Path                string
	}
	// OpinionTakenBack tells the body asked that its answer is no longer needed.
	OpinionTakenBack struct{ Code, Reason, Path string }
	// ComplaintTaken says until when a complaint is answered.
	ComplaintTaken struct {
		Code, Procedure, Path string
		DueAt                 time.Time
	}
	// SetOver says that all parts of an inter-linked set are over, and how many came to nothing.
	SetOver struct {
		Code, Procedure, Path string
		Failed                int
	}
	// ComplaintAnswered says why the dossier is late and what is done.
	ComplaintAnswered struct{ Code, Procedure, Answer, Path string }
	// RatingAnswered tells who was not content what the body says to it.
	RatingAnswered struct{ Code, Procedure, Answer, Path string }
)

func (Filed) NoticeKind() string           { return "services.filed" }
func (AcceptedNotice) NoticeKind() string  { return "services.accepted" }
func (RefusedNotice) NoticeKind() string   { return "services.refused" }
func (SupplementAsked) NoticeKind() string { return "services.supplement-asked" }
func (Supplied) NoticeKind() string        { return "services.supplied" }
func (PaymentAsked) NoticeKind() string    { return "services.payment-asked" }
func (PaymentDue) NoticeKind() string      { return "services.payment-due" }
func (PaymentLate) NoticeKind() string     { return "services.payment-late" }
func (PaymentHolds) NoticeKind() string    { return "services.payment-holds" }
func (PaidNotice) NoticeKind() string      { return "services.paid" }
func (TakenBack) NoticeKind() string       { return "services.taken-back" }
func (WithdrawnNotice) NoticeKind() string { return "services.withdrawn" }
func (Forwarded) NoticeKind() string       { return "services.forwarded" }
func (SentBack) NoticeKind() string        { return "services.sent-back" }
func (DecisionReady) NoticeKind() string   { return "services.decision-ready" }
func (ReturnedNotice) NoticeKind() string  { return "services.returned" }
func (StoppedNotice) NoticeKind() string   { return "services.stopped" }
func (Extended) NoticeKind() string        { return "services.extended" }
func (PutOff) NoticeKind() string          { return "services.put-off" }

func (OriginalDiffers) NoticeKind() string     { return "services.original-differs" }
func (OriginalDiffersHere) NoticeKind() string { return "services.original-differs-here" }
func (ActedForNotice) NoticeKind() string      { return "services.acted-for" }
func (PostedNotice) NoticeKind() string        { return "services.posted" }
func (CameBackNotice) NoticeKind() string      { return "services.came-back" }

func (OpinionAsked) NoticeKind() string     { return "services.opinion-asked" }
func (OpinionGiven) NoticeKind() string     { return "services.opinion-given" }
func (OpinionByLaw) NoticeKind() string     { return "services.opinion-by-law" }
func (OpinionLate) NoticeKind() string      { return "services.opinion-late" }
func (BulkOver) NoticeKind() string         { return "services.bulk-over" }
func (OpinionTakenBack) NoticeKind() string { return "services.opinion-taken-back" }

func (SetOver) NoticeKind() string { return "services.set-over" }

func (ComplaintTaken) NoticeKind() string    { return "services.complaint-taken" }
func (ComplaintAnswered) NoticeKind() string { return "services.complaint-answered" }
func (RatingAnswered) NoticeKind() string    { return "services.rating-answered" }

// tell sends a notice with the act.
func (m *Module) tell(ctx context.Context, act *audit.Act, to uuid.UUID, n notify.Notice) {
	if err := m.notify.Send(ctx, act, to, n); err != nil {
		act.Fail(err)
	}
}
