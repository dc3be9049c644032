package files

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"time"

	"datmui/blocks/audit"
	"datmui/blocks/files/s3"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
)

// Config is what files needs. Zero values are usable unless marked required.
type Config struct {
	DB      pg.Reader   // required
	Book    *audit.Book // required
	Clock   clock.Clock // zero means the machine's clock
	Store   string      // required: a folder
	S3      s3.Address  // a bucket instead of that folder; zero means none
	Temp    string      // required: folder for uploads in progress, on a disk of this machine
	Scanner Scanner     // nil: files are released after the checks of their type, as "unscanned"
	Looker  Looker      // nil: no thumbnails, previews or page counts

	MaxBytes   int64         // of one file; 0 means 20 MiB
	MaxFiles   int           // of one subject; 0 means 50
	MaxUploads int           // in progress per person; 0 means 20
	MaxSent    int64         // bytes that who is no official may send in two days; 0 means 1 GiB
	Hold       time.Duration // how long what nothing takes up is kept; 0 means 7 days
	Grace      time.Duration // how long bytes without a row are kept; 0 means 24 hours
}

// Guard says whether an actor may open a file of a subject.
type Guard func(ctx context.Context, r pg.Reader, a actor.Actor, f File) (bool, error)

// Block is the files block.
type Block struct {
	db      pg.Reader
	book    *audit.Book
	clock   clock.Clock
	store   *store
	temp    string
	scanner Scanner
	looker  Looker
	guards  map[string]Guard
	shares  map[string]Guard
	locks   keyed

	maxBytes   int64
	maxFiles   int
	maxUploads int
	maxSent    int64
	hold       time.Duration
	grace      time.Duration
}

// New opens the store and the folder for uploads.
func New(ctx context.Context, c Config) (*Block, error) {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	st, err := openStore(ctx, c.Store, c.S3)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Temp, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for uploads: %w", err)
	}
	return &Block{db: c.DB, book: c.Book, clock: c.Clock, store: st, temp: c.Temp, scanner: c.Scanner, looker: c.Looker,
		guards:     map[string]Guard{},
		shares:     map[string]Guard{},
		maxBytes:   cmp.Or(c.MaxBytes, 20<<20),
		maxFiles:   cmp.Or(c.MaxFiles, 50),
		maxUploads: cmp.Or(c.MaxUploads, 20),
		maxSent:    cmp.Or(c.MaxSent, 1<<30),
		hold:       cmp.Or(c.Hold, 7*24*time.Hour),
		grace:      cmp.Or(c.Grace, 24*time.Hour),
	}, nil
}

// Close lets the store go.
func (b *Block) Close() error { return b.store.close() }

// MaxBytes is the largest file taken.
func (b *Block) MaxBytes() int64 { return b.maxBytes }

// Guard registers who may open the files of one kind of subject. It is called while the site
// is built. A kind nobody has spoken for is open to nobody.
func (b *Block) Guard(kind string, may Guard) {
	if _, twice := b.guards[kind]; twice {
		panic("files: a second guard for " + kind)
	}
	b.guards[kind] = may
}

// Share registers who else, whom the guard turns away, may open single files of one kind of subject. It is called while the
// site is built.
func (b *Block) Share(kind string, may Guard) { b.shares[kind] = may }
