package pg

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The three roles. The owner migrates, the app changes rows, the reader only selects.
const (
	RoleOwner  = "datmui_owner"
	RoleApp    = "datmui_app"
	RoleReader = "datmui_reader"
)

var roles = []string{RoleOwner, RoleApp, RoleReader}

// ensureRoles makes the roles of a private server, each a login of its own.
func (s *Server) ensureRoles(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.DSN("postgres", "postgres"))
	if err != nil {
		return fmt.Errorf("connecting to the database server: %w", err)
	}
	defer conn.Close(ctx)
	for _, role := range roles {
		if err := createRole(ctx, conn, role, "LOGIN"); err != nil {
			return err
		}
	}
	var contrib int
	err = conn.QueryRow(ctx, `SELECT count(*) FROM pg_available_extensions WHERE name = ANY($1)`, extensions).Scan(&contrib)
	if err != nil {
		return err
	}
	if contrib < len(extensions) {
		return fmt.Errorf("the PostgreSQL in %s lacks its contrib extensions (%s): install the package postgresql-contrib",
			s.bin.dir, strings.Join(extensions, ", "))
	}
	return nil
}

var extensions = []string{"unaccent", "pg_trgm", "pgcrypto"}

func createRole(ctx context.Context, conn *pgx.Conn, role, options string) error {
	var there bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, role).Scan(&there); err != nil || there {
		return err
	}
	_, err := conn.Exec(ctx, "CREATE ROLE "+role+" NOSUPERUSER NOCREATEDB NOCREATEROLE "+options)
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && (e.Code == "42710" || e.Code == "23505") {
		return nil // another process was faster
	}
	if err != nil {
		return fmt.Errorf("making the role %s: %w", role, err)
	}
	return nil
}

// CreateDatabase makes a database of a private server that belongs to the owner role,
// unless it is there already.
func (s *Server) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, s.DSN("postgres", "postgres"))
	if err != nil {
		return fmt.Errorf("connecting to the database server: %w", err)
	}
	defer conn.Close(ctx)
	var there bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil || there {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" OWNER "+RoleOwner)
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && (e.Code == "42P04" || e.Code == "23505") {
		return nil
	}
	return err
}

// oneLine keeps the first of the addresses that were tried: pgx tells of each on a line of its own.
func oneLine(err error) error {
	lines := strings.Split(err.Error(), "\n")
	if _, ok := errors.AsType[*pgconn.ConnectError](err); !ok || len(lines) < 2 {
		return err
	}
	return errors.New(strings.TrimSpace(lines[0]) + " " + strings.TrimSpace(lines[1]))
}

// prepareOwn makes the roles on a server that is not ours, as far as its login may, and
// says what its administrator must run where it may not.
func prepareOwn(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("DATMUI_DATABASE_URL: the server does not let us in: %w", oneLine(err))
	}
	defer conn.Close(ctx)
	var login, database string
	var version int
	err = conn.QueryRow(ctx, `SELECT current_user, current_database(), current_setting('server_version_num')::int`).Scan(&login, &database, &version)
	if err != nil {
		return err
	}
	if version/10000 < oldest {
		return fmt.Errorf("DATMUI_DATABASE_URL: the server is PostgreSQL %d, and %d or newer is needed", version/10000, oldest)
	}
	login, database = pgx.Identifier{login}.Sanitize(), pgx.Identifier{database}.Sanitize()
	var sql []string
	for _, role := range roles {
		var member bool
		err := conn.QueryRow(ctx, `
			SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1 AND pg_has_role(current_user, oid, 'MEMBER'))`, role).Scan(&member)
		if err != nil {
			return err
		}
		if !member {
			if err := createRole(ctx, conn, role, "NOLOGIN"); err != nil {
				sql = append(sql, "CREATE ROLE "+role)
			}
			if _, err := conn.Exec(ctx, "GRANT "+role+" TO "+login); err != nil {
				sql = append(sql, "GRANT "+role+" TO "+login)
			}
		}
	}
	var ready bool
	err = conn.QueryRow(ctx, `
		SELECT coalesce(bool_and(has_database_privilege(oid, current_database(), 'CREATE') AND has_schema_privilege(oid, 'public', 'CREATE')), false)
		FROM pg_roles WHERE rolname = $1`, RoleOwner).Scan(&ready)
	if err != nil {
		return err
	}
	if !ready {
		for _, grant := range []string{
			"GRANT CREATE ON DATABASE " + database + " TO " + RoleOwner,
			"GRANT ALL ON SCHEMA public TO " + RoleOwner,
		} {
			if _, err := conn.Exec(ctx, grant); err != nil {
				sql = append(sql, grant)
			}
		}
	}
	if len(sql) > 0 {
		return fmt.Errorf("DATMUI_DATABASE_URL: the login %s lacks rights; let an administrator run in the database %s: %s;",
			login, database, strings.Join(sql, "; "))
	}
	return nil
}
