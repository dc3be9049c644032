// Package identitypage is the way in: sign-in of officials and citizens, one-time links, the
// account page, and the middleware that turns a session cookie into an actor. Everything works
// without scripts but passkeys, which browsers offer to scripts alone.
package identitypage

import (
	"embed"
	"net/netip"

	"datmui/blocks/directory"
	"datmui/blocks/identity"
	"datmui/kit/lang"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Config is what the pages need.
type Config struct {
	Block   *identity.Block // required
	Proxies []netip.Prefix  // reverse proxies whose X-Forwarded-For is believed; none by default
}

// Pages are the pages of the block.
type Pages struct {
	block   *identity.Block
	proxies []netip.Prefix
}

// New returns the pages.
func New(c Config) *Pages { return &Pages{c.Block, c.Proxies} }

// Routes lists every address here. Those of a demonstration exist in a demonstration only.
func (p *Pages) Routes() []web.Route {
	routes := []web.Route{
		{Pattern: "GET " + PathSignIn, Who: web.Public, Handle: p.signIn},
		{Pattern: "POST " + PathSignIn, Who: web.Public, Handle: p.password},
		{Pattern: "GET " + PathCitizen, Who: web.Public, Handle: p.citizen},
		{Pattern: "GET " + PathVNeID, Who: web.Public, Handle: p.toVNeID},
		{Pattern: "GET " + PathCallback, Who: web.Public, Handle: p.fromVNeID},
		{Pattern: "POST " + PathPasskey, Who: web.Public, Handle: p.passkey},
		{Pattern: "POST " + PathPasskeyOptions, Who: web.Public, Handle: p.passkeyOptions},
		{Pattern: "GET " + PathForgot, Who: web.Public, Handle: p.forgot},
		{Pattern: "GET " + identity.PathLink + "{token}", Who: web.Public, Handle: p.link},
		{Pattern: "GET " + PathStep, Who: web.Public, Handle: p.step},
		{Pattern: "POST " + PathStep + "/code", Who: web.Public, Handle: p.code},
		{Pattern: "POST " + PathStep + "/password", Who: web.Public, Handle: p.newPassword},
		{Pattern: "POST " + PathStep + "/enrol", Who: web.Public, Handle: p.enrol},
		{Pattern: "POST " + PathSignOut, Who: web.Public, Handle: p.signOut}, // also when the session has ended already

		{Pattern: "POST " + PathStay, Who: web.AnyoneIn, Handle: p.stay},
		{Pattern: "GET " + PathAccount, Who: web.AnyoneIn, Handle: p.account},
		{Pattern: "POST " + PathAccount + "/post", Who: web.AnyOfficial, Handle: p.choosePost},
		{Pattern: "GET " + PathAccount + "/password", Who: web.AnyOfficial, Handle: p.passwordForm},
		{Pattern: "POST " + PathAccount + "/password", Who: web.AnyOfficial, Handle: p.changePassword},
		{Pattern: "POST " + PathAccount + "/totp", Who: web.AnyOfficial, Handle: p.beginTotp},
		{Pattern: "POST " + PathAccount + "/totp/confirm", Who: web.AnyOfficial, Handle: p.finishTotp},
		{Pattern: "POST " + PathAccount + "/recovery", Who: web.AnyOfficial, Handle: p.newRecovery},
		{Pattern: "POST " + PathAccount + "/passkeys", Who: web.AnyoneIn, Handle: p.addPasskey},
		{Pattern: "POST " + PathAccount + "/passkeys/options", Who: web.AnyoneIn, Handle: p.addOptions},
		{Pattern: "POST " + PathAccount + "/passkeys/remove", Who: web.AnyoneIn, Handle: p.removePasskey},
		{Pattern: "POST " + PathAccount + "/sessions/end", Who: web.AnyoneIn, Handle: p.endSession},
		{Pattern: "POST " + PathAccount + "/sessions/others", Who: web.AnyoneIn, Handle: p.endOthers},

		{Pattern: "GET " + PathManaged, Who: web.Right(directory.Manage), Handle: p.managed},
		{Pattern: "POST " + PathManaged, Who: web.Right(directory.Manage), Handle: p.createAccount},
		{Pattern: "POST " + PathManaged + "/link", Who: web.Right(directory.Manage), Handle: p.sendLink},
		{Pattern: "POST " + PathManaged + "/close", Who: web.Right(directory.Manage), Handle: p.closeAccount},
		{Pattern: "POST " + PathManaged + "/reopen", Who: web.Right(directory.Manage), Handle: p.reopenAccount},
	}
	if p.block.Demo() {
		routes = append(routes,
			web.Route{Pattern: "GET " + PathDemo, Who: web.DemoOnly, Handle: p.demo},
			web.Route{Pattern: "POST " + PathDemo + "/sign-in", Who: web.DemoOnly, Handle: p.demoSignIn})
	}
	return routes
}
