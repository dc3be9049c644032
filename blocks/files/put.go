package files

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"datmui/blocks/audit"
	"datmui/kit/fault"
)

// Subject is what a file belongs to.
type Subject struct {
	Kind string
	ID   uuid.UUID
}

// In is a file the system makes.
type In struct {
	Blob        Blob   // from Store, called before the act; or else
	Data        []byte // the bytes themselves
	Name        string
	MIME        string // "" means PDF
	Subject     Subject
	Role        string
	Pages       int
	Flaws       []Flaw      // of a scan that is put beside another
	Persons     []uuid.UUID // whose record it touches
	RetainUntil time.Time   // zero: for ever
}

// Store writes bytes to the store and returns what Put needs. It is called before the act:
// if that fails, nothing but an unused blob remains, and the sweep takes it away.
func (b *Block) Store(ctx context.Context, data []byte) (Blob, error) {
	blob, err := hashOf(bytes.NewReader(data))
	if err != nil {
		return Blob{}, err
	}
	return blob, b.store.keep(ctx, blob.Hash, blob.Size, bytes.NewReader(data), b.fresh())
}

// Put makes a file of the system part of a subject, within an act.
func (b *Block) Put(ctx context.Context, act *audit.Act, in In) (File, error) {
	if in.Data != nil {
		blob, err := b.Store(ctx, in.Data)
		if err != nil {
			return File{}, err
		}
		in.Blob = blob
	}
	f := File{ID: uuid.Must(uuid.NewV7()), SHA256: in.Blob.Hash.String(), Size: in.Blob.Size, MIME: in.MIME, Name: cleanName(in.Name),
		SubjectKind: in.Subject.Kind, SubjectID: &in.Subject.ID, Role: in.Role, Scan: Clean, Pages: in.Pages, Flaws: in.Flaws,
		Persons: in.Persons, CreatedAt: act.At}
	if f.MIME == "" {
		f.MIME = mimePDF
	}
	if !in.RetainUntil.IsZero() {
		f.RetainUntil = &in.RetainUntil
	}
	if act.Actor.ID != uuid.Nil {
		f.CreatedBy = &act.Actor.ID
	}
	return f, b.insert(ctx, act, f, time.Time{})
}

