package vneid

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"datmui/sim"
)

// storage keeps everything in memory: the player forgets all when it ends.
type storage struct {
	c      Config
	client *client
	key    signingKey
	bySub  map[string]sim.Player
	byID   map[string][]sim.Player
	listed []sim.Player

	mu       sync.Mutex
	requests map[string]*request
	codes    map[string]string // code → request id
	tokens   map[string]token
}

type token struct {
	sub     string
	expires time.Time
}

var _ op.Storage = (*storage)(nil)

func newStorage(c Config) (*storage, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	s := &storage{c: c, client: &client{c}, key: signingKey{key, rand.Text()},
		bySub: map[string]sim.Player{}, byID: map[string][]sim.Player{},
		requests: map[string]*request{}, codes: map[string]string{}, tokens: map[string]token{}}
	for _, p := range c.Players {
		s.bySub[p.Sub] = p
		s.byID[p.PersonalID] = append(s.byID[p.PersonalID], p)
		if p.Listed {
			s.listed = append(s.listed, p)
		}
	}
	return s, nil
}

// most is how many open requests are kept; the demonstration never comes near.
const most = 10_000

// CreateAuthRequest refuses a client that does not use PKCE, as the code flow of today demands.
func (s *storage) CreateAuthRequest(_ context.Context, in *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	if in.CodeChallenge == "" || in.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("PKCE with S256 is needed")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.c.Clock.Now()
	for id, r := range s.requests {
		if now.Sub(r.created) > requestLife {
			s.drop(id)
		}
	}
	if len(s.requests) >= most {
		return nil, oidc.ErrServerError().WithDescription("too many open requests")
	}
	r := &request{in: *in, id: rand.Text(), created: now}
	s.requests[r.id] = r
	return r, nil
}

// drop forgets a request and its code; the lock is held.
func (s *storage) drop(id string) {
	if r, ok := s.requests[id]; ok {
		delete(s.codes, r.code)
		delete(s.requests, id)
	}
}

var errUnknown = errors.New("unknown or too old")

func (s *storage) find(id string) (*request, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok || s.c.Clock.Now().Sub(r.created) > requestLife {
		return nil, errUnknown
	}
	c := *r // the caller reads it without the lock
	return &c, nil
}

func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	r, err := s.find(id)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// AuthRequestByCode hands a code out once: a second use finds nothing, whoever comes first.
func (s *storage) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	id, ok := s.codes[code]
	delete(s.codes, code)
	s.mu.Unlock()
	if !ok {
		return nil, errUnknown
	}
	r, err := s.find(id)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok || r.code != "" {
		return errUnknown
	}
	r.code = code
	s.codes[code] = id
	return nil
}

func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(id)
	return nil
}

// choose notes who signs in.
func (s *storage) choose(id, sub string) error {
	p, ok := s.bySub[sub]
	s.mu.Lock()
	defer s.mu.Unlock()
	r, open := s.requests[id]
	if !ok || !open || r.code != "" || s.c.Clock.Now().Sub(r.created) > requestLife {
		return errUnknown
	}
	r.player, r.done, r.at = p, true, s.c.Clock.Now()
	return nil
}

const tokenLife = 5 * time.Minute

func (s *storage) CreateAccessToken(_ context.Context, in op.TokenRequest) (string, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.c.Clock.Now()
	for id, t := range s.tokens {
		if now.After(t.expires) {
			delete(s.tokens, id)
		}
	}
	id := rand.Text()
	t := token{in.GetSubject(), now.Add(tokenLife)}
	s.tokens[id] = t
	return id, t.expires, nil
}

// SetUserinfoFromToken answers /userinfo with the claims the national sign-on gives.
func (s *storage) SetUserinfoFromToken(_ context.Context, out *oidc.UserInfo, tokenID, sub, _ string) error {
	s.mu.Lock()
	t, ok := s.tokens[tokenID]
	s.mu.Unlock()
	p, known := s.bySub[sub]
	if !ok || !known || t.sub != sub || s.c.Clock.Now().After(t.expires) {
		return oidc.ErrAccessDenied().WithDescription("token is unknown or too old")
	}
	out.Subject = sub
	for name, v := range claims(p) {
		out.AppendClaims(name, v)
	}
	return nil
}

// GetPrivateClaimsFromScopes is asked for signed access tokens only, which we do not give.
func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

// SetUserinfoFromScopes fills id tokens; ours carry the subject and level alone.
func (s *storage) SetUserinfoFromScopes(_ context.Context, out *oidc.UserInfo, sub, _ string, _ []string) error {
	out.Subject = sub
	return nil
}

func claims(p sim.Player) map[string]any {
	birth, _ := time.Parse(time.DateOnly, p.Birth) // checked when it was read
	level := strconv.Itoa(p.Level)
	out := map[string]any{
		"LoaiTaiKhoan": "1", "SoDinhDanh": p.PersonalID, "HoVaTen": p.Name, "TechID": techID(p),
		"NgayThangNamSinh": birth.Format("02/01/2006"), "loAs": level, "IAL": level,
	}
	if p.TaxCode != "" {
		out["LoaiTaiKhoan"], out["MaSoThue"], out["TenDoanhNghiep"] = "2", p.TaxCode, p.Enterprise
	}
	return out
}

func techID(p sim.Player) string { return "TECH-" + strings.ToUpper(p.Sub) }

// TerminateSession forgets the tokens of a person.
func (s *storage) TerminateSession(_ context.Context, sub, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, t := range s.tokens {
		if t.sub == sub {
			delete(s.tokens, id)
		}
	}
	return nil
}

func (s *storage) RevokeToken(_ context.Context, id, sub, _ string) *oidc.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.tokens[id]; ok && t.sub == sub {
		delete(s.tokens, id)
	}
	return nil
}

func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != s.c.Client {
		return nil, errUnknown
	}
	return s.client, nil
}

func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != s.c.Client || subtle.ConstantTimeCompare([]byte(secret), []byte(s.c.Secret)) != 1 {
		return errUnknown
	}
	return nil
}

func (s *storage) SetIntrospectionFromToken(_ context.Context, out *oidc.IntrospectionResponse, id, sub, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tokens[id]
	out.Active = ok && t.sub == sub && s.c.Clock.Now().Before(t.expires)
	return nil
}

// What follows belongs to flows the player does not offer: refresh tokens and signed assertions.

var errNotOffered = oidc.ErrUnsupportedGrantType().WithDescription("not offered here")

func (s *storage) CreateAccessAndRefreshTokens(context.Context, op.TokenRequest, string) (string, string, time.Time, error) {
	return "", "", time.Time{}, errNotOffered
}

func (s *storage) TokenRequestByRefreshToken(context.Context, string) (op.RefreshTokenRequest, error) {
	return nil, errNotOffered
}

func (s *storage) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}

func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errNotOffered
}

func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errNotOffered
}

func (s *storage) Health(context.Context) error { return nil }

func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return s.key, nil }

func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

func (s *storage) KeySet(context.Context) ([]op.Key, error) { return []op.Key{publicKey{s.key}}, nil }

type signingKey struct {
	key *rsa.PrivateKey
	id  string
}

func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k signingKey) Key() any                                    { return k.key }
func (k signingKey) ID() string                                  { return k.id }

type publicKey struct{ signingKey }

func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                           { return &k.key.PublicKey }
