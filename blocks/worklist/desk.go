package worklist

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Urgency sorts open items by their due time.
type Urgency string

const (
	LongLate Urgency = "long-late"
	Late     Urgency = "late"
	Today    Urgency = "today"
	Soon     Urgency = "soon"
	Later    Urgency = "later"
)

// Urgencies lists all, the most urgent first.
var Urgencies = []Urgency{LongLate, Late, Today, Soon, Later}

// Cap is where counting ends: beyond it a count says "more than". Counting reads what it counts, so
// a desk with more costs no more.
const Cap = 300

const perPage = 50

// Filter narrows a desk. The zero Filter shows all that is the actor's.
type Filter struct {
	Kinds   []string
	Whys    []string
	Urgency Urgency // "" means all
	Text    string  // words in code, what and who; diacritics do not matter
	Whose   string  // "" all, "mine", "office", or the id of a person the actor stands in for
	Agency  string  // all desks of this agency, for its supervisors; Whose is not used then
}

// Row is an item as the desk shows it.
type Row struct {
	Item
	Urgency Urgency
	For     string // name of the absent person whose desk it is on, "" for the actor's own
	Office  bool   // it waits for whoever of the office takes it
}

// Counts are how many open items there are in all, each no higher than Cap+1.
type Counts struct {
	All       int
	ByUrgency map[Urgency]int
	ByKind    map[string]int
	ByWhy     map[string]int
}

// Page is one page of a desk, ordered by due time.
type Page struct {
	Rows   []Row
	Next   string // key of the next page, "" on the last
	Counts Counts // of the whole desk, whatever the filter
	Absent []Absent
	Now    time.Time

	Supervises bool // the actor may see every desk of the agency of her post
}

// Desk lists the actor's open items: her own, those of her offices that her rights let her take,
// and those of whom she stands in for. key continues an earlier page.
func (b *Block) Desk(ctx context.Context, f Filter, key string) (Page, error) {
	who := actor.From(ctx)
	if who.Kind != actor.Official {
		return Page{}, fault.Forbidden("worklist.desk")
	}
	p := Page{Now: b.clock.Now(), Supervises: who.May(b.supervise, who.Office)}
	var err error
	if p.Absent, err = b.absent(ctx, who.ID); err != nil {
		return Page{}, fmt.Errorf("asking whom the actor stands in for: %w", err)
	}
	column, all, narrowed, err := b.desks(who, f, p.Absent)
	if err != nil {
		return Page{}, err
	}
	at, err := b.borders(ctx, p.Now)
	if err != nil {
		return Page{}, err
	}
	if p.Counts, err = b.count(ctx, column, all, at); err != nil {
		return Page{}, err
	}
	from, to := at.span(f.Urgency)
	var past uuid.UUID
	if key != "" {
		after, id, err := readKey(key)
		if err != nil {
			return Page{}, fault.NotFound("page")
		}
		if !after.Before(from) {
			from, past = after, id
		}
	}
	rows, err := pg.All[stored](b.db.Query(ctx, listSQL(column), pgx.NamedArgs{
		"desks": narrowed, "kinds": orEmpty(f.Kinds), "whys": orEmpty(f.Whys), "words": words(f.Text),
		"after": from, "past": past, "to": to, "limit": perPage + 1,
	}))
	if err != nil {
		return Page{}, fmt.Errorf("listing the desk: %w", err)
	}
	if len(rows) > perPage {
		last := rows[perPage-1]
		rows, p.Next = rows[:perPage], writeKey(last.DueAt, last.ID)
	}
	names := map[uuid.UUID]string{}
	for _, a := range p.Absent {
		names[a.Person] = a.Name
	}
	p.Rows = make([]Row, len(rows))
	for i, r := range rows {
		it := r.item()
		p.Rows[i] = Row{Item: it, Urgency: at.of(it.Due), For: names[it.Person], Office: it.Person == uuid.Nil}
	}
	return p, nil
}

// desks names the desks the actor may see, and those the filter leaves.
func (b *Block) desks(who actor.Actor, f Filter, absent []Absent) (column string, all, narrowed []string, err error) {
	if f.Agency != "" {
		if !who.May(b.supervise, f.Agency) {
			return "", nil, nil, fault.Forbidden("worklist.agency")
		}
		return "agency", []string{f.Agency}, []string{f.Agency}, nil
	}
	mine, office, others := []string{"p:" + who.ID.String()}, []string{}, []string{}
	for _, g := range who.Grants {
		if g.Agency != "*" {
			office = append(office, "o:"+g.Agency+":"+g.Right)
			continue
		}
		// A right that holds everywhere does not put the whole province on one desk.
		for _, o := range who.Offices {
			office = append(office, "o:"+o+":"+g.Right)
		}
	}
	for _, a := range absent {
		others = append(others, "p:"+a.Person.String())
	}
	slices.Sort(office)
	office = slices.Compact(office)
	all = slices.Concat(mine, office, others)
	switch f.Whose {
	case "":
		narrowed = all
	case "mine":
		narrowed = mine
	case "office":
		narrowed = office
	default:
		narrowed = []string{}
		if slices.Contains(others, "p:"+f.Whose) {
			narrowed = []string{"p:" + f.Whose}
		}
	}
	return "desk", all, narrowed, nil
}

