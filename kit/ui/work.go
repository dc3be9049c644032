package ui

import "github.com/a-h/templ"

// Urgency is one of the counts above my desk; it leads to its group.
type Urgency struct {
	N    int
	Text string
	Href string
	Tone Tone // Late, Soon, Run ("not due") or Calm
}

// WorkGroup is a part of my desk: everything of one urgency.
type WorkGroup struct {
	ID    string // target of an Urgency link
	Title string
	Tone  Tone
	Count int // all there are, also those not shown
	Note  string
	Items []WorkItem
}

// WorkItem is one thing due from the reader.
type WorkItem struct {
	ID      string // sent as "pick" when chosen; "" cannot be chosen
	Title   string
	Href    string
	Code    string
	More    string // why it is here, what it waits for
	Icon    string
	Kind    string // the icon's word: "Hồ sơ"
	Who     string
	WhoMore string
	Due     Deadline
	Picked  bool
	At      bool // open beside the list, or where the keys stand
}

// FilterBar is the column of filters. Without a script its button sends them; with one, every
// change does.
type FilterBar struct {
	Action   string // path the filters are sent to, by GET: the state is in the address
	Label    string // of the search field
	Hint     string
	Query    string // what was searched, sent as "q"
	Chosen   []Chip
	Clear    string // address without any filter; "" when none is chosen
	Sections []FilterSection
	Keep     [][2]string // hidden fields that stay: order, view
}

// Chip is a chosen filter; its address is the list without it.
type Chip struct{ Text, Drop string }

// FilterSection is a heading with links, or with boxes to tick.
type FilterSection struct {
	Title string
	Links []FilterLink
	Ticks []FilterTick
}

// FilterLink leads to a list. Count −1 shows no number.
type FilterLink struct {
	Text, Href, Icon string
	Count            int
	Current          bool
}

// FilterTick is a value of a filter. Count −1 shows no number.
type FilterTick struct {
	Name, Value, Text, Icon string
	Count                   int
	On                      bool
}

// MiniItem is a row of the narrow list beside a record.
type MiniItem struct {
	Title, Href string
	More        string
	State       string // "Còn 5 giờ 10"
	Tone        Tone
	Where       string
	At          bool
}

// RecordHead is the head of a record: what is asked, who, due when, what blocks it, and the next
// lawful act.
type RecordHead struct {
	Code       string
	Title      string
	Who        string // the person, strong
	WhoMore    string // ", xã Đất Mũi"
	Due        *Deadline
	State      templ.Component // a Tag
	Lock       string          // "Chị Bích Trâm đang mở xem"
	Prev, Next string          // neighbours in the list the reader came from
	Why        string          // what blocks it or comes next, in a few words
	WhyMore    string
	Tabs       []Tab
	TabsLabel  string
}

// ProofRow is a field beside the place of the paper that proves it.
type ProofRow struct {
	Name, Text string
	Other      string // what the paper says when it differs
	Pin        int    // number of the place; 0 for none
	Href       string // where the place is shown
	Body       templ.Component
}

// Node is a hand a document passed through, and where it went from there.
type Node struct {
	Person string // whose initials stand at the left; "" shows Icon
	Icon   string
	Title  string
	More   string
	Quote  string
	End    templ.Component
	Lead   bool // has the lead
	Info   bool // for information only; not counted
	To     []Node
}

// SignItem is one paper to sign.
type SignItem struct {
	ID     string // sent as "pick"
	Title  string
	Href   string
	More   string
	End    templ.Component
	Picked bool
	Out    bool // cannot be signed; More says why
	At     bool
}

// SignGroup is papers of one kind, picked together.
type SignGroup struct {
	Title string
	Items []SignItem
	Off   bool // none is picked to begin with
}

func (t Tone) urgent() string {
	switch t {
	case Late, Wrong:
		return "u-late"
	case Soon:
		return "u-soon"
	case Run:
		return "u-ok"
	}
	return ""
}

func (t Tone) dot() string {
	switch t {
	case Late, Wrong:
		return "dot dot--late"
	case Soon:
		return "dot dot--soon"
	case Run:
		return "dot dot--ok"
	}
	return "dot"
}

func (t Tone) text() string {
	switch t {
	case Late, Wrong:
		return "late strong"
	case Soon:
		return "soon-t strong"
	case Pause:
		return "muted"
	case Done:
		return "okay"
	}
	return ""
}

func (n Node) class() string {
	switch {
	case n.Lead:
		return "node node--lead"
	case n.Info:
		return "node node--info"
	}
	return "node"
}

func formOf(form string) templ.Attributes {
	if form == "" {
		return nil
	}
	return templ.Attributes{"form": form}
}

func sepIf(more string) string {
	if more == "" {
		return ""
	}
	return " · "
}

func (d Deadline) onLine() Deadline {
	d.Line = true
	return d
}
