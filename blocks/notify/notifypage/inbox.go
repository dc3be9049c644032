package notifypage

import (
	"cmp"
	"context"
	"net/http"

	"github.com/google/uuid"

	"datmui/blocks/notify"
	"datmui/kit/actor"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

type inboxView struct {
	ui.Frame
	list   []notify.Told
	next   uuid.UUID
	older  bool // this is not the first page
	unread int
}

func frame(r *http.Request) ui.Frame {
	fr := web.Frame(r)
	if fr.Actor.Kind == actor.Official {
		fr.Area = ui.Official
	}
	return fr
}

func (p *Pages) inbox(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[struct {
		Before uuid.UUID `form:"before"`
	}](r)
	v := inboxView{Frame: frame(r), older: in.Before != uuid.Nil}
	var err error
	if v.list, v.next, err = p.box.Inbox(r.Context(), in.Before); err != nil {
		return err
	}
	if v.unread, err = p.box.Unread(r.Context()); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, inboxPage(v))
}

// open is a GET that marks as read: opening twice, or by a browser ahead of the reader, harms nobody.
func (p *Pages) open(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[struct {
		ID uuid.UUID `form:"id"`
	}](r)
	href, err := p.box.MarkRead(r.Context(), in.ID)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, cmp.Or(web.SafeNext(href, PathNotices), PathNotices), "")
}

func (p *Pages) readAll(w http.ResponseWriter, r *http.Request) error {
	if err := p.box.MarkAllRead(r.Context()); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathNotices, "notify.all-read")
}

func (v inboxView) rows(ctx context.Context) []ui.GoItem {
	out := make([]ui.GoItem, len(v.list))
	for i, n := range v.list {
		out[i] = ui.GoItem{Text: n.Subject(ctx), Href: PathOpen(n.ID), More: n.Body(ctx) + " " + lang.Ago(ctx, n.At, v.Now)}
		if n.ReadAt == nil {
			out[i].End = ui.TagIcon(ui.Run, "bell", lang.T(ctx, "notify.new"))
		}
	}
	return out
}

func (v inboxView) paging() ui.Paging {
	p := ui.Paging{}
	if v.older {
		p.First = PathNotices
	}
	if v.next != uuid.Nil {
		p.Next = PathNotices + "?before=" + v.next.String()
	}
	return p
}
