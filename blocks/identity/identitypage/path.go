package identitypage

import "net/url"

// The addresses of the pages here.
const (
	PathSignIn         = "/sign-in"
	PathCitizen        = "/sign-in/citizen"
	PathVNeID          = "/sign-in/vneid"
	PathCallback       = "/sign-in/vneid/callback"
	PathPasskey        = "/sign-in/passkey"
	PathPasskeyOptions = "/sign-in/passkey/options"
	PathForgot         = "/sign-in/forgot"
	PathStep           = "/sign-in/step"
	PathSignOut        = "/sign-out"
	PathStay           = "/session"
	PathAccount        = "/account"
	PathManaged        = "/accounts"
	PathDemo           = "/demo"
)

// with adds the page to go on to, when there is one.
func with(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}
