package directory

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// MergeIn lets one body take over others on a day.
type MergeIn struct {
	Client string   `form:"client"`
	From   []string `form:"from"` // ids of the bodies that end
	Into   string   `form:"into"` // id of the body that goes on; it must be in force on the day
	On     string   `form:"on"`   // first day of the new state
	Basis  string   `form:"basis"`
}

// Merge ends bodies on a day and moves their people into the successor, where the heads of the
// bodies that end become deputies. The history of each body, post and person stays readable.
func (b *Block) Merge(ctx context.Context, in MergeIn) error {
	f := fault.Fields{}
	on := requiredDay(f, "on", in.On)
	required(f, "into", in.Into)
	required(f, "basis", in.Basis)
	limited(f, "basis", in.Basis, 200)
	if len(in.From) == 0 || slices.Contains(in.From, in.Into) {
		f.Set("from", "required")
	}
	if f.Any() {
		return f
	}
	return b.book.Act(ctx, "directory.agency.merge", func(ctx context.Context, act *audit.Act) error {
		if !mayManageAll(act.Actor) {
			return fault.Forbidden("directory.manage")
		}
		into, err := agencyOn(ctx, act, in.Into, on)
		if fault.KindOf(err) == fault.KindNotFound {
			return fault.Fields{"into": "directory.agency-not-then"}
		} else if err != nil {
			return err
		}
		act.About("directory.agency", into.ID)
		act.Note("from", in.From)
		act.Note("on", on.Format(time.DateOnly))
		for _, id := range in.From {
			if err := mergeOne(ctx, act, id, in.Into, on, strings.TrimSpace(in.Basis)); err != nil {
				return err
			}
		}
		return nil
	}, onceIf(in.Client, in, &struct{}{})...)
}

type movingPost struct {
	ID        uuid.UUID
	PersonID  uuid.UUID
	Position  string
	Title     string
	ValidFrom time.Time
}

// mergeOne ends one body on a day and carries its open posts over.
func mergeOne(ctx context.Context, act *audit.Act, from, into string, on time.Time, basis string) error {
	tag, err := act.Exec(ctx, `
		UPDATE directory.agency_version SET valid_to = $2
		WHERE agency_id = $1 AND valid_to IS NULL AND valid_from < $2`, from, on)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return fault.Fields{"from": "directory.agency-not-then"}
	}
	open, err := pg.Value[bool](act.Query(ctx, `
		SELECT EXISTS (SELECT FROM directory.agency_version WHERE parent = @from AND valid_to IS NULL)`, pgx.NamedArgs{"from": from}))
	if err != nil {
		return err
	}
	if open {
		return fault.Conflict("directory.has-children")
	}
	if _, err := act.Exec(ctx, `INSERT INTO directory.agency_successor (old_id, new_id, day, basis) VALUES ($1, $2, $3, $4)`,
		from, into, on, basis); err != nil {
		return err
	}
	posts, err := pg.All[movingPost](act.Query(ctx, `
		SELECT p.id, p.person_id, p.position, p.title, p.valid_from FROM directory.post p
		WHERE p.agency_id = @from AND p.valid_to IS NULL ORDER BY p.rank, p.id FOR UPDATE`, pgx.NamedArgs{"from": from}))
	if err != nil {
		return err
	}
	for _, p := range posts {
		if err := p.move(ctx, act, into, on, basis); err != nil {
			return err
		}
	}
	act.Note(from, len(posts))
	return nil
}

// move ends a post by merger and opens the same one in the successor; a head becomes a deputy
// there. Who already holds that post in the successor keeps one.
func (p movingPost) move(ctx context.Context, act *audit.Act, into string, on time.Time, basis string) error {
	if !p.ValidFrom.Before(on) { // it would have begun on the day or later: it begins there instead
		_, err := act.Exec(ctx, `UPDATE directory.post SET agency_id = $2 WHERE id = $1`, p.ID, into)
		return err
	}
	if _, err := act.Exec(ctx, `UPDATE directory.post SET valid_to = $2, reason = 'merger' WHERE id = $1`, p.ID, on); err != nil {
		return err
	}
	if _, err := act.Exec(ctx, `
		UPDATE directory.delegation SET valid_to = greatest($2, valid_from + 1)
		WHERE giver_post = $1 AND ended_at IS NULL AND valid_to > $2`, p.ID, on); err != nil {
		return err
	}
	position, title := p.Position, p.Title
	if position == Leader {
		position, title = Deputy, ""
	}
	_, err := openPost(ctx, act, p.PersonID, into, position, title, on, basis)
	if fault.KindOf(err) == fault.KindConflict {
		return nil
	}
	return err
}
