package services

import "embed"

// Migrations are the tables of this app.
//
//go:embed migrations/*.sql
var Migrations embed.FS
