package services

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/pg"
)

// CarryDossiers is the job that gives dossiers whose body or officer is no longer there to who is.
type CarryDossiers struct{}

// Kind names the job.
func (CarryDossiers) Kind() string { return "services.carry-dossiers" }

// carriedAtOnce is how many dossiers are read at a time.
const carriedAtOnce = 500

// Carry keeps open dossiers off the desks of nobody: those of a body that is over go on in its
// successor, and those of an officer who left go back to the head, who gives them to somebody else.
// It catches up by state and may run as often as it likes.
// law: public-services.md 17 — stuck for days, never routed; 2 — fact 3: bodies end on a day.
func (m *Module) Carry(ctx context.Context) error {
	now := m.clock.Now()
	heirs, err := m.directory.Heirs(ctx, m.db, now)
	if err != nil {
		return fmt.Errorf("asking which bodies are over: %w", err)
	}
	err = m.carryAll(ctx, heirs, nil, overSQL, pgx.NamedArgs{"old": slices.Sorted(maps.Keys(heirs))})
	if err != nil {
		return err
	}
	if err := m.carryRatings(ctx, heirs, slices.Sorted(maps.Keys(heirs))); err != nil {
		return err
	}
	seats, err := pg.All[directory.Seat](m.db.Query(ctx, seatsSQL))
	if err != nil {
		return fmt.Errorf("listing who has dossiers: %w", err)
	}
	vacant, err := m.directory.Vacant(ctx, m.db, RightHandle, seats, now)
	if err != nil {
		return fmt.Errorf("asking who is still there: %w", err)
	}
	for _, s := range vacant {
		err := m.carryAll(ctx, heirs, &s, `holder = @holder AND competent_agency = @agency AND state IN (2, 4, 5, 6, 8, 9)`, pgx.NamedArgs{"holder": s.Person, "agency": s.Agency})
		if err != nil {
			return err
		}
	}
	return nil
}

// seatsSQL lists who has open dossiers.
const seatsSQL = `SELECT DISTINCT holder AS person, competent_agency AS agency FROM services.dossier
	WHERE holder IS NOT NULL AND state IN (2, 4, 5, 6, 8, 9)`

// strandedSQL finds the dossiers of a condition first and sorts then: there are few, mostly none,
// and to look for them along the ids would read all that was ever filed.
func strandedSQL(where string) string {
	return `WITH stranded AS MATERIALIZED (SELECT id FROM services.dossier WHERE ` + where + `)
		SELECT id FROM stranded WHERE id > @after ORDER BY id LIMIT @most`
}

// overSQL is the condition of open dossiers of bodies that are over.
const overSQL = `(competent_agency = ANY(@old) OR receiving_agency = ANY(@old)) AND state IN (1, 2, 4, 5, 6, 8, 9)`

// carryAll carries every dossier of a condition, each in an act of its own.
func (m *Module) carryAll(ctx context.Context, heirs map[string]string, gone *directory.Seat, where string, args pgx.NamedArgs) error {
	args["after"], args["most"] = uuid.Nil, carriedAtOnce
	for {
		ids, err := pg.Values[uuid.UUID](m.db.Query(ctx, strandedSQL(where), args))
		if err != nil {
			return fmt.Errorf("listing dossiers on nobody's desk: %w", err)
		}
		for _, id := range ids {
			err := m.book.Act(ctx, "services.dossier.carry", func(ctx context.Context, act *audit.Act) error {
				return m.carry(ctx, act, id, heirs, gone)
			})
			if err != nil {
				return err
			}
		}
		if len(ids) < carriedAtOnce {
			return nil
		}
		args["after"] = ids[len(ids)-1]
	}
}

