package services

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// FollowSet is the job that carries a set on after one of its parts has moved. It is added with the
// move, looks at how the parts stand, and does nothing the second time.
type FollowSet struct {
	Set uuid.UUID `json:"set"`
}

// Kind names the job.
func (FollowSet) Kind() string { return "services.follow-set" }

// Follow starts the parts whose turn has come, stops those that cannot come any more, and keeps until
// when the set is done and whether it is over. Each part is moved by an act of its own.
func (m *Module) Follow(ctx context.Context, set uuid.UUID) error {
	for {
		s, err := m.setOf(ctx, m.db, set, "")
		if err != nil {
			return err
		}
		todo := s.steps()
		if len(todo) == 0 {
			return m.settle(ctx, s)
		}
		for _, st := range todo {
			if err := m.takeStep(ctx, s.Part(st.n).ID, st); err != nil {
				return fmt.Errorf("%s of part %d of %s: %w", st.do, st.n, s.Code, err)
			}
		}
	}
}

// takeStep does one thing to one part.
func (m *Module) takeStep(ctx context.Context, part uuid.UUID, st partStep) error {
	fn := func(ctx context.Context, act *audit.Act) error { return m.stepIn(ctx, act, part, st) }
	switch st.do {
	case partStart:
		return m.book.Act(ctx, "services.linked.start", fn)
	case partStop:
		return m.book.Act(ctx, "services.linked.stop", fn)
	}
	return m.book.Act(ctx, "services.linked.wait", fn)
}

// stepIn does it within its act, if it is still due.
func (m *Module) stepIn(ctx context.Context, act *audit.Act, part uuid.UUID, st partStep) error {
	d, def, err := m.lockWith(ctx, act, part)
	if err != nil {
		return err
	}
	s, p, err := m.lockSet(ctx, act, &d)
	if err != nil {
		return err
	}
	if !slices.Contains(s.steps(), st) {
		return nil // somebody was faster
	}
	act.Note("set", s.Code)
	switch st.do {
	case partStart:
		return m.startPart(ctx, act, &d, def, s, p)
	case partStop:
		return m.stopPart(ctx, act, &d, def, s, p)
	}
	d.Step, d.AnswerDue = StepWaits, nil
	d.save(act)
	m.offDesk(act, &d)
	return nil
}

// startPart begins the clock of a part: the counter looked at its papers when it took the set in, so
// that it goes straight to the body that decides. What must be paid first keeps it at the counter, and so
// does an authorisation that nobody has seen or that has run out meanwhile.
// law: public-services.md 6.2 — 1→2: complete; prepaid fee paid if fee mode is "prepaid".
func (m *Module) startPart(ctx context.Context, act *audit.Act, d *Dossier, def Definition, s LinkedSet, p SetPart) error {
	if err := m.takeOver(ctx, act, d, def, s, p); err != nil {
		return err
	}
	act.Queue(`UPDATE services.linked_part SET started_at = $2 WHERE dossier_id = $1`, d.ID, act.At)
	missing := authorityMissing(ctx, act, d)
	if missing != nil && fault.KindOf(missing) != fault.KindConflict {
		return missing
	}
	if missing == nil && (def.FeeMode != "prepaid" || !d.owes()) {
		return m.accept(ctx, act, d, def, "", func(act *audit.Act) error {
			d.save(act)
			return nil
		})
	}
	d.Step = StepIntake
	if err := m.answerDue(ctx, d, act.At); err != nil {
		return err
	}
	d.save(act)
	m.onDesk(act, d)
	return nil
}

// takeOver puts the results of the parts before into the list of papers, and what the citizen gave to
// other parts since for the same place.
// law: public-services.md 11 — SoHoa 2: reused from another component, 3: from an earlier result.
func (m *Module) takeOver(ctx context.Context, act *audit.Act, d *Dossier, def Definition, s LinkedSet, p SetPart) error {
	have, err := pg.Values[string](act.Query(ctx, `SELECT DISTINCT place FROM services.paper WHERE dossier_id = $1`, d.ID))
	if err != nil {
		return err
	}
	takes := map[string]string{}
	for _, part := range s.Def.Linked {
		if part.Key == p.Key {
			takes = part.Takes
		}
	}
	for _, rule := range def.PapersFor(d.Answers) {
		if slices.Contains(have, rule.Key) {
			continue
		}
		paper, err := m.siblings(ctx, act, s, p, rule.Key, takes[rule.Key])
		if err != nil {
			return err
		}
		if paper.File == uuid.Nil {
			continue
		}
		list, err := m.files.List(ctx, act, files.Subject{Kind: filesKind, ID: paper.Dossier})
		if err != nil {
			return err
		}
		for _, f := range list {
			if f.ID != paper.File || f.Destroyed {
				continue
			}
			if err := m.shareFile(ctx, act, d, rule.Key, f, paper.Name, paper.Digitised); err != nil {
				return err
			}
		}
	}
	return nil
}

// sibling is a paper that another part of the set has.
type sibling struct {
	Dossier   uuid.UUID
	File      uuid.UUID
	Name      string
	Digitised int
}

