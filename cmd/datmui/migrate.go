package main

import (
	"context"
	"fmt"
	"io"

	"datmui/site"
)

// MigrateCmd brings the database up to date, for those who do it apart from starting.
type MigrateCmd struct{}

func (c *MigrateCmd) Run(ctx context.Context, s *Settings, out io.Writer) error {
	db, err := site.Open(ctx, s.options())
	if err != nil {
		return err
	}
	defer db.Close()
	if err := site.Migrate(ctx, db); err != nil {
		return err
	}
	fmt.Fprintln(out, "the database is up to date")
	return db.Close()
}
