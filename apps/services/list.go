package services

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// ListIn filters the dossiers of the actor's offices. The zero value leaves nothing out.
type ListIn struct {
	Agency    string    `form:"agency"`    // one of the actor's offices; "" means all of them
	State     State     `form:"state"`     // 0 means all
	Procedure string    `form:"procedure"` // code
	Holder    uuid.UUID `form:"holder"`    // the case officer; zero means all
	Term      string    `form:"term"`      // see the Term constants; "" means all
	Timing    string    `form:"timing"`    // how it was finished: early, on-time, late
	By        string    `form:"by"`        // what From and To are about: "" the filing, "finished"
	From      string    `form:"from"`      // first day, 2026-11-01; "" for no beginning
	To        string    `form:"to"`        // last day; "" for no end
	Decided   bool      `form:"decided"`   // only what the bodies decide, not what their counters received for others
	After     string    `form:"after"`     // page key
}

// Where the time of a dossier stands.
// law: public-services.md 8.4 — paused is not late, unless it was when it was paused; 6.1 — counts.
const (
	TermOpen   = "open"   // not yet processed
	TermLate   = "late"   // open, and the promise is broken
	TermSoon   = "soon"   // running, due within three days
	TermPaused = "paused" // waits for the citizen or is stopped
)

// NoHolder as the Holder of a filter leaves what nobody has taken.
var NoHolder = uuid.Max

// ByFinished makes the days of a filter those on which dossiers were finished.
const ByFinished = "finished"

// openStates are those in which the competent body or the citizen still has something to do.
var openStates = []State{Registered, Accepted, Processing, AwaitingSupplement, AwaitingPayment}

// pausedStates are those in which the clock stands still.
// law: public-services.md 6.1 — tạm dừng = 5+6+8.
var pausedStates = []State{AwaitingSupplement, AwaitingPayment, Stopped}

// An open dossier is late when its promise was broken before its clock stood still, and due soon
// while it runs.
const (
	lateSQL = "due_at < coalesce(paused_at, @now)"
	soonSQL = "paused_at IS NULL AND due_at >= @now AND due_at < @soon"
)

// runningStates are those that can be due soon.
var runningStates = []State{Accepted, Processing}

// soonSpan is how far ahead something is due soon.
const soonSpan = 3 * 24 * time.Hour

// conditions are the filter in SQL on a row of services.dossier, the states to which it is bound
// (none: all), and the arguments.
func (in ListIn) conditions(now time.Time) (where string, states []State, args pgx.NamedArgs, err error) {
	args, and := pgx.NamedArgs{"now": now, "soon": now.Add(soonSpan)}, []string{}
	if in.State != None {
		states = []State{in.State}
	}
	bind := func(to ...State) {
		if len(states) == 0 {
			states = to
			return
		}
		states = slices.DeleteFunc(slices.Clone(states), func(s State) bool { return !slices.Contains(to, s) })
		if len(states) == 0 {
			states = []State{None} // nothing is in both
		}
	}
	switch in.Term {
	case "":
	case TermOpen:
		bind(openStates...)
	case TermLate:
		bind(openStates...)
		and = append(and, lateSQL)
	case TermSoon:
		bind(runningStates...)
		and = append(and, soonSQL)
	case TermPaused:
		bind(pausedStates...)
	default:
		return "", nil, nil, fault.Fields{"term": "invalid"}
	}
	if in.Procedure != "" {
		and, args["procedure"] = append(and, "procedure = @procedure"), in.Procedure
	}
	switch in.Holder {
	case uuid.Nil:
	case NoHolder:
		and = append(and, "holder IS NULL")
	default:
		and, args["holder"] = append(and, "holder = @holder"), in.Holder
	}
	if in.Timing != "" {
		test, ok := timingSQL[in.Timing]
		if !ok {
			return "", nil, nil, fault.Fields{"timing": "invalid"}
		}
		and = append(and, "finished_at IS NOT NULL AND due_at IS NOT NULL AND "+test)
	}
	from, to, err := in.span()
	if err != nil {
		return "", nil, nil, err
	}
	if !from.IsZero() {
		and, args["from"] = append(and, in.column()+" >= @from"), from
	}
	if !to.IsZero() {
		and, args["until"] = append(and, in.column()+" < @until"), to
	}
	if in.By == ByFinished {
		and = append(and, "finished_at IS NOT NULL") // the index holds no others
	}
	for _, a := range and {
		where += " AND " + a
	}
	return where, states, args, nil
}

// timingSQL says how a finished dossier stood against its promise, to the minute.
// law: public-services.md 8.4 — early: before the due day; on time: that day, up to the time; late: after.
var timingSQL = map[string]string{
	"early":   "(date_trunc('minute', finished_at) AT TIME ZONE 'Asia/Ho_Chi_Minh')::date < (due_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date",
	"on-time": "(date_trunc('minute', finished_at) AT TIME ZONE 'Asia/Ho_Chi_Minh')::date >= (due_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AND date_trunc('minute', finished_at) <= due_at",
	"late":    "date_trunc('minute', finished_at) > due_at",
}

func (in ListIn) column() string {
	if in.By == ByFinished {
		return "finished_at"
	}
	return "filed_at"
}

