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
	Pages int    // of a PDF or a TIFF; 1 for another picture
	Thumb []byte // small picture, JPEG; nil when there is none
	Flaws []Flaw // what may make a scan hard to read
}

// Flaw is why a page of a scan may be hard to read. It turns nobody away: a person looks.
// law: public-services.md 11 — at the counter: scan → check legibility, page count.
type Flaw struct {
	Kind string `json:"kind"`          // Coarse, Blank or Dark
	Page int    `json:"page"`          // from 1
	DPI  int    `json:"dpi,omitempty"` // of Coarse: dots per inch, as if the paper were A4 where its size is not known
}

// The kinds of flaws.
const (
	Coarse = "coarse" // too few dots
	Blank  = "blank"  // nothing is on it
	Dark   = "dark"
)

// Looker looks into strangers' bytes outside of this process. An error that is ErrBroken
// speaks of the file, any other of the looker.
type Looker interface {
	Look(ctx context.Context, mime string, r io.Reader) (Look, error)
	Page(ctx context.Context, mime string, r io.Reader, page, width int) ([]byte, error) // PNG; pages from 1
}
