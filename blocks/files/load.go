package files

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Load adds the rows of many files at once, for a bulk loader inside Book.Batch. The bytes
// have just been stored by Store; ids, subjects and times are the loader's.
func (b *Block) Load(ctx context.Context, tx pgx.Tx, list []File) error {
	columns := []string{"id", "sha256", "size", "mime", "name", "subject_kind", "subject_id", "role", "scan_state", "pages", "persons", "created_by", "created_at", "retain_until"}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"files", "file"}, columns, pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
		f := list[i]
		hash, err := hex.DecodeString(f.SHA256)
		if err != nil {
			return nil, err
		}
		if f.Persons == nil {
			f.Persons = []uuid.UUID{}
		}
		return []any{f.ID, hash, f.Size, f.MIME, cleanName(f.Name), f.SubjectKind, f.SubjectID, f.Role, string(f.Scan), f.Pages, f.Persons, f.CreatedBy, f.CreatedAt, f.RetainUntil}, nil
	}))
	if err != nil {
		return fmt.Errorf("loading files: %w", err)
	}
	return nil
}
