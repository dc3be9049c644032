package directorypage

import (
	"context"
	"net/http"
	"strings"
	"time"

	"datmui/blocks/directory"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// browseView is a unit with the bodies that belong to it.
type browseView struct {
	view
	Unit     directory.Unit
	Units    []directory.Unit
	Tree     []*directory.Node
	Changes  []directory.UnitChange
	Bodies   int
	Text     string
	Found    []directory.Agency
	Searched bool
}

func (p *Pages) browse(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	ctx, b := r.Context(), browseView{view: v, Text: strings.TrimSpace(r.FormValue("q"))}
	if b.Units, err = p.directory.Units(ctx, v.At); err != nil {
		return err
	}
	unit := r.FormValue("unit")
	for _, u := range b.Units {
		if u.Code == unit || b.Unit.Code == "" && unit == "" && u.Level == "province" {
			b.Unit = u
		}
	}
	if b.Text != "" {
		b.Searched = true
		if b.Found, err = p.directory.Agencies(ctx, directory.AgencyFilter{Text: b.Text, Limit: 100}, v.At); err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, browsePage(b))
	}
	if b.Unit.Code == "" {
		return web.Render(w, r, http.StatusOK, browsePage(b))
	}
	if b.Tree, err = p.directory.Tree(ctx, b.Unit.Code, v.At); err != nil {
		return err
	}
	for _, n := range b.Tree {
		b.Bodies += size(n)
	}
	if b.Changes, err = p.directory.UnitChanges(ctx, b.Unit.Code); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, browsePage(b))
}

func size(n *directory.Node) int {
	sum := 1
	for _, c := range n.Children {
		sum += size(c)
	}
	return sum
}

// alone are the bodies of the unit that have none above or below them here.
func (b browseView) alone() []*directory.Node {
	var out []*directory.Node
	for _, n := range b.Tree {
		if len(n.Children) == 0 {
			out = append(out, n)
		}
	}
	return out
}

// filters leads through the units: the way up from the shown one, and what lies under it.
func filters(ctx context.Context, b browseView) ui.FilterBar {
	bar := ui.FilterBar{Action: "/directory", Label: lang.T(ctx, "directory.search.agency"), Hint: lang.T(ctx, "directory.search.agency"), Query: b.Text}
	if !b.Today {
		bar.Keep = [][2]string{{"at", b.At.Format(time.DateOnly)}}
	}
	sections := map[string]*ui.FilterSection{}
	for _, level := range []string{"province", "district", "commune"} {
		sections[level] = &ui.FilterSection{Title: lang.T(ctx, "directory.level."+level)}
	}
	for _, u := range b.Units {
		// A province with districts lists its communes only under the district that was opened.
		if u.Level == "commune" && u.Parent != b.Unit.Code && u.Parent != b.Unit.Parent {
			continue
		}
		s := sections[u.Level]
		s.Links = append(s.Links, ui.FilterLink{Text: unitName(ctx, u), Href: b.to("/directory", "unit", u.Code), Count: -1, Current: u.Code == b.Unit.Code && !b.Searched})
	}
	for _, level := range []string{"province", "district", "commune"} {
		if s := sections[level]; len(s.Links) > 0 {
			bar.Sections = append(bar.Sections, *s)
		}
	}
	return bar
}

// about is what sort of body it is, with its identifier.
func about(ctx context.Context, a directory.Agency) string {
	return joined(kindName(ctx, a), a.Identifier)
}

func unitName(ctx context.Context, u directory.Unit) string {
	if lang.From(ctx) == lang.English && u.NameEn != "" {
		return u.NameEn
	}
	return u.Name
}

func agencyName(ctx context.Context, a directory.Agency) string {
	if lang.From(ctx) == lang.English && a.NameEn != "" {
		return a.NameEn
	}
	return a.Name
}

// kindName says what sort of body it is; a sort without a text shows itself.
func kindName(ctx context.Context, a directory.Agency) string {
	key := "directory.kind." + strings.NewReplacer(" ", "-", "'", "").Replace(a.Kind)
	if lang.Has(ctx, key) {
		return lang.T(ctx, key)
	}
	return a.Kind
}

// agencyView is one body on a day.
type agencyView struct {
	view
	directory.Agency
	Parent   directory.Agency
	Unit     directory.Unit
	Posts    []directory.Post
	Children []directory.Agency
	Lineage  []directory.Succession
	Versions []directory.Agency
	Manage   bool
	Over     bool // the body is not in force on the day; what is shown is its last or first state
}

func (p *Pages) agency(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	ctx, id := r.Context(), r.PathValue("agency")
	a := agencyView{view: v}
	if a.Versions, err = p.directory.AgencyVersions(ctx, id); err != nil {
		return err
	}
	if len(a.Versions) == 0 {
		return fault.NotFound("agency")
	}
	a.Agency, a.Over = stateOn(a.Versions, v)
	a.Manage = v.Actor.May(directory.Manage, id) && !a.Over
	if a.Agency.Parent != "" {
		if a.Parent, err = p.directory.Agency(ctx, a.Agency.Parent, a.day()); err != nil && fault.KindOf(err) != fault.KindNotFound {
			return err
		}
	}
	if a.Unit, err = p.directory.Unit(ctx, a.UnitCode, a.day()); err != nil && fault.KindOf(err) != fault.KindNotFound {
		return err
	}
	if a.Posts, err = p.directory.PostsAt(ctx, id, v.At); err != nil {
		return err
	}
	if a.Children, err = p.directory.Agencies(ctx, directory.AgencyFilter{Parent: id}, v.At); err != nil {
		return err
	}
	if a.Lineage, err = p.directory.Lineage(ctx, id); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, agencyPage(a))
}
