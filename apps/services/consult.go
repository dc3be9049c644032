package services

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/directory"
	"datmui/blocks/files"
	"datmui/blocks/worklist"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// ConsultIn asks other bodies for their opinion.
type ConsultIn struct {
	Dossier  uuid.UUID   `form:"id"`
	Client   string      `form:"client"`
	Bodies   []string    `form:"body"`
	Question string      `form:"question"`
	Papers   []uuid.UUID `form:"paper"`    // files of the dossier that they may open
	Declared bool        `form:"declared"` // they may read what was declared
	Number   int         `form:"number"`   // of Unit; not used where the law sets the term
	Unit     string      `form:"unit"`     // wd or wh
}

const mostAsked = 20

func (in ConsultIn) check() fault.Fields {
	f := fault.Fields{}
	if len(in.Bodies) == 0 {
		f.Set("body", "required")
	}
	if len(in.Bodies) > mostAsked {
		f.Set("body", "too-many")
	}
	f.Text("question", in.Question, 4000)
	return f
}

// term is how long the bodies have, and whether the law takes silence for consent.
// law: public-services.md 12 — consulted bodies have 12 days, silence = agreed.
func (in ConsultIn) term(rule *OpinionRule) (limit calendar.Limit, silence, basis string, err error) {
	if rule != nil {
		limit, err = calendar.ParseLimit(rule.Limit)
		return limit, "agreed", rule.Basis, err
	}
	longest := map[string]int{"wd": 60, "wh": 160}[in.Unit]
	if longest == 0 {
		return limit, "", "", fault.Fields{"unit": "required"}
	}
	if in.Number < 1 || in.Number > longest {
		return limit, "", "", fault.Fields{"number": "out-of-range"}
	}
	limit, err = calendar.ParseLimit(strconv.Itoa(in.Number) + in.Unit)
	return limit, "open", "", err
}

// Consult asks one or several bodies within a dossier, each with a clock by its own calendar. The
// dossier stays where it is and its own clock runs on; every question is a line of the control slip.
// law: public-services.md 6.2 — 4→4: any holder; opinion request, slip line.
func (m *Module) Consult(ctx context.Context, in ConsultIn) error {
	if f := in.check(); f.Any() {
		return f
	}
	slices.Sort(in.Bodies)
	in.Bodies = slices.Compact(in.Bodies)
	return m.book.Act(ctx, "services.dossier.consult", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayConsult(act.Actor) {
			if d.mayBeSeenBy(act.Actor) {
				return fault.Forbidden("services.consult")
			}
			return fault.NotFound("services.dossier")
		}
		if d.State != Processing || d.Step != StepHandle {
			return fault.Conflict("services.on-other-desk")
		}
		limit, silence, basis, err := in.term(def.Opinions)
		if err != nil {
			return err
		}
		if err := m.areItsFiles(ctx, act, d, in.Papers); err != nil {
			return err
		}
		waiting, err := pg.Values[string](act.Query(ctx, `SELECT agency FROM services.opinion WHERE dossier_id = $1 AND state = 'asked'`, d.ID))
		if err != nil {
			return err
		}
		asking, err := m.bodyName(ctx, d.CompetentAgency, act.At)
		if err != nil {
			return err
		}
		for _, body := range in.Bodies {
			if slices.Contains(waiting, body) {
				return fault.Fields{"body": "asked-already"}
			}
			o := Opinion{ID: newID(), DossierID: d.ID, Agency: body, Question: strings.TrimSpace(in.Question), Papers: in.Papers, Declared: in.Declared,
				Term: limit.String(), Silence: silence, Basis: basis, AskedBy: act.Actor.ID, AskerName: act.Actor.Name, AskerPost: act.Actor.Post, AskedAt: act.At}
			if err := m.askBody(ctx, act, &d, def, o, limit, asking); err != nil {
				return err
			}
		}
		d.save(act)
		act.Note("bodies", in.Bodies)
		return nil
	}, audit.Once(in.Client, in, nil))
}

