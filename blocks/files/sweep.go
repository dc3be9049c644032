package files

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"gocloud.dev/blob"

	"datmui/kit/jobs"
	"datmui/kit/pg"
)

// sweepLock is the first key of the advisory locks that keep the sweep from bytes somebody
// is just putting to use.
const sweepLock int32 = 0x0f11e5

func lockOf(hash []byte) int32 { return int32(binary.BigEndian.Uint32(hash)) }

// Sweep is the job that tidies up, each hour. Running it twice does nothing more.
type Sweep struct{}

// Kind names the job.
func (Sweep) Kind() string { return "files.sweep" }

// Jobs adds the block's jobs to the timetable.
func (b *Block) Jobs(s *jobs.Set) {
	jobs.OnFor(s, 30*time.Minute, func(ctx context.Context, _ Sweep) error { return b.Sweep(ctx) })
	s.Every(time.Hour, Sweep{})
}

// Sweep forgets uploads that came to nothing and files nobody took up, destroys what need no
// longer be kept, asks the scanner about what it has not judged, and takes away bytes that no
// row names.
func (b *Block) Sweep(ctx context.Context) error {
	return errors.Join(b.sweepUploads(ctx), b.sweepRows(ctx), b.rescan(ctx), b.sweepBytes(ctx), b.sweepTemp())
}

func (b *Block) sweepUploads(ctx context.Context) error {
	if none, err := b.none(ctx, `SELECT FROM files.upload WHERE expires_at < $1`); err != nil || none {
		return err
	}
	var gone []uuid.UUID
	err := b.book.Batch(ctx, "files.upload.expire", "", func(ctx context.Context, tx pgx.Tx) (n int64, err error) {
		gone, err = pg.Values[uuid.UUID](tx.Query(ctx, `DELETE FROM files.upload WHERE expires_at < $1 RETURNING id`, b.clock.Now()))
		return int64(len(gone)), err
	})
	if err != nil {
		return fmt.Errorf("expiring uploads: %w", err)
	}
	for _, id := range gone {
		if err := os.Remove(b.part(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// sweepTemp takes away what a crash left in the folder for uploads.
func (b *Block) sweepTemp() error {
	entries, err := os.ReadDir(b.temp)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < 2*uploadLife {
			continue
		}
		if err := os.Remove(filepath.Join(b.temp, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// none says whether a query about the present time finds nothing, so that a sweep with
// nothing to do leaves no entry.
func (b *Block) none(ctx context.Context, query string) (bool, error) {
	return pg.Value[bool](b.db.Query(ctx, `SELECT NOT EXISTS (`+query+`)`, b.clock.Now()))
}

func (b *Block) sweepRows(ctx context.Context) error {
	for _, s := range []struct{ name, find, do string }{
		{"files.expire", `SELECT FROM files.file WHERE held_until < $1`, `DELETE FROM files.file WHERE held_until < $1`},
		{"files.destroy", `SELECT FROM files.file WHERE destroyed_at IS NULL AND retain_until < ` + today,
			`UPDATE files.file SET destroyed_at = $1 WHERE destroyed_at IS NULL AND retain_until < ` + today},
	} {
		if none, err := b.none(ctx, s.find); err != nil {
			return err
		} else if none {
			continue
		}
		err := b.book.Batch(ctx, s.name, "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
			tag, err := tx.Exec(ctx, s.do, b.clock.Now())
			return tag.RowsAffected(), err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

const today = `($1::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date`

func (b *Block) rescan(ctx context.Context) error {
	if b.scanner == nil {
		return nil
	}
	waiting, err := pg.All[File](b.db.Query(ctx, `SELECT `+columns+` FROM files.file WHERE scan_state = 'waiting' AND destroyed_at IS NULL ORDER BY created_at LIMIT 500`))
	if err != nil {
		return err
	}
	for _, f := range waiting {
		r, err := b.store.read(ctx, key(roomBytes, f.SHA256))
		if err != nil {
			return fmt.Errorf("reading file %s: %w", f.ID, err)
		}
		state, err := b.scan(ctx, r)
		r.Close()
		if err != nil {
			return err
		}
		if state == Waiting {
			return nil // still away: the next sweep asks again
		}
		err = b.book.Batch(ctx, "files.scan", f.ID.String()+" "+string(state), func(ctx context.Context, tx pgx.Tx) (int64, error) {
			tag, err := tx.Exec(ctx, `UPDATE files.file SET scan_state = $1 WHERE id = $2`, string(state), f.ID)
			return tag.RowsAffected(), err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sweepBytes takes away blobs that no row names and that are old enough not to be the first
// half of an act.
func (b *Block) sweepBytes(ctx context.Context) error {
	list := b.store.bucket.List(&blob.ListOptions{Prefix: string(roomBytes) + "/"})
	for {
		obj, err := list.Next(ctx)
		if err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("listing the store: %w", err)
		}
		if obj.IsDir || time.Since(obj.ModTime) < b.grace {
			continue
		}
		if hash, err := hex.DecodeString(path.Base(obj.Key)); err == nil && len(hash) == len(Hash{}) {
			if err := b.sweepBlob(ctx, hash); err != nil {
				return err
			}
		}
	}
}

func (b *Block) sweepBlob(ctx context.Context, hash []byte) error {
	used := `SELECT EXISTS (SELECT FROM files.file WHERE sha256 = $1 AND destroyed_at IS NULL)`
	if yes, err := pg.Value[bool](b.db.Query(ctx, used, hash)); err != nil || yes {
		return err
	}
	name := hex.EncodeToString(hash)
	return b.book.Batch(ctx, "files.sweep", name, func(ctx context.Context, tx pgx.Tx) (int64, error) {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, $2)`, sweepLock, lockOf(hash)); err != nil {
			return 0, err
		}
		if yes, err := pg.Value[bool](tx.Query(ctx, used, hash)); err != nil || yes {
			return 0, err
		}
		at, err := b.store.bucket.Attributes(ctx, key(roomBytes, name))
		if missing(err) || err == nil && time.Since(at.ModTime) < b.grace {
			return 0, nil // written anew a moment ago
		} else if err != nil {
			return 0, err
		}
		for _, k := range b.picturesOf(ctx, name) {
			if err := b.store.bucket.Delete(ctx, k); err != nil && !missing(err) {
				return 0, err
			}
		}
		if err := b.store.bucket.Delete(ctx, key(roomBytes, name)); err != nil && !missing(err) {
			return 0, err
		}
		return 1, nil
	})
}

// picturesOf lists what was drawn from a blob.
func (b *Block) picturesOf(ctx context.Context, hash string) []string {
	out := []string{key(roomThumb, hash)}
	list := b.store.bucket.List(&blob.ListOptions{Prefix: key(roomPage, hash)})
	for {
		obj, err := list.Next(ctx)
		if err != nil {
			return out
		}
		if strings.HasPrefix(obj.Key, key(roomPage, hash)+"-") {
			out = append(out, obj.Key)
		}
	}
}
