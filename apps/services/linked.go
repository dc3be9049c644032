package services

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

// LinkedSet is an inter-linked set (hồ sơ liên thông): filed once, worked as several dossiers.
// law: public-services.md 11 — one parent with several children, each with own code, agency, state, clock, fee, result.
type LinkedSet struct {
	ID              uuid.UUID
	Code            string
	Procedure       string
	Version         int
	ReceivingAgency string
	Applicant       uuid.UUID
	Filer           *uuid.UUID // who filed all of it in the applicant's name; nil: she herself
	Subject         string
	FiledAt         time.Time
	DueAt           *time.Time // the latest promise along the chain; nil before the first acceptance
	EndedAt         *time.Time // when all parts were over
	Def             Definition `db:"-"`
	Parts           []SetPart  `db:"-"` // in the order of their places
}

// SetPart is one dossier of a set, as far as the others depend on it.
type SetPart struct {
	ID              uuid.UUID // of the dossier
	N               int       // its place, from 1
	Key             string
	After           []int // places of the parts that must be granted before it starts
	Code            string
	Procedure       string
	Version         int
	Name, NameEN    string // of the procedure
	State           State
	Step            string
	CompetentAgency string
	HolderAgency    string
	AnswerDue       *time.Time
	AcceptedAt      *time.Time
	DueAt           *time.Time
	Pauses          []Pause
	ExtendedDays    int
	FinishedAt      *time.Time
	Outcome         *string
	Reason          string // of who refused, stopped or withdrew it, or proposed to refuse; "" otherwise
	Asked           bool   // its body asked for a completion
}

// NameIn is the procedure's name in a language.
func (p SetPart) NameIn(t lang.Tag) string { return in(t, p.Name, p.NameEN) }

// Granted says whether what waits for the part may start.
func (p SetPart) Granted() bool {
	return p.FinishedAt != nil && p.Outcome != nil && *p.Outcome == "granted"
}

// Failed says whether the part came to nothing: what waits for it cannot start any more.
func (p SetPart) Failed() bool {
	return p.State == Refused || p.State == Withdrawn || p.State == Stopped || p.FinishedAt != nil && !p.Granted()
}

// begun says whether its clock has ever run.
func (p SetPart) begun() bool { return p.AcceptedAt != nil }

// Part is the part at a place.
func (s LinkedSet) Part(n int) SetPart { return s.Parts[n-1] }

// PartOf is the part that a dossier is.
func (s LinkedSet) PartOf(dossier uuid.UUID) (SetPart, bool) {
	i := slices.IndexFunc(s.Parts, func(p SetPart) bool { return p.ID == dossier })
	if i < 0 {
		return SetPart{}, false
	}
	return s.Parts[i], true
}

// Over says whether all parts are.
// law: public-services.md 11 — parent done when all children are terminal.
func (s LinkedSet) Over() bool {
	return !slices.ContainsFunc(s.Parts, func(p SetPart) bool { return !p.State.Terminal() })
}

// before is the first part before one that came to nothing, and the first that is still under way. A
// refusal that has not been handed over may still be taken back, so that it is under way.
// law: public-services.md 6.2 — 9→4: error found before return.
func (s LinkedSet) before(p SetPart) (failed, open *SetPart) {
	for _, n := range p.After {
		b := s.Part(n)
		switch {
		case b.Granted():
		case b.Failed() && b.State != Finished:
			if failed == nil {
				failed = &b
			}
		case open == nil:
			open = &b
		}
	}
	return failed, open
}

// WaitsFor is the part that one waits for, if it waits.
func (s LinkedSet) WaitsFor(p SetPart) (SetPart, bool) {
	failed, open := s.before(p)
	if failed != nil || open == nil || p.begun() || p.State.Terminal() {
		return SetPart{}, false
	}
	return *open, true
}

// HeldUp are the parts that cannot start before one is granted.
func (s LinkedSet) HeldUp(by SetPart) []SetPart {
	var out []SetPart
	for _, p := range s.Parts {
		if slices.Contains(p.After, by.N) && !p.begun() && !p.State.Terminal() {
			out = append(out, p)
		}
	}
	return out
}

