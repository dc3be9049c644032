package identity

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/testkit"
)

// authenticator is a passkey in software, with what can be wrong about one.
type authenticator struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
	count  uint32
	flags  byte
	origin string
	rp     string
}

const (
	flagUP, flagUV, flagAT = 1, 4, 64
)

func newAuthenticator(t *testing.T) *authenticator {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return &authenticator{t: t, key: key, id: id, count: 1, flags: flagUP | flagUV, origin: "http://localhost:8080", rp: "localhost"}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (a *authenticator) client(kind, challenge string) []byte {
	b, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
	return b
}

func (a *authenticator) data(flags byte) []byte {
	sum := sha256.Sum256([]byte(a.rp))
	return binary.BigEndian.AppendUint32(append(sum[:], flags), a.count)
}

// create answers navigator.credentials.create.
func (a *authenticator) create(options []byte) []byte {
	a.t.Helper()
	var o struct {
		PublicKey struct {
			Challenge string `json:"challenge"`
			User      struct {
				ID string `json:"id"`
			} `json:"user"`
			RP struct {
				ID string `json:"id"`
			} `json:"rp"`
		} `json:"publicKey"`
	}
	if err := json.Unmarshal(options, &o); err != nil || o.PublicKey.RP.ID != "localhost" {
		a.t.Fatalf("%v: %s", err, options)
	}
	a.handle, _ = base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	data := append(a.data(a.flags|flagAT), make([]byte, 16)...)
	data = append(binary.BigEndian.AppendUint16(data, uint16(len(a.id))), a.id...)
	pub, err := a.key.PublicKey.Bytes() // 4 ‖ x ‖ y
	if err != nil {
		a.t.Fatal(err)
	}
	// COSE: {1: 2, 3: -7, -1: 1, -2: x, -3: y}
	data = append(data, 0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20)
	data = append(append(append(data, pub[1:33]...), 0x22, 0x58, 0x20), pub[33:]...)
	// {"fmt": "none", "attStmt": {}, "authData": data}
	obj := append([]byte{0xa3, 0x63}, "fmt\x64none\x67attStmt\xa0\x68authData\x58"...)
	obj = append(append(obj, byte(len(data))), data...)
	return a.answer(map[string]any{"clientDataJSON": b64(a.client("webauthn.create", o.PublicKey.Challenge)), "attestationObject": b64(obj)})
}

// get answers navigator.credentials.get.
func (a *authenticator) get(options []byte) []byte {
	a.t.Helper()
	var o struct {
		PublicKey struct {
			Challenge string `json:"challenge"`
		} `json:"publicKey"`
	}
	if err := json.Unmarshal(options, &o); err != nil {
		a.t.Fatal(err)
	}
	a.count++
	client, data := a.client("webauthn.get", o.PublicKey.Challenge), a.data(a.flags)
	clientSum := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), clientSum[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, a.key, sum[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return a.answer(map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(sig), "userHandle": b64(a.handle)})
}

func (a *authenticator) answer(response map[string]any) []byte {
	b, _ := json.Marshal(map[string]any{"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "response": response,
		"clientExtensionResults": map[string]any{}, "authenticatorAttachment": "platform"})
	return b
}

func (w *world) add(me context.Context, a *authenticator, label string) error {
	w.t.Helper()
	options, token, err := w.BeginAdd(me)
	w.must(err)
	return w.FinishAdd(me, token, label, a.create(options))
}

func (w *world) enter(ctx context.Context, a *authenticator) (Started, error) {
	w.t.Helper()
	options, token, err := w.BeginPasskey(ctx)
	w.must(err)
	return w.FinishPasskey(ctx, token, a.get(options), false)
}

func TestPasskey(t *testing.T) {
	t.Parallel()
	w := setup(t)
	person, _, first := w.enrolled("huylq")
	ctx := w.from(home, "")
	me := w.as(ctx, first.Session)
	key := newAuthenticator(t)
	w.must(w.add(me, key, "  Điện thoại   của tôi "))

	s, err := w.enter(ctx, key)
	w.must(err)
	if who := actor.From(w.as(ctx, s)); who.ID != person || who.Kind != actor.Official {
		t.Errorf("%+v", who)
	}

	// the same answer a second time
	options, token, err := w.BeginPasskey(ctx)
	w.must(err)
	answer := key.get(options)
	_, err = w.FinishPasskey(ctx, token, answer, false)
	w.must(err)
	_, err = w.FinishPasskey(ctx, token, answer, false)
	testkit.WantError(t, err, errStep)
	_, other, err := w.BeginPasskey(ctx)
	w.must(err)
	_, err = w.FinishPasskey(ctx, other, answer, false)
	testkit.WantError(t, err, errPasskey)

	stranger := newAuthenticator(t)
	stranger.handle = key.handle
	for name, change := range map[string]func(*authenticator){
		"another site":        func(a *authenticator) { a.origin = "https://evil.test" },
		"another port":        func(a *authenticator) { a.origin = "http://localhost:9999" },
		"another rp":          func(a *authenticator) { a.rp = "evil.test" },
		"without PIN":         func(a *authenticator) { a.flags = flagUP },
		"nobody there":        func(a *authenticator) { a.flags = flagUV },
		"another's handle":    func(a *authenticator) { id := uuid.New(); a.handle = id[:] },
		"no handle":           func(a *authenticator) { a.handle = nil },
		"another's signature": func(a *authenticator) { a.key = stranger.key },
		"unknown key":         func(a *authenticator) { a.id = stranger.id },
		"counter goes back":   func(a *authenticator) { a.count = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			bad := *key
			change(&bad)
			_, err := w.enter(ctx, &bad)
			testkit.WantError(t, err, errPasskey)
		})
	}
	for _, junk := range []string{"", "{}", "null", `{"id":"x","rawId":"x","type":"public-key","response":{}}`} {
		_, token, err := w.BeginPasskey(ctx)
		w.must(err)
		_, err = w.FinishPasskey(ctx, token, []byte(junk), false)
		testkit.WantError(t, err, errPasskey)
	}

	own, err := w.Own(me)
	w.must(err)
	if len(own.Passkeys) != 1 || own.Passkeys[0].Label != "Điện thoại của tôi" || own.Passkeys[0].UsedAt == nil {
		t.Fatalf("%+v", own.Passkeys)
	}
	w.must(w.Close(w.system(), "huylq"))
	_, err = w.enter(ctx, key)
	testkit.WantError(t, err, fault.Forbidden("identity.closed"))
	w.must(w.Reopen(w.system(), "huylq"))
	s, err = w.enter(ctx, key)
	w.must(err)
	me = w.as(ctx, s)
	w.must(w.RemovePasskey(me, own.Passkeys[0].ID))
	testkit.WantError(t, w.RemovePasskey(me, own.Passkeys[0].ID), fault.NotFound("passkey"))
	_, err = w.enter(ctx, key)
	testkit.WantError(t, err, errPasskey)
}

