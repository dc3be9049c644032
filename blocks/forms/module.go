package forms

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Config is what forms needs. Zero values are usable unless marked required.
type Config struct {
	DB      pg.Reader     // required for drafts and publishing
	Book    *audit.Book   // required for drafts and publishing
	Clock   clock.Clock   // zero means the machine's clock
	Units   Units         // the communes of the province; nil accepts any five digits
	Shipped []fs.FS       // folders of definitions that come with the program
	Keep    time.Duration // how long a draft is kept after it was saved; 0 means 30 days
}

// Block knows all versions of all forms, and keeps drafts.
type Block struct {
	db      pg.Reader
	book    *audit.Book
	clock   clock.Clock
	units   Units
	keep    time.Duration
	shipped []Definition                       // until they are in the database
	known   atomic.Pointer[map[string][]*Form] // by form, the newest version first

	learning sync.Mutex
	read     []string // the versions that were read from the database, as key writes them
}

// New reads the shipped definitions; one that is faulty is an error that says all its faults.
func New(c Config) (*Block, error) {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	b := &Block{db: c.DB, book: c.Book, clock: c.Clock, units: c.Units, keep: cmp.Or(c.Keep, 30*24*time.Hour), read: []string{}}
	for _, folder := range c.Shipped {
		defs, err := Load(folder)
		if err != nil {
			return nil, err
		}
		b.shipped = append(b.shipped, defs...)
	}
	b.learn(b.shipped)
	return b, nil
}

// Load reads a folder of definitions: common.json, which may be missing, and one file for each
// version of a form.
func Load(folder fs.FS) ([]Definition, error) {
	var common Common
	raw, err := fs.ReadFile(folder, "common.json")
	if err == nil {
		err = strict(raw, &common)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("common.json: %w", err)
	}
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, err
	}
	var out []Definition
	var faults []error
	for _, name := range names {
		if name == "common.json" {
			continue
		}
		raw, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		d, err := ParseDefinition(raw, common)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
		out = append(out, d)
	}
	return out, errors.Join(faults...)
}

// learn adds versions to what the block knows, sorted so that the newest comes first. One that it
// knew already is replaced.
func (b *Block) learn(defs []Definition) {
	all := map[string][]*Form{}
	if known := b.known.Load(); known != nil {
		maps.Copy(all, *known)
	}
	for _, d := range defs {
		others := slices.DeleteFunc(slices.Clone(all[d.ID]), func(f *Form) bool { return f.Version == d.Version })
		all[d.ID] = append(others, NewForm(d, b.units, b.clock.Now))
	}
	for _, versions := range all {
		slices.SortFunc(versions, func(x, y *Form) int { return cmp.Compare(y.Version, x.Version) })
	}
	b.known.Store(&all)
}

// Current is the version of a form that came with the program and is in force today. What an officer has
// changed is asked by the procedure for which he did.
func (b *Block) Current(form string) (*Form, error) {
	today := b.clock.Now().In(clock.Vietnam).Format(time.DateOnly)
	for _, f := range (*b.known.Load())[form] {
		if f.From == 0 && f.ValidFrom <= today {
			return f, nil
		}
	}
	return nil, fmt.Errorf("form %s: %w", form, fault.NotFound("forms.form"))
}

// IDs lists the forms there are, by name.
func (b *Block) IDs() []string { return slices.Sorted(maps.Keys(*b.known.Load())) }

// Version is a form as a record was answered under it.
func (b *Block) Version(form string, version int) (*Form, error) {
	for _, f := range (*b.known.Load())[form] {
		if f.Version == version {
			return f, nil
		}
	}
	return nil, fmt.Errorf("form %s, version %d: %w", form, version, fault.NotFound("forms.form"))
}

// Seed brings the shipped definitions into the database, where a draft and a record may point at
// them; versions that are there stay as they are. Then it reads all there is.
func (b *Block) Seed(ctx context.Context) error {
	err := b.book.Batch(ctx, "forms.version.seed", "shipped definitions", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		var n int64
		for _, d := range b.shipped {
			tag, err := tx.Exec(ctx, `INSERT INTO forms.version (form, version, valid_from, definition, at)
				VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, d.ID, d.Version, d.ValidFrom, d, b.clock.Now())
			if err != nil {
				return n, fmt.Errorf("bringing in form %s: %w", d.ID, err)
			}
			n += tag.RowsAffected()
		}
		return n, nil
	})
	if err != nil {
		return err
	}
	b.shipped = nil
	return b.Refresh(ctx)
}

// Refresh reads the versions that were not read before: a version never changes. Each process calls
// it at start, where what is stored wins over what came with the program, and now and then to hear
// of what another has published.
func (b *Block) Refresh(ctx context.Context) error {
	b.learning.Lock()
	defer b.learning.Unlock()
	raws, err := pg.Values[json.RawMessage](b.db.Query(ctx, `SELECT definition FROM forms.version WHERE form || '/' || version <> ALL($1)`, b.read))
	if err != nil {
		return fmt.Errorf("reading the forms: %w", err)
	}
	defs, read := make([]Definition, len(raws)), slices.Clone(b.read)
	for i, raw := range raws {
		if defs[i], err = ParseDefinition(raw, Common{}); err != nil {
			return fmt.Errorf("a stored form: %w", err)
		}
		read = append(read, key(defs[i]))
	}
	b.learn(defs)
	b.read = read
	return nil
}

// key names a version.
func key(d Definition) string { return fmt.Sprintf("%s/%d", d.ID, d.Version) }

// Prepare makes a form of questions that are being prepared, which nobody but an editor sees.
func (b *Block) Prepare(d Definition) (*Form, error) {
	d.Sections = slices.Clone(d.Sections)
	if err := errors.Join(d.settle(Common{Lists: d.Lists}).errs...); err != nil {
		return nil, fmt.Errorf("preparing form %s: %w", d.ID, err)
	}
	return NewForm(d, b.units, b.clock.Now), nil
}

// Publish keeps questions that an officer has changed as the next version of their form, from a day on:
// for the procedure that asks them, whose right the caller has checked. The caller calls Refresh when the
// act is done.
func (b *Block) Publish(ctx context.Context, act *audit.Act, d Definition, from string) (version int, err error) {
	if _, err := act.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('forms.version ' || $1, 0))`, d.ID); err != nil {
		return 0, err
	}
	last, err := pg.Value[int](act.Query(ctx, `SELECT coalesce(max(version), 0) FROM forms.version WHERE form = $1`, d.ID))
	if err != nil {
		return 0, err
	}
	d.From, d.Version, d.ValidFrom = d.Version, last+1, from
	if _, err := b.Prepare(d); err != nil {
		return 0, err
	}
	_, err = act.Exec(ctx, `INSERT INTO forms.version (form, version, valid_from, definition, by, at)
		VALUES ($1, $2, $3, $4, nullif($5, '00000000-0000-0000-0000-000000000000'::uuid), $6)`,
		d.ID, d.Version, d.ValidFrom, d, act.Actor.ID, act.At)
	return d.Version, err
}
