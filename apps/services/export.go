package services

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/calendar"
	"datmui/kit/pg"
)

// ExportLine is a dossier as the register (Form 07) and exports have it. It shows no personal number.
// law: public-services.md 5 — Form 07: code, procedure, applicant, received, due, transferred, returned.
type ExportLine struct {
	Line
	Channel         Channel
	ReceivingAgency string
	CompetentAgency string
	Holder          *uuid.UUID
	AcceptedAt      *time.Time
	FirstDueAt      *time.Time
	HandedAt        *time.Time // when it first went to a case officer
	ReturnedAt      *time.Time
	Number          *string
	ReceivedBy      string // who signed for the result, from the hand-over record
	HolderName      string
	Receiving       string // names of the bodies today
	Competent       string
}

const exportColumns = lineColumns + `, d.channel, d.receiving_agency, d.competent_agency, d.holder, d.accepted_at, d.first_due_at,
	(SELECT min(v.at) FROM services.move v WHERE v.dossier_id = d.id AND v.from_state = 2 AND v.to_state = 4) AS handed_at, d.returned_at, d.number,
	coalesce((SELECT split_part(v.note, ' — ', 1) FROM services.move v WHERE v.dossier_id = d.id AND v.to_state = 10 ORDER BY v.n DESC LIMIT 1), '') AS received_by,
	'' AS holder_name, '' AS receiving, '' AS competent`

// exportedAtOnce is how many rows are read at a time: an export of a million takes no more memory
// than one of a few thousand.
const exportedAtOnce = 1000

// Timing says how it was finished against its promise; "" while it is not finished.
func (l ExportLine) Timing() string {
	if l.FinishedAt == nil || l.DueAt == nil {
		return ""
	}
	return string(calendar.TimingOf(*l.DueAt, *l.FinishedAt))
}

// Export gives all that a filter finds, body by body and there in the order of filing, to write,
// after begin. Who exports what is written down before the first row, and how many rows it became after the last.
func (m *Module) Export(ctx context.Context, in ListIn, format string, begin func() error, write func(ExportLine) error) (rows int, err error) {
	s, err := m.selecting(ctx, in)
	if err != nil {
		return 0, err
	}
	detail := map[string]any{"filter": in.words(), "format": format}
	if err := m.book.NoteRead(ctx, "services.export.begin", in.Agency, detail); err != nil {
		return 0, err
	}
	if err := begin(); err != nil {
		return 0, err
	}
	e := exporting{m: m, s: s, sum: sha256.New(), people: map[uuid.UUID]string{}, bodies: map[string]string{}}
	err = e.all(ctx, write)
	detail["rows"], detail["sha256"], detail["whole"] = e.rows, fmt.Sprintf("%x", e.sum.Sum(nil)), err == nil
	if noted := m.book.NoteRead(context.WithoutCancel(ctx), "services.export.end", in.Agency, detail); err == nil {
		err = noted
	}
	return e.rows, err
}

// words are the parts of a filter that are set, for the log. They name no person.
func (in ListIn) words() map[string]string {
	out := map[string]string{}
	for k, v := range map[string]string{"agency": in.Agency, "procedure": in.Procedure, "term": in.Term, "timing": in.Timing, "by": in.By, "from": in.From, "to": in.To} {
		if v != "" {
			out[k] = v
		}
	}
	if in.State != None {
		out["state"] = fmt.Sprint(int(in.State))
	}
	if in.Holder != uuid.Nil {
		out["holder"] = in.Holder.String()
	}
	return out
}

type exporting struct {
	m      *Module
	s      selection
	sum    hash.Hash // of the codes, in order: what left the house can be told later
	rows   int
	people map[uuid.UUID]string
	bodies map[string]string
}

// all reads what each body decides, and then what each counter received for others: so each dossier
// comes once, without remembering which came before.
func (e *exporting) all(ctx context.Context, write func(ExportLine) error) error {
	offices, counters := e.s.args["offices"].([]string), e.s.args["counters"].([]string)
	for _, office := range offices {
		if err := e.of(ctx, "competent_agency = @office", office, write); err != nil {
			return err
		}
	}
	if e.s.in.Decided {
		return nil
	}
	for _, office := range offices {
		if !slices.Contains(counters, office) {
			continue
		}
		if err := e.of(ctx, "receiving_agency = @office AND competent_agency <> ALL(@offices)", office, write); err != nil {
			return err
		}
	}
	return nil
}

func (e *exporting) of(ctx context.Context, whose, office string, write func(ExportLine) error) error {
	at, where := e.s.in.column(), whose+e.s.where
	if e.s.states {
		where += " AND state = ANY(@states)"
	}
	sql := `SELECT ` + exportColumns + ` FROM (SELECT * FROM services.dossier WHERE ` + where + ` AND (` + at + `, id) > (@at, @id)
		ORDER BY ` + at + `, id LIMIT @limit) d JOIN services.procedure p ON p.code = d.procedure ORDER BY d.` + at + `, d.id`
	args := maps.Clone(e.s.args)
	args["office"], args["limit"] = office, exportedAtOnce
	args["at"], args["id"] = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), uuid.Nil
	for {
		list, err := pg.All[ExportLine](e.m.db.Query(ctx, sql, args))
		if err != nil {
			return fmt.Errorf("exporting the dossiers of %s: %w", office, err)
		}
		if err := e.name(ctx, list); err != nil {
			return err
		}
		for i := range list {
			if err := write(list[i]); err != nil {
				return err
			}
			e.rows++
			_, _ = fmt.Fprintln(e.sum, list[i].Code) // a hash never fails
		}
		if len(list) < exportedAtOnce {
			return nil
		}
		args["at"], args["id"] = e.s.in.keyOf(list[len(list)-1].Line)
	}
}

// name fills in what bodies and officers are called; each is asked for once.
func (e *exporting) name(ctx context.Context, lines []ExportLine) error {
	var unknown []uuid.UUID
	for _, l := range lines {
		if l.Holder != nil && e.people[*l.Holder] == "" {
			unknown = append(unknown, *l.Holder)
		}
	}
	if len(unknown) > 0 {
		people, err := e.m.directory.Names(ctx, unknown)
		if err != nil {
			return err
		}
		maps.Copy(e.people, people)
	}
	for i := range lines {
		l := &lines[i]
		for to, id := range map[*string]string{&l.Receiving: l.ReceivingAgency, &l.Competent: l.CompetentAgency} {
			name, ok := e.bodies[id]
			if !ok {
				var err error
				if name, err = e.m.bodyName(ctx, id, e.m.clock.Now(), l.FiledAt); err != nil {
					return err
				}
				e.bodies[id] = name
			}
			*to = name
		}
		if l.Holder != nil {
			l.HolderName = e.people[*l.Holder]
		}
	}
	return nil
}
