package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/fault"
	"datmui/kit/pg"
)

// bucket is a leaky bucket of failures: it holds burst and loses one every leak.
type bucket struct {
	key   string
	burst float64
	leak  time.Duration
}

// Failures count where they come from, never against an account as a whole: whoever guesses from
// elsewhere fills only the bucket of that elsewhere.
const (
	pairBurst, pairLeak       = 5, 3 * time.Minute    // one account from one network
	deviceBurst, deviceLeak   = 10, time.Minute       // one account on a device that has signed in before
	networkBurst, networkLeak = 100, 10 * time.Second // all accounts from one network
	guessBurst, guessLeak     = 20, time.Minute       // other secrets, such as a personal fact beside a code, from one network
	secondBurst, secondLeak   = 20, 5 * time.Minute   // codes of one account: only who knows its password gets here
)

func pairBucket(name, network string) bucket {
	return bucket{"pair " + digest(name) + " " + network, pairBurst, pairLeak}
}

func networkBucket(network string) bucket {
	return bucket{"network " + network, networkBurst, networkLeak}
}

// Guess counts a guess at a secret that is no sign-in, of the kind that what names, from the network
// the request came from. Too many are fault.Limit. right takes the guess out again: it was none.
func (b *Block) Guess(ctx context.Context, what string) (right func(context.Context) error, err error) {
	k := bucket{"guess " + what + " " + clientOf(ctx).network(), guessBurst, guessLeak}
	err = b.take(ctx, k)
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind == fault.KindLimit {
		return nil, fault.Limit("identity.guesses", e.Args...)
	}
	return func(ctx context.Context) error { return b.giveBack(ctx, k) }, err
}

// secondBucket counts wrong codes: for all strange devices together, or for one known device.
func secondBucket(account uuid.UUID, device []byte) bucket {
	return bucket{"second " + account.String() + " " + hex.EncodeToString(device), secondBurst, secondLeak}
}

// digest keeps typed names, which may be mistyped passwords, out of the table.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:12])
}

const leaked = `greatest(0, a.level - extract(epoch FROM @now::timestamptz - a.at)::float8 / @leak)`

func (b *Block) args(k bucket) pgx.NamedArgs {
	return pgx.NamedArgs{"key": k.key, "now": b.c.Clock.Now(), "leak": k.leak.Seconds(), "burst": k.burst}
}

// take puts one into the bucket before the attempt, so that many at once do not slip through. A
// full bucket is a Limit that says how long to wait.
func (b *Block) take(ctx context.Context, k bucket) error {
	var level float64
	err := b.c.Live.QueryRow(ctx, `
		INSERT INTO identity.attempt AS a (key, level, at) VALUES (@key, 1, @now)
		ON CONFLICT (key) DO UPDATE SET level = `+leaked+` + 1, at = @now
		WHERE `+leaked+` + 1 <= @burst
		RETURNING a.level`, b.args(k)).Scan(&level)
	if errors.Is(err, pgx.ErrNoRows) {
		return b.full(ctx, k)
	}
	return err
}

// giveBack takes one out again: the attempt was no failure.
func (b *Block) giveBack(ctx context.Context, k bucket) error {
	_, err := b.c.Live.Exec(ctx, `UPDATE identity.attempt a SET level = greatest(0, a.level - 1) WHERE key = $1`, k.key)
	return err
}

// add counts a failure that has happened, full or not.
func (b *Block) add(ctx context.Context, k bucket) error {
	_, err := b.c.Live.Exec(ctx, `
		INSERT INTO identity.attempt AS a (key, level, at) VALUES (@key, 1, @now)
		ON CONFLICT (key) DO UPDATE SET level = least(@burst, `+leaked+` + 1), at = @now`, b.args(k))
	return err
}

// full refuses when the bucket holds no further failure.
func (b *Block) full(ctx context.Context, k bucket) error {
	level, err := pg.Values[float64](b.c.Live.Query(ctx, `SELECT `+leaked+` FROM identity.attempt a WHERE key = @key`, b.args(k)))
	if err != nil || len(level) == 0 || level[0]+1 <= k.burst {
		return err
	}
	wait := time.Duration((level[0] + 1 - k.burst) * float64(k.leak))
	return fault.Limit("identity.too-often", "n", int(math.Ceil(wait.Minutes())))
}

// familiar is what is known about the machine for an account.
type familiar struct {
	device  []byte // hash of the device token, when this account has signed in on it before
	network bool   // this account has signed in from this network before
}

func (b *Block) familiar(ctx context.Context, account uuid.UUID) (familiar, error) {
	c := clientOf(ctx)
	device, err := hashOf(c.Device)
	if err != nil {
		device = nil
	}
	seen, err := pg.Values[string](b.c.Live.Query(ctx, `SELECT what FROM identity.known WHERE account_id = $1 AND what = ANY($2)`,
		account, []string{deviceKey(device), "network " + c.network()}))
	if err != nil {
		return familiar{}, err
	}
	var f familiar
	for _, what := range seen {
		if what == deviceKey(device) && device != nil {
			f.device = device
		} else {
			f.network = true
		}
	}
	return f, nil
}

func deviceKey(hash []byte) string { return "device " + hex.EncodeToString(hash) }

// Unlock forgets the failures counted for a sign-in name, wherever they came from. There is no
// lock on accounts; this helps a person who has mistyped too often.
func (b *Block) Unlock(ctx context.Context, name string) error {
	a, err := accountByName(ctx, b.c.DB, cleanName(name))
	if err != nil {
		return gone(err, "account")
	}
	_, err = b.c.Live.Exec(ctx, `DELETE FROM identity.attempt WHERE key LIKE $1 OR key LIKE $2`,
		"pair "+digest(a.Name)+" %", "second "+a.ID.String()+" %")
	return err
}
