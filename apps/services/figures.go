package services

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/blocks/sign"
	"datmui/kit/clock"
	"datmui/kit/pg"
)

// Figures counts procedures, certificates and the dossiers by the state they were in at a moment.
func Figures(ctx context.Context, r pg.Reader, at time.Time) (map[string]any, error) {
	n, err := pg.One[struct{ Procedures, Open int64 }](r.Query(ctx, `SELECT
		(SELECT count(DISTINCT procedure) FROM services.version WHERE length(procedure) = 8 AND valid_from <= @day AND (valid_to IS NULL OR valid_to > @day)) AS procedures,
		(SELECT count(*) FROM services.procedure p WHERE p.open AND EXISTS (SELECT FROM services.version v
			WHERE v.procedure = p.code AND v.complete AND v.valid_from <= @day AND (v.valid_to IS NULL OR v.valid_to > @day))) AS open`,
		pgx.NamedArgs{"day": at.In(clock.Vietnam).Format(time.DateOnly)}))
	if err != nil {
		return nil, err
	}
	type row struct {
		State int
		N     int64
	}
	// A dossier that has not moved since is counted as it stands; only the others ask their slip.
	rows, err := pg.All[row](r.Query(ctx, `SELECT state, sum(n)::bigint AS n FROM (
			SELECT state, count(*) AS n FROM services.dossier WHERE updated_at <= @at GROUP BY state
			UNION ALL
			SELECT m.to_state, count(*) FROM services.dossier d CROSS JOIN LATERAL (SELECT to_state FROM services.move
				WHERE dossier_id = d.id AND at <= @at ORDER BY n DESC LIMIT 1) m
			WHERE d.updated_at > @at AND d.filed_at <= @at GROUP BY m.to_state) x GROUP BY state ORDER BY state`, pgx.NamedArgs{"at": at}))
	if err != nil {
		return nil, fmt.Errorf("counting dossiers: %w", err)
	}
	states := map[string]int64{}
	for _, s := range rows {
		states[fmt.Sprint(s.State)] = s.N
	}
	bodies, persons, err := sign.Count(ctx, r, at)
	if err != nil {
		return nil, fmt.Errorf("counting certificates: %w", err)
	}
	return map[string]any{"procedures": n.Procedures, "procedures.open": n.Open, "dossiers.by_state": states,
		"certificates.bodies": bodies, "certificates.persons": persons}, nil
}
