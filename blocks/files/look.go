package files

import (
	"context"
	"errors"
	"io"
)

// ErrBroken says that a file is not what its type claims, or is built to do harm.
var ErrBroken = errors.New("files: broken")

// Look is what a look into a file has found.
type Look struct {
	Pages int    // of a PDF; 1 for a picture
	Thumb []byte // small picture, JPEG; nil when there is none
}

// Looker looks into strangers' bytes outside of this process. An error that is ErrBroken
// speaks of the file, any other of the looker.
type Looker interface {
	Look(ctx context.Context, mime string, r io.Reader) (Look, error)
	Page(ctx context.Context, mime string, r io.Reader, page, width int) ([]byte, error) // PNG; pages from 1
}