// siblings finds what another part has for a place: its result where one is named, else what was given.
func (m *Module) siblings(ctx context.Context, r pg.Reader, s LinkedSet, p SetPart, place, result string) (sibling, error) {
	sql, args := `SELECT x.dossier_id AS dossier, x.file_id AS file, x.name, 2 AS digitised FROM services.linked_part l JOIN services.paper x ON x.dossier_id = l.dossier_id
		WHERE l.set_id = $1 AND l.dossier_id <> $2 AND x.place = $3 AND x.file_id IS NOT NULL ORDER BY x.added_at DESC, x.n DESC LIMIT 1`, []any{s.ID, p.ID, place}
	if result != "" {
		i := slices.IndexFunc(s.Parts, func(q SetPart) bool { return q.Key == result })
		from := s.Parts[i]
		def, err := m.Definition(ctx, from.Procedure, from.Version)
		if err != nil {
			return sibling{}, err
		}
		sql, args = `SELECT dossier_id AS dossier, file_id AS file, $2 || ' ' || number AS name, 3 AS digitised FROM services.outgoing
			WHERE dossier_id = $1 AND kind = 'result' AND state = 'issued' AND file_id IS NOT NULL ORDER BY at DESC LIMIT 1`, []any{from.ID, def.Result.Name}
	}
	found, err := pg.One[sibling](r.Query(ctx, sql, args...))
	if fault.KindOf(err) == fault.KindNotFound {
		return sibling{}, nil
	}
	return found, err
}

// stopPart ends a part that cannot start any more; the reason names the part that came to nothing.
// law: public-services.md 6.2 — 1→8: system, only a dependant of a failed child; Form 05.
func (m *Module) stopPart(ctx context.Context, act *audit.Act, d *Dossier, def Definition, s LinkedSet, p SetPart) error {
	failed, _ := s.before(p)
	if failed == nil {
		return fmt.Errorf("%s is stopped though nothing before it failed", d.Code)
	}
	reason := "Hồ sơ " + failed.Code + " (" + failed.Name + ") " + failedHow(*failed)
	if failed.Reason != "" {
		reason += ": " + failed.Reason
	}
	d.AnswerDue = nil
	if err := m.voidBills(ctx, act, d, "stopped"); err != nil {
		return err
	}
	return m.stop(ctx, act, d, def, reason, linkedBasis[s.Procedure])
}

// linkedBasis is the decree that stands for a set; a set without one names none.
// law: public-services.md 11 — Decree 63/2024: the birth set and the death set.
var linkedBasis = map[string]string{"2.000986": "Nghị định 63/2024/NĐ-CP"}

// failedHow says in the language of the record how a part came to nothing.
func failedHow(p SetPart) string {
	switch p.State {
	case Refused:
		return "không được tiếp nhận"
	case Withdrawn:
		return "đã được người nộp rút"
	case Stopped:
		return "đã dừng giải quyết"
	}
	return "có kết quả là từ chối"
}

// settle keeps with the set until when it is done and whether it is over, where that has changed, and
// tells who filed it when it is.
func (m *Module) settle(ctx context.Context, s LinkedSet) error {
	due, err := m.setPromise(ctx, s)
	if err != nil {
		return fmt.Errorf("the promise of %s: %w", s.Code, err)
	}
	over := s.Over()
	if over == (s.EndedAt != nil) && (due.IsZero() || s.DueAt != nil && !due.After(*s.DueAt)) {
		return nil
	}
	return m.book.Act(ctx, "services.linked.settle", func(ctx context.Context, act *audit.Act) error {
		now, err := m.setOf(ctx, act, s.ID, "FOR UPDATE")
		if err != nil {
			return err
		}
		act.About(setKind, s.Code, s.Applicant)
		if !due.IsZero() { // never earlier than was promised
			now.DueAt = later(now.DueAt, due)
		}
		ended := now.EndedAt
		switch {
		case !now.Over():
			ended = nil
		case ended == nil:
			ended = &act.At
			of := Dossier{Applicant: now.Applicant, Filer: now.Filer}
			m.tellApplicant(ctx, act, &of, SetOver{Code: now.Code, Procedure: now.Def.Name, Failed: now.failures(), Path: pathFor(&of, PathSet(now.ID))})
		}
		act.Queue(`UPDATE services.linked_set SET due_at = $2, ended_at = $3 WHERE id = $1`, now.ID, now.DueAt, ended)
		return nil
	})
}

// setKind is what entries of the log call a set.
const setKind = "services.set"

// failures counts the parts that came to nothing.
func (s LinkedSet) failures() (n int) {
	for _, p := range s.Parts {
		if p.Failed() {
			n++
		}
	}
	return n
}

// PathSet is where the applicant sees a set.
func PathSet(id uuid.UUID) string { return "/sets/" + id.String() }

// mayBegin says whether a part's clock may begin or go on: all before it are granted.
func (m *Module) mayBegin(ctx context.Context, act *audit.Act, d *Dossier) error {
	if d.set == nil {
		return nil
	}
	s, p, err := m.lockSet(ctx, act, d)
	if err != nil {
		return err
	}
	failed, open := s.before(p)
	switch {
	case failed != nil:
		return fault.Conflict("services.set-failed", "code", failed.Code)
	case open != nil:
		return fault.Conflict("services.set-waits", "code", open.Code)
	}
	return nil
}

// mayGoBack says whether a part may be worked again: nothing that began after it still goes on.
func (m *Module) mayGoBack(ctx context.Context, act *audit.Act, d *Dossier) error {
	if d.set == nil {
		return nil
	}
	s, p, err := m.lockSet(ctx, act, d)
	if err == nil && !s.resting(p) {
		return fault.Conflict("services.set-goes-on")
	}
	return err
}
