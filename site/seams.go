package site

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"datmui/apps/portal/portalpage"
	"datmui/apps/services"
	"datmui/apps/services/cataloguepage"
	"datmui/apps/services/servicespage"
	"datmui/apps/services/silence"
	"datmui/blocks/audit"
	"datmui/blocks/audit/auditpage"
	"datmui/blocks/calendar"
	"datmui/blocks/directory"
	"datmui/blocks/exchange"
	"datmui/blocks/forms"
	"datmui/blocks/identity/identitypage"
	"datmui/blocks/pay"
	"datmui/blocks/pay/paypage"
	"datmui/blocks/records/recordspage"
	"datmui/blocks/represent"
	"datmui/blocks/worklist"
	"datmui/blocks/worklist/worklistpage"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/pg"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// ClientID is this site at the VNeID provider.
const ClientID = "datmui"

// addresses tells notify where a person's e-mail goes.
type addresses struct{ db pg.Reader }

func (a addresses) MailAddress(ctx context.Context, person uuid.UUID) (address, name string, err error) {
	p, err := directory.ReadPerson(ctx, a.db, person)
	return p.Email, p.Name, err
}

// communes tells forms which communes there are today. They change once in years: a list is kept
// for a minute.
type communes struct {
	d *directory.Block
	c clock.Clock
}

var communeList struct {
	sync.Mutex
	at    time.Time
	of    *directory.Block
	list  []forms.UnitOption
	names map[string]string

	former *directory.FormerNames
}

func (c communes) load() {
	l := &communeList
	if l.of == c.d && c.c.Now().Sub(l.at).Abs() < time.Minute && len(l.list) > 0 {
		return
	}
	units, err := c.d.Communes(context.Background(), c.c.Now())
	if err != nil {
		return // what was known stays; the next question asks again
	}
	former, err := c.d.FormerUnits(context.Background(), c.c.Now())
	if err != nil {
		return
	}
	l.of, l.at, l.list, l.names = c.d, c.c.Now(), nil, map[string]string{}
	var current []string
	for _, u := range units {
		current = append(current, u.Name)
		l.list = append(l.list, forms.UnitOption{Code: u.Code, Name: u.Name})
		l.names[u.Code] = u.Name
	}
	l.former = directory.NewFormerNames(former, current)
}

// UnitName is the name of a commune in force.
func (c communes) UnitName(code string) (string, bool) {
	communeList.Lock()
	defer communeList.Unlock()
	c.load()
	name, ok := communeList.names[code]
	return name, ok
}

// UnitList lists the communes in force.
func (c communes) UnitList() []forms.UnitOption {
	communeList.Lock()
	defer communeList.Unlock()
	c.load()
	return communeList.list
}

// Former finds the former communes that an address in words may mean.
func (c communes) Former(text string) []forms.FormerUnit {
	communeList.Lock()
	c.load()
	former := communeList.former
	communeList.Unlock()
	if former == nil { // the database could not be asked yet
		return nil
	}
	var out []forms.FormerUnit
	for _, f := range former.In(text) {
		u := forms.FormerUnit{Name: f.Name}
		if f.District != "" {
			u.Name += ", " + directory.InLine(f.District)
		}
		for _, now := range f.Now {
			u.Now = append(u.Now, forms.UnitOption{Code: now.Code, Name: now.Name})
		}
		out = append(out, u)
	}
	return out
}

// absentColleagues are those whose desks the one who asks works today.
func absentColleagues(ctx context.Context, person uuid.UUID) ([]worklist.Absent, error) {
	var out []worklist.Absent
	if who := actor.From(ctx); who.ID == person {
		for _, a := range who.Absent {
			out = append(out, worklist.Absent{Person: a.ID, Name: a.Name})
		}
	}
	return out, nil
}

// receipts is where the receipt of a dossier's fee is had as a signed paper.
func (s *Site) receipts(ctx context.Context, dossier uuid.UUID, number string) (href string, made bool, err error) {
	r, err := s.Services.ReceiptFile(ctx, dossier, number)
	if err != nil || r.FileID == nil {
		return "", r.Files, err
	}
	return servicespage.PathFile(*r.FileID), true, nil
}

