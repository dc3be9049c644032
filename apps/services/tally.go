package services

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Tally counts the dossiers that some bodies decide: what came in and was finished in a span of days,
// and what is open now. Each count is that of a list: see Rows.
type Tally struct {
	Received int // filed in the span
	Early    int // finished in the span, before the due day
	OnTime   int // on the due day, in time
	Late     int
	Open     int // now
	OpenLate int
	Soon     int
	Paused   int
	Median   time.Duration // from acceptance to the signed result without pauses, of those finished in the span; 0 where none was
}

// Done is how many were finished in the span.
func (t Tally) Done() int { return t.Early + t.OnTime + t.Late }

// TallyLine is the tally of one body, procedure or officer.
type TallyLine struct {
	Tally
	Agency    string
	Procedure string
	Holder    uuid.UUID // zero: nobody has taken them
	Name      string
}

// Tallies are the counts in all and by body, procedure and officer, those with most open first.
type Tallies struct {
	In         ListIn // what was asked: bodies and days
	All        Tally
	Bodies     []TallyLine
	Procedures []TallyLine
	Officers   []TallyLine
}

// The figures of a tally, by the list that each opens.
const (
	FigureReceived = "received"
	FigureEarly    = "early"
	FigureOnTime   = "on-time"
	FigureLate     = "late"
	FigureOpen     = "open"
	FigureOpenLate = "open-late"
	FigureSoon     = "soon"
	FigurePaused   = "paused"
)

// Rows is the filter of the dossiers that a figure counted, within the bodies, the officer and the
// procedure of in.
func (in ListIn) Rows(figure string) ListIn {
	out := ListIn{Agency: in.Agency, Procedure: in.Procedure, Holder: in.Holder, Decided: true}
	switch figure {
	case FigureReceived:
		out.From, out.To = in.From, in.To
	case FigureEarly, FigureOnTime, FigureLate:
		out.By, out.From, out.To, out.Timing = ByFinished, in.From, in.To, figure
	case FigureOpen:
		out.Term = TermOpen
	case FigureOpenLate:
		out.Term = TermLate
	case FigureSoon:
		out.Term = TermSoon
	case FigurePaused:
		out.Term = TermPaused
	}
	return out
}

// Count gives a figure of a tally by its name.
func (t Tally) Count(figure string) int {
	return map[string]int{FigureReceived: t.Received, FigureEarly: t.Early, FigureOnTime: t.OnTime, FigureLate: t.Late, FigureOpen: t.Open,
		FigureOpenLate: t.OpenLate, FigureSoon: t.Soon, FigurePaused: t.Paused}[figure]
}

// mostTallied is the longest span of days that is counted at once.
const mostTallied = 366 * 24 * time.Hour

// Tallied counts for the bodies of the actor, or one of them, an officer's or a procedure's alone
// where in says so. The days are those of the month so far where none are given.
// law: public-services.md 8.4 — early, on time, late; 6.1 — what counts as paused.
func (m *Module) Tallied(ctx context.Context, in ListIn) (Tallies, error) {
	in = ListIn{Agency: in.Agency, Procedure: in.Procedure, Holder: in.Holder, From: in.From, To: in.To, Decided: true}
	if in.From == "" && in.To == "" {
		today := m.clock.Now().In(clock.Vietnam)
		in.From, in.To = today.Format("2006-01-02")[:8]+"01", today.Format(time.DateOnly)
	}
	out := Tallies{In: in}
	s, err := m.selecting(ctx, ListIn{Agency: in.Agency, Procedure: in.Procedure, Holder: in.Holder})
	if err != nil {
		return out, err
	}
	from, until, err := in.span()
	if err != nil {
		return out, err
	}
	if from.IsZero() || until.IsZero() || until.Sub(from) > mostTallied {
		return out, fault.Fields{"from": "too-long"}
	}
	s.args["from"], s.args["until"], s.args["open"], s.args["running"], s.args["paused"] = from, until, openStates, runningStates, pausedStates
	for _, sql := range []string{receivedSQL, finishedSQL, openSQL} {
		lines, err := pg.All[tallyRow](m.db.Query(ctx, strings.Replace(sql, "/*and*/", s.where, 1), s.args))
		if err != nil {
			return out, fmt.Errorf("counting dossiers: %w", err)
		}
		for _, l := range lines {
			out.add(l)
		}
	}
	return out, m.nameTallies(ctx, &out)
}

// tallyRow is one line of grouped counts: of a body, a procedure, an officer, or of all.
type tallyRow struct {
	Grouped                                                     int // which columns are summed over: 0b011 body, 0b101 procedure, 0b110 officer, 0b111 all
	Agency                                                      *string
	Procedure                                                   *string
	Holder                                                      *uuid.UUID
	Received, Early, OnTime, Late, Open, OpenLate, Soon, Paused int
	Seconds                                                     float64
}

const groupedSQL = ` GROUP BY GROUPING SETS ((agency), (procedure), (holder), ())`

const groupedHead = `SELECT GROUPING(agency, procedure, holder) AS grouped, agency, procedure, holder, `

