package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Kinds of ceremony: something begun here that a person finishes within minutes.
const (
	ceremonySteps   = "steps"   // an official's sign-in after the first proof
	ceremonyPasskey = "passkey" // sign-in by a passkey
	ceremonyAdd     = "add"     // registration of a passkey
	ceremonyVNeID   = "vneid"   // a citizen on the way to the national identity and back
	ceremonyTotp    = "totp"    // a secret shown and not yet confirmed
)

const ceremonyLife = 10 * time.Minute

// tries is how often a ceremony may be answered wrongly.
const tries = 5

// errStep is told when a ceremony is unknown, used, too old or was answered wrongly too often.
var errStep = fault.Conflict("identity.step")

// begin keeps data under a token that the person's browser brings back.
func (b *Block) begin(ctx context.Context, kind string, account uuid.UUID, data any) (string, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return "", err
	}
	token, hash := newToken()
	var id *uuid.UUID
	if account != uuid.Nil {
		id = &account
	}
	_, err = b.c.Live.Exec(ctx, `INSERT INTO identity.ceremony (hash, kind, account_id, data, expires_at) VALUES ($1, $2, $3, $4, $5)`,
		hash, kind, id, raw, b.c.Clock.Now().Add(ceremonyLife))
	if err != nil {
		return "", fmt.Errorf("beginning %s: %w", kind, err)
	}
	return token, nil
}

type ceremony struct {
	AccountID *uuid.UUID
	Data      []byte
	Tries     int
}

// finish takes the ceremony away and returns what was kept: it works once.
func (b *Block) finish(ctx context.Context, kind, token string, data any) (uuid.UUID, error) {
	return b.answer(ctx, `DELETE FROM identity.ceremony WHERE hash = @hash AND kind = @kind AND expires_at > @now
		RETURNING account_id, data, tries`, kind, token, data)
}

// look returns what was kept and leaves it.
func (b *Block) look(ctx context.Context, kind, token string, data any) (uuid.UUID, error) {
	return b.answer(ctx, `SELECT account_id, data, tries FROM identity.ceremony WHERE hash = @hash AND kind = @kind AND expires_at > @now`,
		kind, token, data)
}

// try counts an answer before it is judged.
func (b *Block) try(ctx context.Context, kind, token string, data any) (uuid.UUID, error) {
	return b.answer(ctx, `UPDATE identity.ceremony SET tries = tries + 1
		WHERE hash = @hash AND kind = @kind AND expires_at > @now AND tries < @tries RETURNING account_id, data, tries`, kind, token, data)
}

func (b *Block) answer(ctx context.Context, sql, kind, token string, data any) (uuid.UUID, error) {
	hash, err := hashOf(token)
	if err != nil {
		return uuid.Nil, errStep
	}
	c, err := pg.One[ceremony](b.c.Live.Query(ctx, sql,
		pgx.NamedArgs{"hash": hash, "kind": kind, "now": b.c.Clock.Now(), "tries": tries}))
	if fault.KindOf(err) == fault.KindNotFound {
		return uuid.Nil, errStep
	}
	if err != nil {
		return uuid.Nil, err
	}
	if err := json.Unmarshal(c.Data, data); err != nil {
		return uuid.Nil, fmt.Errorf("reading a ceremony: %w", err)
	}
	if c.AccountID == nil {
		return uuid.Nil, nil
	}
	return *c.AccountID, nil
}

// keep replaces what a ceremony holds.
func (b *Block) keep(ctx context.Context, token string, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	hash, err := hashOf(token)
	if err != nil {
		return errStep
	}
	_, err = b.c.Live.Exec(ctx, `UPDATE identity.ceremony SET data = $2 WHERE hash = $1`, hash, raw)
	return err
}

// drop ends a ceremony.
func (b *Block) drop(ctx context.Context, token string) error {
	hash, err := hashOf(token)
	if err != nil {
		return errStep
	}
	_, err = b.c.Live.Exec(ctx, `DELETE FROM identity.ceremony WHERE hash = $1`, hash)
	return err
}
