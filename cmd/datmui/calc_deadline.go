package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"datmui/blocks/calendar"
	"datmui/kit/clock"
)

// CalcDeadline prints until when an answer is due.
type CalcDeadline struct {
	Received   string   `placeholder:"TIME" help:"Receipt in Vietnam time, 2026-09-07T09:15."`
	Limit      string   `placeholder:"LIMIT" help:"3wd working days, 15cd calendar days, 8wh working hours, 12h clock hours, or same-day."`
	Pause      []string `sep:"none" placeholder:"FROM/TO" help:"A stretch in which the clock stands, repeatable, in order of time; FROM/ is still open and leaves no due time but what is left (\"stopped\", \"left_minutes\")."`
	AfterPause string   `placeholder:"HOW" help:"resume with what was left, or restart with the whole limit (resume)."`
	Hours      string   `placeholder:"SPANS" help:"Hours of Monday to Friday and of swapped days (07:00-11:00,13:00-17:00)."`
	File       string   `placeholder:"CASES.csv" help:"Many cases, - for the standard input: UTF-8, with a header naming the columns received and limit, and if wanted pause (several separated by ;), after_pause, hours; other columns are carried along. Flags stand in where a cell is empty. Prints one JSON object per line: {\"row\",\"input\",\"carry\",\"eod\"} or {\"row\",\"input\",\"error\"}; status 2 when a row is wrong."`
	JSON       bool     `name:"json" help:"Print JSON: {\"carry\",\"eod\"}: the promise and the legal maximum, which is null for hours."`
}

// dueJSON is the answer as scripts read it.
type dueJSON struct {
	Carry   *string `json:"carry"`
	EOD     *string `json:"eod"`
	Stopped bool    `json:"stopped,omitempty"`
	Left    *int    `json:"left_minutes,omitempty"`
}

// deadlineCase is one question in the words in which it was asked.
type deadlineCase struct {
	received, limit, afterPause, hours string
	pauses                             []string
}

// Help tells the contract.
func (c *CalcDeadline) Help() string {
	return "On the days off that are shipped; times are Vietnam time. " + calcStatus
}

// Run prints the answer or the answers.
func (c *CalcDeadline) Run(out io.Writer, k *kong.Kong) error {
	q := asker{told: map[int]bool{}, notes: k.Stderr, calendars: map[string]*calendar.Calendar{}}
	one := deadlineCase{c.Received, c.Limit, c.AfterPause, c.Hours, c.Pause}
	if c.File != "" {
		if c.Received != "" || len(c.Pause) > 0 {
			return badInput(k, errors.New("--file brings its own --received and --pause"))
		}
		return c.many(out, k, &q, one)
	}
	due, err := q.answer(one)
	if err != nil {
		return badInput(k, err)
	}
	if c.JSON {
		return printJSON(out, due)
	}
	for _, x := range []struct {
		name string
		t    *string
	}{{"carry", due.Carry}, {"eod", due.EOD}} {
		if x.t != nil {
			fmt.Fprintln(out, x.name, *x.t)
		}
	}
	if due.Left != nil {
		fmt.Fprintln(out, "stopped with", *due.Left, "minutes left")
	}
	return nil
}

func (c *CalcDeadline) many(out io.Writer, k *kong.Kong, q *asker, def deadlineCase) error {
	var in io.Reader = os.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return badInput(k, fmt.Errorf("--file: %w", err))
		}
		defer f.Close()
		in = f
	}
	wrong, err := deadlineRows(in, out, q, def)
	if err != nil {
		return badInput(k, fmt.Errorf("--file %s: %w", c.File, err))
	}
	if wrong > 0 {
		return badInput(k, fmt.Errorf("--file %s: wrong rows: %d, see their \"error\"", c.File, wrong))
	}
	return nil
}

// deadlineRows answers a CSV file row by row and counts the rows that are wrong.
func deadlineRows(in io.Reader, out io.Writer, q *asker, def deadlineCase) (wrong int, err error) {
	b := bufio.NewReader(in)
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" {
		_, _ = b.Discard(3) // the byte order mark
	}
	r := csv.NewReader(b)
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return 0, errors.New("it is empty; its header must name the columns received and limit")
	}
	if err != nil {
		return 0, fmt.Errorf("reading the header: %w", err)
	}
	for i, name := range head {
		head[i] = strings.TrimSpace(name)
		if head[i] != "" && slices.Contains(head[:i], head[i]) {
			return 0, fmt.Errorf("the header names the column %q twice", head[i])
		}
	}
	if !slices.Contains(head, "received") || def.limit == "" && !slices.Contains(head, "limit") {
		return 0, fmt.Errorf("the header must name the columns received and limit, with commas between, not %q", strings.Join(head, ","))
	}
	for row := 1; ; row++ {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return wrong, nil
		}
		if err != nil {
			return wrong, err
		}
		line := struct {
			Row   int               `json:"row"`
			Input map[string]string `json:"input"`
			*dueJSON
			Error string `json:"error,omitempty"`
		}{Row: row, Input: map[string]string{}}
		one := def
		for i, name := range head[:min(len(head), len(rec))] {
			line.Input[name] = rec[i]
			one.set(name, strings.TrimSpace(rec[i]))
		}
		due, err := dueJSON{}, error(nil)
		switch {
		case len(rec) != len(head):
			err = fmt.Errorf("cells: %d, but the header names %d columns", len(rec), len(head))
		case !utf8.ValidString(strings.Join(rec, "")):
			err = errors.New("not UTF-8")
		default:
			due, err = q.answer(one)
		}
		if err != nil {
			line.Error = brief(err.Error())
			wrong++
		} else {
			line.dueJSON = &due
		}
		if err := printJSON(out, line); err != nil {
			return wrong, err
		}
	}
}

