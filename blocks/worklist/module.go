package worklist

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/clock"
	"datmui/kit/pg"
)

// Config is what the worklist needs. Zero values are usable unless marked required.
type Config struct {
	DB    pg.Reader   // required
	Book  *audit.Book // required
	Clock clock.Clock // zero means the machine's clock

	// Absent lists whom a person stands in for today; nil means nobody for anybody.
	Absent func(ctx context.Context, person uuid.UUID) ([]Absent, error)

	// Bounds says from when on, looking back, an item is long overdue, and until when, looking
	// ahead, it is due soon; nil means five days back and the end of the third day from now.
	Bounds func(ctx context.Context, now time.Time) (long, soon time.Time, err error)

	// Supervise is the right to see every desk of an agency; "" means services.supervise.
	Supervise string
}

// Absent is a person whose desk another works while she is away.
type Absent struct {
	Person uuid.UUID
	Name   string
}

// Kind is a sort of item, as a person sees it.
type Kind struct {
	Name string // module and noun, as in Item.Kind
	Text string // text key of its name
	Icon string // icon of the sprite
}

// Block is the worklist.
type Block struct {
	db        pg.Reader
	book      *audit.Book
	clock     clock.Clock
	absent    func(context.Context, uuid.UUID) ([]Absent, error)
	bounds    func(context.Context, time.Time) (time.Time, time.Time, error)
	supervise string
	kinds     []Kind
	bulks     []Bulk
}

// New returns the worklist.
func New(c Config) *Block {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Absent == nil {
		c.Absent = func(context.Context, uuid.UUID) ([]Absent, error) { return nil, nil }
	}
	if c.Bounds == nil {
		c.Bounds = func(_ context.Context, now time.Time) (time.Time, time.Time, error) {
			return now.AddDate(0, 0, -5), endOfDay(now.AddDate(0, 0, 3)), nil
		}
	}
	return &Block{db: c.DB, book: c.Book, clock: c.Clock, absent: c.Absent, bounds: c.Bounds,
		supervise: cmp.Or(c.Supervise, "services.supervise")}
}

// Register tells the desk how to show the items of a kind. It is called while the site is built.
func (b *Block) Register(k Kind) { b.kinds = append(b.kinds, k) }

// Bulk is an act that a module offers on several items at once: those of one kind that lie on a desk
// for one reason. What is picked is sent there as "pick", the subjects; the module's page says who
// is left out and why before anything is done.
type Bulk struct {
	Kind, Why string
	Text      string // text key of the button
	Icon, Key string // Key presses it
	Path      string // a page, reached by GET
}

// RegisterBulk lets the desk offer an act on what is picked.
func (b *Block) RegisterBulk(k Bulk) { b.bulks = append(b.bulks, k) }

// Bulks lists what has been registered, in that order.
func (b *Block) Bulks() []Bulk { return b.bulks }

// Kinds lists what has been registered, in that order.
func (b *Block) Kinds() []Kind { return b.kinds }

func endOfDay(t time.Time) time.Time {
	t = t.In(clock.Vietnam)
	return time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, clock.Vietnam).UTC()
}
