//go:build e2e

package identitypage_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	cd "github.com/chromedp/chromedp"
	"github.com/google/uuid"

	chromium "datmui/kit/testkit/browser"
)

var shots = flag.String("shots", "", "folder to write pictures of the pages to")

// tab is a tab of a real browser, of somebody who uses the site.
type tab struct {
	*site
	*chromium.Tab
}

func (s *site) chromium() *tab {
	s.t.Helper()
	return &tab{s, chromium.New(s.t).Tab(s.t, s.url)}
}

// A passkey made on the account page signs in, in a browser with an authenticator of its own.
func TestBrowserPasskey(t *testing.T) {
	s := open(t, true)
	s.link("huylq")
	b := s.chromium()
	_, err := cd.Call(b.Ctx, webauthn.Enable, webauthn.EnableParams{})
	s.must(err)
	_, err = cd.Call(b.Ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	s.must(err)
	b.Go("/sign-in")
	b.Do(`document.querySelector('form[action="/sign-in/passkey"] button').click()`)
	b.Until(`!document.querySelector('[data-passkey-fault]').hidden`) // no key yet: said in the page

	b.enter("huylq")
	b.Go("/account")
	b.Do(`document.querySelector('#f-label').value = 'Máy ở cơ quan'; document.querySelector('form[action="/account/passkeys"] button').click()`)
	b.Until(`document.body.innerText.includes('Đã tạo khóa truy cập') && document.body.innerText.includes('Máy ở cơ quan')`)
	_, err = cd.Call(b.Ctx, network.ClearBrowserCookies, cdp.Empty{})
	s.must(err)
	b.Go("/desk?x=1")
	b.Until(`location.pathname === '/sign-in'`)
	b.Do(`document.querySelector('form[action="/sign-in/passkey"] button').click()`)
	b.Until(`location.pathname === '/desk' && location.search === '?x=1' && document.body.innerText.includes('huylq')`)
}

// enter signs in by the demonstration's door.
func (b *tab) enter(account string) {
	b.t.Helper()
	b.Go("/demo")
	b.Do(fmt.Sprintf(`document.querySelector('#f-account').value = %q; document.querySelector('#f-account').form.requestSubmit()`, account))
	b.Until(`document.body.innerText.includes('"account"')`)
}

// Every page here is without findings of axe, without a word in the console and without sideways
// scrolling.
func TestBrowserPages(t *testing.T) {
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
			b.Size(width, 900)
			if *shots != "" {
				b.Shot(filepath.Join(*shots, fmt.Sprintf("%s-%d.png", name, width)))
			}
			b.Look(name)
		}
	}
	visit := func(name, path string) { b.Go(path); look(name) }
	visit("sign-in", "/sign-in")
	visit("citizen", "/sign-in/citizen?lang=en")
	visit("forgot", "/sign-in/forgot?lang=vi")
	visit("demo", "/demo")
	b.Go("/sign-in")
	b.Do(`document.querySelector('#f-name').form.noValidate = true; document.querySelector('#f-name').form.requestSubmit()`)
	b.Until(`!!document.querySelector('.errors')`)
	look("sign-in-wrong")

	visit("password", strings.TrimPrefix(link, s.url))
	b.Do(fmt.Sprintf(`document.querySelector('#f-password').value = document.querySelector('#f-repeat').value = %q; document.querySelector('#f-repeat').form.requestSubmit()`, secret))
	b.Until(`!!document.querySelector('svg.qr')`)
	look("enrol")
	phone := chromium.Eval[string](b.Tab, `document.querySelector('main p.strong').innerText.replace(/\s/g, '')`)
	b.Do(fmt.Sprintf(`document.querySelector('#f-code').value = %q; document.querySelector('#f-code').form.requestSubmit()`, s.codeOf(phone)))
	b.Until(`document.querySelectorAll('ul.plain li').length === 10`)
	look("recovery")
	visit("account", "/account")
	visit("account-password", "/account/password")
	b.Go("/account")
	b.Do(`document.querySelector('form[action="/account/totp"]').requestSubmit()`)
	b.Until(`!!document.querySelector('svg.qr')`)
	look("totp")
	s.clock.Advance(time.Minute)
	b.Go("/sign-in")
	b.Do(fmt.Sprintf(`document.querySelector('#f-name').value = 'huylq'; document.querySelector('#f-password').value = %q; document.querySelector('#f-name').form.requestSubmit()`, secret))
	b.Until(`!!document.querySelector('#f-code')`)
	look("code")
	s.administrator("quantri")
	b.enter("quantri")
	visit("accounts", "/accounts")
	b.enter("congdan")
	visit("account-citizen", "/account")
}
