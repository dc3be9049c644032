//go:build e2e

package e2e

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"datmui/blocks/directory"
	"datmui/blocks/files/sandbox"
	"datmui/blocks/sign"
	"datmui/demo"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
	"datmui/kit/testkit"
	"datmui/kit/testkit/browser"
	"datmui/site"
)

var (
	shots = flag.String("shots", "", "folder to write pictures of the product to")
	tour  = flag.String("tour", "", "folder to write the small pictures of the README's tour to")
)

// province is a running demonstration province with some dossiers, its clock in the tests' hand.
type province struct {
	*site.Site
	url   string
	clock *clock.Fake
	data  string
	db    *pg.DB
	ctx   context.Context
	line  line
	filed []string // pages of dossiers that no link leads to for long
}

// at is the moment at which the tests begin: Monday 23 November 2026, 8:06; the 24th is a day off.
var at = time.Date(2026, 11, 23, 1, 6, 0, 0, time.UTC)

// chromium is the browser of all tests here. They go one after the other: each has the machine.
var chromium *browser.Browser

// The test binary is also the child that looks into files.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "sandbox" {
		if err := sandbox.Serve(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	var err error
	if chromium, err = browser.Open(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	chromium.Close()
	os.Exit(code)
}

// TestProduct uses one province for everything, one after the other: what a journey leaves behind
// is what the pages are looked at with. The session that expires takes the clock along, so it comes last.
func TestProduct(t *testing.T) {
	p := open(t)
	t.Run("journey", p.journeys)
	t.Run("ten acts", p.tenActs)
	t.Run("receipt", p.receipt)
	t.Run("screen", p.secondScreen)
	t.Run("cut", p.counterInACut)
	t.Run("birth", p.birth)
	t.Run("pages", p.pages)
	if *shots != "" {
		t.Run("shots", p.shots)
	}
	t.Run("editor", p.editor)
	t.Run("idle", p.idle)
	t.Run("expired", p.expired)
}

// open makes the province: real units and bodies, people, accounts and some dossiers of the past
// year, through the same loader that `make run` uses, with fewer rows.
func open(t *testing.T) *province {
	t.Helper()
	p := &province{clock: clock.At(at), data: t.TempDir(), ctx: actor.With(t.Context(), actor.ForSystem("test")), db: testkit.DB(t)}
	server := httptest.NewUnstartedServer(nil)
	p.url = "http://localhost" + server.Listener.Addr().String()[strings.LastIndexByte(server.Listener.Addr().String(), ':'):]
	s, err := site.Build(p.ctx, p.db, site.Options{Data: p.data, Origin: p.url, Demo: true, Clock: p.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	p.Site = s
	t.Cleanup(func() { _ = s.Files.Close() })
	server.Config.Handler = p.line.through(s.Handler())
	server.Start()
	t.Cleanup(server.Close)
	if err := s.Seed(p.ctx); err != nil {
		t.Fatal(err)
	}
	load := demo.LoadConfig{Book: s.Book, DB: p.db.Reader, Directory: s.Directory, Calendar: s.Calendar, Services: s.Services, Forms: s.Forms,
		Seed: 1, AsOf: at, Dossiers: 1000}
	if err := demo.Load(p.ctx, load); err != nil {
		t.Fatal(err)
	}
	p.certificates(t)
	if err := s.Jobs.Start(p.ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = s.Jobs.Stop(end)
	})
	return p
}

// certificates gives the leaders with a named account their keys; those of all others would take
// a minute.
func (p *province) certificates(t *testing.T) {
	t.Helper()
	w, err := demo.Build(demo.Config{Seed: 1, AsOf: at})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range w.Accounts {
		if a.Position != directory.Leader && a.Position != directory.Deputy {
			continue
		}
		post := w.Posts[slices.IndexFunc(w.Posts, func(p directory.Post) bool { return p.ID == a.Post })]
		if _, err := p.Sign.Issue(p.ctx, sign.Holder{Role: sign.Person, Person: a.PersonID, Agency: a.Agency, Name: post.Name, Title: post.Title, Org: post.Body, PIN: demo.PIN}); err != nil {
			t.Fatal(err)
		}
	}
}

// tab is a window of somebody signed in by the demonstration's door; "" is a stranger.
func (p *province) tab(t *testing.T, account string) *browser.Tab {
	t.Helper()
	b := chromium.Tab(t, p.url)
	if account != "" {
		p.enter(b, account)
	}
	return b
}

// enter signs in at /demo by a click on the account's button.
func (p *province) enter(b *browser.Tab, account string) {
	b.T.Helper()
	b.Go("/demo")
	b.Leaves("signing in as "+account, func() { b.Click(fmt.Sprintf(`form:has([name=account][value=%q]) button`, account)) })
	if !b.There(".me, .bar__me") {
		b.T.Fatalf("%s is not signed in: %s", account, b.Says())
	}
}

// session signs in without a browser; the client keeps the cookies.
func (p *province) session(t *testing.T, account string) *client {
	t.Helper()
	c := newClient(t, p.url)
	if account != "" {
		if status := c.post("/demo/sign-in", "account", account); status != http.StatusOK {
			t.Fatalf("signing in as %s: %d", account, status)
		}
	}
	return c
}
