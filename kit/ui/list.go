package ui

import (
	"context"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"datmui/kit/lang"
)

// GoItem is a row that opens something: the whole row is the link.
type GoItem struct {
	Text, Href string
	More       string          // a line below
	End        templ.Component // at the right: a Tag, an Icon; nil for none
}

// Fact is a name with what is known under it. Body, where given, is shown instead of Text.
type Fact struct {
	Name, Text string
	Body       templ.Component
}

// Answer is one answer on the page before submitting.
type Answer struct {
	Name, Text string
	Note       string          // said smaller below
	Body       templ.Component // instead of Text
	Change     string          // where it can be changed; "" when it cannot
}

// Event is one mooring post of a River.
type Event struct {
	Title string
	Mark  string    // "now", "next", "note", "done", "fault"; "" for an ordinary one
	Who   string    // who did it, and where
	At    time.Time // zero leaves it out
	Quote string    // a note or message in its own words
	Body  templ.Component
}

// Step is one part of a longer way.
type Step struct {
	Text string
	Done bool
	Now  bool
}

// FileItem is a file that is there, is coming, or failed.
type FileItem struct {
	Name   string
	Icon   string // "doc" when empty
	Detail string // size, kind, who signed
	Fault  string // instead of Detail
	Action Link   // zero for none
	Sent   int    // per cent on its way; 0 hides the gauge
}

// Paper is something to have at hand, with what it is for.
type Paper struct{ Icon, Name, Note string }

// Glance is one of the few facts at the top of a start page.
type Glance struct{ Icon, Name, Text, Note string }

// Table is a register. The first cell of a row names it.
type Table struct {
	Label   string // what the table is, for screen readers
	Columns []Column
	Rows    []Row
	Flat    bool // does not fold into cards on a narrow place
}

// Column is the head of a column.
type Column struct {
	Text string
	Num  bool   // figures, at the right
	Fold string // name shown before the cell when the table is folded; "" shows the cell alone
	Sort string // address that sorts by it; "" for none
	Way  string // "ascending" or "descending" when it is sorted by this
}

// Row is one line of a Table.
type Row struct {
	Cells []Cell
	Open  bool // is shown beside the list
}

// Cell is one place of a Row. Body, where given, is shown instead of the texts.
type Cell struct {
	Text, Sub string
	Href      string // opens the row
	Code      bool   // Text must not be broken
	SubCode   bool
	Body      templ.Component
}

// Paging leads through a list by keys: there is a way back and a way on, and no page numbers,
// since the list changes under the reader.
type Paging struct {
	First, Prev, Next string // addresses; "" when there is none
	From, To, Total   int    // what is shown; Total 0 leaves it out
	Over              bool   // Total is a bound: "hơn 10.000"
}

// After is the paging of a list that is turned by key: back to the first page from any that began
// after a key, and on to what comes after next; uuid.Nil is no key.
func After(path string, after, next uuid.UUID) (p Paging) {
	if after != uuid.Nil {
		p.First = path
	}
	if next != uuid.Nil {
		p.Next = path + "?after=" + next.String()
	}
	return p
}

// Tab is one of several views of the same thing.
type Tab struct {
	Text, Href, Icon string
	Count            int
	Current          bool
}

func (t Table) num(i int) bool { return i < len(t.Columns) && t.Columns[i].Num }

// fold names a cell for the time when the table is folded and its head is not seen.
func fold(t Table, i int) templ.Attributes {
	if t.Flat || i >= len(t.Columns) || t.Columns[i].Fold == "" {
		return nil
	}
	return templ.Attributes{"data-l": t.Columns[i].Fold}
}

func sorted(c Column) templ.Attributes {
	if c.Way == "" {
		return nil
	}
	return templ.Attributes{"aria-sort": c.Way}
}

func currentRow(open bool) templ.Attributes { return currentTab(open) }

func currentTab(current bool) templ.Attributes {
	if !current {
		return nil
	}
	return templ.Attributes{"aria-current": "true"}
}

func stepNow(now bool) templ.Attributes {
	if !now {
		return nil
	}
	return templ.Attributes{"aria-current": "step"}
}

func (p Paging) text(ctx context.Context) string {
	key := "ui.pages.of"
	if p.Over {
		key = "ui.pages.over"
	}
	return lang.T(ctx, key, "from", p.From, "to", p.To, "total", p.Total)
}
