package directorypage

import (
	"context"
	"net/http"
	"strings"

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

// children are the units right under the shown one.
func (b browseView) children() []directory.Unit {
	var out []directory.Unit
	for _, u := range b.Units {
		if u.Parent == b.Unit.Code {
			out = append(out, u)
		}
	}
	return out
}

func (b browseView) options(ctx context.Context) []ui.Option {
	out := make([]ui.Option, 0, len(b.Units))
	for _, u := range b.Units {
		label := unitName(ctx, u)
		if u.Level == "commune" {
			label = "– " + label
		}
		out = append(out, ui.Option{Value: u.Code, Label: label})
	}
	return out
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
