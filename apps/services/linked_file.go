package services

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/blocks/letters"
	"datmui/blocks/numbering"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// preparedPart is one part of a set whose filing has been checked.
type preparedPart struct {
	prepared
	LinkedPart
}

// prepareParts makes the filing of each part of what was declared once: the answers that its own form
// asks, the papers that its own list names, the body that decides it.
func (m *Module) prepareParts(ctx context.Context, whole prepared) ([]preparedPart, error) {
	out := make([]preparedPart, 0, len(whole.def.Linked))
	f := fault.Fields{}
	for _, part := range whole.def.Linked {
		p := preparedPart{whole, part}
		var err error
		if p.def, err = m.partDefinition(ctx, part.Procedure); err != nil {
			return nil, err
		}
		form, err := m.FormOf(ctx, p.def)
		if err != nil {
			return nil, err
		}
		answers, wrong := form.Check(whole.answers)
		for k, v := range wrong {
			f.Set(k, v)
		}
		p.answers, p.subject, p.owner = answers, subjectOf(form, answers, p.def), whole.applicant
		if p.bodies, err = m.bodies(ctx, p.def.CompetentFor(answers), whole.in); err != nil {
			return nil, err
		}
		if err := m.owner(ctx, &p.prepared); err != nil {
			return nil, err
		}
		p.in.Papers = nil
		for _, rule := range p.def.PapersFor(answers) {
			for _, paper := range whole.in.Papers {
				if paper.Place == rule.Key && part.Takes[rule.Key] == "" {
					p.in.Papers = append(p.in.Papers, paper)
				}
			}
		}
		out = append(out, p)
	}
	return out, f.Err()
}

// partDefinition is the version of a part in force today: a procedure that is open, or a public service
// that only sets have.
func (m *Module) partDefinition(ctx context.Context, code string) (Definition, error) {
	now := m.clock.Now()
	if !isPart(code) {
		return m.Current(ctx, code, now)
	}
	v, err := pg.Value[int](m.db.Query(ctx, `SELECT version FROM services.version WHERE procedure = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)
		ORDER BY version DESC LIMIT 1`, code, now.In(clock.Vietnam).Format("2006-01-02")))
	if fault.KindOf(err) == fault.KindNotFound {
		return Definition{}, fault.NotFound("services.procedure")
	} else if err != nil {
		return Definition{}, err
	}
	return m.Definition(ctx, code, v)
}