// Each part reads the rows of the bodies along an index: by day of filing, by day of finishing, by state.
const receivedSQL = groupedHead + `count(*)::int AS received, 0 AS early, 0 AS on_time, 0 AS late, 0 AS open, 0 AS open_late, 0 AS soon, 0 AS paused, 0::float8 AS seconds
	FROM unnest(@offices::text[]) o(office) CROSS JOIN LATERAL (SELECT competent_agency AS agency, procedure, holder FROM services.dossier
		WHERE competent_agency = o.office AND filed_at >= @from AND filed_at < @until /*and*/) d` + groupedSQL

var finishedSQL = groupedHead + `0 AS received, count(*) FILTER (WHERE timing = 'early')::int AS early, count(*) FILTER (WHERE timing = 'on-time')::int AS on_time,
		count(*) FILTER (WHERE timing = 'late')::int AS late, 0 AS open, 0 AS open_late, 0 AS soon, 0 AS paused,
		coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), 0)::float8 AS seconds
	FROM unnest(@offices::text[]) o(office) CROSS JOIN LATERAL (SELECT competent_agency AS agency, procedure, holder,
			CASE WHEN due_at IS NULL THEN '' WHEN ` + timingSQL["late"] + ` THEN 'late' WHEN ` + timingSQL["early"] + ` THEN 'early' ELSE 'on-time' END AS timing,
			extract(epoch FROM finished_at - accepted_at) - CASE WHEN pauses = '[]' THEN 0 ELSE (SELECT coalesce(sum(extract(epoch FROM (p->>'to')::timestamptz - (p->>'from')::timestamptz)), 0)
				FROM jsonb_array_elements(pauses) p WHERE p->>'to' IS NOT NULL) END AS seconds
		FROM services.dossier WHERE competent_agency = o.office AND finished_at IS NOT NULL AND finished_at >= @from AND finished_at < @until /*and*/) d` + groupedSQL

const openSQL = groupedHead + `0 AS received, 0 AS early, 0 AS on_time, 0 AS late, count(*) FILTER (WHERE state = ANY(@open))::int AS open,
		count(*) FILTER (WHERE state = ANY(@open) AND ` + lateSQL + `)::int AS open_late,
		count(*) FILTER (WHERE state = ANY(@running) AND ` + soonSQL + `)::int AS soon,
		count(*) FILTER (WHERE state = ANY(@paused))::int AS paused, 0::float8 AS seconds
	FROM unnest(@offices::text[]) o(office) CROSS JOIN (SELECT unnest(@open::smallint[]) UNION SELECT unnest(@paused::smallint[])) s(of) CROSS JOIN LATERAL (
		SELECT competent_agency AS agency, procedure, holder, state, due_at, paused_at FROM services.dossier
		WHERE competent_agency = o.office AND state = s.of /*and*/) d` + groupedSQL

func (t *Tally) add(l tallyRow) {
	t.Received += l.Received
	t.Early += l.Early
	t.OnTime += l.OnTime
	t.Late += l.Late
	t.Open += l.Open
	t.OpenLate += l.OpenLate
	t.Soon += l.Soon
	t.Paused += l.Paused
	if l.Seconds > 0 {
		t.Median = time.Duration(l.Seconds) * time.Second
	}
}

func (t *Tallies) add(l tallyRow) {
	line := TallyLine{}
	var list *[]TallyLine
	switch l.Grouped {
	case 0b111:
		t.All.add(l)
		return
	case 0b011:
		line.Agency, list = *l.Agency, &t.Bodies
	case 0b101:
		line.Procedure, list = *l.Procedure, &t.Procedures
	default:
		line.Holder, list = orZero(l.Holder), &t.Officers
	}
	i := slices.IndexFunc(*list, func(x TallyLine) bool {
		return x.Agency == line.Agency && x.Procedure == line.Procedure && x.Holder == line.Holder
	})
	if i < 0 {
		i, *list = len(*list), append(*list, line)
	}
	(*list)[i].Tally.add(l)
}

func (m *Module) nameTallies(ctx context.Context, t *Tallies) error {
	for i, l := range t.Bodies {
		name, err := m.bodyName(ctx, l.Agency, m.clock.Now())
		if err != nil {
			return err
		}
		t.Bodies[i].Name = name
	}
	holders := make([]uuid.UUID, len(t.Officers))
	for i, l := range t.Officers {
		holders[i] = l.Holder
	}
	people, err := m.directory.Names(ctx, holders)
	if err != nil {
		return err
	}
	for i, l := range t.Officers {
		t.Officers[i].Name = people[l.Holder]
	}
	type named struct{ Code, Name string }
	names, err := pg.All[named](m.db.Query(ctx, `SELECT code, name FROM services.procedure WHERE code = ANY($1)`, codesOf(t.Procedures)))
	if err != nil {
		return err
	}
	for i, l := range t.Procedures {
		if at := slices.IndexFunc(names, func(n named) bool { return n.Code == l.Procedure }); at >= 0 {
			t.Procedures[i].Name = names[at].Name
		}
	}
	for _, list := range []*[]TallyLine{&t.Bodies, &t.Procedures, &t.Officers} {
		slices.SortStableFunc(*list, func(a, b TallyLine) int {
			if a.OpenLate != b.OpenLate {
				return b.OpenLate - a.OpenLate
			}
			if a.Open != b.Open {
				return b.Open - a.Open
			}
			return b.Done() - a.Done()
		})
	}
	return nil
}

func codesOf(list []TallyLine) []string {
	out := []string{}
	for _, l := range list {
		out = append(out, l.Procedure)
	}
	return out
}
