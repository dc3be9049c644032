package numbering

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

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

// ReportOf reads the report of one series; a series without a number yet has Last 0. Whether the
// reader may see it is the caller's rule.
func ReportOf(ctx context.Context, db pg.Reader, s Series) (Report, error) {
	r := Report{Series: s}
	var err error
	r.Last, err = pg.Value[int](db.Query(ctx, `SELECT coalesce(max(last), 0) FROM numbering.series
		WHERE agency = $1 AND name = $2 AND period = $3`, s.Agency, s.Name, s.Period))
	if err != nil {
		return r, fmt.Errorf("reading the series %s: %w", s, err)
	}
	r.Gaps, err = pg.All[Gap](db.Query(ctx, `SELECT agency, name, period, first, last, reason, by, at FROM numbering.gap
		WHERE agency = $1 AND name = $2 AND period = $3 ORDER BY first`, s.Agency, s.Name, s.Period))
	if err != nil {
		return r, fmt.Errorf("reading the gaps of %s: %w", s, err)
	}
	return r, nil
}

// SeriesOf lists an agency's series of one year with how far each has come; daily series appear
// once for each day on which a number was given.
func SeriesOf(ctx context.Context, db pg.Reader, agency string, year int) ([]Report, error) {
	type row struct {
		Series
		Last int
	}
	rows, err := pg.All[row](db.Query(ctx, `SELECT agency, name, period, last FROM numbering.series
		WHERE agency = $1 AND (period = '' OR left(period, 4) <= $2 AND right(left(period, 9), 4) >= $2 AND period ~ '^\d{4}-\d{4}$' OR left(period, 4) = $2)
		ORDER BY name, period LIMIT 1000`, agency, fmt.Sprintf("%04d", year)))
	if err != nil {
		return nil, fmt.Errorf("listing the series of %s: %w", agency, err)
	}
	out := make([]Report, len(rows))
	for i, r := range rows {
		out[i] = Report{Series: r.Series, Last: r.Last}
	}
	return out, nil
}
