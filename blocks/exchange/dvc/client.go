package dvc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"datmui/blocks/exchange"
)

// Headers that carry the place of a message in its dossier's order. The portal answers a message it
// has with 200 again, and one that does not follow the last with 400.
const (
	HeaderSeq  = "X-Thu-Tu"
	HeaderPrev = "X-Thu-Tu-Truoc"
)

// Config is where the portal is and who we are there.
type Config struct {
	URL    string // without a path at its end
	Client string
	Secret string
	Name   string        // how people call it
	Limit  time.Duration // of one request; 0 means 15 seconds
}

// Client speaks to the portal.
type Client struct {
	c    Config
	http *http.Client

	mu    sync.Mutex
	token string
	until time.Time
}

// New returns a client; nothing is asked yet.
func New(c Config) *Client {
	if c.Limit == 0 {
		c.Limit = 15 * time.Second
	}
	return &Client{c: c, http: &http.Client{Timeout: c.Limit, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

var _ exchange.Peer = (*Client)(nil)

// Name is how the peer is called in the records of the exchange.
func (c *Client) Name() string { return c.c.Name }

// Send uploads the files of a message and then sends it.
func (c *Client) Send(ctx context.Context, code string, m exchange.Message) error {
	for _, f := range m.Files {
		data, err := f.Read(ctx)
		if err != nil {
			return fmt.Errorf("reading a file of %s: %w", code, err)
		}
		if err := c.post(ctx, "/TepTin", "application/octet-stream", data, map[string]string{"IdTepTin": f.ID.String(), "HashTepTin": f.Hash, "MaHoSo": code}, nil); err != nil {
			return fmt.Errorf("uploading a file: %w", err)
		}
	}
	body, err := json.Marshal(m.Body)
	if err != nil {
		return exchange.Refused{Text: err.Error()}
	}
	return c.post(ctx, "/"+m.Op, "application/json", body, map[string]string{HeaderSeq: strconv.Itoa(m.Seq), HeaderPrev: strconv.Itoa(m.Prev)}, nil)
}

// post sends with a token; one that ran out is asked for again, once.
func (c *Client) post(ctx context.Context, path, kind string, body []byte, headers map[string]string, out any) error {
	for try := 1; ; try++ {
		token, err := c.fresh(ctx, try > 1)
		if err != nil {
			return err
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.c.URL+path, bytes.NewReader(body))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", "Bearer "+token)
		for k, v := range headers {
			r.Header.Set(k, v)
		}
		err = c.do(r, path, out)
		if errors.Is(err, errToken) && try == 1 {
			continue
		}
		return err
	}
}

var errToken = errors.New("401: the token is not accepted")

// do sends one request and says what its answer means.
func (c *Client) do(r *http.Request, path string, out any) error {
	res, err := c.http.Do(r)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			if u.Timeout() {
				return fmt.Errorf("%s: no answer in time", path)
			}
			err = u.Err // without the address
		}
		return fmt.Errorf("%s: %w", path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("%s: reading the answer: %w", path, err)
	}
	var reply Reply
	_ = json.Unmarshal(raw, &reply) // an answer in another form has its status
	text := strings.TrimSpace(fmt.Sprintf("%s: %d %s %s", path, res.StatusCode, reply.MaLoi, reply.ThongBao))
	switch {
	case res.StatusCode == http.StatusOK && (reply.MaLoi == "" || reply.MaLoi == "0"):
		if out != nil {
			return json.Unmarshal(raw, out)
		}
		return nil
	case res.StatusCode == http.StatusOK, res.StatusCode == http.StatusBadRequest, res.StatusCode == http.StatusForbidden:
		return exchange.Refused{Text: text}
	case res.StatusCode == http.StatusUnauthorized:
		return errToken
	case res.StatusCode == http.StatusNotFound:
		return exchange.Forgotten{Text: text}
	}
	return errors.New(text)
}

// fresh is a token that is valid for a while yet.
func (c *Client) fresh(ctx context.Context, anew bool) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !anew && c.token != "" && time.Now().Before(c.until) {
		return c.token, nil
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.c.URL+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(c.c.Client, c.c.Secret)
	var out struct {
		Token string `json:"access_token"`
		Life  int    `json:"expires_in"` // seconds
	}
	if err := c.do(r, "/token", &out); err != nil {
		if errors.As(err, new(exchange.Forgotten)) || errors.As(err, new(exchange.Refused)) {
			return "", errors.New(err.Error()) // of the token, not of the dossier
		}
		return "", err
	}
	if out.Token == "" {
		return "", errors.New("/token: no token in the answer")
	}
	c.token, c.until = out.Token, time.Now().Add(time.Duration(out.Life)*time.Second-30*time.Second)
	return c.token, nil
}
