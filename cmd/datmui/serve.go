package main

import (
	"context"

	"datmui/site"
)

// ServeCmd runs a real province.
type ServeCmd struct{}

func (c *ServeCmd) Run(ctx context.Context, s *Settings) error {
	return site.Run(ctx, s.options())
}
