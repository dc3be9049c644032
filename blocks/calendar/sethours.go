package calendar

import (
	"context"
	"fmt"
	"strings"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// HoursIn sets hours from a day on.
type HoursIn struct {
	Agency string // "" is everybody without hours of their own
	Use    Use
	From   Date
	Week   Week
	Basis  string // the decision or notice
}

func (in HoursIn) check() error {
	f := fault.Fields{}
	if in.Use != Counting && in.Use != Reception {
		f.Set("use", "invalid")
	}
	if in.From < first || in.From >= end {
		f.Set("from", "out-of-range")
	}
	if strings.TrimSpace(in.Basis) == "" {
		f.Set("basis", "required")
	}
	if _, err := Build(Rules{Hours: []Hours{{Week: in.Week}}}); err != nil {
		f.Set("week", "invalid")
	}
	return f.Err()
}

// SetHours sets the hours of an agency for a use. Hours that have begun to hold stay as they
// were: what was promised under them must remain explainable.
func (b *Block) SetHours(ctx context.Context, in HoursIn) error {
	if err := in.check(); err != nil {
		return err
	}
	err := b.book.Act(ctx, "calendar.hours.set", func(ctx context.Context, act *audit.Act) error {
		if !mayPublish(act.Actor) {
			return fault.Forbidden(PublishRight)
		}
		if in.From <= DateOf(act.At) && act.Actor.Kind != actor.System {
			return fault.Fields{"from": "must-be-future"}
		}
		act.About("calendar.hours", fmt.Sprintf("%s/%s/%s", in.Agency, in.Use, in.From))
		act.Note("week", weekTexts(in.Week))
		return putHours(ctx, act, in)
	})
	if err == nil {
		b.forget()
	}
	return err
}

func weekTexts(w Week) []string {
	out := make([]string, len(w))
	for i, s := range w {
		out[i] = s.String()
	}
	return out
}

func putHours(ctx context.Context, act *audit.Act, in HoursIn) error {
	_, err := act.Exec(ctx, `WITH told AS (UPDATE calendar.revision SET n = n + 1)
		INSERT INTO calendar.hours (agency, use, valid_from, week, basis, set_by, set_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (agency, use, valid_from) DO UPDATE SET week = excluded.week, basis = excluded.basis, set_by = excluded.set_by, set_at = excluded.set_at`,
		in.Agency, in.Use, in.From, weekTexts(in.Week), in.Basis, person(act.Actor), act.At)
	if err != nil {
		return fmt.Errorf("setting the hours: %w", err)
	}
	return nil
}

// Opening lists the hours rows of an agency ("" for everybody's) in order of time.
func (b *Block) Opening(ctx context.Context, agency string, use Use) ([]Hours, error) {
	rows, err := pg.All[hoursRow](b.db.Query(ctx, `SELECT agency, use, valid_from, week FROM calendar.hours
		WHERE agency = $1 AND use = $2 ORDER BY valid_from`, agency, use))
	if err != nil {
		return nil, fmt.Errorf("reading the hours: %w", err)
	}
	out := make([]Hours, len(rows))
	for i, r := range rows {
		if out[i], err = r.hours(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// OwnHours is a row of hours with whom it is for.
type OwnHours struct {
	Agency string // "" is everybody without hours of their own
	Use    Use
	Hours
	Basis string
}

// AllHours lists every row of hours, everybody's first, of each body the newest first; at most 500.
func (b *Block) AllHours(ctx context.Context) ([]OwnHours, error) {
	type row struct {
		hoursRow
		Basis string
	}
	rows, err := pg.All[row](b.db.Query(ctx, `SELECT agency, use, valid_from, week, basis FROM calendar.hours
		ORDER BY agency, use, valid_from DESC LIMIT 500`))
	if err != nil {
		return nil, fmt.Errorf("reading all hours: %w", err)
	}
	out := make([]OwnHours, len(rows))
	for i, r := range rows {
		h, err := r.hours()
		if err != nil {
			return nil, err
		}
		out[i] = OwnHours{r.Agency, r.Use, h, r.Basis}
	}
	return out, nil
}
