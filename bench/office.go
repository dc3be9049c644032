package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/kit/pg"
)

const (
	offices = 11_000           // officials at work
	pause   = 30 * time.Second // between two requests of one
)

// official is one of them with her browser: what her last pages showed.
type official struct {
	token     string
	turn      int
	busy      sync.Mutex
	dossiers  []string // on her desk
	open      string   // the dossier before her
	act       string   // the act that its page offers without a question: accept or take
	seen      string   // up to which move of the slip it showed
	elsewhere bool     // her body works no dossiers: she looks for people instead
}

// answered is one request and how long its answer took from when it was due, queue and all.
type answered struct {
	what string
	took time.Duration
	err  error
}

// officeDay is a day in all offices: every official asks once in thirty seconds, in turn for the
// desk, a dossier on it, an act, the office's list, a search and the notices. What is due is sent
// whether or not the answers before have come. The jobs run beside it.
func officeDay(ctx context.Context, s *stage) []Result {
	const name, unit = "office_day", "ms"
	l, err := s.province(ctx, s.most)
	if err != nil {
		return failed(name, unit, err)
	}
	people, err := l.officials(ctx)
	if err != nil {
		return failed(name, unit, err)
	}
	if err := l.site.Jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return failed(name, unit, err)
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		_ = l.site.Jobs.Stop(end)
	}()
	span := 23 * s.span // about three minutes: each has every turn once
	day := l.day(ctx, people, span)
	var all []float64
	kinds := map[string][]float64{}
	wrong := 0
	for _, a := range day {
		if errors.Is(a.err, errOvertaken) {
			a.what += " overtaken by a colleague"
		} else if a.err != nil {
			if wrong++; wrong <= 5 {
				fmt.Fprintf(os.Stderr, "    %s: %v\n", a.what, a.err)
			}
			continue
		}
		ms := float64(a.took.Microseconds()) / 1000
		all, kinds[a.what] = append(all, ms), append(kinds[a.what], ms)
	}
	if len(all) == 0 {
		return failed(name, unit, errors.New("nothing was answered"))
	}
	var each []string
	for _, what := range slices.Sorted(maps.Keys(kinds)) {
		each = append(each, fmt.Sprintf("%s %d (%.0f)", what, len(kinds[what]), quantile(kinds[what], 0.99)))
	}
	return []Result{alone(name, quantile(all, 0.99), unit, fmt.Sprintf("99th percentile of %d requests of %d officials, one every %.0f s each, at %d dossiers, client, program and PostgreSQL on the same cores; "+
		"median %.1f ms, 95th percentile %.1f ms, errors %d; how many of each, with their 99th percentile: %s",
		len(all), len(people), pause.Seconds(), l.loaded.Dossiers, median(all), quantile(all, 0.95), wrong, strings.Join(each, ", ")))}
}

// officials signs in who holds a post today.
func (l *large) officials(ctx context.Context) ([]*official, error) {
	type post struct {
		Name         string
		Person, Post uuid.UUID
	}
	posts, err := pg.All[post](l.db.Reader.Query(ctx, `SELECT DISTINCT ON (md5(a.name)) a.name, p.person_id AS person, p.id AS post
		FROM identity.account a JOIN directory.post p ON p.person_id = a.person_id AND p.valid_from <= current_date AND (p.valid_to IS NULL OR p.valid_to > current_date)
		WHERE a.kind = 'official' AND a.state = 'active' ORDER BY md5(a.name), p.rank, p.id LIMIT $1`, offices))
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "    signing %d officials in\n", len(posts))
	people := make([]*official, len(posts))
	return people, each(len(posts), func(n int) error {
		who, err := l.site.Directory.Actor(ctx, l.db.Reader, posts[n].Person, posts[n].Post, time.Now())
		if err != nil {
			return err
		}
		in, err := l.site.Identity.DemoSignIn(ctx, posts[n].Name)
		people[n] = &official{token: in.Token, turn: n, elsewhere: !services.MayList(who)}
		return err
	})
}

