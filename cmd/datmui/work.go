package main

import (
	"context"

	"datmui/site"
)

// WorkCmd works jobs on a machine that serves no pages.
type WorkCmd struct{}

// Run works until it is told to end.
func (c *WorkCmd) Run(ctx context.Context, s *Settings) error {
	return site.Work(ctx, s.options())
}
