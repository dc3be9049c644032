// Command apiclient files a dossier through the public API, from end to end, with nothing but the
// standard library: it finds the procedure, says what it asks for, sends a file where one is needed,
// files, starts the payment of what is due, follows, and fetches the signed result.
//
//	apiclient -url http://localhost:8080 -key dmk_… -for dma_… -counter ID -answers answers.json [-paper KEY=FILE]… PROCEDURE
//
// The key is made by the province (Đối tác dùng API), the code by the person for whom it files
// (/partners/ID/authorise).
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "apiclient:", err)
		os.Exit(1)
	}
}

// client speaks to one province.
type client struct {
	base, key, behalf string
}

// problem is what RFC 9457 tells of a failure.
type problem struct {
	Title, Detail, Rule string
	Status              int
	Errors              []struct{ Field, Code, Message string }
}

func (p problem) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s %s", p.Status, p.Title, p.Detail)
	for _, e := range p.Errors {
		fmt.Fprintf(&b, "\n  %s: %s", e.Field, e.Message)
	}
	return b.String()
}

// call sends a request and reads the answer into out. One that is told to wait waits; one that fails
// on its way is sent again with the same idempotency key, so nothing is done twice.
func (c client) call(ctx context.Context, method, path, kind string, body []byte, out any) error {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails since Go 1.24
	once := hex.EncodeToString(b)
	for try := 1; ; try++ {
		wait, err := c.try(ctx, method, path, kind, once, body, out)
		if err == nil || wait == 0 || try == 5 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// try is one request, and after how long it may be sent again; 0 means never.
func (c client) try(ctx context.Context, method, path, kind, once string, body []byte, out any) (time.Duration, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	r.Header.Set("Accept-Language", "vi")
	if method != http.MethodGet {
		r.Header.Set("Content-Type", kind)
		r.Header.Set("On-Behalf-Of", c.behalf)
		r.Header.Set("Idempotency-Key", once)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return time.Second, err
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, 64<<20))
	switch {
	case err != nil:
		return time.Second, err
	case answer.StatusCode == http.StatusTooManyRequests:
		wait, err := time.ParseDuration(answer.Header.Get("Retry-After") + "s")
		return max(wait, time.Second), errors.Join(errors.New("too many requests"), err)
	case answer.StatusCode >= 500:
		return time.Second, fmt.Errorf("it answered %d", answer.StatusCode)
	case answer.StatusCode >= 400:
		p := problem{Status: answer.StatusCode}
		_ = json.Unmarshal(raw, &p) // what is no problem is told by its status
		return 0, p
	}
	if to, ok := out.(*[]byte); ok {
		*to = raw
		return 0, nil
	}
	if out == nil || len(raw) == 0 {
		return 0, nil
	}
	return 0, json.Unmarshal(raw, out)
}

func (c client) post(ctx context.Context, path string, in, out any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return c.call(ctx, http.MethodPost, path, "application/json", raw, out)
}

type paper struct {
	Key  string `json:"key"`
	File string `json:"file"`
}

func run(ctx context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("apiclient", flag.ContinueOnError)
	base := f.String("url", "http://localhost:8080", "the province")
	key := f.String("key", os.Getenv("DATMUI_API_KEY"), "the partner's key")
	behalf := f.String("for", os.Getenv("DATMUI_API_FOR"), "code of the person for whom it files")
	counter := f.String("counter", "", "id of the counter that receives")
	answers := f.String("answers", "", "JSON file with the answers, by the names of the questions")
	back := f.String("return", "online", "how the result is wanted: online, counter, post")
	every := f.Duration("every", 5*time.Second, "how often it asks how the dossier stands")
	var papers []string
	f.Func("paper", "KEY=FILE, for each paper", func(s string) error { papers = append(papers, s); return nil })
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() != 1 || *answers == "" || *counter == "" {
		f.Usage()
		return errors.New("a procedure, its answers and a counter are needed")
	}
	c := client{strings.TrimSuffix(*base, "/"), *key, *behalf}

	var def struct {
		Name   string
		Limit  string
		Papers []struct {
			Key, Name, When string
			Needed          bool
		}
	}
	if err := c.call(ctx, http.MethodGet, "/procedures/"+url.PathEscape(f.Arg(0)), "", nil, &def); err != nil {
		return fmt.Errorf("reading the procedure: %w", err)
	}
	fmt.Fprintf(out, "%s (%s)\n", def.Name, def.Limit)
	for _, p := range def.Papers {
		fmt.Fprintf(out, "  %s: %s %s\n", p.Key, p.Name, p.When)
	}
	raw, err := os.ReadFile(*answers)
	if err != nil {
		return err
	}
	filing := struct {
		Procedure string          `json:"procedure"`
		Counter   string          `json:"counter"`
		Return    string          `json:"return"`
		Answers   json.RawMessage `json:"answers"`
		Papers    []paper         `json:"papers,omitempty"`
	}{f.Arg(0), *counter, *back, raw, nil}
	for _, p := range papers {
		place, name, ok := strings.Cut(p, "=")
		if !ok {
			return fmt.Errorf("%q is no KEY=FILE", p)
		}
		bytes, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var sent struct{ File string }
		if err := c.call(ctx, http.MethodPost, "/files?name="+url.QueryEscape(filepath.Base(name)), "application/octet-stream", bytes, &sent); err != nil {
			return fmt.Errorf("sending %s: %w", name, err)
		}
		filing.Papers = append(filing.Papers, paper{place, sent.File})
	}
	var filed struct{ Code string }
	if err := c.post(ctx, "/dossiers", filing, &filed); err != nil {
		return fmt.Errorf("filing: %w", err)
	}
	fmt.Fprintln(out, "filed:", filed.Code)
	return c.follow(ctx, filed.Code, *every, out)
}

// pay starts the payment of what is due, once, and tells how it is paid: nobody but the person's bank
// moves her money, so the program shows the code and waits.
func (c client) pay(ctx context.Context, code string, started map[string]bool, out io.Writer) error {
	type bill struct {
		ID     string
		Amount int64
		State  string
		Says   string
		Page   string
		QR     string
		To     *struct{ Bank, Account, Holder string }
	}
	at := "/dossiers/" + url.PathEscape(code)
	var bills []bill
	if err := c.call(ctx, http.MethodGet, at+"/bills", "", nil, &bills); err != nil {
		return fmt.Errorf("asking what %s costs: %w", code, err)
	}
	for _, b := range bills {
		switch due, known := started[b.ID]; {
		case b.State == "pending" && !known:
			if err := c.call(ctx, http.MethodPost, at+"/payments", "", nil, &b); err != nil {
				return fmt.Errorf("starting the payment of %s: %w", code, err)
			}
			started[b.ID] = true
			fmt.Fprintf(out, "to be paid: %d đồng at %s\n", b.Amount, b.Page)
			if b.To != nil {
				fmt.Fprintf(out, "  or by transfer to %s %s %s saying %s\n  VietQR: %s\n", b.To.Bank, b.To.Account, b.To.Holder, b.Says, b.QR)
			}
		case b.State == "paid" && due:
			started[b.ID] = false
			fmt.Fprintf(out, "paid: %d đồng\n", b.Amount)
		}
	}
	return nil
}

// follow tells each new state until the result is there, and fetches it.
func (c client) follow(ctx context.Context, code string, every time.Duration, out io.Writer) error {
	started := map[string]bool{} // payments, by their bills: true until they are paid
	for told := 0; ; {
		if err := c.pay(ctx, code, started, out); err != nil {
			return err
		}
		var d struct {
			State     int
			StateName string `json:"state_name"`
			Outcome   string
			Missing   *struct{ Items []struct{ What, How string } }
		}
		if err := c.call(ctx, http.MethodGet, "/dossiers/"+url.PathEscape(code), "", nil, &d); err != nil {
			return fmt.Errorf("asking how %s stands: %w", code, err)
		}
		if d.State != told {
			told = d.State
			fmt.Fprintln(out, d.StateName)
			if d.Missing != nil {
				for _, it := range d.Missing.Items {
					fmt.Fprintf(out, "  %s: %s\n", it.What, it.How)
				}
			}
		}
		switch d.State {
		case 3, 7, 8:
			return fmt.Errorf("%s ended without a result: %s", code, d.StateName)
		case 9, 10:
			var pdf []byte
			err := c.call(ctx, http.MethodGet, "/dossiers/"+url.PathEscape(code)+"/result", "", nil, &pdf)
			var p problem
			if errors.As(err, &p) && p.Status == http.StatusNotFound {
				break // signed, and not sealed yet
			}
			if err != nil {
				return fmt.Errorf("fetching the result of %s: %w", code, err)
			}
			name := code + ".pdf"
			if err := os.WriteFile(name, pdf, 0o644); err != nil {
				return err
			}
			fmt.Fprintln(out, "result:", name)
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(every):
		}
	}
}
