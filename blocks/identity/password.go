package identity

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"datmui/kit/fault"
)

// cost is OWASP's second choice for argon2id: 19 MiB, two passes, one lane.
var cost = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hasher computes at most four hashes at once, which bounds its memory to 76 MiB; the rest wait.
// One of the four is kept for machines an account has signed in on before: a flood of strangers
// does not keep the people who work here from theirs.
type hasher struct {
	slots     chan struct{}
	strangers chan struct{} // those of the slots that strangers may hold
	queue     chan struct{} // strangers who wait or are served
	dummy     string        // what unknown names are compared with, so that they take as long
}

const (
	atOnce = 4
	// waiting bounds the queue: more would not be answered before people give up.
	waiting = 4000
)

func newHasher() *hasher {
	return &hasher{slots: make(chan struct{}, atOnce), strangers: make(chan struct{}, atOnce-1), queue: make(chan struct{}, waiting), dummy: dummy()}
}

// dummy is written like a hash and is the hash of nothing: to make a true one at the start would
// take as much time and memory as a sign-in.
func dummy() string {
	salt, key := make([]byte, cost.SaltLength), make([]byte, cost.KeyLength)
	_, _ = rand.Read(salt)
	_, _ = rand.Read(key)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.Memory, cost.Iterations, cost.Parallelism, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// turn waits for a slot and runs fn in it; known is for a machine seen before.
func (h *hasher) turn(ctx context.Context, known bool, fn func() error) error {
	if !known {
		select {
		case h.queue <- struct{}{}:
			defer func() { <-h.queue }()
		default:
			return fault.Limit("identity.busy")
		}
		select {
		case h.strangers <- struct{}{}:
			defer func() { <-h.strangers }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return fn()
}

// check compares a password with a hash; without a hash it takes as long and says no.
func (h *hasher) check(ctx context.Context, known bool, password string, hash *string) (ok bool, err error) {
	against := h.dummy
	if hash != nil {
		against = *hash
	}
	err = h.turn(ctx, known, func() error {
		ok, err = argon2id.ComparePasswordAndHash(normal(password), against)
		return err
	})
	return ok && hash != nil, err
}

func (h *hasher) make(ctx context.Context, known bool, password string) (hash string, err error) {
	err = h.turn(ctx, known, func() error {
		hash, err = argon2id.CreateHash(normal(password), cost)
		return err
	})
	return hash, err
}

// normal makes the same password out of the same keys on every keyboard: Vietnamese letters are
// typed composed or decomposed.
func normal(password string) string { return norm.NFC.String(password) }

// longest bounds the work a stranger can ask for.
const longest = 256

// often are beginnings of passwords that every list of guesses starts with.
var often = []string{"password", "matkhau", "mật khẩu", "123456", "qwerty", "camau", "cà mau", "datmui", "abc123", "111111", "000000", "admin"}

// checkNew says what is wrong with a new password: length counts, not kinds of characters.
func checkNew(field, password, name string) fault.Fields {
	f := fault.Fields{}
	p := strings.ToLower(normal(password))
	n := utf8.RuneCountInString(p)
	local, _, _ := strings.Cut(name, "@")
	switch {
	case !utf8.ValidString(password):
		f.Set(field, "invalid")
	case n < 12:
		f.Set(field, "too-short:12")
	case len(password) > longest:
		f.Set(field, "too-long:100")
	case len(local) > 2 && strings.Contains(p, local):
		f.Set(field, "password-name")
	case plain(p):
		f.Set(field, "password-common")
	}
	return f
}

// plain says whether a password is little more than a frequent word or a repeated character.
func plain(p string) bool {
	rest := p
	for _, w := range often {
		rest = strings.ReplaceAll(rest, w, "")
	}
	kinds := map[rune]bool{}
	for _, r := range p {
		kinds[r] = true
	}
	return utf8.RuneCountInString(rest) < 6 || len(kinds) < 5
}
