package files

import (
	"archive/zip"
	"io"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

const (
	mimePDF  = "application/pdf"
	mimeDOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	mimeTIFF = "image/tiff"
	mimeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// Accept is the list of types taken, as an HTML file input wants it.
const Accept = "application/pdf,image/jpeg,image/png,image/tiff,.docx,.xlsx"

var endings = map[string][]string{
	mimePDF: {".pdf"}, "image/jpeg": {".jpg", ".jpeg"}, "image/png": {".png"}, mimeTIFF: {".tif", ".tiff"}, mimeDOCX: {".docx"}, mimeXLSX: {".xlsx"},
}

// sniff tells the type of a file from its bytes; "" when it is none of those taken.
func sniff(r io.ReaderAt, size int64) string {
	head := make([]byte, min(size, 3072))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return ""
	}
	found := mimetype.Detect(head)
	for mime := range endings {
		if found.Is(mime) && mime != mimeDOCX && mime != mimeXLSX {
			return mime
		}
	}
	for m := found; m != nil; m = m.Parent() {
		if m.Is("application/zip") {
			return office(r, size)
		}
	}
	return ""
}

// office tells Word and Excel files from other zip archives by the parts they must have, and
// refuses those that carry macros.
func office(r io.ReaderAt, size int64) string {
	z, err := zip.NewReader(r, size)
	if err != nil || len(z.File) > 10_000 {
		return ""
	}
	var names []string
	var total uint64
	for _, f := range z.File {
		names = append(names, f.Name)
		total += f.UncompressedSize64
		if strings.HasSuffix(strings.ToLower(f.Name), "vbaproject.bin") {
			return ""
		}
	}
	switch {
	case total > 1<<30, !slices.Contains(names, "[Content_Types].xml"):
		return ""
	case slices.Contains(names, "word/document.xml"):
		return mimeDOCX
	case slices.Contains(names, "xl/workbook.xml"):
		return mimeXLSX
	}
	return ""
}

// withEnding gives a name the ending of its true type, so that a picture named .exe is saved
// as the picture it is.
func withEnding(name, mime string) string {
	for _, e := range endings[mime] {
		if strings.HasSuffix(strings.ToLower(name), e) {
			return name
		}
	}
	if e := endings[mime]; len(e) > 0 {
		return name + e[0]
	}
	return name
}
