package represent

import "embed"

// Migrations holds the schema of this block.
//
//go:embed migrations/*.sql
var Migrations embed.FS
