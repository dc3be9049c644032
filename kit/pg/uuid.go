package pg

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// planUUID sends google's UUIDs as the sixteen bytes they are. Without it pgx asks them for a text,
// finds that the binary format takes none and begins anew: most of our parameters are ids.
type planUUID struct{ next pgtype.EncodePlan }

func wrapUUID(value any) (pgtype.WrappedEncodePlanNextSetter, any, bool) {
	id, ok := value.(uuid.UUID)
	return &planUUID{}, bytesOfUUID(id), ok
}

func (p *planUUID) SetNext(next pgtype.EncodePlan) { p.next = next }

func (p *planUUID) Encode(value any, buf []byte) ([]byte, error) {
	return p.next.Encode(bytesOfUUID(value.(uuid.UUID)), buf)
}

type bytesOfUUID uuid.UUID

func (b bytesOfUUID) UUIDValue() (pgtype.UUID, error) { return pgtype.UUID{Bytes: b, Valid: true}, nil }
