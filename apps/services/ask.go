package services

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/forms"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Item is one thing that is missing or wrong.
type Item struct {
	Key      string `json:"key"`   // place in the list of papers, or the name of a question
	What     string `json:"what"`  // what is missing
	How      string `json:"how"`   // how to mend it
	Basis    string `json:"basis"` // why it is needed
	Answered bool   `json:"answered"`
}

// Request is one supplement request (Form 02).
type Request struct {
	ID         uuid.UUID
	DossierID  uuid.UUID
	Stage      string // intake or processing
	State      string // proposed, asked or dropped
	Items      []Item
	Basis      string
	Override   string
	ApprovedBy *uuid.UUID
	AskedBy    uuid.UUID
	AskedAt    time.Time
	SupplyBy   time.Time
	AnsweredAt *time.Time
}

const requestColumns = `id, dossier_id, stage, state, items, basis, override, approved_by, asked_by, asked_at, supply_by, answered_at`

// AskIn asks once for all that is missing.
type AskIn struct {
	Dossier  uuid.UUID `form:"id"`
	Client   string    `form:"client"`
	Items    []Item
	Basis    string `form:"basis"`
	Override string `form:"override"` // basis of a second request in the same stage
}

func (in AskIn) check() fault.Fields {
	f := fault.Fields{}
	if len(in.Items) == 0 {
		f.Set("items", "required")
	}
	if len(in.Items) > 50 {
		f.Set("items", "too-many")
	}
	if strings.TrimSpace(in.Basis) == "" {
		f.Set("basis", "required")
	}
	for i, it := range in.Items {
		if strings.TrimSpace(it.What) == "" {
			f.Set(fmt.Sprintf("items.%d.what", i), "required")
		}
		if strings.TrimSpace(it.How) == "" {
			f.Set(fmt.Sprintf("items.%d.how", i), "required")
		}
		if len(it.What)+len(it.How) > 4000 {
			f.Set(fmt.Sprintf("items.%d.what", i), "too-long")
		}
	}
	return f
}

// Ask requests a supplement: at the counter before acceptance, or in processing with the clock
// stopped. What a case officer asks in processing waits for the head's ApproveAsk. It is asked once
// a stage; a second time needs a basis and somebody who may decide.
// law: public-services.md 5 — supplement is asked once per stage, in writing, all items together.
// law: public-services.md 6.2 — 1→5 by the receiving officer; 4→5 by the case officer, approved by head.
func (m *Module) Ask(ctx context.Context, in AskIn) error {
	if f := in.check(); f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.dossier.ask", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		stage := "processing"
		if d.State == Registered {
			stage = "intake"
		}
		switch {
		case stage == "intake" && !d.mayBeReceivedBy(act.Actor):
			return fault.NotFound("services.dossier")
		case stage == "processing" && !d.mayBeWorkedBy(act.Actor) && !d.mayBeDecidedBy(act.Actor):
			if !d.mayBeSeenBy(act.Actor) {
				return fault.NotFound("services.dossier")
			}
			return fault.Forbidden("services.ask")
		}
		if !d.State.CanBecome(AwaitingSupplement) {
			return illegal(d.State, AwaitingSupplement)
		}
		if d.Step == StepWaits || stage == "processing" && d.Step != StepHandle {
			return fault.Conflict("services.on-other-desk")
		}
		var approver *uuid.UUID
		if d.StageRequests > 0 {
			// law: public-services.md 18.2 A6 — override with basis and approver.
			if strings.TrimSpace(in.Override) == "" {
				return fault.Conflict("services.asked-already")
			}
			if stage == "intake" && !d.mayBeDecidedBy(act.Actor) {
				return fault.Conflict("services.override-needs-leader")
			}
		}
		if d.mayBeDecidedBy(act.Actor) {
			approver = &act.Actor.ID
		}
		by, err := m.supplyBy(ctx, d, def, act.At)
		if err != nil {
			return err
		}
		req := Request{ID: newID(), DossierID: d.ID, Stage: stage, State: "asked", Items: in.Items, Basis: in.Basis, Override: in.Override,
			ApprovedBy: approver, AskedBy: act.Actor.ID, AskedAt: act.At, SupplyBy: by}
		if stage == "processing" && approver == nil {
			req.State = "proposed"
			err = d.move(act, Processing, StepApprove, Move{Note: summary(in.Items), Basis: cmp.Or(in.Override, in.Basis)})
		} else {
			err = m.askNow(ctx, act, &d, def, req)
		}
		if err != nil {
			return err
		}
		act.Queue(`INSERT INTO services.request (`+requestColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, req.values()...)
		d.save(act)
		m.onDesk(act, &d)
		return nil
	}, audit.Once(in.Client, in, nil))
}

