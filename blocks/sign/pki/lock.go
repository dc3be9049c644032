package pki

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
)

// ErrPIN says that a PIN does not open a key.
var ErrPIN = errors.New("pki: wrong PIN")

// ErrLocked says that a locked key is damaged or belongs to another instance.
var ErrLocked = errors.New("pki: the key cannot be opened with this master key")

const saltLen = 16

// Lock wraps a private key under the instance's master key and, unless pin is empty, under
// a PIN first, so that neither the database nor the master key alone gives it away. id binds
// the result to its row.
func Lock(key crypto.Signer, master []byte, pin, id string) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("locking a key: %w", err)
	}
	if pin != "" {
		salt := make([]byte, saltLen)
		if _, err := rand.Read(salt); err != nil {
			return nil, err
		}
		inner, err := wrap(pinKey(pin, salt), der, id)
		if err != nil {
			return nil, err
		}
		der = append(salt, inner...)
	}
	k, err := outer(master, pin != "")
	if err != nil {
		return nil, err
	}
	return wrap(k, der, id)
}

// Unlock opens what Lock made.
func Unlock(locked, master []byte, pin, id string) (crypto.Signer, error) {
	k, err := outer(master, pin != "")
	if err != nil {
		return nil, err
	}
	der, err := unwrap(k, locked, id)
	if err != nil {
		return nil, ErrLocked
	}
	if pin != "" {
		if len(der) < saltLen {
			return nil, ErrLocked
		}
		if der, err = unwrap(pinKey(pin, der[:saltLen]), der[saltLen:], id); err != nil {
			return nil, ErrPIN
		}
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, ErrLocked
	}
	s, ok := key.(crypto.Signer)
	if !ok {
		return nil, ErrLocked
	}
	return s, nil
}

// pinKey costs 64 MiB and three passes: a PIN is short, and whoever got hold of the database
// and the master key would try them all.
func pinKey(pin string, salt []byte) []byte {
	return argon2.IDKey([]byte(pin), salt, 3, 64<<10, 1, 32)
}

func outer(master []byte, pin bool) ([]byte, error) {
	if len(master) < 32 {
		return nil, errors.New("pki: the master key has less than 32 bytes")
	}
	use := "datmui sign key"
	if pin {
		use += " under PIN"
	}
	return hkdf.Key(sha256.New, master, nil, use, 32)
}

func seal(key []byte) (cipher.AEAD, error) {
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(b)
}

func wrap(key, plain []byte, id string) ([]byte, error) {
	a, err := seal(key)
	if err != nil {
		return nil, err
	}
	return a.Seal(nil, nil, plain, []byte(id)), nil
}

func unwrap(key, locked []byte, id string) ([]byte, error) {
	a, err := seal(key)
	if err != nil {
		return nil, err
	}
	return a.Open(nil, nil, locked, []byte(id))
}
