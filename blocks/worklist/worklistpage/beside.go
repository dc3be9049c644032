package worklistpage

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"datmui/blocks/worklist"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

// Beside is the reader's desk next to one of its records: the narrow list at the left, the record
// before and the one after. In is the filter and page of the desk as the address of the record
// carries it; forms of the record send it along, so that the list stays after each act.
type Beside struct {
	In         string
	Title      string // of the list where it is another than the desk
	Items      []ui.MiniItem
	Count      int // on the desk, filtered or not
	Back       string
	Prev, Next string
}

// In is the name under which a record's address carries the desk it was opened from.
const In = "in"

// Opened is the address of a record opened from a desk.
func Opened(href, in string) string {
	if in == "" {
		return href
	}
	return href + "?" + url.Values{In: {in}}.Encode()
}

// BesideOf reads the desk from which a record was opened; href is the record's address without it.
// An item that has left the desk is followed by the first that is still on it.
func BesideOf(ctx context.Context, list *worklist.Block, in, href string) (Beside, error) {
	q := readQuery(in)
	page, err := list.Desk(ctx, q.filter(), q.Key)
	if err != nil {
		return Beside{}, err
	}
	b := Beside{In: in, Count: page.Counts.All, Back: q.path()}
	if q.Key != "" {
		b.Back = at(PathDesk, strings.TrimPrefix(q.encode()+"&key="+q.Key, "&"))
	}
	for _, r := range page.Rows {
		due := ui.DeadlineOf(ctx, ui.Term{From: r.Started, Due: r.Due, Now: page.Now, Soon: r.Urgency == worklist.Soon})
		b.Items = append(b.Items, ui.MiniItem{Title: r.Who, Href: Opened(r.Href, in), More: r.What, State: due.Head, Tone: due.Tone,
			Where: lang.T(ctx, r.Why), At: r.Href == href})
	}
	b.Turn()
	return b, nil
}

// Turn finds the record before the one that is open and the one after it.
func (b *Beside) Turn() {
	switch i := slices.IndexFunc(b.Items, func(it ui.MiniItem) bool { return it.At }); {
	case i < 0 && len(b.Items) > 0:
		b.Next = b.Items[0].Href
	case i >= 0:
		if i > 0 {
			b.Prev = b.Items[i-1].Href
		}
		if i+1 < len(b.Items) {
			b.Next = b.Items[i+1].Href
		}
	}
}

// here is the desk as it is shown now, for the addresses of its records.
func (q query) here() string {
	if q.Key == "" {
		return q.encode()
	}
	return strings.TrimPrefix(q.encode()+"&"+url.Values{"key": {q.Key}}.Encode(), "&")
}

// bulk is the act that the desk offers on the row, if one does.
func (v view) bulk(r worklist.Row) (worklist.Bulk, bool) {
	i := slices.IndexFunc(v.bulks, func(k worklist.Bulk) bool { return k.Kind == r.Kind && k.Why == r.Why })
	if i < 0 {
		return worklist.Bulk{}, false
	}
	return v.bulks[i], true
}

// offered are the bulk acts that fit at least one row shown.
func (v view) offered() []worklist.Bulk {
	var out []worklist.Bulk
	for _, k := range v.bulks {
		if slices.ContainsFunc(v.page.Rows, func(r worklist.Row) bool { return k.Kind == r.Kind && k.Why == r.Why }) {
			out = append(out, k)
		}
	}
	return out
}
