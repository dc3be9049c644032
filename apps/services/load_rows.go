package services

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/pay"
	"datmui/blocks/worklist"
)

// load writes the rows of many histories by COPY, table after table.
type load struct {
	tx    pgx.Tx
	pasts []*Past
	rows  int64
	err   error
}

func newLoad(tx pgx.Tx, pasts []*Past) *load { return &load{tx: tx, pasts: pasts} }

func (l *load) run(ctx context.Context) (int64, error) {
	l.copy(ctx, pgx.Identifier{"services", "dossier"}, strings.FieldsFunc(dossierStored, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }),
		func(p *Past, add func(...any)) { add(p.values()...) })
	l.copy(ctx, pgx.Identifier{"services", "move"}, moveColumns, func(p *Past, add func(...any)) {
		for _, mv := range p.slip {
			add(mv.values(p.ID)...)
		}
	})
	l.copy(ctx, pgx.Identifier{"services", "paper"}, []string{"dossier_id", "place", "n", "file_id", "originals", "copies", "digitised", "added_at", "added_by"},
		func(p *Past, add func(...any)) {
			for _, x := range p.papers {
				add(p.ID, x.Place, x.N, x.FileID, x.Originals, x.Copies, x.Digitised, x.AddedAt, p.slip[0].Actor)
			}
		})
	l.copy(ctx, pgx.Identifier{"services", "request"}, strings.FieldsFunc(requestColumns, func(r rune) bool { return r == ',' || r == ' ' }),
		func(p *Past, add func(...any)) {
			for _, q := range p.asked {
				add(q.values()...)
			}
		})
	l.copy(ctx, pgx.Identifier{"services", "payment_term"}, []string{"dossier_id", "n", "asked_at", "pay_by", "ended_at"}, func(p *Past, add func(...any)) {
		for _, t := range p.terms {
			add(p.ID, t.N, t.AskedAt, t.PayBy, t.EndedAt)
		}
	})
	l.copy(ctx, pgx.Identifier{"services", "outgoing"}, []string{"id", "dossier_id", "kind", "data", "verify", "state", "at"}, func(p *Past, add func(...any)) {
		for _, o := range p.out {
			add(o.values()...)
		}
	})
	l.copy(ctx, pgx.Identifier{"services", "rating"}, []string{"dossier_id", "person", "score", "speed", "guidance", "manner", "comment", "at", "agency", "due_at", "answer", "answered_at", "answered_by", "answerer"},
		func(p *Past, add func(...any)) {
			if r := p.rating; r != nil {
				add(p.ID, p.Applicant, r.Score, r.Speed, r.Guidance, r.Manner, r.Comment, r.At, r.Agency, r.DueAt, r.Answer, r.AnsweredAt, p.answeredBy, r.Answerer)
			}
		})
	l.copy(ctx, pgx.Identifier{"worklist", "item"}, worklist.Columns, func(p *Past, add func(...any)) {
		if p.desk != nil {
			add(p.desk.Values()...)
		}
	})
	l.money(ctx)
	l.copy(ctx, pgx.Identifier{"audit", "entry"}, audit.Columns, func(p *Past, add func(...any)) {
		for _, e := range p.entries {
			row, err := e.Row()
			if err != nil && l.err == nil {
				l.err = err
			}
			add(row.Values()...)
		}
	})
	return l.rows, l.err
}

// copy streams what rows gives for each history.
func (l *load) copy(ctx context.Context, table pgx.Identifier, columns []string, rows func(p *Past, add func(...any))) {
	if l.err != nil {
		return
	}
	next := 0
	var buffer [][]any
	n, err := l.tx.CopyFrom(ctx, table, columns, pgx.CopyFromFunc(func() ([]any, error) {
		for len(buffer) == 0 {
			if next == len(l.pasts) {
				return nil, nil
			}
			rows(l.pasts[next], func(row ...any) { buffer = append(buffer, row) })
			next++
		}
		row := buffer[0]
		buffer = buffer[1:]
		return row, l.err
	}))
	l.rows += n
	if err != nil {
		l.err = fmt.Errorf("loading %s: %w", strings.Join(table, "."), err)
	}
}

func (l *load) money(ctx context.Context) {
	if l.err != nil {
		return
	}
	var bills []pay.Bill
	var payments []pay.Payment
	var receipts []pay.Receipt
	for _, p := range l.pasts {
		if p.bill != nil {
			bills = append(bills, *p.bill)
		}
		if p.payment != nil {
			payments, receipts = append(payments, *p.payment), append(receipts, *p.receipt)
		}
	}
	l.rows += int64(len(bills) + len(payments) + len(receipts))
	l.err = pay.Load(ctx, l.tx, bills, payments, receipts)
}
