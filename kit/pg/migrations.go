package pg

import "embed"

// Migrations holds what every module may rely on: extensions, vn_fold, the instance's mark.
//
//go:embed migrations/*.sql
var Migrations embed.FS
