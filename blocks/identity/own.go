package identity

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/pg"
)

// Own is what a person sees of her own account.
type Own struct {
	Account     uuid.UUID
	Name        string
	Kind        string
	Level       int // of this session
	HasPassword bool
	HasTotp     bool
	Recovery    int // unused codes
	Passkeys    []Passkey
	Sessions    []SessionInfo
	Posts       []OwnPost
	Fresh       bool // signed in recently enough to change keys
}

// OwnPost is a post the person may act from.
type OwnPost struct {
	ID      uuid.UUID
	Title   string
	Body    string
	Current bool
}

// Own shows the actor's account.
func (b *Block) Own(ctx context.Context) (Own, error) {
	a, err := b.own(ctx)
	if err != nil {
		return Own{}, err
	}
	who := actor.From(ctx)
	o := Own{Account: a.ID, Name: a.Name, Kind: a.Kind, Level: who.Level, HasPassword: a.PasswordHash != nil, HasTotp: a.TotpSecret != nil}
	if o.Recovery, err = b.RecoveryLeft(ctx, a.ID); err != nil {
		return o, err
	}
	if o.Passkeys, err = pg.All[Passkey](b.c.DB.Query(ctx, `SELECT id, label, created_at, used_at FROM identity.passkey
		WHERE account_id = @id ORDER BY created_at`, pgx.NamedArgs{"id": a.ID})); err != nil {
		return o, err
	}
	if o.Sessions, err = b.Sessions(ctx); err != nil {
		return o, err
	}
	o.Fresh = b.fresh(ctx, b.c.Live) == nil
	if a.Kind != KindOfficial {
		return o, nil
	}
	posts, err := b.c.People.PostsOf(ctx, a.PersonID)
	if err != nil {
		return o, err
	}
	now := b.c.Clock.Now()
	for _, p := range posts {
		if p.ValidFrom.After(now) || p.ValidTo != nil && !p.ValidTo.After(now) {
			continue
		}
		o.Posts = append(o.Posts, OwnPost{ID: p.ID, Title: p.Title, Body: p.Body, Current: p.ID == who.PostID})
	}
	return o, nil
}
