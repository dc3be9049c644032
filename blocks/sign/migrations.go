package sign

import "embed"

// Migrations are the tables of this block.
//
//go:embed migrations/*.sql
var Migrations embed.FS
