package silence

import (
	"time"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/worklist"
	"datmui/kit/clock"
	"datmui/kit/jobs"
	"datmui/kit/pg"
)

// Config is what the watchdog needs. All fields are required.
type Config struct {
	DB        pg.Reader
	Book      *audit.Book
	Clock     clock.Clock
	Directory *directory.Block
	Worklist  *worklist.Block
}

// Module is the watchdog.
type Module struct {
	db        pg.Reader
	book      *audit.Book
	clock     clock.Clock
	directory *directory.Block
	worklist  *worklist.Block
}

// New builds the watchdog.
func New(c Config) *Module {
	return &Module{db: c.DB, book: c.Book, clock: c.Clock, directory: c.Directory, worklist: c.Worklist}
}

// Kind is the sort of item by which a supervisor is told.
const Kind = "services.silence"

// PathPage is the public page.
const PathPage = "/no-silence"

const (
	// every is how often the watchdog looks.
	every = 10 * time.Minute
	// stale is when the last look is so old that it proves nothing any more.
	stale = time.Hour
	// grace is how long the jobs that carry dossiers on and end what has passed are given: two of their rounds.
	grace = 30 * time.Minute
	// kept is for how long looks are kept.
	kept = 90 * 24 * time.Hour
	// mostKept is how many findings of a rule are written down; the whole number stands with the run.
	mostKept = 1000
)

// Watch is the job that looks at all dossiers. Running it twice looks twice.
type Watch struct{}

// Kind names the job.
func (Watch) Kind() string { return "services.watch-silence" }

// Jobs puts the watchdog on the timetable.
func (m *Module) Jobs(s *jobs.Set) {
	jobs.OnFor(s, 5*time.Minute, m.watch)
	s.Every(every, Watch{})
}
