package directorypage

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/directory"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// stateOn is the state of a body on the day of the view, else the nearest one.
func stateOn(versions []directory.Agency, v view) (directory.Agency, bool) {
	near := versions[0]
	for _, a := range versions {
		if a.ValidFrom.After(v.At) {
			break
		}
		near = a
		if a.ValidTo == nil || a.ValidTo.After(v.At) {
			return a, false
		}
	}
	return near, true
}

// day is a day on which the shown state holds.
func (a agencyView) day() time.Time {
	if a.Over {
		return a.ValidFrom
	}
	return a.At
}

// peopleView is a search among officials.
type peopleView struct {
	view
	Text string
	Page directory.SearchPage
	Next string
}

func (p *Pages) people(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	s := peopleView{view: v, Text: strings.TrimSpace(r.FormValue("q"))}
	in := directory.SearchIn{Text: s.Text, Agency: r.FormValue("agency"), After: r.FormValue("after")}
	if s.Page, err = p.directory.Search(r.Context(), in, v.At); err != nil {
		return err
	}
	if s.Page.Next != "" {
		s.Next = v.to("/directory/people", "q", s.Text, "agency", in.Agency, "after", s.Page.Next)
	}
	return web.Render(w, r, http.StatusOK, peoplePage(s))
}

// personView is an official as colleagues see her.
type personView struct {
	view
	directory.Profile
	Manage bool // the reader manages the agency of an open post, and is somebody else
	Self   bool
}

func (p *Pages) person(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(r.PathValue("person"))
	if err != nil {
		return fault.NotFound("person")
	}
	s := personView{view: v, Self: v.Actor.ID == id}
	if s.Profile, err = p.directory.Profile(r.Context(), id, v.At); err != nil {
		return err
	}
	for _, post := range s.Posts {
		if post.ValidTo == nil && v.Actor.May(directory.Manage, post.Agency) && !s.Self {
			s.Manage = true
		}
	}
	return web.Render(w, r, http.StatusOK, personPage(s))
}

// openPosts are those that nothing has ended.
func (s personView) openPosts() []directory.Post {
	var out []directory.Post
	for _, post := range s.Posts {
		if post.ValidTo == nil {
			out = append(out, post)
		}
	}
	return out
}

// may says whether the reader may change this post.
func (s personView) may(post directory.Post) bool {
	return s.Manage && s.Actor.May(directory.Manage, post.Agency)
}

// mayLend says whether the reader may lend the post: her own, or one she manages.
func (s personView) mayLend(post directory.Post) bool { return s.Self || s.may(post) }

// career tells the posts as a river, the latest first.
func (s personView) career(ctx context.Context) []ui.Event {
	out := make([]ui.Event, 0, len(s.Posts))
	for _, post := range s.Posts {
		e := ui.Event{Title: post.Title, Who: post.Body, Quote: post.Basis, Mark: "done", Body: span(post)}
		if post.ValidTo == nil || post.ValidTo.After(s.At) {
			e.Mark = "now"
		}
		if post.ValidFrom.After(s.At) {
			e.Mark = "next"
		}
		out = append(out, e)
	}
	return out
}

// spanText writes "từ … đến …", the end being the last day.
func spanText(ctx context.Context, from time.Time, to *time.Time) string {
	if to == nil {
		return lang.T(ctx, "directory.since", "from", lang.Numeric(from))
	}
	return lang.T(ctx, "directory.from-to", "from", lang.Numeric(from), "to", lang.Numeric(to.AddDate(0, 0, -1)))
}

// reasonText says why a post ended; a reason typed by a person stands as it is.
func reasonText(ctx context.Context, reason string) string {
	if key := "directory.ended." + reason; lang.Has(ctx, key) {
		return lang.T(ctx, key)
	}
	return reason
}
