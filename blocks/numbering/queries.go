package numbering

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/pg"
)

// Gap is a run of numbers that stand for nothing.
type Gap struct {
	Series
	First, Last int
	Reason      string
	By          *uuid.UUID // nil for the system
	At          time.Time
}

// Report says how far a series has come and which of its numbers stand for nothing. Numbers are
// taken inside acts, so each number up to Last is either in use or among the Gaps.
type Report struct {
	Series
	Last int
	Gaps []Gap
}

// SeriesOf lists the series of some agencies in one year, with how far each has come and its gaps;
// daily series appear once for each day on which a number was given. Whether the reader may see
// them is the caller's rule.
func SeriesOf(ctx context.Context, db pg.Reader, agencies []string, year int) ([]Report, error) {
	type row struct {
		Series
		Last int
	}
	args := pgx.NamedArgs{"agencies": agencies, "year": fmt.Sprintf("%04d", year)}
	rows, err := pg.All[row](db.Query(ctx, `SELECT agency, name, period, last FROM numbering.series WHERE `+inYear+`
		ORDER BY agency, name, period LIMIT 1000`, args))
	if err != nil {
		return nil, fmt.Errorf("listing the series of %v: %w", agencies, err)
	}
	gaps, err := pg.All[Gap](db.Query(ctx, `SELECT agency, name, period, first, last, reason, by, at FROM numbering.gap WHERE `+inYear+`
		ORDER BY agency, name, period, first`, args))
	if err != nil {
		return nil, fmt.Errorf("reading the gaps of %v: %w", agencies, err)
	}
	of := map[Series][]Gap{}
	for _, g := range gaps {
		of[g.Series] = append(of[g.Series], g)
	}
	out := make([]Report, len(rows))
	for i, r := range rows {
		out[i] = Report{Series: r.Series, Last: r.Last, Gaps: of[r.Series]}
	}
	return out, nil
}

// inYear are the rows of some agencies whose period is, holds or knows no year.
const inYear = `agency = ANY(@agencies)
	AND (period = '' OR left(period, 4) <= @year AND right(left(period, 9), 4) >= @year AND period ~ '^\d{4}-\d{4}$' OR left(period, 4) = @year)`
