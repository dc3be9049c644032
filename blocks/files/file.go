package files

import (
	"encoding/hex"
	"path"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
)

// File is one file as its sender named it.
type File struct {
	ID          uuid.UUID
	SHA256      string // hexadecimal
	Size        int64
	MIME        string // as sniffed, never as claimed
	Name        string
	SubjectKind string // "" while only its sender holds it
	SubjectID   *uuid.UUID
	Role        string
	Scan        Scan
	Pages       int    // 0 when not counted
	Flaws       []Flaw // what may make a scan hard to read
	Persons     []uuid.UUID
	CreatedBy   *uuid.UUID // nil: made by the system
	CreatedAt   time.Time
	RetainUntil *time.Time
	Destroyed   bool // the row outlives its bytes
}

// columns reads a File.
const columns = `id, encode(sha256, 'hex') AS sha256, size, mime, name, subject_kind, subject_id, role,
	scan_state AS scan, pages, flaws, persons, created_by, created_at, retain_until::timestamptz AS retain_until, destroyed_at IS NOT NULL AS destroyed`

// Blob is what the file holds: another file may hold the same.
func (f File) Blob() Blob {
	b := Blob{Size: f.Size}
	_, _ = hex.Decode(b.Hash[:], []byte(f.SHA256)) // the column is 32 bytes in hex
	return b
}

// AuditPersons says whose record opening the file touches.
func (f File) AuditPersons() []uuid.UUID { return f.Persons }

// AuditAbout names the file to whose record it is.
func (f File) AuditAbout() string { return f.Name }

// Image says whether browsers show the file as a picture.
func (f File) Image() bool { return f.MIME == "image/jpeg" || f.MIME == "image/png" }

// PDF says whether the file is a PDF.
func (f File) PDF() bool { return f.MIME == mimePDF }

// Drawn says whether the program makes pictures of the file's pages.
func (f File) Drawn() bool { return f.PDF() || f.Image() || f.MIME == mimeTIFF }

// Scan says how far a file has been searched for malicious code.
type Scan string

// The states of a file's scan.
const (
	Waiting   Scan = "waiting"   // the scanner did not answer: not shown until it has
	Unscanned Scan = "unscanned" // there is no scanner here: shown, and said so
	Clean     Scan = "clean"
	Infected  Scan = "infected" // kept for the inquiry, shown to nobody
)

// cleanName makes a name fit to be shown and offered for saving: no folders, no control or
// direction characters, composed letters, at most 120 letters, with its ending.
func cleanName(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r), strings.ContainsRune(`<>:"|?*/`, r):
			return -1
		}
		return r
	}, name)
	name = norm.NFC.String(name) // last: what was dropped may have stood between a letter and its mark
	name = strings.Trim(strings.Join(strings.Fields(name), " "), ". ")
	const most = 120
	if runes := []rune(name); len(runes) > most {
		ext := []rune(path.Ext(name))
		if len(ext) > 10 {
			ext = nil
		}
		name = strings.TrimRight(string(runes[:most-len(ext)]), ". ") + string(ext)
	}
	if name == "" {
		return "tệp"
	}
	return name
}
