// Package directorypage shows units, bodies and officials as they stand on any day, and holds the
// forms by which people are appointed, moved, stood in for and imported.
package directorypage

import (
	"embed"
	"net/http"
	"net/url"
	"time"

	"datmui/blocks/directory"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Pages are the pages of the directory.
type Pages struct{ directory *directory.Block }

// New returns the pages.
func New(d *directory.Block) *Pages { return &Pages{d} }

// Routes lists every address here. What a form may do is judged in its act: who manages one
// agency meets the same forms as who manages all.
func (p *Pages) Routes() []web.Route {
	manager := web.Right(directory.Manage)
	return []web.Route{
		{Pattern: "GET /directory", Who: web.AnyOfficial, Handle: p.browse},
		{Pattern: "GET /directory/agencies/{agency}", Who: web.AnyOfficial, Handle: p.agency},
		{Pattern: "GET /directory/people", Who: web.AnyOfficial, Handle: p.people},
		{Pattern: "GET /directory/people/{person}", Who: web.AnyOfficial, Handle: p.person},
		{Pattern: "GET /directory/me", Who: web.AnyoneIn, Handle: p.contact},
		{Pattern: "POST /directory/me", Who: web.AnyoneIn, Handle: p.saveContact},
		{Pattern: "GET /directory/agencies/{agency}/appoint", Who: manager, Handle: p.appointForm},
		{Pattern: "POST /directory/agencies/{agency}/appoint", Who: manager, Handle: p.appoint},
		{Pattern: "GET /directory/agencies/{agency}/enrol", Who: manager, Handle: p.enrolForm},
		{Pattern: "POST /directory/agencies/{agency}/enrol", Who: manager, Handle: p.enrol},
		{Pattern: "GET /directory/posts/{post}/transfer", Who: manager, Handle: p.transferForm},
		{Pattern: "POST /directory/posts/{post}/transfer", Who: manager, Handle: p.transfer},
		{Pattern: "GET /directory/posts/{post}/end", Who: manager, Handle: p.endForm},
		{Pattern: "POST /directory/posts/{post}/end", Who: manager, Handle: p.end},
		{Pattern: "GET /directory/people/{person}/leave", Who: manager, Handle: p.leaveForm},
		{Pattern: "POST /directory/people/{person}/leave", Who: manager, Handle: p.leave},
		{Pattern: "GET /directory/people/{person}/correct", Who: manager, Handle: p.correctForm},
		{Pattern: "POST /directory/people/{person}/correct", Who: manager, Handle: p.correct},
		{Pattern: "GET /directory/posts/{post}/lend", Who: web.AnyOfficial, Handle: p.lendForm},
		{Pattern: "POST /directory/posts/{post}/lend", Who: web.AnyOfficial, Handle: p.lend},
		{Pattern: "POST /directory/delegations/{delegation}/end", Who: web.AnyOfficial, Handle: p.endDelegation},
		{Pattern: "GET /directory/agencies/{agency}/merge", Who: manager, Handle: p.mergeForm},
		{Pattern: "POST /directory/agencies/{agency}/merge", Who: manager, Handle: p.merge},
		{Pattern: "GET /directory/import", Who: manager, Handle: p.importForm},
		{Pattern: "GET /directory/import/sample.csv", Who: manager, Handle: p.sample},
		{Pattern: "POST /directory/import", Who: manager, Handle: p.preview, Limit: directory.MaxSheetBytes + 64<<10},
		{Pattern: "POST /directory/import/{draft}", Who: manager, Handle: p.confirm},
	}
}

// view is a page's frame and the day it shows.
type view struct {
	ui.Frame
	At    time.Time
	Today bool
}

// view reads the day from ?at=2023-10-10; a broken one is told, not guessed.
func (p *Pages) view(r *http.Request) (view, error) {
	v := view{Frame: web.Frame(r), At: p.directory.Today(), Today: true}
	v.Area = ui.Official
	if at := r.FormValue("at"); at != "" {
		day, err := time.ParseInLocation(time.DateOnly, at, clock.Vietnam)
		if err != nil || day.Year() < 1900 || day.Year() > 2199 {
			return v, fault.Fields{"at": "date"}
		}
		v.Today = directory.Day(day).Equal(v.At)
		v.At = directory.Day(day)
	}
	return v, nil
}

// to is an address that keeps the day, with further values as alternating names and values.
func (v view) to(path string, pairs ...string) string {
	q := url.Values{}
	if !v.Today {
		q.Set("at", v.At.Format(time.DateOnly))
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func pathAgency(id string) string                       { return "/directory/agencies/" + url.PathEscape(id) }
func pathPerson(id interface{ String() string }) string { return "/directory/people/" + id.String() }
func pathPost(id interface{ String() string }) string   { return "/directory/posts/" + id.String() }
