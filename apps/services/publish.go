package services

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/kit/clock"
	"datmui/kit/fault"
)

// PublishIn brings the version that was prepared into force.
type PublishIn struct {
	Procedure string `form:"code"`
	Client    string `form:"client"`
	Rev       int    `form:"rev"`    // the saving that the editor looked at
	From      string `form:"from"`   // first day, today or later
	Reason    string `form:"reason"` // the decision or law that asks for it
}

// PublishFields says that a definition cannot be published, with what is wrong in it by field.
type PublishFields struct{ Wrong fault.Fields }

func (*PublishFields) Error() string { return "the definition is not fit to be published" }
func (*PublishFields) Unwrap() error { return fault.Conflict("services.edition-faults") }

// Publish makes the prepared version the one in force from a day on. What was filed before keeps its
// version; the past is never changed.
// law: public-services.md 2 — fact 5: the dossier pins the version; 18.2 A11.
func (m *Module) Publish(ctx context.Context, in PublishIn) (version int, err error) {
	if f := checkFrom(in.From, in.Reason); f.Any() {
		return 0, f
	}
	err = m.book.Act(ctx, "services.procedure.publish", func(ctx context.Context, act *audit.Act) error {
		if !mayDefine(act.Actor) {
			return fault.Forbidden("services.define")
		}
		if err := lockProcedure(ctx, act, in.Procedure); err != nil {
			return err
		}
		e, err := editionOf(ctx, act, in.Procedure)
		switch {
		case err != nil:
			return err
		case e.Rev == 0:
			return fault.Conflict("services.no-edition")
		case e.Rev != in.Rev:
			return &StaleEdition{Now: e}
		}
		if wrong := m.CheckDefinition(ctx, e.Definition); wrong.Any() {
			return &PublishFields{wrong}
		}
		act.Queue(`DELETE FROM services.edition WHERE procedure = $1`, in.Procedure)
		version, err = m.bringIn(ctx, act, e.Definition, in.From, in.Reason)
		return err
	}, audit.Once(in.Client, in, &version))
	if err != nil {
		return 0, fmt.Errorf("publishing %s: %w", in.Procedure, err)
	}
	m.changed()
	return version, m.forms.Refresh(ctx) // what was asked anew
}

func checkFrom(from, reason string) fault.Fields {
	f := fault.Fields{}
	if _, err := calendar.ParseDate(from); err != nil {
		f.Set("from", "date")
	}
	switch {
	case strings.TrimSpace(reason) == "":
		f.Set("reason", "required")
	case len(reason) > 1000:
		f.Set("reason", "too-long:1000")
	}
	return f
}

// bringIn writes a version that follows the latest one. It neither begins in the past nor before a
// version that is there already, which would then never count.
func (m *Module) bringIn(ctx context.Context, act *audit.Act, d Definition, from, reason string) (int, error) {
	before, err := latest(ctx, act, d.Code)
	if err != nil {
		return 0, err
	}
	today := act.At.In(clock.Vietnam).Format(time.DateOnly)
	switch {
	case from < today:
		return 0, fault.Fields{"from": "today"}
	case from < before.ValidFrom.Format(time.DateOnly):
		return 0, fault.Fields{"from": "after-latest"}
	}
	list, err := m.Changes(ctx, before.Definition, d) // before its questions are a version that only this act knows
	if err != nil {
		return 0, err
	}
	if d, err = m.publishQuestions(ctx, act, d, from); err != nil {
		return 0, err
	}
	d.Version, d.ValidFrom = before.Version+1, from
	complete := len(m.Missing(d)) == 0
	act.About("services.procedure", d.Code)
	act.Note("version", d.Version)
	act.Note("from", from)
	act.Note("reason", reason)
	var changed []string
	for _, c := range list {
		if !slices.Contains(changed, c.Field) {
			changed = append(changed, c.Field)
		}
	}
	act.Note("changed", changed)
	_, err = act.Exec(ctx, `INSERT INTO services.version (procedure, version, valid_from, definition, complete, published_at, published_by, published_name, reason)
		VALUES ($1, $2, $3, $4, $5, $6, nullif($7, $8::uuid), $9, $10)`, d.Code, d.Version, from, d, complete, act.At, act.Actor.ID, uuid.Nil, act.Actor.Name, reason)
	if err != nil {
		return 0, err
	}
	return d.Version, m.openThose(ctx, act)
}
