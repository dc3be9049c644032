package silence

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/worklist"
	"datmui/kit/pg"
)

// found is one thing that breaks a rule.
type found struct {
	rule    Rule
	subject string
	dossier *uuid.UUID
	agency  string
	what    string
}

// look is what one round has seen so far.
type look struct {
	began   time.Time
	checked map[Rule]int
	found   map[Rule]int
	list    []found
}

func (l *look) add(f found) {
	l.found[f.rule]++
	if l.found[f.rule] <= mostKept {
		l.list = append(l.list, f)
	}
}

func (m *Module) watch(ctx context.Context, _ Watch) error { return m.Look(ctx) }

// Look checks every dossier against the rules, writes down what it found and lays it on the desks of
// the supervisors. It mends nothing. It may run as often as one likes, also beside itself.
func (m *Module) Look(ctx context.Context) error {
	l := &look{began: m.clock.Now(), checked: map[Rule]int{}, found: map[Rule]int{}}
	bodies, err := pg.Values[string](m.db.Query(ctx, bodiesSQL))
	if err != nil {
		return fmt.Errorf("listing the bodies that decide: %w", err)
	}
	for _, body := range bodies {
		if err := m.openOf(ctx, l, body); err != nil {
			return fmt.Errorf("looking at the dossiers of %s: %w", body, err)
		}
	}
	for _, step := range []func(context.Context, *look) error{m.desks, m.died} {
		if err := step(ctx, l); err != nil {
			return err
		}
	}
	return m.note(ctx, l)
}

// part is what one query has looked at.
type part struct {
	Checked int
	Waiting int
	Found   []struct {
		Dossier uuid.UUID
		Code    string
		Agency  string
		Broken  []Rule
	}
}

// openOf looks at what one body decides.
func (m *Module) openOf(ctx context.Context, l *look, body string) error {
	args := placesArgs(l.began)
	args["body"] = body
	for sql, rules := range map[string][]Rule{openSQL: {RulePlace, RuleDesk, RuleDue, RuleClock, RuleLinked}, endedSQL: {RuleEnded}} {
		p, err := pg.One[part](m.db.Query(ctx, sql, args))
		if err != nil {
			return err
		}
		l.take(p, rules...)
	}
	return nil
}

// placesArgs are the places as the queries want them.
func placesArgs(now time.Time) pgx.NamedArgs {
	n := len(places)
	states, open := make([]int16, n), []int16{}
	steps, bodies, dues, mends := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, p := range places {
		states[i], steps[i], bodies[i], dues[i], mends[i] = int16(p.state), p.step, p.body, p.due, p.mend
	}
	for _, s := range services.States {
		if s.Open() {
			open = append(open, int16(s))
		}
	}
	return pgx.NamedArgs{"states": states, "steps": steps, "bodies": bodies, "dues": dues, "mends": mends, "open": open,
		"passed": now.Add(-grace), "since": now.Add(-kept)}
}

func (l *look) take(p part, rules ...Rule) {
	for _, r := range rules {
		l.checked[r] += p.Checked
	}
	if p.Waiting > 0 {
		l.checked[RuleMend] += p.Waiting
		l.checked[RulePassed] += p.Waiting
	}
	for _, f := range p.Found {
		for _, r := range f.Broken {
			l.add(found{rule: r, subject: f.Dossier.String(), dossier: &f.Dossier, agency: f.Agency, what: f.Code})
		}
	}
}

// desk is where dossiers lie.
type desk struct {
	Agency string
	Person *uuid.UUID
	Right  string
	Open   int
	Some   []uuid.UUID // the first twenty of them
	Codes  []string
}

