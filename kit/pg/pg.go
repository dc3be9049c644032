// Package pg is the way to PostgreSQL: a private server where none is given, three roles,
// migrations from every module's folder, and a few helpers that make a query read as one line.
package pg

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"datmui/kit/fault"
)

// Reader runs queries. Modules hold one that is connected as the role that can only SELECT.
// A pgx.Tx, a *pgxpool.Pool and an open audit.Act are Readers too.
type Reader interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Execer changes rows. Only audit.Act, audit.Book.Batch and migrations hand one out.
type Execer interface {
	Reader
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

var (
	_ Reader = (*pgxpool.Pool)(nil)
	_ Execer = pgx.Tx(nil)
)

// All collects every row into a struct by column name (submitted_at → SubmittedAt).
func All[T any](rows pgx.Rows, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

// Each gives every row to fn as it comes, for what is too much to be held at once.
func Each[T any](rows pgx.Rows, err error, fn func(T) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		v, err := pgx.RowToStructByName[T](rows)
		if err == nil {
			err = fn(v)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// One collects the single row into a struct by column name; no row is fault.NotFound.
func One[T any](rows pgx.Rows, err error) (T, error) {
	var zero T
	if err != nil {
		return zero, err
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
	return v, missing(err)
}

// Values collects the only column of every row.
func Values[T any](rows pgx.Rows, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[T])
}

// Value reads the only column of the only row; no row is fault.NotFound.
func Value[T any](rows pgx.Rows, err error) (T, error) {
	var zero T
	if err != nil {
		return zero, err
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	return v, missing(err)
}

func missing(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%w: %w", fault.NotFound("row"), err)
	}
	return err
}

// IsUnique says whether err is a breach of the named unique constraint or index ("" = any).
func IsUnique(err error, constraint string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "23505" && (constraint == "" || e.ConstraintName == constraint)
}