// span is the filter's days as moments: from the first on, before the end of the last.
func (in ListIn) span() (from, until time.Time, err error) {
	f := fault.Fields{}
	day := func(field, s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		d, err := time.ParseInLocation(time.DateOnly, s, clock.Vietnam)
		if err != nil || d.Year() < 1900 || d.Year() > 9000 {
			f.Set(field, "invalid")
		}
		return d
	}
	from, until = day("from", in.From), day("to", in.To)
	if !until.IsZero() {
		until = until.AddDate(0, 0, 1)
	}
	if !from.IsZero() && !until.IsZero() && !from.Before(until) {
		f.Set("to", "before-from")
	}
	if in.By != "" && in.By != ByFinished {
		f.Set("by", "invalid")
	}
	if f.Any() {
		return from, until, f
	}
	return from, until, nil
}

// selection is a filter as a question to the database.
type selection struct {
	in         ListIn
	where      string
	args       pgx.NamedArgs
	states     bool // the question goes state by state
	descending bool
}

// selecting checks a filter and the actor's rights and gives the question.
func (m *Module) selecting(ctx context.Context, in ListIn) (selection, error) {
	a := actor.From(ctx)
	offices, counters := officesOf(a), countersOf(a)
	if len(offices) == 0 {
		return selection{}, fault.Forbidden("services.list")
	}
	if in.Agency != "" {
		if !slices.Contains(offices, in.Agency) {
			return selection{}, fault.NotFound("agency")
		}
		offices = []string{in.Agency}
	}
	var err error
	if offices, err = m.withForebears(ctx, offices); err != nil {
		return selection{}, err
	}
	if counters, err = m.withForebears(ctx, counters); err != nil {
		return selection{}, err
	}
	where, states, args, err := in.conditions(m.clock.Now())
	if err != nil {
		return selection{}, err
	}
	args["offices"], args["counters"], args["states"] = offices, counters, states
	if len(states) == 1 {
		where, args["state"] = " AND state = @state"+where, states[0]
	}
	return selection{in: in, where: where, args: args, states: len(states) > 1, descending: true}, nil
}

// sql reads what each office decides and, for who works at its counter, what it received, in the
// order of an index and no further than the limit; a dossier may be in several of these.
func (s selection) sql(columns string) string {
	at, than, order := s.in.column(), "<", " DESC"
	if !s.descending {
		than, order = ">", ""
	}
	from, bound := `unnest(@offices::text[]) o(office)`, s.where
	if s.states {
		from, bound = from+` CROSS JOIN unnest(@states::smallint[]) s(of)`, ` AND state = s.of`+bound
	}
	next := fmt.Sprintf(`%s AND (%s, id) %s (@at, @id) ORDER BY %s%s, id%s LIMIT @limit`, bound, at, than, at, order, order)
	received := `
			UNION ALL
			(SELECT * FROM services.dossier WHERE receiving_agency = o.office AND o.office = ANY(@counters) ` + next + `)`
	if s.in.Decided {
		received = ""
	}
	return `SELECT DISTINCT ON (d.` + at + `, d.id) ` + columns + ` FROM ` + from + ` CROSS JOIN LATERAL (
			(SELECT * FROM services.dossier WHERE competent_agency = o.office ` + next + `)` + received + `
		) d JOIN services.procedure p ON p.code = d.procedure
		ORDER BY d.` + at + order + `, d.id` + order + ` LIMIT @limit`
}

// page asks for so many rows after a key.
func (s selection) page(at time.Time, id uuid.UUID, limit int) pgx.NamedArgs {
	s.args["at"], s.args["id"], s.args["limit"] = at, id, limit
	return s.args
}

// start is the key before the first row.
func (s selection) start() (time.Time, uuid.UUID) {
	if s.descending {
		return ParseKey("")
	}
	return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), uuid.Nil
}

// keyOf is where a line stands in the order of the filter.
func (in ListIn) keyOf(l Line) (time.Time, uuid.UUID) {
	if in.By == ByFinished && l.FinishedAt != nil {
		return *l.FinishedAt, l.ID
	}
	return l.FiledAt, l.ID
}

// List shows the dossiers of the actor's offices or of one, newest first, by page key.
func (m *Module) List(ctx context.Context, in ListIn) (Page, error) {
	s, err := m.selecting(ctx, in)
	if err != nil {
		return Page{}, err
	}
	at, id := ParseKey(in.After)
	rows, err := pg.All[Line](m.db.Query(ctx, s.sql(lineColumns), s.page(at, id, pageSize+1)))
	if err != nil {
		return Page{}, err
	}
	if len(rows) <= pageSize {
		return Page{Lines: rows}, nil
	}
	return Page{Lines: rows[:pageSize], Next: MakeKey(in.keyOf(rows[pageSize-1]))}, nil
}

// Offices lists the bodies whose dossiers the actor may list, as they are called today.
func (m *Module) Offices(ctx context.Context) ([]AskedBody, error) {
	ids := officesOf(actor.From(ctx))
	var out []AskedBody
	for _, id := range ids[:min(len(ids), mostOffices)] {
		name, err := m.bodyName(ctx, id, m.clock.Now())
		if err != nil {
			return nil, err
		}
		out = append(out, AskedBody{ID: id, Name: name})
	}
	return out, nil
}

// mostOffices is how many bodies a filter names one by one.
const mostOffices = 40

// Narrowed says whether the filter leaves anything out.
func (in ListIn) Narrowed() bool {
	in.After = ""
	return in != ListIn{}
}