// desks asks of every desk with a dossier on it whether somebody sits there, and whether what lies
// there is still to be done.
func (m *Module) desks(ctx context.Context, l *look) error {
	list, err := pg.All[desk](m.db.Query(ctx, desksSQL))
	if err != nil {
		return fmt.Errorf("listing the desks: %w", err)
	}
	var seats []directory.Seat
	for _, d := range list {
		if d.Person != nil {
			seats = append(seats, directory.Seat{Person: *d.Person, Agency: d.Agency})
		}
	}
	before := l.began.Add(-grace)
	left, err := m.directory.Vacant(ctx, m.db, services.RightHandle, seats, before)
	if err != nil {
		return fmt.Errorf("asking who is still there: %w", err)
	}
	last := ""
	for _, d := range list {
		l.checked[RuleStaffed]++
		empty := d.Person != nil && slices.Contains(left, directory.Seat{Person: *d.Person, Agency: d.Agency})
		if d.Person == nil {
			there, err := m.directory.Receivers(ctx, m.db, d.Agency, d.Right, before)
			if err != nil {
				return fmt.Errorf("asking who sits at a desk of %s: %w", d.Agency, err)
			}
			empty = len(there) == 0
		}
		if empty {
			for i, id := range d.Some {
				l.add(found{rule: RuleStaffed, subject: id.String(), dossier: &id, agency: d.Agency, what: d.Codes[i]})
			}
			l.found[RuleStaffed] += d.Open - len(d.Some)
		}
		if d.Agency != last {
			args := placesArgs(l.began)
			args["body"] = d.Agency
			p, err := pg.One[part](m.db.Query(ctx, ghostSQL, args))
			if err != nil {
				return fmt.Errorf("looking for what is over on the desks of %s: %w", d.Agency, err)
			}
			l.take(p, RuleEnded)
			last = d.Agency
		}
	}
	return nil
}

// died asks for jobs that were given up.
func (m *Module) died(ctx context.Context, l *look) error {
	kinds, err := pg.All[struct {
		Kind  string
		N     int
		Since time.Time
	}](m.db.Query(ctx, jobsSQL))
	if err != nil {
		return fmt.Errorf("asking for jobs that died: %w", err)
	}
	n, err := pg.Value[int](m.db.Query(ctx, `SELECT count(*)::int FROM river_job WHERE state <> 'completed'`))
	if err != nil {
		return err
	}
	l.checked[RuleJobs] = n
	for _, k := range kinds {
		l.add(found{rule: RuleJobs, subject: k.Kind, what: k.Kind})
		l.found[RuleJobs] += k.N - 1
	}
	return nil
}

// Result is what one look found by one rule.
type Result struct {
	Checked int       `json:"checked"`
	Found   int       `json:"found"`
	Since   time.Time `json:"since,omitzero"` // the oldest of what was found
}

