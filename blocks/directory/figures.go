package directory

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/kit/pg"
)

// Figures counts units, bodies and officials' accounts on a day, each from its rows. An official's
// account is a person with at least one post in force.
func Figures(ctx context.Context, r pg.Reader, at time.Time) (map[string]any, error) {
	n, err := pg.One[struct{ Communes, Districts, Agencies, Officials, Citizens int64 }](r.Query(ctx, `
		SELECT
			(SELECT count(*) FROM directory.unit WHERE level = 'commune' AND valid_from <= @day AND (valid_to IS NULL OR valid_to > @day)) AS communes,
			(SELECT count(*) FROM directory.unit WHERE level = 'district' AND valid_from <= @day AND (valid_to IS NULL OR valid_to > @day)) AS districts,
			(SELECT count(*) FROM directory.agency_version WHERE valid_from <= @day AND (valid_to IS NULL OR valid_to > @day)) AS agencies,
			(SELECT count(DISTINCT person_id) FROM directory.post WHERE valid_from <= @day AND (valid_to IS NULL OR valid_to > @day)) AS officials,
			(SELECT count(*) FROM directory.person WHERE citizen AND NOT official AND created_at < @next) AS citizens`,
		pgx.NamedArgs{"day": Day(at), "next": Day(at).AddDate(0, 0, 1)}))
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"units.communes":     n.Communes,
		"units.districts":    n.Districts,
		"agencies":           n.Agencies,
		"accounts.officials": n.Officials,
		"citizens":           n.Citizens,
	}, nil
}
