package worklistpage

import (
	"context"

	"datmui/blocks/worklist"
	"datmui/kit/lang"
	"datmui/kit/web"
)

// Finder finds what lies on the actor's desk, for the command box.
func Finder(list *worklist.Block) web.Finder {
	return web.Finder{Title: "worklist.title", Find: func(ctx context.Context, words string) ([]web.Found, error) {
		rows, err := list.Find(ctx, words, 5)
		if err != nil {
			return nil, err
		}
		out := make([]web.Found, len(rows))
		for i, r := range rows {
			out[i] = web.Found{Title: r.What, More: join(r.Code, r.Who, lang.T(ctx, r.Why)), Href: r.Href}
		}
		return out, nil
	}}
}

func join(parts ...string) string {
	out := ""
	for _, p := range parts {
		if p != "" && out != "" {
			out += " · "
		}
		out += p
	}
	return out
}
