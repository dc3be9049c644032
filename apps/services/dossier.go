package services

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/forms"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Dossier is one request (hồ sơ). Overdue is an attribute, never a state.
// law: public-services.md 2 — facts 5, 6 and 7.
type Dossier struct {
	ID              uuid.UUID
	Code            string
	Procedure       string
	Version         int
	State           State
	Moves           int    // lines on the control slip so far
	Step            string // sub-state: see the Step constants
	Channel         Channel
	OnBehalf        bool // filed online by an officer for the citizen
	SupportAgency   *string
	ReceivingAgency string
	CompetentAgency string
	HolderAgency    string
	Holder          *uuid.UUID
	Applicant       uuid.UUID // who files
	Owner           uuid.UUID // whose matter it is
	ApplicantName   string
	ApplicantPhone  string
	OwnerName       string
	Filer           *uuid.UUID // who filed in the applicant's name: a parent, staff of a business; nil: she herself
	Subject         string
	Answers         forms.Answers
	FiledAt         time.Time
	AnswerDue       *time.Time // the eight-hour answer to an online filing
	AcceptedAt      *time.Time
	DueAt           *time.Time // the promise on Form 01
	DueEOD          *time.Time `db:"due_eod"` // the legal maximum
	FirstDueAt      *time.Time // the promise before an extension
	Extensions      int
	ExtendedDays    int // working days that the extension added
	Pauses          []Pause
	PausedAt        *time.Time
	StageRequests   int
	Proposed        *string
	Outcome         *string
	Basis           string
	DecidedBy       *uuid.UUID
	DecidedAt       *time.Time
	Number          *string
	FinishedAt      *time.Time
	ReturnedAt      *time.Time
	ReturnWay       string
	Fee             *int64 // đồng; nil while not known
	FeeState        string // none, unknown, due, paid, waived
	Files           bool   // false: older than the system, paper only
	UpdatedAt       time.Time
	Term            *PayTerm `db:"-"` // until when to pay, where it was read and the dossier waits for money

	set *uuid.UUID // the inter-linked set it is part of; known where it was locked
}

