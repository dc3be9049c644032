package exchange

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
)

// Message is one thing that a peer is told of a record.
type Message struct {
	Seq   int    // its place in the record's order; grows, may jump
	Prev  int    // the one before it, 0 for the first
	Op    string // the operation of the peer's contract
	Body  any    // as the contract writes it
	Files []File // sent before it
}

// File is what a message refers to.
type File struct {
	ID   uuid.UUID
	Hash string // SHA-256, hexadecimal
	Name string
	Read func(context.Context) ([]byte, error)
}

// Owed is what a peer has still to be told of a record.
type Owed struct {
	Messages []Message // in order; empty when it knows all
	Agency   string    // whose matter it is
	Href     string    // where an official opens it
	Persons  []uuid.UUID
}

// Source says what is owed. It is a use case's; it reads the record as it is.
type Source interface {
	// Owed lists the messages after one sequence. again counts how often the state was ordered to be told anew.
	Owed(ctx context.Context, code string, after, again int) (Owed, error)
	// State is the record's state in the words of the contract, read within the act.
	State(ctx context.Context, act *audit.Act, code string) (Known, error)
}

// Known is what we say of a record.
type Known struct {
	State   int
	Agency  string
	Href    string
	What    string // one line for the desk
	Persons []uuid.UUID
}

// Peer is another system.
type Peer interface {
	Name() string
	// Send must be safe to repeat. An error that trying again will not mend is a Refused.
	Send(ctx context.Context, code string, m Message) error
}

// Refused is an answer that will be the same next time: somebody must look.
type Refused struct{ Text string }

func (r Refused) Error() string { return r.Text }

// Forgotten is the answer of a peer that does not know the record: it is told from the beginning.
type Forgotten struct{ Text string }

func (f Forgotten) Error() string { return f.Text }

// Config is what the exchange needs. Zero values are usable unless marked required.
type Config struct {
	DB        pg.Reader                                                                            // required
	Book      *audit.Book                                                                          // required
	Clock     clock.Clock                                                                          // required
	Source    Source                                                                               // required
	Peer      Peer                                                                                 // nil: the exchange is off
	About     string                                                                               // required: what entries of the log call a record of the source
	Noting    string                                                                               // required: the detail that entries of acts which change it note
	Elsewhere func(ctx context.Context, procedure string) (name string, elsewhere bool, err error) // required: whether another system works a procedure
	Unit      func(ctx context.Context, code string) (agency string, err error)                    // required: our body with a code of the contract; "" when none is
	Decide    string                                                                               // right to decide a conflict, in the record's agency
	Watch     string                                                                               // right to see the queue of an agency
	Log       *slog.Logger
}

// Block is the exchange.
type Block struct{ c Config }

// New builds the exchange.
func New(c Config) *Block {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Block{c}
}

// On says whether there is somebody to talk to.
func (b *Block) On() bool { return b.c.Peer != nil }

// KindConflict is how a conflict lies on a desk.
const KindConflict = "exchange.conflict"

// PathPage is the officials' page of the exchange.
const PathPage = "/desk/exchange"

const (
	beat     = 2 * time.Second  // between two rounds
	patience = 12               // failures in a row before a record is given up
	first    = 30 * time.Second // wait after the first failure; each next one doubles it
	longest  = time.Hour
	atOnce   = 20                  // records of a round
	claimed  = 5 * time.Minute     // how long a round may have a record for itself
	kept     = 90 * 24 * time.Hour // how long sent messages are shown
)

// Run tells the peer what is owed until ctx ends. Several processes may run it: each record is one's at a time.
func (b *Block) Run(ctx context.Context) {
	if !b.On() {
		return
	}
	ctx = actor.With(ctx, actor.ForSystem("exchange"))
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := b.Round(ctx); err != nil && ctx.Err() == nil {
			b.c.Log.ErrorContext(ctx, "a round of the exchange failed; the next one tries again", "err", err)
		}
	}
}

// Round reads what is new and tells the peer what is due.
func (b *Block) Round(ctx context.Context) error {
	if !b.On() {
		return nil
	}
	if err := b.read(ctx); err != nil {
		return err
	}
	return b.push(ctx)
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
