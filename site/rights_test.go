package site_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// The roles of the matrices of rights: an account each, "" for nobody signed in. Matters of the
// tables are those of congdan at the service centre of Đất Mũi. far is the hardest test of all: an
// official of another body who there holds every post there is.
var roleAccounts = map[string]string{
	"none":  "",
	"weak":  "congdan3", // a citizen whose sign-in is of level 1
	"owner": "congdan",
	"other": "congdan2",
	"recv":  "canbo.datmui",  // receiving officer
	"hold":  "thuly.datmui",  // case officer, on whose desk the dossier is
	"coll":  "kinhte.datmui", // another case officer of the same house
	"lead":  "chutich.datmui",
	"depu":  "phochutich.datmui",
	"clerk": "vanthu.datmui",
	"cash":  "thuquy.datmui",
	"insp":  "thanhtra",
	"far":   "so.xaydung",
	"uadm":  "quantri.datmui", // administrator of the commune
	"padm":  "quantri",        // administrator of the province
	"syst":  "",               // a job of the program
}

// cast gives the roles what the demonstration has not: a citizen of level 1, and every post of
// another body in one pair of hands.
func (p *province) cast(t *testing.T) {
	t.Helper()
	if _, err := p.db.Owner.Exec(t.Context(), `UPDATE identity.account SET level = 1 WHERE name = 'congdan3'`); err != nil {
		t.Fatal(err)
	}
	far := actor.From(p.as(t, roleAccounts["far"]))
	for _, position := range []string{directory.Leader, directory.Clerk, directory.Cashier, directory.ReceivingOfficer, directory.AgencyAdmin} {
		if _, err := p.Directory.Appoint(p.ctx, directory.AppointIn{Person: far.ID, Agency: far.Office, Position: position, From: "2026-11-01", Basis: "thử"}); err != nil {
			t.Fatalf("%s: %v", position, err)
		}
	}
}

// role is a context in which a role of the tables acts.
func (p *province) role(t *testing.T, name string) context.Context {
	t.Helper()
	switch name {
	case "none":
		return actor.With(t.Context(), actor.Actor{})
	case "syst":
		return actor.With(t.Context(), actor.ForSystem("test"))
	case "weak":
		return weakened(p.as(t, roleAccounts[name]))
	}
	account, ok := roleAccounts[name]
	if !ok {
		t.Fatalf("there is no role %s", name)
	}
	return p.as(t, account)
}

// weakened is the same person with a sign-in of level 1.
func weakened(ctx context.Context) context.Context {
	who := actor.From(ctx)
	who.Level = 1
	return actor.With(ctx, who)
}

// personOf is the person of a role.
func (p *province) personOf(t *testing.T, role string) uuid.UUID {
	return actor.From(p.role(t, role)).ID
}

// matrix is a table of rights as it is written down: a line each, a column for every role.
type matrix struct {
	roles []string
	names []string            // of the lines, in order
	cells map[string][]string // by line
}

// readMatrix reads a table: the first line names the roles; a name ends where "|" stands.
func readMatrix(t *testing.T, text string) matrix {
	t.Helper()
	m := matrix{cells: map[string][]string{}}
	for line := range strings.Lines(text) {
		name, cells, ok := strings.Cut(line, "|")
		if !ok {
			continue
		}
		name = strings.TrimSpace(name)
		switch {
		case m.roles == nil:
			m.roles = strings.Fields(cells)
		case m.cells[name] != nil:
			t.Fatalf("%q stands twice in the matrix", name)
		default:
			m.names, m.cells[name] = append(m.names, name), strings.Fields(cells)
			if len(m.cells[name]) != len(m.roles) {
				t.Fatalf("%q has %d cells for %d roles", name, len(m.cells[name]), len(m.roles))
			}
		}
	}
	return m
}

// wants is what the table says of a line and a role.
func (m matrix) wants(name, role string) string { return m.cells[name][slices.Index(m.roles, role)] }

// verdict names what an act answered, as the tables do: ok, 404, 403, lvl (level 2 is needed), in
// (sign in first), 409 (not now) or bad (the form is wrong). Only ok, 409 and bad come after the
// question of rights.
func verdict(err error) string {
	if _, ok := errors.AsType[fault.Fields](err); ok {
		return "bad"
	}
	switch fault.KindOf(err) {
	case fault.KindNotFound:
		return "404"
	case fault.KindForbidden:
		if errors.Is(err, fault.Forbidden("level-2")) {
			return "lvl"
		}
		return "403"
	case fault.KindConflict:
		return "409"
	case fault.KindSignIn:
		return "in"
	}
	if err != nil {
		return err.Error()
	}
	return "ok"
}
