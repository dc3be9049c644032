// Package gallery shows every component and every kind of page with sample data, so that a
// change of the skin can be seen and checked in one place. People, papers and cases are invented;
// "now" is Monday 23 November 2026, 8:06.
package gallery

import (
	"bytes"
	"embed"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"datmui/assets"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

var now = time.Date(2026, 11, 23, 8, 6, 0, 0, clock.Vietnam)

// Page is one page of the gallery.
type Page struct {
	Path string // "/desk"
	Key  string // text key of its name
	Draw func(ui.Frame) templ.Component
	Area ui.Area
	By   actor.Actor
	Fail bool // shows the state after a refusal
}

// Pages lists the pages, the components first.
func Pages() []Page {
	huy := actor.Actor{Kind: actor.Official, Name: "Lâm Quốc Huy", Post: "Phó Trưởng phòng Văn hóa – Xã hội", Agency: "UBND xã Năm Căn"}
	kien := actor.Actor{Kind: actor.Official, Name: "Lý Trung Kiên", Post: "Phó Chủ tịch UBND tỉnh", Agency: "Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân tỉnh"}
	duyen := actor.Actor{Kind: actor.Citizen, Name: "Nguyễn Mỹ Duyên", Level: 2}
	return []Page{
		{"/", "gallery.parts", parts, ui.Citizen, actor.Actor{}, false},
		{"/lists", "gallery.lists", lists, ui.Official, huy, false},
		{"/home", "gallery.home", home, ui.Citizen, duyen, false},
		{"/start", "gallery.start", start, ui.Citizen, duyen, false},
		{"/question", "gallery.question", question, ui.Plain, duyen, true},
		{"/check", "gallery.check", check, ui.Plain, duyen, false},
		{"/status", "gallery.status", status, ui.Citizen, duyen, false},
		{"/verify", "gallery.verify", verify, ui.Citizen, actor.Actor{}, false},
		{"/signin", "gallery.signin", signIn, ui.Plain, actor.Actor{}, false},
		{"/desk", "gallery.desk", desk, ui.Official, huy, false},
		{"/documents", "gallery.documents", documents, ui.Official, huy, false},
		{"/dossier", "gallery.dossier", dossier, ui.Official, huy, false},
		{"/sign", "gallery.sign", sign, ui.Official, kien, false},
		{"/leader", "gallery.leader", leader, ui.Official, kien, false},
		{"/map", "gallery.map", tileMap, ui.Official, kien, false},
	}
}

func (p Page) frame(t lang.Tag, at string) ui.Frame {
	fr := ui.Frame{
		Lang: t, Path: at, Actor: p.By, Now: now, Demo: true, Area: p.Area, Errors: p.Fail,
		Province: "Cà Mau", Phone: "0290.1022", Place: p.By.Agency, Unread: 3,
		Paths: ui.Paths{Home: "/", SignIn: "/signin", SignOut: "/signin", Account: "/status", Search: "/desk", Notices: "/lists",
			Privacy: "/", Reads: "/status", Access: "/", Opinion: "/", Data: "/"},
	}
	switch p.Area {
	case ui.Official:
		fr.Nav = []ui.NavItem{
			{Key: "gallery.nav.desk", Href: "/desk", Count: 44},
			{Key: "gallery.nav.dossiers", Href: "/dossier"},
			{Key: "gallery.nav.documents", Href: "/documents"},
			{Key: "gallery.nav.sign", Href: "/sign"},
			{Key: "gallery.nav.feedback", Href: "/map"},
			{Key: "gallery.nav.figures", Href: "/leader"},
		}
	case ui.Citizen:
		fr.Nav = []ui.NavItem{
			{Key: "gallery.nav.home", Href: "/home", Icon: "home"},
			{Key: "gallery.nav.services", Href: "/start", Icon: "book"},
			{Key: "gallery.nav.mine", Href: "/status", Icon: "folder", Count: 1, Hot: true},
			{Key: "gallery.nav.feedback", Href: "/map", Icon: "flag"},
			{Key: "gallery.nav.verify", Href: "/verify", Icon: "seal"},
		}
	}
	return fr
}

// Handler serves the gallery and the assets.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+assets.Root, assets.Handler())
	for _, p := range Pages() {
		mux.HandleFunc(p.Path, p.serve)
	}
	return mux
}

func (p Page) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != p.Path {
		http.NotFound(w, r)
		return
	}
	tag, ok := lang.Parse(r.FormValue("lang"))
	if !ok {
		tag = lang.Vietnamese
	}
	ctx := lang.With(r.Context(), tag)
	var b bytes.Buffer
	if err := p.Draw(p.frame(tag, r.URL.RequestURI())).Render(ctx, &b); err != nil {
		http.Error(w, "rendering failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:")
	_, _ = w.Write(b.Bytes()) // the reader has gone; nothing to tell anybody
}

// vn makes a moment of November 2026 here.
func vn(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, clock.Vietnam)
}

func due(tone ui.Tone, tenths int, head, sub string) ui.Deadline {
	return ui.Deadline{Tone: tone, Tenths: tenths, Head: head, Sub: sub}
}
