package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"datmui/apps/services"
	"datmui/kit/pg"
)

// procedureQueries are the searches that are judged right or wrong in apps/services/find.
func procedureQueries() ([]string, error) {
	raw, err := os.ReadFile(filepath.Join("apps", "services", "find", "testdata", "queries.tsv"))
	if err != nil {
		return nil, fmt.Errorf("run it from the root of the repository: %w", err)
	}
	var out []string
	for line := range strings.Lines(string(raw)) {
		if query, _, ok := strings.Cut(line, "\t"); ok && !strings.HasPrefix(line, "#") {
			out = append(out, query)
		}
	}
	return out, nil
}

// procedureSearch finds procedures as the page does, from the words to the rows of the first page. The
// reference is what the database finds by itself: a tsquery of the same words over the same rows.
func procedureSearch(ctx context.Context, s *stage) []Result {
	const name, unit = "procedure_search_p95", "ms"
	if err := s.open(ctx); err != nil {
		return failed(name, unit, err)
	}
	queries, err := procedureQueries()
	if err != nil {
		return failed(name, unit, err)
	}
	for _, sql := range []string{
		`CREATE TABLE IF NOT EXISTS public.procedure_words AS SELECT code, name, to_tsvector('simple', public.vn_fold(name || ' ' || name_en || ' ' || words)) AS words FROM services.procedure`,
		`CREATE INDEX IF NOT EXISTS procedure_words_words ON public.procedure_words USING gin (words)`,
		`ANALYZE public.procedure_words`,
		`GRANT SELECT ON public.procedure_words TO PUBLIC`,
	} {
		if _, err := s.db.Owner.Exec(ctx, sql); err != nil {
			return failed(name, unit, err)
		}
	}
	found := 0
	ours := func(q string) error {
		page, err := s.site.Services.Browse(ctx, services.BrowseIn{Words: q})
		found += len(page.List)
		return err
	}
	reference := func(q string) error {
		_, err := pg.Values[string](s.db.Reader.Query(ctx, `SELECT code FROM public.procedure_words WHERE words @@ to_tsquery('simple', $1)
			ORDER BY ts_rank(words, to_tsquery('simple', $1)) DESC, code LIMIT 30`, strings.Join(pg.Words(q), " | ")))
		return err
	}
	var pairs []pair
	for i := range s.pairs + 1 { // the first warms both up
		var p pair
		if p.ours, err = p95of(queries, ours); err != nil {
			return failed(name, unit, err)
		}
		if p.reference, err = p95of(queries, reference); err != nil {
			return failed(name, unit, err)
		}
		if i > 0 {
			pairs = append(pairs, p)
		}
	}
	if found == 0 {
		return failed(name, unit, fmt.Errorf("nothing was found"))
	}
	return []Result{paired(name, unit, fmt.Sprintf("95th percentile of %d judged searches, words to rows; the reference is a tsquery of the same words, any of them", len(queries)), pairs)}
}

// p95of runs fn over all queries and gives the milliseconds that 95 in 100 keep.
func p95of(queries []string, fn func(string) error) (float64, error) {
	ms := make([]float64, len(queries))
	for i, q := range queries {
		start := time.Now()
		if err := fn(q); err != nil {
			return 0, fmt.Errorf("%s: %w", q, err)
		}
		ms[i] = float64(time.Since(start).Microseconds()) / 1000
	}
	return quantile(ms, 0.95), nil
}
