package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/fault"
)

// finish makes a file of a complete upload: checked, stored, and held by its sender.
func (b *Block) finish(ctx context.Context, u upload, f *os.File) error {
	file, err := b.judge(ctx, f, u.Size)
	if err != nil {
		if fields, ok := errors.AsType[fault.Fields](err); ok { // the file's fault: there is nothing to resume
			if err := os.Remove(f.Name()); err != nil {
				return err
			}
			if err := b.forget(ctx, u.ID); err != nil {
				return err
			}
			return fields
		}
		return err
	}
	file.ID, file.Name = u.ID, withEnding(u.Name, file.MIME)
	err = b.book.Act(ctx, "files.receive", func(ctx context.Context, act *audit.Act) error {
		if _, err := act.Exec(ctx, `UPDATE files.upload SET done = true WHERE id = $1 AND NOT done`, u.ID); err != nil {
			return err
		}
		party := act.Actor.Party() // who acts for a business sends for it: its staff go on together
		file.CreatedAt, file.CreatedBy = act.At, &party
		file.Persons = []uuid.UUID{act.Actor.ID}
		act.About("files.file", u.ID, act.Actor.ID)
		act.Note("sha256", file.SHA256)
		act.Note("scan", file.Scan)
		return b.insert(ctx, act, file, act.At.Add(b.hold))
	})
	if err != nil {
		return fmt.Errorf("recording a file: %w", err)
	}
	return os.Remove(f.Name())
}

// judge hashes, sniffs, looks into, scans and stores what is in f. A fault.Fields says that
// the file will never do.
func (b *Block) judge(ctx context.Context, f *os.File, size int64) (File, error) {
	rewind := func() io.Reader { return io.NewSectionReader(f, 0, size) }
	mime := sniff(f, size)
	if mime == "" {
		return File{}, fault.Fields{"file": "files.type"}
	}
	blob, err := hashOf(rewind())
	if err != nil {
		return File{}, fmt.Errorf("hashing an upload: %w", err)
	}
	out := File{SHA256: blob.Hash.String(), Size: blob.Size, MIME: mime}
	var look Look
	if b.looker != nil && out.Drawn() {
		if look, err = b.looker.Look(ctx, mime, rewind()); errors.Is(err, ErrBroken) {
			return File{}, fault.Fields{"file": "files.broken"}
		} else if err != nil {
			look = Look{} // the looker's trouble, not the file's: it is taken without a preview
		}
	}
	out.Pages, out.Flaws = look.Pages, look.Flaws
	if out.Scan, err = b.scan(ctx, rewind()); err != nil {
		return File{}, err
	}
	if out.Scan == Infected {
		return File{}, fault.Fields{"file": "files.infected"}
	}
	if err := b.store.keep(ctx, blob.Hash, blob.Size, rewind(), b.fresh()); err != nil {
		return File{}, err
	}
	if look.Thumb != nil {
		if err := b.store.write(ctx, key(roomThumb, out.SHA256), bytes.NewReader(look.Thumb)); err != nil {
			return File{}, err
		}
	}
	return out, nil
}

// fresh is the age up to which a blob is surely not being swept.
func (b *Block) fresh() time.Time { return time.Now().Add(-b.grace / 2) } // the disk's clock, not the act's

func (b *Block) scan(ctx context.Context, r io.Reader) (Scan, error) {
	if b.scanner == nil {
		return Unscanned, nil
	}
	v, err := b.scanner.Scan(ctx, r)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return Waiting, nil // the sweeping job asks again
	case v.Infected:
		return Infected, nil
	}
	return Clean, nil
}

// Receive takes a whole file in one stream, as a form without a script sends it.
func (b *Block) Receive(ctx context.Context, name string, r io.Reader) (uuid.UUID, error) {
	tmp, err := os.CreateTemp(b.temp, "form-*")
	if err != nil {
		return uuid.Nil, fmt.Errorf("making room for a file: %w", err)
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	n, err := io.Copy(tmp, io.LimitReader(r, b.maxBytes+1))
	if err != nil {
		return uuid.Nil, err
	}
	id, err := b.Begin(ctx, name, n)
	if err != nil {
		return uuid.Nil, err
	}
	_, err = b.Append(ctx, id, 0, nil, io.NewSectionReader(tmp, 0, n))
	return id, err
}
