package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/identity"
	"datmui/kit/pg"
	"datmui/sim"
)

// PIN opens the key of every leader of the demonstration.
const PIN = "123456"

// loadAccounts gives every official a sign-in name, and the citizens of the list theirs.
func (w *World) loadAccounts(ctx context.Context, b *batches) error {
	rows := w.signIns()
	b.tell("accounts", 0, len(rows))
	err := b.step(ctx, "accounts", func(ctx context.Context, tx pgx.Tx) (int64, error) { return identity.CreateAccounts(ctx, tx, rows) })
	b.tell("accounts", len(rows), len(rows))
	return err
}

func (w *World) signIns() []identity.NewAccount {
	var rows []identity.NewAccount
	listed := map[uuid.UUID]bool{}
	for i, a := range w.Accounts {
		listed[a.PersonID] = true
		row := identity.NewAccount{ID: w.id(ofAccount, uint64(i)), Person: a.PersonID, Kind: identity.KindOfficial, Name: a.Account, About: a.What, AboutEn: a.WhatEn, At: w.AsOf}
		if a.Position == "" {
			row.Kind, row.Subject, row.Level = identity.KindCitizen, subject(a.Account), 2
		}
		rows = append(rows, row)
	}
	working := map[uuid.UUID]time.Time{} // since when
	for _, p := range w.Posts {
		if since, ok := working[p.Person]; p.ValidTo == nil && (!ok || p.ValidFrom.Before(since)) {
			working[p.Person] = p.ValidFrom
		}
	}
	for _, p := range w.people {
		since, ok := working[p.ID]
		if !ok || listed[p.ID] {
			continue
		}
		rows = append(rows, identity.NewAccount{ID: w.id(ofAccount, p.n<<8), Person: p.ID, Kind: identity.KindOfficial, Name: signInName(p.Name, p.n), At: since})
	}
	return rows
}

// signInName is nguyenvana.12: the name without marks, and the official's number.
func signInName(name string, n uint64) string {
	return fmt.Sprintf("%s.%d", strings.Join(strings.Fields(pg.Fold(name)), ""), n)
}

// subject is a citizen's lasting id at the player of the national identity.
func subject(account string) string { return "player-" + account }

// Players are those who can sign in at the player of the national identity: the citizens with an
// account, the business of one of them by the account of its own, and one whom the province does not know yet and who has not proved herself to level 2.
func Players(w *World) []sim.Player {
	var out []sim.Player
	for i, a := range w.Accounts[len(w.Accounts)-len(w.neighbour):] {
		p := w.neighbour[i]
		out = append(out, sim.Player{Sub: subject(a.Account), PersonalID: p.PersonalID, Name: p.Name, Birth: p.BirthDate.Format(time.DateOnly),
			Level: 2, About: a.What, Listed: true})
	}
	head := w.neighbour[owner]
	out = append(out, sim.Player{Sub: subject("doanhnghiep"), PersonalID: head.PersonalID, Name: head.Name, Birth: head.BirthDate.Format(time.DateOnly), Level: 2,
		TaxCode: taxCode(businessTax), Enterprise: businessName, About: "Tài khoản tổ chức: đăng nhập là làm thay công ty, không cần nộp giấy chứng minh", Listed: true})
	return append(out, sim.Player{Sub: subject("muc1"), PersonalID: "001191000123", Name: "Đỗ Thu Hằng", Birth: "1991-05-20",
		Level: 1, About: "Tài khoản mức độ 1: tra cứu được, chưa nộp được hồ sơ", Listed: true})
}
