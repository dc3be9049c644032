package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/forms"
)

// client keeps one connection for each of the workers, and follows nothing.
func client() *http.Client {
	return &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{MaxIdleConns: workers, MaxIdleConnsPerHost: workers, MaxConnsPerHost: workers, DisableCompression: true}}
}

// submitHTTP sends the last form of the way a citizen files, with her session's cookie, through
// the whole page path, against the statements of the act.
func submitHTTP(ctx context.Context, s *stage) []Result {
	const name, unit = "submit_http", "filings/s"
	script, err := s.submitScript(ctx, true)
	if err != nil {
		return failed(name, unit, err)
	}
	c := client()
	defer c.CloseIdleConnections()
	var pairs []pair
	for i := range s.pairs + 1 {
		var p pair
		if p.ours, err = s.rounds(ctx, c); err != nil {
			return failed(name, unit, err)
		}
		if p.reference, err = s.pgbench(ctx, script); err != nil {
			return failed(name, unit, err)
		}
		fmt.Fprintf(os.Stderr, "    ours %.0f, reference %.0f, ratio %.2f\n", p.ours, p.reference, p.ours/p.reference)
		if i > 0 { // the first warms both up
			pairs = append(pairs, p)
		}
	}
	return []Result{paired(name, unit, fmt.Sprintf("16 keep-alive connections send the last form of a draft with the session's cookie, the client on the same cores; "+
		"the reference is that of submit_act; %d bodies, sealing on", len(s.counters)), pairs)}
}

// rounds files a draft of every citizen, again and again for the span; the drafts of each round
// are laid down off the clock.
func (s *stage) rounds(ctx context.Context, c *http.Client) (float64, error) {
	filed, took := 0, time.Duration(0)
	for took < s.span {
		drafts, err := s.drafts(ctx)
		if err != nil {
			return 0, err
		}
		start := time.Now()
		if err := each(len(drafts), func(n int) error {
			return s.send(ctx, c, s.citizens[n].token, drafts[n])
		}); err != nil {
			return 0, err
		}
		took += time.Since(start)
		filed += len(drafts)
	}
	return float64(filed) / took.Seconds(), nil
}

// drafts gives every citizen a draft with all answers, ready to be sent.
func (s *stage) drafts(ctx context.Context) ([]uuid.UUID, error) {
	def, err := s.site.Services.Current(ctx, procedure, time.Now())
	if err != nil {
		return nil, err
	}
	form, err := s.site.Services.FormOf(ctx, def)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(s.citizens))
	now := time.Now()
	return ids, s.site.Book.Batch(ctx, "bench.drafts", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		return tx.CopyFrom(ctx, pgx.Identifier{"forms", "draft"}, []string{"id", "owner", "form", "version", "about", "answers", "begun_at", "saved_at", "expires_at"},
			pgx.CopyFromSlice(len(ids), func(i int) ([]any, error) {
				ids[i] = uuid.Must(uuid.NewV7())
				at := s.counters[i%len(s.counters)]
				all := answers.With(forms.Answers{"where_agency": at.ID, "where_unit": at.UnitCode})
				return []any{ids[i], s.citizens[i].id, form.ID, form.Version, procedure, all, now, now, now.Add(time.Hour)}, nil
			}))
	})
}

func (s *stage) send(ctx context.Context, c *http.Client, token string, draft uuid.UUID) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/apply/"+draft.String()+"/submit", strings.NewReader("pledge=yes"))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", s.url)
	r.AddCookie(&http.Cookie{Name: "datmui", Value: token})
	res, err := c.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to == "/dossiers" {
		return fmt.Errorf("the filing was answered with %s, to %q", res.Status, to)
	}
	return nil
}
