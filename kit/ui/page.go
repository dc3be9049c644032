package ui

import (
	"cmp"
	"context"
	"strings"

	"github.com/a-h/templ"

	"datmui/kit/lang"
)

// htmxConfig: a refused form (422) and a fault page are answers for people like any other, so
// they are swapped in; nothing but an empty answer is left alone. htmx may not write styles into
// the page: the content security policy forbids it.
const htmxConfig = `{"noSwap":[204,304],"includeIndicatorCSS":false,"transitions":false}`

func or(path, fallback string) string { return cmp.Or(path, fallback) }

// here marks the current item of a list of places.
func here(current bool) templ.Attributes {
	if !current {
		return nil
	}
	return templ.Attributes{"aria-current": "page"}
}

func mainClass(fr Frame, class []string) string {
	if len(class) > 0 {
		return strings.Join(class, " ")
	}
	if fr.area() == Official {
		return "pane"
	}
	return "wrap main"
}

// says hands app.js the few sentences it may have to say.
func says(ctx context.Context) templ.Attributes {
	a := templ.Attributes{}
	for _, k := range []string{"saving", "saved", "unsaved", "left", "over", "picked", "uploading", "unsent"} {
		a["data-say-"+k] = lang.T(ctx, "ui.say."+k)
	}
	return a
}
