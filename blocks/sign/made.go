package sign

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/google/uuid"

	"datmui/kit/pg"
)

// Made is a signature that was put on a paper of a record.
type Made struct {
	At           time.Time
	Name         string // the signer's, or the body's for a seal
	Organisation string
	Field        string // the place on the paper: letters.PlaceSignature, letters.PlaceSeal
	Hash         []byte `db:"sha256"` // of the file as it left the signature
}

// Short is the beginning of the file's SHA-256, enough to compare by eye.
func (m Made) Short() string { return hex.EncodeToString(m.Hash[:min(6, len(m.Hash))]) }

// MadeOn lists the signatures on the papers of a record, oldest first. Whether the reader may see
// the record is the caller's rule.
func MadeOn(ctx context.Context, r pg.Reader, kind string, subject uuid.UUID) ([]Made, error) {
	list, err := pg.All[Made](r.Query(ctx, `SELECT s.at, c.name, c.organisation, s.field, s.sha256 FROM sign.signature s
		JOIN sign.certificate c ON c.id = s.certificate WHERE s.subject_id = $1 AND s.subject_kind = $2 ORDER BY s.at, s.id`, subject, kind))
	if err != nil {
		return nil, fmt.Errorf("listing the signatures on %s %s: %w", kind, subject, err)
	}
	return list, nil
}
