package represent

import (
	"context"
	"embed"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/files"
	"datmui/blocks/notify"
	"datmui/kit/clock"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Claim is what somebody says of a child or a ward.
type Claim struct {
	Person uuid.UUID // who says it
	Role   string
	Name   string
	Birth  time.Time
	Known  uuid.UUID // of the directory, whose the record must be; zero: somebody new, made for this claim
}

// Evidence looks for a claim in what the state itself has recorded, and names the record; "" where
// nothing is found.
type Evidence func(ctx context.Context, r pg.Reader, c Claim) (record string, err error)

// Config is what represent needs. Zero values are usable unless marked required.
type Config struct {
	DB        pg.Reader                                                         // required
	Book      *audit.Book                                                       // required
	Directory *directory.Block                                                  // required
	Files     *files.Block                                                      // required
	Notify    *notify.Block                                                     // required
	Clock     clock.Clock                                                       // zero means the machine's clock
	Majority  int                                                               // age in years at which a child acts for itself; 0 means 18
	Changed   func(ctx context.Context, act *audit.Act, person uuid.UUID) error // a person's rights changed: her sessions are read anew
}

// Block keeps mandates.
type Block struct {
	c        Config
	evidence []Evidence
}

// New returns the block.
func New(c Config) *Block {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Majority == 0 {
		c.Majority = 18
	}
	if c.Changed == nil {
		c.Changed = func(context.Context, *audit.Act, uuid.UUID) error { return nil }
	}
	return &Block{c: c}
}

// Ask adds a place where claims are looked for.
func (b *Block) Ask(e Evidence) { b.evidence = append(b.evidence, e) }