// insert adds the row. It holds off the sweep and makes sure that the bytes are there.
func (b *Block) insert(ctx context.Context, tx pgx.Tx, f File, heldUntil time.Time) error {
	hash, err := hex.DecodeString(f.SHA256)
	if err != nil {
		return err
	}
	if f.Persons == nil {
		f.Persons = []uuid.UUID{}
	}
	if f.Flaws == nil {
		f.Flaws = []Flaw{}
	}
	var held *time.Time
	if !heldUntil.IsZero() {
		held = &heldUntil
	}
	batch := &pgx.Batch{}
	batch.Queue(`SELECT pg_advisory_xact_lock_shared($1, $2)`, sweepLock, lockOf(hash))
	batch.Queue(`INSERT INTO files.file (id, sha256, size, mime, name, subject_kind, subject_id, role, scan_state, pages, flaws, persons, created_by, created_at, held_until, retain_until)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		f.ID, hash, f.Size, f.MIME, f.Name, f.SubjectKind, f.SubjectID, f.Role, string(f.Scan), f.Pages, f.Flaws, f.Persons, f.CreatedBy, f.CreatedAt, held, f.RetainUntil)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("adding a file: %w", err)
	}
	there, err := b.store.bucket.Exists(ctx, key(roomBytes, f.SHA256))
	if err != nil {
		return fmt.Errorf("looking for the bytes of a file: %w", err)
	}
	if !there {
		return fmt.Errorf("the bytes of file %s are not in the store", f.SHA256)
	}
	return nil
}

// Attachment is a file that arrived and what it is to become.
type Attachment struct {
	ID   uuid.UUID
	Role string
}

// Attach makes files that the actor sent part of a subject, within an act. A file that is
// not his, or is part of something already, is a fault of the field "file". persons are
// those whose record the files touch from now on.
func (b *Block) Attach(ctx context.Context, act *audit.Act, to Subject, persons []uuid.UUID, files ...Attachment) error {
	if len(files) == 0 {
		return nil
	}
	if persons == nil {
		persons = []uuid.UUID{}
	}
	ids, roles := make([]uuid.UUID, len(files)), make([]string, len(files))
	for i, f := range files {
		ids[i], roles[i] = f.ID, f.Role
	}
	var taken, all int
	batch := &pgx.Batch{}
	batch.Queue(`UPDATE files.file f SET subject_kind = $1, subject_id = $2, role = x.role, persons = $3, held_until = NULL
		FROM unnest($4::uuid[], $5::text[]) AS x (id, role)
		WHERE f.id = x.id AND f.created_by = $6 AND f.subject_kind = '' AND f.destroyed_at IS NULL`,
		to.Kind, to.ID, persons, ids, roles, act.Actor.Party()).Exec(func(tag pgconn.CommandTag) error {
		taken = int(tag.RowsAffected())
		return nil
	})
	batch.Queue(`SELECT count(*) FROM files.file WHERE subject_kind = $1 AND subject_id = $2`, to.Kind, to.ID).QueryRow(func(row pgx.Row) error {
		return row.Scan(&all)
	})
	if err := act.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("attaching files: %w", err)
	}
	if taken != len(files) {
		return fault.Fields{"file": "files.gone"}
	}
	if all > b.maxFiles {
		return fault.Limit("files.many", "n", b.maxFiles)
	}
	return nil
}

// Move hands all files of one subject on to another, such as from a draft to its dossier. The
// caller has checked that he may.
func (b *Block) Move(ctx context.Context, act *audit.Act, from, to Subject) error {
	_, err := act.Exec(ctx, `UPDATE files.file SET subject_kind = $1, subject_id = $2 WHERE subject_kind = $3 AND subject_id = $4`,
		to.Kind, to.ID, from.Kind, from.ID)
	return err
}

// Detach takes files from a subject and gives them back to their sender, who may take them
// up again or let them go. The caller has checked that he may.
func (b *Block) Detach(ctx context.Context, act *audit.Act, from Subject, ids ...uuid.UUID) error {
	_, err := act.Exec(ctx, `UPDATE files.file SET subject_kind = '', subject_id = NULL, role = '', held_until = $1
		WHERE subject_kind = $2 AND subject_id = $3 AND id = ANY($4)`, act.At.Add(b.hold), from.Kind, from.ID, ids)
	return err
}

// Retain says until when the files of a subject are kept; zero means for ever.
func (b *Block) Retain(ctx context.Context, act *audit.Act, of Subject, until time.Time) error {
	var day *time.Time
	if !until.IsZero() {
		day = &until
	}
	_, err := act.Exec(ctx, `UPDATE files.file SET retain_until = $1 WHERE subject_kind = $2 AND subject_id = $3`, day, of.Kind, of.ID)
	return err
}

// Drop lets a file go that its sender holds.
func (b *Block) Drop(ctx context.Context, id uuid.UUID) error {
	return b.book.Act(ctx, "files.drop", func(ctx context.Context, act *audit.Act) error {
		act.About("files.file", id, act.Actor.ID)
		tag, err := act.Exec(ctx, `DELETE FROM files.file WHERE id = $1 AND created_by = $2 AND subject_kind = ''`, id, act.Actor.Party())
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.NotFound("file")
		}
		_, err = act.Exec(ctx, `DELETE FROM files.upload WHERE id = $1`, id)
		return err
	})
}

// Bytes reads a whole file for the system's own use within the caller's rights, such as
// signing it; nothing is written down.
func (b *Block) Bytes(ctx context.Context, f File) ([]byte, error) {
	r, err := b.store.read(ctx, key(roomBytes, f.SHA256))
	if err != nil {
		return nil, fmt.Errorf("reading file %s: %w", f.ID, err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("reading file %s: %w", f.ID, err)
	}
	if got, _ := hashOf(bytes.NewReader(data)); got.Hash.String() != f.SHA256 {
		return nil, fmt.Errorf("file %s is not what was stored: its SHA-256 is %s", f.ID, got.Hash)
	}
	return data, nil
}
