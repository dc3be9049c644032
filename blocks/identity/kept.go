package identity

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// What a person sends after her session has ended is kept for her alone: bound to the account whose
// session it was and to the browser that sent it. Nothing of it stands in a cookie.
const (
	keptLife  = 24 * time.Hour  // how long it waits, and how long an ended session still says whose it was
	keptAgain = 2 * time.Minute // how long it stays for a second click after it went through
	keptMost  = 5               // of one account; the oldest makes room
	keptPart  = 1 << 20         // bytes of a row
)

// Kept is a form as it was sent.
type Kept struct {
	ID     uuid.UUID
	Action string // where it was sent
	Back   string // the page it stands on
	Type   string // media type of the body, with its boundary
	Files  bool   // it brings files along
	At     time.Time
}

const keptColumns = `id, action, back, type, files, at`

// Keep stores what somebody sent under the cookie of a session that has ended, as it comes. A token
// of no such session is fault.SignIn: nobody knows whose it is, and it is not kept.
func (b *Block) Keep(ctx context.Context, token string, browser uuid.UUID, k Kept, body io.Reader) error {
	hash, err := hashOf(token)
	if err != nil {
		return errSession
	}
	now := b.c.Clock.Now()
	account, err := pg.Value[uuid.UUID](b.c.Live.Query(ctx, `SELECT s.account_id FROM identity.session s JOIN identity.account a ON a.id = s.account_id
		WHERE s.hash = $1 AND a.state = 'active' AND least(s.seen_at + s.idle, s.ends_at) > $2`, hash, now.Add(-keptLife)))
	if fault.KindOf(err) == fault.KindNotFound {
		return errSession
	} else if err != nil {
		return fmt.Errorf("asking whose an ended session was: %w", err)
	}
	k.ID = uuid.Must(uuid.NewV7())
	if _, err := b.c.Live.Exec(ctx, `INSERT INTO identity.kept (id, account_id, browser, action, back, type, files, at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, k.ID, account, browser, k.Action, k.Back, k.Type, k.Files, now, now.Add(keptLife)); err != nil {
		return fmt.Errorf("keeping a form: %w", err)
	}
	if err := b.keepBody(ctx, k.ID, body); err != nil {
		_, _ = b.c.Live.Exec(context.WithoutCancel(ctx), `DELETE FROM identity.kept WHERE id = $1`, k.ID)
		return fmt.Errorf("keeping a form: %w", err)
	}
	// The newest few stay; each part was written on its own, so that a slow line holds no transaction.
	_, err = b.c.Live.Exec(ctx, `WITH arrived AS (UPDATE identity.kept SET whole = true WHERE id = $1)
		DELETE FROM identity.kept WHERE account_id = $2 AND id IN (
			SELECT id FROM identity.kept WHERE account_id = $2 AND id <> $1 ORDER BY at DESC, id DESC OFFSET $3)`, k.ID, account, keptMost-1)
	return err
}

func (b *Block) keepBody(ctx context.Context, id uuid.UUID, body io.Reader) error {
	part := make([]byte, keptPart)
	for n := 0; ; n++ {
		size, err := io.ReadFull(body, part)
		if size > 0 {
			if _, err := b.c.Live.Exec(ctx, `INSERT INTO identity.kept_part (kept, n, bytes) VALUES ($1, $2, $3)`, id, n, part[:size]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// keptOwn is the account for which a session keeps: the actor's, or the one that is being opened.
const keptOwn = `account_id = (SELECT account_id FROM identity.session WHERE id = @session) AND browser = @browser AND whole AND expires_at > @now`

func (b *Block) keptArgs(session, browser uuid.UUID) pgx.NamedArgs {
	return pgx.NamedArgs{"session": session, "browser": browser, "now": b.c.Clock.Now()}
}

// KeptForms lists what the actor sent from this browser after an earlier session had ended, the
// oldest first; what went through since is not among it.
func (b *Block) KeptForms(ctx context.Context, browser uuid.UUID) ([]Kept, error) {
	return pg.All[Kept](b.c.Live.Query(ctx, `SELECT `+keptColumns+` FROM identity.kept WHERE `+keptOwn+` AND NOT sent ORDER BY at, id`,
		b.keptArgs(actor.From(ctx).Session, browser)))
}

// KeptFor says whether something waits for who has just signed in with this token.
func (b *Block) KeptFor(ctx context.Context, token string, browser uuid.UUID) (bool, error) {
	hash, err := hashOf(token)
	if err != nil {
		return false, err
	}
	args := b.keptArgs(uuid.Nil, browser)
	args["hash"] = hash
	return pg.Value[bool](b.c.Live.Query(ctx, `SELECT EXISTS (SELECT FROM identity.kept WHERE NOT sent AND whole AND browser = @browser AND expires_at > @now
		AND account_id = (SELECT account_id FROM identity.session WHERE hash = @hash))`, args))
}

// OpenKept gives one of the actor's kept forms with its body. Another's does not exist for her.
func (b *Block) OpenKept(ctx context.Context, id, browser uuid.UUID) (Kept, io.Reader, error) {
	args := b.keptArgs(actor.From(ctx).Session, browser)
	args["id"] = id
	k, err := pg.One[Kept](b.c.Live.Query(ctx, `SELECT `+keptColumns+` FROM identity.kept WHERE id = @id AND `+keptOwn, args))
	if fault.KindOf(err) == fault.KindNotFound {
		return Kept{}, nil, fault.NotFound("page")
	} else if err != nil {
		return Kept{}, nil, err
	}
	return k, &keptBody{ctx: ctx, b: b, id: id}, nil
}

// keptBody reads a body part by part.
type keptBody struct {
	ctx  context.Context
	b    *Block
	id   uuid.UUID
	n    int
	left []byte
}

func (k *keptBody) Read(p []byte) (int, error) {
	if len(k.left) == 0 {
		part, err := pg.Value[[]byte](k.b.c.Live.Query(k.ctx, `SELECT bytes FROM identity.kept_part WHERE kept = $1 AND n = $2`, k.id, k.n))
		if fault.KindOf(err) == fault.KindNotFound {
			return 0, io.EOF
		} else if err != nil {
			return 0, err
		}
		k.left, k.n = part, k.n+1
	}
	n := copy(p, k.left)
	k.left = k.left[n:]
	return n, nil
}

// KeptSent notes that a form went through. It stays for a moment, for who clicks twice: the act
// itself knows the second sending.
func (b *Block) KeptSent(ctx context.Context, id, browser uuid.UUID) error {
	args := b.keptArgs(actor.From(ctx).Session, browser)
	args["id"], args["again"] = id, b.c.Clock.Now().Add(keptAgain)
	_, err := b.c.Live.Exec(ctx, `UPDATE identity.kept SET sent = true, expires_at = least(expires_at, @again) WHERE id = @id AND NOT sent AND `+keptOwn, args)
	return err
}

// DropKept forgets a form that its sender no longer wants.
func (b *Block) DropKept(ctx context.Context, id, browser uuid.UUID) error {
	args := b.keptArgs(actor.From(ctx).Session, browser)
	args["id"] = id
	_, err := b.c.Live.Exec(ctx, `DELETE FROM identity.kept WHERE id = @id AND `+keptOwn, args)
	return err
}
