package pades

import (
	"context"
	"crypto/sha256"

	"datmui/blocks/sign/cms"
	"datmui/blocks/sign/pdf"
)

// Sign signs a file by an incremental update: all its bytes stay. Without a stamper the
// level is B-B, with one B-T.
func Sign(ctx context.Context, data []byte, by cms.Signer, stamp cms.Stamper, s pdf.Signature) ([]byte, error) {
	p, err := pdf.Prepare(data, s)
	if err != nil {
		return nil, err
	}
	sig, err := cms.Sign(ctx, by, p.Digest, stamp)
	if err != nil {
		return nil, err
	}
	return p.Finish(sig)
}

// Stamp adds a document time-stamp, which proves that everything before was there.
func Stamp(ctx context.Context, data []byte, stamp cms.Stamper) ([]byte, error) {
	p, err := pdf.Prepare(data, pdf.Signature{Stamp: true})
	if err != nil {
		return nil, err
	}
	token, err := stamp.Stamp(ctx, p.Digest)
	if err != nil {
		return nil, err
	}
	return p.Finish(token)
}

// Hash is the SHA-256 of a file, by which signatures and files are joined in the records.
func Hash(data []byte) []byte {
	h := sha256.Sum256(data)
	return h[:]
}