func TestPasskeyOfAnother(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, _, a := w.enrolled("huylq")
	_, _, b := w.enrolled("lanpt")
	ctx := w.from(home, "")
	options, token, err := w.BeginAdd(w.as(ctx, a.Session))
	w.must(err)
	key := newAuthenticator(t)
	testkit.WantError(t, w.FinishAdd(w.as(ctx, b.Session), token, "", key.create(options)), errStep)
	w.must(w.add(w.as(ctx, a.Session), key, ""))
	testkit.WantError(t, w.add(w.as(ctx, b.Session), key, ""), errPasskey) // one key, one account
	own, err := w.Own(w.as(ctx, a.Session))
	w.must(err)
	if own.Passkeys[0].Label != "Chrome · Linux" {
		t.Errorf("%+v", own.Passkeys)
	}
}

// A citizen comes back by a passkey at the level of the last proof, while that is young.
func TestPasskeyLevel(t *testing.T) {
	t.Parallel()
	w := setup(t, func(c *Config) { c.Demo, c.ProofAge = true, 48*time.Hour })
	person := w.person("Nguyễn Mỹ Duyên")
	for name, level := range map[string]int{"duyen": 2, "muc1": 1} {
		w.exec(`INSERT INTO identity.account (id, person_id, kind, name, level, proven_at, created_at) VALUES ($1, $2, 'citizen', $3, $4, $5, $5)`,
			uuid.New(), person, name, level, w.clock.Now())
	}
	ctx := w.from(home, "")
	s, err := w.DemoSignIn(ctx, "muc1")
	w.must(err)
	_, _, err = w.BeginAdd(w.as(ctx, s))
	testkit.WantError(t, err, fault.Forbidden("level-2"))
	s, err = w.DemoSignIn(ctx, "duyen")
	w.must(err)
	key := newAuthenticator(t)
	w.must(w.add(w.as(ctx, s), key, ""))
	for _, tt := range []struct {
		on   time.Duration
		want int
	}{{0, 2}, {48 * time.Hour, 2}, {time.Minute, 1}} {
		w.clock.Advance(tt.on)
		s, err := w.enter(ctx, key)
		w.must(err)
		if who := actor.From(w.as(ctx, s)); who.Level != tt.want || s.Level != tt.want {
			t.Errorf("after %s: level %d", tt.on, who.Level)
		}
	}
}
