package pg

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Instance is what a database is: its identity, and whether it is a demonstration.
type Instance struct {
	ID     uuid.UUID
	Demo   bool
	MadeAt time.Time
}

// Claim marks a new database as a demonstration or as a real one, and refuses one that is
// marked otherwise: real records and demonstration keys never meet.
func Claim(ctx context.Context, owner *pgxpool.Pool, demo bool) (Instance, error) {
	if _, err := owner.Exec(ctx, `INSERT INTO public.instance (demo) VALUES ($1) ON CONFLICT DO NOTHING`, demo); err != nil {
		return Instance{}, fmt.Errorf("marking the database: %w", err)
	}
	in, err := ReadInstance(ctx, owner)
	if err != nil {
		return in, err
	}
	switch {
	case in.Demo && !demo:
		return in, fmt.Errorf("this database is a demonstration: use `datmui demo`, or choose another folder in DATMUI_DATA")
	case !in.Demo && demo:
		return in, fmt.Errorf("this database holds real records and is no demonstration: use `datmui serve`, or choose another folder in DATMUI_DATA")
	}
	return in, nil
}

// ReadInstance tells what the database is; it is fault.NotFound before Claim.
func ReadInstance(ctx context.Context, r Reader) (Instance, error) {
	return One[Instance](r.Query(ctx, `SELECT id, demo, made_at FROM public.instance`))
}
