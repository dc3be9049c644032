package filespage

import (
	"context"
	"strings"

	"datmui/blocks/files"
	"datmui/kit/lang"
)

// mostFlaws is how many flaws of one file are told apart.
const mostFlaws = 4

// Flaws says in words what may make a scan hard to read, page by page; "" where nothing does.
func Flaws(ctx context.Context, f files.File) string {
	var out []string
	for i, flaw := range f.Flaws {
		if i == mostFlaws {
			out = append(out, lang.T(ctx, "files.flaw.more", "count", len(f.Flaws)-i))
			break
		}
		out = append(out, lang.T(ctx, "files.flaw."+flaw.Kind, "page", flaw.Page, "dpi", flaw.DPI))
	}
	return strings.Join(out, "; ")
}
