package directorypage

import (
	"context"

	"datmui/blocks/directory"
	"datmui/kit/clock"
	"datmui/kit/web"
)

// Finder finds officials by name, for the command box.
func Finder(d *directory.Block, c clock.Clock) web.Finder {
	return web.Finder{Title: "directory.title", Find: func(ctx context.Context, words string) ([]web.Found, error) {
		page, err := d.Search(ctx, directory.SearchIn{Text: words, Limit: 5}, c.Now())
		if err != nil {
			return nil, err
		}
		out := make([]web.Found, len(page.Rows))
		for i, o := range page.Rows {
			out[i] = web.Found{Title: o.Name, More: o.Title + ", " + o.Body, Href: "/directory/people/" + o.ID.String()}
		}
		return out, nil
	}}
}