// areItsFiles makes sure that the papers chosen for others are the dossier's own.
func (m *Module) areItsFiles(ctx context.Context, act *audit.Act, d Dossier, chosen []uuid.UUID) error {
	if len(chosen) == 0 {
		return nil
	}
	list, err := m.files.List(ctx, act, files.Subject{Kind: filesKind, ID: d.ID})
	if err != nil {
		return err
	}
	for _, id := range chosen {
		if !slices.ContainsFunc(list, func(f files.File) bool { return f.ID == id }) {
			return fault.Fields{"paper": "invalid"}
		}
	}
	return nil
}

// askBody lays one question on the desk of the body asked.
func (m *Module) askBody(ctx context.Context, act *audit.Act, d *Dossier, def Definition, o Opinion, limit calendar.Limit, asking string) error {
	body, err := m.directory.Agency(ctx, o.Agency, act.At)
	if fault.KindOf(err) == fault.KindNotFound || err == nil && body.ID == d.CompetentAgency {
		return fault.Fields{"body": "unknown"}
	}
	if err != nil {
		return err
	}
	right, people, err := m.answersFor(ctx, act, o.Agency, act.At)
	if err != nil {
		return err
	}
	if len(people) == 0 {
		return fault.Fields{"body": "no-desk"}
	}
	cal, err := m.calendar(ctx, o.Agency)
	if err != nil {
		return err
	}
	due, err := cal.Add(act.At, limit)
	if err != nil {
		return err
	}
	o.DueAt = due.Carry
	if err := d.lineTo(act, Move{ToName: body.Name, Note: o.Question, Basis: o.Basis}, o.Agency, &o.DueAt); err != nil {
		return err
	}
	papers := o.Papers
	if papers == nil {
		papers = []uuid.UUID{}
	}
	act.Queue(`INSERT INTO services.opinion (id, dossier_id, agency, question, papers, declared, term, silence, basis, asked_by, asker_name, asker_post, asked_at, due_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`, o.ID, o.DossierID, o.Agency, o.Question, papers, o.Declared, o.Term,
		o.Silence, o.Basis, o.AskedBy, o.AskerName, o.AskerPost, o.AskedAt, o.DueAt)
	if err := worklist.Put(ctx, act, m.opinionItem(d, o, right, asking)); err != nil {
		return err
	}
	for _, p := range people {
		m.tell(ctx, act, p, OpinionAsked{Code: d.Code, Procedure: def.Name, From: asking, DueAt: o.DueAt, Path: opinionPath(o.ID)})
	}
	return nil
}

// opinionItem is what lies on the desk of the body asked.
func (m *Module) opinionItem(d *Dossier, o Opinion, right, asking string) worklist.Item {
	return worklist.Item{Kind: opinionKind, Subject: o.ID, Agency: o.Agency, Right: right, What: m.nameOf(d), Who: asking, Code: d.Code,
		Why: "services.why.opinion", Step: "opinion", Sender: o.AskerName, Href: opinionPath(o.ID), Due: o.DueAt}
}

// mostTold is to how many people of a body a notice goes: the desk tells the others.
const mostTold = 10

// answersFor is the right by which a body answers, and who of it is told.
func (m *Module) answersFor(ctx context.Context, r pg.Reader, agency string, at time.Time) (string, []uuid.UUID, error) {
	for _, right := range []string{RightHandle, RightDecide} {
		list, err := m.directory.Receivers(ctx, r, agency, right, at)
		if err != nil {
			return "", nil, fmt.Errorf("asking who answers at %s: %w", agency, err)
		}
		if len(list) > 0 {
			return right, peopleOf(list), nil
		}
	}
	return "", nil, nil
}

func peopleOf(posts []directory.Post) []uuid.UUID {
	var out []uuid.UUID
	for _, p := range posts {
		if len(out) < mostTold && !slices.Contains(out, p.Person) {
			out = append(out, p.Person)
		}
	}
	return out
}

