package pg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"path"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// migrating is the key of the advisory lock: many nodes may start at once.
const migrating = 0x6461746d7569

// Migrate brings the database up to date: our own baseline, the migrations/ folder of every
// module, River's tables, and the rights of app and reader on all of it. It may run any number
// of times and from several processes at once.
func Migrate(ctx context.Context, owner *pgxpool.Pool, modules ...fs.FS) error {
	files, err := merge(append([]fs.FS{Migrations}, modules...))
	if err != nil {
		return err
	}
	conn, err := owner.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connecting to migrate: %w", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, migrating); err != nil {
		return err
	}
	defer conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, migrating)

	db := stdlib.OpenDBFromPool(owner)
	defer db.Close()
	provider, err := provide(db, files)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		if part, ok := errors.AsType[*goose.PartialError](err); ok && part.Failed != nil {
			return fmt.Errorf("migration %s: %w", part.Failed.Source.Path, part.Err)
		}
		return fmt.Errorf("migrating: %w", err)
	}
	river, err := rivermigrate.New(riverpgxv5.New(owner), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if _, err := river.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrating River's tables: %w", err)
	}
	return grant(ctx, conn.Conn())
}

// Pending counts the migrations that are still to be run; River's are not among them.
func Pending(ctx context.Context, owner *pgxpool.Pool, modules ...fs.FS) (int, error) {
	files, err := merge(append([]fs.FS{Migrations}, modules...))
	if err != nil {
		return 0, err
	}
	db := stdlib.OpenDBFromPool(owner)
	defer db.Close()
	provider, err := provide(db, files)
	if err != nil {
		return 0, err
	}
	states, err := provider.Status(ctx)
	if err != nil {
		return 0, fmt.Errorf("asking which migrations have run: %w", err)
	}
	pending := 0
	for _, s := range states {
		if s.State == goose.StatePending {
			pending++
		}
	}
	return pending, nil
}

// Unknown counts the migrations that have run and that these modules do not have: the data was
// written by a newer program.
func Unknown(ctx context.Context, owner *pgxpool.Pool, modules ...fs.FS) (int, error) {
	files, err := merge(append([]fs.FS{Migrations}, modules...))
	if err != nil {
		return 0, err
	}
	db := stdlib.OpenDBFromPool(owner)
	defer db.Close()
	provider, err := provide(db, files)
	if err != nil {
		return 0, err
	}
	var known []int64
	for _, s := range provider.ListSources() {
		known = append(known, s.Version)
	}
	if begun, err := Value[bool](owner.Query(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL`)); err != nil || !begun {
		return 0, err
	}
	return Value[int](owner.Query(ctx, `SELECT count(*)::int FROM goose_db_version WHERE is_applied AND version_id > 0 AND version_id <> ALL($1)`, known))
}

func provide(db *sql.DB, migrations fs.FS) (*goose.Provider, error) {
	// Modules are written side by side: one that arrives later may bear an earlier number.
	p, err := goose.NewProvider(goose.DialectPostgres, db, migrations, goose.WithAllowOutofOrder(true))
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	return p, nil
}

// merged shows the modules' migrations as one folder: file name → module.
type merged map[string]fs.FS

func (m merged) Open(name string) (fs.File, error) {
	module, ok := m[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return module.Open("migrations/" + name)
}

// Glob is all that goose asks of a folder.
func (m merged) Glob(pattern string) (names []string, err error) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if ok, err := path.Match(pattern, name); err != nil {
			return nil, err
		} else if ok {
			names = append(names, name)
		}
	}
	return names, nil
}

// merge puts the modules' folders into one and refuses a number used twice.
func merge(modules []fs.FS) (merged, error) {
	all := merged{}
	number := map[string]string{}
	for _, module := range modules {
		files, err := fs.Glob(module, "migrations/*.sql")
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			name := path.Base(file)
			if len(name) < 16 || name[14] != '_' {
				return nil, fmt.Errorf("migration %s: a name is 14 digits, an underscore and the module", name)
			}
			if other, ok := number[name[:14]]; ok {
				return nil, fmt.Errorf("migrations %s and %s bear the same number", other, name)
			}
			number[name[:14]] = name
			all[name] = module
		}
	}
	return all, nil
}

// grant gives the app the rows and the reader the sight of every schema. The schema audit
// grants its own rights in its migration, because not even the app may change an entry.
func grant(ctx context.Context, conn *pgx.Conn) error {
	schemas, err := Values[string](conn.Query(ctx, `
		SELECT nspname FROM pg_namespace
		WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('information_schema', 'audit')
		ORDER BY nspname`))
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	for _, name := range schemas {
		schema := pgx.Identifier{name}.Sanitize()
		b.Queue("GRANT USAGE ON SCHEMA " + schema + " TO " + RoleApp + ", " + RoleReader)
		b.Queue("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + schema + " TO " + RoleApp)
		b.Queue("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA " + schema + " TO " + RoleApp)
		b.Queue("GRANT SELECT ON ALL TABLES IN SCHEMA " + schema + " TO " + RoleReader)
	}
	b.Queue("REVOKE INSERT, UPDATE, DELETE ON public.instance, public.goose_db_version FROM " + RoleApp)
	if err := conn.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("granting rights: %w", err)
	}
	return nil
}
