package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
)

// statement is SQL with the names of its arguments in their order.
type statement struct {
	sql  string
	args []string
}

func number(ctx context.Context, sql string) (statement, error) {
	names := pgx.NamedArgs{}
	for _, n := range []string{"id", "row", "person", "counter", "body", "code", "hex"} {
		names[n] = n
	}
	out, args, err := names.RewriteQuery(ctx, nil, sql, nil)
	st := statement{sql: out}
	for _, a := range args {
		st.args = append(st.args, fmt.Sprint(a))
	}
	return st, err
}

func (st statement) values(of map[string]any) []any {
	out := make([]any, len(st.args))
	for i, name := range st.args {
		out[i] = of[name]
	}
	return out
}

// auditCost writes the rows of filings as acts of the Book, and without it: the same statements in
// one batch and one transaction, no entry and so nothing to seal.
func auditCost(ctx context.Context, s *stage) []Result {
	const name, unit = "audit_cost", "% of the write rate"
	if err := s.open(ctx); err != nil {
		return failed(name, unit, err)
	}
	to, err := s.bodies(ctx)
	if err != nil {
		return failed(name, unit, err)
	}
	steps, err := s.rowsOfFiling(ctx, blanks{id: "@id::uuid", row: "@row::uuid", person: "@person::uuid", counter: "@counter::text", body: "@body::text",
		code: "@code::text", hex: "@hex::text"})
	if err != nil {
		return failed(name, unit, err)
	}
	var rows []statement
	for _, sql := range steps {
		st, err := number(ctx, sql)
		if err != nil {
			return failed(name, unit, err)
		}
		rows = append(rows, st)
	}
	values := func(n int) (map[string]any, uuid.UUID) {
		c, b := s.citizens[n%len(s.citizens)], n%len(s.counters)
		return map[string]any{"id": uuid.Must(uuid.NewV7()), "row": uuid.Must(uuid.NewV7()), "person": c.id, "counter": to.counters[b], "body": to.decide[b],
			"code": fmt.Sprintf("%s-%016x", to.prefixes[b], rand.Uint64()), "hex": fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())}, c.id
	}
	with := func(ctx context.Context, n int) error {
		of, person := values(n)
		ctx = actor.With(ctx, actor.Actor{ID: person, Kind: actor.Citizen, Name: "Nguyễn Thị Bé", Level: 2})
		return s.site.Book.Act(ctx, "bench.rows.write", func(_ context.Context, act *audit.Act) error {
			act.About("services.dossier", of["code"], person)
			act.Note("procedure", procedure)
			for _, st := range rows {
				act.Queue(st.sql, st.values(of)...)
			}
			return nil
		})
	}
	without := func(ctx context.Context, n int) error {
		of, _ := values(n)
		var b pgx.Batch
		b.Queue("begin")
		for _, st := range rows {
			b.Queue(st.sql, st.values(of)...)
		}
		b.Queue("commit")
		return s.db.App.SendBatch(ctx, &b).Close()
	}
	var pairs []pair
	for i := range s.pairs + 1 {
		var p pair
		if p.ours, err = s.rate(ctx, with); err != nil {
			return failed(name, unit, err)
		}
		time.Sleep(1500 * time.Millisecond) // what is left to seal is not the other's
		if p.reference, err = s.rate(ctx, without); err != nil {
			return failed(name, unit, err)
		}
		fmt.Fprintf(os.Stderr, "    with %.0f, without %.0f\n", p.ours, p.reference)
		if i > 0 {
			pairs = append(pairs, p)
		}
	}
	r := paired(name, unit, "", pairs)
	cost := 100 * (1 - *r.Ratio)
	r.Note = fmt.Sprintf("%.0f writes/s with the entry and its sealing, %.0f without%s; the %d statements of a filing in one batch, 16 workers; the ratio is with to without",
		*r.Ours, *r.Reference, r.Note, len(rows))
	r.Ours, r.Reference = &cost, nil
	return []Result{r}
}