// front is what CaMauG's home page shows of the one-stop shop.
func (s *Site) front() portalpage.Front {
	return portalpage.Front{
		Mine: func(ctx context.Context) ([]ui.GoItem, error) {
			page, err := s.Services.Mine(ctx, "")
			if err != nil {
				return nil, err
			}
			return servicespage.Lines(ctx, page.Lines[:min(len(page.Lines), 3)]), nil
		},
		Services: func(ctx context.Context) ([]ui.LifeEvent, error) {
			list, err := s.Services.OpenProcedures(ctx)
			if err != nil {
				return nil, err
			}
			return servicespage.LifeEvents(ctx, list), nil
		},
	}
}

// lookups counts guesses at a dossier's code and fact, by network.
func (s *Site) lookups(ctx context.Context) (func(context.Context) error, error) {
	return s.Identity.Guess(ctx, "lookup")
}

// consentAgencies are the bodies to which a citizen can allow the use of her papers.
func (s *Site) consentAgencies(ctx context.Context) ([]recordspage.Agency, error) {
	list, err := s.Directory.Agencies(ctx, directory.AgencyFilter{Kind: "public-service centre"}, s.clock.Now())
	if err != nil {
		return nil, err
	}
	out := make([]recordspage.Agency, len(list))
	for i, a := range list {
		out[i] = recordspage.Agency{ID: a.ID, Name: a.Name}
	}
	return out, nil
}

// commands finds what one can do by its name: a place, or the desk of one kind of work.
func (s *Site) commands() web.Finder {
	type command struct {
		text, href string
		may        func(actor.Actor) bool // nil is every official
	}
	holds := func(right string) func(actor.Actor) bool {
		return func(a actor.Actor) bool { return a.MayAnywhere(right) }
	}
	list := []command{{"nav.desk", "/desk", nil}, {"nav.office", "/desk/dossiers", services.MayList}, {"nav.intake", "/desk/intake", holds("services.receive")},
		{"services.signing.title", servicespage.PathSigning, holds("services.decide")}, {"services.numbers.title", servicespage.PathNumbers, holds("services.number")},
		{"services.silence.title", silence.PathPage, holds("services.supervise")}, {"exchange.title", exchange.PathPage, holds("services.supervise")},
		{"services.confirm.title", cataloguepage.PathConfirm, holds(services.RightCatalogue)}, {"nav.cash", "/cash", holds(pay.CashRight)},
		{"pay.accounts.title", paypage.PathAccounts, holds(pay.AccountRight)}, {"nav.accounts", "/accounts", holds("directory.manage")},
		{"nav.directory", "/directory", nil}, {"nav.verify", "/verify", nil}, {"ui.account", identitypage.PathAccount, nil}}
	var work []command
	for why, right := range map[string]string{"intake": "services.receive", "return": "services.return", "assign": "services.handle", "handle": "services.handle",
		"approve": "services.decide", "sign": "services.decide", "number": "services.number", "citizen": ""} {
		c := command{text: "services.why." + why, href: worklistpage.PathDesk + "?why=services.why." + why}
		if right != "" {
			c.may = holds(right)
		}
		work = append(work, c)
	}
	slices.SortFunc(work, func(a, b command) int { return cmp.Compare(a.text, b.text) })
	list = append(list, work...)
	return web.Finder{Title: "nav.commands", Find: func(ctx context.Context, words string) ([]web.Found, error) {
		var out []web.Found
		who := actor.From(ctx)
		for _, c := range list {
			text := lang.T(ctx, c.text)
			if c.may != nil && !c.may(who) || !containsAll(pg.Fold(text), strings.Fields(pg.Fold(words))) {
				continue
			}
			out = append(out, web.Found{Title: text, Href: c.href})
		}
		return out, nil
	}}
}

func containsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return len(words) > 0
}

// bodyName names a body of today for pages of blocks that know bodies by their id.
func (s *Site) bodyName(ctx context.Context, id string) (string, error) {
	a, err := s.Directory.Agency(ctx, id, s.clock.Now())
	return a.Name, err
}

// officials finds who bears a name, for the filter of the log.
func (s *Site) officials(ctx context.Context, name string) ([]uuid.UUID, error) {
	page, err := s.Directory.Search(ctx, directory.SearchIn{Text: name, Limit: 101}, s.clock.Now())
	ids := make([]uuid.UUID, len(page.Rows))
	for i, c := range page.Rows {
		ids[i] = c.ID
	}
	return ids, err
}