// values lists a request in the order of requestColumns.
func (q Request) values() []any {
	return []any{q.ID, q.DossierID, q.Stage, q.State, q.Items, q.Basis, q.Override, q.ApprovedBy, q.AskedBy, q.AskedAt, q.SupplyBy, q.AnsweredAt}
}

// askNow stops the clock and tells the citizen what is missing.
func (m *Module) askNow(ctx context.Context, act *audit.Act, d *Dossier, def Definition, req Request) error {
	d.StageRequests++
	d.AnswerDue = nil
	d.pause(act.At)
	if err := d.move(act, AwaitingSupplement, StepCitizen, Move{Note: summary(req.Items), Basis: cmp.Or(req.Override, req.Basis)}); err != nil {
		return err
	}
	m.issue(act, d, OutgoingForm02, map[string]any{"request": req.ID})
	m.tellApplicant(ctx, act, d, SupplementAsked{Code: d.Code, Procedure: def.Name, Items: len(req.Items), SupplyBy: req.SupplyBy, Path: pathOf(d)})
	return nil
}

// ApproveAskIn is the head's yes to what a case officer wants to ask for.
type ApproveAskIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
}

// ApproveAsk sends the supplement request that a case officer has proposed; SendBack is the no.
// law: public-services.md 6.2 — 4→5: case officer, approved by head; Form 02, clock paused.
func (m *Module) ApproveAsk(ctx context.Context, in ApproveAskIn) error {
	return m.book.Act(ctx, "services.dossier.approve-ask", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeDecidedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.Step != StepApprove {
			return fault.Conflict("services.on-other-desk")
		}
		req, err := pg.One[Request](act.Query(ctx, `SELECT `+requestColumns+` FROM services.request WHERE dossier_id = $1 AND state = 'proposed'`, d.ID))
		if err != nil {
			return fmt.Errorf("reading the proposed request of %s: %w", d.Code, err)
		}
		if req.SupplyBy, err = m.supplyBy(ctx, d, def, act.At); err != nil {
			return err
		}
		if err := m.askNow(ctx, act, &d, def, req); err != nil {
			return err
		}
		act.Queue(`UPDATE services.request SET state = 'asked', approved_by = $2, asked_at = $3, supply_by = $4 WHERE id = $1`, req.ID, act.Actor.ID, act.At, req.SupplyBy)
		d.save(act)
		m.onDesk(act, &d)
		return nil
	}, audit.Once(in.Client, in, nil))
}

// dropProposed forgets a request that the head did not approve.
func dropProposed(act *audit.Act, d *Dossier) {
	act.Queue(`UPDATE services.request SET state = 'dropped', answered_at = $2 WHERE dossier_id = $1 AND state = 'proposed'`, d.ID, act.At)
}

func (m *Module) supplyBy(ctx context.Context, d Dossier, def Definition, at time.Time) (time.Time, error) {
	cal, err := m.calendar(ctx, d.CompetentAgency)
	if err != nil {
		return time.Time{}, err
	}
	due, err := cal.Add(at, calendar.Limit{N: cmp.Or(def.SupplyDays, 30), Unit: calendar.WorkingDays})
	return due.EOD, err
}