// listSQL reads each desk in the order of its index and no further than one page, so that the
// work does not grow with what lies on it.
func listSQL(column string) string {
	return `SELECT i.id, i.kind, i.subject, i.slot, i.agency, i.person, i.right_key, i.what, i.who, i.sender, i.code, i.why,
		i.step, i.priority, i.href, i.started_at, i.due_at
	FROM unnest(@desks::text[]) AS d (desk) CROSS JOIN LATERAL (
		SELECT * FROM worklist.item
		WHERE ` + column + ` = d.desk AND done_at IS NULL
		AND (due_at, id) > (@after::timestamptz, @past::uuid) AND due_at < @to
		AND (cardinality(@kinds::text[]) = 0 OR kind = ANY(@kinds))
		AND (cardinality(@whys::text[]) = 0 OR why = ANY(@whys))
		AND (cardinality(@words::text[]) = 0 OR fold LIKE ALL (@words))
		ORDER BY due_at, id LIMIT @limit) AS i
	ORDER BY i.due_at, i.id LIMIT @limit`
}

func countSQL(column string) string {
	return `SELECT kind, why, width_bucket(due_at, @borders::timestamptz[]) AS urgency, count(*) AS n
	FROM (SELECT i.* FROM unnest(@desks::text[]) AS d (desk) CROSS JOIN LATERAL (
			SELECT kind, why, due_at FROM worklist.item WHERE ` + column + ` = d.desk AND done_at IS NULL
			ORDER BY due_at, id LIMIT @cap) AS i
		LIMIT @cap) AS open
	GROUP BY 1, 2, 3`
}

func (b *Block) count(ctx context.Context, column string, desks []string, at borders) (Counts, error) {
	type group struct {
		Kind, Why string
		Urgency   int
		N         int
	}
	groups, err := pg.All[group](b.db.Query(ctx, countSQL(column),
		pgx.NamedArgs{"desks": desks, "borders": at[:], "cap": Cap + 1}))
	if err != nil {
		return Counts{}, fmt.Errorf("counting the desk: %w", err)
	}
	c := Counts{ByUrgency: map[Urgency]int{}, ByKind: map[string]int{}, ByWhy: map[string]int{}}
	for _, g := range groups {
		c.All += g.N
		c.ByUrgency[Urgencies[g.Urgency]] += g.N
		c.ByKind[g.Kind] += g.N
		c.ByWhy[g.Why] += g.N
	}
	return c, nil
}

// borders part the five urgencies: long overdue | now | end of today | soon.
type borders [4]time.Time

func (b *Block) borders(ctx context.Context, now time.Time) (borders, error) {
	long, soon, err := b.bounds(ctx, now)
	if err != nil {
		return borders{}, fmt.Errorf("asking what is due soon: %w", err)
	}
	today := endOfDay(now)
	return borders{earlier(long, now), now, today, clock.Later(soon, today)}, nil
}

func (at borders) of(due time.Time) Urgency {
	for i, border := range at {
		if due.Before(border) {
			return Urgencies[i]
		}
	}
	return Later
}

// span gives the due times of an urgency: from its first moment to before its last.
func (at borders) span(u Urgency) (from, to time.Time) {
	from, to = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	i := slices.Index(Urgencies, u)
	if i < 0 {
		return from, to
	}
	if i > 0 {
		from = at[i-1]
	}
	if i < len(at) {
		to = at[i]
	}
	return from, to
}

// stored is a row of worklist.item.
type stored struct {
	ID               uuid.UUID
	Kind             string
	Subject          uuid.UUID
	Slot, Agency     string
	Person           *uuid.UUID
	RightKey         string
	What, Who        string
	Sender           string
	Code, Why, Step  string
	Priority         int
	Href             string
	StartedAt, DueAt time.Time
}

func (r stored) item() Item {
	it := Item{ID: r.ID, Kind: r.Kind, Subject: r.Subject, Slot: r.Slot, Agency: r.Agency, Right: r.RightKey,
		What: r.What, Who: r.Who, Sender: r.Sender, Code: r.Code, Why: r.Why, Step: r.Step, Priority: r.Priority,
		Href: r.Href, Started: r.StartedAt, Due: r.DueAt}
	if r.Person != nil {
		it.Person = *r.Person
	}
	return it
}

func writeKey(due time.Time, id uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString([]byte(due.UTC().Format(time.RFC3339Nano) + " " + id.String()))
}

func readKey(s string) (time.Time, uuid.UUID, error) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return time.Time{}, uuid.Nil, err
	}
	at, id, _ := strings.Cut(string(raw), " ")
	due, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return time.Time{}, uuid.Nil, err
	}
	if due = due.UTC(); due.Year() < 1900 || due.Year() > 9999 {
		return time.Time{}, uuid.Nil, errors.New("no day of ours")
	}
	u, err := uuid.Parse(id)
	return due, u, err
}

// words makes each word of a search a pattern of its own.
func words(text string) []string {
	out := []string{}
	for _, w := range strings.Fields(pg.Fold(text)) {
		w = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(w)
		out = append(out, "%"+w+"%")
	}
	return out[:min(len(out), 8)]
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
