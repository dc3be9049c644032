package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/fault"
)

type once struct {
	client string
	in     any
	out    any
}

// Once makes an act safe to send twice: by the same actor, act and client id the second send gets
// the first answer in out; the same id with another input is a Conflict. client is made by the
// form when it is shown (8–100 characters); out points to the answer, which fn fills.
func Once(client string, in, out any) Option {
	return func(o *options) { o.once = &once{client, in, out} }
}

func (o *once) digest() ([]byte, error) {
	b, err := json.Marshal(o.in)
	if err != nil {
		return nil, fmt.Errorf("hashing the input: %w", err)
	}
	sum := sha256.Sum256(b)
	return sum[:], nil
}

func (o *once) insert(act *Act) (string, []any, error) {
	digest, err := o.digest()
	if err != nil {
		return "", nil, err
	}
	answer, err := json.Marshal(o.out)
	if err != nil {
		return "", nil, fmt.Errorf("keeping the answer: %w", err)
	}
	return `INSERT INTO audit.once (actor, act, client, input, answer, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		[]any{act.Actor.ID, act.Name, o.client, digest, answer, act.At}, nil
}

// recall looks for the first answer of an earlier send.
func (b *Book) recall(ctx context.Context, name string, o *once) (bool, error) {
	digest, err := o.digest()
	if err != nil {
		return false, err
	}
	var input, answer []byte
	err = b.db.QueryRow(ctx, `SELECT input, answer FROM audit.once WHERE actor = $1 AND act = $2 AND client = $3`,
		actor.From(ctx).ID, name, o.client).Scan(&input, &answer)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("looking for the first answer: %w", err)
	case !bytes.Equal(input, digest):
		return false, fault.Conflict("once.other-input")
	}
	if o.out == nil {
		return true, nil
	}
	return true, json.Unmarshal(answer, o.out)
}

// NewClient makes a client id for a form.
func NewClient() string { return uuid.NewString() }