// note writes the look down: what is new, what is over, how many in all; and tells the supervisors.
func (m *Module) note(ctx context.Context, l *look) error {
	fallback, err := m.fallback(ctx)
	if err != nil {
		return err
	}
	var rules, subjects, agencies, whats []string
	var dossiers []*uuid.UUID
	for i := range l.list {
		f := &l.list[i]
		if f.agency == "" {
			f.agency = fallback
		}
		rules, subjects, agencies = append(rules, string(f.rule)), append(subjects, f.subject), append(agencies, f.agency)
		whats, dossiers = append(whats, f.what), append(dossiers, f.dossier)
	}
	return m.book.Act(ctx, "services.silence.watch", func(ctx context.Context, act *audit.Act) error {
		args := pgx.NamedArgs{"rules": rules, "subjects": subjects, "agencies": agencies, "whats": whats, "dossiers": dossiers, "at": act.At}
		if _, err := act.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('services.silence'))`); err != nil {
			return err
		}
		if _, err := act.Exec(ctx, `UPDATE services.silence s SET over_at = @at WHERE over_at IS NULL
			AND NOT EXISTS (SELECT FROM unnest(@rules::text[], @subjects::text[]) AS f (rule, subject) WHERE f.rule = s.rule AND f.subject = s.subject)`, args); err != nil {
			return fmt.Errorf("ending what is over: %w", err)
		}
		if _, err := act.Exec(ctx, `INSERT INTO services.silence (id, rule, subject, dossier, agency, what, since)
			SELECT DISTINCT ON (rule, subject) gen_random_uuid(), rule, subject, dossier, agency, what, @at
			FROM unnest(@rules::text[], @subjects::text[], @dossiers::uuid[], @agencies::text[], @whats::text[]) AS f (rule, subject, dossier, agency, what)
			ON CONFLICT (rule, subject) WHERE over_at IS NULL DO NOTHING`, args); err != nil {
			return fmt.Errorf("writing down what is new: %w", err)
		}
		since, err := pg.All[struct {
			Rule  Rule
			Since time.Time
		}](act.Query(ctx, `SELECT rule, min(since) AS since FROM services.silence WHERE over_at IS NULL GROUP BY rule`))
		if err != nil {
			return err
		}
		out, whole := map[Rule]Result{}, 0
		for _, r := range Rules {
			out[r] = Result{Checked: l.checked[r], Found: l.found[r]}
			whole += l.found[r]
		}
		for _, s := range since {
			r := out[s.Rule]
			r.Since = s.Since
			out[s.Rule] = r
		}
		if err := m.tell(ctx, act); err != nil {
			return err
		}
		raw, err := json.Marshal(out)
		if err != nil {
			return err
		}
		act.Queue(`INSERT INTO services.silence_run (id, began_at, ended_at, rules) VALUES ($1, $2, $3, $4)`, uuid.Must(uuid.NewV7()), l.began, act.At, raw)
		act.Queue(`DELETE FROM services.silence_run WHERE ended_at < $1`, act.At.Add(-kept))
		act.Note("checked", l.checked[RuleDesk])
		act.Note("found", whole)
		return nil
	})
}

// tell lays what was found at each body on its supervisors' desk, and takes away what is over.
func (m *Module) tell(ctx context.Context, act *audit.Act) error {
	now, err := pg.All[struct {
		Agency string
		Since  time.Time
		Found  int
		Codes  []string
	}](act.Query(ctx, `SELECT agency, min(since) AS since, count(*)::int AS found, (array_agg(DISTINCT what))[1:3] AS codes
		FROM services.silence WHERE over_at IS NULL AND agency <> '' GROUP BY agency`))
	if err != nil {
		return fmt.Errorf("counting by body: %w", err)
	}
	told, err := pg.Values[string](act.Query(ctx, `SELECT agency FROM worklist.item WHERE kind = $1 AND done_at IS NULL`, Kind))
	if err != nil {
		return err
	}
	for _, n := range now {
		what := strings.Join(n.Codes, ", ")
		if n.Found > len(n.Codes) {
			what += fmt.Sprintf(" … (%d)", n.Found)
		}
		err := worklist.Put(ctx, act, worklist.Item{Kind: Kind, Subject: subjectOf(n.Agency), Agency: n.Agency, Right: services.RightSupervise,
			What: what, Why: "services.why.silence", Step: "silence", Priority: 3, Href: PathPage, Started: n.Since, Due: n.Since.Add(24 * time.Hour)})
		if err != nil {
			return err
		}
		told = slices.DeleteFunc(told, func(a string) bool { return a == n.Agency })
	}
	for _, agency := range told {
		worklist.Done(ctx, act, Kind, subjectOf(agency))
	}
	return nil
}

// subjectOf is the id under which a body's findings lie on the desk.
func subjectOf(agency string) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(Kind+" "+agency))
}

// fallback is the body told of what belongs to none: the service centre of the province.
func (m *Module) fallback(ctx context.Context) (string, error) {
	list, err := m.directory.Agencies(ctx, directory.AgencyFilter{Kind: "public-service centre"}, m.clock.Now())
	if err != nil {
		return "", err
	}
	for _, a := range list {
		if a.Level == "province" {
			return a.ID, nil
		}
	}
	return "", nil
}
