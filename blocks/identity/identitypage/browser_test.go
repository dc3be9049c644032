//go:build e2e

package identitypage_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	cd "github.com/chromedp/chromedp"
	"github.com/google/uuid"
)

var shots = flag.String("shots", "", "folder to write pictures of the pages to")

// tab is a tab of a real browser.
type tab struct {
	*site
	ctx context.Context
}

func (s *site) chromium() *tab {
	s.t.Helper()
	opts := append(cd.DefaultExecAllocatorOptions[:], cd.DisableGPU, cd.Flag("disable-quic", true), cd.Flag("disable-background-networking", true),
		cd.Flag("disable-component-update", true), cd.Flag("disable-sync", true))
	if os.Getuid() == 0 {
		opts = append(opts, cd.NoSandbox)
	}
	alloc, stop := cd.NewExecAllocator(context.Background(), opts...)
	s.t.Cleanup(stop)
	ctx, cancel := cd.NewContext(alloc)
	s.t.Cleanup(cancel)
	s.must(cd.Do(ctx, cd.Navigate("about:blank")))
	ctx, end := context.WithTimeout(ctx, 4*time.Minute)
	s.t.Cleanup(end)
	return &tab{s, ctx}
}

func (b *tab) goTo(path string) {
	b.t.Helper()
	b.must(cd.Do(b.ctx, cd.Navigate(b.url+path)))
}

func (b *tab) js(code string) {
	b.t.Helper()
	_, err := cd.Run(b.ctx, cd.Evaluate[bool](code+"; true"))
	b.must(err)
}

// until waits for a condition of the page.
func (b *tab) until(condition string) {
	b.t.Helper()
	var last error
	for range 400 {
		ok, err := cd.Run(b.ctx, cd.Evaluate[bool](condition))
		if err == nil && ok {
			return
		}
		last = err
		time.Sleep(50 * time.Millisecond)
	}
	state, _ := cd.Run(b.ctx, cd.Evaluate[string](`location.href + "\n" + document.body.innerText.slice(0, 1500)`))
	b.t.Fatalf("never became true: %s (%v)\n%s", condition, last, state)
}