// Pause is a span in which the clock stood still; To is zero while it lasts.
type Pause struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`
}

// Steps within a state: what the next act is and whose desk it lies on.
const (
	StepWaits   = "waits"   // part of a set: one before it is not granted yet
	StepIntake  = "intake"  // the counter accepts, refuses or asks
	StepAssign  = "assign"  // accepted, nobody has taken it yet
	StepHandle  = "handle"  // with the case officer
	StepApprove = "approve" // a supplement request waits for the head
	StepSign    = "sign"    // proposed, waiting for the leader
	StepNumber  = "number"  // signed, waiting for the clerk's number and seal
	StepReturn  = "return"  // finished, waiting to be returned
	StepPost    = "post"    // on its way to the citizen by public post
	StepCitizen = "citizen" // the citizen must supply or pay
	StepEnd     = ""        // nothing more
)

// owes says whether a fee is still to be paid, or not even known yet.
func (d Dossier) owes() bool { return d.FeeState == "due" || d.FeeState == "unknown" }

// feeDue says whether a fee is known and not paid: what is signed is not given out before.
func (d Dossier) feeDue() bool { return d.FeeState == "due" }

// AuditCode is what entries of the log call a dossier.
func (d Dossier) AuditCode() string { return d.Code }

// AuditPersons says whose record a dossier is.
func (d Dossier) AuditPersons() []uuid.UUID {
	if d.Owner == d.Applicant {
		return []uuid.UUID{d.Applicant}
	}
	return []uuid.UUID{d.Applicant, d.Owner}
}

// Late says whether the promise is broken at a time: for an open dossier now, for a finished one
// when it was signed. A dossier that is paused is not late, unless it was when it was paused.
// law: public-services.md 8.4.
func (d Dossier) Late(at time.Time) bool {
	if d.DueAt == nil {
		return false
	}
	switch {
	case d.FinishedAt != nil:
		at = *d.FinishedAt
	case d.PausedAt != nil:
		at = *d.PausedAt
	case d.State.Terminal():
		return false
	}
	return at.After(*d.DueAt)
}

// Desk is the person or office that must act next, as a text key.
func (d Dossier) WaitsForCitizen() bool {
	return d.State == AwaitingSupplement || d.State == AwaitingPayment
}

// dossierColumns are those of a dossier with who filed it in the applicant's name.
const dossierColumns = dossierStored + `, (SELECT person FROM services.filer WHERE dossier_id = dossier.id) AS filer`

const dossierStored = `id, code, procedure, version, state, moves, step, channel, on_behalf, support_agency, receiving_agency,
	competent_agency, holder_agency, holder, applicant, owner, applicant_name, applicant_phone, owner_name, subject, answers,
	filed_at, answer_due, accepted_at, due_at, due_eod, first_due_at, extensions, extended_days, pauses, paused_at, stage_requests,
	proposed, outcome, basis, decided_by, decided_at, number, finished_at, returned_at, return_way, fee, fee_state, files, updated_at`

// lock reads a dossier for change.
func lock(ctx context.Context, act *audit.Act, id uuid.UUID) (Dossier, error) {
	row, err := pg.One[struct {
		Dossier
		InSet *uuid.UUID
	}](act.Query(ctx, `SELECT `+dossierColumns+`, (SELECT set_id FROM services.linked_part WHERE dossier_id = id) AS in_set
		FROM services.dossier WHERE id = $1 FOR UPDATE`, id))
	d := row.Dossier
	d.set = row.InSet
	if fault.KindOf(err) == fault.KindNotFound {
		return d, fault.NotFound("services.dossier")
	}
	if err == nil {
		act.About("services.dossier", d.Code, d.AuditPersons()...)
		if err := represent.Again(ctx, act); err != nil {
			return d, err
		}
		if n, ok := ctx.Value(seenKey{}).(int); ok && n != d.Moves {
			return d, fault.Conflict("services.changed")
		}
	}
	return d, err
}

type seenKey struct{}

// AsSeen says at which line of the control slip the dossier stood when its form was shown. An act on
// a dossier that has moved since is a Conflict, also where the act would still be lawful: the person
// decided on something else than what is there. A second send of the same form still gets its answer.
func AsSeen(ctx context.Context, moves int) context.Context {
	return context.WithValue(ctx, seenKey{}, moves)
}

// Move is one line of the control slip (Form 06).
type Move struct {
	N         int
	FromState *State
	ToState   State
	Act       string
	At        time.Time
	Actor     *uuid.UUID
	ActorName string
	ActorPost string
	Agency    string
	ToAgency  string
	ToPerson  *uuid.UUID
	ToName    string
	Note      string
	Basis     string
	DueAt     *time.Time
	Timing    string // early, on-time, late; "" while not known
}

// advance brings the dossier into the next state, if the table of 6.2 has the move, and gives the
// line of the control slip.
func (d *Dossier) advance(name string, who actor.Actor, at time.Time, to State, step string, mv Move) (Move, error) {
	if !d.State.CanBecome(to) {
		return mv, illegal(d.State, to)
	}
	from := d.State
	d.Moves++
	d.State, d.Step = to, step
	mv.N, mv.ToState, mv.Act, mv.At = d.Moves, to, name, at
	if d.Moves > 1 {
		mv.FromState = &from
	}
	if who.ID != uuid.Nil {
		mv.Actor = &who.ID
	}
	mv.ActorName, mv.ActorPost, mv.Agency = who.Name, who.Post, who.Office
	mv.ToAgency, mv.ToPerson, mv.DueAt = d.HolderAgency, d.Holder, d.DueAt
	return mv, nil
}

var moveColumns = []string{"dossier_id", "n", "prev", "from_state", "to_state", "act", "at", "actor", "actor_name", "actor_post", "agency",
	"to_agency", "to_person", "to_name", "note", "basis", "due_at", "timing"}

// values lists a line of a dossier's slip in the order of moveColumns.
func (mv Move) values(dossier uuid.UUID) []any {
	var prev any
	if mv.N > 1 {
		prev = mv.N - 1
	}
	return []any{dossier, mv.N, prev, mv.FromState, mv.ToState, mv.Act, mv.At, mv.Actor, mv.ActorName, mv.ActorPost, mv.Agency,
		mv.ToAgency, mv.ToPerson, mv.ToName, mv.Note, mv.Basis, mv.DueAt, mv.Timing}
}

var moveInsert = `INSERT INTO services.move (` + strings.Join(moveColumns, ", ") + `)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`

// move advances the dossier within an act. The line is queued: the caller may change more fields
// of d afterwards and must end with save.
func (d *Dossier) move(act *audit.Act, to State, step string, mv Move) error {
	from := d.State
	mv, err := d.advance(act.Name, act.Actor, act.At, to, step, mv)
	if err != nil {
		return err
	}
	if d.Holder != nil {
		if away, ok := act.Actor.StandsIn(*d.Holder); ok && from == Processing {
			act.Note("stands-in-for", away.ID)
			mv.ActorPost = strings.TrimPrefix(mv.ActorPost+", làm thay "+away.Name, ", ")
		}
	}
	act.Note("from", int(from))
	act.Note("to", int(to))
	act.Queue(moveInsert, mv.values(d.ID)...)
	if from == AwaitingPayment {
		act.Queue(`UPDATE services.payment_term SET ended_at = $2 WHERE dossier_id = $1 AND ended_at IS NULL`, d.ID, act.At)
		d.Term = nil
	}
	return nil
}

const dossierInsert = `INSERT INTO services.dossier (` + dossierStored + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
	$12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38,
	$39, $40, $41, $42, $43, $44, $45)`

func (d Dossier) values() []any {
	pauses := d.Pauses
	if pauses == nil {
		pauses = []Pause{}
	}
	return []any{d.ID, d.Code, d.Procedure, d.Version, d.State, d.Moves, d.Step, d.Channel, d.OnBehalf, d.SupportAgency, d.ReceivingAgency,
		d.CompetentAgency, d.HolderAgency, d.Holder, d.Applicant, d.Owner, d.ApplicantName, d.ApplicantPhone, d.OwnerName, d.Subject, d.Answers,
		d.FiledAt, d.AnswerDue, d.AcceptedAt, d.DueAt, d.DueEOD, d.FirstDueAt, d.Extensions, d.ExtendedDays, pauses, d.PausedAt, d.StageRequests, d.Proposed,
		d.Outcome, d.Basis, d.DecidedBy, d.DecidedAt, d.Number, d.FinishedAt, d.ReturnedAt, d.ReturnWay, d.Fee, d.FeeState, d.Files, d.UpdatedAt}
}

// insert queues a new dossier.
func (d *Dossier) insert(act *audit.Act) {
	d.UpdatedAt = act.At
	act.Queue(dossierInsert, d.values()...)
}

// save queues what changed. Who filed what under which code and version never does. The others of its
// set are carried on by what became of it.
func (d *Dossier) save(act *audit.Act) {
	d.UpdatedAt = act.At
	if d.set != nil {
		act.Job(FollowSet{Set: *d.set}, nil)
	}
	pauses := d.Pauses
	if pauses == nil {
		pauses = []Pause{}
	}
	act.Queue(`UPDATE services.dossier SET state = @state, moves = @moves, step = @step, holder_agency = @holder_agency, holder = @holder,
		answers = @answers, accepted_at = @accepted_at, due_at = @due_at, due_eod = @due_eod, first_due_at = @first_due_at,
		extensions = @extensions, extended_days = @extended_days, pauses = @pauses, paused_at = @paused_at, stage_requests = @stage_requests, proposed = @proposed,
		outcome = @outcome, basis = @basis, decided_by = @decided_by, decided_at = @decided_at, number = @number,
		finished_at = @finished_at, returned_at = @returned_at, return_way = @return_way, fee = @fee, fee_state = @fee_state,
		answer_due = @answer_due, updated_at = @updated_at WHERE id = @id`,
		pgx.NamedArgs{"id": d.ID, "state": d.State, "moves": d.Moves, "step": d.Step, "holder_agency": d.HolderAgency, "holder": d.Holder,
			"answers": d.Answers, "accepted_at": d.AcceptedAt, "due_at": d.DueAt, "due_eod": d.DueEOD, "first_due_at": d.FirstDueAt,
			"extensions": d.Extensions, "extended_days": d.ExtendedDays, "pauses": pauses, "paused_at": d.PausedAt, "stage_requests": d.StageRequests, "proposed": d.Proposed,
			"outcome": d.Outcome, "basis": d.Basis, "decided_by": d.DecidedBy, "decided_at": d.DecidedAt, "number": d.Number,
			"finished_at": d.FinishedAt, "returned_at": d.ReturnedAt, "return_way": d.ReturnWay, "fee": d.Fee, "fee_state": d.FeeState,
			"answer_due": d.AnswerDue, "updated_at": d.UpdatedAt})
}
