package site

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/apps/services"
	"datmui/blocks/directory"
	"datmui/kit/pg"
)

// counters are the modules' parts of the figures; each counts its own rows.
var counters = []func(ctx context.Context, r pg.Reader, at time.Time) (map[string]any, error){
	directory.Figures,
	services.Figures,
}

// Figures counts the province on a day. All parts see the same moment of the database.
func Figures(ctx context.Context, db *pg.DB, at time.Time) (map[string]any, error) {
	out := map[string]any{}
	err := pgx.BeginTxFunc(ctx, db.Reader, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		for _, count := range counters {
			part, err := count(ctx, tx, at)
			if err != nil {
				return fmt.Errorf("counting: %w", err)
			}
			maps.Copy(out, part)
		}
		return nil
	})
	return out, err
}
