package records

import (
	"embed"

	"datmui/blocks/audit"
	"datmui/kit/clock"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Config is what records needs. Zero values are usable unless marked required.
type Config struct {
	DB     pg.Reader   // required
	Book   *audit.Book // required
	Clock  clock.Clock // zero means the machine's clock
	Rights []string    // rights of which one is needed to look at a person's papers; nil means services.receive and services.handle
}

// Block keeps papers, consents and the log of reuse.
type Block struct {
	db     pg.Reader
	book   *audit.Book
	clock  clock.Clock
	rights []string
}

// New returns the block.
func New(c Config) *Block {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Rights == nil {
		c.Rights = []string{"services.receive", "services.handle"}
	}
	return &Block{db: c.DB, book: c.Book, clock: c.Clock, rights: c.Rights}
}
