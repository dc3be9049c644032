package services

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/kit/clock"
)

// OpenProcedures is the job that opens and closes procedures on the first day of a version.
type OpenProcedures struct{}

// Kind names the job.
func (OpenProcedures) Kind() string { return "services.open-procedures" }

// OpenThose marks the procedures whose version in force today is complete as open for filing, and the
// others that are handled here as not open. Running it twice changes nothing the second time.
func (m *Module) OpenThose(ctx context.Context) error {
	return m.book.Batch(ctx, "services.procedure.open", "versions in force", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		return 0, m.openThose(ctx, tx)
	})
}

func (m *Module) openThose(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE services.procedure p SET open = v.complete AND p.authority = 'province'
		FROM (SELECT DISTINCT ON (procedure) procedure, complete FROM services.version
			WHERE valid_from <= $1 AND (valid_to IS NULL OR valid_to > $1) ORDER BY procedure, version DESC) v
		WHERE v.procedure = p.code AND p.open <> (v.complete AND p.authority = 'province')`,
		m.clock.Now().In(clock.Vietnam).Format(time.DateOnly))
	return err
}