// lineTo adds a line to the slip of a dossier that stays on its desk: something about it went to
// another body, or came back. A dossier that is paused meanwhile has no such line by 6.2.
func (d *Dossier) lineTo(act *audit.Act, mv Move, agency string, due *time.Time) error {
	if d.State != Processing {
		return nil
	}
	mv, err := d.advance(act.Name, act.Actor, act.At, Processing, d.Step, mv)
	if err != nil {
		return err
	}
	if mv.ToAgency, mv.DueAt = agency, due; agency != d.HolderAgency {
		mv.ToPerson = nil
	}
	act.Queue(moveInsert, mv.values(d.ID)...)
	return nil
}

// AnswerOpinionIn is what the body asked says.
type AnswerOpinionIn struct {
	Opinion uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Verdict string    `form:"verdict"` // agree, conditions or disagree
	Text    string    `form:"text"`    // the conditions or the reason; may be left out with agree
	Files   []uuid.UUID
}

func (in AnswerOpinionIn) check() fault.Fields {
	f := fault.Fields{}
	if !slices.Contains([]string{OpinionAgree, OpinionConditions, OpinionDisagree}, in.Verdict) {
		f.Set("verdict", "required")
	}
	if strings.TrimSpace(in.Text) == "" && (in.Verdict == OpinionConditions || in.Verdict == OpinionDisagree) {
		f.Set("text", "required")
	}
	if utf8.RuneCountInString(in.Text) > 8000 {
		f.Set("text", "too-long:8000")
	}
	if len(in.Files) > 10 {
		f.Set("file", "too-many")
	}
	return f
}

// AnswerOpinion answers what a body was asked: agreed, agreed with conditions, or not agreed with the
// reason. A late answer still counts as long as silence has not.
func (m *Module) AnswerOpinion(ctx context.Context, in AnswerOpinionIn) error {
	if f := in.check(); f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.opinion.answer", func(ctx context.Context, act *audit.Act) error {
		o, d, _, err := m.lockOpinion(ctx, act, in.Opinion)
		if err != nil {
			return err
		}
		if !o.mayBeAnsweredBy(act.Actor) {
			return fault.NotFound("services.opinion")
		}
		if !o.Open() {
			return fault.Conflict("services.opinion-closed")
		}
		sent := make([]files.Attachment, len(in.Files))
		for i, id := range in.Files {
			sent[i] = files.Attachment{ID: id, Role: "answer"}
		}
		if err := m.files.Attach(ctx, act, files.Subject{Kind: opinionKind, ID: o.ID}, d.AuditPersons(), sent...); err != nil {
			return err
		}
		o.State, o.Answer, o.AnsweredBy, o.AnswererName, o.AnswererPost = in.Verdict, strings.TrimSpace(in.Text), &act.Actor.ID, act.Actor.Name, act.Actor.Post
		o.Files = in.Files
		return m.closeOpinion(ctx, act, &d, o, string(calendar.TimingOf(o.DueAt, act.At)))
	}, audit.Once(in.Client, in, nil))
}