// day sends what is due until the span is over, after one round that warms everything up.
func (l *large) day(ctx context.Context, people []*official, span time.Duration) []answered {
	c := &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{MaxIdleConnsPerHost: 1024, MaxConnsPerHost: 1024, DisableCompression: true}}
	defer c.CloseIdleConnections()
	gap := pause / time.Duration(len(people))
	var mu sync.Mutex
	var out []answered
	var open sync.WaitGroup
	start := time.Now()
	for n := 0; ; n++ {
		due := time.Duration(n) * gap
		if due > pause+span || ctx.Err() != nil {
			break
		}
		time.Sleep(due - time.Since(start))
		o := people[n%len(people)]
		open.Go(func() {
			o.busy.Lock()
			defer o.busy.Unlock()
			what, err := l.ask(ctx, c, o)
			if due < pause {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			out = append(out, answered{what, time.Since(start) - due, err})
		})
	}
	open.Wait()
	return out
}

var (
	onDesk   = regexp.MustCompile(`href="/desk/dossiers/([0-9a-f-]{36})`)
	offered  = regexp.MustCompile(`action="/desk/dossiers/[0-9a-f-]{36}/(accept|take)"`)
	seenUpTo = regexp.MustCompile(`name="seen" value="(\d+)"`)
)

// ask sends the next request of one official.
func (l *large) ask(ctx context.Context, c *http.Client, o *official) (what string, err error) {
	turn := o.turn % 6
	o.turn++
	switch {
	case turn == 1 && len(o.dossiers) > 0:
		o.open = o.dossiers[rand.N(len(o.dossiers))]
		page, err := l.get(ctx, c, o, "/desk/dossiers/"+o.open)
		o.act, o.seen = "", ""
		if m := offered.FindStringSubmatch(page); m != nil {
			o.act = m[1]
		}
		if m := seenUpTo.FindStringSubmatch(page); m != nil {
			o.seen = m[1]
		}
		return "dossier", err
	case turn == 2 && o.open != "":
		act, form := "note", url.Values{"client": {audit.NewClient()}, "text": {"Đã gọi điện cho người nộp, hẹn bổ sung trong tuần."}}
		if o.act != "" {
			act, form = o.act, url.Values{"client": {audit.NewClient()}, "seen": {o.seen}}
		}
		at := "/desk/dossiers/" + o.open + "/" + act
		o.open = ""
		return act, l.post(ctx, c, o, at, form)
	case (turn == 3 || turn == 4) && o.elsewhere:
		_, err := l.get(ctx, c, o, "/directory/people?q="+url.QueryEscape("Nguyễn"))
		return "people", err
	case turn == 3:
		_, err := l.get(ctx, c, o, "/desk/dossiers?state="+fmt.Sprint(rand.N(6)))
		return "list", err
	case turn == 4:
		lines := strings.Split(strings.TrimSpace(queriesTxt), "\n")
		words := strings.Split(lines[rand.N(len(lines))], "\t")[3]
		if strings.HasPrefix(words, "#") {
			words = "Nguyễn Văn Phúc"
		}
		_, err := l.get(ctx, c, o, "/desk/dossiers?q="+url.QueryEscape(words))
		return "search", err
	case turn == 5:
		_, err := l.get(ctx, c, o, "/notices")
		return "notices", err
	}
	page, err := l.get(ctx, c, o, "/desk")
	o.dossiers = nil
	for _, m := range onDesk.FindAllStringSubmatch(page, -1) {
		o.dossiers = append(o.dossiers, m[1])
	}
	return "desk", err
}

func (l *large) get(ctx context.Context, c *http.Client, o *official, path string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, l.url+path, nil)
	if err != nil {
		return "", err
	}
	return l.do(c, o, r, http.StatusOK)
}

func (l *large) post(ctx context.Context, c *http.Client, o *official, path string, form url.Values) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", l.url)
	_, err = l.do(c, o, r, http.StatusSeeOther)
	return err
}

// errOvertaken: two officials of one office sent the same act; the later one is told so.
var errOvertaken = errors.New("a colleague was first")

func (l *large) do(c *http.Client, o *official, r *http.Request, want int) (string, error) {
	r.AddCookie(&http.Cookie{Name: "datmui", Value: o.token})
	r.Header.Set("Accept-Encoding", "gzip") // as browsers do
	res, err := c.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body := io.Reader(res.Body)
	if res.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(body); err != nil {
			return "", err
		}
	}
	page, err := io.ReadAll(body)
	switch {
	case err != nil:
		return "", err
	case res.StatusCode == http.StatusConflict && r.Method == http.MethodPost:
		return "", errOvertaken
	case res.StatusCode != want:
		return "", fmt.Errorf("%s %s: %s", r.Method, r.URL.Path, res.Status)
	}
	return string(page), nil
}
