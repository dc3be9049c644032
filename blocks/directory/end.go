package directory

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// EndIn ends one post.
type EndIn struct {
	Post   uuid.UUID `form:"post"`
	On     string    `form:"on"`     // first day without it
	Reason string    `form:"reason"` // required: it stands in the history
}

// End closes a post on a day. The actor manages the agency and holds whatever governing rights
// the post has; the last administrator of the province stays.
func (b *Block) End(ctx context.Context, in EndIn) error {
	f := fault.Fields{}
	on := requiredDay(f, "on", in.On)
	required(f, "reason", in.Reason)
	limited(f, "reason", in.Reason, 200)
	if f.Any() {
		return f
	}
	return b.book.Act(ctx, "directory.post.end", func(ctx context.Context, act *audit.Act) error {
		p, err := postIn(ctx, act, in.Post, "FOR UPDATE OF p")
		if err != nil {
			return err
		}
		act.About("directory.post", p.ID, p.Person)
		return endPost(ctx, act, act.Actor, p, on, strings.TrimSpace(in.Reason))
	})
}

// endPost closes an open post whose row is locked.
func endPost(ctx context.Context, tx pg.Execer, a actor.Actor, p Post, on time.Time, reason string) error {
	if !mayManage(a, p.Agency) {
		return fault.Forbidden("directory.manage")
	}
	powers, err := powersOf(ctx, tx, p.Position, on)
	if err != nil {
		return err
	}
	if err := mayGrant(a, uuid.Nil, p.Agency, powers); err != nil {
		return err
	}
	switch {
	case p.ValidTo != nil:
		return fault.Conflict("directory.post-ended")
	case !on.After(p.ValidFrom):
		return fault.Fields{"on": "before-start"}
	}
	if p.Position == ProvinceAdmin {
		// Two administrators who remove each other at the same moment come one after the other: row
		// locks would have each wait for the other's.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('directory.last-admin'))`); err != nil {
			return err
		}
		another, err := pg.Value[bool](tx.Query(ctx, `
			SELECT EXISTS (SELECT FROM directory.post WHERE position = @position AND valid_to IS NULL AND id <> @id AND valid_from <= @on)`,
			pgx.NamedArgs{"position": ProvinceAdmin, "id": p.ID, "on": on}))
		if err != nil {
			return err
		}
		if !another {
			return fault.Conflict("directory.last-admin")
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE directory.post SET valid_to = $2, reason = $3 WHERE id = $1`, p.ID, on, reason); err != nil {
		return err
	}
	// What was lent from the post ends with it.
	_, err = tx.Exec(ctx, `
		UPDATE directory.delegation SET valid_to = greatest($2, valid_from + 1)
		WHERE giver_post = $1 AND ended_at IS NULL AND valid_to > $2`, p.ID, on)
	return err
}

// LeaveIn ends all posts of a person.
type LeaveIn struct {
	Person uuid.UUID `form:"person"`
	On     string    `form:"on"`
	Reason string    `form:"reason"`
}

// Leave records that an official leaves the service on a day: every open post ends. The actor
// manages all the agencies concerned.
func (b *Block) Leave(ctx context.Context, in LeaveIn) error {
	f := fault.Fields{}
	on := requiredDay(f, "on", in.On)
	required(f, "reason", in.Reason)
	limited(f, "reason", in.Reason, 200)
	if f.Any() {
		return f
	}
	return b.book.Act(ctx, "directory.person.leave", func(ctx context.Context, act *audit.Act) error {
		posts, err := openPosts(ctx, act, in.Person)
		if err != nil {
			return err
		}
		if len(posts) == 0 {
			return fault.Conflict("directory.no-post")
		}
		act.About("directory.person", in.Person, in.Person)
		for _, p := range posts {
			if err := endPost(ctx, act, act.Actor, p, on, strings.TrimSpace(in.Reason)); err != nil {
				return err
			}
		}
		return nil
	})
}

func openPosts(ctx context.Context, r pg.Reader, person uuid.UUID) ([]Post, error) {
	ids, err := pg.Values[uuid.UUID](r.Query(ctx, `
		SELECT id FROM directory.post WHERE person_id = @person AND valid_to IS NULL ORDER BY id FOR UPDATE`,
		pgx.NamedArgs{"person": person}))
	if err != nil {
		return nil, err
	}
	posts := make([]Post, 0, len(ids))
	for _, id := range ids {
		p, err := postIn(ctx, r, id, "")
		if err != nil {
			return nil, err
		}
		posts = append(posts, p)
	}
	return posts, nil
}
