package demo

import "embed"

// Migrations make the table that tells how far the province has been loaded.
//
//go:embed migrations/*.sql
var Migrations embed.FS
