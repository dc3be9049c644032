// Package openid speaks to the national electronic identity as an OpenID client: code flow with
// PKCE and nonce, claims from the userinfo address. Discovery happens when the first person signs
// in, not when the program starts, and is tried again until it succeeds.
package openid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/pkg/client/rp"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"golang.org/x/oauth2"

	"datmui/blocks/identity"
)

// Config is how the provider knows this site.
type Config struct {
	Issuer   string
	Client   string
	Secret   string
	Redirect string       // address of the callback page
	HTTP     *http.Client // nil means one with a time limit of 10 s
}

// Provider is an identity.Provider over OpenID Connect.
type Provider struct {
	c     Config
	mu    sync.Mutex
	party rp.RelyingParty
	retry time.Time // no discovery before
	last  error
}

var _ identity.Provider = (*Provider)(nil)

// New returns a client of a provider; nothing is asked of it yet.
func New(c Config) *Provider {
	if c.HTTP == nil {
		c.HTTP = &http.Client{Timeout: 10 * time.Second}
	}
	return &Provider{c: c}
}

type nonceKey struct{}

// pause keeps a provider that is down from being asked by everybody who waits.
const pause = 3 * time.Second

// ready discovers the provider once.
func (p *Provider) ready(ctx context.Context) (rp.RelyingParty, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.party != nil {
		return p.party, nil
	}
	if time.Now().Before(p.retry) {
		return nil, p.last
	}
	party, err := rp.NewRelyingPartyOIDC(context.WithoutCancel(ctx), p.c.Issuer, p.c.Client, p.c.Secret, p.c.Redirect, []string{oidc.ScopeOpenID, oidc.ScopeProfile},
		rp.WithHTTPClient(p.c.HTTP),
		rp.WithVerifierOpts(rp.WithIssuedAtOffset(10*time.Second), rp.WithNonce(func(ctx context.Context) string {
			nonce, _ := ctx.Value(nonceKey{}).(string)
			return nonce
		})))
	if err != nil {
		p.retry, p.last = time.Now().Add(pause), fmt.Errorf("discovering %s: %w", p.c.Issuer, err)
		return nil, p.last
	}
	p.party = party
	return party, nil
}

// Begin gives the address to which a person is sent.
func (p *Provider) Begin(ctx context.Context, ask identity.Ask) (string, error) {
	party, err := p.ready(ctx)
	if err != nil {
		return "", err
	}
	return rp.AuthURL(ask.State, party, rp.WithCodeChallenge(oidc.NewSHACodeChallenge(ask.Verifier)),
		rp.AuthURLOpt(rp.WithURLParam("nonce", ask.Nonce)), rp.AuthURLOpt(rp.WithURLParam("acr_values", "2")),
		rp.AuthURLOpt(rp.WithURLParam("ui_locales", ask.Lang))), nil
}

// Finish exchanges the code, checks the signed token and asks for the claims.
func (p *Provider) Finish(ctx context.Context, code string, ask identity.Ask) (identity.Proof, error) {
	party, err := p.ready(ctx)
	if err != nil {
		return identity.Proof{}, err
	}
	if ask.Nonce == "" {
		return identity.Proof{}, fmt.Errorf("%w: there is no nonce", identity.ErrRefused)
	}
	ctx = context.WithValue(ctx, nonceKey{}, ask.Nonce)
	tokens, err := rp.CodeExchange[*oidc.IDTokenClaims](ctx, code, party, rp.WithCodeVerifier(ask.Verifier))
	if err != nil {
		return identity.Proof{}, judge(err)
	}
	id := tokens.IDTokenClaims
	info, err := rp.Userinfo[*oidc.UserInfo](ctx, tokens.AccessToken, tokens.TokenType, id.Subject, party)
	if err != nil {
		return identity.Proof{}, judge(err)
	}
	proof, err := read(info.Subject, id.AuthenticationContextClassReference, info.Claims)
	if err != nil {
		return proof, fmt.Errorf("%w: %w", identity.ErrRefused, err)
	}
	return proof, nil
}

// judge tells a provider that refuses from one that cannot be reached.
func judge(err error) error {
	var answer *oauth2.RetrieveError
	var network *url.Error
	switch {
	case errors.As(err, &answer) && answer.Response != nil && answer.Response.StatusCode >= 500:
		return err
	case errors.As(err, &network):
		return err
	}
	return fmt.Errorf("%w: %w", identity.ErrRefused, err)
}
