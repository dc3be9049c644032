package identity

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// keys are derived from the master key, one for each use.
type keys struct {
	seal cipher.AEAD // TOTP secrets
	mac  []byte      // recovery codes, which are short enough to be guessed from a plain hash
}

func newKeys(master []byte) (keys, error) {
	k, err := hkdf.Key(sha256.New, master, nil, "datmui identity seal v1", 32)
	if err != nil {
		return keys{}, err
	}
	mac, err := hkdf.Key(sha256.New, master, nil, "datmui identity recovery v1", 32)
	if err != nil {
		return keys{}, err
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return keys{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return keys{aead, mac}, err
}

// close seals a secret for one account: moved to another account it does not open.
func (k keys) close(secret, account []byte) []byte { return k.seal.Seal(nil, nil, secret, account) }

func (k keys) open(sealed, account []byte) ([]byte, error) {
	out, err := k.seal.Open(nil, nil, sealed, account)
	if err != nil {
		return nil, fmt.Errorf("opening a sealed secret: was the master key changed? %w", err)
	}
	return out, nil
}

func (k keys) recovery(account []byte, code string) []byte {
	h := hmac.New(sha256.New, k.mac)
	h.Write(account)
	h.Write([]byte(code))
	return h.Sum(nil)
}

// newToken makes a secret for a cookie or a link; the database keeps its hash only.
func newToken() (token string, hash []byte) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails since Go 1.24
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(b), sum[:]
}

var errToken = errors.New("not a token")

// hashOf reads a token back.
func hashOf(token string) ([]byte, error) {
	if len(token) != 43 {
		return nil, errToken
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, errToken
	}
	sum := sha256.Sum256(b)
	return sum[:], nil
}
