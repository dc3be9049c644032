package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"datmui/kit/fault"
	"datmui/kit/ui"
)

// PathFind is where the command box of officials (Ctrl+K) sends what was typed.
const PathFind = "/find"

// Found is one thing that the command box leads to.
type Found struct{ Title, More, Href string }

// Finder looks for what was typed in the command box, in one module and by that module's rights:
// what the actor may not see is not found. Title is the text key of its group. Nothing found is no
// fault, and neither is a right that the actor lacks (fault.Forbidden).
type Finder struct {
	Title string
	Find  func(ctx context.Context, words string) ([]Found, error)
}

// Find registers finders; their groups stand in this order.
func (s *Server) Find(list ...Finder) { s.finders = append(s.finders, list...) }

// FindRoute is the page of the command box; the site adds it once all modules have registered.
func (s *Server) FindRoute() Route {
	return Route{Pattern: "GET " + PathFind, Who: AnyOfficial, Handle: s.find}
}

type foundGroup struct {
	title string
	list  []Found
}

// mostWords is how much of what was typed is looked for, in characters.
const mostWords = 200

func (s *Server) find(w http.ResponseWriter, r *http.Request) error {
	words := strings.Join(strings.FieldsFunc(strings.ToValidUTF8(r.FormValue("q"), ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if utf8.RuneCountInString(words) > mostWords {
		words = string([]rune(words)[:mostWords])
	}
	var groups []foundGroup
	n, seen := 0, map[string]bool{} // what two modules find is one thing: the first that finds it shows it
	for _, f := range s.finders {
		if words == "" {
			break
		}
		list, err := f.Find(r.Context(), words)
		if fault.KindOf(err) == fault.KindForbidden {
			continue
		}
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(found Found) bool {
			again := seen[found.Href]
			seen[found.Href] = true
			return again
		})
		if n += len(list); len(list) > 0 {
			groups = append(groups, foundGroup{f.Title, list})
		}
	}
	if n == 1 && !r.Form.Has("list") { // a number typed whole: its record opens at once
		http.Redirect(w, r, groups[0].list[0].Href, http.StatusSeeOther)
		return nil
	}
	fr := Frame(r)
	fr.Area = ui.Official
	return Render(w, r, http.StatusOK, findPage(fr, words, groups))
}

func rowsOf(list []Found) []ui.GoItem {
	out := make([]ui.GoItem, len(list))
	for i, f := range list {
		out[i] = ui.GoItem{Text: f.Title, More: f.More, Href: f.Href}
	}
	return out
}
