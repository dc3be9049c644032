package identity

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/notify"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
)

// People is what identity asks of the directory.
type People interface {
	Actor(ctx context.Context, r pg.Reader, person, post uuid.UUID, at time.Time) (actor.Actor, error)
	PostsOf(ctx context.Context, person uuid.UUID) ([]directory.Post, error)
	Register(ctx context.Context, act *audit.Act, in directory.PersonIn) (uuid.UUID, error)
}

// Config is what identity needs. Zero values are usable unless marked required.
type Config struct {
	DB       pg.Reader     // required
	Book     *audit.Book   // required: the only door to a write that lasts
	Live     *pgxpool.Pool // required: role app; used for the unlogged tables alone, and to listen
	People   People        // required
	Key      []byte        // required: the master key, 32 bytes or more, never in the database
	Origin   string        // required: address of this site, https://dichvucong.camau.gov.vn
	Title    string        // name of this site as authenticators show it; "" means Đất Mũi
	Clock    clock.Clock   // nil means the machine's clock
	Log      *slog.Logger  // nil means the default
	Mailer   notify.Mailer // nil: links are made on the command line only
	Provider Provider      // the national identity; nil: citizens cannot sign in
	Demo     bool          // anybody may sign in as anybody

	OfficialIdle time.Duration // an official's session ends after so long without a request; 0 means 2 hours
	CitizenIdle  time.Duration // a citizen's; 0 means 30 minutes
	SharedIdle   time.Duration // on a shared machine; 0 means 15 minutes
	Longest      time.Duration // any session; 0 means 12 hours
	ProofAge     time.Duration // how long the national identity's word counts when a passkey returns; 0 means 30 days
}

// Block is the door.
type Block struct {
	c       Config
	keys    keys
	hasher  *hasher
	keyer   *webauthn.WebAuthn
	cache   *cache
	acting  Acting  // nil: everybody acts for herself
	vouched Vouched // with acting
}

// New opens the block; a wrong origin or a short key is refused.
func New(c Config) (*Block, error) {
	if len(c.Key) < 32 {
		return nil, fmt.Errorf("identity: the master key must have 32 bytes or more")
	}
	u, err := url.Parse(c.Origin)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("identity: the origin %q is not an address", c.Origin)
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	c.Title = cmp.Or(c.Title, "Đất Mũi")
	c.OfficialIdle = cmp.Or(c.OfficialIdle, 2*time.Hour)
	c.CitizenIdle = cmp.Or(c.CitizenIdle, 30*time.Minute)
	c.SharedIdle = cmp.Or(c.SharedIdle, 15*time.Minute)
	c.Longest = cmp.Or(c.Longest, 12*time.Hour)
	c.ProofAge = cmp.Or(c.ProofAge, 30*24*time.Hour)
	k, err := newKeys(c.Key)
	if err != nil {
		return nil, err
	}
	keyer, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: c.Title, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired},
	})
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return &Block{c: c, keys: k, hasher: newHasher(), keyer: keyer, cache: newCache()}, nil
}

// Demo says whether anybody may sign in as anybody.
func (b *Block) Demo() bool { return b.c.Demo }

// Secure says whether this site is reached by https, so that cookies can demand it.
func (b *Block) Secure() bool { return len(b.c.Origin) > 8 && b.c.Origin[:8] == "https://" }

// HasProvider says whether citizens can sign in by the national identity.
func (b *Block) HasProvider() bool { return b.c.Provider != nil }

// LogFault notes a fault of a session look-up, for which no page of its own answers.
func (b *Block) LogFault(ctx context.Context, err error) {
	b.c.Log.ErrorContext(ctx, "looking for a session failed", "err", err)
}