// carry takes one dossier on. A draft or a signature of a body that is over does not count for its
// successor: the result is drafted anew there.
func (m *Module) carry(ctx context.Context, act *audit.Act, id uuid.UUID, heirs map[string]string, gone *directory.Seat) error {
	d, err := lock(ctx, act, id)
	if err != nil || !d.State.Open() && d.State != Stopped {
		return err
	}
	receiving, competent, holder := d.ReceivingAgency, d.CompetentAgency, d.Holder
	d.inherit(heirs)
	if gone != nil && holder != nil && *holder == gone.Person && competent == gone.Agency {
		d.Holder = nil
	}
	if d.ReceivingAgency == receiving && d.CompetentAgency == competent && d.Holder == holder {
		return nil // somebody was faster
	}
	step := d.Step
	if d.CompetentAgency != competent && (step == StepSign || step == StepNumber) {
		m.dropDraft(act, &d)
		d.Proposed, d.DecidedAt, d.DecidedBy = nil, nil, nil
		step = StepHandle
	}
	act.Note("receiving", d.ReceivingAgency)
	act.Note("competent", d.CompetentAgency)
	if d.State == Processing { // law: public-services.md 6.2 — 4→4: reassign, slip line
		if err := d.move(act, Processing, step, Move{}); err != nil {
			return err
		}
	}
	act.Queue(`UPDATE services.dossier SET receiving_agency = $2, competent_agency = $3 WHERE id = $1`, d.ID, d.ReceivingAgency, d.CompetentAgency)
	d.save(act)
	if d.ReceivingAgency != receiving {
		m.pay.HandOver(act, d.ID, receiving, d.ReceivingAgency)
	}
	if d.CompetentAgency != competent {
		if err := m.carryComplaint(ctx, act, &d); err != nil {
			return err
		}
	}
	if d.State.Open() {
		m.onDesk(act, &d)
	}
	return nil
}

// inherit puts the successors in the place of bodies that are over.
func (d *Dossier) inherit(heirs map[string]string) {
	d.ReceivingAgency = cmp.Or(heirs[d.ReceivingAgency], d.ReceivingAgency)
	d.CompetentAgency = cmp.Or(heirs[d.CompetentAgency], d.CompetentAgency)
	d.HolderAgency = cmp.Or(heirs[d.HolderAgency], d.HolderAgency)
}

// heirs are the bodies that go on today for those that are over, as of a moment ago.
func (m *Module) heirs(ctx context.Context) (map[string]string, error) {
	return m.heirsOf.get(m.today(), func() (map[string]string, error) {
		return m.directory.Heirs(ctx, m.db, m.clock.Now())
	})
}

// maySee is mayBeSeenBy, and in the place of a body that is over its successor: what a body has
// decided stays its own in the records, and its successor may look it up.
func (m *Module) maySee(ctx context.Context, d Dossier, a actor.Actor) (bool, error) {
	if d.mayBeSeenBy(a) || a.Kind != actor.Official {
		return d.mayBeSeenBy(a), nil
	}
	heirs, err := m.heirs(ctx)
	if err != nil {
		return false, err
	}
	d.inherit(heirs)
	return d.mayBeSeenBy(a), nil
}

// withForebears adds to bodies those that are over and have dossiers which they go on for.
func (m *Module) withForebears(ctx context.Context, bodies []string) ([]string, error) {
	left, err := m.left.get(m.today(), func() (map[string][]string, error) {
		heirs, err := m.heirs(ctx)
		if err != nil {
			return nil, err
		}
		have, err := m.withDossiers(ctx, slices.Sorted(maps.Keys(heirs)))
		out := map[string][]string{}
		for _, id := range have {
			out[heirs[id]] = append(out[heirs[id]], id)
		}
		return out, err
	})
	if err != nil || len(left) == 0 {
		return bodies, err
	}
	out := slices.Clone(bodies)
	for _, id := range bodies {
		out = append(out, left[id]...)
	}
	return out, nil
}

// bodiesInUse remembers which bodies have had a dossier. None ever ceases to: dossiers are not deleted.
type bodiesInUse struct {
	mu   sync.RWMutex
	have map[string]bool
}

// withDossiers are those of the bodies that have ever had a dossier; only those that had none before
// are looked up.
func (m *Module) withDossiers(ctx context.Context, bodies []string) ([]string, error) {
	m.inUse.mu.RLock()
	unknown := slices.DeleteFunc(slices.Clone(bodies), func(id string) bool { return m.inUse.have[id] })
	m.inUse.mu.RUnlock()
	if len(unknown) == 0 {
		return bodies, nil
	}
	have, err := pg.Values[string](m.db.Query(ctx, `SELECT o FROM unnest($1::text[]) o
		WHERE EXISTS (SELECT FROM services.dossier WHERE competent_agency = o) OR EXISTS (SELECT FROM services.dossier WHERE receiving_agency = o) ORDER BY o`, unknown))
	if err != nil {
		return nil, err
	}
	m.inUse.mu.Lock()
	defer m.inUse.mu.Unlock()
	if m.inUse.have == nil {
		m.inUse.have = map[string]bool{}
	}
	for _, id := range have {
		m.inUse.have[id] = true
	}
	return slices.DeleteFunc(slices.Clone(bodies), func(id string) bool { return !m.inUse.have[id] }), nil
}
