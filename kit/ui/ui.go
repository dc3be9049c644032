// Package ui draws the parts every page is made of. Each component bears the name it has in the
// style sheet. Components receive what they show, finished: no component reads a database, and
// none needs a script to work.
package ui

import (
	"context"
	"embed"
	"strings"
	"time"

	"github.com/a-h/templ"

	"datmui/assets"
	"datmui/kit/actor"
	"datmui/kit/lang"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Area says for whom a page is drawn: generous for citizens, dense for officials.
type Area string

const (
	Citizen  Area = "citizen"  // bar with tabs at the bottom of a phone
	Official Area = "official" // office bar, panes, key hints
	Plain    Area = "plain"    // as for citizens, without navigation: sign-in, fault pages
)

// Frame is what a page needs to know about the request around it.
type Frame struct {
	Lang     lang.Tag // language of the texts; "" means the context's
	Path     string   // path and query shown now, for the language switch
	Actor    actor.Actor
	Now      time.Time
	Flash    string    // key of the text to say once, "" for none
	Fault    bool      // the flash tells of a failure
	Demo     bool      // show that nothing here is real
	Area     Area      // "" means Citizen
	Roomy    bool      // officials: the wide density
	Nav      []NavItem // main places; the one whose path is a prefix of Path is the current one
	Place    string    // whose pages these are: "UBND xã Năm Căn"; "" leaves the line out
	Province string    // "Cà Mau", for the foot and the citizen's brand line
	Phone    string    // the help line as people write it, "0290.1022"; "" hides it
	Errors   bool      // the form below was refused: "Lỗi:" stands before the title
	Unread   int       // notices not yet read
	Paths    Paths
	Scripts  []string // further scripts by asset name, such as "passkey.js"
}

// Paths are the addresses the frame links to. An empty one leaves its link out.
type Paths struct {
	Calendar                                        string // when offices work; "" hides the link
	Home, SignIn, SignOut, Account, Search, Notices string
	Acting                                          string // where one chooses in whose name to act; "" hides it
	Stay                                            string // where a page says that somebody is still there; "" asks nobody
	Privacy, Reads, Access, Opinion, Data           string // foot: privacy, who read my data, accessibility, opinion on this page, open data
}

// NavItem is a main place. Count 0 shows no number.
type NavItem struct {
	Key   string // text key; "<key>.short" is used on phones where it exists
	Href  string
	Icon  string
	Count int
	Hot   bool   // the count waits for the reader
	Press string // the key that leads there from a desk, "" for none
}

// press are the attributes of its link.
func (n NavItem) press() templ.Attributes {
	if n.Press == "" {
		return nil
	}
	return templ.Attributes{"data-key": n.Press}
}

// NavKeys are the keys that lead to main places, for the list under "?".
func (fr Frame) NavKeys(ctx context.Context) []Key {
	var out []Key
	for _, n := range fr.Nav {
		if n.Press != "" {
			out = append(out, Key{Keys: []string{n.Press}, Text: lang.T(ctx, n.Key)})
		}
	}
	return out
}

// Link is a text with an address.
type Link struct{ Text, Href string }

func (fr Frame) area() Area {
	if fr.Area == "" {
		return Citizen
	}
	return fr.Area
}

func (fr Frame) lang(ctx context.Context) lang.Tag {
	if fr.Lang != "" {
		return fr.Lang
	}
	return lang.From(ctx)
}

// product is the name of what people use: the portal, or the workplace.
func (fr Frame) product(ctx context.Context) string {
	if fr.area() == Official {
		return lang.T(ctx, "ui.product.official")
	}
	return lang.T(ctx, "ui.product.citizen")
}

// title is "task – place – product", and says at once when the form was refused.
func (fr Frame) title(ctx context.Context, task string) string {
	parts := []string{task}
	if fr.Place != "" {
		parts = append(parts, fr.Place)
	}
	t := strings.Join(append(parts, fr.product(ctx)), " – ")
	if fr.Errors {
		t = lang.T(ctx, "ui.error") + " " + t
	}
	return t
}

func (fr Frame) brandLine(ctx context.Context) string {
	switch {
	case fr.Place != "":
		return fr.Place
	case fr.Province != "":
		return lang.T(ctx, "ui.brand.of", "province", fr.Province)
	}
	return ""
}

func (fr Frame) body() string {
	switch {
	case fr.area() == Official && fr.Roomy:
		return "official roomy"
	case fr.area() == Official:
		return "official"
	case fr.area() == Citizen && len(fr.Nav) > 0:
		return "citizen has-tabs"
	}
	return "citizen"
}

// current says whether the item is where the reader is: the longest path that fits wins.
func (fr Frame) current(item NavItem) bool {
	at, _, _ := strings.Cut(fr.Path, "?")
	best := ""
	for _, n := range fr.Nav {
		if (at == n.Href || n.Href != "/" && strings.HasPrefix(at, n.Href+"/")) && len(n.Href) > len(best) {
			best = n.Href
		}
	}
	return best != "" && item.Href == best
}

// otherLang is the language the switch leads to, and its address.
func (fr Frame) otherLang(ctx context.Context) (lang.Tag, string) {
	to := lang.English
	if fr.lang(ctx) == lang.English {
		to = lang.Vietnamese
	}
	return to, fr.with("lang", string(to))
}

// otherDensity is the density the switch leads to, and its address.
func (fr Frame) otherDensity() (to, href string) {
	to = "roomy"
	if fr.Roomy {
		to = "dense"
	}
	return to, fr.with("density", to)
}

// with is the address of this page with one setting said in it.
func (fr Frame) with(name, value string) string {
	at, query, _ := strings.Cut(fr.Path, "?")
	keep := []string{}
	for part := range strings.SplitSeq(query, "&") {
		if part != "" && !strings.HasPrefix(part, name+"=") {
			keep = append(keep, part)
		}
	}
	return at + "?" + strings.Join(append(keep, name+"="+value), "&")
}

func (fr Frame) scripts() []string {
	names := []string{"app.js"}
	if fr.area() == Official {
		if assets.Built.Has("htmx.js") {
			names = append(names, "htmx.js")
		}
		names = append(names, "desk.js")
	}
	return append(names, fr.Scripts...)
}

// initials are the first letters of the last two words of a name: "Nguyễn Mỹ Duyên" is "MD".
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) > 2 {
		words = words[len(words)-2:]
	}
	out := ""
	for _, w := range words {
		out += string([]rune(w)[0])
	}
	return strings.ToUpper(out)
}

func tel(phone string) templ.SafeURL {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, phone)
	return templ.SafeURL("tel:" + digits)
}

// id makes an HTML id out of a field name, a record code or anything else.
func id(prefix, s string) string {
	return prefix + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, s)
}
