// Package webhook posts messages to addresses of other systems, signed as the Standard Webhooks
// specification asks: Webhook-Id, Webhook-Timestamp, and Webhook-Signature over both and the body.
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Gone is the answer of an address that asks not to be told any more.
const Gone = http.StatusGone

// Message is what one address is told.
type Message struct {
	ID     string // the same when it is sent again
	To     string
	At     time.Time
	Body   string // JSON
	Secret []byte
}

// Sender posts messages.
type Sender struct{ client *http.Client }

// New returns a sender. It follows nothing, waits ten seconds, and calls into the own network only
// when local: an address that partners choose must reach nothing behind the province's walls.
func New(local bool) *Sender {
	d := &net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if ip := at.Addr().Unmap(); !local && (!ip.IsGlobalUnicast() || ip.IsPrivate()) {
			return fmt.Errorf("%s is no public address", ip)
		}
		return nil
	}}
	return &Sender{&http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: d.DialContext, MaxIdleConns: 20, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 5 * time.Second}}}
}

// Post sends a message and gives the status of the answer, 0 where nobody answered. Anything but 2xx
// is an error.
func (s *Sender) Post(ctx context.Context, m Message) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.To, strings.NewReader(m.Body))
	if err != nil {
		return 0, fmt.Errorf("the address is none: %w", err)
	}
	at := strconv.FormatInt(m.At.Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "DatMui-Webhook/1")
	r.Header.Set("Webhook-Id", m.ID)
	r.Header.Set("Webhook-Timestamp", at)
	r.Header.Set("Webhook-Signature", Signature(m.Secret, m.ID, at, m.Body))
	answer, err := s.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10)
	if answer.StatusCode/100 != 2 {
		return answer.StatusCode, fmt.Errorf("it answered %d", answer.StatusCode)
	}
	return answer.StatusCode, nil
}

// Signature is what stands in Webhook-Signature.
func Signature(secret []byte, id, at, body string) string {
	h := hmac.New(sha256.New, secret)
	_, _ = io.WriteString(h, id+"."+at+"."+body)
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
}
