package calendar

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
)

// PublishRight is the right to publish a year's days and to set hours.
const PublishRight = "calendar.publish"

// Use is what hours are for.
type Use string

// The uses. law: public-services.md 8.3 — a counter may receive on Saturday while no term runs.
const (
	Counting  Use = "counting"  // terms run
	Reception Use = "reception" // people are received
)

// Config is what the block needs.
type Config struct {
	DB      pg.Reader     // required
	Book    *audit.Book   // required: the only door to a write
	Clock   clock.Clock   // zero means the machine's clock
	Recheck time.Duration // how long another node's change may go unseen; 0 means 5 seconds, below 0 always look
}

// Block keeps the hours and days of the province.
type Block struct {
	db      pg.Reader
	book    *audit.Book
	clock   clock.Clock
	recheck time.Duration
	open    []registration

	mu     sync.Mutex
	loaded *loaded
	looked time.Time
}

// New opens the calendar of a province.
func New(c Config) *Block {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	return &Block{db: c.DB, book: c.Book, clock: c.Clock, recheck: cmp.Or(c.Recheck, 5*time.Second)}
}

func mayPublish(a actor.Actor) bool {
	return a.Kind == actor.System || a.May(PublishRight, "*")
}

// loaded is everything in force at a revision, and the calendars made of it so far.
type loaded struct {
	revision int64
	hours    map[hoursKey][]Hours
	days     []Day
	made     map[hoursKey]*Calendar
}

type hoursKey struct {
	agency string
	use    Use
}

// For is the calendar of an agency for a use. It is kept in memory and renewed when somebody has
// published: at once in this process, within Config.Recheck in others.
func (b *Block) For(ctx context.Context, agency string, use Use) (*Calendar, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.refresh(ctx); err != nil {
		return nil, err
	}
	return b.loaded.calendar(agency, use)
}

// refresh is called with the lock held.
func (b *Block) refresh(ctx context.Context) error {
	if b.loaded != nil && time.Since(b.looked) < b.recheck {
		return nil
	}
	n, err := pg.Value[int64](b.db.Query(ctx, `SELECT n FROM calendar.revision`))
	if err != nil {
		return fmt.Errorf("looking for a newer calendar: %w", err)
	}
	b.looked = time.Now()
	if b.loaded != nil && b.loaded.revision == n {
		return nil
	}
	l, err := load(ctx, b.db)
	if err != nil {
		return err
	}
	l.revision = n
	b.loaded = l
	return nil
}

// forget makes the next For look at once.
func (b *Block) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.loaded = nil
}

func load(ctx context.Context, r pg.Reader) (*loaded, error) {
	l := &loaded{hours: map[hoursKey][]Hours{}, made: map[hoursKey]*Calendar{}}
	rows, err := pg.All[hoursRow](r.Query(ctx, `SELECT agency, use, valid_from, week FROM calendar.hours ORDER BY valid_from`))
	if err != nil {
		return nil, fmt.Errorf("reading the hours: %w", err)
	}
	for _, row := range rows {
		h, err := row.hours()
		if err != nil {
			return nil, fmt.Errorf("hours of %q from %s: %w", row.Agency, row.ValidFrom, err)
		}
		k := hoursKey{row.Agency, row.Use}
		l.hours[k] = append(l.hours[k], h)
	}
	// A year that nobody has published yet runs on its draft: holidays that the law gives must
	// never count as work because the announcement is late.
	l.days, err = daysWhere(ctx, r, `y.state = 'published'
		OR y.state = 'draft' AND NOT EXISTS (SELECT FROM calendar.year p WHERE p.year = y.year AND p.state = 'published')`)
	return l, err
}

type hoursRow struct {
	Agency    string
	Use       Use
	ValidFrom Date
	Week      []string
}

func (r hoursRow) hours() (Hours, error) {
	h := Hours{From: r.ValidFrom}
	for i, s := range r.Week {
		spans, err := ParseSpans(s)
		if err != nil {
			return h, err
		}
		h.Week[i] = spans
	}
	return h, nil
}

// calendar finds the hours that hold for the agency: its own from the day they begin, before that
// and without any those of everybody; hours for receiving default to those for counting.
func (l *loaded) calendar(agency string, use Use) (*Calendar, error) {
	own := l.first(hoursKey{agency, use}, hoursKey{agency, Counting})
	key := own
	if len(l.hours[own]) == 0 || agency == "" {
		key = hoursKey{"", use} // most agencies share one calendar
	}
	if c := l.made[key]; c != nil {
		return c, nil
	}
	hours := l.hours[l.first(hoursKey{"", use}, hoursKey{"", Counting})]
	if key.agency != "" {
		mine := l.hours[own]
		n := 0
		for n < len(hours) && hours[n].From < mine[0].From {
			n++
		}
		hours = append(hours[:n:n], mine...)
	}
	c, err := Build(Rules{Hours: hours, Days: l.days})
	if err == nil {
		l.made[key] = c
	}
	return c, err
}

func (l *loaded) first(a, b hoursKey) hoursKey {
	if len(l.hours[a]) > 0 {
		return a
	}
	return b
}

func daysWhere(ctx context.Context, r pg.Reader, where string, args ...any) ([]Day, error) {
	days, err := pg.All[Day](r.Query(ctx, `
		SELECT d.date, d.holiday, d.kind, d.stands_for AS "for", d.status, d.basis, d.note
		FROM calendar.day d JOIN calendar.year y ON y.id = d.year_id
		WHERE `+where+` ORDER BY d.date`, args...))
	if err != nil {
		return nil, fmt.Errorf("reading the days: %w", err)
	}
	return days, nil
}
