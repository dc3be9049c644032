package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/directory"
	"datmui/blocks/files"
	"datmui/blocks/forms"
	"datmui/blocks/partners"
	"datmui/blocks/represent"
	"datmui/blocks/sign"
	"datmui/kit/actor"
	"datmui/kit/pg"
)

// LoadConfig says what is loaded into which site. All parts are required unless marked.
type LoadConfig struct {
	Book      *audit.Book
	DB        pg.Reader
	Directory *directory.Block
	Calendar  *calendar.Block // seeded
	Services  *services.Module
	Sign      *sign.Block      // makes certificates; nil leaves them out
	Forms     *forms.Block     // seeded
	Represent *represent.Block // with Files, lets people act for others; nil leaves that out
	Files     *files.Block
	Partners  *partners.Block // takes up another system; nil leaves it out
	Seed      int64
	AsOf      time.Time // zero means today
	Scale     int       // multiplies citizens and dossiers; 0 means 1
	Dossiers  int       // 0 means DossiersAtScale1 times the scale
	Progress  func(step string, done, total int)
}

// Load makes the whole demonstration: province, people, sign-in accounts, certificates and a year of
// dossiers. A load that was killed goes on where it was, with the seed, the day and the scale it
// began with; one that is complete returns at once.
func Load(ctx context.Context, c LoadConfig) error {
	ctx = actor.With(ctx, actor.ForSystem("demo"))
	base := Config{Book: c.Book, Seed: c.Seed, AsOf: orToday(c.AsOf), Scale: c.Scale, Progress: c.Progress}
	b, err := openBatches(ctx, base, c.DB)
	if err != nil || b.done["complete"] {
		return err
	}
	if err := begun(ctx, c.DB, &base); err != nil {
		return err
	}
	w, err := Build(base)
	if err != nil {
		return err
	}
	first := fmt.Sprintf("%d %s %d", base.Seed, w.AsOf.Format(time.DateOnly), w.scale)
	if err := b.marked(ctx, "begun", first, func(context.Context, pgx.Tx) (int64, error) { return 0, nil }); err != nil {
		return err
	}
	if err := w.loadProvince(ctx, b); err != nil {
		return err
	}
	if err := w.loadAccounts(ctx, b); err != nil {
		return err
	}
	if err := w.loadFeeAccount(ctx, b); err != nil {
		return err
	}
	cal, err := c.Calendar.For(ctx, "", calendar.Counting)
	if err != nil {
		return err
	}
	n := c.Dossiers
	if n == 0 {
		n = DossiersAtScale1 * w.scale
	}
	y, err := w.year(c.Services, cal, n)
	if err != nil {
		return err
	}
	if c.Sign != nil {
		if err := w.loadCertificates(ctx, b, c.Sign, y.staff); err != nil {
			return err
		}
	}
	if err := y.loadDossiers(ctx, b); err != nil {
		return err
	}
	return b.step(ctx, "complete", func(context.Context, pgx.Tx) (int64, error) { return 0, nil })
}

func orToday(t time.Time) time.Time {
	if t.IsZero() {
		return time.Now()
	}
	return t
}

// begun gives a load that goes on the seed, day and scale it began with.
func begun(ctx context.Context, r pg.Reader, c *Config) error {
	notes, err := pg.Values[string](r.Query(ctx, `SELECT note FROM demo.step WHERE name = 'begun'`))
	if err != nil || len(notes) == 0 {
		return err
	}
	var asOf string
	if _, err := fmt.Sscanf(notes[0], "%d %s %d", &c.Seed, &asOf, &c.Scale); err != nil {
		return fmt.Errorf("reading how the load began: %w", err)
	}
	c.AsOf, err = time.Parse(time.DateOnly, asOf)
	return err
}

// Loaded says whether the demonstration is complete, and the scale it has or is about to get.
func Loaded(ctx context.Context, r pg.Reader, scale int) (int, bool, error) {
	done, err := pg.Values[string](r.Query(ctx, `SELECT name FROM demo.step WHERE name = 'complete'`))
	if err != nil {
		return scale, false, err
	}
	c := Config{Scale: scale}
	err = begun(ctx, r, &c)
	return c.Scale, len(done) > 0, err
}

// batches loads steps that a restart does not repeat: each is marked in its own transaction.
type batches struct {
	book *audit.Book
	note string
	tell func(step string, done, total int)
	done map[string]bool
}

// openBatches finds what is loaded already; without a reader nothing is.
func openBatches(ctx context.Context, c Config, r pg.Reader) (*batches, error) {
	b := &batches{book: c.Book, tell: c.Progress, done: map[string]bool{}}
	if b.tell == nil {
		b.tell = func(string, int, int) {}
	}
	var err error
	if b.note, err = checksum(); err != nil {
		return nil, err
	}
	if r == nil {
		return b, nil
	}
	names, err := pg.Values[string](r.Query(ctx, `SELECT name FROM demo.step`))
	for _, n := range names {
		b.done[n] = true
	}
	return b, err
}

func (b *batches) step(ctx context.Context, name string, load func(context.Context, pgx.Tx) (int64, error)) error {
	return b.marked(ctx, name, "", load)
}

// marked is step with a word kept beside the mark.
func (b *batches) marked(ctx context.Context, name, word string, load func(context.Context, pgx.Tx) (int64, error)) error {
	if b.done[name] {
		return nil
	}
	err := b.book.Batch(ctx, "demo.load", name+" "+b.note, func(ctx context.Context, tx pgx.Tx) (int64, error) {
		rows, err := load(ctx, tx)
		if err != nil {
			return rows, err
		}
		_, err = tx.Exec(ctx, `INSERT INTO demo.step (name, note, rows, at) VALUES ($1, $2, $3, $4)`, name, word, rows, b.book.Clock().Now())
		return rows, err
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("loading %s: %w", name, err)
	}
	return err
}
