package identity

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Kinds of account.
const (
	KindOfficial = "official"
	KindCitizen  = "citizen"
)

// account is a row as the acts need it.
type account struct {
	ID           uuid.UUID
	PersonID     uuid.UUID
	Kind         string
	Name         string
	State        string
	PasswordHash *string
	MustChange   bool
	TotpSecret   []byte
	TotpStep     int64
	Level        int
	ProvenAt     *time.Time
}

const accountColumns = `id, person_id, kind, name, state, password_hash, must_change, totp_secret, totp_step, level, proven_at`

func accountByName(ctx context.Context, r pg.Reader, name string) (account, error) {
	return pg.One[account](r.Query(ctx, `SELECT `+accountColumns+` FROM identity.account WHERE name = @name`, pgx.NamedArgs{"name": name}))
}

// accountByID reads an account, with lock (such as "FOR UPDATE") inside an act.
func accountByID(ctx context.Context, r pg.Reader, id uuid.UUID, lock string) (account, error) {
	return pg.One[account](r.Query(ctx, `SELECT `+accountColumns+` FROM identity.account WHERE id = @id `+lock, pgx.NamedArgs{"id": id}))
}

func (a account) open() bool { return a.State == "active" }

// signName is what a sign-in name looks like.
var signName = regexp.MustCompile(`^[a-z0-9][a-z0-9._@:-]{1,119}$`)

// cleanName puts a typed sign-in name into the form in which it is kept.
func cleanName(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// NewAccount is one account of a bulk load. It has no password: the person gets in by the
// national identity, by a one-time link, or in a demonstration by its name alone.
type NewAccount struct {
	ID      uuid.UUID // zero: made here
	Person  uuid.UUID
	Kind    string // KindOfficial or KindCitizen
	Name    string // sign-in name
	Subject string // citizens: id at the national identity; "" when not known
	Level   int    // citizens: assurance, 1 or 2
	About   string // demonstration: what the account is good for, in Vietnamese; "" keeps it off the list
	AboutEn string // the same in English
	At      time.Time
}

// CreateAccounts puts accounts in by COPY: for an import and the demonstration province. The
// caller holds an act or a batch.
func CreateAccounts(ctx context.Context, tx pgx.Tx, rows []NewAccount) (int64, error) {
	return tx.CopyFrom(ctx, pgx.Identifier{"identity", "account"},
		[]string{"id", "person_id", "kind", "name", "subject", "tech_id", "level", "proven_at", "about", "about_en", "created_at"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			a := rows[i]
			if a.ID == uuid.Nil {
				a.ID = uuid.Must(uuid.NewV7())
			}
			if !signName.MatchString(a.Name) {
				return nil, fmt.Errorf("account %q: a sign-in name has 2 to 120 of a-z 0-9 . _ @ : -", a.Name)
			}
			var subject *string
			var proven *time.Time
			if a.Subject != "" {
				subject = &a.Subject
			}
			if a.Level > 0 {
				proven = &a.At
			}
			return []any{a.ID, a.Person, a.Kind, a.Name, subject, nil, a.Level, proven, a.About, a.AboutEn, a.At}, nil
		}))
}

// Accounts counts the open accounts of a kind.
func (b *Block) Accounts(ctx context.Context, kind string) (int64, error) {
	return pg.Value[int64](b.c.DB.Query(ctx, `SELECT count(*) FROM identity.account WHERE kind = @kind AND state = 'active'`,
		pgx.NamedArgs{"kind": kind}))
}

// gone turns a missing row into the one fault of this block for it.
func gone(err error, what string) error {
	if fault.KindOf(err) == fault.KindNotFound {
		return fault.NotFound(what)
	}
	return err
}
