package calendar

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Year is a version of a year's days.
type Year struct {
	ID          uuid.UUID
	Year        int
	Version     int
	State       string // draft, published, replaced
	Basis       string // the announcement it rests on
	PublishedAt *time.Time
	PublishedBy *uuid.UUID
	Days        []Day `db:"-"`
}

const yearColumns = `id, year, version, state, basis, published_at, published_by`

// Years lists the versions of a year, newest first, with their days.
func (b *Block) Years(ctx context.Context, year int) ([]Year, error) {
	return years(ctx, b.db, year)
}

func years(ctx context.Context, r pg.Reader, year int) ([]Year, error) {
	list, err := pg.All[Year](r.Query(ctx, `SELECT `+yearColumns+` FROM calendar.year WHERE year = $1 ORDER BY version DESC`, year))
	if err != nil {
		return nil, fmt.Errorf("reading the versions of %d: %w", year, err)
	}
	for i := range list {
		if list[i].Days, err = daysWhere(ctx, r, `y.id = $1`, list[i].ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// DraftIn asks for a draft of a year, or changes it.
type DraftIn struct {
	Year int
	Days []Day // nil: what is published, else what the rule proposes
}

func (in DraftIn) check() error {
	f := fault.Fields{}
	if in.Year < 2000 || in.Year > 2059 {
		f.Set("year", "out-of-range")
	}
	seen := map[Date]bool{}
	for i, d := range in.Days {
		name := fmt.Sprintf("days.%d.date", i)
		switch {
		case d.Date == 0 || d.Date.Year() != in.Year:
			f.Set(name, "not-in-year")
		case seen[d.Date]:
			f.Set(name, "twice")
		case d.Kind != Statutory && d.For == 0:
			f.Set(fmt.Sprintf("days.%d.for", i), "required")
		case d.check() != nil:
			f.Set(name, "invalid")
		case !slices.Contains([]string{"announced", "computed"}, d.Status):
			f.Set(fmt.Sprintf("days.%d.status", i), "invalid")
		}
		seen[d.Date] = true
	}
	return f.Err()
}

// Draft begins a draft of a year, or puts other days into it. Nothing counts on it while a
// published version is there.
func (b *Block) Draft(ctx context.Context, in DraftIn) (Year, error) {
	if err := in.check(); err != nil {
		return Year{}, err
	}
	var y Year
	err := b.book.Act(ctx, "calendar.year.draft", func(ctx context.Context, act *audit.Act) error {
		if !mayPublish(act.Actor) {
			return fault.Forbidden(PublishRight)
		}
		if err := lockYear(ctx, act, in.Year); err != nil {
			return err
		}
		list, err := years(ctx, act, in.Year)
		if err != nil {
			return err
		}
		days := in.Days
		if days == nil {
			days = Propose(in.Year)
			if i := slices.IndexFunc(list, func(v Year) bool { return v.State == "published" }); i >= 0 {
				days = list[i].Days
			}
		}
		y = Year{Year: in.Year, Version: 1, State: "draft"}
		switch {
		case len(list) > 0 && list[0].State == "draft":
			y = list[0]
			if _, err := act.Exec(ctx, `DELETE FROM calendar.day WHERE year_id = $1`, y.ID); err != nil {
				return err
			}
		default:
			if len(list) > 0 {
				y.Version = list[0].Version + 1
			}
			y.ID = uuid.Must(uuid.NewV7())
			if _, err := act.Exec(ctx, `INSERT INTO calendar.year (id, year, version, state, drafted_by, drafted_at)
				VALUES ($1, $2, $3, 'draft', $4, $5)`, y.ID, y.Year, y.Version, person(act.Actor), act.At); err != nil {
				return fmt.Errorf("drafting %d: %w", in.Year, err)
			}
		}
		y.Days = days
		act.About("calendar.year", y.ID)
		act.Note("year", y.Year)
		act.Note("days", len(days))
		return putDays(ctx, act, y.ID, days, true)
	})
	if err == nil {
		b.forget()
	}
	return y, err
}

// lockYear lets one person at a time change a year, also one that has no row yet.
func lockYear(ctx context.Context, e pg.Execer, year int) error {
	_, err := e.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('calendar.year', $1))`, year)
	return err
}

// putDays stores days and tells the other nodes, where anything changes for them.
func putDays(ctx context.Context, tx pgx.Tx, year uuid.UUID, days []Day, tell bool) error {
	rows := make([][]any, len(days))
	for i, d := range days {
		rows[i] = []any{year, d.Date, d.Holiday, string(d.Kind), d.For, d.Status, d.Basis, d.Note}
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"calendar", "day"},
		[]string{"year_id", "date", "holiday", "kind", "stands_for", "status", "basis", "note"}, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("storing the days: %w", err)
	}
	if !tell {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE calendar.revision SET n = n + 1`)
	return err
}

func person(a actor.Actor) *uuid.UUID {
	if a.ID == uuid.Nil {
		return nil
	}
	return &a.ID
}
