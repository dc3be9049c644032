package main

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/apps/services"
	"datmui/blocks/worklist"
	"datmui/demo"
	"datmui/kit/actor"
	"datmui/kit/pg"
)

// queries.txt has a line for each query: the body and the position of the official who asks, the
// state her list shows (0 for all), and the words she looks for. #7 stands for the code of the
// seventh newest dossier of her office, #7- for its beginning.
//
//go:embed queries.txt
var queriesTxt string

type query struct {
	text  string
	who   actor.Actor
	state services.State
	after string // page key: every fifth query turns a page
	words string
}

// queries reads the list for a province: who asks is who holds the post today.
func (l *large) queries(ctx context.Context) ([]query, error) {
	var out []query
	for i, text := range strings.Split(strings.TrimSpace(queriesTxt), "\n") {
		part := strings.Split(text, "\t")
		if len(part) != 4 {
			return nil, fmt.Errorf("queries.txt, line %d: four parts are needed", i+1)
		}
		state, err := strconv.Atoi(part[2])
		if err != nil {
			return nil, fmt.Errorf("queries.txt, line %d: %w", i+1, err)
		}
		now := time.Now()
		type holder struct{ ID, PersonID uuid.UUID }
		h, err := pg.One[holder](l.db.Reader.Query(ctx, `SELECT id, person_id FROM directory.post WHERE agency_id = @agency AND position = @position
			AND valid_from <= @day AND (valid_to IS NULL OR valid_to > @day) ORDER BY id LIMIT 1`,
			pgx.NamedArgs{"agency": part[0], "position": part[1], "day": now}))
		if err != nil {
			return nil, fmt.Errorf("queries.txt, line %d: the %s of %s: %w", i+1, part[1], part[0], err)
		}
		q := query{text: text, state: services.State(state), words: part[3]}
		if q.who, err = l.site.Directory.Actor(ctx, l.db.Reader, h.PersonID, h.ID, now); err != nil {
			return nil, err
		}
		if err := l.resolve(actor.With(ctx, q.who), &q, i); err != nil {
			return nil, fmt.Errorf("queries.txt, line %d: %w", i+1, err)
		}
		out = append(out, q)
	}
	return out, nil
}

// resolve fills in what hangs on the rows: page keys and codes.
func (l *large) resolve(ctx context.Context, q *query, i int) error {
	if i%5 == 0 {
		page, err := l.site.Services.List(ctx, services.ListIn{State: q.state})
		if err != nil {
			return err
		}
		q.after = page.Next
	}
	code, ok := strings.CutPrefix(q.words, "#")
	if !ok {
		return nil
	}
	code, short := strings.CutSuffix(code, "-")
	n, err := strconv.Atoi(code)
	if err != nil {
		return err
	}
	page, err := l.site.Services.List(ctx, services.ListIn{})
	if err != nil {
		return err
	}
	if len(page.Lines) < n {
		return fmt.Errorf("the office has %d dossiers, not %d", len(page.Lines), n)
	}
	q.words = page.Lines[n-1].Code
	if short {
		q.words = q.words[:len(q.words)-2]
	}
	return nil
}

// p95 runs all queries one after the other and gives the time in milliseconds that 95 in 100 keep.
func (l *large) p95(ctx context.Context, list []query, fn func(context.Context, query) error, slowest bool) (float64, error) {
	type run struct {
		ms   float64
		text string
	}
	runs := make([]run, len(list))
	for i, q := range list {
		who := actor.With(ctx, q.who)
		start := time.Now()
		if err := fn(who, q); err != nil {
			return 0, fmt.Errorf("%s: %w", q.text, err)
		}
		runs[i] = run{float64(time.Since(start).Microseconds()) / 1000, q.text}
	}
	slices.SortFunc(runs, func(a, b run) int { return cmp.Compare(b.ms, a.ms) })
	ms := make([]float64, len(runs))
	for i, r := range runs {
		ms[i] = r.ms
		if slowest && i < 4 {
			fmt.Fprintf(os.Stderr, "      %7.2f ms  %s\n", r.ms, strings.ReplaceAll(r.text, "\t", "  "))
		}
	}
	return quantile(ms, 0.95), nil
}

// lists measures the reads of officials at the largest number of dossiers against those at a tenth.
func lists(ctx context.Context, s *stage) []Result {
	names, unit := []string{"list_p95", "desk_p95", "search_p95"}, "ms"
	fail := func(err error) (out []Result) {
		for _, n := range names {
			out = append(out, failed(n, unit, err)...)
		}
		return out
	}
	var at [2]*large
	var ask [2][]query
	for i, n := range []int{s.most, s.tenth()} {
		var err error
		if at[i], err = s.province(ctx, n); err != nil {
			return fail(err)
		}
		if ask[i], err = at[i].queries(ctx); err != nil {
			return fail(err)
		}
	}
	var out []Result
	for i, read := range []func(*large) func(context.Context, query) error{
		func(l *large) func(context.Context, query) error {
			return func(ctx context.Context, q query) error {
				_, err := l.site.Services.List(ctx, services.ListIn{State: q.state, After: q.after})
				return err
			}
		},
		func(l *large) func(context.Context, query) error {
			return func(ctx context.Context, q query) error {
				_, err := l.site.Worklist.Desk(ctx, worklist.Filter{}, "")
				return err
			}
		},
		func(l *large) func(context.Context, query) error {
			return func(ctx context.Context, q query) error {
				_, err := l.site.Services.Search(ctx, q.words)
				return err
			}
		},
	} {
		r, err := s.sizes(ctx, names[i], at, ask, read)
		if err != nil {
			return append(out, failed(names[i], unit, err)...)
		}
		out = append(out, r)
	}
	return out
}

// tenth is the smaller number of dossiers.
func (s *stage) tenth() int { return max(s.most/10, demo.DossiersAtScale1) }

func (s *stage) sizes(ctx context.Context, name string, at [2]*large, ask [2][]query, read func(*large) func(context.Context, query) error) (Result, error) {
	var pairs []pair
	for i := range s.pairs + 2 { // the first two warm both up
		var p pair
		for j, to := range []*float64{&p.ours, &p.reference} {
			var err error
			if *to, err = at[j].p95(ctx, ask[j], read(at[j]), i == s.pairs+1); err != nil {
				return Result{}, err
			}
		}
		if i > 1 {
			pairs = append(pairs, p)
		}
	}
	return paired(name, "ms", fmt.Sprintf("95th percentile of %d queries at %d dossiers, with the rights of who asks; the reference is at %d",
		len(ask[0]), at[0].loaded.Dossiers, at[1].loaded.Dossiers), pairs), nil
}