// resting says whether what follows a part has not begun, or was stopped or taken back: only then may
// the part be taken up again.
func (s LinkedSet) resting(after SetPart) bool {
	return !slices.ContainsFunc(s.Parts, func(p SetPart) bool {
		return slices.Contains(p.After, after.N) && p.begun() && p.State != Stopped && p.State != Withdrawn
	})
}

const setColumns = `id, code, procedure, version, receiving_agency, applicant, subject, filed_at, due_at, ended_at,
	(SELECT f.person FROM services.filer f JOIN services.linked_part l ON l.dossier_id = f.dossier_id WHERE l.set_id = linked_set.id LIMIT 1) AS filer`

const setPartsSQL = `SELECT d.id, l.n, l.key, l.after, d.code, d.procedure, d.version, p.name, p.name_en, d.state, d.step, d.competent_agency, d.holder_agency,
		d.answer_due, d.accepted_at, d.due_at, d.pauses, d.extended_days, d.finished_at, d.outcome, coalesce(w.note, '') AS reason,
		EXISTS (SELECT FROM services.request r WHERE r.dossier_id = d.id AND r.stage = 'processing' AND r.state = 'asked') AS asked
	FROM services.linked_part l JOIN services.dossier d ON d.id = l.dossier_id JOIN services.procedure p ON p.code = d.procedure
	LEFT JOIN LATERAL (SELECT m.note FROM services.move m WHERE m.dossier_id = d.id AND CASE WHEN d.state IN (3, 7, 8)
			THEN m.to_state = d.state AND m.from_state <> d.state ELSE d.outcome <> 'granted' AND m.to_state = 4 AND m.basis <> '' END
		ORDER BY m.n DESC LIMIT 1) w ON true
	WHERE l.set_id = $1 ORDER BY l.n`

// setOf reads a set with its parts. Rights are the caller's matter.
func (m *Module) setOf(ctx context.Context, r pg.Reader, id uuid.UUID, lock string) (LinkedSet, error) {
	s, err := pg.One[LinkedSet](r.Query(ctx, `SELECT `+setColumns+` FROM services.linked_set WHERE id = $1 `+lock, id))
	if fault.KindOf(err) == fault.KindNotFound {
		return s, fault.NotFound("services.set")
	} else if err != nil {
		return s, fmt.Errorf("reading a linked set: %w", err)
	}
	if s.Def, err = m.Definition(ctx, s.Procedure, s.Version); err != nil {
		return s, err
	}
	if s.Parts, err = pg.All[SetPart](r.Query(ctx, setPartsSQL, id)); err != nil {
		return s, fmt.Errorf("reading the parts of %s: %w", s.Code, err)
	}
	return s, nil
}

// lockSet reads the set of a locked dossier so that nobody else decides by it meanwhile. Whoever locks
// both locks a dossier first, and no second one after the set.
func (m *Module) lockSet(ctx context.Context, act *audit.Act, d *Dossier) (LinkedSet, SetPart, error) {
	s, err := m.setOf(ctx, act, *d.set, "FOR UPDATE")
	if err != nil {
		return s, SetPart{}, err
	}
	p, ok := s.PartOf(d.ID)
	if !ok {
		return s, p, fmt.Errorf("%s is not among the parts of %s", d.Code, s.Code)
	}
	return s, p, nil
}

// isPart says whether a code is that of a public service that is only worked as part of a set.
// law: public-services.md 7 — public service: procedure code + .nn.
func isPart(code string) bool { return len(code) > len("0.000000") }

// checkLinked refuses a set whose parts could not be put in order: each stands after those it waits for
// and takes results only of those before it.
func (d Definition) checkLinked() error {
	seen := map[string]bool{}
	for _, p := range d.Linked {
		if p.Key == "" || seen[p.Key] || !procedureCode.MatchString(p.Procedure) || p.Procedure == d.Code {
			return fmt.Errorf("part %q of the set is none", p.Key)
		}
		for _, before := range p.After {
			if !seen[before] {
				return fmt.Errorf("part %s waits for %q, which is not before it", p.Key, before)
			}
		}
		for place, from := range p.Takes {
			if !seen[from] || len(p.After) == 0 {
				return fmt.Errorf("part %s takes %s of %q, which is not before it", p.Key, place, from)
			}
		}
		seen[p.Key] = true
	}
	return nil
}