// fileSet files a set within an act: a code for the whole, a dossier for each part, one receipt. What
// waits for nothing lies on the counter's desk, or is accepted at once; the others wait.
func (m *Module) fileSet(ctx context.Context, act *audit.Act, whole prepared, parts []preparedPart, accept bool) (SubmitOut, error) {
	code, err := numbering.NextCode(ctx, act, whole.receiving.Identifier, "dossier")
	if err != nil {
		return SubmitOut{}, err
	}
	s := LinkedSet{ID: newID(), Code: code, Procedure: whole.def.Code, Version: whole.def.Version, ReceivingAgency: whole.receiving.ID,
		Applicant: whole.applicant.ID, Subject: whole.subject, FiledAt: act.At}
	act.Queue(`INSERT INTO services.linked_set (id, code, procedure, version, receiving_agency, applicant, subject, answers, filed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, s.ID, s.Code, s.Procedure, s.Version, s.ReceivingAgency, s.Applicant, s.Subject, whole.answers, s.FiledAt)
	given, err := m.heldFiles(ctx, whole.in.Papers)
	if err != nil {
		return SubmitOut{}, err
	}
	place := map[string]int{}
	var first *Dossier
	var codes []string
	for i, p := range parts {
		place[p.Key] = i + 1
		own, again := p.in.Papers, []PaperIn(nil)
		if first != nil { // what an earlier part has taken up is put beside it, without a second copy of its bytes
			own, again = nil, nil
			if p.authority != nil { // its scan lies with the first part
				seen := *p.authority
				seen.File, p.in.Authority.File, p.authority = nil, uuid.Nil, &seen
			}
			for _, paper := range p.in.Papers {
				if f, ok := given[paper.File]; ok && f.SubjectID != nil {
					again = append(again, paper)
				} else {
					own = append(own, paper)
				}
			}
		}
		p.in.Papers = own
		d, err := m.register(ctx, act, p.prepared)
		if err != nil {
			return SubmitOut{}, err
		}
		d.set = &s.ID
		for _, paper := range again {
			if err := m.shareFile(ctx, act, d, paper.Place, given[paper.File], "", 1); err != nil {
				return SubmitOut{}, err
			}
		}
		for _, paper := range own {
			if f, ok := given[paper.File]; ok {
				f.SubjectID = &d.ID
				given[paper.File] = f
			}
		}
		after := make([]int, 0, len(p.After))
		for _, key := range p.After {
			after = append(after, place[key])
		}
		if err := m.filePart(ctx, act, d, p.prepared, accept, len(after) > 0); err != nil {
			return SubmitOut{}, err
		}
		act.Queue(`INSERT INTO services.linked_part (dossier_id, set_id, n, key, after) VALUES ($1, $2, $3, $4, $5)`, d.ID, s.ID, i+1, p.Key, after)
		if act.Actor.Kind == actor.Partner {
			m.partners.Began(act, dossierKind, d.ID, d.Code)
		}
		codes = append(codes, d.Code)
		if first == nil {
			first = d
		}
	}
	m.issue(act, first, OutgoingReceipt, map[string]any{"set": s.ID})
	act.About(dossierKind, first.Code)
	act.Note("set", s.Code)
	act.Note(audit.With, codes[1:])
	if !accept {
		m.tellApplicant(ctx, act, first, Filed{Code: s.Code, Procedure: whole.def.Name, AnswerBy: *first.AnswerDue, Path: pathFor(first, PathSet(s.ID))})
	}
	act.Job(FollowSet{Set: s.ID}, nil)
	return SubmitOut{ID: first.ID, Code: s.Code, Set: s.ID, Parts: codes}, nil
}

// filePart makes the first move of a part.
func (m *Module) filePart(ctx context.Context, act *audit.Act, d *Dossier, p prepared, accept, waits bool) error {
	switch {
	case waits: // on no desk: the watchdog holds it to the part it waits for
		if err := d.move(act, Registered, StepWaits, Move{}); err != nil {
			return err
		}
		return m.putNew(ctx, act, d, p)
	case accept && !(p.def.FeeMode == "prepaid" && d.owes()):
		return m.accept(ctx, act, d, p.def, "", func(act *audit.Act) error { return m.putNew(ctx, act, d, p) })
	}
	if err := m.answerDue(ctx, d, act.At); err != nil {
		return err
	}
	if err := d.move(act, Registered, StepIntake, Move{}); err != nil {
		return err
	}
	if err := m.putNew(ctx, act, d, p); err != nil {
		return err
	}
	m.onDesk(act, d)
	return nil
}

// heldFiles are the files among what was given, as they arrived.
func (m *Module) heldFiles(ctx context.Context, papers []PaperIn) (map[uuid.UUID]files.File, error) {
	ids := map[uuid.UUID]bool{}
	for _, p := range papers {
		if p.File != uuid.Nil {
			ids[p.File] = true
		}
	}
	list, err := m.files.Held(ctx, slices.Collect(maps.Keys(ids))...)
	return contentsOf(list), err
}

// shareFile puts a file that the system has into a part's list of papers.
func (m *Module) shareFile(ctx context.Context, act *audit.Act, d *Dossier, place string, of files.File, name string, digitised int) error {
	f, err := m.files.Put(ctx, act, files.In{Blob: of.Blob(), Name: of.Name, MIME: of.MIME, Pages: of.Pages, Flaws: of.Flaws,
		Subject: files.Subject{Kind: filesKind, ID: d.ID}, Role: place, Persons: d.AuditPersons()})
	if err != nil {
		return err
	}
	queuePaper(act, d, Paper{Place: place, FileID: &f.ID, Name: name, Copies: 1, Digitised: digitised})
	return nil
}

// setReceipt is the one receipt of a set: its code, and all that was sent with it.
func (m *Module) setReceipt(ctx context.Context, data formData, h letters.Head, atCounter bool) (letters.Paper, error) {
	s, err := m.setOf(ctx, m.db, data.Set, "")
	if err != nil {
		return letters.Paper{}, err
	}
	h.Code, h.Procedure = s.Code, s.Def.Name+" ("+s.Def.Code+")"
	var sent []letters.Sent
	var parts []letters.Row
	for _, p := range s.Parts {
		parts = append(parts, letters.Row{Label: p.Code, Value: p.Name})
		papers, err := pg.All[Paper](m.db.Query(ctx, `SELECT place, n, file_id, name, originals, copies, digitised, added_at
			FROM services.paper WHERE dossier_id = $1 ORDER BY place, n`, p.ID))
		if err != nil {
			return letters.Paper{}, err
		}
		list, err := m.sent(ctx, Dossier{ID: p.ID, FiledAt: s.FiledAt}, papers)
		if err != nil {
			return letters.Paper{}, err
		}
		for _, f := range list { // what parts share was sent once
			if !slices.Contains(sent, f) {
				sent = append(sent, f)
			}
		}
	}
	return letters.Notice{Head: h, SentAt: s.FiledAt, AnswerBy: data.Answer, AtCounter: atCounter, Parts: parts, Files: sent}.Paper(), nil
}
