package ui

import "github.com/a-h/templ"

// Button is an act or a way on. With Href it is a link that looks like a button.
type Button struct {
	Text  string // the act in words: "Ký 23 văn bản", never "OK"
	Href  string
	Icon  string
	Kind  string // "" the main act, "quiet", "bare", "fault"
	Size  string // "", "s", "big", "wide", "big-wide"
	Key   string // the key that presses it on a desk, shown on it
	Name  string // with Value: which of several buttons of a form was pressed
	Value string
	Form  string // id of the form it belongs to when it stands outside
	Off   bool
	Right bool // at the far end of its line
	Attrs templ.Attributes
}

func (b Button) class() string {
	c := "btn"
	if b.Kind != "" {
		c += " btn--" + b.Kind
	}
	switch b.Size {
	case "big-wide":
		c += " btn--big btn--wide"
	case "":
	default:
		c += " btn--" + b.Size
	}
	if b.Right {
		c += " right"
	}
	return c
}

func (b Button) attrs() templ.Attributes {
	a := templ.Attributes{}
	for k, v := range b.Attrs {
		a[k] = v
	}
	for k, v := range map[string]string{"data-key": b.Key, "form": b.Form} {
		if v != "" {
			a[k] = v
		}
	}
	if b.Name != "" {
		a["name"], a["value"] = b.Name, b.Value
	}
	if b.Off {
		a["disabled"] = true
	}
	return a
}

// keyOf are the attributes of a link that a key presses.
func (b Button) keyOf() templ.Attributes {
	a := templ.Attributes{}
	for k, v := range b.Attrs {
		a[k] = v
	}
	if b.Key != "" {
		a["data-key"] = b.Key
	}
	return a
}

// JobState is long work on its way. Done, Failed and Total are true counts, read when shown.
type JobState struct {
	Title         string
	Done, Failed  int
	Total         int
	Left          string // "còn khoảng 20 giây"; "" when it is not known or the work is over
	Href          string // its own page, where it is found again
	Over          bool
	RefreshedFrom string // address of this part alone, asked again every two seconds while it runs
}

func (j JobState) tone() Tone {
	switch {
	case j.Over && j.Failed > 0:
		return Soon
	case j.Over:
		return Done
	}
	return Run
}

func noticeIcon(t Tone) string {
	switch t {
	case Soon:
		return "clock"
	case Wrong, Late:
		return "warn"
	case Done:
		return "ok"
	}
	return "info"
}

// refresh asks htmx for the part again while the work runs. Without htmx the page shows the state
// of the moment it was opened.
func refresh(j JobState) templ.Attributes {
	if j.Over || j.RefreshedFrom == "" {
		return nil
	}
	return templ.Attributes{"hx-get": j.RefreshedFrom, "hx-trigger": "every 2s", "hx-swap": "outerHTML"}
}

// Boost lets htmx send a form of officials and put the answer into the page: a refused form comes
// back where it stands, without a new load. Without htmx the form works as it is.
func Boost() templ.Attributes {
	return templ.Attributes{"hx-boost": "true", "hx-sync": "drop"}
}
