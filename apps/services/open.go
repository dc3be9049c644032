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
	defer m.changed()
	return m.book.Batch(ctx, "services.procedure.open", "versions in force", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		return 0, m.openThose(ctx, tx)
	})
}

// The catalogue bears the names and words of the version in force where an officer published it.
func (m *Module) openThose(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE services.procedure p SET open = v.open, name = v.name, name_en = v.name_en, words = v.words
		FROM (SELECT DISTINCT ON (x.procedure) x.procedure, x.complete AND q.authority = 'province' AS open,
				CASE WHEN x.published_at IS NULL THEN q.name ELSE x.definition->>'name' END AS name,
				CASE WHEN x.published_at IS NULL THEN q.name_en ELSE x.definition->>'name_en' END AS name_en,
				CASE WHEN x.published_at IS NULL THEN q.words ELSE x.definition->>'words' END AS words
			FROM services.version x JOIN services.procedure q ON q.code = x.procedure
			WHERE x.valid_from <= $1 AND (x.valid_to IS NULL OR x.valid_to > $1) ORDER BY x.procedure, x.version DESC) v
		WHERE v.procedure = p.code AND (p.open, p.name, p.name_en, p.words) IS DISTINCT FROM (v.open, v.name, v.name_en, v.words)`,
		m.clock.Now().In(clock.Vietnam).Format(time.DateOnly))
	return err
}
