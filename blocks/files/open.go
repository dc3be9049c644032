package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Content is an open file. The caller closes it.
type Content struct {
	File
	io.ReadSeekCloser
}

// Open opens a file for the actor and writes down that he did, before a byte is read. A file
// he may not open does not exist for him.
func (b *Block) Open(ctx context.Context, id uuid.UUID) (Content, error) {
	f, err := audit.Read(ctx, b.book, "files.open", id, func(r pg.Reader) (File, error) { return b.may(ctx, r, id) })
	if err != nil {
		return Content{}, err
	}
	r, err := b.store.read(ctx, key(roomBytes, f.SHA256))
	if err != nil {
		return Content{}, fmt.Errorf("reading file %s: %w", f.ID, err)
	}
	return Content{f, r}, nil
}

// FirstSeen says when an official first opened each of some files, whole or page by page; one that
// none has opened is not in it. The caller has checked that the actor may see their subject.
// law: public-services.md 17 — uploaded files vanish or open empty: a mark that an officer opened it.
func (b *Block) FirstSeen(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]time.Time, error) {
	return b.book.FirstRead(ctx, []string{"files.open", "files.preview"}, ids...)
}

// may returns the file if the actor may open it.
func (b *Block) may(ctx context.Context, r pg.Reader, id uuid.UUID) (File, error) {
	f, err := pg.One[File](r.Query(ctx, `SELECT `+columns+` FROM files.file WHERE id = $1`, id))
	if fault.KindOf(err) == fault.KindNotFound {
		return File{}, fault.NotFound("file")
	} else if err != nil {
		return File{}, err
	}
	who := actor.From(ctx)
	if f.SubjectKind == "" { // held by its sender alone
		if f.CreatedBy == nil || *f.CreatedBy != who.Party() {
			return File{}, fault.NotFound("file")
		}
	} else if guard := b.guards[f.SubjectKind]; guard == nil {
		return File{}, fault.NotFound("file")
	} else if ok, err := guard(ctx, r, who, f); err != nil {
		return File{}, err
	} else if !ok {
		if ok, err = b.shared(ctx, r, who, f); err != nil {
			return File{}, err
		}
		if !ok {
			return File{}, fault.NotFound("file")
		}
	}
	switch {
	case f.Destroyed:
		return File{}, fault.Conflict("files.destroyed")
	case f.Scan == Waiting:
		return File{}, fault.Conflict("files.waiting")
	case f.Scan == Infected:
		return File{}, fault.Conflict("files.infected")
	}
	return f, nil
}

// shared says whether a file is shown to somebody to whom its subject is closed.
func (b *Block) shared(ctx context.Context, r pg.Reader, a actor.Actor, f File) (bool, error) {
	share := b.shares[f.SubjectKind]
	if share == nil {
		return false, nil
	}
	return share(ctx, r, a, f)
}

// Thumb returns a small JPEG of a file. It is shown beside records whose opening has been
// written down, so it is not written down again.
func (b *Block) Thumb(ctx context.Context, id uuid.UUID) ([]byte, error) {
	f, err := b.may(ctx, b.db, id)
	if err != nil {
		return nil, err
	}
	return b.picture(ctx, key(roomThumb, f.SHA256), f, func(r io.Reader) ([]byte, error) {
		look, err := b.looker.Look(ctx, f.MIME, r)
		return look.Thumb, err
	})
}

// Width is how wide the picture of a page is, in pixels.
type Width int

// The widths there are.
const (
	ForScreen Width = 1240 // sharp enough to read A4 on any screen
	ForPrint  Width = 2480 // A4 at 300 dots per inch
)

// Preview returns a page of a file, from 1, as PNG, and writes down that it was seen.
func (b *Block) Preview(ctx context.Context, id uuid.UUID, page int, width Width) ([]byte, error) {
	f, err := audit.Read(ctx, b.book, "files.preview", id, func(r pg.Reader) (File, error) { return b.may(ctx, r, id) })
	if err != nil {
		return nil, err
	}
	if page < 1 || page > max(1, f.Pages) {
		return nil, fault.NotFound("page")
	}
	at := fmt.Sprintf("%s-%d", key(roomPage, f.SHA256), page)
	if width == ForPrint {
		at += "-print"
	}
	return b.picture(ctx, at, f, func(r io.Reader) ([]byte, error) {
		return b.looker.Page(ctx, f.MIME, r, page, int(width))
	})
}

// picture returns a picture made earlier, or makes and keeps it.
func (b *Block) picture(ctx context.Context, at string, f File, draw func(io.Reader) ([]byte, error)) ([]byte, error) {
	if r, err := b.store.read(ctx, at); err == nil {
		defer r.Close()
		return io.ReadAll(r)
	} else if !missing(err) {
		return nil, err
	}
	if b.looker == nil || !f.Drawn() {
		return nil, fault.NotFound("preview")
	}
	r, err := b.store.read(ctx, key(roomBytes, f.SHA256))
	if err != nil {
		return nil, fmt.Errorf("reading file %s: %w", f.ID, err)
	}
	defer r.Close()
	out, err := draw(r)
	if errors.Is(err, ErrBroken) || err == nil && out == nil {
		return nil, fault.NotFound("preview")
	} else if err != nil {
		return nil, fmt.Errorf("drawing file %s: %w", f.ID, err)
	}
	return out, b.store.write(ctx, at, bytes.NewReader(out))
}

// List returns the files of a subject in order of arrival. The caller has checked that the
// actor may see the subject.
func (b *Block) List(ctx context.Context, r pg.Reader, of Subject) ([]File, error) {
	return pg.All[File](r.Query(ctx, `SELECT `+columns+` FROM files.file WHERE subject_kind = @kind AND subject_id = @id ORDER BY created_at, id`,
		pgx.NamedArgs{"kind": of.Kind, "id": of.ID}))
}

// Held returns the files among ids that the actor sent and that nothing has taken up yet, to
// show them again on a form that comes back.
func (b *Block) Held(ctx context.Context, ids ...uuid.UUID) ([]File, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return pg.All[File](b.db.Query(ctx, `SELECT `+columns+` FROM files.file WHERE id = ANY($1) AND created_by = $2 AND subject_kind = '' ORDER BY created_at, id`,
		ids, actor.From(ctx).Party()))
}