// A passkey made on the account page signs in, in a browser with an authenticator of its own.
func TestBrowserPasskey(t *testing.T) {
	s := open(t, true)
	s.link("huylq")
	b := s.chromium()
	_, err := cd.Call(b.ctx, webauthn.Enable, webauthn.EnableParams{})
	s.must(err)
	_, err = cd.Call(b.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	s.must(err)
	b.goTo("/sign-in")
	b.js(`document.querySelector('form[action="/sign-in/passkey"] button').click()`)
	b.until(`!document.querySelector('[data-passkey-fault]').hidden`) // no key yet: said in the page

	b.enter("huylq")
	b.goTo("/account")
	b.js(`document.querySelector('#f-label').value = 'Máy ở cơ quan'; document.querySelector('form[action="/account/passkeys"] button').click()`)
	b.until(`document.body.innerText.includes('Đã tạo khóa truy cập') && document.body.innerText.includes('Máy ở cơ quan')`)
	_, err = cd.Call(b.ctx, network.ClearBrowserCookies, cdp.Empty{})
	s.must(err)
	b.goTo("/desk?x=1")
	b.until(`location.pathname === '/sign-in'`)
	b.js(`document.querySelector('form[action="/sign-in/passkey"] button').click()`)
	b.until(`location.pathname === '/desk' && location.search === '?x=1' && document.body.innerText.includes('huylq')`)
}

// enter signs in by the demonstration's door.
func (b *tab) enter(account string) {
	b.t.Helper()
	b.goTo("/demo")
	b.js(fmt.Sprintf(`document.querySelector('#f-account').value = %q; document.querySelector('#f-account').form.requestSubmit()`, account))
	b.until(`document.body.innerText.includes('"account"')`)
}

const runAxe = `axe.run(document, {runOnly: {type: "tag", values: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}})
	.then(r => r.violations.map(v => v.id + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | ")))`

// Every page here is without findings of axe, without a word in the console and without sideways
// scrolling.
func TestBrowserPages(t *testing.T) {
	axe, err := os.ReadFile(filepath.FromSlash("../../../node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatalf("axe-core is missing, run npm ci: %v", err)
	}
	s := open(t, true)
	link := s.link("huylq")
	person := uuid.New()
	s.exec(`UPDATE identity.account SET about = 'Văn thư UBND tỉnh'`)
	s.exec(`INSERT INTO directory.person (id, name) VALUES ($1, 'Nguyễn Thị Mai')`, person)
	s.exec(`INSERT INTO identity.account (id, person_id, kind, name, level, about, created_at) VALUES ($1, $1, 'citizen', 'congdan', 2, 'Người dân xã Đất Mũi', now())`, person)
	b := s.chromium()
	look := func(name string) {
		t.Helper()
		for _, width := range []int64{360, 1440} {
			s.must(cd.Do(b.ctx, cd.EmulateViewport(width, 900)))
			if *shots != "" {
				png, err := cd.Run(b.ctx, cd.FullScreenshot(100))
				s.must(err)
				s.must(os.WriteFile(filepath.Join(*shots, fmt.Sprintf("%s-%d.png", name, width)), png, 0o644))
			}
			wide, err := cd.Run(b.ctx, cd.Evaluate[int64](`document.documentElement.scrollWidth`))
			s.must(err)
			if wide > width {
				t.Errorf("%s scrolls sideways: %d of %d px", name, wide, width)
			}
			b.js(string(axe))
			found, err := cd.Run(b.ctx, cd.Evaluate[[]string](runAxe, cd.EvalAwaitPromise, cd.EvalAsValue))
			s.must(err)
			for _, f := range found {
				t.Errorf("%s at %d: axe %s", name, width, f)
			}
		}
	}
	visit := func(name, path string) { b.goTo(path); look(name) }
	visit("sign-in", "/sign-in")
	visit("citizen", "/sign-in/citizen?lang=en")
	visit("forgot", "/sign-in/forgot?lang=vi")
	visit("demo", "/demo")
	b.goTo("/sign-in")
	b.js(`document.querySelector('#f-name').form.noValidate = true; document.querySelector('#f-name').form.requestSubmit()`)
	b.until(`!!document.querySelector('.errors')`)
	look("sign-in-wrong")

	visit("password", strings.TrimPrefix(link, s.url))
	b.js(fmt.Sprintf(`document.querySelector('#f-password').value = document.querySelector('#f-repeat').value = %q; document.querySelector('#f-repeat').form.requestSubmit()`, secret))
	b.until(`!!document.querySelector('svg.qr')`)
	look("enrol")
	phone, err := cd.Run(b.ctx, cd.Evaluate[string](`document.querySelector('main p.strong').innerText.replace(/\s/g, '')`))
	s.must(err)
	b.js(fmt.Sprintf(`document.querySelector('#f-code').value = %q; document.querySelector('#f-code').form.requestSubmit()`, s.codeOf(phone)))
	b.until(`document.querySelectorAll('ul.plain li').length === 10`)
	look("recovery")
	visit("account", "/account")
	visit("account-password", "/account/password")
	b.goTo("/account")
	b.js(`document.querySelector('form[action="/account/totp"]').requestSubmit()`)
	b.until(`!!document.querySelector('svg.qr')`)
	look("totp")
	s.clock.Advance(time.Minute)
	b.goTo("/sign-in")
	b.js(fmt.Sprintf(`document.querySelector('#f-name').value = 'huylq'; document.querySelector('#f-password').value = %q; document.querySelector('#f-name').form.requestSubmit()`, secret))
	b.until(`!!document.querySelector('#f-code')`)
	look("code")
	s.administrator("quantri")
	b.enter("quantri")
	visit("accounts", "/accounts")
	b.enter("congdan")
	visit("account-citizen", "/account")
}
