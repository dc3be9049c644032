package gallery

import (
	"io/fs"
	"regexp"

	"datmui/assets"
	"datmui/kit/ui"
)

// with changes a field where the conventions of ui.Form are not enough.
func with(f ui.Field, change func(*ui.Field)) ui.Field {
	change(&f)
	return f
}

var symbol = regexp.MustCompile(`<symbol id="([a-z]+)" viewBox="0 0 24 24"`)

// Icons lists the icons of the sprite.
func Icons() []string {
	b, err := fs.ReadFile(assets.Sources, "icons.svg")
	if err != nil {
		return nil
	}
	var out []string
	for _, m := range symbol.FindAllSubmatch(b, -1) {
		out = append(out, string(m[1]))
	}
	return out
}
