package silence

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/apps/services"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Run is one look.
type Run struct {
	BeganAt time.Time
	EndedAt time.Time
	Rules   map[Rule]Result
}

// Found is how many things broke a rule.
func (r Run) Found() (n int) {
	for _, res := range r.Rules {
		n += res.Found
	}
	return n
}

// State is what the public page shows.
type State struct {
	Runs []Run // the newest first, at most ten
	Now  time.Time
}

// Ran says whether the watchdog has looked lately enough to prove anything.
func (s State) Ran() bool { return len(s.Runs) > 0 && s.Now.Sub(s.Runs[0].EndedAt) <= stale }

// Green says whether it looked lately and found nothing.
func (s State) Green() bool { return s.Ran() && s.Runs[0].Found() == 0 }

// State reads the last looks. Anybody may ask: there is nothing personal in them.
func (m *Module) State(ctx context.Context) (State, error) {
	s := State{Now: m.clock.Now()}
	var err error
	if s.Runs, err = pg.All[Run](m.db.Query(ctx, `SELECT began_at, ended_at, rules FROM services.silence_run ORDER BY ended_at DESC, id DESC LIMIT 10`)); err != nil {
		return s, fmt.Errorf("reading the last looks: %w", err)
	}
	return s, nil
}

// Finding is one thing that breaks a rule, as a supervisor sees it.
type Finding struct {
	ID      uuid.UUID
	Rule    Rule
	Dossier *uuid.UUID
	Agency  string
	What    string
	Since   time.Time
}

// perPage is how many findings a page shows.
const perPage = 50

// Findings lists what is found at the bodies that the actor supervises, by key.
func (m *Module) Findings(ctx context.Context, after uuid.UUID) (list []Finding, next uuid.UUID, err error) {
	a := actor.From(ctx)
	bodies, all := a.Where(services.RightSupervise)
	if a.Kind != actor.Official || len(bodies) == 0 && !all {
		return nil, next, fault.Forbidden("services.supervise")
	}
	list, err = pg.All[Finding](m.db.Query(ctx, `SELECT id, rule, dossier, agency, what, since FROM services.silence
		WHERE over_at IS NULL AND (@all OR agency = ANY(@bodies)) AND id > @after ORDER BY id LIMIT @most`,
		pgx.NamedArgs{"all": all, "bodies": bodies, "after": after, "most": perPage + 1}))
	if err != nil {
		return nil, next, fmt.Errorf("listing what was found: %w", err)
	}
	if len(list) > perPage {
		list = list[:perPage]
		next = list[perPage-1].ID
	}
	return list, next, nil
}
