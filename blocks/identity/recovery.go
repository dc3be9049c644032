package identity

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/pg"
)

// codeLetters are those of recovery codes: none that is mistaken for another on paper.
const codeLetters = "abcdefghjkmnpqrstuvwxyz23456789"

const recoveryCount = 10

// newRecovery replaces an account's recovery codes; they are shown once and kept as hashes.
func (b *Block) newRecovery(ctx context.Context, act *audit.Act, account uuid.UUID) ([]string, error) {
	if _, err := act.Exec(ctx, `DELETE FROM identity.recovery WHERE account_id = $1`, account); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCount)
	hashes := make([][]byte, recoveryCount)
	for i := range codes {
		raw := make([]byte, 0, 10)
		for len(raw) < cap(raw) {
			var one [1]byte
			_, _ = rand.Read(one[:])              // never fails since Go 1.24
			if int(one[0]) < 8*len(codeLetters) { // the rest would make some codeLetters likelier
				raw = append(raw, codeLetters[int(one[0])%len(codeLetters)])
			}
		}
		codes[i] = string(raw[:5]) + "-" + string(raw[5:])
		hashes[i] = b.keys.recovery(account[:], cleanRecovery(codes[i]))
	}
	_, err := act.Exec(ctx, `INSERT INTO identity.recovery (account_id, hash, created_at) SELECT $1, unnest($2::bytea[]), $3`, account, hashes, act.At)
	return codes, err
}

// cleanRecovery reads a code as it was written down: case, spaces and dashes do not matter.
func cleanRecovery(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(codeLetters, r) {
			return r
		}
		return -1
	}, strings.ToLower(s))
}

// NewRecovery gives the actor new recovery codes; the old ones work no longer.
func (b *Block) NewRecovery(ctx context.Context) ([]string, error) {
	a, err := b.own(ctx)
	if err != nil {
		return nil, err
	}
	var codes []string
	err = b.c.Book.Act(ctx, "identity.recovery.new", func(ctx context.Context, act *audit.Act) error {
		act.About("identity.account", a.ID, a.PersonID)
		if err := b.fresh(ctx, act); err != nil {
			return err
		}
		if a.Kind != KindOfficial || a.TotpSecret == nil {
			return errStep
		}
		codes, err = b.newRecovery(ctx, act, a.ID)
		return err
	})
	return codes, err
}

// RecoveryLeft counts the actor's unused recovery codes.
func (b *Block) RecoveryLeft(ctx context.Context, account uuid.UUID) (int, error) {
	return pg.Value[int](b.c.DB.Query(ctx, `SELECT count(*)::int FROM identity.recovery WHERE account_id = @id AND used_at IS NULL`,
		pgx.NamedArgs{"id": account}))
}