func (d *deadlineCase) set(column, v string) {
	if v == "" {
		return
	}
	switch column {
	case "received":
		d.received = v
	case "limit":
		d.limit = v
	case "pause":
		d.pauses = strings.Split(v, ";")
	case "after_pause":
		d.afterPause = v
	case "hours":
		d.hours = v
	}
}

// asker answers cases on the shipped days, and says once where these are not certain.
type asker struct {
	calendars map[string]*calendar.Calendar // by hours
	told      map[int]bool                  // years that were spoken of
	notes     io.Writer
}

func (q *asker) answer(d deadlineCase) (dueJSON, error) {
	received, err := parseTime("received", d.received)
	if err != nil {
		return dueJSON{}, err
	}
	limit, err := calendar.ParseLimit(d.limit)
	if err != nil {
		return dueJSON{}, fmt.Errorf("limit: %w", err)
	}
	after := calendar.Resume
	if d.afterPause != "" {
		after = calendar.AfterPause(d.afterPause)
	}
	var pauses []calendar.Pause
	for _, s := range d.pauses {
		p, err := parsePause(strings.TrimSpace(s))
		if err != nil {
			return dueJSON{}, err
		}
		pauses = append(pauses, p)
	}
	cal, err := q.calendar(d.hours)
	if err != nil {
		return dueJSON{}, fmt.Errorf("hours: %w", err)
	}
	due, err := cal.Deadline(received, limit, after, pauses...)
	if err != nil {
		return dueJSON{}, err
	}
	q.doubt(cal, received, due)
	out := dueJSON{Carry: stamp(due.Carry), EOD: stamp(due.EOD), Stopped: due.Stopped}
	if due.Stopped {
		out.Left = &due.Left
	}
	return out, nil
}

func (q *asker) calendar(hours string) (*calendar.Calendar, error) {
	if c := q.calendars[hours]; c != nil {
		return c, nil
	}
	rules := calendar.Rules{Days: calendar.Shipped()}
	if hours != "" {
		spans, err := calendar.ParseSpans(hours)
		if err != nil {
			return nil, err
		}
		rules.Hours = []calendar.Hours{{Week: calendar.Weekdays(spans)}}
	}
	c, err := calendar.Build(rules)
	if err == nil {
		if len(q.calendars) > 50 { // a file with other hours in every row must not fill the memory
			clear(q.calendars)
		}
		q.calendars[hours] = c
	}
	return c, err
}

// doubt tells once of each year between receipt and due time whose days off are not announced.
func (q *asker) doubt(c *calendar.Calendar, received time.Time, due calendar.Due) {
	last := calendar.DateOf(received).Year()
	for _, t := range []time.Time{due.Carry, due.EOD} {
		if !t.IsZero() {
			last = max(last, calendar.DateOf(t).Year())
		}
	}
	for y := calendar.DateOf(received).Year(); y <= last; y++ {
		if q.told[y] {
			continue
		}
		q.told[y] = true
		if !c.Knows(y) {
			fmt.Fprintf(q.notes, "datmui: no days off of %d are known, only its weekends\n", y)
		} else if slices.ContainsFunc(c.Days(y), func(d calendar.Day) bool { return d.Status == "computed" }) {
			fmt.Fprintf(q.notes, "datmui: days off of %d are worked out by rule, they are not announced yet\n", y)
		}
	}
}

func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.In(clock.Vietnam).Format(time.RFC3339)
	return &s
}

var timeForms = []string{"2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02 15:04"}

// parseTime reads a time, in Vietnam where it names no zone.
func parseTime(what, s string) (time.Time, error) {
	for _, form := range timeForms {
		if t, err := time.ParseInLocation(form, s, clock.Vietnam); err == nil {
			return t, nil
		}
	}
	if s == "" {
		return time.Time{}, fmt.Errorf("%s: no time is given; write one like 2026-09-07T09:15", what)
	}
	return time.Time{}, fmt.Errorf("%s: %q is no time like 2026-09-07T09:15", what, s)
}

func parsePause(s string) (calendar.Pause, error) {
	from, to, ok := strings.Cut(s, "/")
	if !ok {
		return calendar.Pause{}, fmt.Errorf("pause: %q is no stretch like 2026-09-07T09:15/2026-09-09T10:00", s)
	}
	var p calendar.Pause
	var err error
	if p.From, err = parseTime("pause", from); err != nil {
		return p, err
	}
	if to != "" {
		p.To, err = parseTime("pause", to)
	}
	return p, err
}
