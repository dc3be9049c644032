package services

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"datmui/blocks/audit"
	"datmui/kit/fault"
)

// EditIn is one saving of the version that is being prepared.
type EditIn struct {
	Procedure  string `form:"code"`
	Client     string `form:"client"`
	Rev        int    `form:"rev"` // the saving that the editor saw; 0: none has been
	Definition Definition
}

// StaleEdition says that somebody else has saved since. It is a Conflict that carries what is there
// now, so that the editor sees both and decides.
type StaleEdition struct{ Now Edition }

func (*StaleEdition) Error() string { return "the edition was saved by another editor" }
func (*StaleEdition) Unwrap() error { return fault.Conflict("services.edition") }

// Edit keeps the next version of a procedure as it is, complete or not: it is judged when it is
// published. What another editor saved meanwhile is not overwritten.
func (m *Module) Edit(ctx context.Context, in EditIn) (Edition, error) {
	var e Edition
	err := m.book.Act(ctx, "services.edition.save", func(ctx context.Context, act *audit.Act) error {
		if !mayDefine(act.Actor) {
			return fault.Forbidden("services.define")
		}
		if err := lockProcedure(ctx, act, in.Procedure); err != nil {
			return err
		}
		was, err := editionOf(ctx, act, in.Procedure)
		if err != nil {
			return err
		}
		act.About("services.procedure", in.Procedure)
		in.Definition.Code, in.Definition.Version = in.Procedure, was.Base+1
		if was.Rev != in.Rev {
			if reflect.DeepEqual(was.Definition, in.Definition) {
				e = was
				return nil
			}
			return &StaleEdition{Now: was}
		}
		e = was
		e.Rev, e.Definition, e.SavedAt, e.SavedBy, e.SavedName = was.Rev+1, in.Definition, act.At, act.Actor.ID, act.Actor.Name
		if was.Rev == 0 {
			e.BegunAt = act.At
		}
		var changed []string
		list, err := m.Changes(ctx, was.Definition, e.Definition)
		if err != nil {
			return err
		}
		for _, c := range list {
			if !slices.Contains(changed, c.Field) {
				changed = append(changed, c.Field)
			}
		}
		act.Note("changed", changed)
		act.Queue(`INSERT INTO services.edition (`+editionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (procedure) DO UPDATE SET rev = excluded.rev, definition = excluded.definition, saved_at = excluded.saved_at,
				saved_by = excluded.saved_by, saved_name = excluded.saved_name`,
			e.Procedure, e.Base, e.Rev, e.Definition, e.BegunAt, e.SavedAt, e.SavedBy, e.SavedName)
		return nil
	}, audit.Once(in.Client, in, &e))
	if err != nil {
		return Edition{}, fmt.Errorf("saving the edition of %s: %w", in.Procedure, err)
	}
	return e, nil
}

// lockProcedure lets one editor at a time write about a procedure, also before there is an edition.
func lockProcedure(ctx context.Context, act *audit.Act, code string) error {
	tag, err := act.Exec(ctx, `SELECT FROM services.procedure WHERE code = $1 FOR UPDATE`, code)
	if err == nil && tag.RowsAffected() == 0 {
		return fault.NotFound("services.procedure")
	}
	return err
}

// DropEditionIn gives up a version that is being prepared.
type DropEditionIn struct {
	Procedure string `form:"code"`
	Client    string `form:"client"`
	Rev       int    `form:"rev"`
}

// DropEdition gives up what was prepared; the version in force stays as it is.
func (m *Module) DropEdition(ctx context.Context, in DropEditionIn) error {
	return m.book.Act(ctx, "services.edition.drop", func(ctx context.Context, act *audit.Act) error {
		if !mayDefine(act.Actor) {
			return fault.Forbidden("services.define")
		}
		if err := lockProcedure(ctx, act, in.Procedure); err != nil {
			return err
		}
		was, err := editionOf(ctx, act, in.Procedure)
		switch {
		case err != nil:
			return err
		case was.Rev == 0:
			return fault.Conflict("services.no-edition")
		case was.Rev != in.Rev:
			return &StaleEdition{Now: was}
		}
		act.About("services.procedure", in.Procedure)
		act.Note("rev", was.Rev)
		act.Queue(`DELETE FROM services.edition WHERE procedure = $1`, in.Procedure)
		return nil
	}, audit.Once(in.Client, in, nil))
}
