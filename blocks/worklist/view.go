package worklist

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// View is a filter kept under a name: one's own, or shared with the officials of an agency.
type View struct {
	ID     uuid.UUID
	Name   string
	Query  string // as in the address of the desk
	Agency string // "" for one's own
	Mine   bool
	At     time.Time
}

// KeepViewIn is what a view is made of.
type KeepViewIn struct {
	Client string `form:"client"`
	Name   string `form:"name"`
	Query  string `form:"query"`
	Place  string `form:"-"`      // the list it is a filter of; "" means the desk
	Shared bool   `form:"shared"` // with the agency of the post in use
}

const mostViews = 30

// KeepView keeps a filter of the desk under a name.
func (b *Block) KeepView(ctx context.Context, in KeepViewIn) error {
	in.Name = strings.TrimSpace(in.Name)
	f := fault.Fields{}
	switch n := utf8.RuneCountInString(in.Name); {
	case n == 0:
		f.Set("name", "required")
	case n > 60:
		f.Set("name", "too-long")
	}
	if _, err := url.ParseQuery(in.Query); err != nil || len(in.Query) > 1000 {
		f.Set("query", "invalid")
	}
	if f.Any() {
		return f
	}
	return b.book.Act(ctx, "worklist.view.keep", func(ctx context.Context, act *audit.Act) error {
		if act.Actor.Kind != actor.Official {
			return fault.Forbidden("worklist.desk")
		}
		id, agency := uuid.Must(uuid.NewV7()), ""
		if in.Shared {
			agency = act.Actor.Office
		}
		tag, err := act.Exec(ctx, `INSERT INTO worklist.view (id, person, agency, name, query, place, at)
			SELECT @id, @person, @agency, @name, @query, @place, @at
			WHERE (SELECT count(*) FROM worklist.view WHERE person = @person) < @most`,
			pgx.NamedArgs{"id": id, "person": act.Actor.ID, "agency": agency, "name": in.Name, "query": in.Query, "place": in.Place,
				"at": act.At, "most": mostViews})
		if err != nil {
			return fmt.Errorf("keeping the view: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return fault.Limit("worklist.views.most", "most", mostViews)
		}
		act.About("worklist.view", id)
		return nil
	}, audit.Once(in.Client, in, nil))
}

// DropView forgets one of the actor's views; a view that is not there is as forgotten as can be.
func (b *Block) DropView(ctx context.Context, id uuid.UUID) error {
	return b.book.Act(ctx, "worklist.view.drop", func(ctx context.Context, act *audit.Act) error {
		if act.Actor.Kind != actor.Official {
			return fault.Forbidden("worklist.desk")
		}
		act.About("worklist.view", id)
		act.Queue(`DELETE FROM worklist.view WHERE id = $1 AND person = $2`, id, act.Actor.ID)
		return nil
	})
}

// Views lists the actor's own views of the desk and those shared with her agencies.
func (b *Block) Views(ctx context.Context) ([]View, error) { return b.ViewsAt(ctx, "") }

// ViewsAt is Views of another list.
func (b *Block) ViewsAt(ctx context.Context, place string) ([]View, error) {
	who := actor.From(ctx)
	offices := who.Offices
	if offices == nil {
		offices = []string{}
	}
	views, err := pg.All[View](b.db.Query(ctx, `SELECT id, name, query, agency, person = $1 AS mine, at
		FROM worklist.view WHERE place = $3 AND (person = $1 OR agency <> '' AND agency = ANY($2)) ORDER BY agency <> '', at LIMIT 100`,
		who.ID, offices, place))
	if err != nil {
		return nil, fmt.Errorf("listing views: %w", err)
	}
	return views, nil
}
