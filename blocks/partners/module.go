// Package partners lets other systems speak to the public API: who they are, their keys and limits,
// what persons let them do, and what they are told when something moves.
//
//	partner        another system, enrolled by the province with the scopes it may ask for
//	key            the secret it shows with each request
//	authorisation  what one person lets one partner do for her, until a day
//	matter         something that a partner began for a person (a dossier)
//	hook           an address that is told when a matter moves (webhook)
package partners

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/base32"
	"fmt"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"datmui/blocks/audit"
	"datmui/blocks/partners/webhook"
	"datmui/kit/clock"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// RightManage lets somebody enrol partners and make their keys.
const RightManage = "admin.instance"

// Scopes: what a partner may ask for, each also a right of its actor.
const (
	ScopeFile   = "api.file"   // file and supplement dossiers, withdraw them
	ScopeStatus = "api.status" // see the dossiers it filed
	ScopePay    = "api.pay"    // see what is to be paid, and start paying it
	ScopeResult = "api.result" // fetch results
)

// Scopes are all of them, in the order of pages.
var Scopes = []string{ScopeFile, ScopeStatus, ScopePay, ScopeResult}

// Config is what the block needs.
type Config struct {
	DB     pg.Reader   // required
	Book   *audit.Book // required
	Clock  clock.Clock // zero means the machine's clock
	Master []byte      // 32 bytes; seals the secrets of hooks
	Local  bool        // hooks may lead into the own network and need no TLS: in a demonstration only
}

// Block keeps partners.
type Block struct {
	db    pg.Reader
	book  *audit.Book
	clock clock.Clock
	seal  cipher.AEAD
	local bool
	hooks *webhook.Sender

	mu     sync.Mutex
	limits map[uuid.UUID]*rate.Limiter
}

// New returns the block.
func New(c Config) (*Block, error) {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	key, err := hkdf.Key(sha256.New, c.Master, nil, "datmui partners seal v1", 32)
	if err != nil {
		return nil, fmt.Errorf("deriving the key of the hooks: %w", err)
	}
	cb, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCMWithRandomNonce(cb)
	return &Block{db: c.DB, book: c.Book, clock: c.Clock, seal: seal, local: c.Local, hooks: webhook.New(c.Local), limits: map[uuid.UUID]*rate.Limiter{}}, err
}

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// newSecret makes a secret that begins with what it is.
func newSecret(kind string) (secret string, hash []byte) {
	b := make([]byte, 20)
	_, _ = rand.Read(b) // never fails since Go 1.24
	secret = kind + letters.EncodeToString(b)
	return secret, hashOf(secret)
}

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
