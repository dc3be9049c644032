package demo

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"datmui/blocks/directory"
	"datmui/blocks/sign"
)

// loadCertificates gives the bodies that handle procedures their seals, and those who sign for them
// their keys. Making an RSA key takes a while: both cores are used, each batch is kept, and no
// transaction waits for it, since the database ends one that is idle for a minute.
func (w *World) loadCertificates(ctx context.Context, b *batches, s *sign.Block, st *staff) error {
	holders := w.signers(st)
	const most = 64
	b.tell("certificates", 0, len(holders))
	for low := 0; low < len(holders); low += most {
		part := holders[low:min(low+most, len(holders))]
		name := fmt.Sprintf("certificates from %d", low)
		if b.done[name] {
			continue
		}
		rows, err := makeCertificates(s, part)
		if err != nil {
			return err
		}
		err = b.step(ctx, name, func(ctx context.Context, tx pgx.Tx) (int64, error) {
			return tx.CopyFrom(ctx, pgx.Identifier{"sign", "certificate"}, sign.Columns,
				pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) { return rows[i].Values(), nil }))
		})
		if err != nil {
			return err
		}
		b.tell("certificates", low+len(part), len(holders))
	}
	return nil
}

func makeCertificates(s *sign.Block, holders []sign.Holder) ([]sign.Row, error) {
	rows := make([]sign.Row, len(holders))
	var group errgroup.Group
	group.SetLimit(2)
	var mu sync.Mutex
	for i, h := range holders {
		group.Go(func() error {
			row, err := s.Make(h)
			mu.Lock()
			defer mu.Unlock()
			rows[i] = row
			return err
		})
	}
	return rows, group.Wait()
}

// signers lists who gets a certificate: the committees and centres of the communes, the provincial
// centre, the bodies that procedures name; and the leaders and deputies of those that decide.
func (w *World) signers(st *staff) []sign.Holder {
	decide := []string{}
	bodies := []string{provinceCounter}
	for _, c := range w.communes {
		decide, bodies = append(decide, st.committee[c.Code]), append(bodies, st.counters[c.Code])
	}
	decide = append(decide, decidingBodies()...)
	bodies = append(bodies, decide...)
	decide = append(decide, accountPolice) // the police of the other communes get theirs when one first signs
	var out []sign.Holder
	for _, id := range bodies {
		a, ok := st.bodies[id]
		if !ok { // before the two levels there were others
			continue
		}
		for _, role := range []sign.Role{sign.Seal, sign.Service} {
			out = append(out, sign.Holder{Role: role, Agency: id, Name: a.Name, Org: a.Name})
		}
	}
	for _, p := range w.Posts {
		if p.ValidTo == nil && slices.Contains(decide, p.Agency) && (p.Position == directory.Leader || p.Position == directory.Deputy) {
			out = append(out, sign.Holder{Role: sign.Person, Person: p.Person, Agency: p.Agency, Name: p.Name, Title: p.Title, Org: p.Body, PIN: PIN})
		}
	}
	return out
}
