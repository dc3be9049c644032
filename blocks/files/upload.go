package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// uploadLife is how long a file may take to arrive; long enough for a village's line.
const uploadLife = 48 * time.Hour

type upload struct {
	ID        uuid.UUID
	OwnerID   uuid.UUID
	Name      string
	Size      int64
	ExpiresAt time.Time
	Done      bool
}

// Begin makes room for a file of the declared size and returns the id it will have.
func (b *Block) Begin(ctx context.Context, name string, size int64) (uuid.UUID, error) {
	who := actor.From(ctx)
	if who.ID == uuid.Nil {
		return uuid.Nil, fault.SignIn("files.upload")
	}
	if size <= 0 {
		return uuid.Nil, fault.Fields{"file": "files.empty"}
	}
	if size > b.maxBytes {
		return uuid.Nil, fault.Limit("files.large", "n", b.maxBytes>>20)
	}
	var open int
	var sent int64
	err := b.db.QueryRow(ctx, `SELECT count(*) FILTER (WHERE NOT done)::int, coalesce(sum(size), 0)::bigint FROM files.upload WHERE owner_id = $1 AND expires_at > $2`,
		who.ID, b.clock.Now()).Scan(&open, &sent)
	if err != nil {
		return uuid.Nil, fmt.Errorf("counting uploads: %w", err)
	}
	if open >= b.maxUploads {
		return uuid.Nil, fault.Limit("files.uploads", "n", b.maxUploads)
	}
	if sent+size > b.maxSent && who.Kind != actor.Official { // a counter scans all day
		return uuid.Nil, fault.Limit("files.sent", "n", b.maxSent>>20)
	}
	id, now := uuid.Must(uuid.NewV7()), b.clock.Now()
	f, err := os.OpenFile(b.part(id), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return uuid.Nil, fmt.Errorf("making room for an upload: %w", err)
	}
	if err := f.Close(); err != nil {
		return uuid.Nil, err
	}
	// A place for bytes is no act: what counts is written down when the file has arrived.
	return id, b.book.Batch(ctx, "files.upload.begin", id.String(), func(ctx context.Context, tx pgx.Tx) (int64, error) {
		tag, err := tx.Exec(ctx, `INSERT INTO files.upload (id, owner_id, name, size, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, who.ID, cleanName(name), size, now, now.Add(uploadLife))
		return tag.RowsAffected(), err
	})
}

func (b *Block) part(id uuid.UUID) string { return filepath.Join(b.temp, id.String()) }

// mine finds an upload of the actor; somebody else's does not exist for him.
func (b *Block) mine(ctx context.Context, id uuid.UUID) (upload, error) {
	u, err := pg.One[upload](b.db.Query(ctx, `SELECT id, owner_id, name, size, expires_at, done FROM files.upload
		WHERE id = @id AND owner_id = @owner AND expires_at > @now`,
		pgx.NamedArgs{"id": id, "owner": actor.From(ctx).ID, "now": b.clock.Now()}))
	if fault.KindOf(err) == fault.KindNotFound {
		return u, fault.NotFound("upload")
	}
	return u, err
}

// Offset says how much of an upload has arrived, and of how much.
func (b *Block) Offset(ctx context.Context, id uuid.UUID) (offset, size int64, err error) {
	u, err := b.mine(ctx, id)
	if err != nil {
		return 0, 0, err
	}
	if u.Done {
		return u.Size, u.Size, nil
	}
	info, err := os.Stat(b.part(id))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, fault.NotFound("upload")
	} else if err != nil {
		return 0, 0, err
	}
	return min(info.Size(), u.Size), u.Size, nil
}

// Append adds a piece at an offset and returns the new one. With sum, the SHA-256 of the
// piece, a piece that arrives damaged or cut short counts as not sent (Conflict
// "files.checksum"); without, what arrived is kept. The last piece makes the file: when it is
// of no type taken, or broken, or infected, the upload is gone and the fault says why.
func (b *Block) Append(ctx context.Context, id uuid.UUID, offset int64, sum []byte, r io.Reader) (int64, error) {
	defer b.locks.lock(id)()
	u, err := b.mine(ctx, id)
	if err != nil {
		return 0, err
	}
	if u.Done {
		if offset == u.Size {
			return u.Size, nil
		}
		return u.Size, fault.Conflict("files.offset")
	}
	f, err := os.OpenFile(b.part(id), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fault.NotFound("upload")
	} else if err != nil {
		return 0, fmt.Errorf("opening an upload: %w", err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil { // another process on the same folder
		return 0, fmt.Errorf("locking an upload: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if info.Size() != offset {
		return info.Size(), fault.Conflict("files.offset")
	}
	at, err := appendPiece(f, offset, u.Size, sum, r)
	if err != nil || at < u.Size {
		return at, err
	}
	err = b.finish(ctx, u, f)
	return at, err
}

// appendPiece writes r at the end of f, which is offset long and may grow to size.
func appendPiece(f *os.File, offset, size int64, sum []byte, r io.Reader) (int64, error) {
	back := func(err error) (int64, error) {
		if e := f.Truncate(offset); e != nil {
			return offset, e
		}
		return offset, err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(io.NewOffsetWriter(f, offset), h), io.LimitReader(r, size-offset+1))
	if offset+n > size {
		return back(fault.Limit("files.large", "n", size>>20))
	}
	if len(sum) > 0 && !bytes.Equal(h.Sum(nil), sum) {
		return back(fault.Conflict("files.checksum"))
	}
	if err != nil {
		if _, gone := errors.AsType[*fs.PathError](err); gone {
			return back(fmt.Errorf("writing an upload: %w", err)) // a full disk, not a broken line
		}
		return offset + n, err
	}
	return offset + n, nil
}

// Cancel forgets an upload, or a file that has arrived and was not taken up.
func (b *Block) Cancel(ctx context.Context, id uuid.UUID) error {
	defer b.locks.lock(id)()
	u, err := b.mine(ctx, id)
	if err != nil {
		return err
	}
	if u.Done {
		return b.Drop(ctx, id)
	}
	if err := os.Remove(b.part(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return b.forget(ctx, id)
}

func (b *Block) forget(ctx context.Context, id uuid.UUID) error {
	return b.book.Batch(ctx, "files.upload.cancel", id.String(), func(ctx context.Context, tx pgx.Tx) (int64, error) {
		tag, err := tx.Exec(ctx, `DELETE FROM files.upload WHERE id = $1 AND NOT done`, id)
		return tag.RowsAffected(), err
	})
}

// keyed is a lock per id.
type keyed struct {
	mu   sync.Mutex
	held map[uuid.UUID]*held
}

type held struct {
	sync.Mutex
	users int
}

// lock waits for the lock of id and returns what lets it go.
func (k *keyed) lock(id uuid.UUID) (unlock func()) {
	k.mu.Lock()
	if k.held == nil {
		k.held = map[uuid.UUID]*held{}
	}
	h := k.held[id]
	if h == nil {
		h = &held{}
		k.held[id] = h
	}
	h.users++
	k.mu.Unlock()
	h.Lock()
	return func() {
		h.Unlock()
		k.mu.Lock()
		defer k.mu.Unlock()
		if h.users--; h.users == 0 {
			delete(k.held, id)
		}
	}
}