func summary(items []Item) string {
	what := make([]string, len(items))
	for i, it := range items {
		what[i] = it.What
	}
	return strings.Join(what, "; ")
}

// SupplementIn answers a request.
type SupplementIn struct {
	Dossier  uuid.UUID `form:"id"`
	Client   string    `form:"client"`
	Papers   []PaperIn
	Answered []string          // keys of the items that are answered with this
	Answers  map[string]string // text for items that are no paper, by key
}

// Supplement gives what was asked for. Only when every item is answered does the dossier move: back
// to the counter when it was asked there, on with the clock when it was asked in processing.
// law: public-services.md 6.2 — 5→1, 5→4: all items answered; 18.2 A7.
func (m *Module) Supplement(ctx context.Context, in SupplementIn) error {
	return m.book.Act(ctx, "services.dossier.supplement", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeChangedFor(act.Actor) && !d.mayBeReceivedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.isCitizens(act.Actor) && act.Actor.Level < 2 {
			return fault.Forbidden("level-2")
		}
		if d.State != AwaitingSupplement {
			return fault.Conflict("services.nothing-asked")
		}
		req, err := openRequest(ctx, act, d.ID)
		if err != nil {
			return err
		}
		left := []string{}
		for i := range req.Items {
			it := &req.Items[i]
			if t := strings.TrimSpace(in.Answers[it.Key]); t != "" {
				d.Answers = d.Answers.With(forms.Answers{"supplement_" + it.Key: t})
				it.Answered = true
			}
			for _, p := range in.Papers {
				it.Answered = it.Answered || p.Place == it.Key
			}
			if !it.Answered {
				left = append(left, it.What)
			}
		}
		if err := m.addPapers(ctx, act, &d, in.Papers); err != nil {
			return err
		}
		if len(left) > 0 {
			// what came is kept, the clock stays stopped
			act.Queue(`UPDATE services.request SET items = $2 WHERE id = $1`, req.ID, req.Items)
			d.save(act)
			act.Note("left", len(left))
			return nil
		}
		act.Queue(`UPDATE services.request SET items = $2, answered_at = $3 WHERE id = $1`, req.ID, req.Items, act.At)
		to, step := Processing, StepHandle
		if req.Stage == "intake" {
			to, step = Registered, StepIntake
			if err := m.answerDue(ctx, &d, act.At); err != nil {
				return err
			}
		} else if err := m.resume(ctx, &d, def, act.At); err != nil {
			return err
		}
		if err := d.move(act, to, step, Move{}); err != nil {
			return err
		}
		d.save(act)
		m.onDesk(act, &d)
		if d.Holder != nil {
			m.tell(ctx, act, *d.Holder, Supplied{Code: d.Code, Path: deskPathOf(&d)})
		}
		return nil
	}, audit.Once(in.Client, in, nil))
}

// answerDue starts the eight working hours for an answer again.
func (m *Module) answerDue(ctx context.Context, d *Dossier, at time.Time) error {
	cal, err := m.calendar(ctx, d.ReceivingAgency)
	if err != nil {
		return err
	}
	limit, err := calendar.ParseLimit(answerLimit)
	if err != nil {
		return err
	}
	due, err := cal.Add(at, limit)
	d.AnswerDue = &due.Carry
	return err
}

// closeRequest ends the request that waits, if one does: nothing more is expected on it, and its
// day passes without an effect.
func closeRequest(act *audit.Act, d *Dossier) {
	act.Queue(`UPDATE services.request SET answered_at = $2, state = CASE state WHEN 'proposed' THEN 'dropped' ELSE state END
		WHERE dossier_id = $1 AND answered_at IS NULL`, d.ID, act.At)
}

func openRequest(ctx context.Context, r pg.Reader, dossier uuid.UUID) (Request, error) {
	return pg.One[Request](r.Query(ctx, `SELECT `+requestColumns+` FROM services.request
		WHERE dossier_id = $1 AND answered_at IS NULL AND state = 'asked' ORDER BY asked_at DESC LIMIT 1`, dossier))
}
