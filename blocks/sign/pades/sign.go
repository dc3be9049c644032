package pades

import (
	"context"
	"crypto/sha256"
	"errors"

	"datmui/blocks/sign/cms"
	"datmui/blocks/sign/pdf"
)

// Sign signs a file by an incremental update: all its bytes stay. Without a stamper the
// level is B-B, with one B-T.
func Sign(ctx context.Context, data []byte, by cms.Signer, stamp cms.Stamper, s pdf.Signature) ([]byte, error) {
	return inRoom(data, s, func(digest []byte) ([]byte, error) { return cms.Sign(ctx, by, digest, stamp) })
}

// inRoom signs, and once more with larger room when the CMS turns out too long.
func inRoom(data []byte, s pdf.Signature, sign func(digest []byte) ([]byte, error)) ([]byte, error) {
	for {
		p, err := pdf.Prepare(data, s)
		if err != nil {
			return nil, err
		}
		sig, err := sign(p.Digest)
		if err != nil {
			return nil, err
		}
		out, err := p.Finish(sig)
		if !errors.Is(err, pdf.ErrHole) || s.Hole > len(sig) {
			return out, err
		}
		s.Hole = len(sig) + len(sig)/2
	}
}

// Stamp adds a document time-stamp, which proves that everything before was there.
func Stamp(ctx context.Context, data []byte, stamp cms.Stamper) ([]byte, error) {
	return inRoom(data, pdf.Signature{Stamp: true}, func(digest []byte) ([]byte, error) { return stamp.Stamp(ctx, digest) })
}

// Hash is the SHA-256 of a file, by which signatures and files are joined in the records.
func Hash(data []byte) []byte {
	h := sha256.Sum256(data)
	return h[:]
}
