package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/alecthomas/kong"

	"datmui/kit/clock"
	"datmui/site"
)

// FiguresCmd counts the province on a day, each figure from its rows.
type FiguresCmd struct {
	At   string `placeholder:"DATE" help:"The day to count for, such as 2023-10-10 (today)."`
	JSON bool   `name:"json" help:"Print JSON: {\"units.communes\",\"units.districts\",\"agencies\",\"citizens\",\"accounts.officials\",\"certificates.bodies\",\"certificates.persons\",\"procedures\",\"procedures.open\",\"dossiers.by_state\":{STATE:N}}."`
}

// Run prints the figures.
func (c *FiguresCmd) Run(ctx context.Context, s *Settings, out io.Writer, k *kong.Kong) error {
	at := time.Now()
	if c.At != "" {
		day, err := time.ParseInLocation(time.DateOnly, c.At, clock.Vietnam)
		if err != nil {
			return badInput(k, fmt.Errorf("--at must be a date like 2023-10-10, not %q", c.At))
		}
		at = day.AddDate(0, 0, 1).Add(-time.Second) // the whole day counts
	}
	db, err := s.openExisting(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	figures, err := site.Figures(ctx, db, at)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(out, figures)
	}
	for _, name := range slices.Sorted(maps.Keys(figures)) {
		if parts, ok := figures[name].(map[string]int64); ok {
			for _, part := range slices.SortedFunc(maps.Keys(parts), natural) {
				fmt.Fprintf(out, "%-24s %d\n", name+"."+part, parts[part])
			}
			continue
		}
		fmt.Fprintf(out, "%-24s %v\n", name, figures[name])
	}
	return nil
}

// natural puts 2 before 10.
func natural(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }
