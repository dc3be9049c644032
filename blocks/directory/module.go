package directory

import (
	"time"

	"datmui/blocks/audit"
	"datmui/kit/clock"
	"datmui/kit/pg"
)

// Config is what the directory needs.
type Config struct {
	DB    pg.Reader   // required
	Book  *audit.Book // required: the only door to a write
	Clock clock.Clock // zero means the machine's clock
}

// Block is the directory's door.
type Block struct {
	db    pg.Reader
	book  *audit.Book
	clock clock.Clock
}

// New opens the directory.
func New(c Config) *Block {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	return &Block{db: c.DB, book: c.Book, clock: c.Clock}
}

// Day is the civil day of t in Vietnam, as the midnight in UTC that date columns are read as.
func Day(t time.Time) time.Time {
	y, m, d := t.In(clock.Vietnam).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Today is the civil day now.
func (b *Block) Today() time.Time { return Day(b.clock.Now()) }

// date reads "2006-01-02" or "02/01/2006"; ok is false for anything else.
func date(s string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, "2/1/2006"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1800 && t.Year() < 2200 {
			return t, true
		}
	}
	return time.Time{}, false
}