// closeOpinion ends the waiting: the slip, the desks, and whoever asked.
func (m *Module) closeOpinion(ctx context.Context, act *audit.Act, d *Dossier, o Opinion, timing string) error {
	asked, err := m.bodyName(ctx, o.Agency, act.At, o.AskedAt)
	if err != nil {
		return err
	}
	back := Move{ToName: m.holderName(ctx, d), Note: asked + ": " + opinionWord[o.State], Basis: o.Basis, Timing: timing}
	if o.Answer != "" {
		back.Note += ". " + o.Answer
	}
	if err := d.lineTo(act, back, d.HolderAgency, d.DueAt); err != nil {
		return err
	}
	d.save(act)
	sent := o.Files
	if sent == nil {
		sent = []uuid.UUID{}
	}
	act.Queue(`UPDATE services.opinion SET state = $2, answer = $3, files = $4, answered_by = $5, answerer_name = $6, answerer_post = $7, answered_at = $8 WHERE id = $1`,
		o.ID, o.State, o.Answer, sent, o.AnsweredBy, o.AnswererName, o.AnswererPost, act.At)
	worklist.Done(ctx, act, opinionKind, o.ID)
	if o.State == OpinionDropped {
		_, people, err := m.answersFor(ctx, act, o.Agency, act.At)
		if err != nil {
			return err
		}
		for _, p := range people {
			m.tell(ctx, act, p, OpinionTakenBack{Code: d.Code, Reason: o.Answer, Path: opinionPath(o.ID)})
		}
		return nil
	}
	for _, p := range d.askers(o) {
		if o.State == OpinionSilent {
			m.tell(ctx, act, p, OpinionByLaw{Code: d.Code, Body: asked, Basis: o.Basis, Path: deskPathOf(d)})
		} else {
			m.tell(ctx, act, p, OpinionGiven{Code: d.Code, Body: asked, Verdict: opinionWord[o.State], Path: deskPathOf(d)})
		}
	}
	return nil
}

// opinionWord is an answer as the control slip and notices write it.
var opinionWord = map[string]string{OpinionAgree: "đồng ý", OpinionConditions: "đồng ý có điều kiện", OpinionDisagree: "không đồng ý",
	OpinionSilent: "hết hạn không trả lời, coi như đồng ý", OpinionDropped: "không cần trả lời nữa"}

// askers are who waits for an answer: who asked, and who has the dossier now.
func (d *Dossier) askers(o Opinion) []uuid.UUID {
	if d.Holder == nil || *d.Holder == o.AskedBy {
		return []uuid.UUID{o.AskedBy}
	}
	return []uuid.UUID{o.AskedBy, *d.Holder}
}

// holderName is what the holder of a dossier is called; "" where nobody holds it.
func (m *Module) holderName(ctx context.Context, d *Dossier) string {
	if d.Holder == nil {
		return ""
	}
	p, err := m.person(ctx, *d.Holder)
	if err != nil {
		return ""
	}
	return p.Name
}

// DropOpinionIn takes a question back.
type DropOpinionIn struct {
	Opinion uuid.UUID `form:"opinion"`
	Client  string    `form:"client"`
	Reason  string    `form:"reason"`
}

// DropOpinion takes back what is no longer needed, with the reason: the dossier goes on without it.
func (m *Module) DropOpinion(ctx context.Context, in DropOpinionIn) error {
	f := fault.Fields{}
	if f.Text("reason", in.Reason, 2000); f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.opinion.drop", func(ctx context.Context, act *audit.Act) error {
		o, d, _, err := m.lockOpinion(ctx, act, in.Opinion)
		if err != nil {
			return err
		}
		if !d.mayConsult(act.Actor) {
			return fault.NotFound("services.opinion")
		}
		if !o.Open() {
			return fault.Conflict("services.opinion-closed")
		}
		o.State, o.Answer = OpinionDropped, strings.TrimSpace(in.Reason)
		return m.closeOpinion(ctx, act, &d, o, "")
	}, audit.Once(in.Client, in, nil))
}

// dropOpinions ends all that is still waited for when a dossier ends.
func (m *Module) dropOpinions(ctx context.Context, act *audit.Act, d *Dossier) error {
	open, err := pg.Values[uuid.UUID](act.Query(ctx, `SELECT id FROM services.opinion WHERE dossier_id = $1 AND state = 'asked'`, d.ID))
	if err != nil || len(open) == 0 {
		return err
	}
	act.Queue(`UPDATE services.opinion SET state = 'dropped', answered_at = @at WHERE id = ANY(@ids)`, pgx.NamedArgs{"at": act.At, "ids": open})
	for _, id := range open {
		worklist.Done(ctx, act, opinionKind, id)
	}
	return nil
}
