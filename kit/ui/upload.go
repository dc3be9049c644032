package ui

import (
	"context"
	"strconv"

	"github.com/a-h/templ"

	"datmui/kit/lang"
)

// uploadTexts hands upload.js the sentences it may have to say; {n} and {m} are filled there.
func uploadTexts(ctx context.Context, to UploadTo) templ.Attributes {
	a := templ.Attributes{
		"data-say-large": lang.T(ctx, "ui.upload.large", "n", strconv.FormatInt(to.Most>>20, 10)),
		"data-say-type":  lang.T(ctx, "ui.upload.type"),
	}
	for _, k := range []string{"sending", "done", "broken", "again", "remove", "refused"} {
		a["data-say-"+k] = lang.T(ctx, "ui.upload."+k)
	}
	return a
}

// tenth is the class that fills a gauge to the nearest tenth; at least a little once begun.
func tenth(done, of int) string {
	if of <= 0 {
		return "p0"
	}
	return "p" + strconv.Itoa(max(0, min(10, (done*10+of/2)/of)))
}

func sep(name string) string {
	if name == "" {
		return ""
	}
	return " · " + name
}
