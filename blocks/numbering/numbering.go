package numbering

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Series is one run of numbers.
type Series struct {
	Agency string // who numbers: an agency's id, or the code prefix of a unit
	Name   string // what is numbered: "dossier", "outgoing", "receipt"
	Period Period
}

// Period is the span after which a series begins again at 1.
type Period string

// Ever is the period of a series that never begins again.
const Ever Period = ""

// Year is the calendar year of t in Vietnam.
func Year(t time.Time) Period { return Period(t.In(clock.Vietnam).Format("2006")) }

// Day is the day of t in Vietnam.
func Day(t time.Time) Period { return Period(t.In(clock.Vietnam).Format(time.DateOnly)) }

// Term is a term of office; its numbers run on across the turn of the year.
func Term(from, to int) Period { return Period(fmt.Sprintf("%04d-%04d", from, to)) }

// Next gives the next number of the series. It is the act's own: when the act fails, the next
// act gets the same number.
func Next(ctx context.Context, act *audit.Act, s Series) (int, error) { return Take(ctx, act, s, 1) }

// Take gives n numbers in a row and returns the first.
func Take(ctx context.Context, act *audit.Act, s Series, n int) (first int, err error) {
	if n < 1 {
		return 0, fmt.Errorf("numbering: %d numbers of %s asked for", n, s)
	}
	last, err := pg.Value[int](act.Query(ctx, `SELECT numbering.take($1, $2, $3, $4)`, s.Agency, s.Name, s.Period, n))
	if err != nil {
		return 0, fmt.Errorf("numbering %s: %w", s, err)
	}
	return last - n + 1, nil
}

// NextCode gives the next daily code of a unit: H12.05-261123-0001.
func NextCode(ctx context.Context, act *audit.Act, prefix, series string) (string, error) {
	code, err := pg.Value[string](act.Query(ctx, `SELECT numbering.daily_code($1, $2, $3)`, prefix, series, act.At))
	if err != nil {
		return "", fmt.Errorf("the next code of %s: %w", prefix, err)
	}
	return code, nil
}

// Void says that a number that was given stands for nothing, and why. The number is not given again.
func Void(ctx context.Context, act *audit.Act, s Series, number int, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return fault.Fields{"reason": "required"}
	}
	last, err := pg.Value[int](act.Query(ctx, `SELECT last FROM numbering.series
		WHERE agency = $1 AND name = $2 AND period = $3 FOR UPDATE`, s.Agency, s.Name, s.Period))
	switch {
	case fault.KindOf(err) == fault.KindNotFound, err == nil && (number < 1 || number > last):
		return fault.NotFound("number")
	case err != nil:
		return fmt.Errorf("voiding %d of %s: %w", number, s, err)
	}
	tag, err := act.Exec(ctx, `INSERT INTO numbering.gap (agency, name, period, first, last, reason, by, at)
		SELECT @agency, @name, @period, @n, @n, @reason, nullif(@by, '00000000-0000-0000-0000-000000000000'::uuid), @at
		WHERE NOT EXISTS (SELECT FROM numbering.gap
			WHERE agency = @agency AND name = @name AND period = @period AND @n BETWEEN first AND last)`,
		pgx.NamedArgs{"agency": s.Agency, "name": s.Name, "period": s.Period, "n": number,
			"reason": reason, "by": act.Actor.ID, "at": act.At})
	if err != nil {
		return fmt.Errorf("voiding %d of %s: %w", number, s, err)
	}
	if tag.RowsAffected() == 0 {
		return fault.Conflict("numbering.void")
	}
	return nil
}

// Continue lets a series go on after last: for a load of records that bear their numbers already.
// The series never goes back. Call it inside Book.Batch or an act.
func Continue(ctx context.Context, tx pg.Execer, s Series, last int) error {
	_, err := tx.Exec(ctx, `INSERT INTO numbering.series AS s (agency, name, period, last) VALUES ($1, $2, $3, $4)
		ON CONFLICT (agency, name, period) DO UPDATE SET last = greatest(s.last, excluded.last)`,
		s.Agency, s.Name, s.Period, last)
	if err != nil {
		return fmt.Errorf("continuing %s after %d: %w", s, last, err)
	}
	return nil
}

// Begin starts a series at first, because an earlier register gave the numbers before it. The
// numbers before are noted as a gap with the reason; a series that runs already is a Conflict.
func Begin(ctx context.Context, act *audit.Act, s Series, first int, reason string) error {
	if first < 2 {
		return fault.Fields{"first": "too-small"}
	}
	if strings.TrimSpace(reason) == "" {
		return fault.Fields{"reason": "required"}
	}
	tag, err := act.Exec(ctx, `INSERT INTO numbering.series (agency, name, period, last) VALUES ($1, $2, $3, $4)
		ON CONFLICT DO NOTHING`, s.Agency, s.Name, s.Period, first-1)
	if err != nil {
		return fmt.Errorf("beginning %s at %d: %w", s, first, err)
	}
	if tag.RowsAffected() == 0 {
		return fault.Conflict("numbering.running")
	}
	_, err = act.Exec(ctx, `INSERT INTO numbering.gap (agency, name, period, first, last, reason, by, at)
		VALUES ($1, $2, $3, 1, $4, $5, nullif($6, '00000000-0000-0000-0000-000000000000'::uuid), $7)`,
		s.Agency, s.Name, s.Period, first-1, strings.TrimSpace(reason), act.Actor.ID, act.At)
	if err != nil {
		return fmt.Errorf("explaining the numbers of %s before %d: %w", s, first, err)
	}
	return nil
}

func (s Series) String() string { return fmt.Sprintf("%s/%s/%s", s.Agency, s.Name, string(s.Period)) }
