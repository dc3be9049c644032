// Package witness shows a signed head of the log to somebody outside, over HTTP.
package witness

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Wait is how long one answer may take.
const Wait = 10 * time.Second

// client follows no redirects: a head goes where the operator said, or nowhere.
var client = &http.Client{Timeout: Wait, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// Post sends one head. Its key is the same each time, so that a witness can tell a repetition.
func Post(ctx context.Context, address, head string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(head))
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(head))
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	req.Header.Set("Idempotency-Key", hex.EncodeToString(sum[:]))
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection serves the next head
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("it answered %s", resp.Status)
	}
	return nil
}