// whoseRecord is whose log of accesses somebody reads: in another's name only with the right to see all.
func whoseRecord(ctx context.Context) (uuid.UUID, error) {
	a := actor.From(ctx)
	if !a.MayFor(represent.SeeAll) {
		return uuid.Nil, fault.Forbidden(represent.SeeAll)
	}
	if a.For.ID != uuid.Nil {
		return a.For.ID, nil
	}
	return a.ID, nil
}

// frame is what pages show around their content: officials their desk, everybody else CaMauG.
func (s *Site) frame(o Options) func(*http.Request) ui.Frame {
	return func(r *http.Request) ui.Frame {
		a := actor.From(r.Context())
		fr := ui.Frame{Now: s.clock.Now(), Demo: o.Demo, Province: "Cà Mau", Phone: "0290.1022", Area: ui.Citizen,
			Paths: ui.Paths{Home: "/", SignIn: identitypage.PathSignIn, SignOut: identitypage.PathSignOut, Stay: identitypage.PathStay, Account: identitypage.PathAccount,
				Notices: "/notices", Acting: represent.PathActing, Reads: "/reads", Calendar: "/calendar", Search: "/services"},
			Nav: []ui.NavItem{
				{Key: "nav.home", Href: "/", Icon: "home"},
				{Key: "nav.services", Href: "/services", Icon: "book"},
				{Key: "nav.dossiers", Href: "/dossiers", Icon: "folder"},
				{Key: "nav.verify", Href: "/verify", Icon: "seal"},
			}}
		if a.Kind == actor.Official {
			fr.Area, fr.Place, fr.Paths.Home, fr.Paths.Search = ui.Official, cmp.Or(a.Agency, lang.T(r.Context(), "nav.no-office")), "/desk", web.PathFind
			fr.Nav = []ui.NavItem{{Key: "nav.desk", Href: "/desk", Icon: "inbox"}}
			if services.MayList(a) {
				fr.Nav = append(fr.Nav, ui.NavItem{Key: "nav.office", Href: "/desk/dossiers", Icon: "folder"})
			}
			if a.MayAnywhere("services.receive") {
				fr.Nav = append(fr.Nav, ui.NavItem{Key: "nav.intake", Href: "/desk/intake", Icon: "plus", Press: "i"})
			}
			if a.MayAnywhere("services.cash") {
				fr.Nav = append(fr.Nav, ui.NavItem{Key: "nav.cash", Href: "/cash", Icon: "wallet"})
			}
			if a.MayAnywhere("services.number") {
				fr.Nav = append(fr.Nav, ui.NavItem{Key: "services.numbers.title", Href: servicespage.PathNumbers, Icon: "book"})
			}
			if a.MayAnywhere("services.supervise") {
				fr.Nav = append(fr.Nav, ui.NavItem{Key: "nav.silence", Href: silence.PathPage, Icon: "shield"}, ui.NavItem{Key: "nav.exchange", Href: exchange.PathPage, Icon: "swap"})
			}
			if a.MayAnywhere(services.RightCatalogue) {
				fr.Nav = append(fr.Nav, ui.NavItem{Key: "services.confirm.nav", Href: cataloguepage.PathConfirm, Icon: "book"})
			}
			if a.MayAnywhere("services.define") {
				fr.Nav = append(fr.Nav, ui.NavItem{Key: "nav.procedures", Href: servicespage.PathProcedures, Icon: "doc"})
			}
			if a.MayAnywhere("directory.manage") {
				fr.Nav = append(fr.Nav, ui.NavItem{Key: "nav.accounts", Href: "/accounts", Icon: "id"})
			}
			if a.May(calendar.PublishRight, "*") {
				fr.Nav = append(fr.Nav, ui.NavItem{Key: "nav.calendar", Href: "/calendar", Icon: "cal"})
			}
			if a.MayAnywhere(audit.InspectRight) {
				fr.Nav = append(fr.Nav, ui.NavItem{Key: "nav.audit", Href: auditpage.PathInspect, Icon: "eye"})
			}
			fr.Nav = append(fr.Nav, ui.NavItem{Key: "nav.directory", Href: "/directory", Icon: "user"}, ui.NavItem{Key: "nav.verify", Href: "/verify", Icon: "seal"})
		}
		return fr
	}
}
