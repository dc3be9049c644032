package services

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/represent"
	"datmui/blocks/worklist"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Complaint is a citizen's word that her dossier is late (phản ánh hồ sơ trễ hạn), with the answer.
type Complaint struct {
	ID         uuid.UUID
	Person     uuid.UUID
	Text       string
	Promised   time.Time // what had passed
	At         time.Time
	DueAt      time.Time // until when it is answered
	Answer     string
	AnsweredAt *time.Time
	Answerer   string
}

// Open says whether the answer is still owed.
func (c Complaint) Open() bool { return c.AnsweredAt == nil }

// complaintLimit is how long a supervisor has to answer. No text known here sets it: the house does.
var complaintLimit = calendar.Limit{N: 3, Unit: calendar.WorkingDays}

// KindComplaint is how a complaint lies on a desk.
const KindComplaint = "services.complaint"

// ActAnswerComplaint is the supervisor's act on the page of a dossier.
const ActAnswerComplaint = "answer-complaint"

func (m *Module) complaintsOf(ctx context.Context, r pg.Reader, dossier uuid.UUID) ([]Complaint, error) {
	list, err := pg.All[Complaint](r.Query(ctx, `SELECT id, person, text, promised, at, due_at, answer, answered_at, answerer
		FROM services.complaint WHERE dossier_id = $1 ORDER BY at`, dossier))
	if err != nil {
		return nil, fmt.Errorf("reading complaints: %w", err)
	}
	return list, nil
}

// broken is the promise that has passed: the answer to a filing, or the day on Form 01; false while none has.
func (d Dossier) broken(at time.Time) (time.Time, bool) {
	switch {
	case d.State == Registered && d.AnswerDue != nil && at.After(*d.AnswerDue):
		return *d.AnswerDue, true
	case d.State.Open() && d.Late(at):
		return *d.DueAt, true
	}
	return time.Time{}, false
}

// MayComplain says whether the reader may complain of a dossier now: it is hers, it is late, and no
// complaint waits for its answer.
func (r Record) MayComplain(a actor.Actor, at time.Time) bool {
	_, late := r.broken(at)
	if !late || !r.isCitizens(a) || !a.MayFor(represent.File) || a.Level < 2 {
		return false
	}
	for _, c := range r.Complaints {
		if c.Open() {
			return false
		}
	}
	return true
}

// MayAnswerComplaint says whether the reader owes the answer: whoever supervises the body that decides.
func (d Dossier) MayAnswerComplaint(a actor.Actor) bool {
	return a.Kind == actor.Official && a.May(RightSupervise, d.CompetentAgency)
}

// ComplainIn says that a dossier is late.
type ComplainIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Text    string    `form:"text"`
}

// Complain lays a late dossier on the desk of who supervises the body that is late, with a clock of
// its own.
// law: public-services.md 17 — stuck for days: alarm; 8.4 — late.
func (m *Module) Complain(ctx context.Context, in ComplainIn) error {
	in.Text = strings.TrimSpace(in.Text)
	f := fault.Fields{}
	if f.Text("text", in.Text, 2000); f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.complaint.file", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.isCitizens(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if !act.Actor.MayFor(represent.File) {
			return fault.Forbidden("represent.file")
		}
		if act.Actor.Level < 2 {
			return fault.Forbidden("level-2")
		}
		promised, late := d.broken(act.At)
		if !late {
			return fault.Conflict("services.not-late")
		}
		open, err := pg.Value[bool](act.Query(ctx, `SELECT EXISTS (SELECT FROM services.complaint WHERE dossier_id = $1 AND answered_at IS NULL)`, d.ID))
		if err != nil {
			return err
		}
		if open {
			return fault.Conflict("services.complained")
		}
		cal, err := m.calendar(ctx, d.CompetentAgency)
		if err != nil {
			return err
		}
		due, err := cal.Add(act.At, complaintLimit)
		if err != nil {
			return err
		}
		c := Complaint{ID: newID(), Person: act.Actor.ID, Text: in.Text, Promised: promised, At: act.At, DueAt: due.Carry}
		act.Queue(`INSERT INTO services.complaint (id, dossier_id, person, text, promised, at, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			c.ID, d.ID, c.Person, c.Text, c.Promised, c.At, c.DueAt)
		m.tell(ctx, act, act.Actor.ID, ComplaintTaken{Code: d.Code, Procedure: def.Name, DueAt: c.DueAt, Path: pathOf(&d)})
		return m.complaintOnDesk(ctx, act, &d, c.ID, c.DueAt)
	}, audit.Once(in.Client, in, nil))
}

func (m *Module) complaintOnDesk(ctx context.Context, act *audit.Act, d *Dossier, id uuid.UUID, due time.Time) error {
	return worklist.Put(ctx, act, worklist.Item{Kind: KindComplaint, Subject: id, Agency: d.CompetentAgency, Right: RightSupervise,
		What: m.nameOf(d), Who: d.ApplicantName, Code: d.Code, Why: "services.why.complaint", Step: "complaint", Priority: 2,
		Href: deskPathOf(d) + "#complaints", Due: due})
}

// carryComplaint lays what waits for an answer on the desk of the body that goes on with the dossier.
func (m *Module) carryComplaint(ctx context.Context, act *audit.Act, d *Dossier) error {
	c, err := pg.One[struct {
		ID    uuid.UUID
		DueAt time.Time
	}](act.Query(ctx, `SELECT id, due_at FROM services.complaint WHERE dossier_id = $1 AND answered_at IS NULL`, d.ID))
	if fault.KindOf(err) == fault.KindNotFound {
		return nil
	} else if err != nil {
		return err
	}
	return m.complaintOnDesk(ctx, act, d, c.ID, c.DueAt)
}

// AnswerComplaintIn is the supervisor's answer.
type AnswerComplaintIn struct {
	Dossier   uuid.UUID `form:"id"`
	Complaint uuid.UUID `form:"complaint"`
	Client    string    `form:"client"`
	Answer    string    `form:"answer"`
}

// AnswerComplaint tells the citizen why her dossier is late and what is done about it. The dossier
// itself stays where it is: the supervisor has the ordinary acts to move it.
func (m *Module) AnswerComplaint(ctx context.Context, in AnswerComplaintIn) error {
	in.Answer = strings.TrimSpace(in.Answer)
	f := fault.Fields{}
	if f.Text("answer", in.Answer, 4000); f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.complaint.answer", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.MayAnswerComplaint(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		c, err := pg.One[struct {
			Person     uuid.UUID
			AnsweredAt *time.Time
		}](act.Query(ctx, `SELECT person, answered_at FROM services.complaint WHERE id = $1 AND dossier_id = $2 FOR UPDATE`, in.Complaint, d.ID))
		if fault.KindOf(err) == fault.KindNotFound {
			return fault.NotFound("services.complaint")
		} else if err != nil {
			return err
		}
		if c.AnsweredAt != nil {
			return fault.Conflict("services.complaint-answered")
		}
		who := actor.Titled(act.Actor.Name, act.Actor.Post)
		act.Queue(`UPDATE services.complaint SET answer = $2, answered_at = $3, answered_by = $4, answerer = $5 WHERE id = $1`, in.Complaint, in.Answer, act.At, act.Actor.ID, who)
		worklist.Done(ctx, act, KindComplaint, in.Complaint)
		m.tell(ctx, act, c.Person, ComplaintAnswered{Code: d.Code, Procedure: def.Name, Answer: in.Answer, Path: pathOf(&d)})
		return nil
	}, audit.Once(in.Client, in, nil))
}
