package calendar

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Term is a promise that is still open, with all that its date was counted from.
type Term struct {
	Kind     string // who registered it: services.dossier
	ID       uuid.UUID
	Code     string // for people to read
	Agency   string // whose hours count
	Received time.Time
	Limit    Limit
	After    AfterPause // "" means Resume
	Pauses   []Pause
	Extended int       // working days by which the promise was put off since
	Due      time.Time // the promise made
}

// Promise counts a term: its limit with the pauses, then the days of its extension. first is the
// promise before the extension; pauses that began after it stop the days of the extension.
func (c *Calendar) Promise(t Term) (first, due Due, err error) {
	if first, err = c.Deadline(t.Received, t.Limit, cmp.Or(t.After, Resume), t.Pauses...); err != nil || t.Extended == 0 {
		return first, first, err
	}
	later := slices.DeleteFunc(slices.Clone(t.Pauses), func(p Pause) bool { return p.From.Before(first.Carry) })
	due, err = c.Deadline(first.Carry, Limit{N: t.Extended, Unit: WorkingDays}, Resume, later...)
	return first, due, err
}

// Moved is a term that another calendar would end later.
type Moved struct {
	Term
	New Due
}

// Terms reads the open terms whose due time lies on or after a day; r is a transaction while a
// calendar is being published, so that what it returns can be locked.
type Terms func(ctx context.Context, r pg.Reader, from Date) ([]Term, error)

// Move gives the terms their later dates, in the act that publishes.
type Move func(ctx context.Context, act *audit.Act, moved []Moved) error

type registration struct {
	kind  string
	terms Terms
	move  Move
}

// OnPublish registers whose promises depend on the calendar. Call it before serving.
func (b *Block) OnPublish(kind string, terms Terms, move Move) {
	b.open = append(b.open, registration{kind, terms, move})
}

// Preview lists the open terms that would end later if the draft were published: promised dates
// never move earlier. Whoever may publish may see it.
func (b *Block) Preview(ctx context.Context, draft uuid.UUID) ([]Moved, error) {
	if !mayPublish(actor.From(ctx)) {
		return nil, fault.Forbidden(PublishRight)
	}
	y, err := yearByID(ctx, b.db, draft)
	if err != nil {
		return nil, err
	}
	moved, err := b.affected(ctx, b.db, y)
	if err != nil {
		return nil, err
	}
	return slices.Concat(moved...), nil
}

func yearByID(ctx context.Context, r pg.Reader, id uuid.UUID) (Year, error) {
	y, err := pg.One[Year](r.Query(ctx, `SELECT `+yearColumns+` FROM calendar.year WHERE id = $1`, id))
	if err != nil {
		return y, err
	}
	y.Days, err = daysWhere(ctx, r, `y.id = $1`, id)
	return y, err
}

// affected asks every registration, in their order, and counts each term anew.
func (b *Block) affected(ctx context.Context, r pg.Reader, y Year) ([][]Moved, error) {
	l, err := load(ctx, r)
	if err != nil {
		return nil, err
	}
	l.days = slices.DeleteFunc(l.days, func(d Day) bool { return d.Date.Year() == y.Year })
	l.days = append(l.days, y.Days...)
	out := make([][]Moved, len(b.open))
	for i, reg := range b.open {
		terms, err := reg.terms(ctx, r, max(NewDate(y.Year-1, time.December, 1), DateOf(b.clock.Now())))
		if err != nil {
			return nil, fmt.Errorf("reading the open terms of %s: %w", reg.kind, err)
		}
		for _, t := range terms {
			c, err := l.calendar(t.Agency, Counting)
			if err != nil {
				return nil, err
			}
			_, due, err := c.Promise(t)
			if err != nil {
				return nil, fmt.Errorf("counting %s anew: %w", t.Code, err)
			}
			if due.Carry.After(t.Due) {
				out[i] = append(out[i], Moved{t, due})
			}
		}
	}
	return out, nil
}

// PublishIn publishes a draft.
type PublishIn struct {
	Draft     uuid.UUID `form:"draft"`
	Basis     string    `form:"basis"`     // the announcement: number, date, issuer
	Recompute bool      `form:"recompute"` // give open terms their later dates
	Client    string    `form:"client"`    // made when the form was shown
}

// Published says what a publication did.
type Published struct {
	Year, Version int
	Moved         int // open terms that got a later date
	Affected      int // open terms that would end later
}

// Publish puts a draft in force. The version before it stays as it was, marked as replaced.
// law: public-services.md 9 and 18.2 A12 — an authorised person publishes; promised dates never
// move earlier; the audit entry says how many were moved.
func (b *Block) Publish(ctx context.Context, in PublishIn) (Published, error) {
	in.Basis = strings.TrimSpace(in.Basis)
	f := fault.Fields{}
	if in.Basis == "" {
		f.Set("basis", "required")
	} else if len(in.Basis) > 500 {
		f.Set("basis", "too-long:500")
	}
	if f.Any() {
		return Published{}, f
	}
	var out Published
	err := b.book.Act(ctx, "calendar.year.publish", func(ctx context.Context, act *audit.Act) error {
		out = Published{}
		if !mayPublish(act.Actor) {
			return fault.Forbidden(PublishRight)
		}
		y, err := yearByID(ctx, act, in.Draft)
		if err != nil {
			return err
		}
		if err := lockYear(ctx, act, y.Year); err != nil {
			return err
		}
		if y, err = yearByID(ctx, act, in.Draft); err != nil { // as it is under the lock
			return err
		}
		if y.State != "draft" {
			return fault.Conflict("calendar.published")
		}
		moved, err := b.affected(ctx, act, y)
		if err != nil {
			return err
		}
		for i, reg := range b.open {
			out.Affected += len(moved[i])
			if in.Recompute && len(moved[i]) > 0 {
				out.Moved += len(moved[i])
				if err := reg.move(ctx, act, moved[i]); err != nil {
					return fmt.Errorf("moving the terms of %s: %w", reg.kind, err)
				}
			}
		}
		out.Year, out.Version = y.Year, y.Version
		act.About("calendar.year", y.ID)
		act.Note("year", y.Year)
		act.Note("basis", in.Basis)
		act.Note("affected", out.Affected)
		act.Note("moved", out.Moved)
		if _, err := act.Exec(ctx, `UPDATE calendar.year SET state = 'replaced' WHERE year = $1 AND state = 'published'`, y.Year); err != nil {
			return err
		}
		if _, err := act.Exec(ctx, `UPDATE calendar.day SET status = 'announced' WHERE year_id = $1`, y.ID); err != nil {
			return err
		}
		_, err = act.Exec(ctx, `WITH told AS (UPDATE calendar.revision SET n = n + 1)
			UPDATE calendar.year SET state = 'published', basis = $2, published_by = $3, published_at = $4 WHERE id = $1`,
			y.ID, in.Basis, person(act.Actor), act.At)
		return err
	}, audit.Once(in.Client, in, &out))
	if err == nil {
		b.forget()
	}
	return out, err
}
